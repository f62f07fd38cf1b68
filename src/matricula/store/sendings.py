"""Messages on their way out: claimed by one process at a time, tried again until they go or are given up."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, select, update

from matricula.store import schema
from matricula.store.database import Database

LEASE: Final = timedelta(minutes=10)
"""So long a message belongs to the process that claimed it; should that die, another one sends it afterwards."""

_table: Final = schema.sending


@dataclass(frozen=True, slots=True)
class Sending:
    """A message to one recipient.

    Args:
        id: counts from 1.
        once: names what is told to whom; there is one message of it.
        notice: the notice that it tells of; None for a digest.
        channel: `mail`, `invitation` (a mail, too) or `hook`.
        target: the e-mail address, or the name of the webhook.
        body: what is sent, as JSON.
        state: `waiting`, `sent`, `given-up`, or `skipped` when there was nothing to tell any more.
        asked_at: when it was to be sent.
        attempts: how often it was tried.
        next_at: when it is tried next.
        sent_at: when it went.
        error: why it did not, the last time.
    """

    id: int
    once: str
    notice: int | None
    channel: str
    target: str
    body: str
    state: str
    asked_at: datetime
    attempts: int
    next_at: datetime
    sent_at: datetime | None
    error: str


class Sendings:
    """Queries on messages.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        once: str,
        channel: str,
        target: str,
        body: str,
        at: datetime,
        *,
        notice: int | None = None,
        state: str = "waiting",
    ) -> bool:
        """Have a message sent, unless it was asked for before.

        Args:
            once: names what is told to whom.
            channel: `mail` or `hook`.
            target: the e-mail address, or the name of the webhook.
            body: what is sent, as JSON.
            at: now.
            notice: the notice that it tells of.
            state: `skipped` where there is nothing to tell and nobody is to ask again.

        Returns:
            whether it is new.
        """
        statement = (
            self._database.insert(_table)
            .values(
                once=once,
                notice=notice,
                channel=channel,
                target=target,
                body=body,
                state=state,
                asked_at=at,
                attempts=0,
                next_at=at,
                error="",
            )
            .on_conflict_do_nothing(index_elements=["once"])
            .returning(_table.c.id)
        )
        with self._database.writing() as connection:
            return connection.execute(statement).first() is not None

    def known(self, once: str) -> bool:
        """Whether a message was asked for before."""
        with self._database.reading() as connection:
            return connection.execute(select(_table.c.id).where(_table.c.once == once)).first() is not None

    def claim(self, at: datetime) -> Sending | None:
        """Take the message that has been due the longest; nobody else gets it for as long as `LEASE`.

        Args:
            at: now.

        Returns:
            the message, its attempt counted; None where none is due.
        """
        due = (
            select(_table.c.id)
            .where(_table.c.state == "waiting", _table.c.next_at <= at)
            .order_by(_table.c.next_at, _table.c.id)
            .limit(1)
        )
        with self._database.reading() as connection:  # nearly always none is due, and nobody is to wait
            if connection.execute(due).first() is None:
                return None
        with self._database.writing() as connection:
            number = connection.execute(due.with_for_update(skip_locked=True)).scalar_one_or_none()
            if number is None:
                return None
            claimed = (
                update(_table)
                .where(_table.c.id == number)
                .values(attempts=_table.c.attempts + 1, next_at=at + LEASE)
                .returning(*_table.c)
            )
            return Sending(**connection.execute(claimed).one()._asdict())

    def sent(self, number: int, at: datetime) -> None:
        """Note that a message went."""
        self._set(number, state="sent", sent_at=at, error="")

    def failed(self, number: int, error: str, next_at: datetime | None) -> None:
        """Note that a message did not go.

        Args:
            number: the message.
            error: why, in words.
            next_at: when it is tried again; None where it is given up.
        """
        again = {"state": "given-up"} if next_at is None else {"next_at": next_at}
        self._set(number, error=error, **again)

    def all(self, *, state: str = "", notice: int | None = None, limit: int | None = 100) -> list[Sending]:
        """Messages, newest first.

        Args:
            state: only in this state.
            notice: only of this notice.
            limit: at most so many; None for all.
        """
        statement: Select[*tuple[Any, ...]] = select(_table).order_by(_table.c.id.desc()).limit(limit)
        if state:
            statement = statement.where(_table.c.state == state)
        if notice is not None:
            statement = statement.where(_table.c.notice == notice)
        with self._database.reading() as connection:
            return [Sending(**row._asdict()) for row in connection.execute(statement)]

    def _set(self, number: int, **values: Any) -> None:
        with self._database.writing() as connection:
            connection.execute(update(_table).where(_table.c.id == number).values(**values))
