"""Transfers of grades on the sandbox, into a real sink: previewed, written, in conflict, held, and taken back."""

import pytest

from matricula.errors import HeldError, SettingError, StopError, UsageError
from matricula.hub import Chosen
from matricula.hub.grades import conflicts_meant, settle_conflicts
from matricula.sandbox.functions.gradebook import items

ANN = "Given Family u2"
BEN = "Given Family u3"


def test_what_is_previewed_by_name_is_written_and_then_nothing_is_left(grades):
    planned = grades.plan()
    assert grades.acts(planned) == [
        ("create", "Moodle"),
        ("create", "Essay"),
        ("create", "Test"),
        *(("create", f"{who}: {what}") for who in (ANN, BEN) for what in ("Essay", "Test")),
    ]
    assert grades.sql("select name from sqlite_master") == [], "looking writes nothing"
    assert grades.hub.apply(planned.number).states == {"done": 7}
    assert grades.results() == {"u2": 80.0, "u3": 0.0}, "zero is a grade"
    assert grades.results("Test") == {"u2": None, "u3": None}, "and none is none"
    assert grades.acts(grades.plan()) == []


def test_what_changed_in_moodle_is_sent_alone(grades):
    grades.transfer()
    grades.grade("u2", 85)
    planned = grades.plan()
    assert grades.acts(planned) == [("update", f"{ANN}: Essay")]
    (row,) = planned.changes.rows(named=True)
    assert row["reason"] == "changed in Moodle: score"
    assert row["after"] == '{"score":85.0}'
    assert (row["person"], row["course"]) == (ANN, "Class 1")
    grades.hub.apply(planned.number)
    assert grades.results() == {"u2": 85.0, "u3": 0.0}


def test_what_somebody_changed_in_the_schools_system_is_a_conflict_and_never_written_over(grades):
    grades.transfer()
    grades.edit("u2", 90)
    planned = grades.plan()
    assert grades.acts(planned) == []
    assert [(each.code, each.severity) for each in planned.findings] == [("grade-conflict", "warning")]
    assert planned.findings[0].message == f"{ANN}: Essay: score 90 there, score 80 from Moodle."
    grades.grade("u2", 85)
    grades.grade("u3", 10)
    planned = grades.plan()
    assert grades.acts(planned) == [("update", f"{BEN}: Essay")], "others go on"
    grades.hub.apply(planned.number)
    assert grades.results() == {"u2": 90.0, "u3": 10.0}
    (conflict,) = grades.store.conflicts.all("default")
    assert (conflict.ours, conflict.theirs, conflict.state) == ('{"score":85.0}', '{"score":90.0}', "open")


@pytest.mark.parametrize(("send", "ends"), [(True, 85.0), (False, 90.0)])
def test_a_person_says_which_one_stands(grades, send, ends):
    grades.transfer()
    grades.grade("u2", 85)
    grades.edit("u2", 90)
    grades.plan()
    settle_conflicts(grades.home, "default", conflicts_meant(grades.home, "default", f"{ANN}: Essay"), send=send)
    planned = grades.plan()
    assert grades.acts(planned) == ([("update", f"{ANN}: Essay")] if send else [])
    assert planned.findings == ()
    grades.hub.apply(planned.number)
    assert grades.results()["u2"] == ends
    assert grades.acts(grades.plan()) == []
    assert len(grades.store.conflicts.all("default")) == (0 if send else 1)


def test_a_decision_holds_for_just_what_was_decided(grades):
    grades.transfer()
    grades.edit("u2", 90)
    grades.plan()
    settle_conflicts(grades.home, "default", conflicts_meant(grades.home, "default", None), send=False)
    grades.plan()
    assert grades.store.conflicts.all("default")[0].state == "keep"
    grades.grade("u2", 70)
    assert [each.code for each in grades.plan().findings] == ["grade-conflict"], "Moodle says something new"
    settle_conflicts(grades.home, "default", conflicts_meant(grades.home, "default", None), send=True)
    grades.edit("u2", 95)
    assert grades.acts(grades.plan()) == [], "and so does the other side"
    assert grades.results()["u2"] == 90.0 or grades.results()["u2"] == 95.0


def test_what_both_sides_changed_alike_is_agreed_on_without_a_call(grades):
    grades.transfer()
    grades.grade("u2", 85)
    grades.edit("u2", 85)
    planned = grades.plan()
    assert grades.acts(planned) == [("match", f"{ANN}: Essay")]
    assert planned.findings == ()
    run = grades.hub.apply(planned.number).run
    assert grades.store.journal.batches(run) == []
    assert grades.acts(grades.plan()) == []


def test_a_result_that_was_deleted_there_is_a_conflict_and_sent_again_when_somebody_says_so(grades):
    grades.transfer()
    grades.sql("delete from matricula_results where student_sourced_id = 'u2' and score is not null")
    planned = grades.plan()
    assert grades.acts(planned) == []
    (conflict,) = grades.store.conflicts.all("default")
    assert conflict.theirs == '{"gone":true}'
    settle_conflicts(grades.home, "default", [conflict], send=True)
    assert grades.acts(grades.plan()) == [("create", f"{ANN}: Essay")]
    grades.transfer()
    assert grades.results()["u2"] == 80.0


