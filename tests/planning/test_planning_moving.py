"""Enrolments that were made by hand's method move over to Matricula's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from desk import Desk, change, told
from rosters import people, roster

from matricula.applying import Applied
from matricula.errors import SettingError
from matricula.moodle import Moodle
from matricula.planning import Draft
from matricula.planning.moving import plan_moves

TWO = people({"username": "ann", "email": "ann@school.example"}, {})
BOTH = [{}, {"sourcedId": "e2", "userSourcedId": "u2"}]
SCHOOL = roster(**TWO, enrollments=BOTH)


@pytest.fixture
def old(plugged: Desk) -> Iterator[Desk]:
    """A site that got the plugins after two people had been enrolled, one of whom has left."""
    with client(plugged, plugins=False) as plugged.moodle:
        plugged.run(SCHOOL)
        plugged.run(roster(**TWO, enrollments=BOTH[:1]))
    with client(plugged) as plugged.moodle:
        yield plugged


def client(desk: Desk, *, plugins: bool = True) -> Moodle:
    return Moodle(desk.sandbox.url, desk.sandbox.tokens["admin"], callers=2, plugins=plugins)


def moves(desk: Desk) -> Draft:
    return plan_moves(desk.ground())


def apply_killed_before_the_answer_is_noted(desk: Desk, draft: Draft) -> Applied:
    answered = desk.store.journal.answered

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    desk.store.journal.answered = die
    with pytest.raises(KeyboardInterrupt):
        desk.apply(draft)
    desk.store.journal.answered = answered
    return desk.go_on()


def numbers(desk: Desk) -> dict[str, int | None]:
    return dict(desk.store.ledger.frame("default", "enrolment").select("key", "moodle_id").iter_rows())


def seen(desk: Desk) -> dict[str, Any]:
    users = {user.id: user.username for user in desk.moodle.users.all()}
    return {users[each.user_id]: each for each in desk.moodle.enrolments.of_courses([desk.course_of().id])}


def test_what_matricula_made_moves_with_status_and_role_and_the_ledger_gets_the_ids(old: Desk) -> None:
    before = old.members()
    draft = moves(old)
    assert sorted(told(draft)) == [("enrolment", "move", "u1\tc1"), ("enrolment", "move", "u2\tc1")]
    assert change(draft, "enrolment", "u1\tc1")["reason"] == "moves to Matricula's own method"
    assert {each.methods for each in seen(old).values()} == {("manual",)}
    assert old.apply(draft).left == 0
    assert old.members() == before == {"ann": (("student",), False), "user2": (("student",), True)}
    assert numbers(old) == {"u1\tc1": seen(old)["ann"].own.id, "u2\tc1": seen(old)["user2"].own.id}
    assert told(moves(old)) == []
    assert told(old.plan(roster(**TWO, enrollments=BOTH[:1]), full=True)) == []


def test_the_next_changes_go_to_the_own_method(old: Desk) -> None:
    old.apply(moves(old))
    old.run(SCHOOL)
    assert seen(old)["user2"].own.suspended is False
    assert {each.methods for each in seen(old).values()} == {("matricula",)}


def test_an_enrolment_of_a_teachers_is_not_moved(old: Desk) -> None:
    other = old.user(username="cleo", email="cleo@school.example")
    old.moodle.enrolments.enrol([{"userid": other, "courseid": old.course_of().id, "roleid": 5}])
    old.apply(moves(old))
    assert seen(old)["cleo"].methods == ("manual",)


def test_who_is_not_enrolled_any_more_is_told_and_not_moved(old: Desk) -> None:
    pair = {"userid": old.account().id, "courseid": old.course_of().id}
    old.moodle.enrolments.unenrol([pair])
    draft = moves(old)
    assert told(draft) == [("enrolment", "move", "u2\tc1")]
    (finding,) = draft.findings
    assert finding.code == "enrolments-not-moved"
    assert finding.message == "1 enrolments are not moved: not enrolled by hand any more."


def test_who_goes_between_the_plan_and_its_run_is_left(old: Desk) -> None:
    draft = moves(old)
    old.moodle.enrolments.unenrol([{"userid": old.account().id, "courseid": old.course_of().id}])
    assert old.apply(draft).states == {"done": 1, "stale": 1}


def test_killed_before_the_answer_was_noted_it_goes_on_and_knows_the_ids(old: Desk) -> None:
    assert apply_killed_before_the_answer_is_noted(old, moves(old)).left == 0
    assert numbers(old) == {"u1\tc1": seen(old)["ann"].own.id, "u2\tc1": seen(old)["user2"].own.id}


def test_what_was_moved_already_only_gets_its_id(old: Desk) -> None:
    pair = {"userid": old.account().id, "courseid": old.course_of().id}
    (moved,) = old.moodle.plugin.move_enrolments([pair])
    draft = moves(old)
    assert change(draft, "enrolment", "u1\tc1")["reason"] == "is of Matricula's own method already"
    assert old.apply(draft).left == 0
    assert numbers(old)["u1\tc1"] == moved.id


def test_grades_that_stay_are_told(old: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = old.moodle.plugin.move_enrolments

    def with_grades(rows: Any, *, preview: bool = False) -> Any:
        return [type(each)(each.id, each.code, each.message, each.method, 3) for each in ask(rows, preview=preview)]

    monkeypatch.setattr(old.moodle.plugin, "move_enrolments", with_grades)
    assert change(moves(old), "enrolment", "u1\tc1")["reason"] == "moves to Matricula's own method; 3 grades stay"


def test_a_site_without_the_method_says_what_to_install(old: Desk) -> None:
    old.sandbox.sandbox.state.set_setting("off_enrol_matricula", "1")
    with client(old) as old.moodle, pytest.raises(SettingError) as caught:
        moves(old)
    assert caught.value.code == "no-own-method"
    assert "Manage enrol plugins" in caught.value.remedy
