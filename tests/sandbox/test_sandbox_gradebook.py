"""A gradebook with everything in it, told as a Moodle 5.1 told the same one."""

import re

import pytest

from matricula.sandbox.functions.gradebook import add_activity, add_column, add_grade_category, remove_item, set_grade

#: Status, points, hidden, item locked, grade locked, as shown, range and percentage of Ann, Bob and Cem, as answered by
#: Moodle 5.1+ (Build 20251017) to gradereport_user_get_grade_items.
SEEN = {
    "Essay": [
        ("novalue", None, False, False, False, "-", "0&ndash;50", "-"),
        ("novalue", None, False, False, False, "-", "0&ndash;50", "-"),
        ("novalue", None, False, False, False, "-", "0&ndash;50", "-"),
    ],
    "Part": [
        (None, 0, False, False, False, "0.00", "0&ndash;10", "0.00 %"),
        ("dropped", 7.5, False, False, False, "7.50", "0&ndash;10", "75.00 %"),
        (None, 9, True, False, False, "9.00", "0&ndash;10", "90.00 %"),
    ],
    "Scaled": [
        (None, 3, False, False, False, "Good", "Bad&ndash;Good", "100.00 %"),
        (None, 1, False, False, False, "Bad", "Bad&ndash;Good", "0.00 %"),
        ("novalue", None, False, False, False, "-", "Bad&ndash;Good", "-"),
    ],
    "Extra": [
        ("extra", 4, False, False, False, "4.00", "0&ndash;10", "40.00 %"),
        ("novalue", None, False, False, False, "-", "0&ndash;10", "-"),
        ("novalue", None, False, False, False, "-", "0&ndash;10", "-"),
    ],
    "Hidden": [
        (None, 5, True, False, False, "5.00", "0&ndash;10", "50.00 %"),
        (None, 6, True, False, False, "6.00", "0&ndash;10", "60.00 %"),
        ("novalue", None, True, False, False, "-", "0&ndash;10", "-"),
    ],
    "Locked": [
        (None, 5, False, True, True, "5.00", "0&ndash;10", "50.00 %"),
        ("novalue", None, False, True, True, "-", "0&ndash;10", "-"),
        ("novalue", None, False, True, True, "-", "0&ndash;10", "-"),
    ],
    "Text": [
        (None, None, False, False, False, "", "&ndash;", ""),
        (None, None, False, False, False, "", "&ndash;", ""),
        (None, None, False, False, False, "", "&ndash;", ""),
    ],
    None: [
        (None, 17, False, False, False, "17.00", "0&ndash;33", "51.52 %"),
        (None, 7, False, False, False, "7.00", "0&ndash;13", "53.85 %"),
        (None, 9, False, False, False, "9.00", "0&ndash;10", "90.00 %"),
    ],
}
WEIGHTS = {"Part": 1, "Scaled": 0.09091, "Extra": 0.30303, "Hidden": 0.30303, "Locked": 0.30303}


@pytest.fixture
def book(site, class_of):
    """The course, its people, its items by name, and its categories."""
    state = site.state
    course, people = class_of("ann", "bob", "cem", "dee")
    ann, bob, cem, dee = people
    add_activity(state, course, "assign", "Essay", 50)
    work = add_grade_category(state, course, "Course & work")
    inner = add_grade_category(state, course, "Inner", parent=work)
    items = {"Part": add_column(state, course, "Part", 10, category=work)}
    items["Scaled"] = add_column(state, course, "Scaled", scale=("Bad", "Fair", "Good"))
    items["Extra"] = add_column(state, course, "Extra", 10, extracredit=1)
    items["Hidden"] = add_column(state, course, "Hidden", 10, hidden=1)
    items["Locked"] = add_column(state, course, "Locked", 10)
    items["Text"] = add_column(state, course, "Text", gradetype=3)
    for name, user, points in (
        *(("Part", ann, 0), ("Part", bob, 7.5), ("Part", cem, 9), ("Part", dee, 3), ("Scaled", ann, 3)),
        *(("Scaled", bob, 1), ("Extra", ann, 4), ("Hidden", ann, 5), ("Hidden", bob, 6), ("Locked", ann, 5)),
    ):
        set_grade(state, items[name], user, points)
    set_grade(state, items["Part"], bob, 7.5, excluded=1, feedback="<p>well</p>")
    set_grade(state, items["Part"], cem, 9, hidden=1)
    essay = state.value("SELECT id FROM grade_items WHERE courseid = ? AND itemmodule = 'assign'", course)
    set_grade(state, essay, cem, None, excluded=1)
    state.run("UPDATE grade_items SET locked = 1 WHERE id = ?", items["Locked"])
    state.run("UPDATE user_enrolments SET status = 1 WHERE userid = ?", dee)
    return course, people, items, (work, inner)


