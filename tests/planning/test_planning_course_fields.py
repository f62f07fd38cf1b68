"""Fields of courses as the profile maps them: sent, kept in step or left alone, and how a course is recognised."""

import datetime as dt

import pytest
from desk import Desk, change, codes, told
from rosters import roster

FIELDS = {
    "summary": "About {group.title}",
    "format": "topics",
    "numsections": 3,
    "hiddensections": "collapsed",
    "coursedisplay": "one",
    "showreports": True,
    "showgrades": False,
    "enablecompletion": False,
    "newsitems": 2,
    "maxbytes": 1024,
    "groupmode": "visible",
    "groupmodeforce": True,
}


def mapped(text, write=None):
    return {"value": text} | ({"write": write} if write else {})


def lemur(title):
    return roster(classes=[{"title": title}])


def test_every_field_that_is_mapped_reaches_the_new_course(desk: Desk):
    desk.run(courses={"fields": FIELDS})
    (course,) = desk.moodle.courses.by_ids([desk.course_of().id])
    seen = dict(course.settings) | {"summary": course.summary, "format": course.format}
    wanted = FIELDS | {
        "summary": "About Ludicrous Lemur",
        "hiddensections": 0,
        "coursedisplay": 1,
        "groupmode": 2,
    }
    assert {name: seen[name] for name in wanted} == {name: _plain(value) for name, value in wanted.items()}
    assert told(desk.plan()) == []


def _plain(value):
    return int(value) if isinstance(value, bool) else value


@pytest.mark.parametrize(
    ("write", "by_hand", "later"),
    [("in-step", "by hand", "Happy Hippo"), ("create-only", "by hand", "by hand"), ("if-empty", "by hand", "by hand")],
)
@pytest.mark.parametrize("name", ["summary", "fullname", "shortname"])
def test_a_field_is_kept_in_step_set_once_or_filled_in_where_empty(desk: Desk, name, write, by_hand, later):
    desk.run(courses={"fields": {name: mapped("{group.title}", write)}})
    assert getattr(desk.course_of(), name) == "Ludicrous Lemur"
    desk.moodle.courses.update([{"id": desk.course_of().id, name: by_hand}])
    desk.run(lemur("Happy Hippo"))
    assert getattr(desk.course_of(), name) == later
    assert told(desk.plan(lemur("Happy Hippo"))) == []


def test_an_empty_field_is_filled_in_when_the_roster_has_something(desk: Desk):
    desk.run(courses={"fields": {"summary": mapped("{group.location}", "if-empty")}})
    desk.run(roster(classes=[{"location": "R 12"}]))
    assert desk.course_of().summary == "R 12"


def test_a_course_that_teachers_hid_is_not_filled_in_as_shown(desk: Desk):
    number = desk.course(idnumber="c1", shortname="mine", visible=False)
    found = change(desk.run(courses={"fields": {"visible": mapped("true", "if-empty")}}), "course")
    assert (found["action"], found["after"]) == ("match", {})
    (course,) = desk.moodle.courses.by_ids([number])
    assert not course.visible


def test_a_course_that_is_matched_gets_only_what_is_to_be_filled_in(desk: Desk):
    number = desk.course(idnumber="c1", shortname="mine", fullname="Mine")
    fields = {"summary": mapped("{group.title}", "if-empty"), "newsitems": mapped("7", "in-step")}
    found = change(desk.run(courses={"fields": fields}), "course")
    assert (found["action"], found["before"]) == ("match", {"summary": ""})
    assert found["after"] == {"summary": "Ludicrous Lemur"}
    (course,) = desk.moodle.courses.by_ids([number])
    assert (course.summary, course.settings["newsitems"]) == ("Ludicrous Lemur", 5)


def test_options_of_the_format_and_other_settings_follow_where_they_are_kept_in_step(desk: Desk):
    fields = {"coursedisplay": mapped("{group.location}", "in-step"), "newsitems": mapped("{group.grade}", "in-step")}
    desk.run(roster(classes=[{"location": "one", "grades": ["3"]}]), courses={"fields": fields})
    found = change(desk.run(roster(classes=[{"location": "all", "grades": ["4"]}])), "course")
    assert found["before"] == {"coursedisplay": 1, "newsitems": 3}
    assert found["after"] == {"coursedisplay": 0, "newsitems": 4}
    settings = desk.course_of().settings
    assert (settings["coursedisplay"], settings["newsitems"]) == (0, 4)


