"""SQL: a gradebook in plain tables."""

from collections.abc import Collection
from typing import Final, Self
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, MetaData, Table, inspect
from sqlalchemy.engine import URL

from matricula.errors import SettingError
from matricula.roster.gradebook import KINDS, STATUSES, Gradebook
from matricula.sinks.database.connection import Database, has_table
from matricula.sinks.database.fitting import Unfit
from matricula.sinks.database.memory import Memory
from matricula.sinks.database.shelves import lost_of, records
from matricula.sinks.database.writing import write
from matricula.sinks.judging import pointed
from matricula.sinks.protocol import Abilities, SinkSurroundings
from matricula.sinks.sql.settings import SqlSinkSettings
from matricula.sinks.sql.shapes import COLUMNS, TABLES, table_of
from matricula.sinks.sql.shelf import TableShelf
from matricula.sources.sql.address import address_of
from matricula.sources.sql.errors import nearest

_AT_ONCE: Final = 500
_ABOVE: Final = {"line-item": "grade-category", "result": "line-item"}


class SqlSink:
    """A sink that writes plain tables.

    Args:
        settings: the address, and the tables.
        surroundings: where it gets the password from.
    """

    Settings = SqlSinkSettings

    def __init__(self, settings: SqlSinkSettings, surroundings: SinkSurroundings | None = None) -> None:
        self.settings = settings
        self._surroundings = surroundings or SinkSurroundings()
        self._names = {word: COLUMNS[kind] for word, kind in TABLES.items()}
        for word, table in settings.tables.items():
            ours = {column: field for field, column in COLUMNS[TABLES[word]].items()} | {"id": "id"}
            self._names[word] = {ours[column]: name for column, name in table.columns.items()}
        self._memory = Memory(f"{settings.prefix}notes")
        self._database: Database | None = None
        self._shelves: dict[str, TableShelf] = {}

    @property
    def abilities(self) -> Abilities:
        """What the tables have columns for."""
        without = {
            f"{kind}.{field}"
            for word, kind in TABLES.items()
            for field in COLUMNS[kind]
            if field not in self._names[word]
        }
        told = "result.status" not in without
        return Abilities(
            frozenset(KINDS),
            weights="grade-category.weight" not in without,
            letters="result.text" not in without,
            comments="result.comment" not in without,
            exempt=told,
            at_once=_AT_ONCE,
            statuses=frozenset(STATUSES if told else ("fully graded", "not submitted")),
            without=frozenset(without - {"result.status"}),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._database is not None:
            self._database.close()
        self._database = None
        self._shelves = {}

    def read(self, classes: Collection[str]) -> Gradebook:
        """What stands in the tables of classes.

        Raises:
            SettingError, WaitError, StopError: as `Sink.read` tells.
        """
        if self.settings.path is not None and not self.settings.path.exists():
            return Gradebook()
        frames: dict[str, pl.DataFrame] = {}
        with self._opened().transaction(reading=True) as connection:
            self._look(connection)
            for kind in KINDS:
                shelf = self._shelves.get(kind)
                stored = shelf.stand(connection, classes) if shelf else []
                frames[kind] = (
                    records(shelf, stored, shelf.lost(connection, stored))
                    if shelf
                    else pl.DataFrame(schema=KINDS[kind])
                )
                frames[kind] = pointed(kind, frames[kind], frames.get(_ABOVE.get(kind, "")), by="id", to="key")
        return Gradebook(frames)

    def write(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Write records of one kind in one transaction.

        Raises:
            SettingError, WaitError, StopError: as `Sink.write` tells.
        """
        database = self._opened()
        self._surroundings.say(f"writing {rows.height} rows")
        # Before the transaction: on MariaDB and MySQL a table that is made would end it.
        with database.transaction() as connection:
            self._make(connection, database)
            if self._memory_needed(kind, rows):
                self._memory.make(connection)
        with database.transaction() as connection:
            return write(connection, self._shelves[kind], rows, self.abilities)

    def _opened(self) -> Database:
        if self._database is None:
            self._database = Database(self._url(), self.settings.timeout)
        return self._database

    def _url(self) -> URL:
        if self.settings.path is not None:
            return URL.create("sqlite+pysqlite", database=str(self.settings.path))
        url = address_of(self.settings.url, "sink")
        return url.set(password=self._surroundings.secret("password")) if self.settings.secrets() else url

    def _make(self, connection: Connection, database: Database) -> None:
        """Make the tables of our own that are missing."""
        if len(self._shelves) == len(KINDS):
            return
        there = inspect(connection).get_table_names()
        for word, kind in TABLES.items():
            name = self._name(word)
            if word not in self.settings.tables and name not in there:
                table_of(kind, name).create(connection)
        self._look(connection)
        database.refuse_without_transactions(connection, [self._name(word) for word in TABLES])

    def _look(self, connection: Connection) -> None:
        """See which tables there are, and that they have the columns that are named."""
        if len(self._shelves) == len(KINDS):
            return
        zone = ZoneInfo(self.settings.timezone)
        there = inspect(connection).get_table_names()
        self._memory.there = self._memory.name in there
        for word, kind in TABLES.items():
            if word in self.settings.tables:
                self._shelves[kind] = TableShelf(
                    kind, self._described(connection, word), self._names[word], self._memory, zone
                )
            elif self._name(word) in there:
                self._shelves[kind] = TableShelf(kind, table_of(kind, self._name(word)), self._names[word], None, zone)
        for kind, above in _ABOVE.items():
            if kind in self._shelves:
                self._shelves[kind].above = self._shelves.get(above)

    def _described(self, connection: Connection, word: str) -> Table:
        """A table of the school's own, as the database describes it."""
        name = self._name(word)
        schema, _, alone = name.rpartition(".")
        if not has_table(connection, name):
            raise SettingError(
                f"There is no table {name}.",
                where=f"{self._opened().where}, tables, {word}",
                remedy="Make it, mend its name, or leave it out of `tables` and Matricula makes one.",
                code="sink-table",
            )
        table = Table(alone, MetaData(), schema=schema or None, autoload_with=connection, resolve_fks=False)
        if missing := [column for column in self._names[word].values() if column not in table.c]:
            raise SettingError(
                f"The table {name} has no column {missing[0]}.",
                where=f"{self._opened().where}, tables, {word}",
                remedy=f"It has: {nearest(missing[0], table.c.keys())}.",
                code="sink-column",
            )
        return table

    def _name(self, word: str) -> str:
        there = self.settings.tables.get(word)  # type: ignore[call-overload]
        return there.name if there else f"{self.settings.prefix}{word}"

    def _memory_needed(self, kind: str, rows: pl.DataFrame) -> bool:
        """Whether a column of a table that is there already holds less than is to be written."""
        shelf = self._shelves[kind]
        if self._memory.there or not any(TABLES[word] == kind for word in self.settings.tables):
            return False
        for row in rows.filter(pl.col("action") != "remove").iter_rows(named=True):
            try:
                if lost_of(shelf, row):
                    return True
            except Unfit:
                continue
        return False
