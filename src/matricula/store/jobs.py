"""Jobs: work that was asked for, who works on it, and what became of it."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, Update, and_, func, insert, or_, select, text, update
from sqlalchemy.exc import IntegrityError

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.job import Job, JobLine, JobState, Level, job_of

_table: Final = schema.job
_line: Final = schema.job_line
_worker: Final = schema.worker


class JobTable:
    """Queries on jobs and their logs.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        """The time that all processes at work on jobs agree on."""
        with self._database.reading() as connection:
            return self._database.now(connection)

    def add(
        self,
        kind: str,
        *,
        site: str,
        profile: str,
        arguments: Mapping[str, Any],
        same: str,
        by: str,
        not_before: datetime | None = None,
    ) -> tuple[Job, bool]:
        """Note that something is to be done; where just that waits already, it is that job.

        Returns:
            The job, and whether it is a new one. One that waited begins at the earlier of both moments.
        """
        with self._database.writing() as connection:
            now = self._database.now(connection)
            values = {
                "kind": kind,
                "site": site,
                "profile": profile,
                "arguments": json.dumps(dict(arguments), ensure_ascii=False, sort_keys=True),
                "same": same,
                "state": "waiting",
                "asked_by": by,
                "asked_at": now,
                "not_before": not_before or now,
                "attempts": 0,
                "stop_asked": 0,
                "step": "",
                "done": 0,
                "result": "{}",
            }
            while True:
                new = connection.execute(self._insert().values(**values).returning(_table)).one_or_none()
                if new is not None:
                    return job_of(new), True
                sooner = and_(_table.c.same == same, _table.c.state == "waiting")
                earliest = func.min if self._database.is_sqlite else func.least
                moved = update(_table).where(sooner).values(not_before=earliest(_table.c.not_before, not_before or now))
                there = connection.execute(moved.returning(_table)).one_or_none()
                if there is not None:  # else a worker began with it between the two statements
                    return job_of(there), False

    def get(self, number: int) -> Job | None:
        """A job by its id."""
        found = self._many(select(_table).where(_table.c.id == number))
        return found[0] if found else None

    def all(
        self,
        *,
        sites: Collection[str] | None = None,
        profile: str | None = None,
        states: Collection[str] = (),
        kinds: Collection[str] = (),
        below: int | None = None,
        limit: int | None = 50,
    ) -> list[Job]:
        """Jobs, newest first.

        Args:
            sites: only jobs of these sites; by default of all, and those of none.
            profile: only jobs of this profile.
            states: only jobs in one of these states; by default in any.
            kinds: only jobs of these kinds; by default of any.
            below: only jobs with a smaller id, to page on.
            limit: at most so many; None for all.
        """
        wanted: list[ColumnElement[bool]] = []
        if sites is not None:
            wanted.append(_table.c.site.in_(sites))
        if profile is not None:
            wanted.append(_table.c.profile == profile)
        if states:
            wanted.append(_table.c.state.in_(states))
        if kinds:
            wanted.append(_table.c.kind.in_(kinds))
        if below is not None:
            wanted.append(_table.c.id < below)
        return self._many(select(_table).where(*wanted).order_by(_table.c.id.desc()).limit(limit))

    def lines(self, number: int, after: int = 0) -> list[JobLine]:
        """The log of a job.

        Args:
            number: the job.
            after: only lines with a larger number.
        """
        statement = select(_line).where(_line.c.job == number, _line.c.number > after).order_by(_line.c.number)
        with self._database.reading() as connection:
            return [JobLine(**row._asdict()) for row in connection.execute(statement)]

    def say(self, number: int, level: Level, told: str) -> None:
        """Add a line to the log of a job."""
        newest = select(func.coalesce(func.max(_line.c.number), 0) + 1).where(_line.c.job == number).scalar_subquery()
        with self._database.writing(lasting=False) as connection:
            values = {"job": number, "number": newest, "at": self._database.now(connection)}
            connection.execute(insert(_line).values(**values, level=level, text=told))

    def claim(self, worker: str, number: int | None = None) -> Job | None:
        """Begin with a job that waits and whose moment has come, if no other job is at work at its site.

        Args:
            worker: who begins.
            number: the job; by default the one that has waited longest.
        """
        with self._database.writing() as connection:
            now = self._database.now(connection)
            ready = [_table.c.state == "waiting", _table.c.not_before <= now]
            busy = select(_table.c.site).where(_table.c.state == "working", _table.c.site != "")
            statement = select(_table.c.id).where(*ready, _table.c.site.not_in(busy))
            if number is not None:
                statement = statement.where(_table.c.id == number)
            ids = connection.execute(statement.order_by(_table.c.not_before, _table.c.id).limit(_TRIED)).scalars().all()
            begun = {
                "state": "working",
                "worker": worker,
                "began_at": now,
                "alive_at": now,
                "attempts": _table.c.attempts + 1,
                "stop_asked": 0,
                "step": "",
                "done": 0,
                "total": None,
                "error": None,
            }
            for each in ids:
                taking = update(_table).where(_table.c.id == each, *ready).values(**begun)
                row = _if_free(connection, taking)
                if row is not None:
                    return job_of(row)
        return None

    def beat(self, number: int, worker: str, step: str, done: int, total: int | None) -> bool | None:
        """Tell how far a job is, and that its worker lives.

        Returns:
            Whether it is asked to stop; None where it is no longer that worker's.
        """
        with self._database.writing(lasting=False) as connection:
            told = {"alive_at": self._database.now(connection), "step": step, "done": done, "total": total}
            statement = update(_table).where(_is_of(number, worker)).values(**told).returning(_table.c.stop_asked)
            asked = connection.execute(statement).scalar_one_or_none()
        return None if asked is None else bool(asked)

    def knows(self, number: int, *, plan: int | None = None, run: int | None = None) -> None:
        """Note the plan or the run of a job as soon as it is known."""
        statement = update(_table).where(_table.c.id == number)
        with self._database.writing() as connection:
            if plan is not None:
                connection.execute(statement.values(plan=plan))
            if run is not None:
                connection.execute(statement.values(run=run))

    def end(
        self,
        number: int,
        worker: str,
        state: JobState,
        *,
        result: Mapping[str, Any] | None = None,
        error: Mapping[str, str] | None = None,
    ) -> Job | None:
        """End a job.

        Returns:
            The job; None where it is no longer that worker's.
        """
        with self._database.writing() as connection:
            told = {
                "state": state,
                "ended_at": self._database.now(connection),
                "result": json.dumps(dict(result or {}), ensure_ascii=False),
                "error": _as_json(error),
            }
            row = connection.execute(
                update(_table).where(_is_of(number, worker)).values(**told).returning(_table)
            ).one_or_none()
        return None if row is None else job_of(row)

    def put_back(
        self,
        number: int,
        worker: str,
        *,
        not_before: datetime | None = None,
        error: Mapping[str, str] | None = None,
        counted: bool = True,
    ) -> Job | None:
        """Let a job that was begun wait again.

        Args:
            number: the job.
            worker: who worked on it.
            not_before: from when on it may begin; by default at once.
            error: why it could not be ended.
            counted: whether what was done counts as an attempt.

        Returns:
            The job; None where it is no longer that worker's.
        """
        with self._database.writing() as connection:
            told: dict[str, Any] = {
                "state": "waiting",
                "not_before": not_before or self._database.now(connection),
                "error": _as_json(error),
                "queued": None,
                "worker": None,
            }
            if not counted:
                told["attempts"] = _table.c.attempts - 1
            putting = update(_table).where(_is_of(number, worker)).values(**told).returning(_table)
            try:
                with connection.begin_nested():
                    row = connection.execute(putting).one_or_none()
            except IntegrityError:
                # The same has been asked for meanwhile and waits; both are done, one after the other.
                told["same"] = _table.c.same + f" {number}"
                row = connection.execute(putting.values(**told)).one_or_none()
        return None if row is None else job_of(row)

    def cancel(self, number: int) -> Job | None:
        """Cancel a job that waits, and ask one that is at work to stop; one that has ended stays as it is.

        Returns:
            The job; None where there is none.
        """
        with self._database.writing() as connection:
            here = _table.c.id == number
            told = {"state": "cancelled", "ended_at": self._database.now(connection)}
            connection.execute(update(_table).where(here, _table.c.state == "waiting").values(**told))
            connection.execute(update(_table).where(here, _table.c.state == "working").values(stop_asked=1))
            row = connection.execute(select(_table).where(here)).one_or_none()
        return None if row is None else job_of(row)

    def orphans(self, dead: Iterable[str]) -> list[Job]:
        """Jobs at work whose worker is one of these, or is not known at all."""
        known = select(_worker.c.name)
        lost = or_(_table.c.worker.in_(list(dead)), _table.c.worker.not_in(known), _table.c.worker.is_(None))
        return self._many(select(_table).where(_table.c.state == "working", lost).order_by(_table.c.id))

    def ready(self) -> list[Job]:
        """Jobs that wait and whose moment has come, those that waited longest first."""
        with self._database.reading() as connection:
            now = self._database.now(connection)
        wanted = (_table.c.state == "waiting", _table.c.not_before <= now)
        return self._many(select(_table).where(*wanted).order_by(_table.c.not_before, _table.c.id))

    def next_moment(self) -> datetime | None:
        """When the next job that waits may begin, or might have begun."""
        statement = select(func.min(_table.c.not_before)).where(_table.c.state == "waiting")
        with self._database.reading() as connection:
            moment: datetime | None = connection.execute(statement).scalar_one_or_none()
        return moment

    def queue(self, number: int, queued: int | None) -> None:
        """Note a job's number in the queue of PostgreSQL."""
        with self._database.writing(lasting=False) as connection:
            connection.execute(update(_table).where(_table.c.id == number).values(queued=queued))

    def _insert(self) -> Any:
        # In words of SQL: a parameter would keep PostgreSQL from knowing the index once it has prepared the statement.
        return self._database.insert(_table).on_conflict_do_nothing(
            index_elements=[_table.c.same], index_where=text("state = 'waiting'")
        )

    def _many(self, statement: Select[*tuple[Any, ...]]) -> list[Job]:
        with self._database.reading() as connection:
            return [job_of(row) for row in connection.execute(statement)]


_TRIED: Final = 20
"""So many jobs that may begin are tried at most: others may begin with the first ones at the same moment."""


def _if_free(connection: Connection, taking: Update) -> Row[*tuple[Any, ...]] | None:
    """Carry a claim out, unless another worker began with that job or at that site a moment before."""
    try:
        with connection.begin_nested():
            return connection.execute(taking.returning(_table)).one_or_none()
    except IntegrityError:
        return None


def _is_of(number: int, worker: str) -> ColumnElement[bool]:
    return and_(_table.c.id == number, _table.c.worker == worker, _table.c.state == "working")


def _as_json(error: Mapping[str, str] | None) -> str | None:
    return None if error is None else json.dumps(dict(error), ensure_ascii=False)