def test_everything_is_told_as_a_moodle_tells_it(ask, book):
    course, people, _, _ = book
    told = ask("gradereport_user_get_grade_items", courseid=course)["usergrades"]
    assert [each["userid"] for each in told] == people[:3]
    found = {
        name: [_told(each, name) for each in told]
        for name in [cell["itemname"] for cell in told[0]["gradeitems"] if cell["itemtype"] != "category"]
    }
    assert found == SEEN
    ann = {cell["itemname"]: cell for cell in told[0]["gradeitems"]}
    assert {name: ann[name]["weightraw"] for name in WEIGHTS} == WEIGHTS
    assert {cell["scaleid"] for cell in ann.values()} == {None}
    assert "weightraw" not in ann["Text"]
    bob = {cell["itemname"]: cell for cell in told[1]["gradeitems"]}["Part"]
    assert (bob["weightraw"], bob["feedback"]) == (0, "<p>well</p>")
    order = [cell["itemname"] or cell["itemtype"] for cell in told[0]["gradeitems"]]
    assert order.index("category") < order.index("Part") < order.index("Scaled") < order.index("course")


def _told(person, name):
    cell = next(each for each in person["gradeitems"] if each["itemname"] == name and each["itemtype"] != "category")
    names = ("graderaw", "gradeishidden", "locked", "gradeislocked", "gradeformatted", "rangeformatted")
    return (cell.get("status"), *(cell[each] for each in names), cell["percentageformatted"])


def test_who_is_suspended_is_told_of_alone(ask, book):
    course, (*_, dee), items, _ = book
    (told,) = ask("gradereport_user_get_grade_items", courseid=course, userid=dee)["usergrades"]
    assert [cell["graderaw"] for cell in told["gradeitems"] if cell["id"] == items["Part"]] == [3]


def test_categories_stand_in_the_table_with_those_above_them(ask, book):
    course, (ann, *_), _, (work, inner) = book
    (table,) = ask("gradereport_user_get_grades_table", courseid=course, userid=ann)["tables"]
    rows = [row for row in table["tabledata"] if row.get("itemname", {}).get("id", "").startswith("cat_")]
    named = {
        int(row["itemname"]["id"].split("_")[1]): (
            re.sub("<[^>]*>", "", row["itemname"]["content"]),
            row["parentcategories"],
        )
        for row in rows
    }
    top = min(named)
    assert named == {top: ("C1", []), work: ("Course &amp; work", [top]), inner: ("Inner", [top, work])}


def test_locked_grades_stay_and_deleted_items_are_gone(ask, site, book):
    course, (ann, *_), items, _ = book
    cmid = add_activity(site.state, course, "assign", "Second", 20)
    written = {"source": "x", "courseid": course, "component": "mod_assign", "activityid": cmid, "itemnumber": 0}
    assert ask("core_grades_update_grades", **written, grades=[{"studentid": ann, "grade": 12}]) == 0
    second = site.state.one("SELECT id FROM grade_items WHERE itemname = 'Second'")["id"]
    site.state.run("UPDATE grade_grades SET locked = 1 WHERE itemid = ? AND userid = ?", second, ann)
    assert ask("core_grades_update_grades", **written, grades=[{"studentid": ann, "grade": 15}]) == 0
    assert site.state.value("SELECT finalgrade FROM grade_grades WHERE itemid = ? AND userid = ?", second, ann) == 12
    site.state.run("UPDATE grade_items SET locked = 1 WHERE id = ?", second)
    assert ask("core_grades_update_grades", **written, grades=[{"studentid": ann, "grade": 15}]) == 4
    remove_item(site.state, items["Extra"])
    told = ask("gradereport_user_get_grade_items", courseid=course, userid=ann)["usergrades"][0]["gradeitems"]
    assert items["Extra"] not in [cell["id"] for cell in told]
