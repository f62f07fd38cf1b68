"""The gradebook as it stands: items, users' grades, and the totals that follow from them.

Totals are Moodle's "natural" aggregation (``grade_category::aggregate_values_and_adjust_bounds``): the
sum of the grades there are, out of the sum of the maxima of the items that have one. As on a real site
a user's totals are worked out when one of his grades is written by an activity, and anew for everybody
once an item itself has changed.
"""

from matricula.sandbox.state import Row, State

PLAIN = 2
"""The text format of feedback in a grade that an activity or an aggregation made."""


VALUE, SCALE, TEXT = 1, 2, 3
"""Types of grades: points, a place in a scale, and feedback alone."""


def items(state: State, course: int) -> list[Row]:
    """A course's grade items in the order of its grade tree: parts first, their total after them."""
    return [row for is_item, row, _ in tree(state, course) if is_item]


def tree(state: State, course: int) -> list[tuple[bool, Row, list[int]]]:
    """A course's grade tree as it is read downwards: each category, then what is in it, then its total.

    Returns:
        whether it is an item, its record, and the categories that it is in.
    """
    rows = state.all("SELECT * FROM grade_items WHERE courseid = ? AND gradetype <> 0 ORDER BY sortorder, id", course)
    categories = {row["id"]: row for row in state.all("SELECT * FROM grade_categories WHERE courseid = ?", course)}
    totals = {row["iteminstance"]: row for row in rows if row["itemtype"] in ("course", "category")}

    def of(category: int, above: list[int]) -> list[tuple[bool, Row, list[int]]]:
        path = [*above, category]
        inside: list[tuple[int, list[tuple[bool, Row, list[int]]]]] = [
            (row["sortorder"], [(True, row, path)])
            for row in rows
            if row["categoryid"] == category and row["itemtype"] not in ("course", "category")
        ]
        inside += [
            (totals[child]["sortorder"], of(child, path))
            for child, row in categories.items()
            if row["parent"] == category
        ]
        ordered = [each for _, part in sorted(inside, key=lambda pair: pair[0]) for each in part]
        return [(False, categories[category], above), *ordered, (True, totals[category], path)]

    top = next((key for key, row in categories.items() if row["parent"] is None), None)
    return of(top, []) if top is not None else []


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


def add_activity(
    state: State, course: int, module: str, name: str, grade: float, *, idnumber: str = "",
    hidden: bool = False, **columns: int,
) -> int:  # fmt: skip
    """Puts a graded activity into a course, as a teacher does on the page.

    Parameters:
        module: "assign", "quiz" or "lesson".
        grade: its highest grade, in points.
        idnumber: its number in the gradebook.
        hidden: whether its grades are hidden from students.
        columns: further columns of the table ``activity``: dates in seconds since 1970.

    Returns:
        its place in the course (``cmid``).
    """
    top = ensure_gradebook(state, course)
    number = 1 + int(state.value("SELECT COALESCE(MAX(id), 0) FROM activity WHERE module = ?", module))
    activity = {"module": module, "id": number, "course": course, "name": name, "grade": grade}
    state.insert("activity", **activity | {"timemodified": state.now()} | columns)
    last = state.value("SELECT MAX(sortorder) FROM grade_items WHERE courseid = ?", course)
    state.insert(
        "grade_items", courseid=course, categoryid=top, itemname=name, itemtype="mod", itemmodule=module,
        iteminstance=number, itemnumber=0, idnumber=idnumber, grademax=grade, sortorder=last + 1,
        hidden=int(hidden),
    )  # fmt: skip
    cmid = state.insert(
        "course_modules", course=course, module=module, instance=number, section=0, idnumber=idnumber,
        added=state.now(),
    )  # fmt: skip
    retotal(state, course)
    return cmid


def write_grade(state: State, item: Row, user: int, grade: float | None, *, by_activity: bool = True) -> None:
    """Gives a user a grade, within the item's bounds; one that was overridden or locked stays as it is.

    Parameters:
        item: the grade item's record.
        user: the user's id.
        grade: the grade in points, or None for none.
        by_activity: whether an activity gives it, so that the user's totals follow at once.
    """
    kept = state.one("SELECT * FROM grade_grades WHERE itemid = ? AND userid = ?", item["id"], user)
    if item["locked"] or (kept is not None and (kept["overridden"] or kept["locked"])):
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
    rows = items(state, course)
    grades = {
        row["itemid"]: row
        for row in state.among(
            "SELECT * FROM grade_grades WHERE userid = ? AND itemid IN ({})",
            [item["id"] for item in rows],
            user,
        )
    }
    for item in rows:
        if item["id"] not in grades:
            key = state.insert("grade_grades", itemid=item["id"], userid=user, feedbackformat=PLAIN)
            grades[item["id"]] = state.record("grade_grades", key)
    categories = state.all("SELECT id, droplow FROM grade_categories WHERE courseid = ?", course)
    drops = {row["id"]: row["droplow"] for row in categories}
    for total in (item for item in rows if item["itemtype"] in ("course", "category")):
        parts = [item for item in rows if _part_of(state, item, total["iteminstance"]) and item["gradetype"] != TEXT]
        _total(state, total, parts, grades, drops.get(total["iteminstance"], 0))


