"""Courses copied of a template, and new ones kept from writing to everybody who is enrolled."""

from collections.abc import Sequence
from typing import Any, Final, cast

from matricula.moodle import CourseCopy, Moodle, MoodleError
from matricula.moodle.plugin_calls import SILENCE
from matricula.planning.entity import Row
from matricula.planning.own_method import makes_own
from matricula.planning.step import Result

_NAMED: Final = ("fullname", "shortname", "categoryid")
#: What the plugin gives a copy at once; all else is filled in by a second call.
_AT_ONCE: Final = ("visible", "startdate", "enddate", "summary")


def row_of(row: dict[str, Any], *, whole: bool) -> dict[str, Any]:
    """What a copy is made with.

    The ID number says that a copy is finished (`Courses.find_made`): it goes along only where nothing is left to fill
    in.

    Args:
        row: all that the course is to have, as the calls take it.
        whole: whether the plugin makes it, which takes more than names.
    """
    copied = {name: row[name] for name in _NAMED}
    if not whole:
        return copied
    copied |= {name: row[name] for name in _AT_ONCE if name in row}
    if "customfields" in row:
        copied["customfields"] = {each["shortname"]: str(each["value"]) for each in row["customfields"]}
    if not row.keys() - copied.keys() - {"idnumber"}:
        copied |= {name: row[name] for name in ("idnumber",) if row.get(name)}
    return copied


def copied(moodle: Moodle, row: Row, *, by_plugin: bool) -> Result:
    """A copy, made now or by a call whose answer never came: Moodle shows it only when its contents are there."""
    found = next(iter(moodle.courses.find("shortname", row["shortname"])), None)
    if found is None:
        return _by_plugin(moodle, row) if by_plugin else _by_moodle(moodle, row)
    ours = found.idnumber == row["idnumber"] if row.get("idnumber") else not found.idnumber
    if not ours or not (found.visible or by_plugin):
        return Result(refused="A course with this short name is there already.")
    return Result(found.id)


def silence(moodle: Moodle, ids: Sequence[int]) -> None:
    """Keep new courses from writing to everybody who is enrolled by hand's method, where the plugin can.

    The own method writes to nobody. A message too many is no reason for a course not to be.
    """
    if moodle.plugin.offers(SILENCE) and not makes_own(moodle):
        try:
            moodle.plugin.silence(ids)
        except MoodleError:
            return


def _by_moodle(moodle: Moodle, row: Row) -> Result:
    named = {name: row[name] for name in ("fullname", "shortname")}
    return Result(moodle.courses.duplicate(row["course"], **named, category=row["categoryid"]).id)


def _by_plugin(moodle: Moodle, row: Row) -> Result:
    copy = {name: value for name, value in row.items() if name != "course"} | {"templateid": row["course"]}
    (outcome,) = moodle.plugin.copy_courses([cast("CourseCopy", copy)])
    if outcome.id is not None:
        silence(moodle, [outcome.id])
    return Result(outcome.id, "" if outcome.done else outcome.message or outcome.code, outcome.code)
