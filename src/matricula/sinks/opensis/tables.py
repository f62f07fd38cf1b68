"""The four tables of openSIS in which a gradebook stands: types, assignments, grades, and final grades."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, delete, func, or_, select, update
from sqlalchemy.dialects import mysql

from matricula.sinks.database.fitting import Row, Unfit
from matricula.sinks.database.shelves import Act, Kept, parts
from matricula.sinks.opensis.columns import (
    counted,
    dated,
    described,
    needed,
    numbered,
    period,
    pointed,
    reference,
    worded,
)
from matricula.sinks.opensis.shelf import TABLES, OpensisShelf

_CLASS: Final = numbered("course_period_id", "class", "section", "section")
_STUDENT: Final = numbered("student_id", "student", "student", "student")


class Types(OpensisShelf):
    """Types of assignments: categories."""

    kind = "grade-category"
    number = "assignment_type_id"

    def columns(self, _: ZoneInfo) -> list[Kept]:
        """Title, weight and section."""
        return [
            worded("title", "title", self.table, "The title"),
            counted("final_grade_percent", "weight", self.table, "The weight", share=True),
            _CLASS,
        ]

    def may_go(self, connection: Connection, id_: str) -> None:
        """See that no assignment is filed under it."""
        items = self.table.metadata.tables[TABLES["line-item"]]
        if connection.execute(
            select(items.c.assignment_id).where(items.c.assignment_type_id == int(id_)).limit(1)
        ).first():
            raise Unfit("Assignments are filed under it in openSIS.")

    def beside(self, act: Act) -> dict[str, Any]:
        """The teacher and the course."""
        section = self.school.section(act.row["class"])
        return {"staff_id": _teacher(section.teacher), "course_id": section.course}

    def check(self, row: Row) -> None:
        """See that the section has a teacher, whose gradebook it is."""
        _teacher(self.school.section(row["class"]).teacher)


class Assignments(OpensisShelf):
    """Assignments: line items."""

    kind = "line-item"
    number = "assignment_id"

    def columns(self, zone: ZoneInfo) -> list[Kept]:
        """What a teacher enters of an assignment."""
        return [
            worded("title", "title", self.table, "The title"),
            described("description"),
            dated("assigned_date", "assigned", self.table, zone),
            dated("due_date", "due", self.table, zone),
            needed(
                counted("points", "maximum", self.table, "The maximum"), "openSIS needs the points of an assignment."
            ),
            period("marking_period_id", self.table),
            reference("assignment_type_id", "category", "a type of assignment"),
            _CLASS,
        ]

    def check(self, row: Row) -> None:
        """See that section, teacher and marking period are there."""
        section = self.school.section(row["class"])
        _teacher(section.teacher)
        self.school.period(section, row["session"])

    def may_go(self, connection: Connection, id_: str) -> None:
        """See that no grade stands in it, whoever gave it."""
        grades = self.table.metadata.tables[TABLES["result"]]
        given = or_(grades.c.points.is_not(None), func.coalesce(grades.c.comment, "") != "")
        if connection.execute(
            select(grades.c.student_id).where(grades.c.assignment_id == int(id_), given).limit(1)
        ).first():
            raise Unfit("Grades stand in it in openSIS; those that Matricula sent must be removed first.")

    def beside(self, act: Act) -> dict[str, Any]:
        """The teacher."""
        return {"staff_id": self.school.section(act.row["class"]).teacher}

    def delete(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Take assignments out, and the empty rows that openSIS made for them."""
        grades = self.table.metadata.tables[TABLES["result"]]
        connection.execute(delete(grades).where(grades.c.assignment_id.in_([int(act.id) for act in acts])))
        super().delete(connection, acts)


