"""Courses and categories on a real Moodle, which afterwards is as it was."""

import csv
from pathlib import Path
from typing import Any

import pytest
from corridor import Corridor
from real_site import ON_A_REAL_SITE
from small_school import HEADERS, SmallSchool

from matricula.moodle import Course

pytestmark = ON_A_REAL_SITE

PROFILE = "kind: profile\nname: default\nsource: school\nsite: moodle\n"


def deliver(corridor: Corridor, mark: str, *, classes: int = 2, department: str = "d1") -> None:
    """Some classes of a subject, which belongs to one of two departments; three teachers and no students."""
    SmallSchool(mark, students={}).write(corridor.folder)
    arts = [{"sourcedId": f"{mark}-d{n}", "name": f"{mark} Department {n}", "type": "department"} for n in (1, 2)]
    edit(corridor.folder / "orgs.csv", lambda rows: [*rows, *arts])
    edit(corridor.folder / "courses.csv", lambda rows: [row | {"orgSourcedId": f"{mark}-{department}"} for row in rows])
    edit(corridor.folder / "classes.csv", lambda rows: rows[:classes])
    gone = {f"{mark}-cl{number}" for number in range(classes, 4)}
    edit(
        corridor.folder / "enrollments.csv",
        lambda rows: [row for row in rows if row["classSourcedId"] not in gone],
    )


def edit(file: Path, change: Any) -> None:
    with file.open(encoding="utf-8", newline="") as text:
        rows = change(list(csv.DictReader(text)))
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, HEADERS[file.stem].split(","), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def rules(corridor: Corridor, text: str) -> None:
    corridor.home.load(PROFILE + text, "test", corridor.folder)


def carry_out(corridor: Corridor) -> dict[str, dict[str, int]]:
    """Plan and apply; afterwards a plan that looks at every record is empty. The counts of the plan."""
    planned = corridor.plan()
    assert corridor.hub.apply(planned.number, planned.words).left == 0
    assert corridor.hub.plan("default", full=True).changes.height == 0
    counts: dict[str, dict[str, int]] = planned.record.summary["counts"]
    return counts


def course(corridor: Corridor, key: str) -> Course:
    number = corridor.hub.store.ledger.get("default", "course", key).moodle_id
    with corridor.moodle() as moodle:
        return moodle.courses.by_ids([number])[0]


def tree(corridor: Corridor, mark: str) -> set[str]:
    """Names of the trial's categories with those of their parents, its mark left out."""
    with corridor.moodle() as moodle:
        there = {each.id: each for each in moodle.categories.all()}

    def path(number: int) -> str:
        each = there[number]
        return f"{path(each.parent)}/{each.name}" if each.parent else each.name

    ours = corridor.hub.store.ledger.frame("default", "category")["moodle_id"].drop_nulls()
    return {path(number).replace(f"{mark} ", "") for number in ours}


FIELDS = {
    "summary": "About {group.title}",
    "format": "topics",
    "numsections": "3",
    "hiddensections": "collapsed",
    "coursedisplay": "one",
    "showreports": "true",
    "showgrades": "false",
    "enablecompletion": "false",
    "newsitems": "0",
    "maxbytes": "1024",
    "groupmode": "separate",
    "groupmodeforce": "true",
    "visible": "false",
}


