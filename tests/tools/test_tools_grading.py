"""Grades of a tool become points for activities: sums, bounds, places, and what is never written over."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.tools.grading import Activity, Cell, Place, Standing, choose, grade, maximum_of, points_of, vanished
from matricula.tools.protocol import Lesson, Question, Revision, StudentGrades

ESSAY = Activity(cmid=7, module="assign", item=70, number=0, name="Cells", maximum=11.0)
PLACE = Place("11", "111")


def revision(*students, maxima=(2.0, 3.5), title="Cells", id="111"):  # noqa: A002
    questions = tuple(Question(str(number), maximum) for number, maximum in enumerate(maxima))
    return Revision(id, title, questions, students)


def lesson(*revisions, id="11", title="Cells"):  # noqa: A002
    return Lesson(id, "1", title, revisions)


def has(*points, offset=None, student="5"):
    return StudentGrades(student, offset, {str(number): value for number, value in enumerate(points)})


def standing(cells=None, written=None, activities=(ESSAY,)):
    return Standing(
        people={50: "Ann Lee", 60: "Bo Ray"},
        students={"5": 50, "6": 60},
        activities={each.cmid: each for each in activities},
        cells=cells or {},
        written=written or {},
    )


@pytest.mark.parametrize(
    ("grades", "points"),
    [
        (has(1.5, 2.0), 3.5),
        (has(1.5, None), 1.5),
        (has(None, None), None),
        (has(None, None, offset=0), None),
        (has(None, None, offset=2), 2.0),
        (has(0.0, None), 0.0),
        (has(1.0, 1.0, offset=-5), 0.0),
        (has(2.0, 3.5, offset=1), 5.5),
        (has(), None),
    ],
)
def test_points_are_questions_and_offset_within_bounds(grades, points):
    assert points_of(grades, 5.5) == points


@given(st.lists(st.none() | st.floats(-50, 50), max_size=6), st.none() | st.floats(-100, 100), st.floats(0.5, 1000))
def test_points_never_leave_the_bounds(questions, offset, maximum):
    points = points_of(has(*questions, offset=offset), maximum)
    nothing = all(each is None for each in questions) and not offset
    assert (points is None) == nothing
    assert points is None or 0 <= points <= round(maximum, 5)


def test_a_grade_that_is_no_number_costs_that_grade_alone():
    graded = grade([lesson(revision(has(float("nan")), has(1.0, student="6")))], standing(), {})
    assert [each.person for each in graded.changes] == ["Bo Ray"]
    assert [each.code for each in graded.findings] == ["tool-grade-no-number"]


def test_points_are_scaled_to_the_activity_or_written_as_they_are():
    lessons = [lesson(revision(has(1.5, 2.0)))]
    (change,) = grade(lessons, standing(), {}).changes
    assert (change.after, change.before, change.reason) == (7.0, None, "3.5 of 5.5 in the tool")
    (as_given,) = grade(lessons, standing(), {}, scaling="as-given").changes
    assert as_given.after == 3.5
    small = replace(ESSAY, maximum=3.0)
    (at_most,) = grade(lessons, standing(activities=[small]), {}, scaling="as-given").changes
    assert at_most.after == 3.0


def test_what_is_there_already_is_no_change():
    graded = grade([lesson(revision(has(1.5, 2.0)))], standing({(50, 7): Cell(7.0)}), {})
    assert (graded.changes, graded.unchanged, graded.findings) == ((), 1, ())


@pytest.mark.parametrize(
    ("cell", "written", "code"),
    [
        (Cell(4.0, fixed=True), None, "tool-grade-fixed"),
        (Cell(None, fixed=True), None, "tool-grade-fixed"),
        (Cell(4.0), None, "tool-grade-changed"),
        (Cell(4.0), 5.0, "tool-grade-changed"),
    ],
)
def test_what_somebody_else_graded_is_not_written_over_in_silence(cell, written, code):
    known = {(PLACE, 50): written} if written is not None else {}
    seen = standing({(50, 7): cell}, known)
    lessons = [lesson(revision(has(1.5, 2.0)))]
    graded = grade(lessons, seen, {})
    assert ([each.code for each in graded.findings], graded.changes) == ([code], ())
    assert len(grade(lessons, seen, {}, replace=True).changes) == (code == "tool-grade-changed")


def test_what_we_wrote_follows_the_tool():
    (change,) = grade([lesson(revision(has(1.0, 1.0)))], standing({(50, 7): Cell(7.0)}, {(PLACE, 50): 7.0}), {}).changes
    assert (change.before, change.after) == (7.0, 4.0)


@pytest.mark.parametrize(
    ("activities", "maxima", "code"),
    [
        ((), (2.0,), "tool-lesson-unplaced"),
        ((ESSAY, replace(ESSAY, cmid=8)), (2.0,), "tool-lesson-unplaced"),
        ((replace(ESSAY, locked=True),), (2.0,), "tool-item-locked"),
        ((replace(ESSAY, maximum=None),), (2.0,), "tool-item-in-words"),
        ((ESSAY,), (2.0, None), "tool-lesson-without-maximum"),
        ((ESSAY,), (0.0,), "tool-lesson-without-maximum"),
        ((ESSAY,), (), "tool-lesson-without-maximum"),
    ],
)
def test_what_keeps_a_lesson_back_is_told_once(activities, maxima, code):
    students = (has(1.0), has(1.0, student="6"))
    graded = grade([lesson(revision(*students, maxima=maxima))], standing(activities=activities), {})
    assert ([each.code for each in graded.findings], graded.changes) == ([code], ())


def test_a_lesson_nobody_has_answered_is_no_matter():
    graded = grade([lesson(revision(has(None), title="Nothing yet"))], standing(), {})
    assert (graded.findings, graded.changes) == ((), ())


def test_a_student_who_is_nobody_in_the_course_is_told():
    graded = grade([lesson(revision(has(1.0, student="99")))], standing(), {})
    assert [each.code for each in graded.findings] == ["tool-student-unknown"]


def test_an_activity_takes_one_revision_alone():
    two = lesson(revision(title="Cells"), revision(title="cells ", id="112"))
    assert choose([two], [ESSAY], {}) == {}
    assert choose([two], [ESSAY], {Place("11", "112"): 7}) == {Place("11", "112"): ESSAY}
    other = replace(ESSAY, cmid=8, name="Plants")
    named = lesson(revision(title="First try", id="5"), id="12", title="Plants")
    assert choose([two, named], [ESSAY, other], {}) == {Place("12", "5"): other}


def test_a_choice_of_an_activity_that_is_gone_places_nothing():
    assert choose([lesson(revision())], [], {PLACE: 7}) == {}


def test_a_lesson_that_vanished_is_told_and_takes_nothing_away():
    gone = Place("9", "91")
    assert vanished([lesson(revision())], [PLACE, gone]) == [gone]
    graded = grade([], standing({(50, 7): Cell(7.0)}, {(PLACE, 50): 7.0}), {})
    assert graded.changes == ()


def test_the_most_of_a_revision_is_the_sum_of_its_questions():
    assert maximum_of(revision()) == 5.5
    assert maximum_of(revision(maxima=(float("inf"),))) is None
