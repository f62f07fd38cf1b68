"""Enrolments of Matricula's own method, on a site that has the plugins."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from desk import Desk, change, told
from rosters import people, roster
from undo_desk import last_run, undo, undone

from matricula.moodle import Moodle
from matricula.planning import enrolments
from matricula.planning.moving import plan_moves
from matricula.planning.step import Result

NOBODY = roster(enrollments=[])


def rows(desk: Desk) -> dict[str, tuple[int | None, str]]:
    """Ids and origins of enrolments in the ledger."""
    return {
        key: (number, origin)
        for key, number, origin in desk.store.ledger.frame("default", "enrolment")
        .select("key", "moodle_id", "origin")
        .iter_rows()
    }


def there(desk: Desk, key: str = "c1") -> dict[int, Any]:
    """Who is in a course, by account."""
    return {seen.user_id: seen for seen in desk.moodle.enrolments.of_courses([desk.course_of(key).id])}


def functions(desk: Desk, run: int) -> list[str]:
    return [batch.function for batch in desk.store.journal.batches(run)]


def by_hand(desk: Desk, **fields: Any) -> None:
    """Enrol Ann as a teacher would."""
    row = {"userid": desk.account().id, "courseid": desk.course_of().id, "roleid": 5}
    desk.moodle.enrolments.enrol([row | fields])


def switched_off(desk: Desk, plugin: str = "enrol_matricula") -> None:
    desk.sandbox.sandbox.state.set_setting(f"off_{plugin}", "1")
    desk.moodle = Moodle(desk.sandbox.url, desk.sandbox.tokens["admin"], callers=2)


def test_a_new_enrolment_is_of_the_own_method_and_the_ledger_has_its_id(plugged: Desk) -> None:
    plugged.run()
    seen = there(plugged)[plugged.account().id]
    assert seen.methods == ("matricula",)
    assert rows(plugged) == {"u1\tc1": (seen.own.id, "made")}
    assert functions(plugged, 1)[-1] == "local_matricula_enrol"
    assert told(plugged.plan(full=True)) == []


def test_where_the_method_is_switched_off_enrolments_are_made_by_hand_and_have_no_id(plugged: Desk) -> None:
    switched_off(plugged)
    plugged.run()
    assert there(plugged)[plugged.account().id].methods == ("manual",)
    assert rows(plugged) == {"u1\tc1": (None, "made")}
    plugged.run(NOBODY, enrolments={"gone": "unenrol"})
    assert there(plugged) == {}


def test_what_was_made_by_hand_stays_with_it_until_it_is_moved(plugged: Desk) -> None:
    switched_off(plugged)
    plugged.run()
    plugged.sandbox.sandbox.state.set_setting("off_enrol_matricula", "0")
    plugged.moodle = Moodle(plugged.sandbox.url, plugged.sandbox.tokens["admin"], callers=2)
    plugged.run(NOBODY)
    seen = there(plugged)[plugged.account().id]
    assert (seen.methods, seen.suspended) == (("manual",), True)
    plugged.run()
    assert plugged.members() == {"ann": (("student",), False)}
    assert there(plugged)[plugged.account().id].methods == ("manual",)


def test_role_suspension_return_and_end_touch_the_own_enrolment_alone(plugged: Desk) -> None:
    plugged.run()
    by_hand(plugged)
    user = plugged.account().id
    plugged.run(NOBODY)
    assert there(plugged)[user].own.suspended
    assert not there(plugged)[user].suspended
    plugged.run(roster(enrollments=[{"role": "teacher"}]))
    assert not there(plugged)[user].own.suspended
    assert "editingteacher" in plugged.members()["ann"][0]
    plugged.run(NOBODY, enrolments={"gone": "unenrol"})
    assert there(plugged)[user].methods == ("manual",)
    assert told(plugged.plan(NOBODY, full=True)) == []


def test_a_teachers_own_enrolment_is_matched_and_left_alone(plugged: Desk) -> None:
    plugged.run(NOBODY)
    by_hand(plugged)
    assert told(plugged.run(), "enrolment") == [("match", "u1\tc1")]
    assert rows(plugged) == {"u1\tc1": (None, "matched")}
    plugged.run(NOBODY, enrolments={"gone": "unenrol"})
    assert there(plugged)[plugged.account().id].methods == ("manual",)


def test_an_own_enrolment_that_was_ended_in_moodle_is_found_and_made_anew(plugged: Desk) -> None:
    plugged.run()
    user, course = plugged.account().id, plugged.course_of().id
    plugged.moodle.plugin.unenrol([{"userid": user, "courseid": course, "method": "matricula"}])
    plan = plugged.plan(full=True)
    assert told(plan) == [("enrolment", "create", "u1\tc1")]
    assert plugged.apply(plan).left == 0
    assert rows(plugged)["u1\tc1"] == (there(plugged)[user].own.id, "made")


def test_an_own_enrolment_that_was_ended_and_replaced_by_hand_is_the_teachers(plugged: Desk) -> None:
    plugged.run()
    user, course = plugged.account().id, plugged.course_of().id
    by_hand(plugged)
    plugged.moodle.plugin.unenrol([{"userid": user, "courseid": course, "method": "matricula"}])
    plan = plugged.plan(full=True)
    assert told(plan) == [("enrolment", "match", "u1\tc1")]
    plugged.apply(plan)
    assert rows(plugged) == {"u1\tc1": (None, "matched")}


def test_an_own_enrolment_under_another_id_is_recognised(plugged: Desk) -> None:
    plugged.run()
    user, course = plugged.account().id, plugged.course_of().id
    plugged.moodle.plugin.unenrol([{"userid": user, "courseid": course, "method": "matricula"}])
    plugged.user(username="bea", email="bea@school.example")
    other = plugged.moodle.users.find("username", ["bea"])[0].id
    again = {"courseid": course, "roleid": 5, "method": "matricula", "suspended": False, "timestart": 0, "timeend": 0}
    made = plugged.moodle.plugin.enrol([again | {"userid": other}, again | {"userid": user}])
    plan = plugged.plan(full=True)
    assert told(plan) == [("enrolment", "match", "u1\tc1")]
    plugged.apply(plan)
    assert rows(plugged)["u1\tc1"] == (made[1].id, "made")
    assert told(plugged.plan(full=True)) == []


def test_dates_and_suspension_of_a_dated_own_enrolment_are_judged(plugged: Desk) -> None:
    plugged.run(enrolments={"end": "2099-07-31"})
    own = there(plugged)[plugged.account().id].own
    assert own.timeend
    row = {"userid": plugged.account().id, "courseid": plugged.course_of().id, "roleid": 0, "method": "matricula"}
    plugged.moodle.plugin.enrol([row | {"suspended": True, "timestart": 0, "timeend": own.timeend + 60, "id": own.id}])
    plugged.plan(full=True)
    found = {edit.field: (edit.written, edit.seen) for edit in plugged.edits}
    assert found == {"suspended": (False, True), "timeend": (own.timeend, own.timeend + 60)}
    plan = plugged.plan(full=True, drift={"default": "put-back"})
    put = change(plan, "enrolment")
    assert (put["action"], put["after"]) == ("revive", {"suspended": False, "timeend": own.timeend})
    assert plugged.apply(plan).left == 0
    assert there(plugged)[plugged.account().id].own == own


def test_dates_that_somebody_gave_stay_when_something_else_changes(plugged: Desk) -> None:
    plugged.run()
    own = there(plugged)[plugged.account().id].own
    row = {"userid": plugged.account().id, "courseid": plugged.course_of().id, "roleid": 0, "method": "matricula"}
    plugged.moodle.plugin.enrol([row | {"suspended": False, "timestart": 0, "timeend": 4102444800, "id": own.id}])
    plugged.run(roster(enrollments=[{"role": "teacher"}]))
    assert there(plugged)[plugged.account().id].own.timeend == 4102444800


def test_one_bad_row_costs_one_row_and_one_call(plugged: Desk) -> None:
    made = roster(
        **people(*({} for _ in range(30))),
        enrollments=[{"sourcedId": f"e{number}", "userSourcedId": f"u{number}"} for number in range(1, 31)],
    )
    plugged.run(roster(**people(*({} for _ in range(30))), enrollments=[]), users={"without_enrolments": True})
    plan = plugged.plan(made)
    gone = plugged.account("user7").id
    plugged.sandbox.faults.set(refuse_rows=[f"userid={gone}"])
    applied = plugged.apply(plan)
    plugged.sandbox.sandbox.faults.clear()
    assert applied.states == {"done": 29, "refused": 1}
    # Every lane sends its rows once, and the row that failed for an unknown reason once more.
    assert functions(plugged, applied.run).count("local_matricula_enrol") <= 3
    assert told(plugged.plan(made)) == [("enrolment", "create", "u7\tc1")]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("norole", "may not give this role"),
        ("noinstance", "or it is switched off"),
        ("noplugin", "Install the plugins"),
        ("other", "was ended in Moodle meanwhile"),
        ("nouser", "The account of Ann Lee is no longer in Moodle"),
    ],
)
def test_what_the_plugin_says_of_a_row_is_told_in_words(
    plugged: Desk, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    plan = plugged.plan()
    refusal = Result(refused="no", code=code)
    monkeypatch.setitem(enrolments._PACKED, "write enrolments", lambda _, rows: [refusal for _ in rows])
    applied = plugged.apply(plan)
    outcomes = plugged.store.journal.outcomes(applied.run)
    (reason,) = outcomes.filter(pl.col("state") == "refused")["reason"]
    assert words in reason


def test_without_the_plugin_an_own_enrolment_is_refused_and_all_others_go_through(plugged: Desk) -> None:
    plugged.run()
    plugged.moodle = Moodle(plugged.sandbox.url, plugged.sandbox.tokens["admin"], callers=2, plugins=False)
    two = people({"username": "ann", "email": "ann@school.example"}, {})
    made = roster(**two, enrollments=[{"role": "teacher"}, {"sourcedId": "e2", "userSourcedId": "u2"}])
    plan = plugged.plan(made)
    (told,) = [finding for finding in plan.findings if finding.code == "own-method-missing"]
    assert told.message.startswith("1 of these changes would be refused")
    applied = plugged.apply(plan)
    outcomes = plugged.store.journal.outcomes(applied.run)
    refused = outcomes.filter(pl.col("state") == "refused")["reason"].to_list()
    assert len(refused) == 1
    assert "local_matricula and enrol_matricula" in refused[0]
    assert there(plugged)[plugged.account().id].roles[0].shortname == "student"
    assert plugged.account("user2").id in there(plugged)


def test_nobody_is_told_of_a_missing_method_where_it_is_there(plugged: Desk) -> None:
    plugged.run()
    plan = plugged.plan(NOBODY)
    assert plan.changes.height > 0
    assert "own-method-missing" not in {finding.code for finding in plan.findings}


def test_a_change_of_an_enrolment_that_was_moved_since_is_left(plugged: Desk) -> None:
    switched_off(plugged)
    plugged.run()
    plugged.sandbox.sandbox.state.set_setting("off_enrol_matricula", "0")
    plugged.moodle = Moodle(plugged.sandbox.url, plugged.sandbox.tokens["admin"], callers=2)
    plan = plugged.plan(NOBODY)
    moved = plugged.moodle.plugin.move_enrolments(
        [{"userid": plugged.account().id, "courseid": plugged.course_of().id}]
    )
    row = next(iter(plugged.store.ledger.beginning("default", ["enrolment"], "u1")))
    plugged.store.ledger.upsert(None, "default", [row._replace(moodle_id=moved[0].id)])
    applied = plugged.apply(plan)
    assert applied.states == {"stale": 1}
    assert not there(plugged)[plugged.account().id].suspended
    plugged.run(NOBODY)
    assert there(plugged)[plugged.account().id].own.suspended


def test_after_a_lost_ledger_what_is_of_the_own_method_is_adopted_with_its_id(plugged: Desk) -> None:
    plugged.run()
    own = there(plugged)[plugged.account().id].own
    for kind in ("enrolment", "course", "user", "category"):
        plugged.store.ledger.forget("default", kind, plugged.store.ledger.frame("default", kind)["key"])
    plugged.adopt = True
    plan = plugged.plan()
    assert ("enrolment", "match", "u1\tc1") in told(plan)
    plugged.apply(plan)
    assert rows(plugged) == {"u1\tc1": (own.id, "made")}


def test_what_a_run_enrolled_is_suspended_when_it_is_undone_and_a_teachers_enrolment_stays(plugged: Desk) -> None:
    plugged.run(NOBODY)
    plugged.run()
    by_hand(plugged)
    undone(plugged, last_run(plugged))
    seen = there(plugged)[plugged.account().id]
    assert (seen.own.suspended, seen.suspended) == (True, False)


def test_what_a_run_ended_is_made_anew_by_the_own_method_when_it_is_undone(plugged: Desk) -> None:
    plugged.run()
    plugged.run(NOBODY, enrolments={"gone": "unenrol"})
    undone(plugged, last_run(plugged))
    seen = there(plugged)[plugged.account().id]
    assert seen.methods == ("matricula",)
    assert rows(plugged) == {"u1\tc1": (seen.own.id, "made")}


def test_moving_is_not_undone_and_what_went_before_it_still_can_be(plugged: Desk) -> None:
    switched_off(plugged)
    plugged.run(NOBODY)
    plugged.run()
    enrolled = last_run(plugged)
    plugged.sandbox.sandbox.state.set_setting("off_enrol_matricula", "0")
    plugged.moodle = Moodle(plugged.sandbox.url, plugged.sandbox.tokens["admin"], callers=2)
    plugged.apply(plan_moves(plugged.ground()))
    taken_back = undo(plugged, last_run(plugged))
    assert (taken_back.changes.height, [each.code for each in taken_back.findings]) == (0, ["undo-moved"])
    undone(plugged, enrolled)
    assert there(plugged)[plugged.account().id].own.suspended
