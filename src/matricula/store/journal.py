"""The journal: every call to a site, noted before it is sent and after it is answered.

A change's row in `outcome` is made when its call is about to be sent and holds its outcome afterwards; the table's
primary key is therefore the promise that no change is sent while another call has it, or after it was done.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

import polars as pl
from sqlalchemy import (
    JSON,
    BigInteger,
    Connection,
    Row,
    Text,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from matricula.errors import StopError, UsageError
from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import insert_rows, read_frame
from matricula.store.ledger import Ledger, LedgerRow
from matricula.store.runs import hold_lock

OutcomeState = Literal["done", "refused", "stale", "skipped"]
BatchState = Literal["sent", "answered", "refused", "settled"]

OUTCOMES_SCHEMA: Final = pl.Schema(
    {"change": pl.Int64, "state": pl.String, "moodle_id": pl.Int64, "reason": pl.String, "batch": pl.Int64}
)
"""Columns of `Journal.outcomes`; `batch` is null for an outcome reached without a call."""

_batch: Final = schema.batch
_outcome: Final = schema.outcome
_COLUMNS: Final = ("plan", "change", "run", "batch", "state", "moodle_id", "reason")


class Outcome(NamedTuple):
    """What became of one change.

    Args:
        change: its number in the plan.
        state: `done`; `refused` by the site; `stale`, as the record was no longer as the plan saw it; `skipped`,
            as something it needs was not done.
        moodle_id: the Moodle record concerned.
        reason: why, for all but `done`.
    """

    change: int
    state: OutcomeState
    moodle_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """One call to a site.

    Args:
        id: counts upward over all runs.
        run: the run that sent it.
        plan: that run's plan.
        stage: the stage of the run.
        function: the web service function called.
        lane: which of the parallel callers sent it.
        changes: numbers of the plan's changes in it.
        state: `sent` while no answer is known; `answered`; `refused` as a whole; `settled` by reading the site.
        sent_at: when it was noted, just before it was sent.
        answered_at: when the answer was noted.
        error: why it was refused.
    """

    id: int
    run: int
    plan: int
    stage: str
    function: str
    lane: int
    changes: list[int]
    state: BatchState
    sent_at: datetime
    answered_at: datetime | None
    error: str | None


class Journal:
    """Queries on batches and outcomes; all methods may be called from several threads at once.

    Args:
        database: the state database.
        ledger: entered in the same transaction as the outcomes.
    """

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

    def prepare(self, run: int, stage: str, function: str, lane: int, change_numbers: Iterable[int]) -> int:
        """Note a call that is about to be sent; on disk when this returns.

        Args:
            run: the run; its lock is renewed.
            stage: the stage of the run.
            function: the web service function to be called.
            lane: which of the parallel callers sends it.
            change_numbers: the plan's changes in it.

        Returns:
            The batch's id.

        Raises:
            StopError: the run has lost its lock; or one of the changes is under way or has an outcome already, so
                that sending it could do it twice; or the plan has no such change.
        """
        changes = list(change_numbers)
        with self._database.writing() as connection:
            hold_lock(self._database, connection, run)
            plan = _plan_of(connection, run)
            batch = connection.execute(
                insert(_batch)
                .values(
                    run=run,
                    plan=plan,
                    stage=stage,
                    function=function,
                    lane=lane,
                    changes=json.dumps(changes),
                    state="sent",
                    sent_at=datetime.now(UTC),
                )
                .returning(_batch.c.id)
            ).scalar_one()
            _insert_sent(connection, plan, changes, run, batch)
        return batch

    def answered(self, batch: int, outcomes: Sequence[Outcome], ledger_rows: Iterable[LedgerRow]) -> None:
        """Note the answer to a call in one transaction with what it means for changes and ledger.

        Args:
            batch: the batch.
            outcomes: of its changes; those without one are pending again, for a further call.
            ledger_rows: entered with this run.

        Raises:
            StopError: the batch is not under way any more, or an outcome is of a change outside it.
        """
        self._close(batch, "answered", outcomes, ledger_rows)

    def settled(self, batch: int, outcomes: Sequence[Outcome], ledger_rows: Iterable[LedgerRow]) -> None:
        """Note what reading the site showed about a call whose answer never came.

        Args:
            batch: the batch.
            outcomes: of those of its changes that took place; the others are pending again.
            ledger_rows: entered with the batch's run.

        Raises:
            StopError: the batch is not under way any more, or an outcome is of a change outside it.
        """
        self._close(batch, "settled", outcomes, ledger_rows)

    def refused(self, batch: int, error: str) -> None:
        """Note that the site refused a call as a whole; its changes are pending again.

        Raises:
            StopError: the batch is not under way any more.
        """
        with self._database.writing() as connection:
            _end(connection, batch, "refused", error)
            connection.execute(delete(_outcome).where(_outcome.c.batch == batch))

    def record(self, run: int, outcomes: Iterable[Outcome], ledger_rows: Iterable[LedgerRow] = ()) -> None:
        """Note outcomes that needed no call, for example stale or matched ones, in one transaction.

        Raises:
            StopError: one of the changes is under way or has an outcome already.
        """
        with self._database.writing() as connection:
            plan = _plan_of(connection, run)
            rows = ((plan, o.change, run, None, o.state, o.moodle_id, o.reason) for o in outcomes)
            _insert_outcomes(connection, rows, run)
            self._enter(connection, run, ledger_rows)

    def in_doubt(self, run: int) -> list[Batch]:
        """A run's calls whose answer is not known, in the order they were sent."""
        statement = select(_batch).where(_batch.c.run == run, _batch.c.state == "sent").order_by(_batch.c.id)
        with self._database.reading() as connection:
            return [_read_batch(row) for row in connection.execute(statement)]

    def batches(self, run: int) -> list[Batch]:
        """All calls of a run, in the order they were sent."""
        statement = select(_batch).where(_batch.c.run == run).order_by(_batch.c.id)
        with self._database.reading() as connection:
            return [_read_batch(row) for row in connection.execute(statement)]

    def outcomes(self, run: int) -> pl.DataFrame:
        """The outcomes reached by a run, in the columns of `OUTCOMES_SCHEMA` and the order of the plan."""
        statement = (
            select(
                _outcome.c.change,
                _outcome.c.state,
                _outcome.c.moodle_id,
                _outcome.c.reason,
                _outcome.c.batch,
            )
            .where(_outcome.c.run == run, _outcome.c.state != "sent")
            .order_by(_outcome.c.change)
        )
        with self._database.reading() as connection:
            return read_frame(connection, statement, OUTCOMES_SCHEMA)

    def written_before(self, run: int) -> dict[tuple[str, str], str]:
        """What earlier runs of the profile had last written of the records that a run wrote, by kind and key."""
        change, theirs = schema.change, schema.run
        done = change.join(
            _outcome,
            (_outcome.c.plan == change.c.plan) & (_outcome.c.change == change.c.number) & (_outcome.c.state == "done"),
        )
        ours = (
            select(change.c.kind, change.c.key, theirs.c.profile)
            .select_from(done.join(theirs, theirs.c.id == _outcome.c.run))
            .where(theirs.c.id == run)
            .subquery()
        )
        statement = (
            select(change.c.kind, change.c.key, change.c.written)
            .select_from(
                done.join(theirs, theirs.c.id == _outcome.c.run).join(
                    ours,
                    (ours.c.kind == change.c.kind)
                    & (ours.c.key == change.c.key)
                    & (ours.c.profile == theirs.c.profile),
                )
            )
            .where(theirs.c.id < run)
            .order_by(theirs.c.id)
        )
        with self._database.reading() as connection:
            return {(kind, key): written for kind, key, written in connection.execute(statement)}

    def failed(self, run: int) -> set[int]:
        """Numbers of the changes that a run did not carry out: refused, stale or skipped."""
        statement = select(_outcome.c.change).where(_outcome.c.run == run, _outcome.c.state.not_in(["sent", "done"]))
        with self._database.reading() as connection:
            return set(connection.execute(statement).scalars())

    def pending(self, run: int) -> list[int]:
        """Numbers of the plan's changes that have no outcome from any run and are not under way, in order."""
        change = schema.change
        with self._database.reading() as connection:
            plan = _plan_of(connection, run)
            reached = exists().where(_outcome.c.plan == plan, _outcome.c.change == change.c.number)
            statement = select(change.c.number).where(change.c.plan == plan, ~reached)
            frame = read_frame(connection, statement, {"number": pl.Int64})
        return frame["number"].sort().to_list()

    def _close(
        self,
        batch: int,
        state: BatchState,
        outcomes: Sequence[Outcome],
        ledger_rows: Iterable[LedgerRow],
    ) -> None:
        # What is lost here in a power cut leaves the call in doubt, and it is settled as any other.
        with self._database.writing(lasting=False) as connection:
            ended = _end(connection, batch, state, None)
            strangers = {outcome.change for outcome in outcomes} - set(ended.changes)
            if strangers:
                raise StopError(
                    f"Batch {batch} has no changes numbered {sorted(strangers)[:5]}.",
                    where=f"batch {batch}",
                    remedy="This is a fault in matricula: report it.",
                    code="journal-stranger",
                )
            if len(outcomes) == len(ended.changes) and all(_plainly_done(outcome) for outcome in outcomes):
                connection.execute(update(_outcome).where(_outcome.c.batch == batch).values(state="done"))
            else:
                connection.execute(delete(_outcome).where(_outcome.c.batch == batch))
                rows = ((ended.plan, o.change, ended.run, batch, o.state, o.moodle_id, o.reason) for o in outcomes)
                _insert_outcomes(connection, rows, ended.run)
            self._enter(connection, ended.run, ledger_rows)

    def _enter(self, connection: Connection, run: int, rows: Iterable[LedgerRow]) -> None:
        profile = connection.execute(select(schema.run.c.profile).where(schema.run.c.id == run)).scalar_one()
        self._ledger.upsert(connection, profile, rows, run)