def _total(state: State, total: Row, parts: list[Row], grades: dict[int, Row], drop: int) -> None:
    """Works out one total. What is excluded counts as dropped where it has a value, as in Moodle's own records."""
    valued = [item for item in parts if grades[item["id"]]["finalgrade"] is not None]
    counted = [item for item in valued if not grades[item["id"]]["excluded"]]
    plain = sorted((item for item in counted if not item["extracredit"]), key=lambda item: _share(item, grades))
    lowest = [item["id"] for item in plain[:drop]]
    given = [item for item in counted if item["id"] not in lowest]
    outof = sum(_max(item, grades) for item in given if not item["extracredit"])
    points = sum(grades[item["id"]]["finalgrade"] for item in given) if given else None
    for item in parts:
        used = item in given and outof
        weight = _max(item, grades) / outof if used else 0.0
        status = ("extra" if item["extracredit"] else "used") if used else "dropped" if item in valued else "novalue"
        state.update("grade_grades", grades[item["id"]]["id"], weight=weight, status=status)
    row = grades[total["id"]]
    row |= {"finalgrade": points, "grademax": outof if given else (0 if not parts else None)}
    state.update("grade_grades", row["id"], finalgrade=row["finalgrade"], grademax=row["grademax"])


def _share(item: Row, grades: dict[int, Row]) -> float:
    highest = _max(item, grades)
    return float(grades[item["id"]]["finalgrade"] / highest) if highest else 0.0


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
    """Changes a grade item; grades stay as they are, and everybody's totals are worked out anew."""
    state.update("grade_items", item["id"], **changes)
    retotal(state, item["courseid"])


def retotal(state: State, course: int) -> None:
    """Sets the course's own maximum and works out everybody's totals."""
    highest = state.value(
        "SELECT COALESCE(SUM(grademax), 0) FROM grade_items"
        " WHERE courseid = ? AND itemtype NOT IN ('course', 'category') AND gradetype IN (1, 2) AND extracredit = 0",
        course,
    )
    state.run("UPDATE grade_items SET grademax = ? WHERE courseid = ? AND itemtype = 'course'", highest, course)
    users = state.all(
        "SELECT DISTINCT g.userid FROM grade_grades g JOIN grade_items i ON i.id = g.itemid WHERE i.courseid = ?",
        course,
    )
    for user in users:
        total_up(state, course, user["userid"])


def add_grade_category(state: State, course: int, name: str, *, parent: int | None = None, drop_lowest: int = 0) -> int:
    """Puts a category into a course's gradebook, as a teacher does on the page; returns its id."""
    top = ensure_gradebook(state, course)
    key = state.insert("grade_categories", courseid=course, parent=parent or top, fullname=name, droplow=drop_lowest)
    state.insert(
        "grade_items",
        courseid=course,
        itemtype="category",
        iteminstance=key,
        grademax=0,
        sortorder=_last(state, course),
    )
    retotal(state, course)
    return key


def add_column(
    state: State, course: int, name: str, highest: float = 100, *, category: int | None = None,
    scale: tuple[str, ...] = (), **columns: int,
) -> int:  # fmt: skip
    """Puts a column made by hand into a course's gradebook; returns the item's id.

    Parameters:
        highest: points that can be had; with a scale its number of words.
        category: the category that it stands in.
        scale: words of a scale, the lowest first.
        columns: further columns of the table ``grade_items``: ``hidden``, ``locked``, ``extracredit``.
    """
    top = ensure_gradebook(state, course)
    graded: Row = {"grademax": highest}
    if scale:
        made = state.insert("scale", name=name, words=",".join(scale))
        graded = {"gradetype": SCALE, "scaleid": made, "grademin": 1, "grademax": len(scale)}
    key = state.insert(
        "grade_items", courseid=course, categoryid=category or top, itemname=name, itemtype="manual", itemnumber=0,
        idnumber="", sortorder=_last(state, course), **graded | columns,
    )  # fmt: skip
    retotal(state, course)
    return key


def set_grade(state: State, item: int, user: int, grade: float | None, **columns: object) -> None:
    """Writes into the gradebook itself, as a teacher does in the grader report.

    Parameters:
        columns: further columns of the table ``grade_grades``: ``excluded``, ``hidden``, ``locked``, ``overridden``,
            ``feedback``.
    """
    kept = state.one("SELECT id FROM grade_grades WHERE itemid = ? AND userid = ?", item, user)
    values = {"finalgrade": grade, "timemodified": state.now()} | columns
    if kept is None:
        state.insert("grade_grades", itemid=item, userid=user, **values)
    else:
        state.update("grade_grades", kept["id"], **values)
    total_up(state, state.record("grade_items", item)["courseid"], user)


def remove_item(state: State, item: int) -> None:
    """Takes a grade item out of its gradebook, with all grades in it."""
    course = state.record("grade_items", item)["courseid"]
    state.run("DELETE FROM grade_grades WHERE itemid = ?", item)
    state.run("DELETE FROM grade_items WHERE id = ?", item)
    retotal(state, course)


def _last(state: State, course: int) -> int:
    return int(state.value("SELECT COALESCE(MAX(sortorder), 0) + 1 FROM grade_items WHERE courseid = ?", course))
