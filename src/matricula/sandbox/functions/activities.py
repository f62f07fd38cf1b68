# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""What is in a course: its sections and activities, and an activity's groups."""

import json
import time
from typing import Any

from matricula.sandbox.access import COURSE, MODULE, Place, context_id, holds
from matricula.sandbox.cleaning import clean_int
from matricula.sandbox.functions.course_state import WEEK, format_of, last_section
from matricula.sandbox.functions.enrolment_state import is_enrolled
from matricula.sandbox.functions.gradebook import retotal
from matricula.sandbox.functions.groups import user_groups
from matricula.sandbox.refusals import Refusal, refuse
from matricula.sandbox.registry import Call, active_user, function
from matricula.sandbox.state import Row

_PLURAL = {"assign": "Assignments", "quiz": "Quizzes", "lesson": "Lessons", "forum": "Forums"}
_PURPOSE = {"assign": "assessment", "quiz": "assessment", "lesson": "interactivecontent", "forum": "collaboration"}
_NUMBERED = {
    "4.5": {"assign": 1, "forum": 9, "lesson": 14, "quiz": 17},
    "5.1": {"assign": 1, "forum": 8, "lesson": 13, "quiz": 17},
}
"""By release: the number of each kind of activity."""
_SWITCHES = ("excludemodules", "excludecontents", "includestealthmodules")
_NUMBERS = ("sectionid", "sectionnumber", "cmid", "modid")


@function("core_course_get_contents", takes="courseid: int, options: [{name: alphanum, value: raw}]=[]")
def get_contents(call: Call, courseid: int, options: list[Row]) -> list[dict[str, Any]]:
    """The sections of a course and the activities in them."""
    wishes = _wishes(options)
    course = call.state.record("course", courseid)
    here = call.enter_course(courseid)
    if not course["visible"] and not call.access.can("moodle/course:viewhiddencourses", here):
        return []
    rows = call.state.all("SELECT * FROM course_sections WHERE course = ? ORDER BY section", courseid)
    last = last_section(call.state, courseid)
    found = []
    for row in rows:
        if "sectionid" in wishes and wishes["sectionid"] and row["id"] != wishes["sectionid"]:
            continue
        if "sectionnumber" in wishes and row["section"] != wishes["sectionnumber"]:
            continue
        if row["section"] and call.state.moodle != "4.5" and format_of(course) in _ONE_SECTION:
            continue
        found.append(_section(call, course, row, last, wishes))
    return found


def _wishes(options: list[Row]) -> dict[str, Any]:
    wishes: dict[str, Any] = {}
    for option in options:
        name, value = option["name"], option["value"]
        if name in _SWITCHES:
            wishes.setdefault(name, value not in ("", "0", "false", "off", "no"))
        elif name in _NUMBERS:
            wishes.setdefault(name, clean_int(value))
        elif name == "modname" and value:
            wishes.setdefault(name, value)
        else:
            raise refuse("errorinvalidparam", a=name)
    return wishes


def _section(call: Call, course: Row, row: Row, last: int, wishes: dict[str, Any]) -> dict[str, Any]:
    summary, kind = call.text(row["summary"], row["summaryformat"])
    modules = [] if wishes.get("excludemodules") else _modules(call, course, row["section"], wishes)
    return {
        "id": row["id"],
        "name": row["name"] or section_name(call, course, row["section"]),
        "visible": row["visible"],
        "summary": summary,
        "summaryformat": kind,
        "section": row["section"],
        "hiddenbynumsections": 1 if row["section"] > last else 0,
        "uservisible": True,
        "component": None,
        "itemid": None,
        "modules": modules,
    }


_ODD_NAMES = {
    "4.5": {"social": "section {}", "singleactivity": " {}", "site": "Site"},
    "5.1": {"social": "Social activities", "singleactivity": "Single activity", "site": "Site"},
}
_ONE_SECTION = ("social", "singleactivity")
"""Formats that show but their first section since 5.1."""


def section_name(call: Call, course: Row, number: int) -> str:
    """What a section without a name of its own is called."""
    odd = _ODD_NAMES[call.state.moodle].get(format_of(course))
    if odd is not None:
        return odd.format(number)
    if number == 0:
        return "General"
    if format_of(course) != "weeks":
        return "New section"
    first = course["startdate"] + (number - 1) * WEEK + 7200
    days = (time.gmtime(first), time.gmtime(first + 6 * 24 * 3600))
    return " - ".join(f"{day.tm_mday} {time.strftime('%B', day)}" for day in days)