def test_every_field_that_is_mapped_reaches_a_course(corridor: Corridor, mark: str) -> None:
    with corridor.moodle() as moodle:
        known = moodle.courses.custom_fields()
    custom = {name: "Physics" for name in known if name == "department"}
    parts = "\n".join(f"    {name}: {{value: '{value}', write: in-step}}" for name, value in FIELDS.items())
    mapped = "".join(f"\n    {name}: '{value}'" for name, value in {**custom, f"{mark}none": "x"}.items())
    rules(corridor, f"courses:\n  fields:\n{parts}\n  custom_fields:{mapped}\n")
    deliver(corridor, mark)
    planned = corridor.plan()
    assert [found.value for found in planned.findings if found.code == "custom-field-unknown"] == [f"{mark}none"]
    carry_out(corridor)
    made = course(corridor, f"{mark}-cl0")
    numbers = {"hiddensections": 0, "coursedisplay": 1, "groupmode": 1, "numsections": 3, "maxbytes": 1024}
    numbers |= {"showreports": 1, "showgrades": 0, "enablecompletion": 0, "newsitems": 0, "groupmodeforce": 1}
    assert {name: made.settings[name] for name in numbers} == numbers
    assert (made.format, made.visible) == ("topics", False)
    assert "About 0A Science" in made.summary
    assert {name: made.custom_fields[name] for name in custom} == custom
    rules(corridor, f"courses:\n  fields:\n{parts.replace('separate', 'visible').replace('one', 'all')}\n")
    assert carry_out(corridor)["course"] == {"update": 2}
    settings = course(corridor, f"{mark}-cl0").settings
    assert (settings["groupmode"], settings["coursedisplay"]) == (2, 0)


def test_new_courses_are_copied_of_a_template(corridor: Corridor, mark: str) -> None:
    with corridor.moodle() as moodle:
        row: Any = {
            "fullname": "Template",
            "shortname": f"{mark}-tpl",
            "categoryid": 1,
            "newsitems": 7,
            "numsections": 5,
        }
        (made,) = moodle.courses.create([row])
        try:
            rules(corridor, f"courses:\n  template: {mark}-tpl\n  fields:\n    visible: false\n")
            deliver(corridor, mark)
            assert carry_out(corridor)["course"] == {"create": 2}
            copied = course(corridor, f"{mark}-cl0")
            assert (copied.idnumber, copied.visible, copied.settings["newsitems"]) == (f"{mark}-cl0", False, 7)
            assert (copied.settings["numsections"], copied.start) == (5, 1786752000)
        finally:
            moodle.courses.delete([made.id])


@pytest.mark.parametrize(("gone", "back"), [("hide", "show"), ("archive", "show"), ("delete", "create")])
def test_a_class_that_is_gone_and_returns(corridor: Corridor, mark: str, gone: str, back: str) -> None:
    rules(corridor, f"courses: {{gone: {gone}}}\ncategories: {{archive: {mark} Old}}\n")
    deliver(corridor, mark)
    carry_out(corridor)
    first = course(corridor, f"{mark}-cl1")
    deliver(corridor, mark, classes=1)
    assert carry_out(corridor)["course"] == {gone: 1}
    deliver(corridor, mark)
    counts = carry_out(corridor)
    assert counts["course"] == {back: 1}
    again = course(corridor, f"{mark}-cl1")
    assert (again.visible, again.category) == (True, first.category)
    assert (again.id == first.id) == (gone != "delete")


def test_categories_move_with_the_structure_and_back(corridor: Corridor, mark: str) -> None:
    rules(corridor, "categories: {levels: [stream, subject, period]}\n")
    deliver(corridor, mark)
    carry_out(corridor)
    place = course(corridor, f"{mark}-cl0").category
    for department in ("d2", "d1"):
        deliver(corridor, mark, department=department)
        assert carry_out(corridor)["category"]["move"] == 1
        assert course(corridor, f"{mark}-cl0").category == place
        assert f"Department {department[1]}/Science/2026/27" in tree(corridor, mark)
    rules(corridor, "categories: {levels: [period, subject, stream]}\n")
    carry_out(corridor)
    assert {"2026/27", "2026/27/Science", "2026/27/Science/Department 1"} <= tree(corridor, mark)


def test_one_course_a_subject(corridor: Corridor, mark: str) -> None:
    rules(corridor, "basis: subject\n")
    deliver(corridor, mark)
    assert carry_out(corridor)["course"] == {"create": 1}
    assert course(corridor, f"subject:{mark}-co").fullname == "Science"
