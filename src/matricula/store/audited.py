"""Who did what, when, from where: the audit log of everything that a person or a token asked for."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import insert, or_, select

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.audited


@dataclass(frozen=True, slots=True)
class Audited:
    """One act of a person.

    Args:
        id: counts from 1.
        at: when.
        by: the account's name, or the machine's user of a command.
        address: the network address it came from; empty for what the program does by itself.
        act: what was done, as `plan.approved` or `signed-in`.
        subject: what it was done to, as `plan 12`.
        site: the site concerned; empty where none is.
        profile: the profile concerned; empty where none is.
        words: what was typed or changed, in words.
    """

    id: int
    at: datetime
    by: str
    address: str
    act: str
    subject: str
    site: str
    profile: str
    words: str


class Audit:
    """Queries on the audit log.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self,
        act: str,
        *,
        by: str,
        address: str = "",
        subject: str = "",
        site: str = "",
        profile: str = "",
        words: str = "",
    ) -> None:
        """Note an act, with the parts of `Audited`."""
        values = {"at": datetime.now(UTC), "by": by, "address": address, "act": act, "subject": subject}
        with self._database.writing() as connection:
            connection.execute(insert(_table).values(**values, site=site, profile=profile, words=words))

    def find(
        self,
        *,
        contains: str = "",
        act: str = "",
        by: str = "",
        sites: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        below: int | None = None,
        limit: int | None = 100,
    ) -> list[Audited]:
        """Acts, newest first.

        Args:
            contains: text within the act, its subject, its words or the name of who did it, in whatever case.
            act: only acts that begin with this, as `plan.`.
            by: only acts of this account.
            sites: only acts on these sites, or on none; by default on all.
            since: only acts at or after this moment.
            until: only acts before this moment.
            below: only acts with a smaller id, to page on.
            limit: at most so many; None for all.
        """
        statement = select(_table).order_by(_table.c.id.desc()).limit(limit)
        if contains:
            columns = (_table.c.act, _table.c.subject, _table.c.words, _table.c.by, _table.c.profile)
            wanted = [column.icontains(contains, autoescape=True) for column in columns]
            statement = statement.where(or_(*wanted))
        if act:
            statement = statement.where(_table.c.act.startswith(act, autoescape=True))
        if by:
            statement = statement.where(_table.c.by == by)
        if sites is not None:
            statement = statement.where(_table.c.site.in_([*sites, ""]))
        if since is not None:
            statement = statement.where(_table.c.at >= since)
        if until is not None:
            statement = statement.where(_table.c.at < until)
        if below is not None:
            statement = statement.where(_table.c.id < below)
        with self._database.reading() as connection:
            return [Audited(**row._asdict()) for row in connection.execute(statement)]
