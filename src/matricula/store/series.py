"""What can be drawn over time: how much was delivered, and what runs did and how long they took."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select

from matricula.store import schema
from matricula.store.database import Database

NEWEST: Final = 400
"""So many points at most are drawn of one profile; older ones are left out."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How much a delivery held.

    Args:
        at: when it was read.
        counts: rows by table.
    """

    at: datetime
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that has ended.

    Args:
        id: the run.
        at: when it began.
        seconds: how long it took.
        outcomes: changes by what became of them.
    """

    id: int
    at: datetime
    seconds: float
    outcomes: dict[str, int]


class Series:
    """Queries on what can be drawn over time.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def deliveries(self, profile: str, limit: int = NEWEST) -> list[Counted]:
        """The newest deliveries of a profile that went through, oldest first."""
        table = schema.delivery
        statement = (
            select(table.c.at, table.c.counts)
            .where(table.c.profile == profile)
            .order_by(table.c.at.desc(), table.c.id.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return [Counted(at, json.loads(counts)) for at, counts in reversed(rows)]

    def runs(self, profile: str, limit: int = NEWEST) -> list[Ran]:
        """The newest runs of a profile that have ended, oldest first."""
        table = schema.run
        statement = (
            select(table.c.id, table.c.started_at, table.c.finished_at, table.c.summary)
            .where(table.c.profile == profile, table.c.finished_at.is_not(None))
            .order_by(table.c.id.desc())
            .limit(limit)
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return [
            Ran(number, began, (ended - began).total_seconds(), json.loads(summary))
            for number, began, ended, summary in reversed(rows)
            if ended is not None
        ]