def add_field(desk: Desk, shortname: str):
    desk.sandbox.state.insert("course_field", shortname=shortname, name=shortname.title())


def test_custom_fields_are_set_and_follow(desk: Desk):
    add_field(desk, "department")
    desk.run(courses={"custom_fields": {"department": "{group.title}"}})
    assert desk.course_of().custom_fields == {"department": "Ludicrous Lemur"}
    found = change(desk.run(lemur("Happy Hippo")), "course")
    assert found["before"]["custom:department"] == "Ludicrous Lemur"
    assert desk.course_of().custom_fields == {"department": "Happy Hippo"}
    assert codes(desk.plan(lemur("Wild Wolf"))) == []


def test_a_custom_field_that_the_site_does_not_have_is_told_by_name_and_once(desk: Desk):
    add_field(desk, "department")
    parts = {"custom_fields": {"departement": "{group.title}", "Department": "x"}}
    draft = desk.plan(courses=parts)
    assert codes(draft) == ["custom-field-unknown"]
    assert "course field “departement”" in draft.findings[0].message
    assert draft.findings[0].place == ""
    desk.apply(draft)
    assert codes(desk.plan(lemur("Happy Hippo"))) == ["custom-field-unknown"]


def test_a_new_end_date_leaves_a_start_date_of_the_teachers_alone(desk: Desk):
    desk.run(courses={"fields": {"startdate": mapped("{course.start}", "create-only")}})
    course = desk.course_of()
    desk.moodle.courses.update([{"id": course.id, "startdate": course.start + 3600}])
    desk.run(roster(academicSessions=[{"endDate": dt.date(2027, 7, 30)}]))
    assert (desk.course_of().start, desk.course_of().end) == (course.start + 3600, course.end - 24 * 3600)


# Recognising courses


def test_a_course_is_recognised_by_its_full_name(desk: Desk):
    number = desk.course(fullname="English 09 – ludicrous lemur", shortname="mine")
    found = change(desk.run(courses={"match": "fullname"}), "course")
    assert (found["action"], found["moodle_id"], found["after"]) == ("match", number, {"idnumber": "c1"})
    assert "full name" in found["reason"]


def test_of_several_courses_with_the_full_name_none_is_taken(desk: Desk):
    for shortname in ("one", "two"):
        desk.course(fullname="English 09 – Ludicrous Lemur", shortname=shortname)
    draft = desk.plan(courses={"match": "fullname"})
    assert told(draft, "course") == []
    assert codes(draft) == ["several-courses"]


def test_of_two_new_classes_that_point_to_one_course_neither_gets_it(desk: Desk):
    desk.course(fullname="English 09 – Ludicrous Lemur", shortname="mine")
    two = roster(classes=[{}, {"sourcedId": "c2", "classCode": "B"}])
    draft = desk.plan(two, courses={"match": "fullname"})
    assert told(draft, "course") == []
    assert codes(draft) == ["course-already-matched"] * 2


def test_an_id_number_of_another_course_is_taken(desk: Desk):
    desk.course(idnumber="C1", shortname="mine")
    draft = desk.plan(courses={"match": "shortname"})
    assert told(draft, "course") == []
    assert codes(draft) == ["idnumber-taken"]


def test_a_class_without_id_number_is_no_course_without_id_number(desk: Desk):
    desk.course(shortname="mine")
    draft = desk.run(courses={"fields": {"idnumber": "{group.location}"}})
    assert change(draft, "course")["action"] == "create"


def test_with_basis_subject_one_course_is_made_for_all_classes(desk: Desk):
    two = roster(classes=[{}, {"sourcedId": "c2", "classCode": "B"}])
    desk.run(two, basis="subject")
    assert desk.course_of("co1").fullname == "English 09"
    assert told(desk.plan(two)) == []
