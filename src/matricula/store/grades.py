"""Kept grades: what was read of a gradebook before a change that destroys it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, func, insert, select

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.kept_grade


@dataclass(frozen=True, slots=True)
class KeptGrades:
    """The grades of one person in one course.

    Args:
        person_key: the person's key; empty where the ledger does not know them.
        course_key: the course's key.
        person: the person's name.
        course: the course's name.
        user_id: the account.
        course_id: the course in Moodle.
        grades: one mapping a grade.
        plan: the plan that holds the change.
        run: the run that kept them just before it; None where they were read for the plan alone.
        profile: the profile.
        at: when they were read.
    """

    person_key: str
    course_key: str
    person: str
    course: str
    user_id: int
    course_id: int
    grades: Sequence[Mapping[str, Any]]
    plan: int | None = None
    run: int | None = None
    profile: str = ""
    at: datetime | None = None


class GradesKept:
    """Queries on kept grades.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, kept: Iterable[KeptGrades], *, plan: int, profile: str, run: int | None = None) -> None:
        """Store grades; on disk when this returns. What was stored before stays.

        Args:
            kept: the grades; people without any are passed over.
            plan: the plan that holds the change.
            profile: its profile.
            run: the run that is about to send the change; None for a plan that is made.
        """
        now = datetime.now(UTC)
        rows = [
            {
                "plan": plan,
                "run": run,
                "profile": profile,
                "person_key": each.person_key,
                "course_key": each.course_key,
                "person": each.person,
                "course": each.course,
                "user_id": each.user_id,
                "course_id": each.course_id,
                "grades": json.dumps(list(each.grades), ensure_ascii=False),
                "at": now,
            }
            for each in kept
            if each.grades
        ]
        if rows:
            with self._database.writing() as connection:
                connection.execute(insert(_table), rows)

    def find(
        self,
        *,
        plan: int | None = None,
        run: int | None = None,
        profile: str | None = None,
        person_key: str | None = None,
        course_key: str | None = None,
    ) -> list[KeptGrades]:
        """Kept grades by person and course; of each person and course of a plan the last that were kept.

        Args:
            plan: only this plan's.
            run: only what this run kept.
            profile: only this profile's.
            person_key: only those of this person.
            course_key: only those in this course.
        """
        asked = {"plan": plan, "run": run, "profile": profile, "person_key": person_key, "course_key": course_key}
        wanted = [_table.c[name] == value for name, value in asked.items() if value is not None]
        last = (
            select(func.max(_table.c.id)).where(*wanted).group_by(_table.c.plan, _table.c.user_id, _table.c.course_id)
        )
        columns = [column for column in _table.c if column.name != "id"]
        statement = (
            select(*columns).where(_table.c.id.in_(last)).order_by(_table.c.person, _table.c.course, _table.c.id)
        )
        with self._database.reading() as connection:
            return [_read(row) for row in connection.execute(statement)]


def _read(row: Row[*tuple[Any, ...]]) -> KeptGrades:
    values = row._asdict()
    return KeptGrades(**{**values, "grades": json.loads(values["grades"])})