def _modules(call: Call, course: Row, section: int, wishes: dict[str, Any]) -> list[dict[str, Any]]:
    here = Place(COURSE, course["id"])
    manager = call.access.can("moodle/course:viewhiddenactivities", here)
    rows = call.state.all(
        "SELECT m.*, a.name, a.opens, a.closes FROM course_modules m JOIN activity a ON a.module = m.module"
        " AND a.id = m.instance WHERE m.course = ? AND m.section = ? ORDER BY m.id",
        course["id"],
        section,
    )
    return [
        _module(call, row, manager=manager) for row in rows if (row["visible"] or manager) and _is_wanted(row, wishes)
    ]


def _is_wanted(row: Row, wishes: dict[str, Any]) -> bool:
    if wishes.get("cmid", row["id"]) != row["id"] or wishes.get("modname", row["module"]) != row["module"]:
        return False
    return "modname" not in wishes or bool(wishes.get("modid", row["instance"]) == row["instance"])


def _module(call: Call, row: Row, *, manager: bool) -> dict[str, Any]:
    shown = {"availability": None} if manager else {}
    return (
        shown
        | {
            "id": row["id"],
            "url": f"{call.url}/mod/{row['module']}/view.php?id={row['id']}",
            "name": call.string(row["name"]),
            "instance": row["instance"],
            "contextid": context_id(call.state, Place(MODULE, row["id"])),
            "visible": row["visible"],
            "uservisible": True,
            "visibleoncoursepage": 1,
            "modicon": f"{call.url}/theme/image.php/boost/{row['module']}/1/monologo?filtericon=1",
            "modname": row["module"],
            "purpose": _PURPOSE.get(row["module"], "other"),
            "branded": False,
            "modplural": _PLURAL.get(row["module"], row["module"]),
            "indent": 0,
            "onclick": "",
            "afterlink": None,
            "noviewlink": False,
            "completion": 0,
            "downloadcontent": 1,
            "groupmode": row["groupmode"],
        }
        | _extras(row)
    )


def _extras(row: Row) -> dict[str, Any]:
    if row["module"] == "forum":
        return {"dates": [], "customdata": '{"trackingtype":"1"}', "activitybadge": []}
    if row["module"] != "assign":
        return {"dates": [], "customdata": '""'}
    shown = {"allowsubmissionsfromdate": ("Opened:", row["opens"]), "duedate": ("Due:", row["closes"])}
    dates = [{"label": label, "timestamp": moment, "dataid": name} for name, (label, moment) in shown.items() if moment]
    known = {name: moment for name, (_, moment) in sorted(shown.items(), reverse=True) if moment}
    return {"dates": dates, "customdata": json.dumps(known, separators=(",", ":")) if known else '""'}


def known_module(call: Call, cmid: int) -> Row:
    """An activity by its place in a course; the refusal Moodle gives where there is none."""
    row = call.state.one(
        "SELECT m.*, a.name, a.grade FROM course_modules m JOIN activity a ON a.module = m.module"
        " AND a.id = m.instance WHERE m.id = ?",
        cmid,
    )
    if row is None:
        raise Refusal("dml_missing_record_exception", "invalidrecordunknown")
    return row


@function("core_course_get_course_module", takes="cmid: int")
def get_course_module(call: Call, cmid: int) -> dict[str, Any]:
    """One activity's settings."""
    row = known_module(call, cmid)
    here = Place(MODULE, cmid)
    call.access.enter(here)
    return {"cm": _settings(call, row, here), "warnings": []}


@function("core_course_get_course_module_by_instance", takes="module: component, instance: int")
def get_course_module_by_instance(call: Call, module: str, instance: int) -> dict[str, Any]:
    """One activity's settings, by its own number among those of its kind."""
    key = call.state.value("SELECT id FROM course_modules WHERE module = ? AND instance = ?", module, instance)
    if not key:
        if module not in _NUMBERED[call.state.moodle]:
            raise Refusal("dml_read_exception", "dmlreadexception", "Error reading from database")
        raise Refusal("dml_missing_record_exception", "invalidrecordunknown")
    return get_course_module(call, key)  # type: ignore[no-any-return]


