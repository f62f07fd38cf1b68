"""How many requests a reading takes: in proportion to what changed, and each gradebook within a set time."""

from datetime import timedelta

import pytest
from graded_class import LONG_AGO, Desk

from matricula.grades.reading import _is_due
from matricula.sandbox.functions.gradebook import add_activity
from matricula.store import Marks

GRADES = "gradereport_user_get_grade_items"


def school(desk: Desk, courses: int = 6) -> dict[int, tuple[int, list[int]]]:
    made = {}
    for number in range(courses):
        course, users = desk.class_of(f"C{number}", 3)
        cmid = desk.essay(course)
        for user in users:
            desk.hand_in(cmid, user)
            desk.grade_essay(cmid, user, 10, at=LONG_AGO)
        made[course] = (cmid, users)
    return made


def test_requests_follow_what_changed(desk):
    made = school(desk)
    first = desk.read(*made, full=True)
    assert first.gradebooks == sorted(made)
    assert desk.calls[GRADES] == len(made)
    assert sum(desk.calls.values()) <= len(made) + 20
    still = desk.read(*made, within_days=0)
    assert (still.gradebooks, still.changed, still.submissions) == ([], 0, 0)
    assert GRADES not in desk.calls
    assert sum(desk.calls.values()) <= 8
    changed = sorted(made)[:2]
    for course in changed:
        cmid, users = made[course]
        desk.grade_essay(cmid, users[0], 18)
    third = desk.read(*made, within_days=0)
    assert third.gradebooks == changed
    assert third.changed > 0
    assert desk.calls[GRADES] == 2
    raws = {raw for (raw,) in desk.known("grade", "raw")}
    assert 18.0 in raws


def test_what_nothing_tells_of_is_seen_within_the_days_set(desk):
    made = school(desk)
    desk.read(*made)
    course = sorted(made)[0]
    item = desk.column(course)
    desk.grade(item, made[course][1][0], 4)
    seen = set()
    for _ in range(5):
        seen |= set(desk.read(*made, hours=10, within_days=2).gradebooks)
    assert seen == set(made)
    assert 4.0 in {raw for (raw,) in desk.known("grade", "raw")}


def test_each_course_has_its_own_moment_in_each_stretch_of_days(desk):
    now = desk.now
    due = [course for course in range(1, 2001) if _is_due(course, Marks(now), now.replace(year=now.year + 1), 2)]
    assert len(due) == 2000
    hour = [course for course in range(1, 2001) if _is_due(course, Marks(now), now + timedelta(hours=1), 2)]
    assert 20 <= len(hour) <= 65
    assert not any(_is_due(course, Marks(now), now + timedelta(hours=47), 0) for course in range(1, 200))


def test_a_gradebook_that_failed_is_read_again(desk):
    made = school(desk, 2)
    desk.read(*made)
    course = sorted(made)[0]
    cmid, users = made[course]
    desk.grade_essay(cmid, users[0], 19)
    desk.site.faults.set(invalid_response={"times": 20, "function": GRADES})
    assert [found.code for found in desk.read(*made, within_days=0).findings] == ["gradebook-unread"]
    desk.site.faults.clear()
    assert desk.read(*made, within_days=0).gradebooks == [course]
    assert 19.0 in {raw for (raw,) in desk.known("grade", "raw")}


def test_a_new_course_and_one_taken_off_the_list(desk):
    made = school(desk, 2)
    first, second = sorted(made)
    desk.read(first)
    assert desk.read(first, second, within_days=0).gradebooks == [second]
    desk.read(second)
    assert {key for (key,) in desk.known("course", "course")} == {first, second}


@pytest.mark.parametrize("module", ["assign", "quiz", "lesson"])
def test_an_activity_that_comes_changes_or_goes_tells_of_its_course(desk, module):
    made = school(desk, 3)
    course = sorted(made)[1]
    desk.read(*made)
    add_activity(desk.state, course, module, "New", 10)
    assert desk.read(*made, within_days=0).gradebooks == [course]
    assert "New" in {name for (name,) in desk.known("item", "name")}
    desk.state.run("UPDATE activity SET name = 'Renamed' WHERE name = 'New'")
    assert desk.read(*made, within_days=0).gradebooks == [course]
    number = desk.state.value("SELECT id FROM activity WHERE name = 'Renamed'")
    desk.state.run("DELETE FROM course_modules WHERE module = ? AND instance = ?", module, number)
    desk.state.run("DELETE FROM activity WHERE name = 'Renamed'")
    assert desk.read(*made, within_days=0).gradebooks == [course]
    assert desk.read(*made, within_days=0).gradebooks == []
