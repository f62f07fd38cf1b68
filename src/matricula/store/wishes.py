"""Wishes: people, classes and courses that somebody said have changed, and the requests that said so."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, or_, select, update

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.wish
_received: Final = schema.received
_AT_WORK: Final = ("waiting", "working")


@dataclass(frozen=True, slots=True)
class Received:
    """A request of another system that was taken.

    Args:
        digest: of its body.
        job: the job that serves it; None while it is being taken.
    """

    digest: str
    job: int | None


class Wishes:
    """Queries on wishes.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, profile: str, whom: list[str], by: str, at: datetime) -> None:
        """Keep wishes, one for each that has changed."""
        rows = [{"profile": profile, "whom": each, "asked_by": by, "asked_at": at} for each in whom]
        if rows:
            with self._database.writing() as connection:
                connection.execute(insert(_table), rows)

    def take(self, profile: str, job: int) -> list[str]:
        """Make a job serve every wish of its profile that no other job serves.

        Those of a job that failed or was cancelled go with them, and a job that was cut off takes its own again.

        Returns:
            who and what has changed, each once, in the order in which it was said.
        """
        at_work = select(schema.job.c.id).where(schema.job.c.state.in_(_AT_WORK), schema.job.c.id != job)
        free = or_(_table.c.job.is_(None), _table.c.job.not_in(at_work))
        with self._database.writing() as connection:
            connection.execute(update(_table).where(_table.c.profile == profile, free).values(job=job))
            statement = select(_table.c.whom).where(_table.c.profile == profile, _table.c.job == job)
            return list(dict.fromkeys(connection.execute(statement.order_by(_table.c.id)).scalars()))

    def served(self, job: int) -> int:
        """Strike out the wishes that a job has served; returns how many."""
        with self._database.writing() as connection:
            return connection.execute(delete(_table).where(_table.c.job == job)).rowcount

    def waiting(self) -> dict[str, int]:
        """How many wishes no job has taken yet, by profile."""
        statement = select(_table.c.profile, func.count()).where(_table.c.job.is_(None)).group_by(_table.c.profile)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}

    def receive(self, hook: str, number: str, digest: str, at: datetime) -> Received | None:
        """Note the id of a request.

        Args:
            hook: who sent it.
            number: the id that it carries.
            digest: of its body.
            at: now.

        Returns:
            the request that carried this id before; None where there was none.
        """
        here = (_received.c.hook == hook, _received.c.id == number)
        noting = (
            self._database.insert(_received)
            .values(hook=hook, id=number, digest=digest, at=at)
            .on_conflict_do_nothing()
            .returning(_received.c.id)
        )
        with self._database.writing() as connection:
            if connection.execute(noting).first() is not None:
                return None
            row = connection.execute(select(_received.c.digest, _received.c.job).where(*here)).one()
            return Received(row.digest, row.job)

    def answered(self, hook: str, number: str, job: int | None) -> None:
        """Note which job serves a request; with None it may be sent again."""
        here = (_received.c.hook == hook, _received.c.id == number)
        with self._database.writing() as connection:
            if job is None:
                connection.execute(delete(_received).where(*here))
            else:
                connection.execute(update(_received).where(*here).values(job=job))
