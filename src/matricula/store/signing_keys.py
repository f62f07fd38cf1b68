"""Keys with which the OpenID provider signs: ciphertext, one in force, and those that are published yet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, insert, select, update

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.signing_key


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key that signs, or did.

    Args:
        id: its `kid` in tokens and in the list of public keys.
        secret: the private key as JSON (RFC 7517), encrypted.
        made_at: when it was made.
        ended_at: when another one took its place; None for the one in force.
    """

    id: str
    secret: bytes
    made_at: datetime
    ended_at: datetime | None


class SigningKeys:
    """Queries on keys that sign.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[SigningKey]:
        """Keys, that in force first, then the one that ended last."""
        newest = (_table.c.ended_at.is_not(None), _table.c.ended_at.desc(), _table.c.made_at.desc())
        with self._database.reading() as connection:
            return [SigningKey(*row) for row in connection.execute(select(_table).order_by(*newest))]

    def current(self) -> SigningKey | None:
        """The key in force; None where there is none yet."""
        return next((each for each in self.all() if each.ended_at is None), None)

    def begin(self, make: Callable[[], tuple[str, bytes]], at: datetime, *, anew: bool) -> SigningKey:
        """Put a key in force; of several who ask at once for the first one all get the same.

        Args:
            make: makes a key; gives its id and its ciphertext.
            at: now; the one in force until then ends.
            anew: whether a key is wanted also where there is one.
        """
        with self._database.writing() as connection:
            there = self.current()
            if there is not None and not anew:
                return there
            key, secret = make()
            connection.execute(update(_table).where(_table.c.ended_at.is_(None)).values(ended_at=at))
            connection.execute(insert(_table).values(id=key, secret=secret, made_at=at))
            return SigningKey(key, secret, at, None)

    def purge(self, before: datetime, *, dry_run: bool = False) -> int:
        """Take out keys that ended before a moment.

        Args:
            before: the moment.
            dry_run: whether they are only counted.

        Returns:
            their number.
        """
        old = _table.c.ended_at < before
        if dry_run:
            with self._database.reading() as connection:
                return connection.execute(select(func.count()).select_from(_table).where(old)).scalar_one()
        with self._database.writing() as connection:
            return connection.execute(delete(_table).where(old)).rowcount
