# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Courses: creating, changing and removing them (``course/externallib.php``, ``course/lib.php``)."""

from typing import Any

from matricula.sandbox.access import CATEGORY, COURSE, SITE_COURSE, Place
from matricula.sandbox.functions.course_state import (
    add_course,
    arrange_courses,
    delete_course,
    ensure_forum,
    follow_weeks,
    format_options,
    set_custom_fields,
    set_format_options,
)
from matricula.sandbox.refusals import Refusal, invalid_response, refuse
from matricula.sandbox.registry import Call, function, plain_format, words
from matricula.sandbox.state import Row

_YEAR = 365 * 24 * 3600
_DAY = 24 * 3600

_FIELDS_TO_CREATE = """courses: [{fullname: text, shortname: text, categoryid: int, idnumber: raw?,
    summary: raw?, summaryformat: int=1, format: plugin=topics, showgrades: int=1, newsitems: int=5,
    startdate: int?, enddate: int?, numsections: int?, maxbytes: int=0, showreports: int=0,
    visible: int=1, hiddensections: int?, groupmode: int=0, groupmodeforce: int=0,
    defaultgroupingid: int=0, enablecompletion: int?, completionnotify: int?, lang: safedir?,
    forcetheme: plugin?, courseformatoptions: [{name: alphanumext, value: raw}]?,
    customfields: [{shortname: alphanumext, value: raw}]?}]"""

_COLUMNS = words(
    "fullname shortname idnumber summary summaryformat format showgrades newsitems startdate enddate "
    "maxbytes showreports visible groupmode groupmodeforce defaultgroupingid enablecompletion "
    "completionnotify lang"
)


@function(
    "core_course_create_courses",
    takes=_FIELDS_TO_CREATE,
    takes_in_4_5=_FIELDS_TO_CREATE.replace("visible: int=1", "visible: int?"),
    whole=True,
)
def create_courses(call: Call, courses: list[Row]) -> list[dict[str, Any]]:
    """Creates courses, all or none."""
    made = [{"id": _create(call, course), "shortname": course["shortname"]} for course in courses]
    for category in {course["categoryid"] for course in courses}:
        arrange_courses(call.state, category)
    return made


def _create(call: Call, course: Row) -> int:
    state, category = call.state, course["categoryid"]
    above = state.one("SELECT * FROM course_categories WHERE id = ?", category)
    if above is None:
        raise refuse("errorcatcontextnotvalid", a=category, reason="Invalid parameter value detected")
    here = Place(CATEGORY, category)
    call.access.require("moodle/course:create", here)
    for name in ("fullname", "shortname"):
        if not course[name].strip():
            raise refuse("errorinvalidparam", a=name)
    if course.get("lang", "en") != "en":
        raise refuse("errorinvalidparam", a="lang")
    now = state.now()
    record = {name: course[name] for name in _COLUMNS & course.keys()}
    record.setdefault("startdate", now - now % _DAY)
    record.setdefault("enddate", record["startdate"] + _YEAR)
    record.setdefault("visible", above["visible"])
    record.setdefault("enablecompletion", 1)
    plain_format(record["summaryformat"])
    _check_unique(call, record, 0)
    _check_dates(record)
    if record["enablecompletion"]:
        record["showcompletionconditions"] = 1
    record |= {"category": category, "visibleold": record["visible"], "showactivitydates": 1}
    record |= {"timecreated": now, "timemodified": now, "cacherev": now}
    options = _options(course)
    sections = str(options.get("numsections", 0))
    key = add_course(state, record, options, int(sections) if sections.isdecimal() else 0)
    set_custom_fields(state, key, course.get("customfields", []))
    ensure_forum(state, key)
    return key


def _options(course: Row) -> dict[str, Any]:
    named = {option["name"]: option["value"] for option in course.get("courseformatoptions", [])}
    return course | named


def _check_unique(call: Call, course: Row, own: int) -> None:
    """Short names and numbers of courses are unique; upper and lower case do not count."""
    for column, code in (("shortname", "shortnametaken"), ("idnumber", "courseidnumbertaken")):
        value = course.get(column)
        taken = f"SELECT 1 FROM course WHERE fold({column}) = fold(?) AND id <> ?"
        if value and value != "0" and call.state.value(taken, value, own):
            raise refuse(code, a=value)


def _check_dates(course: Row) -> None:
    start, end = course.get("startdate", 0), course.get("enddate", 0)
    if start and end and end < start:
        raise refuse("enddatebeforestartdate")
    if end and not start:
        raise refuse("nostartdatenoenddate")


