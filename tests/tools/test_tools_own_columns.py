"""Grades of a tool in columns that no activity has, on a site whose plugin makes them."""

import pytest
from test_tools_grades_path import opened_desk

from matricula.errors import WaitError
from matricula.hub.tool_grades import apply_preview, lessons_of
from matricula.sandbox.functions.gradebook import change_item, items, set_grade

ITEMS, GRADES = "local_matricula_save_grade_items", "local_matricula_save_grades"


@pytest.fixture
def desk(tmp_path):
    with opened_desk(tmp_path, plugins=True) as desk:
        yield desk


def column(desk, idnumber="1-10"):
    return next((each for each in items(desk.site.state, desk.course) if each["idnumber"] == idnumber), None)


def grade(desk, name, idnumber="1-10"):
    sql = "SELECT finalgrade FROM grade_grades WHERE itemid = ? AND userid = ?"
    return desk.site.state.value(sql, column(desk, idnumber)["id"], desk.users[name])


def calls(desk, function):
    return desk.site.faults.seen()["calls"].get(function, 0)


def test_a_lesson_without_an_activity_gets_a_column_and_its_grades(desk):
    desk.lessons(desk.give("Tides", ann=(3, None), bo=(4, 6)))
    preview = desk.preview()
    assert [(each["person"], each["activity"], each["before"], each["after"]) for each in preview.changes] == [
        ("Ann Lee", "Tides", None, 3.0),
        ("Bo Lee", "Tides", None, 10.0),
    ]
    assert column(desk) is None, "looking writes nothing"
    applied = apply_preview(desk.home, preview.id)
    assert [state for state, _ in applied.outcomes.values()] == ["done", "done"]
    made = column(desk)
    assert (made["itemtype"], made["itemname"], made["grademax"]) == ("manual", "Tides", 10)
    assert (grade(desk, "ann"), grade(desk, "bo")) == (3, 10)
    assert desk.preview().changes == ()


def test_an_activity_of_that_name_still_takes_the_grades(desk):
    desk.lessons(desk.give(ann=(3, None)))
    assert desk.write().count("done") == 1
    assert (desk.grade("ann"), column(desk)) == (30, None)


def test_the_column_is_made_once_and_follows_the_points_of_the_lesson(desk):
    desk.lessons(desk.give("Tides", ann=(3, None)))
    desk.write()
    first = column(desk)["id"]
    desk.lessons(desk.give("Tides", ann=(3, 6)))
    desk.write()
    assert calls(desk, ITEMS) == 1
    desk.lessons(desk.give("Tides", maxima=(4, 16), ann=(3, 12)))
    desk.write()
    assert (column(desk)["id"], column(desk)["grademax"], grade(desk, "ann")) == (first, 20, 15)


def test_all_lessons_go_with_one_call(desk):
    desk.lessons(desk.give("Tides", ann=(1, 1)), desk.give("Moon", 2, ann=(2, 2), bo=(3, 3)))
    assert desk.write().count("done") == 3
    assert calls(desk, GRADES) == 1
    assert grade(desk, "bo", "2-20") == 6


@pytest.mark.parametrize(("how", "word"), [("overridden", "overrode"), ("locked", "locked")])
def test_what_a_teacher_fixed_meanwhile_is_told_for_that_grade_alone(desk, how, word):
    desk.lessons(desk.give("Tides", ann=(3, None), bo=(4, 6)))
    desk.write()
    desk.lessons(desk.give("Tides", ann=(4, None), bo=(1, 1)))
    preview = desk.preview()
    set_grade(desk.site.state, column(desk)["id"], desk.users["ann"], 3.0, **{how: 1})
    applied = apply_preview(desk.home, preview.id)
    ends = {preview.changes[number]["person"]: end for number, end in applied.outcomes.items()}
    assert ends["Bo Lee"][0] == "done"
    assert ends["Ann Lee"][0] == "refused"
    assert word in ends["Ann Lee"][1]
    assert (grade(desk, "ann"), grade(desk, "bo")) == (3, 2)


def test_a_locked_column_is_told_before_anything_is_written(desk):
    desk.lessons(desk.give("Tides", ann=(3, None)))
    desk.write()
    change_item(desk.site.state, column(desk), locked=1)
    desk.lessons(desk.give("Tides", ann=(4, None)))
    preview = desk.preview()
    assert preview.changes == ()
    assert [each["code"] for each in preview.findings] == ["tool-item-locked"]


@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_an_answer_that_never_came_is_settled_by_reading(desk, fault):
    desk.lessons(desk.give("Tides", ann=(3, None)))
    preview = desk.preview()
    desk.site.faults.set(**{fault: {"times": 1, "function": GRADES}})
    try:
        applied = apply_preview(desk.home, preview.id)
    except WaitError:
        applied = apply_preview(desk.home, preview.id)
    assert applied.count("done") == 1
    assert grade(desk, "ann") == 3


def test_where_each_lesson_goes_says_that_it_has_a_column(desk):
    desk.lessons(desk.give("Tides", ann=(3, None)), desk.give("Cells", 2, ann=(1, 1)))
    desk.preview()
    seen = {each.item.title: each.activity.module for each in lessons_of(desk.home, "kura", str(desk.course))}
    assert seen == {"Tides": "manual", "Cells": "assign"}
