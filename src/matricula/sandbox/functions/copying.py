# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Copying courses: a new course from an old one, and content from one into another."""

from typing import Any

from matricula.sandbox.access import CATEGORY, COURSE, Place
from matricula.sandbox.cleaning import clean_int
from matricula.sandbox.functions.activities import delete_module
from matricula.sandbox.functions.course_state import (
    add_course,
    format_options,
    last_section,
)
from matricula.sandbox.functions.enrolment_state import enrol, manual_method
from matricula.sandbox.functions.gradebook import ensure_gradebook, retotal
from matricula.sandbox.refusals import refuse
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row

_DUPLICATE = (
    "activities", "blocks", "filters", "users", "enrolments", "role_assignments", "comments",
    "userscompletion", "logs", "grade_histories",
)  # fmt: skip
_IMPORT = ("activities", "blocks", "filters")


@function(
    "core_course_duplicate_course",
    takes="""courseid: int, fullname: text, shortname: text, categoryid: int, visible: int=1,
        options: [{name: alphaext, value: raw}]=[]""",
)
def duplicate_course(
    call: Call,
    courseid: int,
    fullname: str,
    shortname: str,
    categoryid: int,
    visible: int,
    options: list[Row],
) -> dict[str, Any]:
    """Makes a new course from an old one, with its people unless told otherwise; its number stays behind."""
    state = call.state
    old = state.one("SELECT * FROM course WHERE id = ?", courseid)
    if old is None:
        raise refuse("invalidcourseid")
    if not state.value("SELECT 1 FROM course_categories WHERE id = ?", categoryid):
        raise call.missing("course_categories")
    source, target = Place(COURSE, courseid), Place(CATEGORY, categoryid)
    call.access.enter(source)
    wishes = _wishes(options, _DUPLICATE)
    call.access.require("moodle/course:create", target)
    call.access.require("moodle/restore:restorecourse", target)
    call.access.require("moodle/backup:backupcourse", source)
    if wishes.get("users"):
        call.access.require("moodle/backup:userinfo", source)
        call.access.require("moodle/restore:userinfo", target)
    taken = state.all("SELECT fullname FROM course WHERE fold(shortname) = fold(?)", shortname)
    if taken:
        raise refuse("shortnametaken", a=",".join(row["fullname"] for row in taken))
    kept = {name: value for name, value in old.items() if name not in ("id", "place", "idnumber")}
    now = state.now()
    kept |= {"fullname": fullname, "shortname": shortname, "category": categoryid, "visible": visible}
    kept |= {"timecreated": now, "timemodified": now, "cacherev": now}
    key = add_course(state, kept, format_options(state, old), last_section(state, courseid))
    # a restored course stands before all others until the next one is created or moved
    top = state.value("SELECT sortorder FROM course_categories WHERE id = ?", categoryid)
    state.update("course", key, place=-top)
    state.run("INSERT INTO course_data SELECT ?, fieldid, data FROM course_data WHERE courseid = ?", key, courseid)
    if wishes.get("activities", 1):
        _copy_activities(call, courseid, key)
    if wishes.get("users", 1):
        _copy_people(call, courseid, key)
    return {"id": key, "shortname": shortname}


def _wishes(options: list[Row], known: tuple[str, ...]) -> dict[str, int]:
    wishes = {}
    for option in options:
        value = clean_int(option["value"])
        if value not in (0, 1) or option["name"] not in known:
            raise refuse("invalidextparam", a=option["name"])
        wishes[option["name"]] = value
    return wishes


def _copy_activities(call: Call, source: int, target: int) -> None:
    state = call.state
    rows = state.all("SELECT * FROM course_modules WHERE course = ? ORDER BY id", source)
    for row in rows:
        activity = state.one("SELECT * FROM activity WHERE module = ? AND id = ?", row["module"], row["instance"])
        if activity is None:
            continue
        number = 1 + int(state.value("SELECT COALESCE(MAX(id), 0) FROM activity WHERE module = ?", row["module"]))
        _insert_activity(call, activity | {"id": number, "course": target})
        copied = {name: row[name] for name in ("module", "section", "visible", "groupmode")}
        state.insert("course_modules", **copied, course=target, instance=number, added=state.now())
        _copy_item(call, source, target, row, number)
    if rows:
        retotal(state, target)


def _insert_activity(call: Call, activity: Row) -> None:
    names, marks = ", ".join(activity), ", ".join("?" * len(activity))
    call.state.run(f"INSERT INTO activity ({names}) VALUES ({marks})", *activity.values())


def _copy_item(call: Call, source: int, target: int, row: Row, number: int) -> None:
    state = call.state
    item = state.one(
        "SELECT * FROM grade_items WHERE courseid = ? AND itemmodule = ? AND iteminstance = ?",
        source,
        row["module"],
        row["instance"],
    )
    if item is None:
        return
    top = ensure_gradebook(state, target)
    kept = {name: value for name, value in item.items() if name != "id"}
    state.insert(
        "grade_items", **kept | {"courseid": target, "categoryid": top, "iteminstance": number, "idnumber": ""}
    )


def _copy_people(call: Call, source: int, target: int) -> None:
    state = call.state
    method = manual_method(state, target, enabled=True)
    rows = state.all(
        "SELECT ue.*, (SELECT ra.roleid FROM role_assignments ra JOIN context c ON c.id = ra.contextid"
        " WHERE c.level = 50 AND c.instanceid = e.courseid AND ra.userid = ue.userid LIMIT 1) AS role"
        " FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid"
        " WHERE e.courseid = ? AND e.enrol = 'manual'",
        source,
    )
    for row in rows:
        if method is not None:
            enrol(
                state, method, row["userid"], role=row["role"] or 0, start=row["timestart"],
                end=row["timeend"], status=row["status"],
            )  # fmt: skip


@function(
    "core_course_import_course",
    takes="""importfrom: int, importto: int, deletecontent: int=0,
        options: [{name: alpha, value: raw}]=[]""",
)
def import_course(call: Call, importfrom: int, importto: int, deletecontent: int, options: list[Row]) -> None:
    """Brings the activities of one course into another, after emptying that where told to."""
    if deletecontent not in (0, 1):
        raise refuse("invalidextparam", a=deletecontent)
    for key in (importfrom, importto):
        if call.course_place(key) is None:
            raise refuse("invalidcourseid")
        call.access.enter(Place(COURSE, key))
    wishes = _wishes(options, _IMPORT)
    call.access.require("moodle/backup:backuptargetimport", Place(COURSE, importfrom))
    call.access.require("moodle/restore:restoretargetimport", Place(COURSE, importto))
    if deletecontent:
        for row in call.state.all("SELECT * FROM course_modules WHERE course = ?", importto):
            delete_module(call, row)
        call.state.run("DELETE FROM groups WHERE courseid = ?", importto)
    last = last_section(call.state, importfrom)
    for number in range(last_section(call.state, importto) + 1, last + 1):
        call.state.insert("course_sections", course=importto, section=number)
    if wishes.get("activities", 1):
        _copy_activities(call, importfrom, importto)
