# ruff: noqa: S608 — every name put into a statement is one of the module's own
"""Course categories: a tree with an order (``course/externallib.php``, ``core_course_category``)."""

from collections import defaultdict
from typing import Any

from matricula.sandbox.access import CATEGORY, SITE, Place
from matricula.sandbox.cleaning import clean_int, clean_sequence, clean_text
from matricula.sandbox.functions.course_state import delete_course
from matricula.sandbox.refusals import refuse
from matricula.sandbox.registry import Call, function, plain_format
from matricula.sandbox.state import Row, State

_MANY = 10_000
"""How far apart the sort orders of neighbouring categories lie (``get_max_courses_in_category``)."""

_CRITERIA = {
    "id": "id = ?",
    "idnumber": "fold(idnumber) = fold(?)",
    "name": "fold(name) = fold(?)",
    "parent": "parent = ?",
    "visible": "visible = ?",
}


@function(
    "core_course_get_categories",
    takes="criteria: [{key: alpha, value: raw}]=[], addsubcategories: bool=1",
)
def get_categories(call: Call, criteria: list[Row], addsubcategories: bool) -> list[dict[str, Any]]:  # noqa: FBT001
    """Categories that meet all criteria, with those below them unless told otherwise."""
    where: dict[str, tuple[str, list[Any]]] = {}
    for criterion in criteria:
        key = criterion["key"]
        if key not in where:
            where[key] = _condition(call, key, criterion["value"])
    sql = "SELECT * FROM course_categories"
    if where:
        sql += " WHERE " + " AND ".join(condition for condition, _ in where.values())
    found = call.state.all(sql, *(value for _, values in where.values() for value in values))
    if where and addsubcategories:
        visible = where.get("visible", ("1", []))
        for category in list(found):
            found += call.state.all(
                f"SELECT * FROM course_categories WHERE path LIKE ? AND {visible[0]}",
                f"{category['path']}/%",
                *visible[1],
            )
    unique = {category["id"]: category for category in found}
    counts = _course_counts(call.state)
    shown = [_category(call, category, counts) for category in unique.values() if _may_see(call, category)]
    # Moodle compares the numbers as texts: 100000 comes before 90000
    return sorted(shown, key=lambda entry: str(entry["sortorder"]))


def _condition(call: Call, key: str, value: str) -> tuple[str, list[Any]]:
    if key == "ids":
        ids = [clean_int(each) for each in clean_sequence(value).split(",")]
        return f"id IN ({','.join('?' * len(ids))})", list(ids)
    needed = {"idnumber": "moodle/category:manage", "visible": "moodle/category:viewhiddencategories"}
    if key not in _CRITERIA or (key in needed and not call.access.can(needed[key])):
        raise refuse("criteriaerror")
    if key == "idnumber":
        return _CRITERIA[key], [value]
    return _CRITERIA[key], [clean_text(value) if key == "name" else clean_int(value)]


def _may_see(call: Call, category: Row) -> bool:
    here = Place(CATEGORY, category["id"])
    if not category["visible"] and not call.access.can("moodle/category:viewhiddencategories", here):
        return False
    return call.access.can("moodle/category:viewcourselist", here)


def _course_counts(state: State) -> dict[int, int]:
    rows = state.all("SELECT category, COUNT(*) AS number FROM course GROUP BY category")
    return {row["category"]: row["number"] for row in rows}


def _category(call: Call, category: Row, counts: dict[int, int]) -> dict[str, Any]:
    text, kind = call.text(category["description"], category["descriptionformat"])
    entry = {
        "id": category["id"],
        "name": call.string(category["name"]),
        "description": text,
        "descriptionformat": kind,
        "parent": category["parent"],
        "sortorder": category["sortorder"],
        "coursecount": counts.get(category["id"], 0),
        "depth": category["depth"],
        "path": category["path"],
    }
    if call.access.can("moodle/category:manage", Place(CATEGORY, category["id"])):
        entry |= {name: category[name] for name in ("idnumber", "visible", "visibleold", "timemodified")}
        entry["theme"] = ""
    return entry


@function(
    "core_course_create_categories",
    takes="""categories: [{name: text, parent: int=0, idnumber: raw?, description: raw?,
        descriptionformat: int=1, theme: theme?}]""",
    whole=True,
)
def create_categories(call: Call, categories: list[Row]) -> list[dict[str, Any]]:
    """Creates categories, all or none; names need not be unique, numbers must."""
    made = []
    for category in categories:
        parent = category["parent"]
        if parent and not _exists(call, parent):
            raise refuse("unknowcategory")
        call.access.require("moodle/category:manage", Place(CATEGORY, parent) if parent else SITE)
        plain_format(category["descriptionformat"])
        key = _create(call, category)
        made.append({"id": key, "name": call.string(category["name"])})
    arrange(call.state)
    return made


def _exists(call: Call, category: int) -> bool:
    return bool(call.state.value("SELECT 1 FROM course_categories WHERE id = ?", category))


def _create(call: Call, category: Row) -> int:
    state = call.state
    if category["name"] in ("", "0"):
        raise refuse("categorynamerequired")
    _check_texts(call, category, 0)
    parent = state.one("SELECT * FROM course_categories WHERE id = ?", category["parent"])
    return state.insert(
        "course_categories",
        name=category["name"],
        idnumber=category.get("idnumber"),
        description=category.get("description", ""),
        descriptionformat=category["descriptionformat"],
        parent=category["parent"],
        place=_last_place(state),
        visible=parent["visible"] if parent else 1,
        timemodified=state.now(),
    )


