# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Courses as they are shown: listed, found by a field, searched for (``course/externallib.php``)."""

from collections import defaultdict
from typing import Any

from matricula.sandbox.access import COURSE, SITE_COURSE, Place, path
from matricula.sandbox.cleaning import clean_int, clean_sequence, clean_text
from matricula.sandbox.functions.course_state import custom_fields, format_of, format_options, last_section
from matricula.sandbox.refusals import Refusal, invalid_parameter
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row
from matricula.sandbox.texts import fold

_FILTERS = ("displayh5p", "activitynames", "mathjaxloader", "emoticon", "urltolink", "mediaplugin")
_CONTACT = 3
"""The role whose holders are shown beside a course (``coursecontact``)."""

_SORTED = (
    "SELECT c.*, CASE c.category WHEN 0 THEN 1 ELSE COALESCE(cc.sortorder, 0) + c.place END AS sortorder,"
    " cc.name AS categoryname FROM course c LEFT JOIN course_categories cc ON cc.id = c.category"
)


def formatted_names(call: Call, course: Row) -> dict[str, Any]:
    """A course's id and names as the caller gets them."""
    return {
        "id": course["id"],
        "fullname": call.string(course["fullname"]),
        "displayname": call.string(course["fullname"]),
        "shortname": call.string(course["shortname"]),
    }


def list_image(call: Call, course: Row) -> str:
    """The address of a course's picture."""
    return f"{call.url}/pluginfile.php/{course['id']}/course/generated/course.svg"


@function("core_course_get_courses", takes="options: {ids: [int]?}=[]")
def get_courses(call: Call, options: dict[str, list[int]]) -> list[dict[str, Any]]:
    """The courses with the given ids, or all, the site's own course among them."""
    ids = options.get("ids")
    courses = (
        call.state.among(f"{_SORTED} WHERE c.id IN ({{}}) ORDER BY c.id", dict.fromkeys(ids))
        if ids
        else call.state.all(f"{_SORTED} ORDER BY c.id")
    )
    found = []
    for course in courses:
        here = Place(COURSE, course["id"])
        call.enter_course(course["id"])
        if course["id"] != SITE_COURSE:
            call.access.require("moodle/course:view", here)
        manager = call.access.can("moodle/course:update", here)
        if manager or course["visible"] or call.access.can("moodle/course:viewhiddencourses", here):
            found.append(_listed(call, course, manager=manager))
    return found


def _listed(call: Call, course: Row, *, manager: bool) -> dict[str, Any]:
    options = format_options(call.state, course)
    summary, kind = call.text(course["summary"], course["summaryformat"])
    entry = formatted_names(call, course) | {
        "categoryid": course["category"],
        "summary": summary,
        "summaryformat": kind,
        "format": course["format"],
        "startdate": course["startdate"],
        "enddate": course["enddate"],
        "showactivitydates": bool(course["showactivitydates"]),
        "showcompletionconditions": _conditions(course),
    }
    if "numsections" in options:
        entry["numsections"] = options["numsections"]
    if manager:
        entry |= {
            "categorysortorder": course["sortorder"],
            "numsections": last_section(call.state, course["id"]),
            "forcetheme": course["theme"],
            "courseformatoptions": [{"name": name, "value": value} for name, value in options.items()],
        }
        if "hiddensections" in options:
            entry["hiddensections"] = options["hiddensections"]
        for name in _MANAGED:
            entry[name] = course[name]
    return entry | _custom(call, course)


def _custom(call: Call, course: Row) -> dict[str, Any]:
    """Custom fields, where the site has any."""
    fields = custom_fields(call.state, course["id"])
    return {"customfields": fields} if fields else {}


_MANAGED = (
    "idnumber", "showgrades", "showreports", "newsitems", "visible", "maxbytes", "groupmode",
    "groupmodeforce", "defaultgroupingid", "lang", "timecreated", "timemodified", "enablecompletion",
    "completionnotify",
)  # fmt: skip


