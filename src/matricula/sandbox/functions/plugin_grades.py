"""Grade items that no activity has, and grades in them, by the plugin local_matricula."""

from matricula.sandbox.functions.enrolment_state import is_enrolled
from matricula.sandbox.functions.gradebook import (
    add_column,
    add_grade_category,
    change_item,
    ensure_gradebook,
    remove_item,
    set_grade,
)
from matricula.sandbox.plugin_rows import ROWS, NotDone, course_of, outcomes, user_of
from matricula.sandbox.registry import Call, function
from matricula.sandbox.state import Row


@function("local_matricula_save_grade_items", takes=ROWS)
def save_grade_items(call: Call, rows: str) -> dict[str, str]:
    """Makes manual grade items, or changes those found by id or ID number."""
    return outcomes(call, rows, _save_item)


def _save_item(call: Call, row: Row) -> Row:
    course = course_of(call, row)
    found = _item(call, course, row["id"]) if row.get("id") else _numbered(call, course, row["idnumber"])
    if float(row["max"]) <= float(row["min"]):
        raise NotDone("failed", "The greatest grade must be more than the least.")
    others = "SELECT 1 FROM grade_items WHERE courseid = ? AND idnumber = ? AND id <> ?"
    if row["idnumber"] and call.state.value(others, course, row["idnumber"], found["id"] if found else 0):
        raise NotDone("taken")
    columns: dict[str, object] = {
        "itemname": str(row["name"]),
        "idnumber": str(row["idnumber"]),
        "grademax": float(row["max"]),
        "grademin": float(row["min"]),
    }
    if row.get("hidden") is not None:
        columns["hidden"] = int(bool(row["hidden"]))
    if row.get("category") is not None:
        columns["categoryid"] = _category(call, course, str(row["category"]))
    if found is None:
        found = call.state.record("grade_items", add_column(call.state, course, str(row["name"])))
    change_item(call.state, found, **columns)
    return {"id": found["id"]}


def _item(call: Call, course: int, key: int) -> Row:
    sql = "SELECT * FROM grade_items WHERE id = ? AND courseid = ? AND itemtype = 'manual'"
    found = call.state.one(sql, key, course)
    if found is None:
        raise NotDone("noitem")
    return found


def _numbered(call: Call, course: int, idnumber: str) -> Row | None:
    sql = "SELECT * FROM grade_items WHERE courseid = ? AND idnumber = ? AND itemtype = 'manual' ORDER BY id"
    return call.state.one(sql, course, idnumber) if idnumber else None


def _category(call: Call, course: int, name: str) -> int:
    top = ensure_gradebook(call.state, course)
    if not name:
        return top
    sql = "SELECT id FROM grade_categories WHERE courseid = ? AND parent = ? AND fullname = ?"
    found = call.state.value(sql, course, top, name)
    return int(found) if found else add_grade_category(call.state, course, name)


@function("local_matricula_delete_grade_items", takes=ROWS)
def delete_grade_items(call: Call, rows: str) -> dict[str, str]:
    """Deletes manual grade items; one that is not there is done."""
    return outcomes(call, rows, _delete_item)


def _delete_item(call: Call, row: Row) -> Row:
    found = call.state.one("SELECT * FROM grade_items WHERE id = ? AND courseid = ?", row["id"], row["courseid"])
    if found is None:
        return {"id": None}
    if found["itemtype"] != "manual":
        raise NotDone("noitem")
    remove_item(call.state, found["id"])
    return {"id": found["id"]}


@function("local_matricula_save_grades", takes=ROWS)
def save_grades(call: Call, rows: str) -> dict[str, str]:
    """Writes grades of manual items; what a teacher locked or overrode is left."""
    return outcomes(call, rows, _save_grade)


def _save_grade(call: Call, row: Row) -> Row:
    user, course = user_of(call, row), course_of(call, row)
    item = _item(call, course, int(row["itemid"]))
    if not is_enrolled(call.state, course, user):
        raise NotDone("notenrolled")
    sql = "SELECT * FROM grade_grades WHERE itemid = ? AND userid = ?"
    there = call.state.one(sql, item["id"], user)
    held = there or {"locked": 0, "overridden": 0}
    if item["locked"] or held["locked"]:
        raise NotDone("locked")
    if held["overridden"]:
        raise NotDone("overridden")
    grade = None if row["grade"] is None else float(row["grade"])
    if grade is not None and not item["grademin"] <= grade <= item["grademax"]:
        raise NotDone("beyond")
    if there is None and grade is None and row.get("feedback") is None:
        return {"id": None, "grade": None}
    more = {} if row.get("feedback") is None else {"feedback": str(row["feedback"])}
    set_grade(call.state, item["id"], user, grade, **more)
    written = call.state.one(sql, item["id"], user) or {}
    return {"id": written["id"], "grade": written["finalgrade"]}
