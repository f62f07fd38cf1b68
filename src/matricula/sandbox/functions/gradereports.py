"""Reading grades: the user report and the overview report (``gradereport_user``, ``_overview``)."""

import html
from typing import Any

from matricula.sandbox.access import COURSE, SITE, Place
from matricula.sandbox.functions.gradebook import depth, ensure_gradebook, items
from matricula.sandbox.refusals import refuse
from matricula.sandbox.registry import Call, active_user, function
from matricula.sandbox.state import Row

_GRADED_ROLE = 5
"""The role whose holders have grades (``gradebookroles``)."""

_WANTED = "courseid: int, userid: int=0, groupid: int=0"


@function("gradereport_user_get_grade_items", takes=_WANTED)
def get_grade_items(call: Call, courseid: int, userid: int, groupid: int) -> dict[str, Any]:
    """The grade items of a course with the grades of one user or of everybody."""
    course = _enter(call, courseid, userid)
    tree, levels = items(call.state, courseid), depth(call.state, courseid)
    found = []
    for user in _users(call, courseid, userid, groupid):
        grades = _grades(call, courseid, user["id"])
        shown = [_item(call, item, grades.get(item["id"])) for item in tree]
        found.append(_head(course, user, levels) | {"gradeitems": shown})
    return {"usergrades": found, "warnings": []}


def _enter(call: Call, courseid: int, userid: int) -> Row:
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


def _users(call: Call, course: int, userid: int, groupid: int) -> list[Row]:
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


def _grades(call: Call, course: int, user: int) -> dict[int, Row]:
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


def _item(call: Call, item: Row, grade: Row | None) -> dict[str, Any]:
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
        "scaleid": None,
        "locked": bool(item["locked"]),
    }
    if item["itemtype"] == "mod":
        entry["cmid"] = call.state.value(
            "SELECT id FROM course_modules WHERE module = ? AND instance = ?",
            item["itemmodule"],
            item["iteminstance"],
        )
    return entry | _weight(item, grade) | _points(call, item, grade)


def _weight(item: Row, grade: Row | None) -> dict[str, Any]:
    if grade is None or grade["weight"] is None or item["itemtype"] == "course":
        return {}
    weight = round(grade["weight"], 5)
    entry = {"weightraw": _number(weight), "weightformatted": f"{weight * 100:.2f} %"}
    if grade["status"] not in (None, "used"):
        entry["status"] = grade["status"]
    return entry


def _points(call: Call, item: Row, grade: Row | None) -> dict[str, Any]:
    points = None if grade is None else grade["finalgrade"]
    highest = item["grademax"]
    if grade is not None and item["itemtype"] in ("course", "category") and grade["grademax"] is not None:
        highest = grade["grademax"]
    share = f"{points / highest * 100:.2f} %" if points is not None and highest else "-"
    feedback, kind = call.text((grade or {}).get("feedback"), (grade or {}).get("feedbackformat", 0))
    return {
        "graderaw": None if points is None else _number(round(points, 5)),
        "gradedatesubmitted": None,
        "gradedategraded": grade["timemodified"] if grade is not None and points is not None else None,
        "gradehiddenbydate": False,
        "gradeneedsupdate": False,
        "gradeishidden": bool(item["hidden"]),
        "gradeislocked": bool(item["locked"]),
        "gradeisoverridden": bool(grade and grade["overridden"]),
        "gradeformatted": "-" if points is None else f"{points:.2f}",
        "grademin": _number(item["grademin"]),
        "grademax": _number(highest),
        "rangeformatted": f"{item['grademin']:.0f}&ndash;{highest:.0f}",
        "percentageformatted": share,
        "feedback": feedback,
        "feedbackformat": kind,
    }


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else value


@function("gradereport_user_get_grades_table", takes=_WANTED)
def get_grades_table(call: Call, courseid: int, userid: int, groupid: int) -> dict[str, Any]:
    """The same as a table of cells with HTML in them, as the report's page shows it."""
    course = _enter(call, courseid, userid)
    tree, levels = items(call.state, courseid), depth(call.state, courseid)
    tables = []
    for user in _users(call, courseid, userid, groupid):
        grades = _grades(call, courseid, user["id"])
        rows = [_table_head(call, course, levels, len(tree))]
        rows += [_table_row(call, user, levels, item, _item(call, item, grades.get(item["id"]))) for item in tree]
        head = _head(course, user, levels)
        del head["courseidnumber"], head["useridnumber"]
        tables.append(head | {"tabledata": rows})
    return {"tables": tables, "warnings": []}


def _table_head(call: Call, course: Row, levels: int, rows: int) -> dict[str, Any]:
    name = html.escape(call.string(course["fullname"]), quote=False)
    return {
        "itemname": {
            "class": "level1 d1 b1t b2b b1l",
            "colspan": levels + 5,
            "content": f'<div class="rowtitle"><span class="gradeitemheader">{name}</span></div>',
            "id": f"cat_{course['id']}_0",
        },
        "leader": {"class": "level1 d1 b1t b2b b1l column-leader", "rowspan": rows},
        "parentcategories": [],
    }


def _table_row(call: Call, user: Row, levels: int, item: Row, shown: dict[str, Any]) -> dict[str, Any]:
    total = item["itemtype"] in ("course", "category")
    level = 1 if item["itemtype"] == "course" else 2
    key = f"row_{item['id']}_{user['id']}"
    title = {"course": "Course total", "category": "Category total"}.get(item["itemtype"])
    content = html.escape(title or call.string(item["itemname"]), quote=False)
    kind = f"level{level} levele{'ven' if level % 2 == 0 else 'odd'} item b1b"

    def cell(column: str, text: str) -> dict[str, Any]:
        headers = f"cat_{item['courseid']}_0 {key} {column}"
        return {"class": f"{kind} itemcenter column-{column}", "content": text, "headers": headers}

    return {
        "itemname": {
            "class": f"{kind} {'baggb' if total else ''} column-itemname".replace("  ", " "),
            "colspan": levels - level + 1,
            "content": f'<span class="gradeitemheader">{content}</span>',
            "id": key,
        },
        "weight": cell("weight", shown.get("weightformatted", "-")),
        "grade": cell("grade", shown["gradeformatted"]),
        "range": cell("range", shown["rangeformatted"]),
        "percentage": cell("percentage", shown["percentageformatted"]),
        "feedback": cell("feedback", shown["feedback"] or "&nbsp;"),
        "contributiontocoursetotal": cell("contributiontocoursetotal", "-"),
        "parentcategories": [item["categoryid"]] if item["categoryid"] else [],
    }


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
        "grade": "-" if total is None else f"{total:.2f}",
        "rawgrade": None if total is None else f"{total:.5f}",
    }
