"""What differs between databases: the driver, how one moment is read without locks, and how long a question may take.

One entry for each database. A snapshot is begun by the statements that its makers describe for it:

* PostgreSQL: `REPEATABLE READ`, `READ ONLY` (its documentation, 13.2 Transaction Isolation).
* MariaDB and MySQL: `START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY`; MyISAM tables know no snapshot.
* SQLite: a read transaction in WAL mode; any other file is copied before it is read (`sql_files.py`).
* Microsoft SQL Server: `SNAPSHOT`, where the database allows it (`sys.databases.snapshot_isolation_state`).
* Oracle: `SET TRANSACTION READ ONLY`.

PostgreSQL, MariaDB and MySQL keep a light lock on each table that a transaction has read until it ends: it bars no
reader and no writer, but an `ALTER TABLE`, such as an upgrade of the school's system makes. Going back to a savepoint
after each question gives it up and keeps the snapshot.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

CONNECT_SECONDS = 15
"""How long a server may take to let somebody in."""

_STEPS = 10_000
"""So many steps of SQLite's machine are done between two looks at the clock."""
_LOOPBACK = ("", "localhost", "127.0.0.1", "::1")
_PLAIN = "The connection is not encrypted; docs/sources/sql.md says how to have it so."


@dataclass(frozen=True)
class Begun:
    """How the reading of a database was begun.

    Args:
        snapshot: whether all questions see the same moment.
        streams: whether rows may be fetched while the database still works on the question.
        notes: what is worth knowing of it, one sentence each.
    """

    snapshot: bool = True
    streams: bool = True
    notes: tuple[str, ...] = ()


Options = Mapping[str, Any]
Begin = Callable[[Connection, int, Collection[str]], Begun]
Question = Callable[[Connection, int], AbstractContextManager[None]]


def _no_question(_: Connection, __: int) -> AbstractContextManager[None]:
    return nullcontext()


@dataclass(frozen=True)
class Dialect:
    """What is particular about a database.

    Args:
        title: its name, for people.
        driver: name of dialect and driver together, as in SQLAlchemy's URLs.
        package: what pip installs for it.
        options: settings of the driver, of the seconds that a question may take.
        begin: begins to read one moment on a fresh connection; gets the seconds that a question may take, and the words
            of all questions in small letters.
        question: what stands around each question; gets the same seconds.
    """

    title: str
    driver: str
    package: str
    options: Callable[[int], Options]
    begin: Begin
    question: Question = _no_question


def _carry_out(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


@contextmanager
def _without_lasting_locks(connection: Connection, _: int) -> Iterator[None]:
    _carry_out(connection, "SAVEPOINT matricula")
    yield
    _carry_out(connection, "ROLLBACK TO SAVEPOINT matricula")


def _is_near(connection: Connection) -> bool:
    host = connection.engine.url.host or ""
    return host in _LOOPBACK or host.startswith("/")


def _postgresql_options(_: int) -> Options:
    # A server that is gone without a word is noticed after a minute.
    alive = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 60_000}
    return {"connect_timeout": CONNECT_SECONDS, "application_name": "matricula", **alive}


def _begin_postgresql(connection: Connection, seconds: int, _: Collection[str]) -> Begun:
    from psycopg.types.string import TextLoader

    driver: Any = connection.connection.dbapi_connection
    # As text, days that Python does not know, such as infinity, can be read, too.
    for kind in ("date", "timestamp", "timestamptz", "int2", "int4", "int8"):
        driver.adapters.register_loader(kind, TextLoader)
    _carry_out(
        connection,
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        f"SET LOCAL statement_timeout = {seconds * 1000}",
        f"SET LOCAL lock_timeout = {seconds * 1000}",
        "SET LOCAL datestyle = 'ISO'",
        "SELECT 1",  # from here on the snapshot stands
    )
    return Begun(notes=() if driver.pgconn.ssl_in_use or _is_near(connection) else (_PLAIN,))


def _mysql_options(seconds: int) -> Options:
    # The server ends a question by itself; the client's own limit is for a server that does not answer any more.
    return {"connect_timeout": CONNECT_SECONDS, "read_timeout": seconds + CONNECT_SECONDS, "charset": "utf8mb4"}