def _conditions(course: Row) -> bool | None:
    shown = course["showcompletionconditions"]
    return None if shown is None else bool(shown)


@function("core_course_get_courses_by_field", takes="field: alpha='', value: raw=''")
def get_courses_by_field(call: Call, field: str, value: str) -> dict[str, Any]:
    """Courses by id, ids, shortname, idnumber, category or sectionid; all without a field."""
    found, warnings = _by_field(call, field, value)
    courses = []
    for course in found:
        here = Place(COURSE, course["id"])
        manager = call.access.can("moodle/course:update", here)
        if not (course["visible"] or manager or call.access.can("moodle/course:viewhiddencourses", here)):
            continue
        entry = public_information(call, course)
        try:
            call.access.enter(here)
        except Refusal:
            courses.append(entry)
            continue
        courses.append(entry | _details(call, course, manager=manager))
    return {"courses": courses, "warnings": warnings}


def _by_field(call: Call, field: str, value: str) -> tuple[list[Row], list[Row]]:
    state = call.state
    if not field:
        return state.all(f"{_SORTED} ORDER BY c.id"), []
    if field in ("id", "category"):
        return state.all(f"{_SORTED} WHERE c.{field} = ? ORDER BY c.id", clean_int(value)), []
    if field == "shortname":
        return state.all(f"{_SORTED} WHERE fold(c.shortname) = fold(?) ORDER BY c.id", clean_text(value)), []
    if field == "idnumber":
        return state.all(f"{_SORTED} WHERE fold(c.idnumber) = fold(?) ORDER BY c.id", value), []
    if field == "sectionid":
        owner = state.value("SELECT course FROM course_sections WHERE id = ?", clean_int(value))
        return state.all(f"{_SORTED} WHERE c.id = ?", owner), []
    if field != "ids":
        raise invalid_parameter()
    ids = dict.fromkeys(clean_int(each) for each in clean_sequence(value).split(","))
    rows = {row["id"]: row for row in state.among(f"{_SORTED} WHERE c.id IN ({{}})", ids)}
    if len(rows) < len(ids):
        raise Refusal("Error", "", 'Attempt to assign property "contextvalidated" on null')
    return list(rows.values()), []


def public_information(call: Call, course: Row) -> dict[str, Any]:
    """What anybody may know of a course (``get_course_public_information``)."""
    summary, kind = call.text(course["summary"], course["summaryformat"])
    methods = call.state.all("SELECT enrol FROM enrol WHERE courseid = ? AND status = 0 ORDER BY id", course["id"])
    return formatted_names(call, course) | {
        "courseimage": list_image(call, course),
        "categoryid": course["category"],
        "categoryname": call.string(course["categoryname"]),
        "sortorder": course["sortorder"],
        "summary": summary,
        "summaryformat": kind,
        "summaryfiles": [],
        "overviewfiles": [],
        "showactivitydates": bool(course["showactivitydates"]),
        "showcompletionconditions": _conditions(course),
        "contacts": _contacts(call, course["id"]),
        "enrollmentmethods": [method["enrol"] for method in methods],
        **_custom(call, course),
    }


def _contacts(call: Call, course: int) -> list[dict[str, Any]]:
    if course == SITE_COURSE:
        return []
    now = call.state.now()
    above = [place for place in path(call.state, Place(COURSE, course)) if place.level >= 40]
    contexts = " OR ".join(f"(c.level = {place.level} AND c.instanceid = {place.instance})" for place in above)
    rows = call.state.all(
        "SELECT DISTINCT u.id, u.firstname, u.lastname FROM role_assignments ra"
        " JOIN context c ON c.id = ra.contextid JOIN user u ON u.id = ra.userid"
        " JOIN user_enrolments ue ON ue.userid = u.id JOIN enrol e ON e.id = ue.enrolid AND e.courseid = ?"
        f" WHERE ra.roleid = {_CONTACT} AND ({contexts}) AND ue.status = 0 AND e.status = 0"
        f" AND ue.timestart < {now} AND (ue.timeend = 0 OR ue.timeend > {now}) AND u.deleted = 0"
        " ORDER BY fold(u.lastname), fold(u.firstname), u.id",
        course,
    )
    return [{"id": row["id"], "fullname": f"{row['firstname']} {row['lastname']}"} for row in rows]


