"""Reading grades: the user report and the overview report (``gradereport_user``, ``_overview``)."""

from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from matricula.sandbox.access import COURSE, SITE, Place
from matricula.sandbox.functions.gradebook import SCALE, TEXT, depth, ensure_gradebook, items
from matricula.sandbox.refusals import refuse
from matricula.sandbox.registry import Call, active_user, function
from matricula.sandbox.state import Row

_GRADED_ROLE = 5
"""The role whose holders have grades (``gradebookroles``)."""

WANTED = "courseid: int, userid: int=0, groupid: int=0"
"""What both forms of the user report take."""


@function("gradereport_user_get_grade_items", takes=WANTED)
def get_grade_items(call: Call, courseid: int, userid: int, groupid: int) -> dict[str, Any]:
    """The grade items of a course with the grades of one user or of everybody."""
    course = enter_report(call, courseid, userid)
    tree, levels = items(call.state, courseid), depth(call.state, courseid)
    found = []
    for user in reported_users(call, courseid, userid, groupid):
        grades = grades_of(call, courseid, user["id"])
        shown = [shown_item(call, item, grades.get(item["id"])) for item in tree]
        found.append(_head(course, user, levels) | {"gradeitems": shown})
    return {"usergrades": found, "warnings": []}


def enter_report(call: Call, courseid: int, userid: int) -> Row:
    """The course whose grades the caller may see, of one user or (user 0) of everybody."""
    course = call.state.record("course", courseid)
    here = Place(COURSE, courseid)
    call.access.enter(here)
    call.access.require("gradereport/user:view", here)
    if not userid:
        call.access.require("moodle/grade:viewall", here)
    else:
        active_user(call, userid)
    own = userid == call.user["id"] and call.access.can("moodle/grade:view", here) and course["showgrades"]
    if not own and not call.access.can("moodle/grade:viewall", here):
        raise refuse("nopermissiontoviewgrades")
    ensure_gradebook(call.state, courseid)
    return course


def reported_users(call: Call, course: int, userid: int, groupid: int) -> list[Row]:
    """One user, or all that have grades in a course, by name; those suspended are left out."""
    if userid:
        return [call.state.record("user", userid)]
    now = call.state.now()
    sql = (
        "SELECT u.* FROM user u WHERE u.deleted = 0 AND u.id IN (SELECT ue.userid FROM user_enrolments ue"
        " JOIN enrol e ON e.id = ue.enrolid WHERE e.courseid = ? AND ue.status = 0 AND e.status = 0"
        " AND ue.timestart <= ? AND (ue.timeend = 0 OR ue.timeend > ?)) AND u.id IN (SELECT ra.userid"
        " FROM role_assignments ra JOIN context c ON c.id = ra.contextid WHERE c.level = 50"
        " AND c.instanceid = ? AND ra.roleid = ?)"
    )
    values = [course, now, now, course, _GRADED_ROLE]
    if groupid:
        sql += " AND u.id IN (SELECT userid FROM groups_members WHERE groupid = ?)"
        values.append(groupid)
    return call.state.all(f"{sql} ORDER BY fold(u.lastname), fold(u.firstname), u.id", *values)


def grades_of(call: Call, course: int, user: int) -> dict[int, Row]:
    """A user's grades in a course, by grade item."""
    rows = call.state.all(
        "SELECT g.* FROM grade_grades g JOIN grade_items i ON i.id = g.itemid WHERE i.courseid = ? AND g.userid = ?",
        course,
        user,
    )
    return {row["itemid"]: row for row in rows}


def _head(course: Row, user: Row, levels: int) -> dict[str, Any]:
    return {
        "courseid": course["id"],
        "courseidnumber": course["idnumber"],
        "userid": user["id"],
        "userfullname": f"{user['firstname']} {user['lastname']}",
        "useridnumber": user["idnumber"],
        "maxdepth": levels,
    }


def shown_item(call: Call, item: Row, grade: Row | None) -> dict[str, Any]:
    """A grade item with one user's grade in it."""
    entry = {
        "id": item["id"],
        "itemname": None if item["itemname"] is None else call.string(item["itemname"]),
        "itemtype": item["itemtype"],
        "itemmodule": item["itemmodule"],
        "iteminstance": item["iteminstance"],
        "itemnumber": item["itemnumber"],
        "idnumber": item["idnumber"],
        "categoryid": item["categoryid"],
        "outcomeid": None,
        "scaleid": None,  # Moodle answers the outcome's id here, whatever scale the item has
        "locked": bool(item["locked"]),
    }
    if item["itemtype"] == "mod":
        entry["cmid"] = call.state.value(
            "SELECT id FROM course_modules WHERE module = ? AND instance = ?",
            item["itemmodule"],
            item["iteminstance"],
        )
    shown = entry | _weight(item, grade) | _points(call, item, grade)
    if not call.access.can("moodle/grade:viewall", Place(COURSE, item["courseid"])):
        shown |= dict.fromkeys(("locked", "gradeislocked", "gradeisoverridden"))
    return shown


