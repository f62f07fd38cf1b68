"""What happens to the courses of classes that are gone, and when they return."""

import pytest
from desk import Desk, change, told
from rosters import roster

NO_CLASSES = {"classes": [], "enrollments": []}


def category_of(desk: Desk, key: str = "c1") -> str:
    return {each.id: each.idnumber for each in desk.moodle.categories.all()}[desk.course_of(key).category]


def test_they_are_put_into_the_archive_and_come_back(desk: Desk):
    desk.run(courses={"gone": "archive"}, categories={"archive": "Old"})
    found = change(desk.run(roster(**NO_CLASSES)), "course")
    assert (found["action"], found["removes"]) == ("archive", True)
    assert found["after"] == {"visible": 0, "category": "archive"}
    assert found["before"] == {"visible": 1, "category": "institute:o1/period:2027"}
    assert (desk.course_of().visible, category_of(desk)) == (False, "matricula-archive")
    assert "Old" in [each.name for each in desk.moodle.categories.all()]
    assert told(desk.plan(roster(**NO_CLASSES))) == []
    back = change(desk.run(), "course")
    assert (back["action"], back["reason"]) == ("show", "is in the roster again: category, visible")
    assert (desk.course_of().visible, category_of(desk)) == (True, "institute:o1/period:2027")
    assert told(desk.plan()) == []


def test_an_archived_course_whose_place_is_unknown_when_it_returns_is_shown_where_it_is(desk: Desk):
    desk.run(courses={"gone": "archive"})
    desk.run(roster(**NO_CLASSES))
    nowhere = roster(classes=[{"schoolSourcedId": None}])
    desk.run(nowhere)
    assert (desk.course_of().visible, category_of(desk)) == (True, "matricula-archive")
    assert told(desk.plan(nowhere)) == []
    desk.run()
    assert category_of(desk) == "institute:o1/period:2027"


def test_they_are_deleted_and_made_again(desk: Desk):
    desk.run(courses={"gone": "delete"})
    old = desk.course_of().id
    draft = desk.run(roster(**NO_CLASSES))
    assert told(draft, "course") == [("delete", "c1")]
    assert change(draft, "course")["before"]["fullname"] == "English 09 – Ludicrous Lemur"
    assert desk.moodle.courses.by_ids([old]) == []
    assert told(desk.plan(roster(**NO_CLASSES))) == []
    again = desk.run()
    assert told(again, "course") == [("create", "c1")]
    assert change(again, "course")["reason"] == "is in the roster again"
    assert desk.members() == {"ann": (("student",), False)}
    assert told(desk.plan()) == []


def test_a_course_deleted_by_hand_is_only_noted(desk: Desk):
    desk.run(courses={"gone": "delete"})
    desk.moodle.courses.delete([desk.course_of().id])
    assert told(desk.run(roster(**NO_CLASSES)), "course") == [("note", "c1")]


@pytest.mark.parametrize(("basis", "key"), [("subject", "co1"), ("group-subject", "c1/EN")])
def test_courses_of_unreadable_classes_are_not_gone_whatever_the_basis(desk: Desk, basis, key):
    made = roster(classes=[{"subjects": ["EN"]}])
    desk.run(made, basis=basis)
    lost = roster(classes=[], enrollments=[], unreadable={"classes": frozenset({"c1"})})
    assert told(desk.plan(lost), "course") == []
    assert told(desk.plan(roster(**NO_CLASSES)), "course") == [("hide", {"co1": "subject:co1"}.get(key, key))]


def test_a_course_of_pairs_is_gone_when_another_class_is_unreadable(desk: Desk):
    desk.run(roster(classes=[{"subjects": ["EN"]}]), basis="group-subject")
    lost = roster(classes=[], enrollments=[], unreadable={"classes": frozenset({"c2"})})
    assert told(desk.plan(lost), "course") == [("hide", "c1/EN")]


def test_a_class_that_the_profile_takes_no_longer_is_gone(desk: Desk):
    desk.run()
    draft = desk.run(courses={"only": {"value": "{group.code}", "like": "X*"}})
    assert told(draft, "course") == [("hide", "c1")]


def test_a_class_of_last_year_is_gone_when_the_profile_takes_the_next(desk: Desk):
    years = [{}, {"sourcedId": "y28", "schoolYear": "2028", "title": "2027/28"}]
    made = roster(academicSessions=years, classes=[{}, {"sourcedId": "c2", "termSourcedIds": ["y28"]}])
    desk.run(made, period="2027")
    assert sorted(told(desk.run(made, period="2028"), "course")) == [("create", "c2"), ("hide", "c1")]
