"""Real PostgreSQL and MariaDB: one snapshot, no locks, time-outs, types, refusals. Skips where no server is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from deliveries import ROSTER_11
from sql_school import Server, deliver, fill, read, server
from sql_school import settings as sqlite_settings

from matricula.errors import MatriculaError, SettingError, StopError, WaitError
from matricula.roster import TABLES

QUOTED = {"postgresql": '"', "mysql": "`"}
SLEEP = {"postgresql": "pg_sleep(5)", "mysql": "SLEEP(5)"}


@pytest.fixture(params=["postgresql", "mysql"], scope="module")
def database(request) -> Iterator[Server]:
    with server(request.param) as made:
        yield made


@pytest.fixture
def school(database) -> Server:
    with database.engine.begin() as connection:
        for table in (*ROSTER_11, "odd"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {_quoted(database, table)}")
        fill(connection)
    return database


def _quoted(database: Server, name: str) -> str:
    return name if name.islower() else f"{QUOTED[database.name]}{name}{QUOTED[database.name]}"


def settings(school: Server, **more):
    queries = {table: f"SELECT * FROM {_quoted(school, table)}" for table in ROSTER_11}
    return school.settings(queries=queries) | more


def of_users(school: Server, query: str, **more):
    return school.settings(queries={"users": query}) | more


def refused(settings, **more) -> MatriculaError:
    with pytest.raises(MatriculaError) as error:
        deliver(settings, **more)
    return error.value


def test_it_reads_what_sqlite_reads(school, tmp_path: Path):
    one, other = read(settings(school)), read(sqlite_settings(tmp_path))
    for name in TABLES:
        assert one.table(name).sort("sourcedId").equals(other.table(name).sort("sourcedId"))
    assert one.scope == other.scope
    assert one.origin == str(school.url.set(drivername=school.name))


def test_rows_come_in_chunks_of_any_size(school):
    assert read(settings(school, chunk=1)).counts() == read(settings(school)).counts()


def test_nothing_that_is_committed_meanwhile_is_seen_and_nobody_waits(school):
    """Between two queries somebody writes, alters the tables read before and those still to come, and nobody waits."""
    limit = {"postgresql": "SET lock_timeout = '2s'", "mysql": "SET lock_wait_timeout = 2"}[school.name]

    def write(what: str) -> None:
        if what == "reading users":
            school.run(
                limit,
                "DELETE FROM enrollments WHERE role = 'student'",
                "UPDATE users SET email = 'changed'",
                "ALTER TABLE courses ADD COLUMN added INT",
                "ALTER TABLE orgs ADD COLUMN added INT",
                "INSERT INTO classes (title) VALUES ('new')",
            )

    roster = deliver(settings(school), say=write).roster()
    assert roster.counts()["enrollments"] == 4
    assert roster.counts()["classes"] == 2
    assert "changed" not in roster.users["email"].to_list()
    assert roster.findings == ()


def test_the_reading_ends_with_no_lock_left(school):
    deliver(settings(school))
    school.run("DROP TABLE enrollments")


def test_a_question_that_takes_too_long_is_ended(school):
    error = refused(
        of_users(school, f"SELECT {SLEEP[school.name]} AS sourcedid, 's' AS role, 'u' AS username", timeout=1)
    )
    assert isinstance(error, WaitError)
    assert error.code == "sql-time"
    assert "query of users" in error.where


def test_the_transaction_is_read_only(school):
    """What the check of the words lets through, the database refuses."""
    write = {
        "postgresql": ("CREATE SEQUENCE IF NOT EXISTS numbers", "SELECT nextval('numbers') AS sourcedid"),
        "mysql": (
            "CREATE FUNCTION writes() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM users; RETURN 1; END",
            "SELECT writes() AS sourcedid",
        ),
    }[school.name]
    school.run(write[0])
    error = refused(of_users(school, f"{write[1]}, 's' AS role, 'u' AS username"))
    assert isinstance(error, SettingError)
    assert error.code == "sql-writes"
    assert read(settings(school)).users.height == 3


def test_a_connection_that_breaks_off_half_way_is_told(school):
    """The server ends the connection between two queries."""

    def end(what: str) -> None:
        if what == "reading users":
            with school.engine.connect() as connection:
                if school.name == "postgresql":
                    connection.exec_driver_sql(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE application_name = 'matricula' AND datname = current_database()"
                    )
                else:
                    found = connection.exec_driver_sql(
                        "SELECT id FROM information_schema.processlist "
                        "WHERE db = DATABASE() AND id <> CONNECTION_ID() AND command = 'Sleep'"
                    )
                    for (number,) in found.all():
                        connection.exec_driver_sql(f"KILL {number}")

    error = refused(settings(school), say=end)
    assert isinstance(error, WaitError)
    assert error.code == "sql-lost"


@pytest.mark.parametrize("password", ["geheim-1", "a:/@%b"])
def test_a_wrong_password_is_told_and_never_shown(school, password):
    _account(school)
    url = school.url.set(username=school.reader, password=None)
    if school.name == "postgresql":
        # This server trusts the loopback address, so PostgreSQL's own refusal of an account is what can be seen.
        url = url.set(username="nobody_there")
    error = refused(settings(school) | {"url": str(url), "passwordless": False}, password=password)
    assert isinstance(error, SettingError)
    assert error.code == "sql-login"
    assert password not in str(error)
    assert "matricula source secret" in error.remedy


def test_an_account_that_may_not_read_a_table_is_told(school):
    _account(school)
    url = school.url.set(username=school.reader, password=None)
    error = refused(settings(school) | {"url": str(url), "passwordless": False}, password="right")
    assert isinstance(error, SettingError)
    assert error.code == "sql-denied"
    assert "GRANT" in error.remedy
    rights = {"postgresql": f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {school.reader}",
              "mysql": f"GRANT SELECT ON {school.url.database}.* TO {school.reader}"}  # fmt: skip
    school.run(rights[school.name])
    assert read_with(settings(school) | {"url": str(url), "passwordless": False}, "right").users.height == 3


def read_with(settings, password):
    return deliver(settings, password=password).roster()


def _account(school: Server) -> None:
    if school.name == "postgresql":
        school.run(
            f"DO $$ BEGIN CREATE ROLE {school.reader} LOGIN PASSWORD 'right'; "
            "EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
    else:
        school.run(
            f"CREATE USER IF NOT EXISTS {school.reader} IDENTIFIED BY 'right'",
            f"GRANT EXECUTE ON {school.url.database}.* TO {school.reader}",
        )


@pytest.mark.parametrize(
    ("change", "kind", "code"),
    [
        ({"database": "no_such_database"}, SettingError, "sql-database"),
        ({"port": 1}, WaitError, "sql-unreachable"),
        ({"host": "no-such-host.invalid"}, WaitError, "sql-unreachable"),
    ],
)
def test_an_address_that_leads_nowhere_is_told(school, change, kind, code):
    error = refused(settings(school) | {"url": str(school.url.set(**change))})
    assert isinstance(error, kind)
    assert error.code == code


@pytest.mark.parametrize(
    ("option", "code"),
    [("tls", "sql-tls"), ("certificate", "sql-option"), ("colour", "sql-option")],
)
def test_options_that_the_driver_or_the_server_refuses_are_told(school, option, code):
    options = {
        "postgresql": {
            "tls": {"sslmode": "verify-full", "sslrootcert": "system"},
            "certificate": {"sslmode": "certainly"},
            "colour": {"colour": "green"},
        },
        "mysql": {
            "tls": {"ssl_check_hostname": "true", "ssl_verify_cert": "true"},
            "certificate": {"ssl_ca": "/no/such/file.pem"},
            "colour": {"colour": "green"},
        },
    }[school.name][option]
    error = refused(settings(school) | {"url": str(school.url.update_query_dict(options))})
    assert isinstance(error, SettingError)
    assert error.code == code


def test_a_table_and_a_column_that_are_not_there_are_told_with_those_there_are(school):
    table = refused(of_users(school, "SELECT * FROM userz"))
    assert table.code == "sql-table"
    assert "There are: users, " in str(table)
    column = refused(of_users(school, "SELECT emial AS sourcedid FROM users"))
    assert column.code == "sql-column"
    assert "There are: email, " in str(column)


def test_a_query_that_is_no_sql_is_told_in_the_database_s_words(school):
    error = refused(of_users(school, "SELECT 1 FORM users"))
    assert isinstance(error, SettingError)
    assert error.code == "sql-syntax"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_value_of_the_wrong_type_is_told(school):
    error = refused(of_users(school, "SELECT CAST(username AS INT) AS sourcedid, role, username FROM users"))
    assert isinstance(error, StopError)
    assert error.code == "sql-value"


ODD = {
    "postgresql": """
