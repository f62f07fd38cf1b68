"""The gradebook as it stands: items, users' grades, and the totals that follow from them.

Totals are Moodle's "natural" aggregation (``grade_category::aggregate_values_and_adjust_bounds``): the
sum of the grades there are, out of the sum of the maxima of the items that have one. As on a real site
a user's totals are worked out when one of his grades is written by an activity, and anew for everybody
once an item itself has changed.
"""

from matricula.sandbox.state import Row, State

PLAIN = 2
"""The text format of feedback in a grade that an activity or an aggregation made."""


def items(state: State, course: int) -> list[Row]:
    """A course's grade items in the order of its grade tree: parts first, their total after them."""
    rows = state.all("SELECT * FROM grade_items WHERE courseid = ? ORDER BY sortorder, id", course)
    categories = state.all("SELECT * FROM grade_categories WHERE courseid = ?", course)
    parents = {row["id"]: row["parent"] for row in categories}
    totals = {row["iteminstance"]: row for row in rows if row["itemtype"] in ("course", "category")}

    def of(category: int) -> list[Row]:
        inside: list[tuple[int, list[Row]]] = [
            (row["sortorder"], [row])
            for row in rows
            if row["categoryid"] == category and row["itemtype"] not in ("course", "category")
        ]
        inside += [(totals[child]["sortorder"], of(child)) for child, above in parents.items() if above == category]
        ordered = [row for _, part in sorted(inside, key=lambda pair: pair[0]) for row in part]
        return [*ordered, totals[category]]

    top = next((key for key, above in parents.items() if above is None), None)
    return of(top) if top is not None else []


def depth(state: State, course: int) -> int:
    """How many levels a course's grade tree has, its items included."""
    nested = state.value("SELECT 1 FROM grade_categories WHERE courseid = ? AND parent IS NOT NULL", course)
    return 3 if nested else 2


def ensure_gradebook(state: State, course: int) -> int:
    """The course's top grade category; it is made, with its total, when first needed."""
    top = state.value("SELECT id FROM grade_categories WHERE courseid = ? AND parent IS NULL", course)
    if top:
        return int(top)
    top = state.insert("grade_categories", courseid=course, fullname="?")
    state.insert("grade_items", courseid=course, itemtype="course", iteminstance=top, grademax=0, sortorder=1)
    return int(top)


def write_grade(state: State, item: Row, user: int, grade: float | None, *, by_activity: bool = True) -> None:
    """Gives a user a grade, within the item's bounds; one that was overridden stays as it is.

    Parameters:
        item: the grade item's record.
        user: the user's id.
        grade: the grade in points, or None for none.
        by_activity: whether an activity gives it, so that the user's totals follow at once.
    """
    kept = state.one("SELECT * FROM grade_grades WHERE itemid = ? AND userid = ?", item["id"], user)
    if kept is not None and kept["overridden"]:
        return
    bounded = None if grade is None else max(item["grademin"], min(item["grademax"], grade))
    if kept is None:
        kind = PLAIN if by_activity else 0
        state.insert(
            "grade_grades", itemid=item["id"], userid=user, finalgrade=bounded, feedbackformat=kind,
            grademax=item["grademax"], timemodified=state.now(),
        )  # fmt: skip
    else:
        state.update("grade_grades", kept["id"], finalgrade=bounded, timemodified=state.now())
    if by_activity:
        total_up(state, item["courseid"], user)


def total_up(state: State, course: int, user: int) -> None:
    """Works out a user's totals and the weights of what is in them."""
    tree = items(state, course)
    grades = {
        row["itemid"]: row
        for row in state.among(
            "SELECT * FROM grade_grades WHERE userid = ? AND itemid IN ({})",
            [item["id"] for item in tree],
            user,
        )
    }
    for item in tree:
        if item["id"] not in grades:
            key = state.insert("grade_grades", itemid=item["id"], userid=user, feedbackformat=PLAIN)
            grades[item["id"]] = state.record("grade_grades", key)
    for total in (item for item in tree if item["itemtype"] in ("course", "category")):
        parts = [item for item in tree if _part_of(state, item, total["iteminstance"])]
        given = [item for item in parts if grades[item["id"]]["finalgrade"] is not None]
        outof = sum(_max(item, grades) for item in given)
        points = sum(grades[item["id"]]["finalgrade"] for item in given) if given else None
        for item in parts:
            used = item in given and outof
            weight = _max(item, grades) / outof if used else 0.0
            state.update("grade_grades", grades[item["id"]]["id"], weight=weight, status="used" if used else "novalue")
        row = grades[total["id"]]
        row |= {"finalgrade": points, "grademax": outof if given else (0 if not parts else None)}
        state.update("grade_grades", row["id"], finalgrade=row["finalgrade"], grademax=row["grademax"])


def _max(item: Row, grades: dict[int, Row]) -> float:
    if item["itemtype"] == "category":
        return float(grades[item["id"]]["grademax"] or 0)
    return float(item["grademax"])


def _part_of(state: State, item: Row, category: int) -> bool:
    if item["itemtype"] == "course":
        return False
    if item["itemtype"] != "category":
        return bool(item["categoryid"] == category)
    parent = state.value("SELECT parent FROM grade_categories WHERE id = ?", item["iteminstance"])
    return bool(parent == category)


def change_item(state: State, item: Row, **changes: object) -> None:
    """Changes a grade item; grades move with its maximum, and everybody's totals are worked out anew."""
    state.update("grade_items", item["id"], **changes)
    new = state.record("grade_items", item["id"])
    if new["grademax"] != item["grademax"] and item["grademax"]:
        state.run(
            "UPDATE grade_grades SET finalgrade = finalgrade * ? WHERE itemid = ?",
            new["grademax"] / item["grademax"],
            item["id"],
        )
    retotal(state, item["courseid"])


def retotal(state: State, course: int) -> None:
    """Sets the course's own maximum and works out everybody's totals."""
    highest = state.value(
        "SELECT COALESCE(SUM(grademax), 0) FROM grade_items"
        " WHERE courseid = ? AND itemtype NOT IN ('course', 'category') AND gradetype = 1",
        course,
    )
    state.run("UPDATE grade_items SET grademax = ? WHERE courseid = ? AND itemtype = 'course'", highest, course)
    users = state.all(
        "SELECT DISTINCT g.userid FROM grade_grades g JOIN grade_items i ON i.id = g.itemid WHERE i.courseid = ?",
        course,
    )
    for user in users:
        total_up(state, course, user["userid"])