def test_what_is_there_already_is_matched_where_it_is_equal_and_in_conflict_where_it_is_not(grades):
    grades.transfer()
    for kind in ("result", "line-item", "grade-category"):
        keys = grades.store.ledger.frame("default", kind)["key"]
        grades.store.ledger.forget("default", kind, keys)
    grades.edit("u2", 90)
    planned = grades.plan()
    assert {action for action, _ in grades.acts(planned)} == {"match"}
    assert [each.subject for each in planned.findings] == [conflicts_meant(grades.home, "default", None)[0].key]
    grades.hub.apply(planned.number)
    assert grades.results()["u2"] == 90.0
    assert grades.acts(grades.plan()) == []


def test_a_transfer_is_taken_back(grades):
    first = grades.transfer()
    grades.grade("u2", 85)
    second = grades.transfer()
    undo = grades.hub.undo(second)
    assert grades.acts(undo) == [("update", f"{ANN}: Essay")]
    grades.hub.apply(undo.number)
    assert grades.results()["u2"] == 80.0
    undo = grades.hub.undo(first)
    assert {action for action, _ in grades.acts(undo)} == {"remove"}
    grades.hub.apply(undo.number, undo.words)
    assert grades.results() == {}
    assert grades.sql("select count(*) from matricula_line_items") == [(0,)]
    assert len(grades.acts(grades.plan())) == 7, "and the next transfer sends them again"


def test_what_was_edited_since_is_left_by_an_undoing(grades):
    run = grades.transfer()
    grades.edit("u2", 90)
    undo = grades.hub.undo(run)
    assert "undo-grade-edited" in {each.code for each in undo.findings}
    grades.hub.apply(undo.number, undo.words)
    assert grades.results() == {"u2": 90.0}


def test_limits_hold_a_transfer_and_its_words_release_it(grades):
    grades.set("gone: remove", "gone: remove\n  limits: {changed: {absolute: 1}}")
    grades.transfer()
    for student in ("u2", "u3"):
        grades.grade(student, 50)
    planned = grades.plan()
    assert planned.record.state == "held"
    assert planned.record.held[0]["code"] == "too-many-grades-changed"
    assert planned.words == "change 2 grades"
    with pytest.raises(HeldError):
        grades.hub.apply(planned.number)
    assert grades.results() == {"u2": 80.0, "u3": 0.0}
    grades.hub.apply(planned.number, "change 2 grades")
    assert grades.results() == {"u2": 50.0, "u3": 50.0}


def test_an_empty_reading_waits_for_a_person(grades):
    grades.transfer()
    grades.set("gone: remove", "gone: remove\n  items: {names: [Nothing]}")
    planned = grades.plan()
    assert planned.record.state == "held"
    assert planned.words == "no grades"


def test_an_item_deleted_in_moodle_is_taken_away_with_its_results(grades):
    grades.transfer()
    (row,) = [each for each in items(grades.sandbox.state, grades.course) if each["itemname"] == "Test"]
    grades.sandbox.state.run("DELETE FROM grade_grades WHERE itemid = ?", row["id"])
    grades.sandbox.state.run("DELETE FROM grade_items WHERE id = ?", row["id"])
    grades.plan()
    planned = grades.plan()
    assert grades.acts(planned) == [
        ("remove", "Test"),
        ("remove", f"{ANN}: Test"),
        ("remove", f"{BEN}: Test"),
    ]
    grades.hub.apply(planned.number)
    assert grades.results("Test") == {}
    assert grades.results() == {"u2": 80.0, "u3": 0.0}
    assert grades.acts(grades.plan()) == []


def test_what_is_gone_is_left_where_the_profile_says_so(grades):
    grades.set("gone: remove", "gone: leave")
    grades.transfer()
    (row,) = [each for each in items(grades.sandbox.state, grades.course) if each["itemname"] == "Test"]
    grades.sandbox.state.run("DELETE FROM grade_items WHERE id = ?", row["id"])
    grades.plan()
    assert grades.acts(grades.plan()) == []


def test_a_grade_that_changed_there_between_plan_and_writing_is_left_and_told(grades):
    grades.transfer()
    grades.grade("u2", 85)
    planned = grades.plan()
    grades.edit("u2", 90)
    applied = grades.hub.apply(planned.number)
    assert applied.states == {"stale": 1}
    assert grades.results()["u2"] == 90.0
    assert [each.code for each in grades.plan().findings] == ["grade-conflict"]


def test_a_transfer_goes_to_the_sink_that_it_was_made_for(grades):
    planned = grades.plan()
    grades.home.load("kind: sink\nname: sis\ntype: sql\npath: other.db", "test", grades.home.folder)
    with pytest.raises(StopError, match="whose settings have changed"):
        grades.hub.apply(planned.number)


def test_no_part_is_made_of_a_transfer(grades):
    with pytest.raises(UsageError) as error:
        grades.hub.part(grades.plan().number, Chosen((1,)))
    assert error.value.code == "part-transfer"


def test_a_profile_without_a_sink_says_so(grades):
    grades.set("  sink: sis\n", "")
    with pytest.raises(SettingError) as error:
        grades.plan()
    assert error.value.code == "grades-no-sink"


def test_a_rejected_transfer_is_never_written(grades):
    planned = grades.plan()
    grades.hub.reject(planned.number, "not yet")
    with pytest.raises(StopError):
        grades.hub.apply(planned.number)
    assert grades.sql("select name from sqlite_master") == []
