"""What is watched: few queries over all profiles, done each minute, that tell what people may have to be told of."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from matricula.store import schema
from matricula.store.database import Database

NEWEST: Final = 5_000
"""So many jobs are looked back on; what came of earlier ones was told when they ended."""


@dataclass(frozen=True, slots=True)
class EndedJob:
    """What became of the newest job of a kind for a profile.

    Args:
        id: the job.
        kind: its kind.
        site: its site.
        profile: its profile; empty where it is for a site as a whole.
        failed: whether it failed.
        ended_at: when it ended.
        error: why it failed: `code`, `what`, `where`, `remedy`.
    """

    id: int
    kind: str
    site: str
    profile: str
    failed: bool
    ended_at: datetime
    error: dict[str, str]


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run of a profile.

    Args:
        id: the run.
        plan: its plan.
        profile: its profile.
        site: its site.
        state: `running`, `done` or `interrupted`.
        at: when it ended, else when it began.
        of_job: whether a job carries it out, or did.
    """

    id: int
    plan: int
    profile: str
    site: str
    state: str
    at: datetime
    of_job: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """A run that ended.

    Args:
        id: the run.
        profile: its profile.
        site: its site.
        state: how it ended.
        counts: its changes by their outcome.
    """

    id: int
    profile: str
    site: str
    state: str
    counts: dict[str, int]


class Watching:
    """Queries over all profiles.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def held_plans(self) -> list[int]:
        """The newest plan that is held of each profile and site."""
        plan = schema.plan
        newest = select(func.max(plan.c.number)).where(plan.c.state == "held").group_by(plan.c.profile, plan.c.site)
        with self._database.reading() as connection:
            return sorted(connection.execute(newest).scalars())

    def newest_problems(self) -> dict[str, datetime]:
        """When the newest problem of each profile was first met."""
        problem = schema.problem
        statement = select(problem.c.profile, func.max(problem.c.opened_at)).group_by(problem.c.profile)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}

    def counted_problems(self) -> dict[str, int]:
        """How many problems each profile has."""
        problem = schema.problem
        statement = select(problem.c.profile, func.count()).group_by(problem.c.profile)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(statement)}

    def ended_jobs(self) -> list[EndedJob]:
        """For each site, profile and kind the newest job that was done and the newest that failed, oldest first."""
        job = schema.job
        newest = (
            select(func.max(job.c.id))
            .where(
                job.c.id > select(func.coalesce(func.max(job.c.id), 0) - NEWEST).scalar_subquery(),
                job.c.state.in_(("done", "failed")),
            )
            .group_by(job.c.site, job.c.profile, job.c.kind, job.c.state)
        )
        statement = select(job).where(job.c.id.in_(newest)).order_by(job.c.ended_at, job.c.id)
        with self._database.reading() as connection:
            return [
                EndedJob(
                    row.id,
                    row.kind,
                    row.site,
                    row.profile,
                    row.state == "failed",
                    row.ended_at or row.asked_at,
                    json.loads(row.error or "{}"),
                )
                for row in connection.execute(statement)
            ]

    def last_runs(self) -> list[LastRun]:
        """The newest run of each profile to each site, and of its transfers to each sink."""
        run, job = schema.run, schema.job
        newest = select(func.max(run.c.id)).group_by(run.c.profile, run.c.site)
        of_job = select(job.c.id).where(job.c.profile == run.c.profile, job.c.run == run.c.id).exists()
        statement = select(run, of_job.label("of_job")).where(run.c.id.in_(newest)).order_by(run.c.id)
        with self._database.reading() as connection:
            return [
                LastRun(
                    row.id,
                    row.plan,
                    row.profile,
                    row.site,
                    row.state,
                    row.finished_at or row.started_at,
                    bool(row.of_job),
                )
                for row in connection.execute(statement)
            ]

    def runs_ended(self, since: datetime, until: datetime) -> list[Ended]:
        """Runs that ended between two moments, oldest first."""
        run = schema.run
        statement = select(run).where(run.c.finished_at >= since, run.c.finished_at < until).order_by(run.c.id)
        with self._database.reading() as connection:
            return [
                Ended(row.id, row.profile, row.site, row.state, json.loads(row.summary))
                for row in connection.execute(statement)
            ]
