"""One stream of everything that happened: acts of people, moves of plans, runs, and acts on the state itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, literal, or_, select, union_all

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.views import contains

_audited: Final = schema.audited
_move: Final = schema.plan_audit
_plan: Final = schema.plan
_run: Final = schema.run
_act: Final = schema.act


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened.

    Args:
        at: when.
        source: where it is kept: `audit`, `plan`, `run`, `run-end` or `state`.
        id: its number there.
        by: who did it: an account, the machine's user of a command, or what acts by itself.
        address: the network address that it came from; empty where none is known.
        act: what was done, as `plan.approved`.
        subject: what it was done to, as `plan 12`.
        site: the site concerned; empty where none is.
        profile: the profile concerned; empty where none is.
        words: what was said or changed, in words.
    """

    at: datetime
    source: str
    id: int
    by: str
    address: str
    act: str
    subject: str
    site: str
    profile: str
    words: str


class Stream:
    """Queries on everything that happened.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(
        self,
        *,
        text: str = "",
        act: str = "",
        by: str = "",
        profile: str = "",
        sites: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: tuple[datetime, str, int] | None = None,
        limit: int = 100,
    ) -> list[Happened]:
        """What happened, newest first.

        Args:
            text: only what has this in what was done, to what, in its words or in who did it.
            act: only acts that begin with this, as `plan.`.
            by: only acts of this account, user or part of the program.
            profile: only what concerns this profile.
            sites: only what concerns these sites, or none; by default all.
            since: only what happened at or after this moment.
            until: only what happened before this moment.
            before: only what stands behind this entry, by its moment, source and number; to page on.
            limit: at most so many.
        """
        every = union_all(_of_audit(), _of_plans(), _of_runs(), _of_run_ends(), _of_state()).subquery()
        column = every.c
        where: list[ColumnElement[bool]] = []
        if text.strip():
            where.append(contains(text, (column.act, column.subject, column.words, column.by)))
        if act:
            where.append(column.act.startswith(act, autoescape=True))
        if by:
            where.append(column.by == by)
        if profile:
            where.append(column.profile == profile)
        if sites is not None:
            where.append(column.site.in_([*sites, ""]))
        if since is not None:
            where.append(column.at >= since)
        if until is not None:
            where.append(column.at < until)
        if before is not None:
            at, source, number = before
            same = and_(column.at == at, or_(column.source < source, and_(column.source == source, column.id < number)))
            where.append(or_(column.at < at, same))
        order = (column.at.desc(), column.source.desc(), column.id.desc())
        statement = select(every).where(*where).order_by(*order).limit(limit)
        with self._database.reading() as connection:
            return [Happened(**row._asdict()) for row in connection.execute(statement)]


def _of_audit() -> Select[*tuple[Any, ...]]:
    return _entry(
        _audited.c.at, "audit", _audited.c.id, _audited.c.by, _audited.c.address, _audited.c.act, _audited.c.subject,
        _audited.c.site, _audited.c.profile, _audited.c.words,
    )  # fmt: skip


def _of_plans() -> Select[*tuple[Any, ...]]:
    """Moves of plans, but for those that the audit log has with the address that they came from."""
    subject = literal("plan ") + cast(_move.c.plan, String)
    act = literal("plan.") + case((_move.c.before.is_(None), literal("made")), else_=_move.c.after)
    told = exists().where(_audited.c.subject == subject, _audited.c.act == act, _audited.c.by == _move.c.by)
    entry = _entry(
        _move.c.at, "plan", _move.c.id, _move.c.by, literal(""), act, subject, _plan.c.site, _plan.c.profile,
        _move.c.words,
    )  # fmt: skip
    return entry.join(_plan, _plan.c.number == _move.c.plan).where(~told)


def _of_runs() -> Select[*tuple[Any, ...]]:
    words = literal("plan ") + cast(_run.c.plan, String)
    return _entry(
        _run.c.started_at, "run", _run.c.id, _run.c.owner, literal(""), literal("run.began"), _numbered("run "),
        _run.c.site, _run.c.profile, words,
    )  # fmt: skip


def _of_run_ends() -> Select[*tuple[Any, ...]]:
    entry = _entry(
        _run.c.finished_at, "run-end", _run.c.id, _run.c.owner, literal(""), literal("run.ended"), _numbered("run "),
        _run.c.site, _run.c.profile, _run.c.state,
    )  # fmt: skip
    return entry.where(_run.c.finished_at.is_not(None))


def _of_state() -> Select[*tuple[Any, ...]]:
    nothing = literal("")
    return _entry(
        _act.c.at, "state", _act.c.id, _act.c.by, nothing, literal("state.") + _act.c.kind, nothing, nothing, nothing,
        _act.c.counts,
    )  # fmt: skip


def _numbered(word: str) -> ColumnElement[str]:
    return literal(word) + cast(_run.c.id, String)


def _entry(at: Any, source: str, *rest: Any) -> Select[*tuple[Any, ...]]:
    names = ("id", "by", "address", "act", "subject", "site", "profile", "words")
    named = [column.label(name) for name, column in zip(names, rest, strict=True)]
    return select(at.label("at"), literal(source).label("source"), *named)
