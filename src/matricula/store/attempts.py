"""Attempts that are limited in number, by what they are counted for; every process counts the same."""

import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.attempt


class Attempts:
    """Queries on attempts.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def counting(self, counted: Collection[str]) -> Iterator[None]:
        """A transaction in which nobody else counts for the same."""
        with self._database.writing() as connection:
            if not self._database.is_sqlite:  # SQLite has one writer anyway
                for number in sorted(zlib.crc32(each.encode()) for each in counted):
                    connection.execute(select(func.pg_advisory_xact_lock(number)))
            yield

    def moments(self, counted: str, since: datetime) -> tuple[int, datetime | None]:
        """How many attempts there were since a moment, and when the last was."""
        statement = select(func.count(), func.max(_table.c.at)).where(_table.c.counted == counted, _table.c.at >= since)
        with self._database.reading() as connection:
            number, last = connection.execute(statement).one()
        return int(number), last

    def add(self, counted: Collection[str], at: datetime) -> None:
        """Count an attempt."""
        with self._database.writing() as connection:
            connection.execute(insert(_table), [{"counted": each, "at": at} for each in counted])

    def remove(self, counted: str, at: datetime | None = None) -> None:
        """Take attempts back: all that are counted so, or those of one moment."""
        with self._database.writing() as connection:
            here = _table.c.counted == counted
            connection.execute(delete(_table).where(here if at is None else here & (_table.c.at == at)))

    def clear(self, before: datetime, *, but: str) -> None:
        """Take out what was before a moment.

        Args:
            before: the moment.
            but: what is counted for something that begins so stays.
        """
        with self._database.writing() as connection:
            old = (_table.c.at < before) & ~_table.c.counted.startswith(but, autoescape=True)
            connection.execute(delete(_table).where(old))

    def clear_of(self, beginning: str, before: datetime) -> None:
        """Take out what was before a moment and is counted for something that begins so."""
        with self._database.writing() as connection:
            old = (_table.c.at < before) & _table.c.counted.startswith(beginning, autoescape=True)
            connection.execute(delete(_table).where(old))
