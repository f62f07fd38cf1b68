"""Who is signed in at the portal, to go on to a Moodle: sessions by the digest of their cookie, never the cookie."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.portal_session


@dataclass(frozen=True, slots=True)
class PortalSession:
    """Somebody who is signed in at the portal.

    Args:
        digest: of the cookie.
        subject: how they proved who they are, and who they are there.
        person: what was told of them, and the accounts they went on to, by name.
        began_at: when they signed in.
        seen_at: when they were last seen.
        ends_at: when it ends in any case.
        address: the network address it began from.
        agent: the browser.
    """

    digest: str
    subject: str
    person: Mapping[str, Any]
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    address: str
    agent: str


class PortalSessions:
    """Queries on who is signed in at the portal.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, session: PortalSession) -> None:
        """Note that somebody signed in."""
        values: dict[str, Any] = {name: getattr(session, name) for name in PortalSession.__slots__}
        with self._database.writing() as connection:
            connection.execute(insert(_table).values(**values | {"person": _written(session.person)}))

    def find(self, digest: str) -> PortalSession | None:
        """A session by the digest of its cookie, ended by time or not."""
        with self._database.reading() as connection:
            row = connection.execute(select(_table).where(_table.c.digest == digest)).one_or_none()
        return None if row is None else PortalSession(**row._asdict() | {"person": json.loads(row.person)})

    def seen(self, digest: str, at: datetime) -> None:
        """Note that a session was used."""
        with self._database.writing() as connection:
            connection.execute(update(_table).where(_table.c.digest == digest).values(seen_at=at))

    def tell(self, digest: str, person: Mapping[str, Any]) -> None:
        """Keep something else of the person."""
        with self._database.writing() as connection:
            connection.execute(update(_table).where(_table.c.digest == digest).values(person=_written(person)))

    def end(self, digest: str) -> bool:
        """End a session; returns whether there was one."""
        with self._database.writing() as connection:
            return connection.execute(delete(_table).where(_table.c.digest == digest)).rowcount > 0

    def purge(self, before: datetime, idle_since: datetime, *, dry_run: bool = False) -> int:
        """Take out sessions that ended before a moment, or were not used since another.

        Args:
            before: the moment.
            idle_since: the other.
            dry_run: whether they are only counted.

        Returns:
            their number.
        """
        ended = or_(_table.c.ends_at < before, _table.c.seen_at < idle_since)
        if dry_run:
            with self._database.reading() as connection:
                return connection.execute(select(func.count()).select_from(_table).where(ended)).scalar_one()
        with self._database.writing() as connection:
            return connection.execute(delete(_table).where(ended)).rowcount


def forget_at_portal(connection: Connection, texts: Iterable[str], *, keep: bool) -> int:
    """End the sessions of somebody who is forgotten.

    Args:
        connection: the transaction.
        texts: what they are called; user name, address or number must be among it as a whole.
        keep: whether they are only counted.

    Returns:
        the number of sessions.
    """
    wanted = {text.strip().casefold() for text in texts}
    rows = connection.execute(select(_table.c.digest, _table.c.person)).all()
    theirs = [row.digest for row in rows if wanted & _called(json.loads(row.person))]
    if theirs and not keep:
        connection.execute(delete(_table).where(_table.c.digest.in_(theirs)))
    return len(theirs)


def _called(person: Mapping[str, Any]) -> set[str]:
    told = (person.get(name) for name in ("username", "email", "idnumber"))
    return {each.casefold() for each in told if isinstance(each, str) and each}


def _written(person: Mapping[str, Any]) -> str:
    return json.dumps(dict(person), ensure_ascii=False)
