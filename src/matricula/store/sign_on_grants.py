"""What the OpenID provider has given out: codes, good once, and tokens. Digests, never what was given."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, delete, func, insert, select, update

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.sign_on_grant

_TELLING: Final = ("preferred_username", "email", "idnumber", "sourced_id", "name")
"""Claims that tell a person by themselves."""

Purpose = Literal["code", "token"]


@dataclass(frozen=True, slots=True)
class SignOnGrant:
    """Something that the provider gave to a client for a person.

    Args:
        digest: of what was given.
        purpose: `code` or `token`.
        client: the client's id.
        person: who it is about (`Person.subject`).
        request: what was asked for, and what may be told of the person.
        ends_at: when it is good no more.
        used_at: when a code was used; None where it was not.
    """

    digest: str
    purpose: str
    client: str
    person: str
    request: Mapping[str, Any]
    ends_at: datetime
    used_at: datetime | None = None


class SignOnGrants:
    """Queries on what was given out.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, grant: SignOnGrant) -> None:
        """Note that something was given."""
        row = {name: getattr(grant, name) for name in SignOnGrant.__slots__}
        with self._database.writing() as connection:
            connection.execute(insert(_table).values(row | {"request": json.dumps(dict(grant.request))}))

    def find(self, digest: str, purpose: Purpose) -> SignOnGrant | None:
        """What was given, by its digest, whether it is good or not."""
        statement = select(_table).where(_table.c.digest == digest, _table.c.purpose == purpose)
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else SignOnGrant(**row._asdict() | {"request": json.loads(row.request)})

    def use(self, digest: str, at: datetime) -> bool:
        """Use a code; of several who do so at once one is told that it did."""
        unused = (_table.c.digest == digest) & (_table.c.purpose == "code") & _table.c.used_at.is_(None)
        with self._database.writing() as connection:
            return connection.execute(update(_table).where(unused).values(used_at=at)).rowcount > 0

    def keep_made_of(self, code: SignOnGrant, grant: SignOnGrant) -> bool:
        """Note that something was given for a code, unless the code has been ended; returns whether it was."""
        with self._database.writing() as connection:
            # Whoever ends the code waits for this, and so finds what was made of it.
            there = select(_table.c.digest).where(_table.c.digest == code.digest).with_for_update()
            if connection.execute(there).first() is None:
                return False
            self.keep(grant)
            return True

    def end_made_of(self, code: SignOnGrant) -> int:
        """End a code that somebody else has, too, and the tokens that were made of it; returns their number."""
        theirs = (_table.c.purpose == "token") & (_table.c.client == code.client) & (_table.c.person == code.person)
        with self._database.writing() as connection:
            connection.execute(delete(_table).where(_table.c.digest == code.digest))
            rows = connection.execute(select(_table.c.digest, _table.c.request).where(theirs)).all()
            made = [row.digest for row in rows if json.loads(row.request).get("code") == code.digest]
            return connection.execute(delete(_table).where(_table.c.digest.in_(made))).rowcount

    def end(self, *, client: str = "", person: str = "") -> int:
        """End everything that a client was given, or that is about a person; returns how much it was."""
        wanted = _table.c.client == client if client else _table.c.person == person
        with self._database.writing() as connection:
            return connection.execute(delete(_table).where(wanted)).rowcount

    def purge(self, before: datetime, *, dry_run: bool = False) -> int:
        """Take out what ended before a moment.

        Args:
            before: the moment.
            dry_run: whether it is only counted.

        Returns:
            the number of rows.
        """
        old = _table.c.ends_at < before
        if dry_run:
            with self._database.reading() as connection:
                return connection.execute(select(func.count()).select_from(_table).where(old)).scalar_one()
        with self._database.writing() as connection:
            return connection.execute(delete(_table).where(old)).rowcount


def forget_given(connection: Connection, texts: Iterable[str], *, keep: bool) -> int:
    """End what was given for somebody who is forgotten.

    Args:
        connection: the transaction.
        texts: what they are called; something that was told of them must be among it as a whole.
        keep: whether it is only counted.

    Returns:
        the number of rows.
    """
    wanted = {text.strip().casefold() for text in texts}
    rows = connection.execute(select(_table.c.digest, _table.c.request)).all()
    theirs = [row.digest for row in rows if wanted & _told(json.loads(row.request))]
    if theirs and not keep:
        connection.execute(delete(_table).where(_table.c.digest.in_(theirs)))
    return len(theirs)


def _told(request: Mapping[str, Any]) -> set[str]:
    claims = request.get("claims", {})
    return {claims[name].casefold() for name in _TELLING if claims.get(name)}
