"""Long-lived courses that take the enrolments of synchronised ones."""

from typing import Any

import pytest
from desk import Desk, change, codes, told
from rosters import roster

SCIENCE: dict[str, Any] = {
    "shortname": "SCI",
    "fullname": "Year 7 Science",
    "classes": {"value": "{group.code}", "like": "7*"},
}
SEVEN = roster(classes=[{"classCode": "7a/Sc"}])
EIGHT = roster(classes=[{"classCode": "8a/Sc"}])


def members(desk: Desk) -> set[str]:
    """User names of those who are in the long-lived course."""
    (course,) = desk.moodle.courses.find("shortname", "SCI")
    users = {user.id: user.username for user in desk.moodle.users.all()}
    return {users[seen.user_id] for seen in desk.moodle.enrolments.of_courses([course.id])}


def of(draft, kind: str = "meta-link") -> list[tuple[str, ...]]:
    return told(draft, kind)


def test_a_long_lived_course_is_made_and_takes_the_enrolments(desk: Desk):
    draft = desk.run(SEVEN, meta_links=[SCIENCE])
    assert ("create", "meta:SCI") in of(draft, "course")
    assert of(draft) == [("create", "meta:SCI\tc1")]
    assert change(draft, "meta-link")["name"].startswith("Year 7 Science from English")
    assert members(desk) == {"ann"}
    (course,) = desk.moodle.courses.find("shortname", "SCI")
    assert (course.fullname, bool(course.visible)) == ("Year 7 Science", True)
    categories = {category.id: category.name for category in desk.moodle.categories.all()}
    assert categories[course.category] == "Unsorted courses"
    assert told(desk.plan(SEVEN)) == []
    assert told(desk.plan(SEVEN, full=True)) == []


def test_a_link_ends_when_the_rule_no_longer_holds_and_comes_back_with_it(desk: Desk):
    desk.run(SEVEN, meta_links=[SCIENCE])
    draft = desk.run(EIGHT)
    assert of(draft) == [("remove", "meta:SCI\tc1")]
    assert change(draft, "meta-link")["removes"]
    assert members(desk) == set()
    assert told(desk.plan(EIGHT)) == []
    desk.run(SEVEN)
    assert members(desk) == {"ann"}
    assert told(desk.plan(SEVEN)) == []


def test_a_long_lived_course_that_is_there_is_matched_by_its_short_name_and_outlives_the_profile(desk: Desk):
    desk.course(shortname="sci", fullname="Science for ever")
    draft = desk.run(SEVEN, meta_links=[{**SCIENCE, "fullname": None}])
    assert ("match", "meta:SCI") in of(draft, "course")
    assert members(desk) == {"ann"}
    draft = desk.run(SEVEN, meta_links=[])
    assert told(draft) == [("meta-link", "remove", "meta:SCI\tc1")]
    assert members(desk) == set()
    (course,) = desk.moodle.courses.find("shortname", "sci")
    assert (course.fullname, bool(course.visible)) == ("Science for ever", True)


def test_a_long_lived_course_that_is_not_there_and_has_no_full_name_is_told(desk: Desk):
    draft = desk.run(SEVEN, meta_links=[{**SCIENCE, "fullname": None}])
    assert codes(draft) == ["long-lived-course-missing"]
    assert of(draft) == []
    desk.course(shortname="SCI")
    assert of(desk.run(SEVEN)) == [("create", "meta:SCI\tc1")]


def test_a_long_lived_course_is_made_where_courses_of_classes_are_not(desk: Desk):
    desk.course(idnumber="c1")
    draft = desk.run(SEVEN, meta_links=[SCIENCE], courses={"create": False})
    assert ("create", "meta:SCI") in of(draft, "course")
    assert members(desk) == {"ann"}


def test_links_go_with_a_course_that_is_deleted(desk: Desk):
    desk.run(SEVEN, meta_links=[SCIENCE], courses={"gone": "delete"})
    nothing = roster(classes=[], enrollments=[])
    assert of(desk.run(nothing)) == [("note", "meta:SCI\tc1")]
    assert told(desk.plan(nothing)) == []
    desk.run(SEVEN)
    assert members(desk) == {"ann"}


def test_a_course_removed_in_moodle_is_made_and_linked_again_in_a_full_plan(desk: Desk):
    desk.run(SEVEN, meta_links=[SCIENCE])
    desk.moodle.courses.delete([desk.course_of().id])
    desk.run(SEVEN)
    desk.apply(desk.plan(SEVEN, full=True))
    assert members(desk) == {"ann"}
    (course,) = desk.moodle.courses.find("shortname", "SCI")
    desk.moodle.courses.delete([course.id])
    desk.apply(desk.plan(SEVEN, full=True))
    assert members(desk) == {"ann"}
    assert told(desk.plan(SEVEN, full=True)) == []


@pytest.mark.parametrize("parts", [{"unreadable": {"classes": frozenset({"c1"})}}, {"complete": frozenset({"users"})}])
def test_a_class_that_could_not_be_read_stays_linked(desk: Desk, parts):
    desk.run(SEVEN, meta_links=[SCIENCE])
    assert of(desk.plan(roster(classes=[], enrollments=[], **parts))) == []


def test_a_link_that_is_there_already_is_no_trouble(desk: Desk):
    draft = desk.plan(SEVEN, meta_links=[SCIENCE])
    desk.run(SEVEN, meta_links=[])
    parent = desk.course(shortname="SCI2")
    desk.moodle.meta.link(parent, desk.course_of().id)
    assert desk.run(SEVEN, meta_links=[{**SCIENCE, "shortname": "SCI2"}]) is not None
    assert told(desk.plan(SEVEN)) == []
    assert draft.changes.height > 0