def _plainly_done(outcome: Outcome) -> bool:
    return outcome.state == "done" and outcome.moodle_id is None and not outcome.reason


def _plan_of(connection: Connection, run: int) -> int:
    plan = connection.execute(select(schema.run.c.plan).where(schema.run.c.id == run)).scalar_one_or_none()
    if plan is None:
        raise UsageError(f"There is no run {run}.", where=f"run {run}", code="run-unknown")
    return plan


def _insert_sent(connection: Connection, plan: int, numbers: Sequence[int], run: int, batch: int) -> None:
    """Enter the changes of a call as sent, in one statement that is the same for every call."""
    if connection.dialect.name == "sqlite":
        each = func.json_each(json.dumps(numbers)).table_valued("value")
    else:
        each = func.json_array_elements_text(cast(literal(json.dumps(numbers), Text()), JSON)).table_valued("value")
    chosen = select(
        literal(plan), cast(each.c.value, BigInteger), literal(run), literal(batch), literal("sent"), literal("")
    )
    columns = ["plan", "change", "run", "batch", "state", "reason"]
    with _once_only(run):
        connection.execute(insert(_outcome).from_select(columns, chosen))


def _insert_outcomes(connection: Connection, rows: Iterable[tuple[Any, ...]], run: int) -> None:
    with _once_only(run):
        insert_rows(connection, _outcome, _COLUMNS, rows)


@contextmanager
def _once_only(run: int) -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise _twice(run) from error


def _twice(run: int) -> StopError:
    return StopError(
        "A change is under way or has an outcome already (or is not in this plan): doing it now could do it twice.",
        where=f"run {run}",
        remedy="See that no other run of this plan is at work, then start again.",
        code="journal-twice",
    )


def _end(connection: Connection, batch: int, state: BatchState, error: str | None) -> Batch:
    row = connection.execute(
        update(_batch)
        .where(_batch.c.id == batch, _batch.c.state == "sent")
        .values(state=state, answered_at=datetime.now(UTC), error=error)
        .returning(*_batch.c)
    ).one_or_none()
    if row is None:
        raise StopError(
            f"Batch {batch} is not under way any more.",
            where=f"batch {batch}",
            remedy="Another run has settled it. See `matricula history` for the run that goes on.",
            code="journal-closed",
        )
    return _read_batch(row)


def _read_batch(row: Row[*tuple[Any, ...]]) -> Batch:
    values = row._asdict()
    return Batch(**{**values, "changes": json.loads(values["changes"])})
