"""Columns of the gradebook that no activity has: where the plugin local_matricula puts the grades of a tool's lessons.

A lesson that somebody gave an activity, or that is called as one, goes there; every other one has a column of its own,
known by its ID number `LESSON-REVISION`.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from matricula.moodle import GradeItemRow, GradeRow, Moodle, Written
from matricula.moodle.gradebook import GradeCell
from matricula.moodle.plugin_calls import SAVE_GRADE_ITEMS, SAVE_GRADES
from matricula.tools.grading import OWN_COLUMN, Activity, Place, idnumber_of

#: What the plugin says of single grades, in words.
TOLD: Final[Mapping[str, str]] = {
    "nouser": "The account is no longer in Moodle.",
    "noitem": "The column is no longer in Moodle's gradebook; look at the preview anew.",
    "notenrolled": "The person is not in the course any more.",
    "locked": "The grade or its column is locked in Moodle's gradebook; unlock it there.",
    "overridden": "A teacher overrode the grade in Moodle's gradebook, which keeps it.",
    "beyond": "The grade is beyond what the column takes, and Moodle does not allow more than the maximum.",
}


def offered(moodle: Moodle) -> bool:
    """Whether a site has the plugin that makes such columns."""
    return moodle.plugin.offers(SAVE_GRADE_ITEMS) and moodle.plugin.offers(SAVE_GRADES)


def column_of(cell: GradeCell) -> Activity:
    """A column as it is in the gradebook; its place in the course is the item's id with a minus, as it has none."""
    maximum = None if cell.has_scale else cell.maximum
    return Activity(-cell.item_id, OWN_COLUMN, cell.item_id, 0, cell.name, maximum, cell.item_locked)


def make(
    moodle: Moodle, course: int, changes: Iterable[Mapping[str, Any]], there: Mapping[str, Activity]
) -> tuple[dict[str, int], dict[str, str]]:
    """Make the columns that changes need and that are not there, or that give another number of points.

    Args:
        moodle: the site.
        course: the course.
        changes: changes of a preview, of own columns all.
        there: the columns that are there, by ID number.

    Returns:
        the ids of all columns by ID number, and why some could not be made.

    Raises:
        MoodleError: the site cannot go on.
    """
    wanted = {idnumber_of(Place(each["lesson"], each["revision"])): each for each in changes}
    made = {number: there[number].item for number in wanted if number in there}
    missing = [
        number for number, each in wanted.items() if number not in there or there[number].maximum != each["maximum"]
    ]
    rows: list[GradeItemRow] = [
        {
            "courseid": course,
            "idnumber": number,
            "name": there[number].name if number in there else wanted[number]["title"],
            "max": float(wanted[number]["maximum"]),
            "min": 0.0,
            "id": made.get(number),
        }
        for number in missing
    ]
    refused = {}
    for number, outcome in zip(missing, moodle.plugin.save_grade_items(rows), strict=True):
        if outcome.done and outcome.id is not None:
            made[number] = outcome.id
        else:
            refused[number] = f"The column could not be made: {outcome.message or outcome.code}"
    return made, refused


def write(moodle: Moodle, course: int, changes: Sequence[Mapping[str, Any]], items: Mapping[str, int]) -> list[Written]:
    """Write grades into own columns, each by itself; feedback stays as it is."""
    rows: list[GradeRow] = [
        {
            "courseid": course,
            "itemid": items[idnumber_of(Place(each["lesson"], each["revision"]))],
            "userid": int(each["user"]),
            "grade": float(each["after"]),
        }
        for each in changes
    ]
    return moodle.plugin.save_grades(rows)


def words_of(outcome: Written) -> str:
    """Why a grade was not written."""
    return TOLD.get(outcome.code, f"Moodle could not write the grade. {outcome.message}".strip())
