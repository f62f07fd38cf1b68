"""What a reading keeps of a gradebook, and what it makes of answers that are odd."""

from typing import Any

import pytest
from graded_class import Desk, suspend

from matricula.grades.course_reading import ALONE_OF_COURSE
from matricula.moodle import Moodle, NotMoodle, TokenRefused
from matricula.sandbox.functions.gradebook import add_grade_category, remove_item

GRADES = "gradereport_user_get_grade_items"


def states(desk: Desk, item: int) -> dict[int, tuple[Any, ...]]:
    rows = desk.known("grade", "item", "user", "state", "raw", "hidden")
    return {user: tuple(rest) for key, user, *rest in rows if key == item}


def test_no_grade_zero_excused_and_hidden_are_four_things(desk):
    course, (ann, bob, cem, dee) = desk.class_of()
    item = desk.column(course)
    desk.grade(item, ann, 0)
    desk.grade(item, bob, 7.5, excluded=1)
    desk.grade(item, cem, 9, hidden=1)
    reading = desk.read(course)
    assert states(desk, item) == {
        ann: ("graded", 0.0, False),
        bob: ("excused", 7.5, False),
        cem: ("graded", 9.0, True),
        dee: ("none", None, False),
    }
    assert (reading.courses, reading.gradebooks, reading.findings) == (1, [course], [])


def test_items_categories_weights_and_scales(desk):
    course, (ann, bob, *_) = desk.class_of()
    work = add_grade_category(desk.state, course, "Course & work")
    inner = add_grade_category(desk.state, course, "Inner", parent=work)
    part = desk.column(course, category=inner)
    word = desk.column(course, "Effort", scale=("Bad", "Fair & square", "Good"))
    extra = desk.column(course, "Bonus", extracredit=1, locked=1)
    secret = desk.column(course, "Secret", hidden=1)
    for item, points in ((part, 5), (word, 2), (extra, 4), (secret, 6)):
        desk.grade(item, ann, points)
    desk.grade(part, bob, 8)
    desk.read(course)
    (top,) = [key for key, parent, _ in desk.known("category", "category", "parent", "name") if parent is None]
    assert desk.known("category", "category", "parent", "name") == [
        (top, None, "Class 7A"), (work, top, "Course & work"), (inner, work, "Inner"),
    ]  # fmt: skip
    items = {key: rest for key, *rest in desk.known("item", "item", "category", "scale", "hidden", "locked", "kind")}
    assert items[part] == [inner, None, False, False, "manual"]
    assert items[word] == [top, 0, False, False, "manual"]
    assert items[extra] == [top, None, False, True, "manual"]
    assert items[secret] == [top, None, True, False, "manual"]
    assert [kind for *_, kind in items.values()].count("category") == 2
    weights = dict(desk.known("item", "item", "weight"))
    assert weights[part] == 100.0
    assert round(weights[secret], 2) == round(100 * 10 / 23, 2)
    shown = {(item, user): told for item, user, *told in desk.known("grade", "item", "user", "shown", "percentage")}
    assert shown[word, ann] == ["Fair & square", "50.00 %"]
    assert shown[word, bob] == ["", ""]


def test_a_grade_above_the_maximum_and_points_that_are_none(desk):
    course, (ann, bob, *_) = desk.class_of()
    item = desk.column(course)
    desk.grade(item, ann, 12.5, feedback="<p>more than all</p>")
    desk.grade(item, bob, 3)
    desk.read(course)
    rows = {user: rest for key, user, *rest in desk.known("grade", "item", "user", "raw", "feedback") if key == item}
    assert rows[ann] == [12.5, "<p>more than all</p>"]


class Spoilt(Moodle):
    """A client that gets something else than the site's answer about one course."""

    def spoil(self, course: int, answer: Any) -> None:
        self.spoilt = (course, answer)

    def read(self, function: str, parameters: Any) -> Any:
        course, answer = getattr(self, "spoilt", (0, None))
        if parameters.get("courseid") != course:
            return super().read(function, parameters)
        if isinstance(answer, Exception):
            raise answer
        return answer(super().read(function, parameters))