def _settings(call: Call, row: Row, here: Place) -> dict[str, Any]:
    section = call.state.value(
        "SELECT id FROM course_sections WHERE course = ? AND section = ?", row["course"], row["section"]
    )
    entry: dict[str, Any] = {
        "id": row["id"],
        "course": row["course"],
        "module": _NUMBERED[call.state.moodle][row["module"]],
        "name": call.string(row["name"]),
        "modname": row["module"],
        "instance": row["instance"],
        "section": section or 0,
        "sectionnum": row["section"],
        "groupmode": row["groupmode"],
        "groupingid": row["groupingid"],
        "completion": 0,
        "downloadcontent": 1,
    }
    if call.access.can("moodle/course:manageactivities", here):
        entry |= {
            "idnumber": row["idnumber"] if row["module"] != "forum" else None,
            "added": row["added"],
            "score": 0,
            "indent": 0,
            "visible": row["visible"],
            "visibleoncoursepage": 1,
            "visibleold": 1,
            "completiongradeitemnumber": None,
            "completionpassgrade": 0,
            "completionview": 0,
            "completionexpected": 0,
            "showdescription": 0,
            "availability": None,
        } | _grading(call, row)
    return entry


def _grading(call: Call, row: Row) -> dict[str, Any]:
    if row["module"] == "forum":
        return {"advancedgrading": [{"area": "forum", "method": None}]}
    found: dict[str, Any] = {
        "grade": row["grade"],
        "gradepass": "0.00",
        "gradecat": call.state.value(
            "SELECT categoryid FROM grade_items WHERE itemmodule = ? AND iteminstance = ?",
            row["module"],
            row["instance"],
        ),
    }
    if row["module"] == "assign":
        found["advancedgrading"] = [{"area": "submissions", "method": None}]
    return found


@function("core_course_delete_modules", takes="cmids: [int]")
def delete_modules(call: Call, cmids: list[int]) -> None:
    """Removes activities with their grades, one by one."""
    for cmid in cmids:
        row = call.state.record("course_modules", cmid)
        call.access.enter(Place(COURSE, row["course"]))
        call.access.require("moodle/course:manageactivities", Place(MODULE, cmid))
        delete_module(call, row)


def delete_module(call: Call, row: Row) -> None:
    """Removes one activity and what hangs on it."""
    state, kind, key = call.state, row["module"], row["instance"]
    owned = "SELECT id FROM grade_items WHERE itemmodule = ? AND iteminstance = ?"
    state.run(f"DELETE FROM grade_grades WHERE itemid IN ({owned})", kind, key)
    state.run("DELETE FROM grade_items WHERE itemmodule = ? AND iteminstance = ?", kind, key)
    if kind == "assign":
        state.run("DELETE FROM assign_grades WHERE assignment = ?", key)
        state.run("DELETE FROM assign_submission WHERE assignment = ?", key)
    state.run("DELETE FROM activity WHERE module = ? AND id = ?", kind, key)
    state.run("DELETE FROM course_modules WHERE id = ?", row["id"])
    retotal(state, row["course"])


@function("core_group_get_activity_groupmode", takes="cmid: int")
def get_activity_groupmode(call: Call, cmid: int) -> dict[str, Any]:
    """Whether an activity keeps groups apart: 0 no, 1 separate, 2 visible."""
    row = known_module(call, cmid)
    call.access.enter(Place(MODULE, cmid))
    return {"groupmode": _groupmode(call, row), "warnings": []}


def _groupmode(call: Call, row: Row) -> int:
    course = call.state.record("course", row["course"])
    return int(course["groupmode"] if course["groupmodeforce"] else row["groupmode"])


@function("core_group_get_activity_allowed_groups", takes="cmid: int, userid: int=0")
def get_activity_allowed_groups(call: Call, cmid: int, userid: int) -> dict[str, Any]:
    """The groups a user may work with in an activity."""
    row = known_module(call, cmid)
    here = Place(MODULE, cmid)
    call.access.enter(here)
    user = active_user(call, userid or call.user["id"])["id"]
    groups: list[dict[str, Any]] = []
    warnings: list[dict[str, Any]] = []
    all_groups = holds(call.state, user, "moodle/site:accessallgroups", here)
    if user != call.user["id"] and not call.access.can("moodle/course:managegroups", here):
        raise refuse("accessdenied")
    if user != call.user["id"] and not _has_access(call, user, row["course"]):
        message = f"User {user} cannot access course {row['course']}"
        warnings.append({"item": "course", "itemid": row["course"], "warningcode": "1", "message": message})
    elif _groupmode(call, row):
        everything = all_groups or _groupmode(call, row) == 2
        groups = user_groups(call, row["course"], 0 if everything else user, row["groupingid"])
    return {"groups": groups, "canaccessallgroups": all_groups, "warnings": warnings}


def _has_access(call: Call, user: int, course: int) -> bool:
    if is_enrolled(call.state, course, user, active=True):
        return True
    return holds(call.state, user, "moodle/course:view", Place(COURSE, course))
