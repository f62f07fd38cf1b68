"""Tokens of the API, and what is good once: digests, never what people hold in their hands."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import delete, insert, select, update

from matricula.store import schema
from matricula.store.accounts import Granted
from matricula.store.database import Database

_token: Final = schema.api_token
_once: Final = schema.one_time

Purpose = Literal["password", "sign-on"]


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of the API.

    Args:
        id: its number.
        name: what it is called.
        account: whose it is.
        roles: the most that it may do; what its account may not, it may not either.
        created_at: when it was made.
        ends_at: when it ends; None for never.
        used_at: when it was last used, to the minute.
        revoked_at: when it was revoked.
    """

    id: int
    name: str
    account: int
    roles: tuple[Granted, ...]
    created_at: datetime
    ends_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None

    def good(self, now: datetime) -> bool:
        """Whether it can be used at a moment."""
        return self.revoked_at is None and (self.ends_at is None or now < self.ends_at)


class ApiTokens:
    """Queries on tokens.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, account: int, name: str, digest: str, roles: Iterable[Granted], at: datetime, ends_at: datetime | None
    ) -> int:
        """Keep a token; returns its number."""
        told = json.dumps([[each.role, each.site] for each in roles])
        values = {"account": account, "name": name, "digest": digest, "roles": told, "created_at": at}
        with self._database.writing() as connection:
            statement = insert(_token).values(**values, ends_at=ends_at).returning(_token.c.id)
            return int(connection.execute(statement).scalar_one())

    def by_digest(self, digest: str) -> ApiToken | None:
        """A token by its digest, ended or not."""
        return next(iter(self._tokens(_token.c.digest == digest)), None)

    def get(self, number: int) -> ApiToken | None:
        """A token by its number."""
        return next(iter(self._tokens(_token.c.id == number)), None)

    def of(self, account: int) -> list[ApiToken]:
        """Tokens of an account, newest first, ended and revoked ones among them."""
        return self._tokens(_token.c.account == account)

    def used(self, number: int, at: datetime) -> None:
        """Note that a token was used."""
        with self._database.writing(lasting=False) as connection:
            connection.execute(update(_token).where(_token.c.id == number).values(used_at=at))

    def revoke(self, number: int, at: datetime) -> bool:
        """Let a token be good no more; returns false where that was so already."""
        here = (_token.c.id == number) & _token.c.revoked_at.is_(None)
        with self._database.writing() as connection:
            return connection.execute(update(_token).where(here).values(revoked_at=at)).rowcount > 0

    def _tokens(self, wanted: Any) -> list[ApiToken]:
        columns = [column for column in _token.c if column.name != "digest"]
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).where(wanted).order_by(_token.c.id.desc())).all()
        return [
            ApiToken(**row._asdict() | {"roles": tuple(Granted(*each) for each in json.loads(row.roles))})
            for row in rows
        ]


@dataclass(frozen=True, slots=True)
class OneTime:
    """Something that is good once.

    Args:
        account: the account concerned; None where none is yet.
        words: what is to be remembered with it.
        ends_at: when it is good no more.
    """

    account: int | None
    words: str
    ends_at: datetime


class OneTimes:
    """Queries on what is good once.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, digest: str, purpose: Purpose, ends_at: datetime, *, account: int | None, words: str = "") -> None:
        """Keep a code's digest; an account has at most one of each purpose."""
        values = {"digest": digest, "purpose": purpose, "account": account, "words": words, "ends_at": ends_at}
        with self._database.writing() as connection:
            if account is not None:
                connection.execute(delete(_once).where(_once.c.account == account, _once.c.purpose == purpose))
            connection.execute(insert(_once).values(**values))

    def look(self, digest: str, purpose: Purpose) -> OneTime | None:
        """What is kept under a digest, which stays good."""
        columns = (_once.c.account, _once.c.words, _once.c.ends_at)
        statement = select(*columns).where(_once.c.digest == digest, _once.c.purpose == purpose)
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else OneTime(*row)

    def take(self, digest: str, purpose: Purpose) -> OneTime | None:
        """What is kept under a digest, which is good no more; of several who ask at once one gets it."""
        columns = (_once.c.account, _once.c.words, _once.c.ends_at)
        statement = delete(_once).where(_once.c.digest == digest, _once.c.purpose == purpose).returning(*columns)
        with self._database.writing() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else OneTime(*row)

    def remove_of(self, account: int) -> None:
        """Let everything be good no more that concerns an account."""
        with self._database.writing() as connection:
            connection.execute(delete(_once).where(_once.c.account == account))

    def clear(self, before: datetime) -> None:
        """Take out what ended before a moment."""
        with self._database.writing() as connection:
            connection.execute(delete(_once).where(_once.c.ends_at < before))