_TWICE = "Tables without transactions (such as MyISAM) know no snapshot: {}. Everything was read twice and compared."
_BLIND = "Whether the tables behind the views know a snapshot (InnoDB does, MyISAM does not), this account cannot see."
_TABLES = """
SELECT t.table_schema, t.table_name, t.table_type, e.transactions, DATABASE()
FROM information_schema.tables t LEFT JOIN information_schema.engines e ON e.engine = t.engine
WHERE t.table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys')
"""


def _begin_mysql(connection: Connection, seconds: int, words: Collection[str]) -> Begun:
    mariadb = getattr(connection.dialect, "is_mariadb", False)
    limit = f"max_statement_time = {seconds}" if mariadb else f"max_execution_time = {seconds * 1000}"
    _carry_out(connection, f"SET SESSION {limit}", f"SET SESSION lock_wait_timeout = {seconds}")
    without, blind = _without_snapshot(connection, words)
    _carry_out(
        connection,
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    )
    cipher = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Ssl_cipher'").first()
    plain = () if (cipher and cipher[1]) or _is_near(connection) else (_PLAIN,)
    if without:
        # Such a table stays locked for writers until the last row has been fetched: fetch at once.
        told = _TWICE.format(", ".join(without))
        return Begun(snapshot=False, streams=False, notes=(told, *plain))
    return Begun(notes=(*((_BLIND,) if blind else ()), *plain))


def _without_snapshot(connection: Connection, words: Collection[str]) -> tuple[list[str], bool]:
    """The tables without transactions that the questions read, or may read through a view.

    Returns:
        their names, and whether there are views behind which this account sees no table at all.
    """
    there = [
        (name, "VIEW" in str(kind), transactions)
        for schema, name, kind, transactions, current in connection.exec_driver_sql(_TABLES)
        if schema == current or schema.casefold() in words
    ]
    views = any(view and name.casefold() in words for name, view, _ in there)
    names = [
        name
        for name, view, transactions in there
        if transactions == "NO" and not view and (views or name.casefold() in words)
    ]
    return sorted(names), views and all(view for _, view, _ in there)


def _begin_sqlite(connection: Connection, _: int, __: Collection[str]) -> Begun:
    _carry_out(connection, "BEGIN")
    return Begun()


@contextmanager
def _with_an_end(connection: Connection, seconds: int) -> Iterator[None]:
    driver: Any = connection.connection.dbapi_connection
    until = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    yield


_ALLOWS_SNAPSHOT = "SELECT snapshot_isolation_state FROM sys.databases WHERE database_id = DB_ID()"
_NO_SNAPSHOT = (
    "The database does not allow SNAPSHOT isolation: everything was read twice and compared. Its keeper can allow it "
    "with ALTER DATABASE … SET ALLOW_SNAPSHOT_ISOLATION ON."
)


def _begin_mssql(connection: Connection, seconds: int, _: Collection[str]) -> Begun:
    driver: Any = connection.connection.dbapi_connection
    driver.timeout = seconds
    snapshot = connection.exec_driver_sql(_ALLOWS_SNAPSHOT).scalar() == 1
    # The level counts for transactions begun after it.
    connection.rollback()
    level = "SNAPSHOT" if snapshot else "READ COMMITTED"
    _carry_out(connection, f"SET LOCK_TIMEOUT {seconds * 1000}", f"SET TRANSACTION ISOLATION LEVEL {level}")
    return Begun(snapshot=snapshot, notes=() if snapshot else (_NO_SNAPSHOT,))


def _begin_oracle(connection: Connection, seconds: int, _: Collection[str]) -> Begun:
    driver: Any = connection.connection.dbapi_connection
    driver.call_timeout = seconds * 1000
    _carry_out(connection, "SET TRANSACTION READ ONLY")
    return Begun()


_MYSQL = Dialect("MariaDB or MySQL", "mysql+pymysql", "matricula", _mysql_options, _begin_mysql, _without_lasting_locks)

DIALECTS: dict[str, Dialect] = {
    "postgresql": Dialect(
        "PostgreSQL",
        "postgresql+psycopg",
        "matricula[postgres]",
        _postgresql_options,
        _begin_postgresql,
        _without_lasting_locks,
    ),
    "mysql": _MYSQL,
    "mariadb": _MYSQL,
    "sqlite": Dialect("SQLite", "sqlite+pysqlite", "matricula", lambda _: {}, _begin_sqlite, _with_an_end),
    "mssql": Dialect(
        "Microsoft SQL Server",
        "mssql+mssqlpython",
        "matricula[mssql]",
        lambda _: {"timeout": CONNECT_SECONDS},
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
