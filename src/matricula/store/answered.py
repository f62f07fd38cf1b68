"""Answers of the API to requests with an idempotency key."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update

from matricula.store import schema
from matricula.store.database import Database

KEPT_FOR: Final = timedelta(hours=24)
GIVEN_UP_AFTER: Final = timedelta(minutes=5)
"""A request without an answer for so long was cut off."""

_table: Final = schema.answered


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered.

    Args:
        who: who sent it.
        key: its idempotency key.
        digest: SHA-256 of the request.
        status: the HTTP status; None while it is being carried out.
        body: what was answered.
        at: when it came.
    """

    who: str
    key: str
    digest: str
    status: int | None
    body: str | None
    at: datetime


class Answered:
    """Queries on answers.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, who: str, key: str, digest: str, now: datetime) -> Answer | None:
        """Note that a request is being carried out.

        Args:
            who: who sent it.
            key: its idempotency key.
            digest: SHA-256 of the request.
            now: the moment.

        Returns:
            what is known of an earlier one with this key; None where this is the first.
        """
        mine = (_table.c.who == who) & (_table.c.key == key)
        with self._database.writing() as connection:
            cut_off = _table.c.status.is_(None) & (_table.c.at < now - GIVEN_UP_AFTER)
            connection.execute(delete(_table).where((_table.c.at < now - KEPT_FOR) | cut_off))
            earlier = connection.execute(select(_table).where(mine)).one_or_none()
            if earlier is not None:
                return Answer(**earlier._asdict())
            connection.execute(insert(_table).values(who=who, key=key, digest=digest, at=now))
        return None

    def keep(self, who: str, key: str, status: int, body: str) -> None:
        """Keep an answer."""
        with self._database.writing() as connection:
            mine = (_table.c.who == who) & (_table.c.key == key)
            connection.execute(update(_table).where(mine).values(status=status, body=body))

    def forget(self, who: str, key: str) -> None:
        """Forget a request that was not carried out."""
        with self._database.writing() as connection:
            connection.execute(delete(_table).where(_table.c.who == who, _table.c.key == key))
