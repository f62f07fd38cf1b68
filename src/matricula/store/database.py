"""Connections and transactions: what SQLite and PostgreSQL need to behave alike.

SQLite runs in WAL mode, so that readers never wait for the writer, and with `synchronous=FULL`: the journal's
promise is that a call is on disk before it is sent, and in WAL mode NORMAL would let a power cut forget the last
commits. FULL costs one fsync for each commit, and a run commits twice for a call that takes far longer.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Table, create_engine, event, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from matricula import logs
from matricula.errors import SettingError, WaitError
from matricula.store.copying import copy_to
from matricula.store.failures import explain

WAIT_SECONDS: Final = 60
"""How long a writer waits for another one before it gives up."""

OLDEST_SQLITE: Final = (3, 35, 0)
"""The first SQLite that answers `RETURNING`."""

_WRITING: Final = "matricula_writing"


class Database:
    """One state database and its transactions.

    A transaction belongs to the thread that began it: what is asked or stored in the same thread meanwhile takes
    part in it, so that everything that belongs together can be put under one `writing()`.

    Args:
        address: a path, or a URL with the scheme `sqlite` or `postgresql`.

    Raises:
        SettingError: the address is not one of these, or the PostgreSQL driver is not installed.
    """

    def __init__(self, address: str | Path) -> None:
        url = _read_address(address)
        self.where: Final = url.database or "" if url.drivername == "sqlite" else url.render_as_string()
        self.is_sqlite: Final = url.drivername == "sqlite"
        if url.password:
            logs.hide(str(url.password))
        self._engine: Final = _make_engine(url, self.where)
        self._here: Final = threading.local()
        self._writers: Final = threading.Lock()
        if self.is_sqlite:
            self._prepare_file(Path(self.where))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the database (SQLite) and blocks nobody."""
        current: Connection | None = getattr(self._here, "connection", None)
        if current is not None:
            yield current
            return
        with self._explaining(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, *, lasting: bool = True) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back when an error leaves the block.

        Inside another one of the same thread it is a part of that: rolled back alone, committed with the whole.

        Args:
            lasting: whether it must be on disk when this returns. One that need not be can be lost in a power cut,
                together with all that came after it, until the next lasting one; never a part of it, and never when
                only the process ends. It costs a fraction.

        Raises:
            WaitError: another writer did not end within `WAIT_SECONDS`.
            StopError: the database cannot be written to.
        """
        current: Connection | None = getattr(self._here, "connection", None)
        if current is not None:
            # Whoever catches an error inside a larger transaction must not find half of the failed act in it.
            with self._explaining(), current.begin_nested():
                yield current
            return
        with self._one_writer(), self._explaining(), self._engine.connect() as plain:
            connection = plain.execution_options(**{_WRITING: "FULL" if lasting else "NORMAL"})
            with connection.begin():
                if not lasting and not self.is_sqlite:
                    connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
                self._here.connection = connection
                try:
                    yield connection
                finally:
                    self._here.connection = None

    def insert(self, table: Table) -> sqlite.Insert | postgresql.Insert:
        """An insert in this database's own words, which can say what becomes of a row that is there already."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def now(self, connection: Connection) -> datetime:
        """The time that all processes sharing this database agree on: the server's, or this machine's."""
        if self.is_sqlite:
            return datetime.now(UTC)
        moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return moment.astimezone(UTC)

    def reached_by(self) -> dict[str, Any]:
        """How another library reaches the same PostgreSQL: parameters as psycopg takes them."""
        return dict(self._engine.dialect.create_connect_args(self._engine.url)[1])

    def scrub(self, tables: Iterable[str]) -> bool:
        """Leave nothing of rows that were deleted or altered in the files, and give their room back.

        Args:
            tables: those concerned; SQLite is written anew as a whole.

        Returns:
            whether that was possible at once: on SQLite a command that is reading keeps the last of it until it ends.

        Raises:
            WaitError: another writer did not end within `WAIT_SECONDS`.
        """
        with self._one_writer(), self._explaining(), closing(self._engine.raw_connection()) as raw:
            driver: Any = raw.driver_connection
            if not self.is_sqlite:
                return _rewrite_postgres(driver, tables)
            # The copy that SQLite makes meanwhile is as large as the state: too large to be held in memory.
            driver.execute("PRAGMA temp_store = FILE")
            driver.execute("VACUUM")
            driver.execute("PRAGMA temp_store = MEMORY")
            return bool(driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)

    def copy_to(self, file: Path, finish: Callable[[sqlite3.Connection], None] = lambda _: None) -> None:
        """Write a copy of one moment into a file, while others read and write (SQLite).

        Args:
            file: the file; one that is there is replaced at the end.
            finish: puts more into the copy before it gets its name.

        Raises:
            StopError: the file cannot be written.
        """
        with self._explaining(), closing(self._engine.raw_connection()) as raw:
            driver: Any = raw.driver_connection
            copy_to(driver, file, finish)

    def idle_share(self) -> float:
        """Which share of the file is free room; 0 on PostgreSQL, whose autovacuum looks after that."""
        if not self.is_sqlite:
            return 0.0
        with self.reading() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            free = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        return float(free / pages) if pages else 0.0

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if not self.is_sqlite:
            yield
            return
        # SQLite's own waiting is a poll that can starve a thread; a lock among our own threads is fair enough.
        if not self._writers.acquire(timeout=WAIT_SECONDS):
            raise WaitError(
                "The state database is busy: another task of this process has been writing to it for too long.",
                where=self.where,
                remedy="Wait until the other task has ended and start again.",
                code="state-busy",
            )
        try:
            yield
        finally:
            self._writers.release()

    @contextmanager
    def _explaining(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeoutError) as error:
            # These two quote the values they complain of, and a traceback may end in a log.
            quotes_values = isinstance(error, (DataError, IntegrityError))
            raise explain(error, self.where) from (None if quotes_values else error)

    def _prepare_file(self, path: Path) -> None:
        """Make the file for its owner alone: it holds names and addresses of people."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise SettingError(
                f"The state database cannot be made here: {error.strerror}.",
                where=str(path),
                remedy="Name a folder that the user who runs matricula may write to (--home or MATRICULA_HOME).",
                code="state-unopened",
            ) from error


def file_of(address: str | Path) -> Path | None:
    """The file that a state with this address is kept in; None where a server keeps it.

    Raises:
        SettingError: the address cannot be read.
    """
    url = _read_address(address)
    return Path(url.database or "") if url.drivername == "sqlite" else None


def _read_address(address: str | Path) -> URL:
    text = str(address)
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).absolute()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise SettingError(
            "The address of the state database cannot be read.",
            remedy="Write a path, or postgresql://USER:PASSWORD@HOST:PORT/NAME.",
            code="state-address",
        ) from error
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in ("sqlite", "sqlite+pysqlite") and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite", database=str(Path(url.database).absolute()))
    raise SettingError(
        f"The state cannot be kept in a database with the address {url.render_as_string()}.",
        remedy="Use a path to a file (SQLite), or postgresql://USER:PASSWORD@HOST:PORT/NAME.",
        code="state-address",
    )


def _make_engine(url: URL, where: str) -> Engine:
    if url.drivername == "sqlite" and sqlite3.sqlite_version_info < OLDEST_SQLITE:
        raise SettingError(
            f"The SQLite that this Python brings is too old: {sqlite3.sqlite_version}.",
            where=where,
            remedy=f"Use a Python with SQLite {'.'.join(map(str, OLDEST_SQLITE))} or newer, or PostgreSQL.",
            code="state-driver",
        )
    options: dict[str, Any] = {"hide_parameters": True, "pool_timeout": WAIT_SECONDS, "max_overflow": 20}
    if url.drivername == "sqlite":
        options["connect_args"] = {"timeout": WAIT_SECONDS, "check_same_thread": False}
    else:
        options["pool_pre_ping"] = True
    try:
        engine = create_engine(url, **options)
    except (NoSuchModuleError, ImportError) as error:
        raise SettingError(
            "The PostgreSQL driver is not installed.",
            where=where,
            remedy="Install it with: pip install 'matricula[postgres]'.",
            code="state-driver",
        ) from error
    if url.drivername == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "connect", _set_up_postgres)
    return engine


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    # Transactions are begun by _begin_sqlite; the driver's own habit would begin them too late.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = FULL")
    # On macOS a plain fsync leaves the data in the drive's own memory.
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten: else names would stand in the file until their room is needed.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute(f"PRAGMA journal_size_limit = {64 * 1024 * 1024}")
    # SQLite's own lower() knows only ASCII.
    connection.create_function("lower", 1, _lower, deterministic=True)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a new file to write-ahead logging; while others do the same SQLite refuses at once, without waiting."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            return


def _lower(text: str | None) -> str | None:
    return None if text is None else text.lower()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later can find that another writer was faster; one that takes the
    # write lock at once cannot.
    synchronous = connection.get_execution_options().get(_WRITING)
    if synchronous:
        connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if synchronous else "BEGIN")


def _rewrite_postgres(driver: Any, tables: Iterable[str]) -> bool:
    driver.autocommit = True
    try:
        for name in sorted(set(tables)):
            driver.execute(f'VACUUM FULL "{name}"')
    finally:
        driver.autocommit = False
    return True


def _set_up_postgres(connection: Any, _record: object) -> None:
    # A server may be set to answer a commit before it is on disk; the journal cannot live with that.
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'"
        )
    connection.commit()
