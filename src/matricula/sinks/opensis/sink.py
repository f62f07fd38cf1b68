"""openSIS Classic: a gradebook in openSIS's own tables."""

from collections.abc import Collection
from typing import Final, Self
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.exc import NoSuchTableError

from matricula.errors import SettingError
from matricula.roster.gradebook import KINDS, Gradebook
from matricula.sinks.database.connection import Database
from matricula.sinks.database.memory import Memory
from matricula.sinks.database.shelves import records
from matricula.sinks.database.writing import write
from matricula.sinks.judging import pointed
from matricula.sinks.opensis.school import School
from matricula.sinks.opensis.settings import OpensisSettings
from matricula.sinks.opensis.shelf import TABLES, OpensisShelf
from matricula.sinks.opensis.tables import SHELVES
from matricula.sinks.protocol import Abilities, SinkSurroundings
from matricula.sources.sql.address import address_of

_ABOVE: Final = {"line-item": "grade-category", "result": "line-item"}
_ABILITIES: Final = Abilities(
    frozenset(KINDS),
    letters=False,
    at_once=500,
    lengths={"grade-category.title": 100, "line-item.title": 100, "final-grade.letter": 5},
    decimals=2,
)


class OpensisSink:
    """A sink that writes openSIS's gradebooks and final grades.

    Args:
        settings: the address.
        surroundings: where it gets the password from.
    """

    Settings = OpensisSettings

    def __init__(self, settings: OpensisSettings, surroundings: SinkSurroundings | None = None) -> None:
        self.settings = settings
        self._surroundings = surroundings or SinkSurroundings()
        self._memory = Memory(settings.keys)
        self._database: Database | None = None
        self._school = School()
        self._shelves: dict[str, OpensisShelf] = {}

    @property
    def abilities(self) -> Abilities:
        """What openSIS's columns hold, and the notes beside them."""
        return _ABILITIES

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._database is not None:
            self._database.close()
        self._database = None
        self._school = School()
        self._shelves = {}

    def read(self, classes: Collection[str]) -> Gradebook:
        """What stands in the gradebooks of sections, whoever entered it.

        Raises:
            SettingError, WaitError, StopError: as `Sink.read` tells.
        """
        frames: dict[str, pl.DataFrame] = {}
        with self._opened().transaction(reading=True) as connection:
            self._look(connection)
            self._memory.look(connection)
            sections = self._school.look(connection, classes)
            for kind, shelf in self._shelves.items():
                stored = shelf.stand(connection, sections)
                rows = records(shelf, stored, shelf.lost(connection, stored))
                frames[kind] = pointed(kind, rows, frames.get(_ABOVE.get(kind, "")), by="id", to="key")
        asked = set(sections)
        known = [
            (f"section-{section}", f"student-{who}") for section, who in self._school.scheduled if section in asked
        ]
        return Gradebook(frames, pl.DataFrame(sorted(known), schema=_KNOWN, orient="row"))

    def write(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Write records of one kind in one transaction.

        Raises:
            SettingError, WaitError, StopError: as `Sink.write` tells.
        """
        database = self._opened()
        self._surroundings.say(f"writing {rows.height} rows")
        # Before the transaction: on MariaDB and MySQL a table that is made would end it.
        with database.transaction() as connection:
            self._look(connection)
            self._memory.make(connection)
            database.refuse_without_transactions(connection, [*TABLES.values(), self.settings.keys])
        with database.transaction() as connection:
            return write(connection, self._shelves[kind], rows, self.abilities)

    def _opened(self) -> Database:
        if self._database is None:
            url = address_of(self.settings.url, "sink")
            url = url.set(password=self._surroundings.secret("password")) if self.settings.secrets() else url
            self._database = Database(url, self.settings.timeout)
        return self._database

    def _look(self, connection: Connection) -> None:
        """See how this version of openSIS has its tables."""
        if self._shelves:
            return
        described = MetaData()
        try:
            tables = {
                kind: Table(name, described, autoload_with=connection, resolve_fks=False)
                for kind, name in TABLES.items()
            }
        except NoSuchTableError as error:
            raise SettingError(
                f"There is no table {error}: this is no database of openSIS, or the account may not read it.",
                where=self._opened().where,
                remedy="Mend the last part of `url`, or grant the rights that docs/sinks/opensis.md names.",
                code="sink-opensis",
            ) from None
        zone = ZoneInfo(self.settings.timezone)
        for each in SHELVES:
            self._shelves[each.kind] = each(tables[each.kind], self._school, self._memory, zone)
        for kind, above in _ABOVE.items():
            self._shelves[kind].above = self._shelves[above]


_KNOWN: Final = {"class": pl.String, "student": pl.String}
