"""Queries read and do nothing else, and their parameters are bound and never pasted."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sql_school import deliver, sqlite_file, users

from matricula.errors import SettingError
from matricula.sources.sql.queries import Query


def fault(sql: str, dialect: str = "postgresql") -> str:
    return Query("users", sql).fault(dialect)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "  select 1;  ",
        "-- a comment; with a semicolon\nSELECT 1",
        "/* DELETE */ SELECT 1",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "SELECT 'a; DROP TABLE users' AS x",
        "SELECT 'it''s; here' AS x",
        'SELECT "update" FROM t',
        "SELECT t.update FROM t",
        "SELECT REPLACE(a, 'b', 'c'), INSERT(a, 1, 1, '') FROM t",
        "SELECT updated, created, lock_in FROM t",
        "v_users",
        'sis."Users"',
        "[dbo].[VwUsers]",
    ],
)
def test_what_reads_is_let_through(sql):
    assert fault(sql) == ""


@pytest.mark.parametrize(
    "sql",
    [
        "",
        " -- nothing",
        "DELETE FROM users",
        "INSERT INTO users SELECT 1",
        "SELECT 1; DROP TABLE users",
        "SELECT '1'';' ; DELETE FROM users",
        "WITH gone AS (DELETE FROM users RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copies FROM users",
        "SELECT * FROM users FOR UPDATE",
        "SELECT * FROM users FOR NO KEY UPDATE",
        "SELECT * FROM users for share",
        "SELECT * FROM users LOCK IN SHARE MODE",
        "EXEC sp_who",
        "CALL refresh()",
        "users; DROP TABLE users",
    ],
)
def test_what_would_change_or_lock_is_refused(sql):
    assert fault(sql)


def test_comments_that_mysql_carries_out_are_refused():
    assert "/*!" in fault("SELECT 1 /*! INTO OUTFILE '/tmp/x' */", "mysql")
    assert fault("SELECT 1 # ; a comment", "mysql") == ""
    assert fault(r"SELECT 'it\'s; here' AS x", "mysql") == ""


@given(st.text(alphabet="a';-/*\"`[]\n\\ ", max_size=12))
def test_whatever_stands_in_quotes_no_second_statement_comes_through(text):
    quoted = text.replace("'", "''")
    assert fault(f"SELECT '{quoted}' AS x") == ""
    assert fault(f"SELECT '{quoted}' AS x; DELETE FROM users")


def test_parameters_are_bound(tmp_path):
    path = sqlite_file(tmp_path, "CREATE TABLE t (id TEXT, since TEXT)", "INSERT INTO t VALUES ('1', '2026-08-01')")
    query = "SELECT id AS sourcedId, 'student' AS role, :word AS username, :day >= since AS enabledUser FROM t"
    word = "'; DROP TABLE t; --"
    delivery = deliver(users(path, query, parameters={"word": word, "day": date(2026, 9, 1)}))
    assert delivery.drafts["users"].frame.row(0) == ("1", "student", word, "true", 1)


def test_a_list_stands_for_several_values(tmp_path):
    path = sqlite_file(tmp_path, "CREATE TABLE t (id TEXT)", "INSERT INTO t VALUES ('a'), ('b'), ('c')")
    query = "SELECT id AS sourcedId, 'student' AS role, id AS username FROM t WHERE id IN :wanted"
    delivery = deliver(users(path, query, parameters={"wanted": ["a", "c"]}))
    assert delivery.drafts["users"].frame["sourcedId"].to_list() == ["a", "c"]


def test_today_is_the_day_in_the_zone_of_the_settings(tmp_path):
    path = sqlite_file(tmp_path, "CREATE TABLE t (id TEXT)", "INSERT INTO t VALUES ('a')")
    query = "SELECT id AS sourcedId, 'student' AS role, :today AS username FROM t"
    days = [
        deliver(users(path, query, timezone=zone)).drafts["users"].frame["username"][0]
        for zone in ("Etc/GMT+12", "Etc/GMT-14")
    ]
    assert date.fromisoformat(days[0]) < date.fromisoformat(days[1])


def test_a_preset_that_uses_an_unknown_parameter_is_told():
    with pytest.raises(SettingError, match="uses the parameter :year"):
        Query("users", "SELECT :year").statement({"today": date(2026, 9, 1)})
