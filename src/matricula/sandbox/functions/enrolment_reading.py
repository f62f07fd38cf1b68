# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Who is in which course: participants of a course, courses of a user (``enrol/externallib.php``)."""

from typing import Any

from matricula.sandbox.access import COURSE, SITE, SITE_COURSE, Place, holds
from matricula.sandbox.cleaning import clean_alphanumext, clean_int
from matricula.sandbox.functions.course_reading import formatted_names, list_image
from matricula.sandbox.functions.enrolment_state import unenrol
from matricula.sandbox.functions.user_details import PARTICIPANT_FIELDS, details
from matricula.sandbox.refusals import Refusal, coding_error, invalid_parameter, refuse
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row

_OPTIONS = "options: [{name: alphanumext, value: raw}]=[]"
_ORDERS = {
    "id": "u.id",
    "firstname": "fold(u.firstname)",
    "lastname": "fold(u.lastname)",
    "siteorder": "fold(u.lastname), fold(u.firstname), u.id",
}


@function("core_enrol_get_enrolled_users", takes=f"courseid: int, {_OPTIONS}")
def get_enrolled_users(call: Call, courseid: int, options: list[Row]) -> list[dict[str, Any]]:
    """The participants of a course; neither status nor dates nor method are told."""
    wishes = _wishes(options)
    course = call.state.record("course", courseid)
    here = Place(COURSE, courseid)
    call.enter_course(courseid)
    call.access.require("moodle/course:viewparticipants", SITE if courseid == SITE_COURSE else here)
    if wishes.get("withcapability"):
        call.access.require("moodle/role:review", here)
    if wishes["onlyactive"] or wishes["onlysuspended"]:
        call.access.require("moodle/course:enrolreview", here)
    users = _participants(call, course, wishes)
    return details(call, users, PARTICIPANT_FIELDS, course, wishes["userfields"])


def _wishes(options: list[Row]) -> dict[str, Any]:
    wishes: dict[str, Any] = {
        "onlyactive": False, "onlysuspended": False, "groupid": 0, "userfields": [],
        "limitfrom": 0, "limitnumber": 0, "sortby": "id", "sortdirection": "ASC",
    }  # fmt: skip
    for option in options:
        name, value = option["name"], option["value"]
        if name in ("onlyactive", "onlysuspended"):
            wishes[name] = value not in ("", "0")
        elif name in ("groupid", "limitfrom", "limitnumber"):
            wishes[name] = clean_int(value)
        elif name == "userfields":
            wishes[name] += [clean_alphanumext(field) for field in value.split(",")]
        elif name == "sortby":
            wishes[name] = _one_of(value, _ORDERS)
        elif name == "sortdirection":
            wishes[name] = _one_of(value.upper(), ("ASC", "DESC"))
        elif name == "withcapability":
            wishes[name] = value
    return wishes


def _one_of(value: str, allowed: Any) -> str:
    if value not in allowed:
        raise invalid_parameter()
    return value


def _participants(call: Call, course: Row, wishes: dict[str, Any]) -> list[Row]:
    """Users in a course that fit the options, in their order (``get_enrolled_sql``)."""
    where = ["u.deleted = 0"]
    values: list[Any] = []
    if course["id"] != SITE_COURSE:
        where.append("u.username <> 'guest'")
        condition, values = _enrolled(call, course["id"], wishes)
        where.append(condition)
    if wishes["groupid"]:
        where.append("u.id IN (SELECT userid FROM groups_members WHERE groupid = ?)")
        values.append(wishes["groupid"])
    direction = wishes["sortdirection"]
    order = f"{_ORDERS[wishes['sortby']]} {direction}"
    sql = f"SELECT u.* FROM user u WHERE {' AND '.join(where)} ORDER BY {order}"
    if wishes["limitnumber"] or wishes["limitfrom"]:
        sql += f" LIMIT {wishes['limitnumber'] or -1} OFFSET {wishes['limitfrom']}"
    users = call.state.all(sql, *values)
    capability = wishes.get("withcapability")
    if not capability:
        return users
    here = Place(COURSE, course["id"])
    return [user for user in users if holds(call.state, user["id"], capability, here)]


def _enrolled(call: Call, course: int, wishes: dict[str, Any]) -> tuple[str, list[Any]]:
    if wishes["onlyactive"] and wishes["onlysuspended"]:
        raise coding_error("Both onlyactive and onlysuspended are set, this is probably not what you want!")
    enrolled = (
        "u.id IN (SELECT ue.userid FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid WHERE e.courseid = ?{})"
    )
    now = round(call.state.now(), -2)
    active = f" AND ue.status = 0 AND e.status = 0 AND ue.timestart < {now} AND (ue.timeend = 0 OR ue.timeend > {now})"
    if wishes["onlyactive"]:
        return enrolled.format(active), [course]
    if wishes["onlysuspended"]:
        return f"{enrolled.format('')} AND NOT {enrolled.format(active)}", [course, course]
    return enrolled.format(""), [course]


@function(
    "core_enrol_get_enrolled_users_with_capability",
    takes=f"coursecapabilities: [{{courseid: int, capabilities: [capability]}}], {_OPTIONS}",
)
def get_enrolled_users_with_capability(
    call: Call, coursecapabilities: list[Row], options: list[Row]
) -> list[dict[str, Any]]:
    """For each course and capability named, the participants that have it."""
    if not coursecapabilities:
        raise invalid_parameter()
    allowed = ("groupid", "onlyactive", "userfields", "limitfrom", "limitnumber")
    wishes = _wishes([option for option in options if option["name"] in allowed])
    found = []
    for entry in coursecapabilities:
        course = call.state.record("course", entry["courseid"])
        here = call.enter_course(course["id"])
        call.access.require("moodle/course:viewparticipants", here)
        call.access.require("moodle/role:review", here)
        for capability in entry["capabilities"]:
            users = _participants(call, course, wishes | {"withcapability": capability})
            fields = PARTICIPANT_FIELDS - {"idnumber"}
            shown = details(call, users, fields, course, wishes["userfields"])
            found.append({"courseid": course["id"], "capability": capability, "users": shown})
    return found


