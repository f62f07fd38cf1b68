"""Courses that are made as copies of a template."""

import pytest
from desk import Desk, change, codes, told
from rosters import roster

from matricula.moodle import MoodleError

COPY = "core_course_duplicate_course"
FILL = "core_course_update_courses"


@pytest.fixture
def template(desk: Desk) -> int:
    desk.sandbox.state.insert("course_field", shortname="level", name="Level")
    return desk.course(
        fullname="Template", shortname="TPL", newsitems=9, customfields=[{"shortname": "level", "value": "deep"}]
    )


PARTS = {"template": "tpl", "fields": {"visible": False, "summary": "{group.title}"}}


def copy_of(desk: Desk):
    course = desk.course_of()
    return course.shortname, course.settings["newsitems"], course.summary, course.visible, course.custom_fields


AS_WANTED = ("ENG-9 2026/27", 9, "Ludicrous Lemur", False, {"level": "deep"})


@pytest.mark.usefixtures("template")
def test_a_new_course_has_the_contents_of_its_template_and_its_own_fields(desk: Desk):
    found = change(desk.run(courses=PARTS), "course")
    assert found["after"]["template"] == "tpl"
    assert "template" not in found["written"]
    assert copy_of(desk) == AS_WANTED
    assert desk.members() == {"ann": (("student",), False)}
    assert told(desk.plan(full=True)) == []


def test_without_its_template_no_course_is_made(desk: Desk):
    draft = desk.plan(courses={"template": "tpl"})
    assert told(draft, "course") == told(draft, "enrolment") == []
    assert codes(draft) == ["template-not-found"]
    assert "“tpl”" in draft.findings[0].message


@pytest.mark.usefixtures("template")
def test_where_the_template_comes_out_empty_the_course_is_plain(desk: Desk):
    made = roster(classes=[{"location": "TPL"}, {"sourcedId": "c2", "classCode": "B"}])
    desk.run(made, courses={"template": "{group.location}"})
    assert (desk.course_of().settings["newsitems"], desk.course_of("c2").settings["newsitems"]) == (9, 5)


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
@pytest.mark.parametrize("function", [COPY, FILL])
def test_a_call_that_is_never_answered_leaves_one_whole_copy(desk: Desk, function, fault):
    desk.sandbox.faults.set(**{fault: {"times": 1, "function": function}})
    desk.run(courses=PARTS)
    assert copy_of(desk) == AS_WANTED
    assert len(desk.moodle.courses.all()) == 2
    assert told(desk.plan(full=True)) == []


@pytest.mark.usefixtures("template")
def test_a_run_that_ends_between_the_two_calls_goes_on_with_the_copy(desk: Desk, monkeypatch):
    draft = desk.plan(courses=PARTS)
    update = desk.moodle.courses.update
    monkeypatch.setattr(desk.moodle.courses, "update", _broken)
    with pytest.raises(MoodleError):
        desk.apply(draft)
    monkeypatch.setattr(desk.moodle.courses, "update", update)
    assert len(desk.moodle.courses.all()) == 2
    applied = desk.go_on()
    assert applied.left == 0
    assert copy_of(desk) == AS_WANTED
    assert len(desk.moodle.courses.all()) == 2


def _broken(_):
    raise MoodleError("broken off", function=FILL)


@pytest.mark.usefixtures("template")
def test_a_copy_that_moodle_did_not_finish_is_refused_by_name(desk: Desk):
    draft = desk.plan(courses=PARTS)
    desk.course(shortname="ENG-9 2026/27", visible=False)
    applied = desk.apply(draft)
    reasons = desk.store.journal.outcomes(applied.run)["reason"].to_list()
    assert any("perhaps a copy that Moodle did not finish" in (reason or "") for reason in reasons), reasons
    assert len(desk.moodle.courses.all()) == 2


@pytest.mark.usefixtures("template")
def test_what_moodle_refuses_of_a_copy_is_told_by_what_it_is(desk: Desk):
    draft = desk.plan(courses=PARTS)
    desk.course(shortname="other", idnumber="c1")
    applied = desk.apply(draft)
    reasons = desk.store.journal.outcomes(applied.run)["reason"].to_list()
    assert any("The ID number “c1” belongs to the course “English”" in (reason or "") for reason in reasons), reasons