def _check_texts(call: Call, category: Row, own: int) -> None:
    if len(category.get("name", "")) > 255:
        raise refuse("categorytoolong")
    number = category.get("idnumber", "")
    if len(number) > 100:
        raise refuse("idnumbertoolong")
    taken = "SELECT 1 FROM course_categories WHERE fold(idnumber) = fold(?) AND id <> ?"
    if number and call.state.value(taken, number, own):
        raise refuse("categoryidnumbertaken")


def _last_place(state: State) -> int:
    return int(state.value("SELECT COALESCE(MAX(place), 0) + 1 FROM course_categories"))


def _known(call: Call, category: int) -> Row:
    row = call.state.one("SELECT * FROM course_categories WHERE id = ?", category)
    if row is None:
        raise refuse("unknowncategory", a=category)
    return row


@function(
    "core_course_update_categories",
    takes="""categories: [{id: int, name: text?, idnumber: raw?, parent: int?, description: raw?,
        descriptionformat: int=1, theme: theme?}]""",
    whole=True,
)
def update_categories(call: Call, categories: list[Row]) -> None:
    """Changes and moves categories, all or none."""
    for category in categories:
        old = _known(call, category["id"])
        call.access.require("moodle/category:manage", Place(CATEGORY, old["id"]))
        if category.get("parent") and not _exists(call, category["parent"]):
            raise call.missing("course_categories")
        plain_format(category["descriptionformat"])
        _update(call, old, category)
        arrange(call.state)


def _update(call: Call, old: Row, category: Row) -> None:
    described = {"description", "descriptionformat"}
    changes: Row = {name: value for name, value in category.items() if name in described}
    if category.get("name", "x") in ("", "0"):
        raise refuse("categorynamerequired")
    if category.get("name", old["name"]) != old["name"]:
        changes["name"] = category["name"]
    if category.get("idnumber", old["idnumber"]) != old["idnumber"]:
        changes["idnumber"] = category["idnumber"]
    _check_texts(call, changes, old["id"])
    if category.get("parent", old["parent"]) != old["parent"]:
        _move(call, old, category["parent"])
    call.state.update("course_categories", old["id"], **changes, timemodified=call.state.now())


def _move(call: Call, category: Row, parent: int) -> None:
    if parent:
        above = _known(call, parent)
        if category["id"] in map(int, above["path"].split("/")[1:]):
            raise refuse("cannotmovecategory")
    place = _last_place(call.state)
    call.state.update("course_categories", category["id"], parent=parent, place=place)


@function(
    "core_course_delete_categories",
    takes="categories: [{id: int, newparent: int?, recursive: bool=0}]",
    whole=True,
)
def delete_categories(call: Call, categories: list[Row]) -> None:
    """Removes categories with all they hold, or after moving it elsewhere; all or none."""
    for category in categories:
        old = _known(call, category["id"])
        here = Place(CATEGORY, old["id"])
        call.access.require("moodle/category:manage", here)
        if category["recursive"]:
            _delete_full(call, old)
        else:
            _delete_moving(call, old, category.get("newparent") or old["parent"])
        arrange(call.state)


def _delete_full(call: Call, category: Row) -> None:
    state = call.state
    for child in state.all("SELECT * FROM course_categories WHERE parent = ?", category["id"]):
        _delete_full(call, child)
    for course in state.all("SELECT id FROM course WHERE category = ?", category["id"]):
        delete_course(state, course["id"])
    _drop(state, category["id"])


def _delete_moving(call: Call, category: Row, target: int) -> None:
    state = call.state
    if not target:
        raise refuse("movecatcontentstoroot")
    above = _known(call, target)
    for child in state.all("SELECT * FROM course_categories WHERE parent = ? ORDER BY place", category["id"]):
        _move(call, child, above["id"])
        arrange(state)
    first = int(state.value("SELECT COALESCE(MAX(place), 0) FROM course WHERE category = ?", above["id"]))
    courses = state.all("SELECT id FROM course WHERE category = ? ORDER BY place", category["id"])
    for number, course in enumerate(courses, first + 1):
        state.update("course", course["id"], category=above["id"], place=number)
    _drop(state, category["id"])


def _drop(state: State, category: int) -> None:
    state.run("DELETE FROM course_categories WHERE id = ?", category)
    state.run("DELETE FROM context WHERE level = 40 AND instanceid = ?", category)


def arrange(state: State) -> None:
    """Puts every category's depth, path and sort order right (``fix_course_sortorder``)."""
    children: dict[int, list[Row]] = defaultdict(list)
    for row in state.all("SELECT * FROM course_categories ORDER BY place, id"):
        children[row["parent"]].append(row)
    order = 0

    def visit(parent: int, depth: int, path: str) -> None:
        nonlocal order
        for row in children[parent]:
            order += _MANY
            here = f"{path}/{row['id']}"
            if (row["sortorder"], row["depth"], row["path"]) != (order, depth, here):
                state.update("course_categories", row["id"], sortorder=order, depth=depth, path=here)
            visit(row["id"], depth + 1, here)

    visit(0, 1, "")
