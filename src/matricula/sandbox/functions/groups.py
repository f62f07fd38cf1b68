# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Groups within a course and their members (``group/externallib.php``)."""

from typing import Any

from matricula.sandbox.access import COURSE, Place
from matricula.sandbox.functions.enrolment_state import is_enrolled
from matricula.sandbox.refusals import Refusal, invalid_parameter, refuse
from matricula.sandbox.registry import Call, active_user, function, plain_format
from matricula.sandbox.state import Row

_CUSTOM = "customfields: [{shortname: alphanumext, value: raw}]?"


def manage_groups(call: Call, course: int) -> Place:
    """Goes into a course where the caller may manage groups."""
    here = call.enter_course(course)
    call.access.require("moodle/course:managegroups", here)
    return here


def check_number(call: Call, table: str, course: int, number: str, own: int) -> None:
    """Refuses a number that another group (or grouping) of the course has; here case counts."""
    taken = f"SELECT 1 FROM {table} WHERE courseid = ? AND idnumber = ? AND id <> ?"
    if number and call.state.value(taken, course, number, own):
        raise refuse("idnumbertaken")


def name_taken(call: Call, table: str, course: int, name: str) -> bool:
    """Whether a group (or grouping) of the course has that name; case does not count."""
    sql = f"SELECT 1 FROM {table} WHERE courseid = ? AND fold(name) = fold(?)"
    return bool(call.state.value(sql, course, name))


@function(
    "core_group_create_groups",
    takes=f"""groups: [{{courseid: int, name: text, description: raw, descriptionformat: int=1,
        enrolmentkey: raw?, idnumber: raw?, visibility: int=0, participation: bool=1, {_CUSTOM}}}]""",
    whole=True,
)
def create_groups(call: Call, groups: list[Row]) -> list[dict[str, Any]]:
    """Creates groups, all or none; name and number are unique in their course."""
    return [_create(call, group) for group in groups]


def _create(call: Call, group: Row) -> dict[str, Any]:
    course = group["courseid"]
    if not group["name"].strip() or name_taken(call, "groups", course, group["name"]):
        raise invalid_parameter()
    manage_groups(call, course)
    plain_format(group["descriptionformat"])
    _check_visibility(group["visibility"])
    number = group.get("idnumber", "").strip()
    check_number(call, "groups", course, number, 0)
    record = {
        "courseid": course,
        "name": group["name"].strip(),
        "description": group["description"],
        "descriptionformat": group["descriptionformat"],
        "enrolmentkey": group.get("enrolmentkey"),
        "idnumber": number,
        "visibility": group["visibility"],
        "participation": group["participation"] and group["visibility"] in (0, 1),
    }
    key = call.state.insert("groups", **record)
    return record | {"id": key, "enrolmentkey": record["enrolmentkey"] or ""}


def _check_visibility(visibility: int) -> None:
    if visibility not in range(4):
        raise invalid_parameter()


@function(
    "core_group_update_groups",
    takes=f"""groups: [{{id: int, name: text, description: raw?, descriptionformat: int=1,
        enrolmentkey: raw?, idnumber: raw?, visibility: text?, participation: bool?, {_CUSTOM}}}]""",
    whole=True,
)
def update_groups(call: Call, groups: list[Row]) -> None:
    """Changes groups, all or none; who sees a group is fixed once it has members."""
    for group in groups:
        if not group["name"].strip():
            raise invalid_parameter()
        old = call.state.one("SELECT * FROM groups WHERE id = ?", group["id"])
        if old is None:
            raise invalid_parameter()
        renamed = group["name"] != old["name"]
        if renamed and name_taken(call, "groups", old["courseid"], group["name"]):
            raise invalid_parameter()
        changes = _membership_changes(call, group, old)
        manage_groups(call, old["courseid"])
        if "idnumber" in group:
            changes["idnumber"] = group["idnumber"].strip()
            check_number(call, "groups", old["courseid"], changes["idnumber"], old["id"])
        changes |= {name: group[name] for name in ("description", "enrolmentkey") if name in group}
        changes["descriptionformat"] = group["descriptionformat"]
        call.state.update("groups", old["id"], name=group["name"].strip(), **changes)


def _membership_changes(call: Call, group: Row, old: Row) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if "visibility" in group:
        if not group["visibility"].isdecimal():
            raise invalid_parameter()
        changes["visibility"] = int(group["visibility"])
        _check_visibility(changes["visibility"])
    if "participation" in group:
        changes["participation"] = int(group["participation"])
    differs = any(old[name] != value for name, value in changes.items())
    if differs and call.state.value("SELECT 1 FROM groups_members WHERE groupid = ?", old["id"]):
        raise invalid_parameter()
    return changes


def shown_group(call: Call, group: Row) -> dict[str, Any]:
    """A group as the reading functions answer it."""
    text, kind = call.text(group["description"], group["descriptionformat"])
    return {
        "id": group["id"],
        "courseid": group["courseid"],
        "name": call.string(group["name"]),
        "description": text,
        "descriptionformat": kind,
        "enrolmentkey": group["enrolmentkey"],
        "idnumber": group["idnumber"],
        "visibility": group["visibility"],
        "participation": bool(group["participation"]),
    }


@function("core_group_get_groups", takes="groupids: [int]")
def get_groups(call: Call, groupids: list[int]) -> list[dict[str, Any]]:
    """The groups with the given ids, in that order; one that is missing refuses the call."""
    found = []
    for key in groupids:
        group = call.state.record("groups", key)
        manage_groups(call, group["courseid"])
        found.append(shown_group(call, group) | {"customfields": []})
    return found


