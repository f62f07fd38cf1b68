"""The gradebook that comes of learning data: items, results, and the four things that are not the same."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from grade_frames import (
    ANN,
    BEN,
    CLEO,
    codes,
    enrolled,
    known,
    learnt,
    moment,
    only,
    rows,
    school,
    school_class,
    total,
    wanted,
)

from matricula.roster.gradebook import KINDS


def test_an_assignment_with_a_grade_becomes_category_item_and_result():
    found = wanted(learnt(activities=[{"opens": moment(2026, 10, 1, 8), "due": moment(2026, 10, 20, 21)}]))
    assert only(found, "grade-category") == {
        "key": "c5:\tc1", "id": None, "class": "c1", "title": "Moodle", "weight": 100.0
    }  # fmt: skip
    assert only(found, "line-item") == {
        "key": "i1\tc1",
        "id": None,
        "class": "c1",
        "category": "c5:\tc1",
        "session": "t1",
        "title": "Essay",
        "description": "Essay",
        "assigned": dt.datetime(2026, 10, 1, 8, tzinfo=dt.UTC),
        "due": dt.datetime(2026, 10, 20, 21, tzinfo=dt.UTC),
        "minimum": 0.0,
        "maximum": 100.0,
    }
    assert only(found, "result") == {
        "key": "i1\tc1\tann",
        "id": None,
        "item": "i1\tc1",
        "class": "c1",
        "student": "ann",
        "status": "fully graded",
        "score": 80.0,
        "text": None,
        "comment": None,
        "scored": dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
    }
    assert rows(found, "final-grade") == []
    assert found.findings == ()


def test_frames_have_the_columns_of_the_gradebook():
    for data in (learnt(), learnt(items=[], grades=[])):
        found = wanted(data, final={})
        assert {kind: frame.schema for kind, frame in found.book.frames.items()} == dict(KINDS)


def test_names_say_who_has_what_where():
    found = wanted(learnt(items=[{}, total()], grades=[{}, {"item": 500}]), final={})
    told = {row["kind"]: (row["name"], row["item"], row["class"], row["in"]) for row in found.names.to_dicts()}
    assert told == {
        "grade-category": ("Moodle", None, "c1", "10A English"),
        "line-item": ("Essay", None, "c1", "10A English"),
        "result": ("Ann Lee", "Essay", "c1", "10A English"),
        "final-grade": ("Ann Lee", "Final grade", "c1", "10A English"),
    }


@pytest.mark.parametrize(
    ("grade", "status", "score"),
    [
        ({"state": "none", "raw": None, "shown": "-"}, "not submitted", None),
        ({"state": "none", "raw": None, "submitted": moment(2026, 11, 2)}, "submitted", None),
        ({"state": "graded", "raw": 0.0}, "fully graded", 0.0),
        ({"state": "excused", "raw": None}, "exempt", None),
        ({"state": "excused", "raw": 55.0}, "exempt", None),
    ],
)
def test_no_grade_zero_and_excused_are_three_things(grade, status, score):
    row = only(wanted(learnt(grades=[grade])), "result")
    assert (row["status"], row["score"], row["scored"] is None) == (status, score, status != "fully graded")


def test_what_is_hidden_is_a_fourth_thing_and_sent_only_where_the_profile_says_so():
    data = learnt(items=[{}, {"item": 2, "name": "Secret", "hidden": 1}], grades=[{"hidden": 1}, {"user": BEN}])
    assert [row["student"] for row in rows(wanted(data), "result")] == ["ben"]
    assert [row["title"] for row in rows(wanted(data), "line-item")] == ["Essay"]
    shown = wanted(data, items={"hidden": True})
    assert [row["student"] for row in rows(shown, "result")] == ["ann", "ben"]
    assert [row["title"] for row in rows(shown, "line-item")] == ["Essay", "Secret"]


def test_what_is_gone_in_moodle_is_told_and_what_is_left_out_is_not():
    gone = dt.datetime(2026, 11, 10, tzinfo=dt.UTC)
    data = learnt(
        items=[{}, {"item": 2, "name": "Quiz", "gone_at": gone}, {"item": 3, "name": "Left out"}],
        grades=[{}, {"user": BEN, "gone_at": gone}, {"item": 2}, {"item": 3}, {"user": CLEO, "hidden": 1}],
        categories=[{"category": 51, "parent": 50, "name": "Old", "gone_at": gone}],
    )
    found = wanted(data, items={"without": ["Left*"]})
    assert sorted(found.gone.rows()) == [
        ("grade-category", "c5:51\tc1"),
        ("line-item", "i2\tc1"),
        ("result", "i1\tc1\tben"),
        ("result", "i2\tc1\tann"),
    ]
    assert [row["key"] for row in rows(found, "result")] == ["i1\tc1\tann"]


def test_with_a_course_all_that_is_in_it_is_gone():
    gone = dt.datetime(2026, 11, 10, tzinfo=dt.UTC)
    found = wanted(learnt(courses=[{"gone_at": gone}]))
    assert rows(found, "line-item") == []
    assert sorted(found.gone.rows()) == [
        ("grade-category", "c5:50\tc1"),
        ("line-item", "i1\tc1"),
        ("result", "i1\tc1\tann"),
    ]
    assert found.findings == ()


SHARED = school(
    classes=[school_class("c1", "10A"), school_class("c2", "10B")],
    enrollments=[enrolled("ann", "c1"), enrolled("ben", "c2")],
)
OF_SUBJECT = known(courses={5: "subject:co1"}, classes={"c1": "subject:co1", "c2": "subject:co1"})


def test_in_a_course_of_several_classes_each_grade_goes_to_the_class_of_its_student():
    found = wanted(learnt(grades=[{}, {"user": BEN}]), roster=SHARED, who=OF_SUBJECT)
    assert [row["key"] for row in rows(found, "line-item")] == ["i1\tc1", "i1\tc2"]
    assert [(row["student"], row["item"]) for row in rows(found, "result")] == [("ann", "i1\tc1"), ("ben", "i1\tc2")]
    assert found.findings == ()


def test_a_student_of_none_of_the_classes_is_told():
    found = wanted(learnt(grades=[{"user": CLEO}]), roster=SHARED, who=OF_SUBJECT)
    assert rows(found, "result") == []
    assert codes(found) == ["grade-student-without-class"]
    assert "Cleo Lee" in found.findings[0].message


def test_a_student_of_several_classes_is_in_the_one_they_came_to_last():
    moved = [
        enrolled("ann", "c2", beginDate=dt.date(2026, 8, 1)),
        enrolled("ann", "c1", beginDate=dt.date(2026, 10, 1)),
    ]
    found = wanted(
        roster=school(classes=[school_class("c1", "A"), school_class("c2", "B")], enrollments=moved), who=OF_SUBJECT
    )
    assert only(found, "result")["class"] == "c1"
    assert codes(found) == ["grade-student-in-several-classes"]


ART_AND_MUSIC = learnt(
    courses=[{}, {"course": 6}],
    items=[{}, {"item": 2, "course": 6, "category": 60}, total(), total(6)],
    categories=[{"course": 6, "category": 60, "item": 600}],
    grades=[{"item": 500}, {"item": 600, "course": 6}, {"item": 500, "user": BEN}],
)


def pair_of_subjects():
    who = known(courses={5: "c1/Art", 6: "c1/Music"}, classes={"c1": "c1/Art"})
    return replace(who, classes=pl.DataFrame({"class": ["c1", "c1"], "course": ["c1/Art", "c1/Music"]}))


def test_two_courses_of_one_class_stand_side_by_side_in_it():
    found = wanted(ART_AND_MUSIC, who=pair_of_subjects())
    assert [(row["key"], row["title"]) for row in rows(found, "line-item")] == [
        ("i1\tc1", "Essay"),
        ("i2\tc1", "Essay (2)"),
    ]
    assert len({row["title"] for row in rows(found, "grade-category")}) == 2


def test_a_report_card_has_room_for_one_total_of_a_class():
    found = wanted(ART_AND_MUSIC, who=pair_of_subjects(), final={}, items={"kinds": []})
    assert [row["student"] for row in rows(found, "final-grade")] == ["ben"]
    assert codes(found) == ["grade-final-several"]


def test_nothing_comes_of_nothing():
    nothing = learnt(items=[], grades=[])
    empty = type(nothing)(*(getattr(nothing, name).clear() for name in nothing.__dataclass_fields__))
    bare = school(classes=[], users=[], enrollments=[], academicSessions=[])
    who = known()
    for people in (
        who,
        replace(who, courses=who.courses.clear(), people=who.people.clear(), classes=who.classes.clear()),
    ):
        for data in (empty, nothing):
            found = wanted(data, roster=bare, who=people, final={}, weighting="moodle")
            assert [frame.height for frame in found.book.frames.values()] == [0, 0, 0, 0]


def test_a_teacher_who_tried_an_activity_has_no_result():
    teaching = school(enrollments=[enrolled("ann", "c1", role="teacher"), enrolled("ben", "c1")])
    assert [row["student"] for row in rows(wanted(learnt(grades=[{}, {"user": BEN}]), roster=teaching), "result")] == [
        "ben"
    ]


def test_a_person_or_a_class_that_the_roster_does_not_know_is_told():
    stranger = wanted(learnt(grades=[{"user": 999}, {"user": BEN}]))
    assert [row["student"] for row in rows(stranger, "result")] == ["ben"]
    assert codes(stranger) == ["grade-person-unknown"]
    assert "999" in stranger.findings[0].message
    left = wanted(learnt(grades=[{"user": CLEO}]), roster=school(users=[{"sourcedId": "ann"}]))
    assert (rows(left, "result"), codes(left)) == ([], ["grade-person-unknown"])
    classless = wanted(who=known(classes={"c9": "c1"}))
    assert (rows(classless, "line-item"), codes(classless)) == ([], ["grade-course-without-class"])
    assert "10A English" in classless.findings[0].message


def test_a_course_that_is_not_in_the_ledger_is_nobodys_and_told():
    assert codes(wanted(who=known(courses={9: "c1"}))) == ["grade-course-without-class"]


def test_former_students_keep_their_class_where_a_course_has_but_one():
    data = learnt(grades=[{"user": CLEO, "former": 1}])
    assert [row["student"] for row in rows(wanted(data, roster=school(enrollments=[])), "result")] == ["cleo"]
    assert rows(wanted(data, former=False), "result") == []


def test_the_order_of_rows_is_of_no_consequence():
    data = learnt(
        items=[{}, {"item": 2}, {"item": 3, "name": "Quiz", "module": "quiz"}, total()],
        grades=[{}, {"user": BEN}, {"item": 2}, {"item": 3, "user": CLEO}, {"item": 500}],
    )
    turned = type(data)(*(getattr(data, name).reverse() for name in data.__dataclass_fields__))
    one, other = wanted(data, final={}), wanted(turned, final={})
    for kind in KINDS:
        assert one.book.frames[kind].equals(other.book.frames[kind])
    assert one.findings == other.findings


@pytest.mark.parametrize("at", [ANN, BEN])
def test_comments_are_sent_as_plain_text_where_the_profile_says_so(at):
    data = learnt(grades=[{"user": at, "feedback": "<p>Well&nbsp;done &amp; <b>neat</b></p><p>2 &lt; 3</p>"}])
    assert only(wanted(data), "result")["comment"] is None
    assert only(wanted(data, comments=True), "result")["comment"] == "Well done & neat\n2 < 3"