@pytest.fixture
def spoilt(desk):
    with Spoilt(desk.site.url, desk.site.tokens["admin"], callers=2, form_fields=900) as moodle:
        desk.moodle = moodle
        yield desk


def test_a_page_in_the_place_of_an_answer_costs_one_course(spoilt):
    first, (ann, *_) = spoilt.class_of("7A")
    second, _ = spoilt.class_of("7B")
    spoilt.grade(spoilt.column(first), ann, 5)
    spoilt.read(first, second)
    spoilt.moodle.spoil(first, NotMoodle("A page came."))
    known = spoilt.known("grade", "item", "user", "raw")
    reading = spoilt.read(first, second, full=True)
    assert [(found.code, found.value) for found in reading.findings] == [("gradebook-unread", str(first))]
    assert reading.gradebooks == [second]
    assert spoilt.known("grade", "item", "user", "raw") == known
    spoilt.moodle.spoil(0, None)
    assert spoilt.read(first, second).findings == []


def test_points_that_are_no_number_are_no_grade(spoilt):
    course, (ann, bob, *_) = spoilt.class_of()
    item = spoilt.column(course)
    spoilt.grade(item, ann, 5)
    spoilt.grade(item, bob, 6)

    def odd(answer: Any) -> Any:
        cells = [cell for each in answer["usergrades"] for cell in each["gradeitems"] if cell["id"] == item]
        cells[0]["graderaw"], cells[1]["graderaw"] = float("nan"), "6,25"
        return answer

    spoilt.moodle.spoil(course, odd)
    reading = spoilt.read(course)
    assert [(found.code, found.count) for found in reading.findings] == [("points-unreadable", 1)]
    assert states(spoilt, item)[ann][:2] == ("none", None)
    assert states(spoilt, item)[bob][:2] == ("graded", 6.25)


def test_half_an_answer_is_believed_only_when_it_comes_again(spoilt):
    course, users = spoilt.class_of(people=8)
    item = spoilt.column(course)
    for user in users:
        spoilt.grade(item, user, 5)
    spoilt.read(course)
    spoilt.moodle.spoil(course, lambda answer: answer | {"usergrades": answer["usergrades"][:3]})
    reading = spoilt.read(course, full=True)
    assert [found.code for found in reading.findings] == ["gradebook-halved"]
    assert [former for (former,) in spoilt.known("grade", "former")].count(True) == 0
    assert spoilt.read(course).gradebooks == [course]
    assert {user for user, former in spoilt.known("grade", "user", "former") if former} == set(users[3:])
    spoilt.moodle.spoil(0, None)
    spoilt.read(course, full=True)
    assert [former for (former,) in spoilt.known("grade", "former")].count(True) == 0


def test_who_is_suspended_is_asked_for_alone_before_they_go(desk):
    course, (ann, bob, cem, dee) = desk.class_of()
    item = desk.column(course)
    for user in (ann, bob, cem):
        desk.grade(item, user, 5)
    suspend(desk.state, course, ann)  # never seen before: known from the ledger alone
    desk.read(course, expected={course: [ann, bob, cem, dee]})
    formers = {user: former for key, user, former in desk.known("grade", "item", "user", "former") if key == item}
    assert formers == {ann: True, bob: False, cem: False, dee: False}
    desk.grade(item, bob, 8)
    suspend(desk.state, course, bob)
    desk.read(course, full=True)
    assert states(desk, item)[bob][:2] == ("graded", 8.0)


