"""Notices: what people are told, one for one cause, however often that is seen, until it is over."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Table, and_, delete, func, or_, select, text, update

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.notice
_OPEN: Final = "open"


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that people are told of.

    Args:
        cause: names it for good, as `held-plan:default`: there is one open notice of it.
        kind: `held-plan`, `failed-run`, `new-problems`, `grade-conflicts`, `token-expires` or `tool-wrong`.
        site: the site concerned.
        profile: the profile concerned; empty where it is the site as a whole.
        subject: one line.
        body: the rest, lines of plain text; names of people have no place in it.
        link: the page of the console that says more, as `/plans/12`.
        mark: what was seen, as `plan 12`: the same once more is not counted.
    """

    cause: str
    kind: str
    site: str
    profile: str
    subject: str
    body: str
    link: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What people are told of one cause: the parts of `Cause`, and how often it was seen.

    Args:
        id: counts from 1.
        cause: as in `Cause`.
        mark: what was seen last.
        kind: as in `Cause`.
        site: as in `Cause`.
        profile: as in `Cause`.
        subject: as it was seen last.
        body: as it was seen last.
        link: as it was seen last.
        state: `open`, or `over` when the cause has gone.
        times: how often it was seen.
        first_at: when it was seen first.
        last_at: when it was seen last; of one that is over, when it went.
    """

    id: int
    cause: str
    mark: str
    kind: str
    site: str
    profile: str
    subject: str
    body: str
    link: str
    state: str
    times: int
    first_at: datetime
    last_at: datetime


class Notices:
    """Queries on notices.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def see(self, cause: Cause, at: datetime) -> Notice | None:
        """Open a notice, or count the cause once more where one is open.

        Args:
            cause: what was seen; with the mark of a notice of it that is over, it has been told of.
            at: when.

        Returns:
            the notice, where it is new.
        """
        told = {name: getattr(cause, name) for name in ("kind", "site", "profile", "subject", "body", "link", "mark")}
        opening = (
            self._database.insert(_table)
            .values(cause=cause.cause, state=_OPEN, times=1, first_at=at, last_at=at, **told)
            .on_conflict_do_nothing(index_elements=["cause"], index_where=text("state = 'open'"))
            .returning(_table.c.id)
        )
        here = and_(_table.c.cause == cause.cause, _table.c.state == _OPEN)
        again = update(_table).where(here, _table.c.mark != cause.mark)
        with self._database.writing() as connection:
            if self.told(cause):
                return None
            if connection.execute(opening).first() is None:
                connection.execute(again.values(times=_table.c.times + 1, last_at=at, **told))
                return None
            return Notice(**connection.execute(select(_table).where(here)).one()._asdict())

    def told(self, cause: Cause) -> bool:
        """Whether there is a notice of a cause, open or over, with just this mark."""
        same = select(_table.c.id).where(_table.c.cause == cause.cause, _table.c.mark == cause.mark)
        with self._database.reading() as connection:
            return connection.execute(same).first() is not None

    def over(self, cause: str, at: datetime) -> bool:
        """Close the open notice of a cause; messages of it that wait still are not sent any more.

        Returns:
            whether there was one.
        """
        here = and_(_table.c.cause == cause, _table.c.state == _OPEN)
        sending = schema.sending
        with self._database.writing() as connection:
            closed = connection.execute(
                update(_table).where(here).values(state="over", last_at=at).returning(_table.c.id)
            ).scalar_one_or_none()
            if closed is not None:
                waiting = and_(sending.c.notice == closed, sending.c.state == "waiting")
                connection.execute(update(sending).where(waiting).values(state="skipped"))
        return closed is not None

    def get(self, number: int) -> Notice | None:
        """A notice by its number."""
        found = self._many(select(_table).where(_table.c.id == number))
        return found[0] if found else None

    def open(self, *, kind: str = "", profile: str = "", sites: Collection[str] | None = None) -> list[Notice]:
        """Open notices, newest first.

        Args:
            kind: only of this kind.
            profile: only of this profile.
            sites: only of these sites; by default of all.
        """
        return self._many(_chosen(kind, profile, sites).where(_table.c.state == _OPEN))

    def past(
        self,
        *,
        kind: str = "",
        profile: str = "",
        sites: Collection[str] | None = None,
        below: int | None = None,
        limit: int | None = 100,
    ) -> list[Notice]:
        """Notices that are over, newest first.

        Args:
            kind: only of this kind.
            profile: only of this profile.
            sites: only of these sites; by default of all.
            below: only with a smaller number, to page on.
            limit: at most so many; None for all.
        """
        statement = _chosen(kind, profile, sites).where(_table.c.state == "over").limit(limit)
        return self._many(statement if below is None else statement.where(_table.c.id < below))

    def told_marks(self, kind: str) -> dict[str, str]:
        """The mark of the newest notice of a kind, open or over, by profile."""
        newest = select(func.max(_table.c.id)).where(_table.c.kind == kind).group_by(_table.c.profile)
        statement = select(_table.c.profile, _table.c.mark).where(_table.c.id.in_(newest))
        with self._database.reading() as connection:
            return {row.profile: row.mark for row in connection.execute(statement)}

    def purge(self, before: datetime, *, dry_run: bool = False) -> dict[str, int]:
        """Remove what has been over for long, with its messages; the newest of each kind and profile stays.

        Args:
            before: what ended before this moment goes.
            dry_run: whether it is only counted.

        Returns:
            the number of rows by table.
        """
        newest = select(func.max(_table.c.id)).group_by(_table.c.kind, _table.c.profile)
        old = and_(_table.c.state == "over", _table.c.last_at < before, _table.c.id.not_in(newest))
        sending, received, wish = schema.sending, schema.received, schema.wish
        ended = and_(sending.c.notice.is_(None), sending.c.state != "waiting", sending.c.asked_at < before)
        going: tuple[tuple[Table, ColumnElement[bool]], ...] = (
            (sending, or_(sending.c.notice.in_(select(_table.c.id).where(old)), ended)),
            (_table, old),
            (received, received.c.at < before),
            (wish, wish.c.asked_at < before),
        )
        counts: dict[str, int] = {}
        with self._database.writing() as connection:
            for table, where in going:
                counted = select(func.count()).select_from(table).where(where)
                counts[table.name] = (
                    connection.execute(counted).scalar_one()
                    if dry_run
                    else connection.execute(delete(table).where(where)).rowcount
                )
        return {name: number for name, number in counts.items() if number}

    def _many(self, statement: Select[*tuple[Any, ...]]) -> list[Notice]:
        with self._database.reading() as connection:
            return [Notice(**row._asdict()) for row in connection.execute(statement)]


def _chosen(kind: str, profile: str, sites: Collection[str] | None) -> Select[*tuple[Any, ...]]:
    statement = select(_table).order_by(_table.c.id.desc())
    if kind:
        statement = statement.where(_table.c.kind == kind)
    if profile:
        statement = statement.where(_table.c.profile == profile)
    return statement if sites is None else statement.where(_table.c.site.in_(list(sites)))