@function("core_group_get_course_groups", takes="courseid: int")
def get_course_groups(call: Call, courseid: int) -> list[dict[str, Any]]:
    """All groups of a course."""
    manage_groups(call, courseid)
    groups = call.state.all("SELECT * FROM groups WHERE courseid = ? ORDER BY fold(name), id", courseid)
    return [shown_group(call, group) for group in groups]


@function("core_group_delete_groups", takes="groupids: [int]", whole=True)
def delete_groups(call: Call, groupids: list[int]) -> None:
    """Removes groups; those that are not there are passed over."""
    for key in groupids:
        group = call.state.one("SELECT * FROM groups WHERE id = ?", key)
        if group is None:
            continue
        manage_groups(call, group["courseid"])
        for table in ("groups_members", "groupings_groups"):
            call.state.run(f"DELETE FROM {table} WHERE groupid = ?", key)
        call.state.run("DELETE FROM groups WHERE id = ?", key)


@function("core_group_get_group_members", takes="groupids: [int]")
def get_group_members(call: Call, groupids: list[int]) -> list[dict[str, Any]]:
    """The members of groups, by last and first name."""
    found = []
    for key in groupids:
        manage_groups(call, call.state.record("groups", key)["courseid"])
        members = call.state.all(
            "SELECT u.id FROM groups_members m JOIN user u ON u.id = m.userid"
            " WHERE m.groupid = ? ORDER BY fold(u.lastname), fold(u.firstname)",
            key,
        )
        found.append({"groupid": key, "userids": [member["id"] for member in members]})
    return found


_MEMBERS = "members: [{groupid: int, userid: int}]"


@function("core_group_add_group_members", takes=_MEMBERS, whole=True)
def add_group_members(call: Call, members: list[Row]) -> None:
    """Adds members, all or none; only people enrolled in the course can be members."""
    for member in members:
        group, user = _group_and_user(call, member)
        if not is_enrolled(call.state, group["courseid"], user):
            raise invalid_parameter()
        call.state.run("INSERT OR IGNORE INTO groups_members (groupid, userid) VALUES (?, ?)", group["id"], user)


@function("core_group_delete_group_members", takes=_MEMBERS, whole=True)
def delete_group_members(call: Call, members: list[Row]) -> None:
    """Takes members out, all or none; those put there by an enrolment method stay."""
    for member in members:
        group, user = _group_and_user(call, member)
        place = "groupid = ? AND userid = ?"
        held = call.state.one(f"SELECT * FROM groups_members WHERE {place}", group["id"], user)
        if held is not None and held["component"]:
            raise refuse("errorremovenotpermitted")
        call.state.run(f"DELETE FROM groups_members WHERE {place}", group["id"], user)


def _group_and_user(call: Call, member: Row) -> tuple[Row, int]:
    group = call.state.record("groups", member["groupid"])
    user = call.state.one("SELECT id FROM user WHERE id = ? AND deleted = 0", member["userid"])
    if user is None:
        raise call.missing("user")
    manage_groups(call, group["courseid"])
    return group, user["id"]


def user_groups(call: Call, course: int, user: int, grouping: int = 0) -> list[dict[str, Any]]:
    """The groups of a course that a user is in (all of them for user 0), perhaps of one grouping."""
    sql, values = "SELECT g.* FROM groups g WHERE g.courseid = ?", [course]
    if user:
        sql += " AND g.id IN (SELECT groupid FROM groups_members WHERE userid = ?)"
        values.append(user)
    if grouping:
        sql += " AND g.id IN (SELECT groupid FROM groupings_groups WHERE groupingid = ?)"
        values.append(grouping)
    kept = ("id", "name", "description", "descriptionformat", "idnumber", "courseid")
    groups = call.state.all(f"{sql} ORDER BY fold(g.name), g.id", *values)
    return [{name: shown_group(call, group)[name] for name in kept} for group in groups]


@function("core_group_get_course_user_groups", takes="courseid: int=0, userid: int=0, groupingid: int=0")
def get_course_user_groups(call: Call, courseid: int, userid: int, groupingid: int) -> dict[str, Any]:
    """The groups a user is in, in one course or in all his courses."""
    user = active_user(call, userid)["id"] if userid else call.user["id"]
    if courseid:
        call.state.record("course", courseid)
        courses = [courseid]
    else:
        courses = _courses_of(call, user)
    groups: list[dict[str, Any]] = []
    warnings: list[dict[str, Any]] = []
    for course in courses:
        here = Place(COURSE, course)
        try:
            call.access.enter(here)
        except Refusal:
            warnings.append(_warning(course, "1", "No access rights in course context"))
            continue
        if user != call.user["id"] and not call.access.can("moodle/course:managegroups", here):
            message = f"User {call.user['id']} cannot manage groups in course {course}"
            warnings.append(_warning(course, "cannotmanagegroups", message))
            continue
        if courseid and not is_enrolled(call.state, course, user):
            message = f"User {user} is not enrolled in course {course}"
            warnings.append(_warning(course, "notenrolled", message))
        groups += user_groups(call, course, user, groupingid)
    return {"groups": groups, "warnings": warnings}


def _courses_of(call: Call, user: int) -> list[int]:
    rows = call.state.all(
        "SELECT DISTINCT e.courseid FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid"
        " WHERE ue.userid = ? AND ue.status = 0 AND e.status = 0 ORDER BY e.courseid",
        user,
    )
    return [row["courseid"] for row in rows]


def _warning(course: int, code: str, message: str) -> dict[str, Any]:
    return {"item": "course", "itemid": course, "warningcode": code, "message": message}