CREATE TABLE odd (id UUID, big NUMERIC(20), flag BOOLEAN, since DATE, moment TIMESTAMP, raw BYTEA, list TEXT[]);
INSERT INTO odd VALUES ('12345678-1234-5678-1234-567812345678', 12345678901234567890, true, 'infinity',
                        '2026-08-15 00:00:00', '\\x00ff', ARRAY['09', '10'])""",
    "mysql": """
CREATE TABLE odd (id BINARY(16), big DECIMAL(20), flag TINYINT(1), since DATE, moment DATETIME, raw VARBINARY(9),
                  list TEXT);
INSERT INTO odd VALUES (UNHEX('12345678123456781234567812345678'), 12345678901234567890, 1, '0000-00-00',
                        '2026-08-15 00:00:00', UNHEX('00ff'), '09,10')""",
}
CELLS = {
    "postgresql": ("12345678-1234-5678-1234-567812345678", "infinity", "2026-08-15 00:00:00", "00ff"),
    "mysql": ("12345678123456781234567812345678", "0000-00-00", "2026-08-15", "00ff"),
}


def test_values_of_all_types(school):
    mode = ["SET sql_mode = ''"] if school.name == "mysql" else []
    school.run(*mode, *ODD[school.name].split(";"))
    query = "SELECT id AS sourcedid, big AS identifier, flag AS enableduser, odd.*, 'student' AS role FROM odd"
    columns = {"metadata.since": "since", "metadata.moment": "moment", "metadata.raw": "raw", "grades": "list"}
    (row,) = read(of_users(school, query, columns={"users": columns})).users.iter_rows(named=True)
    assert row["identifier"] == "12345678901234567890"
    assert row["enabledUser"] is True
    assert row["grades"] == ["09", "10"]
    assert (row["sourcedId"], row["metadata.since"], row["metadata.moment"], row["metadata.raw"]) == CELLS[school.name]


def test_days_that_there_are_not_are_blank(school):
    day = {"postgresql": "DATE 'infinity'", "mysql": "CAST('0000-00-00' AS DATE)"}[school.name]
    query = f"SELECT 'e' AS sourcedId, 'c' AS classSourcedId, 'u' AS userSourcedId, 'student' AS role, {day} AS endDate"
    delivery = deliver(school.settings(queries={"enrollments": query}))
    assert delivery.drafts["enrollments"].frame["endDate"].to_list() == [None]


def test_parameters_are_bound_with_their_types(school):
    query = "SELECT u.* FROM users u WHERE u.username = :name AND :number > 1 AND :today >= :day AND u.role IN :roles"
    given = {"name": "user2", "number": 2, "day": "2020-01-01", "roles": ["student", "teacher"]}
    if school.name == "postgresql":
        query = query.replace(":day", "CAST(:day AS DATE)")
    roster = read(of_users(school, query, parameters=given))
    assert roster.users["sourcedId"].to_list() == ["u2"]


@pytest.mark.parametrize("database", ["mysql"], indirect=True)
def test_tables_without_snapshots_are_named_and_read_until_twice_the_same(school):
    school.run("ALTER TABLE enrollments ENGINE = MyISAM")
    written = iter(["DELETE FROM enrollments WHERE sourcedId = 'e4'"])

    def write(what: str) -> None:
        if what == "reading enrollments":
            school.run(next(written, "SELECT 1"))

    delivery = deliver(settings(school), say=write)
    assert delivery.drafts["enrollments"].frame.height == 3
    assert "enrollments" in delivery.notes[0]
    assert "orgs" not in delivery.notes[0]


@pytest.mark.parametrize("database", ["mysql"], indirect=True)
def test_rows_that_change_all_the_time_stop_the_reading(school):
    school.run("ALTER TABLE enrollments ENGINE = MyISAM")
    rounds = iter(range(100))

    def write(what: str) -> None:
        if what == "reading enrollments":
            school.run(f"UPDATE enrollments SET classSourcedId = 'c{next(rounds)}'")

    error = refused(settings(school), say=write)
    assert isinstance(error, StopError)
    assert error.code == "sql-rows-change"


@pytest.mark.parametrize("database", ["mysql"], indirect=True)
def test_a_view_on_a_table_without_snapshots_is_noticed(school):
    school.run("ALTER TABLE users ENGINE = MyISAM", "CREATE OR REPLACE VIEW people AS SELECT * FROM users")
    assert "users" in deliver(of_users(school, "people")).notes[0]
    school.run("DROP VIEW people")


@pytest.mark.parametrize("database", ["mysql"], indirect=True)
def test_an_account_that_sees_views_alone_is_told_what_it_cannot_see(school):
    school.run(
        f"CREATE OR REPLACE USER {school.reader} IDENTIFIED BY 'right'",
        "CREATE OR REPLACE VIEW people AS SELECT * FROM users",
        f"GRANT SELECT ON {school.url.database}.people TO {school.reader}",
    )
    url = school.url.set(username=school.reader, password=None)
    delivery = deliver(of_users(school, "people", url=str(url), passwordless=False), password="right")
    assert delivery.drafts["users"].frame.height == 3
    assert "cannot see" in delivery.notes[0]
    school.run("DROP VIEW people", f"DROP USER {school.reader}")
