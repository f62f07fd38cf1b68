"""Writing grades and grade categories (``lib/classes/grades_external.php``)."""

from typing import Any

from matricula.sandbox.access import COURSE, Place
from matricula.sandbox.functions.gradebook import change_item, ensure_gradebook, retotal, write_grade
from matricula.sandbox.refusals import refuse
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row

OK, FAILED = 0, 1
ITEM_LOCKED = 4


@function(
    "core_grades_update_grades",
    takes="""source: text, courseid: int, component: component, activityid: int, itemnumber: int,
        grades: [{studentid: int, grade: float, str_feedback: text?}]=[],
        itemdetails: {itemname: alphanumext?, idnumber: int?, gradetype: int?, grademax: float?,
            grademin: float?, scaleid: int?, multfactor: float?, plusfactor: float?, deleted: bool?,
            hidden: bool?}=[]""",
)
def update_grades(
    call: Call,
    source: str,  # noqa: ARG001
    courseid: int,
    component: str,
    activityid: int,
    itemnumber: int,
    grades: list[Row],
    itemdetails: dict[str, Any],
) -> int:
    """Writes an activity's grades, and its grade item; the feedback sent along is thrown away.

    Returns:
        0 done, 1 failed, 4 the item is locked.
    """
    module = component.removeprefix("mod_")
    activity = call.state.one("SELECT * FROM course_modules WHERE id = ? AND module = ?", activityid, module)
    if activity is None:
        raise refuse("invalidcoursemodule")
    if call.course_place(courseid) is None:
        raise call.missing("course")
    here = call.enter_course(courseid)
    if itemdetails and not call.access.can("moodle/grade:manage", here):
        raise refuse("nopermissiontoviewgrades")
    if grades and not call.access.can("moodle/grade:edit", here):
        raise refuse("nopermissiontoviewgrades")
    item = call.state.one(
        "SELECT * FROM grade_items WHERE courseid = ? AND itemtype = 'mod' AND itemmodule = ?"
        " AND iteminstance = ? AND itemnumber = ?",
        courseid,
        module,
        activity["instance"],
        itemnumber,
    )
    return _write(call, item or _new_item(call, courseid, activity, itemnumber), grades, itemdetails)


def _new_item(call: Call, course: int, activity: Row, number: int) -> Row:
    top = ensure_gradebook(call.state, course)
    key = call.state.insert(
        "grade_items", courseid=course, categoryid=top, itemtype="mod", itemmodule=activity["module"],
        iteminstance=activity["instance"], itemnumber=number, sortorder=_last(call, course),
    )  # fmt: skip
    return call.state.record("grade_items", key)


def _last(call: Call, course: int) -> int:
    sql = "SELECT COALESCE(MAX(sortorder), 0) + 1 FROM grade_items WHERE courseid = ?"
    return int(call.state.value(sql, course))


_KEPT = ("itemname", "idnumber", "gradetype", "grademax", "grademin", "hidden")


def _write(call: Call, item: Row, grades: list[Row], details: dict[str, Any]) -> int:
    if details.get("deleted"):
        call.state.run("DELETE FROM grade_grades WHERE itemid = ?", item["id"])
        call.state.run("DELETE FROM grade_items WHERE id = ?", item["id"])
        retotal(call.state, item["courseid"])
        return OK
    if item["locked"]:
        return ITEM_LOCKED
    changes = {name: details[name] for name in _KEPT if name in details and details[name] != item[name]}
    if "idnumber" in changes:
        changes["idnumber"] = str(changes["idnumber"])
    if changes:
        change_item(call.state, item, **changes)
        item = call.state.record("grade_items", item["id"])
    if item["gradetype"] == 0:
        return OK
    wanted = {grade["studentid"]: grade["grade"] for grade in grades}
    if 0 in wanted:
        del wanted[0]
        if not wanted:
            return FAILED
    for user, grade in wanted.items():
        write_grade(call.state, item, user, grade)
    return OK


@function(
    "core_grades_create_gradecategories",
    takes="""courseid: int, categories: [{fullname: text, options: {aggregation: int?,
        aggregateonlygraded: bool?, aggregateoutcomes: bool?, droplow: int?, itemname: text?,
        iteminfo: text?, idnumber: text?, gradetype: int?, grademax: int?, grademin: int?,
        gradepass: int?, display: int?, decimals: int?, hiddenuntil: int?, locktime: int?,
        weightoverride: bool?, aggregationcoef2: raw?, parentcategoryid: int?,
        parentcategoryidnumber: text?}=[]}]""",
)
def create_grade_categories(call: Call, courseid: int, categories: list[Row]) -> dict[str, Any]:
    """Creates grade categories; one with impossible bounds stops the rest with a warning."""
    if call.course_place(courseid) is None:
        raise call.missing("course")
    call.access.enter(Place(COURSE, courseid))
    call.access.require("moodle/grade:manage", Place(COURSE, courseid))
    top = ensure_gradebook(call.state, courseid)
    made = []
    for category in categories:
        options = category["options"]
        low, high = options.get("grademin", 1), options.get("grademax", 100)
        if (low or high) and high <= low:
            warning = {
                "item": "grademax",
                "warningcode": "invalidgrade",
                "message": "The minimum must be lower than the maximum",
            }
            return {"categoryids": [], "warnings": [warning]}
        made.append(_create(call, courseid, category, _parent(call, courseid, options) or top))
    retotal(call.state, courseid)
    return {"categoryids": made, "warnings": []}


def _parent(call: Call, course: int, options: dict[str, Any]) -> int | None:
    by_id = "SELECT id FROM grade_categories WHERE courseid = ? AND id = ?"
    found = call.state.value(by_id, course, options.get("parentcategoryid"))
    if not found and "parentcategoryidnumber" in options:
        found = call.state.value(
            "SELECT iteminstance FROM grade_items WHERE courseid = ? AND itemtype = 'category'"
            " AND fold(idnumber) = fold(?)",
            course,
            options["parentcategoryidnumber"],
        )
    return int(found) if found else None


def _create(call: Call, course: int, category: Row, parent: int) -> int:
    options = category["options"]
    key = call.state.insert(
        "grade_categories", courseid=course, parent=parent, fullname=category["fullname"],
        aggregation=options.get("aggregation", 13),
    )  # fmt: skip
    call.state.insert(
        "grade_items", courseid=course, itemtype="category", iteminstance=key, grademax=0,
        itemname=options.get("itemname", ""), idnumber=options.get("idnumber", ""),
        sortorder=_last(call, course),
    )  # fmt: skip
    return key
