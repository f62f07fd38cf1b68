"""The way into a database that grades are written to.

One transaction for each call. Rows that are looked at before they are written are locked until its end: by
`SELECT … FOR UPDATE` in PostgreSQL, MariaDB and MySQL, by `BEGIN IMMEDIATE` in SQLite, by `SERIALIZABLE` in Microsoft
SQL Server.
"""

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, bindparam, create_engine, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from matricula.errors import SettingError, StopError
from matricula.sinks.database.failures import explained
from matricula.sources.sql.dialects import DIALECTS
from matricula.sources.sql.errors import driver_missing

#: Seconds to wait for rows that somebody else holds.
_ROWS: Final = 30
_STRICT: Final = "STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION"
_SESSIONS: Final = {
    "postgresql": f"SET lock_timeout = '{_ROWS}s'; SET timezone = 'UTC'",
    "mysql": f"SET SESSION innodb_lock_wait_timeout = {_ROWS}, sql_mode = '{_STRICT}', time_zone = '+00:00'",
    "mssql": f"SET LOCK_TIMEOUT {_ROWS * 1000}",
}
_ISOLATION: Final = {"postgresql": "READ COMMITTED", "mysql": "READ COMMITTED", "mssql": "SERIALIZABLE"}


class Database:
    """A database, connected when something is first asked of it.

    Args:
        url: its address, with the password.
        timeout: seconds that a statement may take.
    """

    def __init__(self, url: URL, timeout: int) -> None:
        self._url = url
        self._timeout = timeout
        self._engine: Engine | None = None
        self._connection: Connection | None = None
        self.dialect = "mysql" if url.get_backend_name() == "mariadb" else url.get_backend_name()
        shown = url.set(drivername=url.get_backend_name(), password=None).render_as_string()
        self.where = url.database or "" if self.dialect == "sqlite" else shown

    def close(self) -> None:
        """Give the connection up."""
        if self._connection is not None:
            self._connection.close()
        if self._engine is not None:
            self._engine.dispose()
        self._connection = self._engine = None

    @contextmanager
    def transaction(self, *, reading: bool = False) -> Iterator[Connection]:
        """One transaction, taken back whole where something goes wrong that concerns more than a row.

        Args:
            reading: whether it only reads, and sees one moment.

        Raises:
            SettingError, WaitError, StopError: as `failures.explained` tells.
        """
        connection = self._connected()
        connection.info["reading"] = reading
        try:
            with connection.begin():
                if reading and self.dialect in ("postgresql", "mysql"):
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                yield connection
        except DBAPIError as error:
            self.close()
            raise explained(error, self.where) from None

    def refuse_without_transactions(self, connection: Connection, tables: Collection[str]) -> None:
        """See that every table is of an engine with transactions; only MariaDB and MySQL have others.

        Raises:
            StopError: one is not.
        """
        if self.dialect != "mysql":
            return
        asked = text(
            "SELECT t.table_name, t.engine FROM information_schema.tables t LEFT JOIN information_schema.engines e "
            "ON e.engine = t.engine WHERE t.table_schema = DATABASE() AND t.table_name IN :names "
            "AND t.table_type = 'BASE TABLE' AND COALESCE(e.transactions, 'NO') <> 'YES'"
        ).bindparams(bindparam("names", expanding=True))
        for name, engine in connection.execute(asked, {"names": list(tables)}):
            raise StopError(
                f"The table {name} is kept by {engine}, which knows no transactions: no bad row could be taken back.",
                where=self.where,
                remedy=f"Turn it into one of InnoDB: ALTER TABLE {name} ENGINE = InnoDB.",
                code="sink-database-engine",
            )

    def _connected(self) -> Connection:
        if self._connection is None:
            self._engine = self._made()
            try:
                self._connection = self._engine.connect()
                if isolation := _ISOLATION.get(self.dialect):
                    self._connection = self._connection.execution_options(isolation_level=isolation)
                self._set_up(self._connection)
            except DBAPIError as error:
                self.close()
                raise explained(error, self.where, connecting=True) from None
            except (TypeError, ValueError, OSError) as error:
                self.close()
                raise SettingError(
                    "The driver cannot use an option at the end of `url`.",
                    where=self.where,
                    remedy="Mend what stands behind the question mark (docs/sources/sql.md).",
                    code="sink-database-option",
                ) from error
        return self._connection

    def _made(self) -> Engine:
        if self.dialect == "sqlite":
            return self._made_of_file(Path(self._url.database or ""))
        options = {
            name: value
            for name, value in DIALECTS[self.dialect].options(self._timeout).items()
            if name not in self._url.query
        }
        try:
            return create_engine(self._url, connect_args=options, poolclass=NullPool, hide_parameters=True)
        except (ImportError, NoSuchModuleError):
            raise driver_missing(DIALECTS[self.dialect], self.where) from None

    def _made_of_file(self, path: Path) -> Engine:
        if not path.parent.is_dir():
            raise SettingError(
                "There is no such folder.",
                where=str(path),
                remedy="Make it, or mend `path`; the file itself is made when grades are first written.",
                code="sink-database-folder",
            )

        def opened() -> sqlite3.Connection:
            return sqlite3.connect(path, timeout=_ROWS, isolation_level=None, check_same_thread=False)

        engine = create_engine("sqlite://", creator=opened, poolclass=NullPool, hide_parameters=True)

        @event.listens_for(engine, "begin")
        def _alone(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN" if connection.info.get("reading") else "BEGIN IMMEDIATE")

        return engine

    def _set_up(self, connection: Connection) -> None:
        if self.dialect == "mysql":
            limit = (
                f"max_statement_time = {self._timeout}"
                if getattr(connection.dialect, "is_mariadb", False)
                else f"max_execution_time = {self._timeout * 1000}"
            )
            connection.exec_driver_sql(f"SET SESSION {limit}")
        if self.dialect == "postgresql":
            connection.exec_driver_sql(f"SET statement_timeout = '{self._timeout}s'")
        for statement in _SESSIONS.get(self.dialect, "").split("; "):
            if statement:
                connection.exec_driver_sql(statement)
        connection.commit()


def has_table(connection: Connection, name: str) -> bool:
    """Whether there is a table or a view; `schema.table` where it stands in a schema of its own."""
    schema, _, table = name.rpartition(".")
    return inspect(connection).has_table(table, schema=schema or None)
