"""What differs between databases: the driver, how one moment is read without locks, and how long a question may take.

One entry for each database. A snapshot is begun by the statements that its makers describe for it:

* PostgreSQL: `REPEATABLE READ`, `READ ONLY` (documentation, 13.2 Transaction Isolation).
* MariaDB and MySQL: `START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY`, which holds for InnoDB alone.
* SQLite: a read transaction in WAL mode; any other file is copied before it is read (`sql_files.py`).
* Microsoft SQL Server: `SNAPSHOT`, where the database allows it (`sys.databases.snapshot_isolation_state`).
* Oracle: `SET TRANSACTION READ ONLY`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Begun:
    """How the reading of a database was begun.

    Args:
        snapshot: whether all queries see the same moment.
        notes: what is worth knowing of it, one sentence each.
    """

    snapshot: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dialect:
    """What is particular about a database.

    Args:
        title: its name, for people.
        driver: name of dialect and driver together, as in SQLAlchemy's URLs.
        package: what pip installs for it.
        options: settings of the driver, of the seconds that a question and that connecting may take.
        begin: begins to read one moment on a fresh connection, with the seconds that a question may take.
    """

    title: str
    driver: str
    package: str
    options: Callable[[int], Options]
    begin: Callable[[Connection, int], Begun]


CONNECT_SECONDS = 15
"""How long a server may take to answer at all."""


def _carry_out(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _postgresql_options(_: int) -> Options:
    # A server that is gone without a word is noticed after a minute.
    alive = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
    return {"connect_timeout": CONNECT_SECONDS, "application_name": "matricula", **alive}


def _begin_postgresql(connection: Connection, seconds: int) -> Begun:
    _carry_out(
        connection,
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        f"SET LOCAL statement_timeout = {seconds * 1000}",
        f"SET LOCAL lock_timeout = {seconds * 1000}",
    )
    return Begun(snapshot=True)


def _mysql_options(seconds: int) -> Options:
    # The server ends a question by itself; the client's own limit is for a server that does not answer any more.
    return {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds + CONNECT_SECONDS, "charset": "utf8mb4"}


def _begin_mysql(connection: Connection, seconds: int) -> Begun:
    mariadb = getattr(connection.dialect, "is_mariadb", False)
    limit = f"max_statement_time = {seconds}" if mariadb else f"max_execution_time = {seconds * 1000}"
    _carry_out(
        connection,
        f"SET SESSION {limit}",
        f"SET SESSION lock_wait_timeout = {seconds}",
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    )
    return Begun(snapshot=True)


def _begin_sqlite(connection: Connection, _: int) -> Begun:
    _carry_out(connection, "BEGIN")
    return Begun(snapshot=True)


_ALLOWS_SNAPSHOT = "SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()"
_NO_SNAPSHOT = (
    "The database does not allow SNAPSHOT isolation: each query was read by itself (READ COMMITTED), so that what is "
    "changed while Matricula reads may be in one table and not yet in another. Its keeper can allow it with "
    "ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON."
)


def _begin_mssql(connection: Connection, seconds: int) -> Begun:
    snapshot = bool(connection.exec_driver_sql(_ALLOWS_SNAPSHOT).scalar())
    # The level counts for transactions begun after it.
    connection.rollback()
    level = "SNAPSHOT" if snapshot else "READ COMMITTED"
    _carry_out(connection, f"SET LOCK_TIMEOUT {seconds * 1000}", f"SET TRANSACTION ISOLATION LEVEL {level}")
    return Begun(snapshot, () if snapshot else (_NO_SNAPSHOT,))


def _begin_oracle(connection: Connection, seconds: int) -> Begun:
    driver: Any = connection.connection.dbapi_connection
    driver.call_timeout = seconds * 1000
    _carry_out(connection, "SET TRANSACTION READ ONLY")
    return Begun(snapshot=True)


_MYSQL = Dialect("MariaDB or MySQL", "mysql+pymysql", "matricula", _mysql_options, _begin_mysql)

DIALECTS: dict[str, Dialect] = {
    "postgresql": Dialect(
        "PostgreSQL", "postgresql+psycopg", "matricula[postgres]", _postgresql_options, _begin_postgresql
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite": Dialect("SQLite", "sqlite+pysqlite", "matricula", lambda _: {}, _begin_sqlite),
    "mssql": Dialect(
        "Microsoft SQL Server",
        "mssql+mssqlpython",
        "matricula[mssql]",
        lambda seconds: {"timeout": seconds},
        _begin_mssql,
    ),
    "oracle": Dialect(
        "Oracle",
        "oracle+oracledb",
        "matricula[oracle]",
        lambda _: {"tcp_connect_timeout": CONNECT_SECONDS},
        _begin_oracle,
    ),
}
"""The databases by the name that stands at the beginning of a URL."""
