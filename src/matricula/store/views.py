"""Plans and runs as pages show them: filtered, counted, and a page at a time, however large they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import polars as pl
from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.plans import CHANGES_SCHEMA

_change: Final = schema.change
_outcome: Final = schema.outcome
_NOT_DONE: Final = ("refused", "stale", "skipped")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes of a plan are meant; what is empty does not matter.

    Args:
        kind: only this kind of record.
        action: only this action.
        text: only those with this in the name, the person or the course, in whatever case.
        outcome: only those that ended so: `done`, `refused`, `stale`, `skipped`, or `left` for all but `done`.
        removes: only those that take something away.
        numbers: only these.
    """

    kind: str = ""
    action: str = ""
    text: str = ""
    outcome: str = ""
    removes: bool = False
    numbers: tuple[int, ...] = ()

    @property
    def everything(self) -> bool:
        """Whether all changes are meant."""
        return self == Wanted()


@dataclass(frozen=True, slots=True)
class Tallied:
    """How many changes of a plan are of one kind and action.

    Args:
        kind: the kind of record.
        action: what is done.
        changes: how many.
        removes: how many of them take something away.
    """

    kind: str
    action: str
    changes: int
    removes: int


@dataclass(frozen=True, slots=True)
class ChangeEnd:
    """What became of one change.

    Args:
        state: `done`, `refused`, `stale` or `skipped`.
        reason: why, for all but `done`.
        run: the run.
    """

    state: str
    reason: str
    run: int


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A change that a run did not carry out.

    Args:
        number: its number in the plan.
        state: `refused`, `stale` or `skipped`.
        kind: the kind of record.
        action: what was to be done.
        key: the record.
        name: its name.
        reason: why it was not done.
    """

    number: int
    state: str
    kind: str
    action: str
    key: str
    name: str
    reason: str


class Views:
    """Queries for pages on plans and runs.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def tally(self, plan: int, wanted: Wanted | None = None) -> list[Tallied]:
        """How many changes of a plan there are of each kind and action."""
        removes = func.sum(_change.c.removes)
        statement = select(_change.c.kind, _change.c.action, func.count(), removes).group_by(
            _change.c.kind, _change.c.action
        )
        with self._database.reading() as connection:
            rows = connection.execute(statement.where(*_meant(plan, wanted or Wanted())))
            return [Tallied(kind, action, int(changes), int(taking)) for kind, action, changes, taking in rows]

    def changes(
        self, plan: int, wanted: Wanted | None = None, *, limit: int | None = None, offset: int = 0
    ) -> pl.DataFrame:
        """Changes of a plan in their order, in the columns of `CHANGES_SCHEMA`.

        Args:
            plan: the plan.
            wanted: which; by default all.
            limit: at most so many.
            offset: leave out so many at the beginning.
        """
        which = wanted or Wanted()
        statement = select(*(_change.c[name] for name in CHANGES_SCHEMA)).order_by(_change.c.number).limit(limit)
        # Numbers have no gaps: where all are meant, nothing has to be passed over.
        after = statement.where(_change.c.number > offset)
        statement = after if which.everything else statement.offset(offset)
        with self._database.reading() as connection:
            rows = [tuple(row) for row in connection.execute(statement.where(*_meant(plan, which)))]
        raw = {name: pl.Int8 if kind == pl.Boolean else kind for name, kind in CHANGES_SCHEMA.items()}
        return pl.DataFrame(rows, schema=raw, orient="row").with_columns(pl.col("removes").cast(pl.Boolean))

    def ended(self, plan: int, numbers: Iterable[int]) -> dict[int, ChangeEnd]:
        """What became of some changes of a plan, by number; of those without an outcome nothing."""
        columns = (_outcome.c.change, _outcome.c.state, _outcome.c.reason, _outcome.c.run)
        here = and_(_outcome.c.plan == plan, _outcome.c.change.in_(list(numbers)), _outcome.c.state != "sent")
        with self._database.reading() as connection:
            rows = connection.execute(select(*columns).where(here))
            return {number: ChangeEnd(state, reason, run) for number, state, reason, run in rows}

    def outcomes(self, run: int) -> dict[str, int]:
        """How many changes ended how in a run so far."""
        statement = select(_outcome.c.state, func.count()).where(_outcome.c.run == run, _outcome.c.state != "sent")
        with self._database.reading() as connection:
            rows = connection.execute(statement.group_by(_outcome.c.state))
            return {state: int(number) for state, number in rows}

    def left_over(self, run: int, *, state: str = "", limit: int | None = None, offset: int = 0) -> list[LeftOver]:
        """Changes that a run did not carry out, in the order of the plan.

        Args:
            run: the run.
            state: only those that ended so.
            limit: at most so many.
            offset: leave out so many at the beginning.
        """
        change = _change.c
        statement = (
            select(
                change.number, _outcome.c.state, change.kind, change.action, change.key, change.name, _outcome.c.reason
            )
            .join(_change, and_(_change.c.plan == _outcome.c.plan, _change.c.number == _outcome.c.change))
            .where(_outcome.c.run == run, _outcome.c.state.in_([state] if state else _NOT_DONE))
            .order_by(_change.c.number)
            .limit(limit)
            .offset(offset)
        )
        with self._database.reading() as connection:
            return [LeftOver(*row) for row in connection.execute(statement)]

    def job_of_run(self, run: int, profile: str) -> int | None:
        """The newest job that carried a run of a profile out; None where the command line did."""
        table = schema.job
        statement = select(func.max(table.c.id)).where(table.c.profile == profile, table.c.run == run)
        with self._database.reading() as connection:
            number: int | None = connection.execute(statement).scalar_one()
        return number

    def findings(self, plan: int) -> dict[str, int]:
        """How many findings of each severity a plan has."""
        table = schema.finding
        statement = select(table.c.severity, func.count()).where(table.c.plan == plan).group_by(table.c.severity)
        with self._database.reading() as connection:
            return {severity: int(number) for severity, number in connection.execute(statement)}


def _meant(plan: int, wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [_change.c.plan == plan]
    if wanted.kind:
        where.append(_change.c.kind == wanted.kind)
    if wanted.action:
        where.append(_change.c.action == wanted.action)
    if wanted.removes:
        where.append(_change.c.removes == 1)
    if wanted.numbers:
        where.append(_change.c.number.in_(wanted.numbers))
    if wanted.text.strip():
        where.append(contains(wanted.text, (_change.c.name, _change.c.person, _change.c.course)))
    if wanted.outcome:
        states = _NOT_DONE if wanted.outcome == "left" else (wanted.outcome,)
        here = (_outcome.c.plan == plan, _outcome.c.change == _change.c.number, _outcome.c.state.in_(states))
        where.append(exists().where(*here))
    return where


def contains(text: str, columns: Iterable[Any]) -> ColumnElement[bool]:
    """Whether one of some columns has a text in it, in whatever case.

    SQLite knows small and capital letters of ASCII alone, so the usual ways of writing the text are tried.
    """
    plain = text.strip()
    ways = dict.fromkeys((plain, plain.lower(), plain.upper(), plain.title(), plain.capitalize()))
    return or_(*(column.icontains(way, autoescape=True) for column in columns for way in ways))
