"""Enrolling and unenrolling by hand, roles, and links between courses."""

from typing import Any

from matricula.sandbox.access import COURSE, Place, assign_role, context_id, place_from
from matricula.sandbox.functions.enrolment_state import (
    enrol,
    follow_link,
    manual_method,
    unenrol,
)
from matricula.sandbox.refusals import Refusal, coding_error, invalid_parameter, refuse
from matricula.sandbox.registry import Call, active_user, function
from matricula.sandbox.state import Row


@function(
    "enrol_manual_enrol_users",
    takes="""enrolments: [{roleid: int, userid: int, courseid: int, timestart: int?, timeend: int?,
        suspend: int?}]""",
    whole=True,
)
def enrol_users(call: Call, enrolments: list[Row]) -> None:
    """Enrols users, all or none; dates left out become 0, also for those enrolled before."""
    allowed: dict[int, set[int]] = {}
    methods: dict[int, Row | None] = {}
    for row in enrolments:
        course = row["courseid"]
        if course not in allowed:
            place = call.course_place(course)
            call.access.enter(place)
            here = Place(COURSE, course)
            call.access.require("enrol/manual:enrol", here)
            allowed[course] = call.access.assignable_roles(here)
            methods[course] = manual_method(call.state, course, enabled=True)
        user = active_user(call, row["userid"])
        if row["roleid"] not in allowed[course]:
            raise refuse("wsusercannotassign", roleid=row["roleid"], userid=user["id"], courseid=course)
        method = methods[course]
        if method is None:
            raise refuse("wsnoinstance", a=course)
        enrol(
            call.state,
            method,
            user["id"],
            role=row["roleid"],
            start=row.get("timestart", 0),
            end=row.get("timeend", 0),
            status=1 if row.get("suspend") else 0,
        )


@function(
    "enrol_manual_unenrol_users",
    takes="enrolments: [{userid: int, courseid: int, roleid: int?}]",
    whole=True,
)
def unenrol_users(call: Call, enrolments: list[Row]) -> None:
    """Ends manual enrolments, all or none; the role named is not looked at."""
    for row in enrolments:
        course = call.state.record("course", row["courseid"])["id"]
        here = Place(COURSE, course)
        call.access.enter(here)
        call.access.require("enrol/manual:unenrol", here)
        method = manual_method(call.state, course, enabled=False)
        if method is None:
            raise refuse("wsnoinstance", a=course)
        unenrol(call.state, method, active_user(call, row["userid"])["id"])


_ROLE_ROWS = "[{roleid: int, userid: int, contextid: int?, contextlevel: alpha?, instanceid: int?}]"


@function("core_role_assign_roles", takes=f"assignments: {_ROLE_ROWS}", whole=True)
def assign_roles(call: Call, assignments: list[Row]) -> None:
    """Gives roles in any context, all or none; this enrols nobody."""
    for row in assignments:
        place = _assignable(call, row)
        if not call.state.value("SELECT 1 FROM user WHERE id = ? AND deleted = 0", row["userid"]):
            raise coding_error("User ID does not exist or is deleted!")
        assign_role(call.state, row["roleid"], row["userid"], place)


@function("core_role_unassign_roles", takes=f"unassignments: {_ROLE_ROWS}", whole=True)
def unassign_roles(call: Call, unassignments: list[Row]) -> None:
    """Takes roles away that were given by hand, all or none."""
    for row in unassignments:
        place = _assignable(call, row)
        call.state.run(
            "DELETE FROM role_assignments WHERE contextid = ? AND userid = ? AND roleid = ? AND component = ''",
            context_id(call.state, place),
            row["userid"],
            row["roleid"],
        )


def _assignable(call: Call, row: Row) -> Place:
    place = place_from(call.state, row)
    call.access.enter(place)
    if place is None:
        raise invalid_parameter()
    call.access.require("moodle/role:assign", place)
    if row["roleid"] not in call.access.assignable_roles(place):
        raise invalid_parameter()
    return place


_LINKS = "instances: [{metacourseid: int, courseid: raw%s}]=[]"


@function("enrol_meta_add_instances", takes=_LINKS % ", creategroup: bool=0")
def add_links(call: Call, instances: list[Row]) -> list[dict[str, Any]]:
    """Links courses, one by one; a link that is there already answers false."""
    return [_answer(row, _add_link(call, row)) for row in _checked(instances)]


@function("enrol_meta_delete_instances", takes=_LINKS % "")
def delete_links(call: Call, instances: list[Row]) -> list[dict[str, Any]]:
    """Ends links between courses, one by one; a link that is not there answers false."""
    return [_answer(row, _delete_link(call, row)) for row in _checked(instances)]


def _checked(instances: list[Row]) -> list[Row]:
    if not instances:
        raise invalid_parameter()
    return instances


def _answer(row: Row, done: bool) -> dict[str, Any]:  # noqa: FBT001
    return {"metacourseid": row["metacourseid"], "courseid": row["courseid"], "status": done}


def _linkable(call: Call, row: Row) -> tuple[int, int, Row | None]:
    target = row["metacourseid"]
    source = int(row["courseid"]) if row["courseid"].isdecimal() else 0
    try:
        place = call.course_place(target)
        call.access.enter(place)
        for capability in ("moodle/course:enrolconfig", "enrol/meta:config"):
            call.access.require(capability, Place(COURSE, target))
        call.access.enter(call.course_place(source))
        call.access.require("enrol/meta:selectaslinked", Place(COURSE, source))
    except Refusal:
        raise invalid_parameter() from None
    link = call.state.one(
        "SELECT * FROM enrol WHERE enrol = 'meta' AND courseid = ? AND customint1 = ?", target, source
    )
    return target, source, link


def _add_link(call: Call, row: Row) -> bool:
    target, source, link = _linkable(call, row)
    if link is not None:
        return False
    group = None
    if row["creategroup"]:
        name = call.state.record("course", source)["fullname"]
        group = call.state.insert("groups", courseid=target, name=f"{name} course")
    key = call.state.insert("enrol", enrol="meta", courseid=target, customint1=source, customint2=group)
    made = call.state.record("enrol", key)
    users = call.state.all(
        "SELECT DISTINCT ue.userid FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid"
        " WHERE e.courseid = ? AND e.enrol <> 'meta'",
        source,
    )
    for user in users:
        follow_link(call.state, made, user["userid"])
    return True


def _delete_link(call: Call, row: Row) -> bool:
    *_, link = _linkable(call, row)
    if link is None:
        return False
    for user in call.state.all("SELECT userid FROM user_enrolments WHERE enrolid = ?", link["id"]):
        unenrol(call.state, link, user["userid"])
    call.state.run("DELETE FROM enrol WHERE id = ?", link["id"])
    return True