def _weight(item: Row, grade: Row | None) -> dict[str, Any]:
    if grade is None or grade["weight"] is None or item["itemtype"] == "course":
        return {}
    weight = round(grade["weight"], 5)
    entry = {"weightraw": _number(weight), "weightformatted": f"{rounded(weight * 100)} %"}
    if grade["status"] not in (None, "used"):
        entry["status"] = grade["status"]
    return entry


def _points(call: Call, item: Row, grade: Row | None) -> dict[str, Any]:
    points = None if grade is None else grade["finalgrade"]
    highest = item["grademax"]
    if grade is not None and item["itemtype"] in ("course", "category") and grade["grademax"] is not None:
        highest = grade["grademax"]
    feedback, kind = call.text((grade or {}).get("feedback"), (grade or {}).get("feedbackformat", 0))
    told = _teller(call, item)
    graded = grade is not None and (points is not None or feedback)
    return {
        "graderaw": None if points is None else _number(round(points, 5)),
        "gradedatesubmitted": None,
        "gradedategraded": grade["timemodified"] if grade is not None and graded else None,
        "gradehiddenbydate": False,
        "gradeneedsupdate": False,
        "gradeishidden": bool(item["hidden"] or (grade and grade["hidden"])),
        "gradeislocked": bool(item["locked"] or (grade and grade["locked"])),
        "gradeisoverridden": bool(grade and grade["overridden"]),
        "gradeformatted": told(points, 2),
        "grademin": _number(item["grademin"]),
        "grademax": _number(highest),
        "rangeformatted": f"{told(item['grademin'], 0)}&ndash;{told(highest, 0)}",
        "percentageformatted": "" if item["gradetype"] == TEXT else _share(points, item["grademin"], highest),
        "feedback": feedback,
        "feedbackformat": kind,
    }


def _teller(call: Call, item: Row) -> Callable[[float | None, int], str]:
    """How points of an item are shown: as numbers, in the words of its scale, or not at all."""
    words = [""]
    if item["scaleid"]:
        words = str(call.state.value("SELECT words FROM scale WHERE id = ?", item["scaleid"])).split(",")

    def told(points: float | None, decimals: int) -> str:
        if item["gradetype"] == TEXT:
            return ""
        if points is None:
            return "-"
        if item["gradetype"] == SCALE:
            return call.string(words[max(0, min(len(words), round(points)) - 1)])
        return rounded(points) if decimals else f"{points:.0f}"

    return told


def _share(points: float | None, lowest: float, highest: float) -> str:
    if points is None or highest <= lowest:
        return "-"
    return f"{rounded((points - lowest) / (highest - lowest) * 100)} %"


def rounded(value: float) -> str:
    """Two decimals, halves away from zero, as PHP rounds."""
    return str(Decimal(repr(round(value, 10))).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


@function("gradereport_overview_get_course_grades", takes="userid: int=0")
def get_course_grades(call: Call, userid: int) -> dict[str, Any]:
    """A user's course totals."""
    user = userid or call.user["id"]
    if user != call.user["id"]:
        active_user(call, user)
        call.access.require("moodle/grade:viewall", SITE)
    now = call.state.now()
    rows = call.state.all(
        "SELECT c.id, c.visible, (SELECT g.finalgrade FROM grade_grades g JOIN grade_items i"
        " ON i.id = g.itemid WHERE i.courseid = c.id AND i.itemtype = 'course' AND g.userid = ?) AS total"
        " FROM course c LEFT JOIN course_categories cc ON cc.id = c.category WHERE c.showgrades = 1"
        " AND c.id IN (SELECT e.courseid FROM enrol e JOIN user_enrolments ue ON ue.enrolid = e.id"
        " WHERE ue.userid = ? AND ue.status = 0 AND e.status = 0 AND ue.timestart < ?"
        " AND (ue.timeend = 0 OR ue.timeend > ?)) ORDER BY COALESCE(cc.sortorder, 0) + c.place",
        user,
        user,
        now,
        now,
    )
    return {"grades": [_total(row) for row in rows], "warnings": []}


def _total(row: Row) -> dict[str, Any]:
    total = row["total"]
    return {
        "courseid": row["id"],
        "grade": "-" if total is None else rounded(total),
        "rawgrade": None if total is None else f"{total:.5f}",
    }
