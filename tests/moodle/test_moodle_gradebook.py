"""Whole gradebooks and activities as the client reads them of the recorded site, and writing grades."""

from collections.abc import Iterator

import pytest

from matricula.moodle import FAILED, LOCKED, WRITTEN, Moodle, Refused
from matricula.moodle.gradebook import plain, points
from matricula.sandbox import Running, running

COURSE, ADA, ALAN, GRACE, ESSAY = 2, 4, 5, 6, 2


@pytest.fixture
def site() -> Iterator[Running]:
    with running("contract") as served:
        yield served


@pytest.fixture
def client(site: Running) -> Iterator[Moodle]:
    with Moodle(site.url, site.tokens["admin"], form_fields=900) as moodle:
        yield moodle


def test_everybody_at_once_and_one_alone(client: Moodle) -> None:
    people = {each.user_id: each.cells for each in client.gradebooks.of_course(COURSE)}
    assert set(people) == {ADA, ALAN}
    essay = people[ADA][0]
    assert (essay.name, essay.kind, essay.module, essay.cmid, essay.raw, essay.maximum) == (
        *("Essay one", "mod", "assign", 2, 40.0, 50.0),
    )
    assert (essay.status, essay.weight, essay.has_scale, essay.percentage) == ("used", 1.0, False, "80.00 %")
    grace = client.gradebooks.of_person(COURSE, GRACE)
    assert grace is not None
    assert grace.user_id == GRACE
    with pytest.raises(Refused):
        client.gradebooks.of_person(COURSE, 999)


def test_categories_from_above(client: Moodle) -> None:
    top, work = client.gradebooks.categories(COURSE, ADA)
    assert (top.parent, top.name, work.parent, work.name) == (None, "Graded course", top.id, "Coursework")


def test_grades_alone_are_those_of_the_gradebook_that_say_something(client: Moodle) -> None:
    (cells,) = [each.cells for each in client.gradebooks.of_course(COURSE) if each.user_id == ADA]
    graded = client.grades.of_person(COURSE, ADA)
    assert graded.name
    assert [(each.item_id, each.raw, each.formatted) for each in graded.grades] == [
        (each.item_id, each.raw, each.shown) for each in cells if each.raw is not None or each.feedback
    ]
    assert len(graded.grades) < len(cells)


def test_writing_answers_what_became_of_it(client: Moodle, site: Running) -> None:
    write = client.gradebooks.write
    assert write(COURSE, "assign", ESSAY, {ALAN: 33.5}) == WRITTEN
    alan = client.gradebooks.of_person(COURSE, ALAN)
    assert alan is not None
    assert alan.cells[0].raw == 33.5
    assert write(COURSE, "assign", ESSAY, {0: 1}) == FAILED
    site.state.run("UPDATE grade_items SET locked = 1 WHERE itemname = 'Essay one'")
    assert write(COURSE, "assign", ESSAY, {ALAN: 12}) == LOCKED
    with pytest.raises(Refused):
        write(COURSE, "assign", 999_999, {ALAN: 1})


def test_activities_and_courses_out_of_reach(client: Moodle) -> None:
    calls = client.activities
    assert [each.name for each in calls.assignments([COURSE]).activities] == ["Essay one", "Essay two"]
    (quiz,) = calls.quizzes([COURSE, 999]).activities
    assert (quiz.name, quiz.maximum) == ("Quiz one", 10.0)
    assert calls.lessons([COURSE, 999]).missing == {999}
    assert [each.status for each in calls.submissions([1, 2])] == ["new"]
    (graded,) = calls.graded([1, 2], since=0)
    assert (graded.user_id, calls.graded([1], since=graded.modified + 1)) == (ADA, [])
    assert [each.module for each in calls.contents(COURSE)] == ["forum", "assign", "assign", "quiz", "lesson"]


@pytest.mark.parametrize(
    ("told", "number"),
    [(None, None), (True, None), (7, 7.0), ("7,25", 7.25), ("n/a", None), (float("nan"), None), (float("inf"), None)],
)
def test_points_are_numbers_or_none(told: object, number: float | None) -> None:
    assert points(told) == number


def test_icons_beside_a_grade_are_left_out() -> None:
    assert plain('<i class="icon" title="Pass"></i>80.00 &amp; more') == "80.00 & more"
