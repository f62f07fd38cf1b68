"""Fields that somebody edited in Moodle: found, and put back, accepted or left as the profile says."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk, change, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rosters import people, roster

from matricula.planning.courses import Courses
from matricula.planning.shares import SHARES
from matricula.planning.watch import Edit

EVERYTHING = {"default": "put-back"}
NAME = "English 09 – Ludicrous Lemur"
GROUPS = [{"name": "{group.title}"}]


def edit_user(desk: Desk, username: str = "ann", **fields: Any) -> None:
    desk.moodle.users.update([{"id": desk.account(username).id} | fields])


def edit_course(desk: Desk, key: str = "c1", **fields: Any) -> None:
    desk.moodle.courses.update([{"id": desk.course_of(key).id} | fields])


def edit_enrolment(desk: Desk, **fields: Any) -> None:
    ids = {"userid": desk.account().id, "courseid": desk.course_of().id}
    desk.moodle.enrolments.enrol([ids | {"roleid": 5} | fields])


def found(desk: Desk) -> dict[tuple[str, str], tuple[Any, Any, str]]:
    return {(edit.kind, edit.field): (edit.written, edit.seen, edit.state) for edit in desk.edits}


def nothing_is_left(desk: Desk, *rows: Any) -> None:
    assert told(desk.plan(*rows, full=True)) == []
    assert desk.edits == []


def test_a_site_as_it_was_written_has_no_drift(desk: Desk) -> None:
    desk.run(groups=GROUPS, cohorts=[{"name": "All", "idnumber": "all"}], drift=EVERYTHING)
    nothing_is_left(desk)


def test_an_edit_is_listed_and_left_by_default(desk: Desk) -> None:
    desk.run()
    edit_user(desk, firstname="Anna")
    edit_course(desk, fullname="Mine", startdate=1786000000)
    assert told(desk.plan(full=True)) == []
    assert found(desk)["user", "firstname"] == ("Ann", "Anna", "open")
    assert found(desk)["course", "fullname"] == (NAME, "Mine", "open")
    assert ("course", "startdate") in found(desk)


def test_an_edit_is_accepted_where_the_profile_says_so(desk: Desk) -> None:
    desk.run(drift={"user": {"firstname": "accept"}})
    edit_user(desk, firstname="Anna", lastname="Low")
    assert told(desk.plan(full=True)) == []
    states = {field: state for (_, field), (_, _, state) in found(desk).items()}
    assert states == {"firstname": "accepted", "lastname": "open"}


def test_an_edit_is_put_back_where_the_profile_says_so(desk: Desk) -> None:
    desk.run(drift={"user": {"firstname": "put-back"}})
    edit_user(desk, firstname="Anna", lastname="Low")
    plan = desk.plan(full=True)
    put = change(plan, "user")
    assert (put["action"], put["before"], put["after"]) == ("update", {"firstname": "Anna"}, {"firstname": "Ann"})
    assert (put["reason"], put["removes"], put["person"]) == (
        "edited in Moodle, put back: firstname",
        False,
        "Ann Lee",
    )
    assert desk.apply(plan).left == 0
    assert (desk.account().firstname, desk.account().lastname) == ("Ann", "Low")
    assert told(desk.plan(full=True)) == []


@pytest.mark.parametrize(("suspended", "action", "removes"), [(1, "revive", False), (0, "suspend", True)])
def test_suspension_has_its_own_word_and_counts_as_a_removal(
    desk: Desk, suspended: int, action: str, removes: bool
) -> None:
    rows = people({"username": "ann", "enabledUser": bool(suspended)})
    made = roster(**rows, enrollments=[])
    desk.user(idnumber="u1")
    desk.run(made, drift=EVERYTHING)
    edit_user(desk, suspended=suspended)
    put = change(desk.plan(made, full=True), "user")
    assert (put["action"], put["removes"]) == (action, removes)


def test_enrolments_are_put_back_in_role_and_suspension(desk: Desk) -> None:
    desk.run(drift=EVERYTHING)
    edit_enrolment(desk, suspend=1)
    plan = desk.plan(full=True)
    assert told(plan) == [("enrolment", "revive", "u1\tc1")]
    desk.apply(plan)
    ids = {"userid": desk.account().id, "contextlevel": "course", "instanceid": desk.course_of().id}
    desk.moodle.roles.assign([ids | {"roleid": 3}])
    desk.moodle.roles.unassign([ids | {"roleid": 5}])
    desk.apply(desk.plan(full=True))
    assert desk.members() == {"ann": (("student",), False)}
    nothing_is_left(desk)


def test_a_new_role_leaves_an_enrolment_suspended_that_somebody_suspended(desk: Desk) -> None:
    desk.run()
    edit_enrolment(desk, suspend=1)
    desk.run(roster(enrollments=[{"role": "teacher"}]))
    assert desk.members() == {"ann": (("editingteacher",), True)}


@pytest.mark.parametrize("gone", ["suspend", "suspend-without-roles"])
def test_somebody_who_left_and_was_let_in_again_is_drift(desk: Desk, gone: str) -> None:
    desk.run(drift=EVERYTHING, enrolments={"gone": gone})
    nobody = roster(users=[], roles=[], enrollments=[])
    desk.run(nobody)
    nothing_is_left(desk, nobody)
    edit_user(desk, suspended=0)
    edit_enrolment(desk, suspend=0)
    plan = desk.plan(nobody, full=True)
    assert {row[:2] for row in told(plan)} == {("user", "suspend"), ("enrolment", "suspend")}
    assert plan.changes["removes"].all()
    desk.apply(plan)
    nothing_is_left(desk, nobody)
    assert desk.members()["ann"][1]


def test_what_was_edited_while_somebody_was_away_is_put_back_when_they_return(desk: Desk) -> None:
    desk.run(drift=EVERYTHING)
    desk.run(roster(users=[], roles=[], enrollments=[]))
    edit_user(desk, firstname="Anna")
    plan = desk.plan(roster())
    back = change(plan, "user")
    assert back["action"] == "revive"
    assert back["after"] == {"suspended": False, "firstname": "Ann"}
    assert desk.apply(plan).left == 0
    nothing_is_left(desk)


def test_a_course_put_away_and_shown_again_is_hidden_again(desk: Desk) -> None:
    desk.run(drift=EVERYTHING, courses={"gone": "archive"})
    desk.run(roster(classes=[], enrollments=[]))
    edit_course(desk, visible=1)
    put = change(desk.plan(roster(classes=[], enrollments=[]), full=True), "course")
    assert (put["action"], put["after"], put["course"]) == ("hide", {"visible": 0}, NAME)


def test_fields_that_are_the_teachers_never_drift(desk: Desk) -> None:
    desk.run(drift=EVERYTHING, courses={"fields": {"summary": "Welcome"}})
    edit_course(desk, shortname="MINE", visible=0, summary="Mine", idnumber="c1")
    nothing_is_left(desk)


def test_what_the_profile_does_not_keep_in_step_never_drifts(desk: Desk) -> None:
    desk.run(drift=EVERYTHING, courses={"update": False}, users={"student": {"update": False}})
    edit_user(desk, firstname="Anna")
    edit_course(desk, fullname="Mine")
    nothing_is_left(desk)


def test_a_course_that_was_matched_as_it_was_found_has_not_drifted(desk: Desk) -> None:
    desk.course(idnumber="c1", fullname="Found")
    plan = desk.plan(drift=EVERYTHING)
    assert found(desk)["course", "fullname"] == (NAME, "Found", "accepted")
    desk.known = desk.edits
    desk.apply(plan)
    assert told(desk.plan(full=True)) == []
    edit_course(desk, fullname="Later")
    assert change(desk.plan(full=True), "course")["after"] == {"fullname": NAME}


def test_matched_enrolments_and_groups_never_drift(desk: Desk) -> None:
    desk.user()
    course = desk.course(idnumber="c1", fullname=NAME)
    edit_enrolment(desk, roleid=3)
    desk.moodle.groups.create([{"courseid": course, "name": "Ludicrous Lemur", "description": ""}])
    desk.known = []
    desk.run(drift=EVERYTHING, groups=GROUPS)
    edit_enrolment(desk, suspend=1)
    assert told(desk.plan(full=True), "enrolment") == []
    assert {edit.kind for edit in desk.edits} <= {"course"}


def test_what_the_roster_says_anew_takes_along_what_is_put_back(desk: Desk) -> None:
    desk.run(drift={"user": {"firstname": "put-back"}})
    edit_user(desk, firstname="Anna", email="other@school.example")
    plan = desk.plan(roster(users=[{"familyName": "Low"}]))
    put = change(plan, "user")
    assert put["after"] == {"lastname": "Low", "firstname": "Ann"}
    assert put["reason"] == "changed in the roster: lastname; edited in Moodle, put back: firstname"
    assert found(desk)["user", "email"] == ("ann@school.example", "other@school.example", "open")
    assert ("user", "lastname") not in found(desk)


def test_what_the_roster_says_anew_overrides_what_was_accepted(desk: Desk) -> None:
    desk.run(drift={"default": "accept"})
    edit_user(desk, firstname="Anna")
    assert change(desk.plan(roster(users=[{"givenName": "Annie"}])), "user")["after"] == {"firstname": "Annie"}


@pytest.mark.parametrize(
    ("state", "seen", "planned"),
    [
        ("accepted", "Anna", False),
        ("accepted", "Annie", True),
        ("in-vain", "Anna", False),
        ("in-vain", "Annie", True),
        ("open", "Anna", True),
    ],
)
def test_what_was_decided_holds_while_the_field_stays_as_it_was_seen(
    desk: Desk, state: Any, seen: str, planned: bool
) -> None:
    desk.run(drift=EVERYTHING)
    edit_user(desk, firstname="Anna")
    desk.known = [Edit("user", "u1", "firstname", "Ann Lee", "Ann", seen, state)]
    assert bool(told(desk.plan(full=True))) is planned


def test_a_person_may_want_one_edit_put_back(desk: Desk) -> None:
    desk.run()
    edit_user(desk, firstname="Anna", lastname="Low")
    desk.known = [Edit("user", "u1", "firstname", "Ann Lee", "Ann", "Anna", "put-back")]
    assert change(desk.plan(), "user")["after"] == {"firstname": "Ann"}


def test_accounts_that_must_not_be_touched_are_left(desk: Desk) -> None:
    desk.run(drift=EVERYTHING)
    edit_user(desk, firstname="Anna")
    desk.never_touch = ("ann",)
    nothing_is_left(desk)


def test_an_address_that_somebody_else_has_now_is_not_put_back(desk: Desk) -> None:
    desk.run(drift=EVERYTHING)
    edit_user(desk, email="other@school.example")
    desk.user(username="bea", email="ann@school.example")
    assert told(desk.plan(full=True)) == []
    assert [each.code for each in desk.unclear] == ["email-taken"]


def test_a_site_that_went_back_in_time_gets_everything_back(desk: Desk) -> None:
    desk.run(drift={"default": "leave"})
    edit_user(desk, firstname="Anna")
    edit_course(desk, fullname="Mine", visible=0)
    desk.known = [Edit("user", "u1", "firstname", "Ann Lee", "Ann", "Anna", "accepted")]
    plan = desk.plan(restore=True)
    assert told(plan) == [("user", "update", "u1"), ("course", "show", "c1")]
    desk.apply(plan)
    assert told(desk.plan(restore=True)) == []


def test_a_field_that_nobody_tells_of_has_not_drifted(desk: Desk) -> None:
    desk.run(drift=EVERYTHING, users={"profile_fields": {"nobody-made-it": "{person.id}"}})
    nothing_is_left(desk)


def test_a_field_that_others_show_as_it_was_written_has(desk: Desk) -> None:
    desk.sandbox.sandbox.state.insert("user_field", shortname="house", name="House")
    made = roster(**people({"username": "ann"}, {"username": "bea"}), enrollments=[])
    desk.run(made, users={"profile_fields": {"house": "Red"}})
    edit_user(desk, customfields=[{"type": "house", "value": "Blue"}])
    desk.plan(made, full=True)
    assert found(desk) == {("user", "profile:house"): ("Red", "Blue", "open")}


def test_only_the_share_whose_turn_it_is_is_looked_at(desk: Desk) -> None:
    desk.run(drift=EVERYTHING)
    edit_user(desk, firstname="Anna")
    edit_course(desk, fullname="Mine")
    seen: list[tuple[str, ...]] = []
    for share in range(SHARES):
        desk.shares = frozenset({share})
        seen += told(desk.plan())
    assert sorted(seen) == [("course", "update", "c1"), ("user", "update", "u1")]
    desk.shares = frozenset()
    assert told(desk.plan()) == []


def test_what_was_removed_by_hand_is_made_anew_in_its_turn(desk: Desk) -> None:
    desk.run()
    ids = {"userid": desk.account().id, "courseid": desk.course_of().id}
    desk.moodle.enrolments.unenrol([ids])
    desk.shares = frozenset(range(SHARES))
    assert told(desk.plan()) == [("enrolment", "create", "u1\tc1")]


TEXTS = st.text(st.sampled_from("aAéß &'“x"), min_size=1, max_size=8).map(str.strip).filter(bool)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "user": st.dictionaries(st.sampled_from(["firstname", "lastname"]), TEXTS)
        | st.just({"suspended": 1})
        | st.just({"email": "x@made.example"}),
        "course": st.dictionaries(st.sampled_from(["fullname"]), TEXTS)
        | st.just({"startdate": 1786000000, "enddate": 1796000000}),
        "enrolment": st.fixed_dictionaries({"roleid": st.sampled_from([3, 5]), "suspend": st.sampled_from([0, 1])}),
    },
)


@pytest.mark.long
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, policy=st.sampled_from(["put-back", "leave", "accept"]))
def test_what_is_put_back_is_as_it_was_and_nothing_else_is_touched(
    desk: Desk, edits: dict[str, Any], policy: str
) -> None:
    desk.sandbox.sandbox.reset()
    for kind in ("user", "course", "enrolment", "category"):
        desk.store.ledger.forget("default", kind, desk.store.ledger.frame("default", kind)["key"])
    desk.parts = {}
    desk.run(drift={"default": policy})
    for kind, make in (("user", edit_user), ("course", edit_course), ("enrolment", edit_enrolment)):
        if edits.get(kind):
            make(desk, **edits[kind])
    plan = desk.plan(full=True)
    if policy != "put-back":
        assert told(plan) == []
        return
    assert desk.apply(plan).left == 0
    nothing_is_left(desk)


def test_an_end_date_that_the_format_works_out_is_nobodys_edit() -> None:
    seen = {"enddate": 1790985600, "startdate": 1786752000}
    assert Courses().steady(seen | {"automaticenddate": 0}) == seen | {"automaticenddate": 0}
    assert "enddate" not in Courses().steady(seen | {"automaticenddate": 1})
