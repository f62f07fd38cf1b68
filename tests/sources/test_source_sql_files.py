"""SQLite files are read without holding up who writes them, and what is wrong with them is told."""

import os
import sqlite3
from contextlib import closing

import pytest
from sql_school import deliver, read, settings, sqlite_file, users

from matricula.errors import MatriculaError, SettingError, StopError, WaitError

USER = "SELECT id AS sourcedId, 'student' AS role, id AS username FROM t"
TABLE = ("CREATE TABLE t (id TEXT)", "INSERT INTO t VALUES ('u1')")


def refused(settings) -> MatriculaError:
    with pytest.raises(MatriculaError) as error:
        deliver(settings)
    return error.value


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_writer_commits_between_two_queries_and_nothing_of_it_is_seen(mode, tmp_path):
    school = settings(tmp_path)
    with closing(sqlite3.connect(school["path"], timeout=0)) as writer:
        writer.execute(f"PRAGMA journal_mode = {mode}")
        writer.execute("SELECT * FROM users")

        def write(what: str) -> None:
            if what == "reading enrollments":
                with writer:
                    writer.execute("DELETE FROM enrollments")
                    writer.execute("DELETE FROM users")
                    writer.execute("DROP TABLE classes")

        roster = deliver(school, say=write).roster()
        assert writer.execute("SELECT COUNT(*) FROM users").fetchone() == (0,)
    assert (roster.users.height, roster.classes.height, roster.enrollments.height) == (3, 2, 4)


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_nothing_is_left_beside_a_file_that_no_program_has_open(mode, tmp_path):
    path = sqlite_file(tmp_path, *TABLE)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
    before = path.read_bytes()
    assert deliver(users(path, USER)).drafts["users"].frame.height == 1
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_no_copy_is_left(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    deliver(users(sqlite_file(tmp_path, *TABLE), USER))
    assert list(scratch.iterdir()) == []


def test_a_file_that_is_being_written_to_is_waited_for_and_then_given_up(tmp_path):
    path = sqlite_file(tmp_path, *TABLE)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        error = refused(users(path, USER, timeout=1))
    assert isinstance(error, WaitError)
    assert error.code == "sql-busy"
    assert "another program was writing" in str(error).lower()


def test_a_query_that_takes_too_long_is_ended(tmp_path):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) AS sourcedId FROM n"
    error = refused(users(sqlite_file(tmp_path, *TABLE), endless, timeout=1))
    assert isinstance(error, WaitError)
    assert error.code == "sql-time"


def test_the_database_itself_refuses_to_be_written_to(tmp_path):
    path = sqlite_file(tmp_path, *TABLE)
    source = users(path, "SELECT load_extension('x') AS sourcedId, 's' AS role, 'u' AS username FROM t")
    assert refused(source).where.endswith("query of users")


def test_a_missing_file_is_told_with_its_path(tmp_path):
    error = refused(users(tmp_path / "none.sqlite", USER))
    assert isinstance(error, SettingError)
    assert str(tmp_path / "none.sqlite") in str(error)
    assert not (tmp_path / "none.sqlite").exists()


def test_what_is_no_database_is_told(tmp_path):
    (tmp_path / "export.csv").write_text("sourcedId,role\n")
    assert refused(users(tmp_path / "export.csv", USER)).code == "sql-not-sqlite"
    assert refused(users(tmp_path, USER)).code == "sql-file-unreadable"


def test_a_damaged_file_is_told(tmp_path):
    path = sqlite_file(tmp_path, *TABLE)
    path.write_bytes(path.read_bytes()[:4096] + os.urandom(4096))
    error = refused(users(path, USER))
    assert isinstance(error, StopError)
    assert error.code == "sql-damaged"


def test_bytes_that_are_no_letters_are_told(tmp_path):
    path = sqlite_file(tmp_path, "CREATE TABLE t (id TEXT)", "INSERT INTO t VALUES (CAST(X'e96c' AS TEXT))")
    error = refused(users(path, USER))
    assert isinstance(error, StopError)
    assert error.code == "sql-value"


def test_a_table_that_is_not_there_is_told_with_the_nearest_there_are(tmp_path):
    path = sqlite_file(
        tmp_path, "CREATE TABLE students (id TEXT)", "CREATE TABLE rooms (id TEXT)", "CREATE VIEW v AS SELECT 1"
    )
    error = refused(users(path, "SELECT id AS sourcedId FROM student"))
    assert error.code == "sql-table"
    assert "There are: students, rooms, v." in str(error)


def test_a_column_that_is_not_there_is_told_with_the_nearest_there_are(tmp_path):
    path = sqlite_file(tmp_path, "CREATE TABLE s (student_id TEXT, house TEXT)", "CREATE TABLE r (room TEXT)")
    error = refused(users(path, "SELECT s.studentid AS sourcedId FROM s JOIN r ON 1"))
    assert error.code == "sql-column"
    assert "There are: student_id, house, room." in str(error)


def test_a_mapped_column_that_the_query_does_not_give_is_told(tmp_path):
    source = users(sqlite_file(tmp_path, *TABLE), USER, columns={"users": {"email": "mail"}})
    error = refused(source)
    assert "The query gives no column mail" in str(error)
    assert "sourcedId" in error.remedy


def test_a_column_that_every_record_needs_is_told_before_rows_are_fetched(tmp_path):
    error = refused(users(sqlite_file(tmp_path, *TABLE), "SELECT id AS sourcedId, id AS username FROM t"))
    assert error.code == "column-needed"
    assert "role" in error.what


def test_columns_that_stand_there_twice_are_told(tmp_path):
    draft = deliver(
        users(
            sqlite_file(tmp_path, *TABLE),
            "SELECT t.id AS sourcedid, t.id AS sourced_id, 's' AS role, 'u' AS username FROM t",
        )
    )
    assert [(found.code, found.value) for found in draft.book] == [("column-twice", "sourced_id")]


def test_rows_without_a_key_and_with_the_same_one_cost_themselves(tmp_path):
    path = sqlite_file(
        tmp_path,
        "CREATE TABLE t (id TEXT, name TEXT)",
        "INSERT INTO t VALUES ('u1', 'a'), (NULL, 'b'), ('u2', 'c'), ('u2', 'd'), ('u3', 'MÃ¼ller')",
    )
    roster = read(users(path, "SELECT id AS sourcedId, 'student' AS role, name AS username FROM t"))
    assert roster.users["sourcedId"].to_list() == ["u1", "u3"]
    assert {"record-unusable", "duplicate-different", "encoding-double"} <= {found.code for found in roster.findings}
    assert not roster.scope.covers("users")


def test_only_what_is_claimed_is_complete(tmp_path):
    path = sqlite_file(tmp_path, *TABLE)
    assert deliver(users(path, USER)).drafts["users"].complete
    assert not deliver(users(path, USER, complete=[])).drafts["users"].complete


def test_a_view_is_read_by_its_name(tmp_path):
    path = sqlite_file(tmp_path, *TABLE, f"CREATE VIEW v_users AS {USER}")
    assert read(users(path, "v_users")).users["sourcedId"].to_list() == ["u1"]
