"""Whole gradebooks of courses: every item, and what everybody in the course has in it.

Traps that these calls respect, each seen on Moodle 5.1:

- Asked for everybody, Moodle leaves out those who are suspended or have no role that is graded; they are told of when
  they are asked for alone.
- `scaleid` holds the outcome's id. That an item has a scale is seen by its range, which is in the scale's words.
- An excluded grade with points has the status `dropped`, like one that a category drops as the lowest; one without
  points has the status `novalue`, like no grade at all. `excluded` is answered only to those who may not see hidden
  grades. See `GradeCell.status`.
- Names of categories and their places come with the report's table alone, as HTML.
- Where the site's user report leaves a column out (weights, percentages, letters, feedback), the answer lacks it, too.
"""

import html
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from matricula.moodle.family import Caller, Family
from matricula.moodle.shapes import Record, flag, inner, number, numbers, optional_number, record, records, text

GET_GRADES: Final = "gradereport_user_get_grade_items"
GET_TABLE: Final = "gradereport_user_get_grades_table"
EVERYBODY: Final = 0
WRITE: Final = "core_grades_update_grades"
#: What `core_grades_update_grades` answers.
WRITTEN, FAILED, SEVERAL, LOCKED = 0, 1, 2, 4

_TAG = re.compile(r"<[^>]*>")
_NUMERIC = re.compile(r"\s*-?[\d.,\s]*%?\s*")
_CATEGORY = re.compile(r"cat_(\d+)_\d+")


@dataclass(frozen=True, slots=True)
class GradeCell:
    """One person's place in one grade item, whether there is a grade or not.

    Args:
        item_id: the grade item.
        name: its name; empty for totals.
        kind: `mod` (an activity), `manual`, `course` or `category` (totals).
        module: the kind of activity, such as `assign`; empty for others.
        instance: the activity among those of its kind; for totals the category.
        number: the item among those of its activity.
        idnumber: its ID number in the gradebook.
        category: the category that it is in; None for totals.
        has_scale: whether it is graded with a scale; points are then the place in the scale, from 1.
        scale_id: the scale, where the site tells.
        cmid: the activity's place in the course.
        item_locked: whether the item as a whole is locked.
        minimum, maximum: of this person's points; those of totals follow from what counts for the person.
        weight: share of what stands above, from 0 to 1, as it counts for this person; None where not told.
        status: `used`, `novalue`, `dropped`, `extra`, `excluded` or empty where the site does not tell.
        raw: points; None where there are none.
        unreadable: whether points came that are no number.
        shown, percentage, letter, feedback: as the site shows them, without HTML but for feedback.
        hidden, locked, overridden: how it stands for the person; hidden also where the item is.
        submitted_at, graded_at: in seconds since 1970; None where the site does not tell.
    """

    item_id: int
    name: str
    kind: str
    module: str
    instance: int | None
    number: int | None
    idnumber: str
    category: int | None
    has_scale: bool
    scale_id: int | None
    cmid: int | None
    item_locked: bool
    minimum: float | None
    maximum: float | None
    weight: float | None
    status: str
    raw: float | None
    unreadable: bool
    shown: str
    percentage: str
    letter: str
    feedback: str
    hidden: bool
    locked: bool
    overridden: bool
    submitted_at: int | None
    graded_at: int | None


@dataclass(frozen=True, slots=True)
class PersonGrades:
    """What a person has in a course's gradebook.

    Args:
        user_id: the person.
        name: their name.
        cells: all items that the token's user sees, in the gradebook's order.
    """

    user_id: int
    name: str
    cells: tuple[GradeCell, ...]


@dataclass(frozen=True, slots=True)
class GradeCategory:
    """A category of a gradebook.

    Args:
        id: its id.
        parent: the category that it is in; None for the whole gradebook.
        name: its name; for the whole gradebook the course's.
    """

    id: int
    parent: int | None
    name: str


