"""What a gradebook of openSIS hangs on: its sections, marking periods, and who is scheduled.

The ids are those that the preset `opensis` of the source `sql` gives: `section-17`, `student-4`, `term-12`.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, bindparam, text

from matricula.sinks.database.fitting import Unfit
from matricula.sinks.database.shelves import parts

_PERIODS: Final = (
    "SELECT marking_period_id, school_id, syear FROM school_years UNION ALL "
    "SELECT marking_period_id, school_id, syear FROM school_semesters UNION ALL "
    "SELECT marking_period_id, school_id, syear FROM school_quarters UNION ALL "
    "SELECT marking_period_id, school_id, syear FROM school_progress_periods"
)
_SECTIONS: Final = text(
    "SELECT p.course_period_id, p.course_id, p.teacher_id, p.school_id, p.syear, p.grade_scale_id, c.title, "
    "(SELECT MIN(v.period_id) FROM course_period_var v WHERE v.course_period_id = p.course_period_id) "
    "FROM course_periods p LEFT JOIN courses c ON c.course_id = p.course_id WHERE p.course_period_id IN :ids"
).bindparams(bindparam("ids", expanding=True))
_SCHEDULED: Final = text(
    "SELECT DISTINCT course_period_id, student_id FROM schedule WHERE course_period_id IN :ids"
).bindparams(bindparam("ids", expanding=True))
_LETTERS: Final = text(
    "SELECT g.grade_scale_id, g.title, g.id, g.unweighted_gp, s.gp_scale FROM report_card_grades g "
    "LEFT JOIN report_card_grade_scales s ON s.id = g.grade_scale_id WHERE g.grade_scale_id IN :ids"
).bindparams(bindparam("ids", expanding=True))


def number_of(sourced_id: str | None, word: str, what: str) -> int:
    """The number that openSIS has for a record of the roster.

    Args:
        sourced_id: as `section-17`.
        word: what stands before the number.
        what: what it is, for people.

    Raises:
        Unfit: it is no such id.
    """
    before, _, number = (sourced_id or "").rpartition("-")
    if before != word or not number.isdecimal() or not number.isascii() or len(number) > 9:
        raise Unfit(f"openSIS has no such {what}.")
    return int(number)


@dataclass(frozen=True)
class Letter:
    """A letter of a scale of report cards: its id, what it counts, and the highest that the scale counts."""

    id: int
    counts: Decimal | None
    of: Decimal | None


@dataclass(frozen=True)
class Section:
    """A section: the teacher whose gradebook it is, and what openSIS notes beside grades."""

    id: int
    course: int
    teacher: int | None
    school: int
    year: int
    scale: int | None
    title: str | None
    period: int | None


@dataclass
class School:
    """Sections that were asked for, with their students; looked up once."""

    sections: dict[int, Section] = field(default_factory=dict)
    scheduled: set[tuple[int, int]] = field(default_factory=set)
    periods: dict[int, tuple[int, int]] = field(default_factory=dict)
    letters: dict[tuple[int, str], Letter] = field(default_factory=dict)

    def look(self, connection: Connection, classes: Iterable[str | None]) -> list[int]:
        """Look sections up by their sourcedIds; those that are unknown are left out.

        Returns:
            the numbers of those that there are.
        """
        wanted = sorted({number for each in classes if (number := _number(each)) is not None})
        if not self.periods:
            self.periods = {
                int(id_): (int(school), int(year)) for id_, school, year in connection.execute(text(_PERIODS))
            }
        for part in parts([each for each in wanted if each not in self.sections]):
            self._look(connection, part)
        return [each for each in wanted if each in self.sections]

    def section(self, class_: str | None) -> Section:
        """A section that was looked up; raises Unfit."""
        found = self.sections.get(number_of(class_, "section", "section"))
        if found is None:
            raise Unfit("openSIS has no such section.")
        return found

    def student(self, section: Section, student: str | None) -> int:
        """The number of somebody who is, or was, scheduled in a section; raises Unfit."""
        number = number_of(student, "student", "student")
        if (section.id, number) not in self.scheduled:
            raise Unfit("The student is not scheduled in this section of openSIS.")
        return number

    def period(self, section: Section, session: str | None) -> int:
        """The number of a marking period of the section's school and year; raises Unfit."""
        if session is None:
            raise Unfit("openSIS files it under a marking period, and none is said.")
        number = number_of(session, "term", "marking period")
        if self.periods.get(number) != (section.school, section.year):
            raise Unfit("The marking period is none of the section's school and year.")
        return number

    def _look(self, connection: Connection, ids: Collection[int]) -> None:
        for id_, course, teacher, school, year, scale, title, period in connection.execute(_SECTIONS, {"ids": ids}):
            self.sections[int(id_)] = Section(
                int(id_), int(course), _whole(teacher), int(school), int(year), _whole(scale), title, _whole(period)
            )
        for section, student in connection.execute(_SCHEDULED, {"ids": ids}):
            self.scheduled.add((int(section), int(student)))
        scales = {self.sections[each].scale for each in ids if each in self.sections} - {None}
        if scales:
            for scale, title, id_, counts, of in connection.execute(_LETTERS, {"ids": sorted(scales)}):  # type: ignore[type-var]
                self.letters[int(scale), title] = Letter(int(id_), counts, of)


def _number(class_: str | None) -> int | None:
    try:
        return number_of(class_, "section", "section")
    except Unfit:
        return None


def _whole(value: int | Decimal | None) -> int | None:
    return int(value) if value else None
