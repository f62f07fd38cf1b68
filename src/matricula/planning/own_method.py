"""Matricula's own enrolment method (the plugin enrol_matricula), and rows that travel through local_matricula.

The ledger's id of an enrolment is that of an enrolment of the own method. One without an id was made by hand's method
(enrol_manual) and stays with it until it is moved over.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import polars as pl

from matricula.moodle import (
    CourseEnrolment,
    CoursePerson,
    CourseRoleRow,
    MethodEnrolment,
    MethodUnenrolment,
    Moodle,
    Outcome,
)
from matricula.moodle.plugin_calls import ENROL
from matricula.planning.change import Change
from matricula.planning.entity import Fields, Row
from matricula.planning.ground import Ground
from matricula.planning.rules import RULES
from matricula.planning.step import Result
from matricula.roster import Finding

OWN: Final = "matricula"
MANUAL: Final = "manual"
#: What says that an enrolment is moved from one method to the other.
METHOD: Final = "method"
DATES: Final = ("timestart", "timeend")
_PLUGIN = "enrol_matricula"


def makes_own(moodle: Moodle) -> bool:
    """Whether new enrolments of a site are made by the own method."""
    return moodle.plugin.offers(ENROL) and moodle.plugin.about().has(_PLUGIN)


def method_of(ground: Ground, change: Change) -> Fields:
    """The method that the row of a change is for, and the enrolment that it must be; nothing where none is told."""
    if change.action == "create":
        own, number = makes_own(ground.moodle), None
    else:
        own, number = change.moodle_id is not None, change.moodle_id
    if not own and not ground.moodle.plugin.there:
        return {}
    return {"method": OWN if own else MANUAL, "id": number}


def out_of_reach(ground: Ground, changes: pl.DataFrame) -> list[Finding]:
    """That a site which is used without the own method would refuse changes of enrolments made by it.

    Args:
        ground: where the site is.
        changes: all changes of a plan.
    """
    concerned = changes.filter(pl.col("kind") == "enrolment", pl.col("moodle_id").is_not_null()).height
    if not concerned or makes_own(ground.moodle):
        return []
    told = {"number": concerned}
    return [RULES["own-method-missing"].finding(sourced_id="", line=None, value=concerned, told=told)]


def is_there(seen: CourseEnrolment, number: int | None, moodle: Moodle) -> bool:
    """Whether somebody in a course is there by the enrolment with an id, as far as the site tells.

    Args:
        seen: that they are there.
        number: the ledger's id; None where any method will do.
        moodle: the site.
    """
    return number is None or not moodle.plugin.there or (seen.own is not None and seen.own.id == number)


def may_be_ours(seen: CourseEnrolment) -> bool:
    """Whether somebody is in a course by a method that Matricula enrols by, as far as the site tells."""
    return not seen.methods or seen.own is not None or MANUAL in seen.methods


def courses_there(moodle: Moodle, ids: Sequence[int]) -> list[int]:
    """Of the ids of courses those that are on a site."""
    if moodle.plugin.there:
        missing = set(moodle.plugin.missing("course", ids))
        return [number for number in ids if number not in missing]
    return sorted(course.id for course in moodle.courses.by_ids(ids))


def own_fields(seen: CourseEnrolment, remembered: Mapping[str, Any]) -> Fields:
    """What only an enrolment of the own method tells: its own suspension, and dates that it has or should have."""
    own = seen.own
    if own is None:
        return {}
    dates = {"timestart": own.timestart, "timeend": own.timeend}
    return {
        "suspended": own.suspended,
        **{name: value for name, value in dates.items() if value or remembered.get(name) is not None},
    }


def enrol(moodle: Moodle, rows: Sequence[Row]) -> list[Result]:
    """Enrol through the plugin, each row by itself."""
    sent: list[MethodEnrolment] = [
        {
            "courseid": row["courseid"],
            "userid": row["userid"],
            "roleid": row["roleid"],
            "method": row["method"],
            "suspended": bool(row.get("suspend", False)),
            "timestart": row.get("timestart", 0),
            "timeend": row.get("timeend", 0),
            "id": row["id"],
        }
        for row in rows
    ]
    return [
        _result(outcome, keeps_id=row["method"] == OWN)
        for row, outcome in zip(rows, moodle.plugin.enrol(sent), strict=True)
    ]


def unenrol(moodle: Moodle, rows: Sequence[Row]) -> list[Result]:
    """End enrolments through the plugin, each by itself; those by other methods stay."""
    return [_result(outcome) for outcome in moodle.plugin.unenrol(cast("list[MethodUnenrolment]", rows))]


def take_roles(moodle: Moodle, rows: Sequence[Row]) -> list[Result]:
    """Take roles away through the plugin."""
    sent: list[CourseRoleRow] = [
        {"courseid": row["instanceid"], "userid": row["userid"], "roleid": row["roleid"]} for row in rows
    ]
    return [_result(outcome) for outcome in moodle.plugin.take_roles(sent)]


def move(moodle: Moodle, rows: Sequence[Row]) -> list[Result]:
    """Move enrolments by hand to the own method."""
    moved = moodle.plugin.move_enrolments(cast("list[CoursePerson]", rows))
    return [_result(outcome, keeps_id=True) for outcome in moved]


def without_plugin(rows: Sequence[Row]) -> tuple[list[Row], list[Result]]:
    """What can be written by Moodle's own calls: all but enrolments of the own method.

    Returns:
        the rows as these calls take them, and a result for each of all rows.
    """
    refused = Result(refused="It is of Matricula's own method, and the plugin is not there.", code="noplugin")
    theirs = [row.get("method") == OWN for row in rows]
    plain: list[Row] = [
        {name: value for name, value in row.items() if name not in ("method", "id")}
        for row, own in zip(rows, theirs, strict=True)
        if not own
    ]
    return plain, [refused if own else Result() for own in theirs]


def _result(outcome: Outcome, *, keeps_id: bool = False) -> Result:
    number = outcome.id if keeps_id else None
    return Result(number, "" if outcome.done else outcome.message or outcome.code, outcome.code)
