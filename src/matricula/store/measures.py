"""Counts and moments of the whole state, for those who watch it; a handful of queries however large it is."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Column, Connection, Row, Select, Table, false, func, or_, select

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.migrating import is_current

_WRITE: Final = ("run", "apply")
_NEWEST: Final = 200


@dataclass(frozen=True, slots=True)
class Figures:
    """The state at one moment, in numbers.

    Args:
        at: that moment.
        jobs: number of jobs by kind and state.
        due: how many jobs could begin.
        oldest_due: since when the oldest of them could.
        held: plans that wait for a person, by profile.
        problems: open problems by profile.
        identities: people of whom somebody has to say which account is theirs, by profile.
        drift: edited fields that nobody has looked at, by profile.
        successes: when each profile last ended as it should: written, or nothing to do.
        deliveries: when the last delivery was read that went through, by profile.
        sites: whether each site served when it was last asked for something.
        workers: when each worker was last heard of.
        unsent: messages that wait to be sent.
        backed_up: when the last backup was made.
    """

    at: datetime
    jobs: dict[tuple[str, str], int]
    due: int
    oldest_due: datetime | None
    held: dict[str, int]
    problems: dict[str, int]
    identities: dict[str, int]
    drift: dict[str, int]
    successes: dict[str, datetime]
    deliveries: dict[str, datetime]
    sites: dict[str, bool]
    workers: dict[str, datetime]
    unsent: int
    backed_up: datetime | None


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run that has ended.

    Args:
        profile: its profile.
        state: how it ended.
        seconds: how long it took.
        outcomes: number of changes by what became of them.
    """

    profile: str
    state: str
    seconds: float
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to where runs have been counted.

    Args:
        last: the newest run seen.
        open: those seen that had not ended.
    """

    last: int
    open: frozenset[int]


class Measuring:
    """Queries for figures.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_current(self) -> bool:
        """Whether the database answers with the tables that this version knows."""
        return is_current(self._database)

    def waited(self) -> timedelta:
        """How long the oldest of the jobs has waited that could begin."""
        with self._database.reading() as connection:
            now = self._database.now(connection)
            oldest = _due(connection, now)[1]
        return now - oldest if oldest else timedelta()

    def figures(self, unserved: Collection[str]) -> Figures:
        """The state in numbers.

        Args:
            unserved: codes of errors that say of a site that it did not serve.
        """
        with self._database.reading() as connection:
            now = self._database.now(connection)
            due, oldest = _due(connection, now)
            sending, act = schema.sending, schema.act
            deliveries = _newest_deliveries(connection)
            backed_up = select(act.c.at).where(act.c.kind == "backup").order_by(act.c.at.desc()).limit(1)
            unsent = select(func.count()).where(sending.c.state == "waiting")
            workers = select(schema.worker.c.name, schema.worker.c.alive_at)
            return Figures(
                at=now,
                jobs=_jobs(connection),
                due=due,
                oldest_due=oldest,
                held=_by_profile(connection, schema.plan, schema.plan.c.state, "held"),
                problems=_by_profile(connection, schema.problem),
                identities=_by_profile(connection, schema.identity, schema.identity.c.state, "open"),
                drift=_by_profile(connection, schema.drift, schema.drift.c.state, "open"),
                successes=_successes(connection, deliveries),
                deliveries=deliveries,
                sites=_sites(connection, unserved),
                workers=_pairs(connection, workers),
                unsent=connection.execute(unsent).scalar_one(),
                backed_up=connection.execute(backed_up).scalar_one_or_none(),
            )

    def seen(self) -> Seen:
        """Where to begin with counting runs: with those that end from now on."""
        run = schema.run
        statement = select(run.c.id, run.c.finished_at).order_by(run.c.id.desc()).limit(_NEWEST)
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        return Seen(rows[0].id if rows else 0, frozenset(row.id for row in rows if row.finished_at is None))

    def ended_since(self, seen: Seen) -> tuple[list[EndedRun], Seen]:
        """Runs that have ended since the last look, and up to where that is."""
        run = schema.run
        columns = (run.c.id, run.c.profile, run.c.state, run.c.started_at, run.c.finished_at, run.c.summary)
        statement = select(*columns).where(or_(run.c.id > seen.last, run.c.id.in_(seen.open))).order_by(run.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(statement).all()
        still_open = sorted(row.id for row in rows if row.finished_at is None)[-_NEWEST:]
        now = Seen(max([seen.last, *(row.id for row in rows)]), frozenset(still_open))
        return [_ended(row) for row in rows if row.finished_at is not None], now


def _ended(row: Row[*tuple[Any, ...]]) -> EndedRun:
    took: timedelta = row.finished_at - row.started_at
    outcomes = {name: number for name, number in json.loads(row.summary).items() if isinstance(number, int)}
    return EndedRun(row.profile, row.state, max(0.0, took.total_seconds()), outcomes)


def _pairs(connection: Connection, statement: Select[*tuple[Any, ...]]) -> dict[str, Any]:
    return {row[0]: row[1] for row in connection.execute(statement)}


def _jobs(connection: Connection) -> dict[tuple[str, str], int]:
    job = schema.job
    statement = select(job.c.kind, job.c.state, func.count()).group_by(job.c.kind, job.c.state)
    return {(kind, state): number for kind, state, number in connection.execute(statement)}


def _due(connection: Connection, now: datetime) -> tuple[int, datetime | None]:
    job = schema.job
    statement = select(func.count(), func.min(job.c.not_before)).where(
        job.c.state == "waiting", job.c.not_before <= now
    )
    number, oldest = connection.execute(statement).one()
    return number, oldest


def _by_profile(connection: Connection, table: Table, state: Any = None, wanted: str = "") -> dict[str, int]:
    profile: Column[str] = table.c.profile
    statement = select(profile, func.count()).group_by(profile)
    if state is not None:
        statement = statement.where(state == wanted)
    return _pairs(connection, statement)


def _names(kind: str) -> Any:
    """The documents of a kind, as the table that newest rows are looked for from: one look at an index for each."""
    document = schema.document
    return select(document.c.name).where(document.c.kind == kind).distinct().subquery()


def _newest_deliveries(connection: Connection) -> dict[str, datetime]:
    profiles, delivery = _names("profile"), schema.delivery
    newest = select(delivery.c.at).where(delivery.c.profile == profiles.c.name).order_by(delivery.c.at.desc()).limit(1)
    statement = select(profiles.c.name, newest.scalar_subquery())
    return {name: at for name, at in connection.execute(statement) if at is not None}


def _successes(connection: Connection, deliveries: dict[str, datetime]) -> dict[str, datetime]:
    """A run that wrote, a job that wrote or had nothing to do, or a delivery that went through: the latest of them."""
    profiles, run, job = _names("profile"), schema.run, schema.job
    wrote = (
        select(run.c.finished_at)
        .where(run.c.profile == profiles.c.name, run.c.state == "done")
        .order_by(run.c.id.desc())
        .limit(1)
    )
    worked = (
        select(job.c.ended_at)
        .where(
            job.c.profile == profiles.c.name,
            job.c.state == "done",
            job.c.kind.in_(_WRITE),
            job.c.result.not_like('%"held": true%'),
        )
        .order_by(job.c.id.desc())
        .limit(1)
    )
    rows = connection.execute(select(profiles.c.name, wrote.scalar_subquery(), worked.scalar_subquery()))
    found = {name: [at for at in (*moments, deliveries.get(name)) if at is not None] for name, *moments in rows}
    return {name: max(moments) for name, moments in found.items() if moments}


def _sites(connection: Connection, unserved: Collection[str]) -> dict[str, bool]:
    """Of each site that jobs had to do with, whether the last of them says that it serves."""
    sites, job = _names("site"), schema.job
    of_site = (job.c.site == sites.c.name, job.c.kind != "read")
    served = select(job.c.id).where(*of_site, job.c.state == "done").order_by(job.c.id.desc()).limit(1)
    told = or_(false(), *(job.c.error.like(f'%"code": "{code}"%') for code in unserved))
    failed = (
        select(job.c.id)
        .where(*of_site, job.c.state.in_(("waiting", "failed")), told)
        .order_by(job.c.id.desc())
        .limit(1)
    )
    rows = connection.execute(select(sites.c.name, served.scalar_subquery(), failed.scalar_subquery()))
    return {name: (last or 0) > (bad or 0) for name, last, bad in rows if last or bad}
