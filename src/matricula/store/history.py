"""What plans did or would do to one record: its changes in all plans, with what became of each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.ledger import SEPARATOR

_change: Final = schema.change
_plan: Final = schema.plan
_outcome: Final = schema.outcome
_OF_PEOPLE: Final = ("enrolment", "group-member", "cohort-member")
_IN_COURSES: Final = ("group", "grouping")


@dataclass(frozen=True, slots=True)
class PastChange:
    """One change of a plan, with what became of it.

    Args:
        plan: the plan.
        number: the change's number in it.
        created_at: when the plan was made.
        plan_state: the state of the plan.
        kind: kind of record.
        action: what is done.
        key: the record.
        name: its name.
        before: what the site held.
        after: what is set.
        reason: why.
        place: the row that it comes from.
        run: the run that carried it out; None where none has.
        outcome: what became of it, as `done`; None where no run has come to it.
        told: why, for all but `done`.
    """

    plan: int
    number: int
    created_at: datetime
    plan_state: str
    kind: str
    action: str
    key: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    reason: str
    place: str
    run: int | None
    outcome: str | None
    told: str


class History:
    """Queries on what became of single records.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, profile: str, kind: str, key: str, *, limit: int | None = None, offset: int = 0) -> list[PastChange]:
        """Changes that concern a person or a course, newest first.

        Args:
            profile: the profile.
            kind: `user` or `course`; other kinds of records are asked for by themselves.
            key: the record.
            limit: at most so many.
            offset: leave out so many of the newest.
        """
        statement = _statement(profile, _concerns(kind, key)).limit(limit).offset(offset)
        with self._database.reading() as connection:
            return [_read(row) for row in connection.execute(statement)]

    def making(self, profile: str, kind: str, key: str) -> PastChange | None:
        """The last change that made a record and was carried out; None where there was none."""
        made = and_(_change.c.kind == kind, _change.c.key == key, _change.c.action == "create")
        statement = _statement(profile, made).where(_outcome.c.state == "done").limit(1)
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _read(row)


def _statement(profile: str, concerns: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    columns = [_change.c[name] for name in ("plan", "number", "kind", "action", "key", "name", "before", "after")]
    there = _plan.c.number == _change.c.plan
    ended = and_(_outcome.c.plan == _change.c.plan, _outcome.c.change == _change.c.number)
    return (
        select(
            *columns,
            _change.c.reason,
            _change.c.place,
            _plan.c.created_at,
            _plan.c.state.label("plan_state"),
            _outcome.c.run,
            _outcome.c.state.label("outcome"),
            func.coalesce(_outcome.c.reason, "").label("told"),
        )
        .join(_plan, there)
        .join(_outcome, ended, isouter=True)
        .where(_plan.c.profile == profile, concerns)
        .order_by(_change.c.plan.desc(), _change.c.number)
    )


def _concerns(kind: str, key: str) -> ColumnElement[bool]:
    itself = and_(_change.c.kind == kind, _change.c.key == key)
    first = func.substr(_change.c.key, 1, len(key) + 1) == f"{key}{SEPARATOR}"
    if kind == "user":
        return or_(itself, and_(_change.c.kind.in_(_OF_PEOPLE), first))
    if kind == "course":
        last = func.substr(_change.c.key, func.length(_change.c.key) - len(key)) == f"{SEPARATOR}{key}"
        return or_(itself, and_(_change.c.kind.in_(_IN_COURSES), first), and_(_change.c.kind == "enrolment", last))
    return itself


def _read(row: Row[*tuple[Any, ...]]) -> PastChange:
    values = row._asdict()
    fields = {name: json.loads(values[name] or "{}") for name in ("before", "after")}
    return PastChange(**values | fields)
