"""Courses that are copied of a template by the plugin, and courses that write to nobody."""

import pytest
from desk import Desk, told

from matricula.moodle import Moodle

COPY = "local_matricula_copy_courses"
SILENCE = "local_matricula_silence"
PARTS = {"template": "tpl", "fields": {"visible": False, "summary": "{group.title}"}}


@pytest.fixture
def template(plugged: Desk) -> int:
    return plugged.course(fullname="Template", shortname="TPL", newsitems=9)


def calls(desk: Desk, function: str) -> int:
    return desk.sandbox.faults.seen()["calls"].get(function, 0)


def whole(desk: Desk) -> bool:
    course = desk.course_of()
    told_of = (course.shortname, course.settings["newsitems"], course.summary, course.visible)
    return told_of == ("ENG-9 2026/27", 9, "Ludicrous Lemur", False)


@pytest.mark.usefixtures("template")
def test_a_copy_has_its_id_number_dates_and_summary_at_once(plugged: Desk, monkeypatch: pytest.MonkeyPatch):
    draft = plugged.plan(courses=PARTS)
    monkeypatch.setattr(plugged.moodle.courses, "update", _die)
    with pytest.raises(KeyboardInterrupt):
        plugged.apply(draft)
    assert whole(plugged)
    assert plugged.course_of().start
    monkeypatch.undo()
    assert plugged.go_on().left == 0
    assert (calls(plugged, COPY), len(plugged.moodle.courses.all())) == (1, 2)
    assert told(plugged.plan(full=True)) == []


@pytest.mark.usefixtures("template")
def test_where_something_is_left_to_fill_in_the_id_number_comes_last(plugged: Desk, monkeypatch: pytest.MonkeyPatch):
    parts = {"template": "tpl", "fields": {"lang": "en"}}
    draft = plugged.plan(courses=parts)
    monkeypatch.setattr(plugged.moodle.courses, "update", _die)
    with pytest.raises(KeyboardInterrupt):
        plugged.apply(draft)
    (made,) = plugged.moodle.courses.find("shortname", "ENG-9 2026/27")
    assert (made.idnumber, made.lang) == ("", "")
    monkeypatch.undo()
    assert plugged.go_on().left == 0
    assert (plugged.course_of().id, plugged.course_of().lang) == (made.id, "en")


@pytest.mark.usefixtures("template")
@pytest.mark.parametrize("fault", ["drop_before", "drop_after"])
def test_a_call_that_is_never_answered_leaves_one_whole_copy(plugged: Desk, fault: str):
    plugged.sandbox.faults.set(**{fault: {"times": 1, "function": COPY}})
    plugged.run(courses=PARTS)
    assert whole(plugged)
    assert len(plugged.moodle.courses.all()) == 2


@pytest.mark.usefixtures("template")
def test_a_name_that_is_taken_is_told(plugged: Desk):
    draft = plugged.plan(courses=PARTS)
    plugged.course(fullname="Mine", shortname="ENG-9 2026/27")
    applied = plugged.apply(draft)
    (reason,) = plugged.store.journal.outcomes(applied.run).filter(state="refused")["reason"]
    assert reason.startswith("A course with this short name is there already.")


def test_new_courses_are_silenced_where_enrolments_are_made_by_hand(plugged: Desk):
    plugged.sandbox.sandbox.state.set_setting("off_enrol_matricula", "1")
    with Moodle(plugged.sandbox.url, plugged.sandbox.tokens["admin"], callers=2) as plugged.moodle:
        plugged.run()
    assert calls(plugged, SILENCE) == 1


def test_where_enrolments_are_of_the_own_method_nothing_has_to_be_silenced(plugged: Desk):
    plugged.run()
    assert calls(plugged, SILENCE) == 0


def test_a_course_that_cannot_be_silenced_is_there_all_the_same(plugged: Desk):
    plugged.sandbox.sandbox.state.set_setting("off_enrol_matricula", "1")
    plugged.sandbox.faults.set(drop_before={"times": 1, "function": SILENCE})
    with Moodle(plugged.sandbox.url, plugged.sandbox.tokens["admin"], callers=2) as plugged.moodle:
        plugged.run()
        assert told(plugged.plan(full=True)) == []


def _die(*_: object) -> None:
    raise KeyboardInterrupt
