"""Runs, and the lock that lets one run at a time write to a site."""

import json
import threading
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, exists, insert, or_, select, update

from matricula.errors import StopError, UsageError, WaitError
from matricula.store import schema
from matricula.store.database import Database
from matricula.store.processes import Process, is_gone, shares_uptime, this_process, uptime

STALE_AFTER: Final = timedelta(seconds=120)
"""A run whose heartbeat is older than this is taken for dead. Beat at least every 30 seconds."""

_table: Final = schema.run
_lock: Final = schema.site_lock


@dataclass(frozen=True, slots=True)
class Run:
    """A plan being applied, or one that was.

    Args:
        id: counts upward over all profiles.
        plan: the plan's number.
        profile: its profile.
        site: the site written to.
        owner: who or what started it.
        host: the machine it ran on.
        pid: its process there.
        started_at: when it began.
        finished_at: when it ended; None while it has not.
        state: `running`, `interrupted` when another run took its lock, or what `Runs.finish` was told.
        summary: what `Runs.finish` was told.
    """

    id: int
    plan: int
    profile: str
    site: str
    owner: str
    host: str
    pid: int
    started_at: datetime
    finished_at: datetime | None
    state: str
    summary: dict[str, Any]


class Runs:
    """Queries on runs and site locks.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def start(self, plan: int, profile: str, site: str, owner: str) -> int:
        """Begin a run and take the site's lock, from a dead run if need be.

        A dead run stays unfinished: see `unfinished`, settle what is in doubt, and `finish` it.

        Args:
            plan: the plan's number.
            profile: its profile.
            site: the site's name.
            owner: the person or schedule that starts it.

        Returns:
            The run's id.

        Raises:
            UsageError: there is no such plan.
            StopError: the plan is held, rejected or superseded.
            WaitError: another live run holds the site.
        """
        process = this_process()
        with self._database.writing() as connection:
            _refuse_unready(connection, plan)
            run = connection.execute(
                insert(_table)
                .values(
                    plan=plan,
                    profile=profile,
                    site=site,
                    owner=owner,
                    host=process.host,
                    pid=process.pid,
                    started_at=datetime.now(UTC),
                    state="running",
                    summary="{}",
                )
                .returning(_table.c.id)
            ).scalar_one()
            self._take_lock(connection, site, run, owner, process)
        return run

    def heartbeat(self, run: int) -> None:
        """Show that a run lives.

        Raises:
            StopError: the run has lost its site's lock to another one and must not send anything more.
        """
        with self._database.writing() as connection:
            hold_lock(self._database, connection, run)

    def beat(self, run: int, ended: threading.Event, every: float = 20.0) -> None:
        """Show that a run lives until it has ended; meant for a thread of its own.

        Args:
            run: the run.
            ended: set when it has.
            every: seconds between two signs of life.
        """
        while not ended.wait(every):
            try:
                self.heartbeat(run)
            except WaitError:
                continue  # the state was busy for a while; silence would cost the run its site
            except StopError:
                return

    def finish(self, run: int, state: str, summary: dict[str, Any]) -> None:
        """End a run and give its lock back.

        Args:
            run: the run.
            state: how it ended, for example `done`, `failed` or `interrupted`.
            summary: counts for the history, as JSON.
        """
        with self._database.writing() as connection:
            connection.execute(
                update(_table)
                .where(_table.c.id == run)
                .values(
                    state=state,
                    finished_at=datetime.now(UTC),
                    summary=json.dumps(summary, ensure_ascii=False),
                )
            )
            connection.execute(delete(_lock).where(_lock.c.run == run))

    def get(self, run: int) -> Run:
        """A run by its id.

        Raises:
            UsageError: there is no such run.
        """
        found = self._many(select(_table).where(_table.c.id == run))
        if not found:
            raise UsageError(
                f"There is no run {run}.",
                where=f"run {run}",
                remedy="See `matricula history` for the runs there were.",
                code="run-unknown",
            )
        return found[0]

    def all(
        self,
        profile: str | None = None,
        limit: int | None = None,
        *,
        sites: Collection[str] | None = None,
        plan: int | None = None,
        states: Collection[str] = (),
        below: int | None = None,
    ) -> list[Run]:
        """Runs, newest first.

        Args:
            profile: only this profile's.
            limit: at most so many.
            sites: only those of these sites.
            plan: only those of this plan.
            states: only those in one of these states; by default in any.
            below: only those with a smaller id, to page on.
        """
        statement = select(_table).order_by(_table.c.id.desc()).limit(limit)
        if sites is not None:
            statement = statement.where(_table.c.site.in_(sites))
        if plan is not None:
            statement = statement.where(_table.c.plan == plan)
        if states:
            statement = statement.where(_table.c.state.in_(states))
        if below is not None:
            statement = statement.where(_table.c.id < below)
        return self._many(statement if profile is None else statement.where(_table.c.profile == profile))

    def unfinished(self, site: str) -> Run | None:
        """The oldest run on a site that ended without saying so, or left a call in doubt.

        The run that holds the site's lock and lives is not meant: it is at work.
        """
        in_doubt = exists().where(schema.batch.c.run == _table.c.id, schema.batch.c.state == "sent")
        statement = (
            select(_table)
            .where(_table.c.site == site, or_(_table.c.finished_at.is_(None), in_doubt))
            .order_by(_table.c.id)
        )
        with self._database.reading() as connection:
            holder = connection.execute(select(_lock).where(_lock.c.site == site)).one_or_none()
            live = holder.run if holder is not None and not self._is_dead(connection, holder) else None
            found = [_run(row) for row in connection.execute(statement) if row.id != live]
        return found[0] if found else None

    def live(self, site: str) -> Run | None:
        """The run that holds a site's lock and gives signs of life."""
        with self._database.reading() as connection:
            holder = connection.execute(select(_lock).where(_lock.c.site == site)).one_or_none()
            if holder is None or self._is_dead(connection, holder):
                return None
            return _run(connection.execute(select(_table).where(_table.c.id == holder.run)).one())

    def _many(self, statement: Select[*tuple[Any, ...]]) -> list[Run]:
        with self._database.reading() as connection:
            return [_run(row) for row in connection.execute(statement)]

    def _take_lock(self, connection: Connection, site: str, run: int, owner: str, process: Process) -> None:
        values = {
            "run": run,
            "owner": owner,
            "host": process.host,
            "process_space": process.space,
            "pid": process.pid,
            **_beat(self._database, connection),
        }
        statement = self._database.insert(_lock).values(site=site, **values).on_conflict_do_nothing()
        if connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount == 1:
            return
        holder = connection.execute(select(_lock).where(_lock.c.site == site).with_for_update()).one()
        if not self._is_dead(connection, holder):
            raise WaitError(
                f"Another run is writing to {site}: run {holder.run}, started by {holder.owner} on "
                f"{holder.host} (process {holder.pid}).",
                where=site,
                remedy="Wait until it has ended. If that machine has failed, its lock ends "
                f"{STALE_AFTER.seconds} seconds after its last sign of life.",
                code="site-locked",
            )
        connection.execute(
            update(_table).where(_table.c.id == holder.run, _table.c.finished_at.is_(None)).values(state="interrupted")
        )
        connection.execute(update(_lock).where(_lock.c.site == site).values(**values))

    def _is_dead(self, connection: Connection, holder: Row[*tuple[Any, ...]]) -> bool:
        process = Process(holder.host, holder.process_space, holder.pid)
        if is_gone(process):
            return True
        if self._database.is_sqlite and holder.uptime is not None and shares_uptime(process):
            # Less than nothing: where a start of the machine cannot be told otherwise, it was started anew since.
            return not 0 <= uptime() - holder.uptime <= STALE_AFTER.total_seconds()
        # A sign of life from the future comes from before the clock was set back; a live run renews it soon.
        silence: timedelta = self._database.now(connection) - holder.heartbeat_at
        return abs(silence) > STALE_AFTER