@function("core_enrol_get_users_courses", takes="userid: int, returnusercount: bool=1")
def get_users_courses(call: Call, userid: int, returnusercount: bool) -> list[dict[str, Any]]:  # noqa: FBT001
    """The courses a user is active in, as far as the caller may see them."""
    now = call.state.now()
    courses = call.state.all(
        "SELECT c.* FROM course c LEFT JOIN course_categories cc ON cc.id = c.category"
        " WHERE c.id <> 1 AND c.id IN (SELECT e.courseid FROM enrol e"
        " JOIN user_enrolments ue ON ue.enrolid = e.id WHERE ue.userid = ? AND ue.status = 0"
        " AND e.status = 0 AND ue.timestart < ? AND (ue.timeend = 0 OR ue.timeend > ?))"
        " ORDER BY c.visible DESC, COALESCE(cc.sortorder, 0) + c.place",
        userid,
        now,
        now,
    )
    found = []
    for course in courses:
        here = Place(COURSE, course["id"])
        if not course["visible"] and not holds(call.state, userid, "moodle/course:viewhiddencourses", here):
            continue
        if _may_look(call, userid, here):
            found.append(_user_course(call, course, userid, counted=returnusercount))
    return found


def _may_look(call: Call, userid: int, here: Place) -> bool:
    try:
        call.access.enter(here)
    except Refusal:
        return False
    return userid == call.user["id"] or call.access.can("moodle/course:viewparticipants", here)


def _user_course(call: Call, course: Row, userid: int, *, counted: bool) -> dict[str, Any]:
    summary, kind = call.text(course["summary"], course["summaryformat"])
    own = userid == call.user["id"]
    seen = own or call.access.can("moodle/grade:viewall", Place(COURSE, course["id"]))
    tracked = seen and bool(course["enablecompletion"])
    entry = formatted_names(call, course) | {
        "idnumber": course["idnumber"],
        "visible": course["visible"],
        "summary": summary,
        "summaryformat": kind,
        "format": course["format"],
        "courseimage": list_image(call, course),
        "showgrades": bool(course["showgrades"]),
        "lang": course["lang"],
        "enablecompletion": bool(course["enablecompletion"]),
        "completionhascriteria": False,
        "completionusertracked": tracked and _is_student(call, course["id"], userid),
        "category": course["category"],
        "progress": None,
        "completed": False if tracked else None,
        "startdate": course["startdate"],
        "enddate": course["enddate"],
        "marker": course["marker"],
        "lastaccess": None,
        "isfavourite": False,
        "hidden": False,
        "overviewfiles": [],
        "showactivitydates": bool(course["showactivitydates"]),
        "showcompletionconditions": course["showcompletionconditions"],
        "timemodified": course["timemodified"],
    }
    if counted:
        everyone = {"onlyactive": False, "onlysuspended": False}
        condition, values = _enrolled(call, course["id"], everyone)
        sql = f"SELECT COUNT(*) FROM user u WHERE u.deleted = 0 AND {condition}"
        entry["enrolledusercount"] = call.state.value(sql, *values)
    return entry


def _is_student(call: Call, course: int, userid: int) -> bool:
    sql = (
        "SELECT 1 FROM role_assignments ra JOIN context c ON c.id = ra.contextid"
        " WHERE c.level = 50 AND c.instanceid = ? AND ra.userid = ? AND ra.roleid = 5"
    )
    return call.state.value(sql, course, userid) is not None


@function("core_enrol_get_course_enrolment_methods", takes="courseid: int")
def get_course_enrolment_methods(call: Call, courseid: int) -> list[dict[str, Any]]:
    """The methods by which a user could enrol himself; manual and link methods are never told."""
    course = call.state.record("course", courseid)
    here = Place(COURSE, courseid)
    if not course["visible"] and not call.access.can("moodle/course:viewhiddencourses", here):
        raise refuse("coursehidden")
    methods = call.state.all(
        "SELECT * FROM enrol WHERE courseid = ? AND status = 0 AND enrol IN ('self', 'guest') ORDER BY id",
        courseid,
    )
    names = {"self": "Self enrolment (Student)", "guest": "Guest access"}
    return [
        {
            "id": method["id"],
            "courseid": courseid,
            "type": method["enrol"],
            "name": method["name"] or names[method["enrol"]],
            "status": "1",
            "wsfunction": f"enrol_{method['enrol']}_get_instance_info",
        }
        for method in methods
    ]


@function("core_enrol_unenrol_user_enrolment", takes="ueid: int")
def unenrol_user_enrolment(call: Call, ueid: int) -> dict[str, Any]:
    """Ends one enrolment named by its own number."""
    row = call.state.one("SELECT * FROM user_enrolments WHERE id = ?", ueid)
    if row is None:
        errors = [{"key": "invalidrequest", "message": "Invalid request"}]
        return {"result": False, "errors": errors}
    method = call.state.record("enrol", row["enrolid"])
    here = Place(COURSE, method["courseid"])
    call.access.enter(here)
    if method["enrol"] != "manual" or not call.access.can("enrol/manual:unenrol", here):
        return {"result": False, "errors": []}
    unenrol(call.state, method, row["userid"])
    return {"result": True, "errors": []}
