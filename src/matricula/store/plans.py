"""Plans: stored once, never altered; only their state moves, and who moved it is kept."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

import polars as pl
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from matricula.errors import StopError, UsageError
from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import insert_rows, read_frame

PlanState = Literal["ready", "held", "released", "rejected", "applied", "superseded"]

CHANGES_SCHEMA: Final = pl.Schema(
    {
        "number": pl.Int64,
        "kind": pl.String,
        "action": pl.String,
        "key": pl.String,
        "moodle_id": pl.Int64,
        "name": pl.String,
        "person": pl.String,
        "course": pl.String,
        "before": pl.String,
        "after": pl.String,
        "written": pl.String,
        "origin": pl.String,
        "reason": pl.String,
        "place": pl.String,
        "removes": pl.Boolean,
    }
)
"""Columns of a plan's changes: `number` counts from 1; `before`, `after` and `written` are JSON text."""

_NEXT: Final[dict[str, frozenset[str]]] = {
    "ready": frozenset({"held", "released", "rejected", "applied", "superseded"}),
    "held": frozenset({"released", "rejected", "superseded"}),
    "released": frozenset({"rejected", "applied", "superseded"}),
    "rejected": frozenset(),
    "applied": frozenset(),
    "superseded": frozenset(),
}

_SLICE: Final = 20_000


@dataclass(frozen=True, slots=True)
class PlanRecord:
    """A plan without its changes.

    Args:
        number: counts from 1 over all profiles; None until it is stored.
        profile: the profile it was made for.
        site: the site it would write to.
        source: where the roster came from.
        created_at: when it was made.
        state: `ready` to be applied, `held` for a person, `released` by one, `rejected`, `applied`, or
            `superseded` by a later plan.
        checksum: ties what is applied to what was shown.
        summary: counts and whatever else the planner wants kept, as JSON.
        held: the limits that were passed, as JSON.
    """

    number: int | None
    profile: str
    site: str
    source: str
    created_at: datetime
    state: PlanState
    checksum: str
    summary: dict[str, Any]
    held: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """Something wrong with the source, as found when a plan was made.

    Args:
        code: stable short name.
        severity: how bad it is.
        message: what was wrong.
        file: the file it was in.
        line: the line, counted from 1.
        column: the column's name.
        value: the value found there.
        remedy: what to do about it.
        subject: the record concerned.
        count: how many times it was found.
    """

    code: str
    severity: str
    message: str
    file: str | None = None
    line: int | None = None
    column: str | None = None
    value: str | None = None
    remedy: str | None = None
    subject: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class PlanMove:
    """One entry of a plan's audit.

    Args:
        plan: the plan's number.
        before: the state it had; None when it was stored.
        after: the state it got.
        by: who did it.
        words: what they said, or what the program did.
        at: when.
    """

    plan: int
    before: str | None
    after: str
    by: str
    words: str
    at: datetime


