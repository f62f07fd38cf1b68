"""Purging: what is older than it need be kept is removed, a slice at a time, so that no run waits for it."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Select,
    Table,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from matricula.store import schema
from matricula.store.database import Database

SLICE: Final = 20_000
"""Rows deleted in one transaction: a fraction of a second, so that a run at work can note its calls between two."""
_PAUSE: Final = 0.12
_ENDED: Final = ("rejected", "applied", "superseded")


@dataclass(frozen=True)
class Until:
    """From which moment on the records of a profile are kept; what is older goes.

    Args:
        profile: the profile.
        plans: changes, findings and journals of plans; also counts of deliveries, and what was said of identities.
        grades: grades read before a change destroyed them.
    """

    profile: str
    plans: datetime
    grades: datetime


class Purging:
    """Queries that find and remove what is old.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def profiles(self) -> set[str]:
        """The profiles that have plans or jobs, also those whose documents are no longer there; "" for jobs of none."""
        with self._database.reading() as connection:
            return {
                name
                for table in (schema.plan, schema.job)
                for name in connection.execute(select(table.c.profile).distinct()).scalars()
            }

    def due(self, until: Until) -> list[int]:
        """Numbers of plans that are ended and older, of which something is kept yet.

        Never those that wait, the last one applied to each site, those applied since, or those of a run in doubt.
        """
        plan, run, batch = schema.plan, schema.run, schema.batch
        of_plan = [exists().where(table.c.plan == plan.c.number) for table in (schema.change, schema.finding)]
        called = exists().where(run.c.plan == plan.c.number, batch.c.run == run.c.id)  # batches have an index by run
        recent = exists().where(
            run.c.plan == plan.c.number,
            or_(run.c.started_at >= until.plans, run.c.finished_at.is_(None), run.c.finished_at >= until.plans),
        )
        doubtful = exists().where(run.c.plan == plan.c.number, batch.c.run == run.c.id, batch.c.state == "sent")
        last = select(func.max(run.c.id)).where(run.c.profile == until.profile, run.c.state == "done")
        kept = select(run.c.plan).where(run.c.id.in_(last.group_by(run.c.site)))
        statement = select(plan.c.number).where(
            plan.c.profile == until.profile,
            plan.c.created_at < until.plans,
            plan.c.state.in_(_ENDED),
            plan.c.number.not_in(kept),
            ~recent,
            or_(*of_plan, called),
            ~doubtful,
        )
        with self._database.reading() as connection:
            return list(connection.execute(statement.order_by(plan.c.number)).scalars())

    def counts(self, until: Until) -> dict[str, int]:
        """How many rows of each table would go."""
        plans = self.due(until)
        tables: tuple[Table, ...] = (schema.change, schema.finding, schema.outcome, schema.batch)
        counts = {"plan": len(plans)}
        with self._database.reading() as connection:
            for table in tables:
                counts[table.name] = _count(connection, table, table.c.plan.in_(plans))
            for table, where in _dated(until):
                counts[table.name] = _count(connection, table, where)
        return {name: number for name, number in counts.items() if number}

    def purge(self, until: Until) -> dict[str, int]:
        """Remove what is old; cut off anywhere, the next purge goes on.

        Returns:
            the number of rows by table.
        """
        plans = self.due(until)
        counts = {"plan": len(plans)}
        for number in plans:
            for name, count in self._purge_plan(number).items():
                counts[name] = counts.get(name, 0) + count
        for table, where in _dated(until):
            counts[table.name] = self._in_slices(table, where)
        return {name: number for name, number in counts.items() if number}

    def old_deliveries(self, before: dict[str, datetime], unused: datetime) -> list[str]:
        """Sources whose kept delivery is old.

        Args:
            before: for each source that a profile uses, from when on its delivery is kept.
            unused: the same for all others.
        """
        kept = schema.kept_delivery
        with self._database.reading() as connection:
            rows = connection.execute(select(kept.c.source, kept.c.at).order_by(kept.c.source)).all()
        return [source for source, at in rows if at < before.get(source, unused)]

    def purge_learning(self, site: str, before: datetime, *, dry_run: bool = False) -> dict[str, int]:
        """Remove learning data of a site that is no longer on it, and of people who left.

        Args:
            site: the site.
            before: from which moment on it is kept.
            dry_run: whether it is only counted.

        Returns:
            the number of rows by table.
        """
        counts = {}
        for table, old in _learnt(site, before):
            if dry_run:
                with self._database.reading() as connection:
                    counts[table.name] = _count(connection, table, old)
            else:
                counts[table.name] = self._in_slices(table, old)
        return {name: number for name, number in counts.items() if number}

    def purge_audit(self, before: datetime, *, dry_run: bool = False) -> int:
        """Remove what the audit log holds of no profile, such as who signed in.

        Args:
            before: from which moment on it is kept.
            dry_run: whether it is only counted.

        Returns:
            the number of rows.
        """
        audited = schema.audited
        old = and_(audited.c.profile == "", audited.c.at < before)
        if not dry_run:
            return self._in_slices(audited, old)
        with self._database.reading() as connection:
            return _count(connection, audited, old)

    def _purge_plan(self, number: int) -> dict[str, int]:
        """A plan without its changes says so before the first of them is gone."""
        plan, change, outcome, batch = schema.plan, schema.change, schema.outcome, schema.batch
        with self._database.writing() as connection:
            here = plan.c.number == number
            summary = json.loads(connection.execute(select(plan.c.summary).where(here)).scalar_one())
            summary["purged"] = f"{self._database.now(connection):%Y-%m-%d}"
            if "only" in summary:
                summary["only"] = [f"{len(summary['only'])} named"]
            connection.execute(update(plan).where(here).values(summary=json.dumps(summary, ensure_ascii=False)))
        counts = {"outcome": self._in_slices(outcome, outcome.c.plan == number)}
        counts["change"] = self._in_slices(change, change.c.plan == number)
        counts["finding"] = self._in_slices(schema.finding, schema.finding.c.plan == number)
        runs = select(schema.run.c.id).where(schema.run.c.plan == number)
        counts["batch"] = self._in_slices(batch, batch.c.run.in_(runs))
        return counts

    def _in_slices(self, table: Table, where: ColumnElement[bool]) -> int:
        keys = list(table.primary_key)
        count, deleted = 0, SLICE
        while deleted == SLICE:
            with self._database.writing() as connection:
                deleted = connection.execute(_slice_of(table, keys, where)).rowcount
            count += deleted
            if deleted == SLICE:
                time.sleep(_PAUSE)  # others ask SQLite again every 0.1 s: without a pause they might wait in vain
        return count