@function(
    "core_course_update_courses",
    takes="""courses: [{id: int, fullname: text?, shortname: text?, categoryid: int?, idnumber: raw?,
        summary: raw?, summaryformat: int?, format: plugin?, showgrades: int?, newsitems: int?,
        startdate: int?, enddate: int?, numsections: int?, maxbytes: int?, showreports: int?,
        visible: int?, hiddensections: int?, groupmode: int?, groupmodeforce: int?,
        defaultgroupingid: int?, enablecompletion: int?, completionnotify: int?, lang: safedir?,
        forcetheme: plugin?, courseformatoptions: [{name: alphanumext, value: raw}]?,
        customfields: [{shortname: alphanumext, value: raw}]?}]""",
)
def update_courses(call: Call, courses: list[Row]) -> dict[str, Any]:
    """Changes courses, each on its own and not even that as a whole; failures are warnings."""
    warnings = []
    for course in courses:
        try:
            _update(call, course)
        except Refusal as reason:
            warnings.append(
                {
                    "item": "course",
                    "itemid": course["id"],
                    "warningcode": reason.code,
                    "message": reason.message,
                }
            )
    if not all(warning["warningcode"].isalnum() for warning in warnings):
        raise invalid_response()
    return {"warnings": warnings}


_CAPABILITIES = {
    "categoryid": "moodle/course:changecategory",
    "fullname": "moodle/course:changefullname",
    "shortname": "moodle/course:changeshortname",
    "idnumber": "moodle/course:changeidnumber",
    "summary": "moodle/course:changesummary",
    "summaryformat": "moodle/course:changesummary",
    "visible": "moodle/course:visibility",
    "lang": "moodle/course:setforcedlanguage",
}


def _update(call: Call, course: Row) -> None:
    state, key = call.state, course["id"]
    old = state.record("course", key)
    here = Place(COURSE, key)
    call.access.enter(here)
    call.access.require("moodle/course:update", here)
    before = old | {"categoryid": old["category"]}
    for name, capability in _CAPABILITIES.items():
        if name in course and course[name] != before[name]:
            call.access.require(capability, here)
            _check_value(name, course[name])
    if key == SITE_COURSE:
        raise refuse("invalidcourse")
    _check_unique(call, {name: course[name] for name in course if course[name] != before.get(name)}, key)
    _check_dates(course)
    record = {name: course[name] for name in _COLUMNS & course.keys()}
    if course.get("visible", old["visible"]) != old["visible"]:
        record["visibleold"] = course["visible"]
    moved = course.get("categoryid") not in (None, 0, old["category"])
    target = None
    if moved:
        record["category"] = course["categoryid"]
        target = state.one("SELECT * FROM course_categories WHERE id = ?", course["categoryid"])
        if not (target and target["visible"]) and "visibleold" not in record:
            record["visible"] = 0
    state.update("course", key, **record, timemodified=state.now())
    _update_options(call, old, course)
    set_custom_fields(state, key, course.get("customfields", []))
    if moved:
        if target is None:
            raise call.missing("course_categories")
        arrange_courses(state, course["categoryid"])
        arrange_courses(state, old["category"])
    follow_weeks(state, key)
    ensure_forum(state, key)


def _check_value(name: str, value: Any) -> None:
    if name in ("fullname", "shortname") and not value.strip():
        raise refuse("errorinvalidparam", a=name)
    if name == "lang" and value != "en":
        raise refuse("errorinvalidparam", a="lang")
    if name == "summaryformat":
        plain_format(value)


def _update_options(call: Call, old: Row, course: Row) -> None:
    kept = format_options(call.state, old)
    set_format_options(call.state, call.state.record("course", old["id"]), kept | _options(course))


@function("core_course_delete_courses", takes="courseids: [int]")
def delete_courses(call: Call, courseids: list[int]) -> dict[str, Any]:
    """Removes courses with all they hold, one by one; failures are warnings."""
    warnings, emptied = [], set()
    for key in courseids:
        course = call.state.one("SELECT * FROM course WHERE id = ?", key)
        if course is None:
            warnings.append(_warning(key, "unknowncourseidnumber", f"Unknown course ID {key}"))
            continue
        call.access.enter(Place(COURSE, key))
        if not call.access.can("moodle/course:delete", Place(COURSE, key)):
            message = f"You do not have the permission to delete this course{key}"
            warnings.append(_warning(key, "cannotdeletecourse", message))
        elif key == SITE_COURSE:
            message = f"Course {key} failed to be deleted"
            warnings.append(_warning(key, "cannotdeletecategorycourse", message))
        elif not _has_category(call, course):
            raise call.missing("course_categories")
        else:
            delete_course(call.state, key)
            emptied.add(course["category"])
    for category in emptied:
        arrange_courses(call.state, category)
    return {"warnings": warnings}


def _has_category(call: Call, course: Row) -> bool:
    sql = "SELECT 1 FROM course_categories WHERE id = ?"
    return call.state.value(sql, course["category"]) is not None


def _warning(key: int, code: str, message: str) -> dict[str, Any]:
    return {"item": "course", "itemid": key, "warningcode": code, "message": message}