class Plans:
    """Queries on plans, their changes and findings.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, plan: PlanRecord, changes: pl.DataFrame, findings: Iterable[FindingRecord], by: str = "planner"
    ) -> int:
        """Store a plan with its changes and findings, all or nothing.

        Args:
            plan: its `number` is not looked at.
            changes: in the columns of `CHANGES_SCHEMA`, numbered from 1 without gaps.
            findings: in the order in which they are to be shown.
            by: who had it made.

        Returns:
            The plan's number.

        Raises:
            ValueError: the changes are not what `CHANGES_SCHEMA` says.
        """
        ordered = _checked(changes)
        with self._database.writing() as connection:
            number = self._insert(connection, plan)
            insert_rows(
                connection,
                schema.change,
                ("plan", *ordered.columns),
                (
                    (number, *row)
                    for chunk in ordered.with_columns(pl.col("removes").cast(pl.Int64)).iter_slices(_SLICE)
                    for row in chunk.rows()
                ),
            )
            _insert_findings(connection, number, findings)
            _note_move(connection, PlanMove(number, None, plan.state, by, "planned", datetime.now(UTC)))
        return number

    def get(self, number: int) -> PlanRecord:
        """A plan by its number.

        Raises:
            UsageError: there is no such plan.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(schema.plan).where(schema.plan.c.number == number)).one_or_none()
        if row is None:
            raise UsageError(
                f"There is no plan {number}.",
                where=f"plan {number}",
                remedy="See `matricula history` for the plans there are.",
                code="plan-unknown",
            )
        return _plan(row)

    def changes(
        self,
        number: int,
        *,
        kind: str | None = None,
        action: str | None = None,
        name_contains: str | None = None,
        person: str | None = None,
        course: str | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> pl.DataFrame:
        """A plan's changes in their order, in the columns of `CHANGES_SCHEMA`.

        Args:
            number: the plan.
            kind: only changes of this kind of record.
            action: only this action.
            name_contains: only records with this in their name, without regard to case.
            person: only changes about this person.
            course: only changes about this course.
            limit: at most so many rows.
            offset: leave out so many rows at the beginning.
        """
        table = schema.change
        statement = select(*(table.c[name] for name in CHANGES_SCHEMA)).where(table.c.plan == number)
        equal = {"kind": kind, "action": action, "person": person, "course": course}
        for name, value in equal.items():
            if value is not None:
                statement = statement.where(table.c[name] == value)
        if name_contains:
            statement = statement.where(func.lower(table.c.name).contains(name_contains.lower(), autoescape=True))
        statement = statement.order_by(table.c.number).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return read_frame(connection, statement, CHANGES_SCHEMA)

    def findings(self, number: int) -> list[FindingRecord]:
        """What was found wrong with the source when a plan was made, in the order given then."""
        table = schema.finding
        columns = [column for column in table.c if column.name not in ("plan", "position")]
        statement = select(*columns).where(table.c.plan == number).order_by(table.c.position)
        with self._database.reading() as connection:
            return [FindingRecord(**row._asdict()) for row in connection.execute(statement)]

    def all(
        self,
        profile: str | None = None,
        limit: int | None = None,
        state: str | None = None,
        *,
        sites: Collection[str] | None = None,
        states: Collection[str] = (),
        below: int | None = None,
    ) -> list[PlanRecord]:
        """Plans, newest first.

        Args:
            profile: only this profile's.
            limit: at most so many.
            state: only those in this state.
            sites: only those for these sites.
            states: only those in one of these states; by default in any.
            below: only those with a smaller number, to page on.
        """
        statement = select(schema.plan).order_by(schema.plan.c.number.desc()).limit(limit)
        if sites is not None:
            statement = statement.where(schema.plan.c.site.in_(sites))
        if below is not None:
            statement = statement.where(schema.plan.c.number < below)
        if profile is not None:
            statement = statement.where(schema.plan.c.profile == profile)
        if state is not None:
            statement = statement.where(schema.plan.c.state == state)
        if states:
            statement = statement.where(schema.plan.c.state.in_(states))
        return self._many(statement)

    def latest(self, profile: str, site: str | None = None) -> PlanRecord | None:
        """The newest plan of a profile.

        Args:
            profile: the profile.
            site: only for this site.
        """
        statement = select(schema.plan).where(schema.plan.c.profile == profile).order_by(schema.plan.c.number.desc())
        if site is not None:
            statement = statement.where(schema.plan.c.site == site)
        found = self._many(statement.limit(1))
        return found[0] if found else None

    def set_state(self, number: int, state: PlanState, by: str, words: str) -> None:
        """Move a plan to another state and note who did so; setting the state it has changes nothing.

        Args:
            number: the plan.
            state: the new state.
            by: the person or the part of the program that moved it.
            words: why, in their words.

        Raises:
            UsageError: there is no such plan.
            StopError: the plan cannot go there from where it is; a held plan, for one, is not applied unreleased.
        """
        with self._database.writing() as connection:
            connection.execute(select(schema.plan.c.number).where(schema.plan.c.number == number).with_for_update())
            current = self.get(number).state
            if state == current:
                return
            if state not in _NEXT[current]:
                raise StopError(
                    f"Plan {number} is {current} and cannot become {state}.",
                    where=f"plan {number}",
                    remedy="Make a new plan with `matricula plan`, or release a held one first.",
                    code="plan-state",
                )
            connection.execute(update(schema.plan).where(schema.plan.c.number == number).values(state=state))
            _note_move(connection, PlanMove(number, current, state, by, words, datetime.now(UTC)))

    def audit(self, number: int) -> list[PlanMove]:
        """All moves of a plan from state to state, oldest first."""
        table = schema.plan_audit
        columns = [column for column in table.c if column.name != "id"]
        statement = select(*columns).where(table.c.plan == number).order_by(table.c.id)
        with self._database.reading() as connection:
            return [PlanMove(**row._asdict()) for row in connection.execute(statement)]

    def _many(self, statement: Select[*tuple[Any, ...]]) -> list[PlanRecord]:
        with self._database.reading() as connection:
            return [_plan(row) for row in connection.execute(statement)]

    def _insert(self, connection: Connection, plan: PlanRecord) -> int:
        statement = (
            insert(schema.plan)
            .values(
                profile=plan.profile,
                site=plan.site,
                source=plan.source,
                created_at=plan.created_at,
                state=plan.state,
                checksum=plan.checksum,
                summary=json.dumps(plan.summary, ensure_ascii=False),
                held=json.dumps(plan.held, ensure_ascii=False),
            )
            .returning(schema.plan.c.number)
        )
        return connection.execute(statement).scalar_one()


def _checked(changes: pl.DataFrame) -> pl.DataFrame:
    if set(changes.columns) != set(CHANGES_SCHEMA):
        odd = sorted(set(changes.columns) ^ set(CHANGES_SCHEMA))
        raise ValueError(f"a plan's changes lack or exceed these columns: {', '.join(odd)}")
    ordered = changes.select(pl.col(name).cast(kind) for name, kind in CHANGES_SCHEMA.items()).sort("number")
    if not (ordered["number"] == pl.int_range(1, ordered.height + 1, eager=True)).all():
        raise ValueError("a plan's changes must be numbered from 1 without gaps")
    return ordered


def _insert_findings(connection: Connection, number: int, findings: Iterable[FindingRecord]) -> None:
    columns = [column.name for column in schema.finding.c]
    names = columns[2:]
    rows = (
        (number, position, *(getattr(finding, name) for name in names))
        for position, finding in enumerate(findings, start=1)
    )
    insert_rows(connection, schema.finding, columns, rows)


def _note_move(connection: Connection, move: PlanMove) -> None:
    connection.execute(
        insert(schema.plan_audit).values(
            plan=move.plan, before=move.before, after=move.after, by=move.by, words=move.words, at=move.at
        )
    )


def _plan(row: Row[*tuple[Any, ...]]) -> PlanRecord:
    record = PlanRecord(**row._asdict())
    return replace(record, summary=json.loads(row.summary), held=json.loads(row.held))