def test_who_left_keeps_what_was_known(desk):
    course, (ann, bob, *_) = desk.class_of()
    item = desk.column(course)
    desk.grade(item, ann, 5)
    desk.grade(item, bob, 6)
    desk.read(course)
    desk.moodle.write("enrol_manual_unenrol_users", {"enrolments": [{"userid": ann, "courseid": course}]})
    desk.read(course, full=True)
    assert states(desk, item)[ann] == ("graded", 5.0, False)
    desk.moodle.write("core_user_delete_users", {"userids": [ann]})
    assert desk.read(course, full=True).findings == []
    assert states(desk, item)[ann] == ("graded", 5.0, False)


def test_everybody_leaves(desk):
    course, users = desk.class_of()
    item = desk.column(course)
    desk.grade(item, users[0], 5)
    desk.read(course)
    suspend(desk.state, course, *users)
    desk.state.run("UPDATE user SET suspended = 1 WHERE id > 5")
    desk.read(course, full=True)
    assert states(desk, item)[users[0]] == ("graded", 5.0, False)
    assert {former for key, former in desk.known("grade", "item", "former") if key == item} == {True}


def test_many_leavers_are_asked_for_in_several_readings(desk):
    course, users = desk.class_of(people=ALONE_OF_COURSE + 10)
    item = desk.column(course)
    for user in users:
        desk.grade(item, user, 5)
    suspend(desk.state, course, *users[:-1])
    desk.read(course, expected={course: users})
    assert desk.calls[GRADES] == 1 + ALONE_OF_COURSE
    assert desk.read(course, expected={course: users}).gradebooks == [course]
    assert len(states(desk, item)) == len(users)
    assert desk.read(course, expected={course: users}).gradebooks == []


def test_an_item_that_was_deleted_and_a_category_that_was_renamed(desk):
    course, (ann, *_) = desk.class_of()
    work = add_grade_category(desk.state, course, "Old name")
    item, other = desk.column(course), desk.column(course, "Part", category=work)
    desk.grade(item, ann, 5)
    desk.grade(other, ann, 6)
    desk.read(course)
    remove_item(desk.state, item)
    desk.state.run("UPDATE grade_categories SET fullname = 'New name' WHERE id = ?", work)
    desk.read(course, hours=49)
    gone = dict(desk.known("item", "item", "gone_at", gone=True))
    assert gone[item] == desk.now
    assert gone[other] is None
    assert item not in {key for (key,) in desk.known("grade", "item")}
    assert "New name" in {name for (name,) in desk.known("category", "name")}


def test_a_course_that_is_not_there_and_a_token_that_may_enter_none(desk):
    courses = [desk.class_of(name)[0] for name in ("7A", "7B", "7C", "7D", "7E")]
    desk.read(*courses)
    desk.state.run("DELETE FROM course WHERE id = ?", courses[0])
    reading = desk.read(*courses)
    assert [(found.code, found.value) for found in reading.findings] == [("course-not-there", str(courses[0]))]
    assert {key for (key,) in desk.known("course", "course")} == set(courses[1:])
    desk.state.run("DELETE FROM course WHERE id > 1")
    assert len(desk.read(*courses[1:]).findings) == 4
    assert {key for (key,) in desk.known("course", "course")} == set(courses[1:])


def test_a_token_that_is_refused_ends_the_reading(desk):
    course, _ = desk.class_of()
    with Moodle(desk.site.url, "0" * 32) as desk.moodle, pytest.raises(TokenRefused):
        desk.read(course)


def test_activities_submissions_and_contents(desk):
    course, (ann, *_) = desk.class_of()
    cmid = desk.essay(course)
    desk.hand_in(cmid, ann)
    desk.read(course, contents=True)
    assert desk.known("activity", "module", "cmid", "name", "maximum") == [("assign", cmid, "Essay", 20.0)]
    assert desk.known("submission", "user", "status", "grading") == [(ann, "submitted", "notgraded")]
    assert (cmid, "assign", "Essay", True) in desk.known("module", "cmid", "module", "name", "visible")
    desk.grade_essay(cmid, ann, 15)
    desk.read(course)
    assert desk.known("submission", "user", "grading") == [(ann, "graded")]
    assert "core_course_get_contents" not in desk.calls