class Grades(OpensisShelf):
    """Grades: results. openSIS makes empty rows when a page is saved; those say nothing."""

    kind = "result"

    def columns(self, _: ZoneInfo) -> list[Kept]:
        """Points, the comment, and whose grade of what it is."""
        return [
            pointed(self.table),
            worded("comment", "comment", self.table, "The comment"),
            reference("assignment_id", "item", "an assignment"),
            _STUDENT,
            _CLASS,
        ]

    def check(self, row: Row) -> None:
        """See that the student is scheduled, and that the grade stays that of the same student and assignment."""
        student = self.school.student(self.school.section(row["class"]), row["student"])
        if row["id"] not in (None, f"{row['item']}-{student}"):
            raise Unfit("A grade cannot become that of another student or assignment.")

    def near(self, new: Sequence[Row]) -> ColumnElement[bool] | None:
        """All grades of the assignments."""
        items = {int(row["item"]) for row in new if (row["item"] or "").isdecimal()}
        return self.table.c.assignment_id.in_(sorted(items)) if items else None

    def insert(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Put grades in, or fill the empty rows that openSIS made."""
        new = mysql.insert(self.table)
        filled = {name: new.inserted[name] for name in ("points", "comment")}
        rows = [{**act.cells, **self.beside(act)} for act in acts]
        connection.execute(new.on_duplicate_key_update(filled | self.touched()), rows)
        for act in acts:
            act.id = f"{act.cells['assignment_id']}-{act.cells['student_id']}"

    def update(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Change grades, all at once: whose grade of what it is never changes."""
        self.insert(connection, acts)

    def beside(self, act: Act) -> dict[str, Any]:
        """The period of the day."""
        return {"period_id": self.school.section(act.row["class"]).period}

    def which(self, id_: str) -> ColumnElement[bool]:
        """The row of an assignment and a student."""
        assignment, _, student = id_.partition("-")
        return and_(self.table.c.assignment_id == int(assignment), self.table.c.student_id == int(student))

    def ids_where(self, ids: Collection[str]) -> Iterable[ColumnElement[bool]]:
        """Where grades of ids stand."""
        students: dict[int, list[int]] = {}
        for assignment, dash, student in (each.partition("-") for each in sorted(ids)):
            if dash and assignment.isdecimal() and student.isdecimal():
                students.setdefault(int(assignment), []).append(int(student))
        columns = self.table.c
        return [
            and_(columns.assignment_id == each, columns.student_id.in_(part))
            for each, those in students.items()
            for part in parts(those)
        ]

    def told(self) -> list[ColumnElement[Any]]:
        """Assignment and student."""
        return [self.table.c.assignment_id, self.table.c.student_id]

    def says_something(self, cells: Mapping[str, Any]) -> bool:
        """Whether points or a comment stand there."""
        return cells["points"] is not None or bool(cells["comment"])


class Finals(OpensisShelf):
    """Final grades for report cards. Credits are the school's own, and so is what it computes of them."""

    kind = "final-grade"
    number = "id"

    def columns(self, _: ZoneInfo) -> list[Kept]:
        """Percentage, letter, comment, and whose grade of what it is."""
        return [
            counted("grade_percent", "percent", self.table, "The percentage"),
            worded("grade_letter", "letter", self.table, "The letter"),
            worded("comment", "comment", self.table, "The comment"),
            period("marking_period_id", self.table),
            _STUDENT,
            _CLASS,
        ]

    def check(self, row: Row) -> None:
        """See that student and marking period are there."""
        section = self.school.section(row["class"])
        self.school.student(section, row["student"])
        self.school.period(section, row["session"])

    def near(self, new: Sequence[Row]) -> ColumnElement[bool] | None:
        """All final grades of the sections."""
        sections = {
            each.id for each in self.school.sections.values() if f"section-{each.id}" in {r["class"] for r in new}
        }
        return self.table.c.course_period_id.in_(sorted(sections)) if sections else None

    def may_go(self, connection: Connection, id_: str) -> None:
        """See that the school has noted no credits with it."""
        earned = select(self.table.c.credit_earned).where(self.which(id_))
        if connection.execute(earned).scalar():
            raise Unfit("The school has noted credits with this final grade.")

    def beside(self, act: Act) -> dict[str, Any]:
        """School, year, title of the course, and what the letter counts."""
        section = self.school.section(act.row["class"])
        there = {
            "syear": section.year, "school_id": section.school, "course_title": section.title, **self._counts(act)
        }  # fmt: skip
        return {name: value for name, value in there.items() if name in self.table.c}

    def update(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Change final grades, and what their letters count."""
        for act in acts:
            values = {**act.cells, **self._counts(act), **self.touched()}
            connection.execute(update(self.table).where(self.which(act.id)).values(values))

    def _counts(self, act: Act) -> dict[str, Any]:
        """What the letter counts by the section's own scale; nothing where the scale has no such letter."""
        section = self.school.section(act.row["class"])
        found = self.school.letters.get((section.scale or 0, act.row["letter"] or ""))
        return {
            "report_card_grade_id": found.id if found else None,
            "unweighted_gp": found.counts if found else None,
            "gp_scale": found.of if found else None,
        }


SHELVES: Final = (Types, Assignments, Grades, Finals)
"""The places of the four kinds of records."""


def _teacher(number: int | None) -> int:
    if number is None:
        raise Unfit("The section has no teacher in openSIS, and a gradebook is a teacher's.")
    return number
