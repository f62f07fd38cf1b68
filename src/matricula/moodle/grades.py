"""What people were given in the gradebook of a course.

Traps that these calls respect: asked for everybody, Moodle leaves out those who are suspended or have no role that is
graded, and, to a token's user who may not see all groups, those of other groups. So whoever is wanted and does not
come is asked for alone.
"""

from collections.abc import Collection
from dataclasses import dataclass

from matricula.moodle.family import Family
from matricula.moodle.gradebook import EVERYBODY, GradeCell, PersonGrades, read_grades

#: So many people of a course are asked for one by one; of more the whole course is read.
_FEW = 3


@dataclass(frozen=True, slots=True)
class Grade:
    """One grade, or feedback without one.

    Args:
        item_id: the grade item.
        name: its name; empty for totals.
        kind: `mod` (an activity), `manual`, `course` or `category` (totals).
        module: the kind of activity, such as `assign`; empty for others.
        idnumber: the item's ID number in the gradebook.
        raw: points; None where there is feedback alone.
        maximum: the most that can be had.
        formatted, percentage: as the site shows it, without HTML.
        feedback: what was written with it.
        overridden, locked, hidden: how it stands in the gradebook.
        graded_at: when, in seconds since 1970; None where the site does not tell.
    """

    item_id: int
    name: str
    kind: str
    module: str
    idnumber: str
    raw: float | None
    maximum: float | None
    formatted: str
    percentage: str
    feedback: str
    overridden: bool
    locked: bool
    hidden: bool
    graded_at: int | None


@dataclass(frozen=True, slots=True)
class Graded:
    """A person's grades in a course.

    Args:
        user_id: the person.
        name: their name.
        grades: items with a grade or feedback; empty where there is none.
    """

    user_id: int
    name: str
    grades: tuple[Grade, ...]


class Grades(Family):
    """Calls about grades."""

    def of_person(self, course_id: int, user_id: int) -> Graded:
        """The grades of one person in a course (`gradereport_user_get_grade_items`).

        Raises:
            Refused: there is no such course or user.
            AccessRefused: the token's user may not see grades.
            MoodleError: one of the tree.
        """
        found = [each for each in self._read(course_id, user_id) if each.user_id == user_id]
        return found[0] if found else Graded(user_id, "", ())

    def of_course(self, course_id: int, user_ids: Collection[int]) -> dict[int, Graded]:
        """The grades of people in a course, by user id, in one call for many of them.

        Args:
            course_id: the course.
            user_ids: those who must come; of a whole course come others, too.

        Raises:
            MoodleError: as `of_person`.
        """
        whole = self._read(course_id, EVERYBODY) if len(user_ids) > _FEW else []
        found = {each.user_id: each for each in whole}
        return found | {each: self.of_person(course_id, each) for each in user_ids if each not in found}

    def _read(self, course_id: int, user_id: int) -> list[Graded]:
        return [_graded(each) for each in read_grades(self._moodle, course_id, user_id)]


def _graded(person: PersonGrades) -> Graded:
    given = tuple(_grade(cell) for cell in person.cells if cell.raw is not None or cell.unreadable or cell.feedback)
    return Graded(person.user_id, person.name, given)


def _grade(cell: GradeCell) -> Grade:
    return Grade(
        item_id=cell.item_id,
        name=cell.name,
        kind=cell.kind,
        module=cell.module,
        idnumber=cell.idnumber,
        raw=cell.raw,
        maximum=cell.maximum,
        formatted=cell.shown,
        percentage=cell.percentage,
        feedback=cell.feedback,
        overridden=cell.overridden,
        locked=cell.locked,
        hidden=cell.hidden,
        graded_at=cell.graded_at,
    )