class Gradebooks(Family):
    """Calls about whole gradebooks."""

    def of_course(self, course_id: int) -> list[PersonGrades]:
        """Everybody whom a course's gradebook shows, in one call (`gradereport_user_get_grade_items`, userid 0).

        Raises:
            Refused: there is no such course.
            AccessRefused: the token's user may not see the grades of all.
            MoodleError: one of the tree.
        """
        return read_grades(self._moodle, course_id, EVERYBODY)

    def of_person(self, course_id: int, user_id: int) -> PersonGrades | None:
        """One person in a course, suspended or not (`gradereport_user_get_grade_items`); None where not told.

        Raises:
            Refused: there is no such course or user, or the account is suspended or deleted.
            MoodleError: one of the tree.
        """
        return next((each for each in read_grades(self._moodle, course_id, user_id) if each.user_id == user_id), None)

    def categories(self, course_id: int, user_id: int) -> list[GradeCategory]:
        """The categories of a course's gradebook, from above (`gradereport_user_get_grades_table`).

        Args:
            course_id: the course.
            user_id: anybody whom the gradebook shows.

        Raises:
            MoodleError: one of the tree.
        """
        answer = self._moodle.read(GET_TABLE, {"courseid": course_id, "userid": user_id})
        rows = [
            row
            for table in inner(answer, "tables", GET_TABLE)
            for row in records(table.get("tabledata"), GET_TABLE)
            if _is_category(row)
        ]
        return [_category(row) for row in rows]

    def write(
        self, course_id: int, module: str, cmid: int, grades: Mapping[int, float], *, item_number: int = 0
    ) -> int:
        """Writes grades of an activity that is there (`core_grades_update_grades`).

        Moodle answers `WRITTEN` also for grades that were overridden or locked for a person, and leaves these as they
        were: read them back. A grade above the maximum becomes the maximum.

        Args:
            course_id: the course.
            module: the kind of activity, such as `assign`.
            cmid: the activity's place in the course.
            grades: points by account.
            item_number: the item among those of the activity.

        Returns:
            `WRITTEN`, `FAILED`, `SEVERAL` (more than one item answers to that) or `LOCKED`.

        Raises:
            Refused: there is no such activity or course.
            InDoubt: no answer came.
            MoodleError: one of the tree.
        """
        where = {"source": "matricula", "courseid": course_id, "component": f"mod_{module}", "activityid": cmid}
        rows = [{"studentid": user, "grade": grade} for user, grade in grades.items()]
        answer = self._moodle.write(WRITE, where | {"itemnumber": item_number, "grades": rows})
        return number({"code": answer}, "code", WRITE, wrote=True)


def read_grades(moodle: Caller, course_id: int, user_id: int) -> list[PersonGrades]:
    """What a course's gradebook shows (`gradereport_user_get_grade_items`).

    Args:
        moodle: how the site is called.
        course_id: the course.
        user_id: a person, or `EVERYBODY`.

    Raises:
        MoodleError: one of the tree.
    """
    answer = moodle.read(GET_GRADES, {"courseid": course_id, "userid": user_id})
    return [
        PersonGrades(
            number(row, "userid", GET_GRADES),
            text(row, "userfullname"),
            tuple(_cell(item) for item in records(row.get("gradeitems"), GET_GRADES)),
        )
        for row in inner(answer, "usergrades", GET_GRADES)
    ]


def plain(told: str) -> str:
    """A text of the gradebook without HTML: icons stand beside grades that are passed, and scales are escaped."""
    return html.unescape(_TAG.sub("", told)).strip() if "<" in told or "&" in told else told.strip()


def points(value: Any) -> float | None:
    """A number of points, also one that came as a text or with a decimal comma; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        try:
            value = float(value.strip().replace(",", "."))
        except ValueError:
            return None
    return float(value) if isinstance(value, (int, float)) and math.isfinite(value) else None


def _cell(item: Record) -> GradeCell:
    given = item.get("graderaw")
    raw = points(given)
    shown = text(item, "rangeformatted")
    scale, outcome = optional_number(item, "scaleid"), optional_number(item, "outcomeid")
    told = None if scale == outcome else scale
    return GradeCell(
        item_id=number(item, "id", GET_GRADES),
        name=text(item, "itemname"),
        kind=text(item, "itemtype"),
        module=text(item, "itemmodule"),
        instance=optional_number(item, "iteminstance"),
        number=optional_number(item, "itemnumber"),
        idnumber=text(item, "idnumber"),
        category=optional_number(item, "categoryid"),
        has_scale=told is not None or _in_words(shown),
        scale_id=told,
        cmid=optional_number(item, "cmid"),
        item_locked=flag(item, "locked"),
        minimum=points(item.get("grademin")),
        maximum=points(item.get("grademax")),
        weight=points(item.get("weightraw")),
        status=text(item, "status") or ("used" if item.get("weightraw") else ""),
        raw=raw,
        unreadable=raw is None and given is not None,
        shown=plain(text(item, "gradeformatted")),
        percentage=plain(text(item, "percentageformatted")),
        letter=plain(text(item, "lettergradeformatted")),
        feedback=text(item, "feedback"),
        hidden=flag(item, "gradeishidden"),
        locked=flag(item, "gradeislocked"),
        overridden=flag(item, "gradeisoverridden"),
        submitted_at=optional_number(item, "gradedatesubmitted"),
        graded_at=optional_number(item, "gradedategraded"),
    )


def _in_words(shown: str) -> bool:
    """Whether a range is told in the words of a scale and not in numbers."""
    return any(not _NUMERIC.fullmatch(plain(part)) for part in shown.split("&ndash;"))


def _is_category(row: Record) -> bool:
    told = row.get("itemname")
    return isinstance(told, dict) and bool(_CATEGORY.fullmatch(text(told, "id")))


def _category(row: Record) -> GradeCategory:
    told = record(row["itemname"], GET_TABLE)
    found = _CATEGORY.fullmatch(text(told, "id"))
    key = int(found[1]) if found else 0
    above = [each for each in numbers(row, "parentcategories", GET_TABLE) if each != key]
    return GradeCategory(key, above[-1] if above else None, plain(text(told, "content")))
