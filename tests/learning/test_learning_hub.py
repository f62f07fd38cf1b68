"""Which courses are read for a site or a profile, who is asked for, and how it is shown; forgetting a person."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "applying"))

from corridor import Corridor
from graded_class import make_class, suspend

from matricula.errors import UsageError
from matricula.hub.forgetting import forget, remembered
from matricula.hub.learning import course_of, courses_of, read_for, read_site
from matricula.hub.learning_shown import shown
from matricula.sandbox import Running
from matricula.sandbox.functions.gradebook import add_column, set_grade

GRADES = "gradereport_user_get_grade_items"


@pytest.fixture
def corridor(site: Running, tmp_path: Path) -> Iterator[Corridor]:
    """A small school that was synchronised."""
    site.sandbox.reset()
    with Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor:
        corridor.school(students=12)
        corridor.hub.apply(corridor.plan().number)
        yield corridor


def student_of(corridor, course):
    rows = corridor.sandbox.state.all(
        "SELECT ra.userid FROM role_assignments ra JOIN context c ON c.id = ra.contextid"
        " WHERE c.level = 50 AND c.instanceid = ? AND ra.roleid = 5 ORDER BY ra.userid",
        course,
    )
    return rows[0]["userid"]


def test_the_courses_of_the_ledger_are_read_and_suspended_students_are_asked_for(corridor):
    state = corridor.sandbox.state
    other, _ = make_class(state, "not-ours")
    courses = courses_of(corridor.hub, corridor.home.profiles())
    assert other not in courses
    item = add_column(state, courses[0], "Part", 10)
    ann = student_of(corridor, courses[0])
    set_grade(state, item, ann, 7)
    suspend(state, courses[0], ann)
    corridor.sandbox.faults.calls.clear()
    reading = read_for(corridor.hub, "default")
    assert (reading.courses, reading.gradebooks, reading.findings) == (len(courses), courses, [])
    assert corridor.sandbox.faults.calls[GRADES] == len(courses) + 1  # no teacher is asked for
    rows = corridor.hub.store.learning.frame("grade", "moodle", courses).filter(item=item, user=ann)
    assert rows.select("raw", "former").rows() == [(7.0, True)]
    assert read_for(corridor.hub, corridor.home.profile("default")).gradebooks == []


def test_courses_and_people_are_found_as_they_are_called(corridor):
    state = corridor.sandbox.state
    course = courses_of(corridor.hub, corridor.home.profiles())[0]
    named = state.record("course", course)
    for asked in (str(course), named["shortname"], named["idnumber"], named["fullname"].upper()):
        assert course_of(corridor.hub, "moodle", asked) == course
    with pytest.raises(UsageError) as unknown:
        course_of(corridor.hub, "moodle", "no such course")
    assert unknown.value.code == "course-unknown"
    reading = read_site(corridor.hub, "moodle", courses=[named["shortname"]], contents=True)
    assert (reading.gradebooks, reading.contents) == ([course], [course])
    item = add_column(state, course, "Part", 10)
    ann = state.record("user", student_of(corridor, course))
    set_grade(state, item, ann["id"], 7)
    assert read_site(corridor.hub, "moodle", courses=[str(course)]).changed > 0
    (told,) = shown(corridor.hub, "moodle", named["shortname"], ann["username"])
    assert [each["name"] for each in told["people"]] == [f"{ann['firstname']} {ann['lastname']}"]
    raws = {each["item"]: (each["state"], each["raw"]) for each in told["people"][0]["grades"]}
    assert raws[item] == ("graded", 7.0)
    assert [each["name"] for each in told["items"] if each["kind"] == "manual"] == ["Part"]
    with pytest.raises(UsageError) as nobody:
        shown(corridor.hub, "moodle", None, "nobody at all")
    assert nobody.value.code == "person-unknown"


def test_nothing_that_was_read_of_a_person_is_left_when_they_are_forgotten(corridor):
    state = corridor.sandbox.state
    course = courses_of(corridor.hub, corridor.home.profiles())[0]
    ann = state.record("user", student_of(corridor, course))
    set_grade(state, add_column(state, course, "Part", 10), ann["id"], 7)
    read_for(corridor.hub, "default")
    learning = corridor.hub.store.learning
    others = learning.frame("grade", "moodle").filter(user=ann["id"]).height
    everybody = learning.frame("grade", "moodle").height
    assert others
    counts, _ = forget(corridor.home, remembered(corridor.home, ann["username"]))
    assert counts["learnt_grade"] == others
    assert learning.frame("grade", "moodle", users=[ann["id"]]).height == 0
    assert learning.frame("grade", "moodle").height == everybody - others