def _slice_of(table: Table, keys: list[Any], where: ColumnElement[bool]) -> Delete:
    some: Select[Any] = select(*keys).where(where).limit(SLICE)
    return delete(table).where((keys[0] if len(keys) == 1 else tuple_(*keys)).in_(some))


def _count(connection: Connection, table: Table, where: ColumnElement[bool]) -> int:
    return connection.execute(select(func.count()).select_from(table).where(where)).scalar_one()


def _dated(until: Until) -> Iterable[tuple[Table, ColumnElement[bool]]]:
    """Rows of a profile that have a day of their own."""
    audited = schema.audited
    yield audited, and_(audited.c.profile == until.profile, audited.c.at < until.plans)
    grade, identity, ledger = schema.kept_grade, schema.identity, schema.ledger
    yield grade, and_(grade.c.profile == until.profile, grade.c.at < until.grades)
    for table in (schema.observation, schema.delivery):
        newest = select(func.max(table.c.id)).where(table.c.profile == until.profile)
        yield table, and_(table.c.profile == until.profile, table.c.at < until.plans, table.c.id.not_in(newest))
    # Once the person has an account the ledger knows which; that somebody is to be left out nothing else tells.
    known = exists().where(
        ledger.c.profile == identity.c.profile,
        ledger.c.kind == identity.c.kind,
        ledger.c.key == identity.c.key,
        ledger.c.removed == 0,
    )
    closed = and_(identity.c.state == "settled", identity.c.decision != "leave", identity.c.at < until.plans)
    yield identity, and_(identity.c.profile == until.profile, closed, known)
    yield from _of_jobs(until)


def _learnt(site: str, before: datetime) -> Iterable[tuple[Table, ColumnElement[bool]]]:
    """What was read of a site and is no longer there; submissions go with their activity."""
    grade, submission, activity = schema.learnt_grade, schema.learnt_submission, schema.learnt_activity
    left = and_(grade.c.former == 1, grade.c.changed_at < before)
    yield grade, and_(grade.c.site == site, or_(grade.c.gone_at < before, left))
    of_gone = exists().where(
        activity.c.site == submission.c.site,
        activity.c.module == submission.c.module,
        activity.c.instance == submission.c.instance,
        activity.c.gone_at < before,
    )
    yield submission, and_(submission.c.site == site, of_gone)
    for table in (activity, schema.learnt_module, schema.learnt_item, schema.learnt_category, schema.learnt_course):
        yield table, and_(table.c.site == site, table.c.gone_at < before)


def _of_jobs(until: Until) -> Iterable[tuple[Table, ColumnElement[bool]]]:
    """Jobs that ended, their logs, and the wishes they were made of."""
    job, line, wish = schema.job, schema.job_line, schema.wish
    old = and_(job.c.profile == until.profile, job.c.ended_at < until.plans)
    numbers = select(job.c.id).where(old)
    yield line, line.c.job.in_(numbers)
    yield wish, and_(wish.c.profile == until.profile, or_(wish.c.job.in_(numbers), wish.c.asked_at < until.plans))
    yield job, old