def hold_lock(database: Database, connection: Connection, run: int) -> None:
    """Renew a run's lock in the transaction at hand.

    Raises:
        StopError: the run no longer holds it.
    """
    renewed = connection.execute(update(_lock).where(_lock.c.run == run).values(**_beat(database, connection)))
    if renewed.rowcount != 1:
        raise StopError(
            f"Run {run} no longer holds its site: it has ended, or another run took over while it was silent.",
            where=f"run {run}",
            remedy="Nothing more is sent by this run. See `matricula history` for the run that goes on.",
            code="lock-lost",
        )


def _beat(database: Database, connection: Connection) -> dict[str, Any]:
    """A sign of life: by the clock that all share, and by the machine's own running time."""
    return {"heartbeat_at": database.now(connection), "uptime": uptime()}


def _refuse_unready(connection: Connection, plan: int) -> None:
    state = connection.execute(select(schema.plan.c.state).where(schema.plan.c.number == plan)).scalar_one_or_none()
    if state is None:
        raise UsageError(
            f"There is no plan {plan}.",
            where=f"plan {plan}",
            remedy="See `matricula history` for the plans there are.",
            code="plan-unknown",
        )
    if state in ("held", "rejected", "superseded"):
        raise StopError(
            f"Plan {plan} is {state} and cannot be applied.",
            where=f"plan {plan}",
            remedy="Release it first if it is held; otherwise make a new plan with `matricula plan`.",
            code="plan-state",
        )


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    values = row._asdict()
    return Run(**{**values, "summary": json.loads(values["summary"])})