def _details(call: Call, course: Row, *, manager: bool) -> dict[str, Any]:
    names = [
        "format", "showgrades", "newsitems", "startdate", "enddate", "maxbytes", "showreports", "visible",
        "groupmode", "groupmodeforce", "defaultgroupingid", "enablecompletion", "completionnotify", "lang",
        "theme", "marker",
    ]  # fmt: skip
    if manager:
        names += ["idnumber", "legacyfiles", "calendartype", "timecreated", "timemodified", "requested"]
        names += ["cacherev"]
    entry: dict[str, Any] = {name: course[name] for name in names}
    entry["filters"] = [{"filter": name, "localstate": 0, "inheritedstate": 1} for name in _FILTERS]
    options: dict[str, Any] = dict(format_options(call.state, course))
    used = format_of(course)
    if used in ("topics", "weeks"):
        options["indentation"] = "1"
    if used != "site":
        shown = [{"name": name, "value": value} for name, value in options.items()]
        entry["courseformatoptions"] = shown
    return entry


@function(
    "core_course_search_courses",
    takes="""criterianame: alpha, criteriavalue: raw, page: int=0, perpage: int=0,
        requiredcapabilities: [capability]=[], limittoenrolled: bool=0, onlywithcompletion: bool=0""",
)
def search_courses(
    call: Call,
    criterianame: str,
    criteriavalue: str,
    page: int,
    perpage: int,
    requiredcapabilities: list[str],
    *,
    limittoenrolled: bool,
    onlywithcompletion: bool,
) -> dict[str, Any]:
    """Courses whose names, number or summary hold all the words searched for."""
    if criterianame not in ("search", "modulelist", "blocklist", "tagid"):
        raise invalid_parameter()
    rows = call.state.all(f"{_SORTED} WHERE c.id <> {SITE_COURSE} ORDER BY sortorder")
    if any(row["categoryname"] is None for row in rows):
        raise call.missing("course_categories")
    if criterianame == "modulelist":
        rows = _with_module(call, rows, criteriavalue)
    elif criterianame == "search":
        rows = [row for row in rows if _matches(row, criteriavalue)]
    else:
        rows = []
    if limittoenrolled:
        mine = _own_courses(call)
        rows = [row for row in rows if row["id"] in mine]
    if onlywithcompletion:
        rows = [row for row in rows if row["enablecompletion"]]
    rows = [row for row in rows if _may_find(call, row, requiredcapabilities)]
    shown = rows[page * perpage : (page + 1) * perpage] if perpage else rows
    courses = [public_information(call, row) for row in shown]
    return {"total": len(rows), "courses": courses, "warnings": []}


def _matches(course: Row, text: str) -> bool:
    hay = fold(" ".join(str(course[name]) for name in ("fullname", "summary", "shortname", "idnumber"))) or ""
    return all(word in hay for word in (fold(text) or "").split())


def _with_module(call: Call, rows: list[Row], module: str) -> list[Row]:
    found = call.state.all("SELECT DISTINCT course FROM course_modules WHERE module = ?", module)
    having = {row["course"] for row in found}
    return [row for row in rows if row["id"] in having]


def _own_courses(call: Call) -> set[int]:
    found: dict[int, bool] = defaultdict(bool)
    for row in call.state.all(
        "SELECT e.courseid FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid"
        " WHERE ue.userid = ? AND ue.status = 0 AND e.status = 0",
        call.user["id"],
    ):
        found[row["courseid"]] = True
    return set(found)


def _may_find(call: Call, course: Row, needed: list[str]) -> bool:
    here = Place(COURSE, course["id"])
    if not course["visible"] and not call.access.can("moodle/course:viewhiddencourses", here):
        return False
    return all(call.access.can(capability, here) for capability in needed)
