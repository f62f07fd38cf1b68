"""Records deleted by hand, restored from the recycle bin, or others by now: recognised and mended, never doubled."""

import json

import pytest
from desk import Desk, change, codes, told
from rosters import Roster, people, roster

from matricula.sandbox.functions.course_state import delete_course
from matricula.sandbox.recycling import Backup, recycle, restore_course

GROUPS = [{"name": "{person.grades}"}]


def school(number: int = 2, **changes: object) -> Roster:
    """Persons u1, u2, … in class c1, each with an ID number of their own."""
    users = people(*({"identifier": f"id{each}", "grades": ["7"]} | changes for each in range(1, number + 1)))
    entries = [
        {"sourcedId": f"e{each}", "userSourcedId": f"u{each}", "classSourcedId": "c1"} for each in range(1, number + 1)
    ]
    return roster(**users, enrollments=entries)


def enrolled(desk: Desk) -> dict[str, tuple[tuple[str, ...], bool]]:
    return desk.members()


def hand_over(desk: Desk, username: str, **fields: str) -> int:
    """Let an account be somebody else's."""
    number = desk.account(username).id
    other = {"username": "bob.fox", "email": "bob@else.example", "idnumber": "other", "firstname": "Bob"} | fields
    desk.sandbox.state.update("user", number, **other)
    return number


def renew(desk: Desk, *, keep: bool = True) -> int:
    """Delete the course by hand and restore it from the recycle bin; its new id."""
    state, old = desk.sandbox.state, desk.course_of().id
    with state.lock, state.transaction():
        recycled = recycle(state, old)
        delete_course(state, old)
        return restore_course(state, recycled) if keep else 0


def count(desk: Desk, table: str, where: str = "1") -> int:
    return int(desk.sandbox.state.value(f"SELECT COUNT(*) FROM {table} WHERE {where}"))


def origins(desk: Desk, kind: str) -> set[str]:
    return set(desk.store.ledger.frame("default", kind)["origin"])


def test_an_account_that_is_somebody_elses_is_neither_written_nor_suspended(desk: Desk):
    desk.run(school())
    number = hand_over(desk, "user1")
    before = desk.account("bob.fox")
    draft = desk.plan(school(givenName="Anna"))
    assert codes(draft) == ["account-is-somebody-else"]
    assert [each.key for each in desk.unclear] == ["u1"]
    assert [each["id"] for each in desk.unclear[0].candidates] == [number]
    assert told(draft, "user") == [("update", "u2")]
    desk.apply(draft)
    draft = desk.plan(school(0), full=True)
    assert change(draft, "user", "u1")["action"] == "note"
    assert "another record's" in change(draft, "user", "u1")["reason"]
    assert change(draft, "enrolment", "u1\tc1")["action"] == "note"
    desk.apply(draft)
    assert desk.account("bob.fox") == before
    assert enrolled(desk)["bob.fox"] == (("student",), False)


def test_a_person_settled_to_have_that_account_keeps_it(desk: Desk):
    desk.run(school())
    number = hand_over(desk, "user1")
    desk.decisions = {"u1": f"account:{number}"}
    # What was said before the account became another's does not count.
    assert codes(desk.plan(school(), full=True)) == ["account-is-somebody-else"]
    desk.reaffirmed = frozenset({"u1"})
    draft = desk.run(school(givenName="Anna"))
    assert codes(draft) == []
    assert desk.account("bob.fox").firstname == "Anna"
    assert told(desk.plan(school(givenName="Anna"), full=True)) == []


def test_a_person_settled_to_get_a_new_account_gets_one_with_the_enrolments(desk: Desk):
    desk.run(school())
    hand_over(desk, "user1")
    desk.decisions, desk.reaffirmed = {"u1": "new"}, frozenset({"u1"})
    draft = desk.plan(school(), full=True)
    assert told(draft) == [("user", "create", "u1"), ("enrolment", "create", "u1\tc1")]
    desk.apply(draft)
    assert enrolled(desk)["user1"] == (("student",), False)
    assert told(desk.plan(school(), full=True)) == []


def test_a_person_whose_account_is_found_under_another_id_is_matched_again(desk: Desk):
    desk.run(school())
    hand_over(desk, "user1")
    new = desk.user(username="user1", email="user1@school.example", idnumber="id1")
    draft = desk.plan(school(), full=True)
    assert change(draft, "user")["moodle_id"] == new
    assert "no longer with the account" in change(draft, "user")["reason"]
    assert told(draft) == [("user", "match", "u1"), ("enrolment", "create", "u1\tc1")]
    desk.apply(draft)
    assert told(desk.plan(school(), full=True)) == []
    assert count(desk, "user", "username = 'user1'") == 1


def test_an_account_that_becomes_another_between_plan_and_run_is_left(desk: Desk):
    desk.run(school())
    draft = desk.plan(school(givenName="Anna"))
    hand_over(desk, "user1")
    applied = desk.apply(draft)
    assert applied.states == {"done": 1, "stale": 1}
    assert desk.account("bob.fox").firstname == "Bob"


def test_nobody_is_enrolled_with_an_id_that_became_anothers_after_the_plan(desk: Desk):
    desk.run(roster(**people({"identifier": "id1"}), enrollments=[]))
    draft = desk.plan(school(1))
    hand_over(desk, "user1")
    applied = desk.apply(draft)
    assert applied.states == {"skipped": 1}
    assert enrolled(desk) == {}


def test_an_ordinary_plan_notices_an_account_deleted_by_hand_when_it_enrols_the_person(desk: Desk):
    desk.run(roster(**people(*({"identifier": f"id{n}"} for n in range(12))), enrollments=[]))
    desk.moodle.users.delete([desk.account("user1").id])
    (entry,) = school(1).enrollments.to_dicts()
    draft = desk.plan(roster(**people(*({"identifier": f"id{n}"} for n in range(12))), enrollments=[entry]))
    assert told(draft) == [("user", "create", "u1"), ("enrolment", "create", "u1\tc1")]
    assert desk.apply(draft).left == 0
    assert enrolled(desk) == {"user1": (("student",), False)}


def test_an_ordinary_plan_notices_a_course_deleted_by_hand_when_it_enrols_somebody(desk: Desk):
    desk.run(school(1), groups=GROUPS)
    renew(desk, keep=False)
    draft = desk.plan(school(2))
    assert {pair for pair in told(draft) if pair[0] == "course"} == {("course", "create", "c1")}
    assert desk.apply(draft).left == 0
    assert set(enrolled(desk)) == {"user1", "user2"}
    assert told(desk.plan(school(2), full=True)) == []


def test_a_course_restored_from_the_recycle_bin_stays_what_it_was(desk: Desk):
    desk.run(school(), groups=GROUPS)
    new = renew(desk)
    draft = desk.plan(school(), full=True)
    assert told(draft) == [("course", "match", "c1"), ("group", "match", "c1\tname:7")]
    assert change(draft, "course")["moodle_id"] == new
    assert change(draft, "course")["origin"] == change(draft, "group")["origin"] == "made"
    assert desk.apply(draft).left == 0
    assert [origins(desk, kind) for kind in ("course", "group", "enrolment", "group-member")] == [{"made"}] * 4
    assert told(desk.plan(school(), full=True)) == []
    draft = desk.run(school(1))
    assert ("enrolment", "suspend", "u2\tc1") in told(draft)
    assert enrolled(desk)["user2"] == (("student",), True)


def test_what_the_roster_says_anew_of_a_restored_course_is_written(desk: Desk):
    desk.run(school())
    renew(desk)
    made = roster(**people({"identifier": "id1"}), classes=[{"title": "Happy Hippo"}])
    draft = desk.run(made)
    assert change(draft, "course")["after"] == {"fullname": "English 09 – Happy Hippo"}
    assert desk.course_of().fullname == "English 09 – Happy Hippo"


def test_a_course_restored_after_it_was_made_anew_is_left_alone(desk: Desk):
    desk.run(school())
    state, old = desk.sandbox.state, desk.course_of().id
    recycled = recycle(state, old)
    desk.moodle.courses.delete([old])
    desk.run(school())
    anew = desk.course_of().id
    with state.lock, state.transaction():
        copy = restore_course(state, recycled, beside=True)
    assert told(desk.plan(school(), full=True)) == []
    assert desk.course_of().id == anew
    assert state.record("course", copy)["shortname"].endswith("_1")


def test_a_matched_course_renamed_in_all_it_was_known_by_is_not_made_once_more(desk: Desk):
    number = desk.course(fullname="By hand", shortname="ENG-9 2026/27")
    desk.run(school(), courses={"match": "shortname"})
    desk.sandbox.state.update("course", number, fullname="Odd", shortname="odd", idnumber="odd")
    draft = desk.plan(school(), full=True)
    assert (codes(draft), told(draft, "course")) == (["course-is-another"], [])


def test_a_group_in_another_course_with_the_same_id_is_not_ours(desk: Desk):
    desk.run(school(), groups=GROUPS)
    state = desk.sandbox.state
    group = state.one("SELECT * FROM groups")
    assert group
    state.update("groups", group["id"], courseid=1)
    draft = desk.run(school())
    desk.plan(school(), full=True)
    draft = desk.plan(roster(**people({"identifier": "id1"}), enrollments=[], classes=[]), full=True)
    assert all(row["action"] in ("note", "suspend", "hide") for row in draft.changes.iter_rows(named=True))


def test_a_merged_account_is_asked_about_and_followed(desk: Desk):
    desk.run(school(), users={"match": ["email"]})
    old = desk.account("user1").id
    state = desk.sandbox.state
    other = desk.user(username="survivor", email="new@school.example", idnumber="id9")
    state.update("user", old, suspended=1, email="old@school.example")
    state.update("user", other, email="user1@school.example")
    state.run("UPDATE user_enrolments SET userid = ? WHERE userid = ?", other, old)
    state.run("UPDATE role_assignments SET userid = ? WHERE userid = ?", other, old)
    assert told(desk.plan(school())) == []
    draft = desk.plan(school(), full=True)
    assert codes(draft) == ["account-perhaps-merged"]
    assert told(draft) == []
    assert [each["id"] for each in desk.unclear[0].candidates] == [other]
    desk.decisions, desk.reaffirmed = {"u1": f"account:{other}"}, frozenset({"u1"})
    draft = desk.run(school())
    assert told(draft) == [("user", "match", "u1")]
    assert told(desk.plan(school(), full=True)) == []
    assert json.loads(desk.store.ledger.get("default", "enrolment", "u1\tc1").written)["suspended"] is False
    desk.run(roster(**people({"identifier": "id1"}, {"identifier": "id2"}), enrollments=[]))
    suspended = {row["userid"] for row in state.all("SELECT userid FROM user_enrolments WHERE status = 1")}
    assert other in suspended
    assert old not in suspended


@pytest.mark.parametrize("busy", [False, True])
def test_a_site_restored_from_a_backup_is_recognised_and_mended(desk: Desk, busy: bool):
    desk.run(school(3))
    backup = Backup(desk.sandbox.state)
    desk.run(school(6))
    backup.restore()
    desk.moodle.site()
    if busy:
        desk.user(username="bob", email="bob@else.example")
    draft = desk.plan(school(6))
    assert [hold.words for hold in draft.held if hold.code == "site-went-back"] == ["restored site"]
    assert codes(draft) == ["site-went-back"]
    made = [row for row in told(draft) if row[1] != "create"]
    assert made == []
    assert set(told(draft, "user")) == {("create", f"u{number}") for number in (4, 5, 6)}
    assert desk.apply(draft).left == 0
    again = desk.plan(school(6), full=True)
    assert (told(again), codes(again), again.held) == ([], [], ())
    assert set(enrolled(desk)) == {f"user{number}" for number in range(1, 7)}
    assert count(desk, "user", "username LIKE 'user%'") == 6


def test_accounts_deleted_by_hand_do_not_make_a_restored_site(desk: Desk):
    desk.run(school(6))
    desk.moodle.users.delete([desk.account(f"user{number}").id for number in (4, 5, 6)])
    draft = desk.plan(school(6))
    assert not any(hold.code == "site-went-back" for hold in draft.held)
    assert set(told(draft, "user")) == {("create", f"u{number}") for number in (4, 5, 6)}


def test_an_account_that_two_people_of_the_ledger_have_is_not_suspended_while_one_stays(desk: Desk):
    desk.run(school())
    ledger = desk.store.ledger
    first = ledger.get("default", "user", "u1")
    assert first
    ledger.upsert(None, "default", [first._replace(key="u2")])
    draft = desk.plan(school(1))
    assert change(draft, "user", "u2")["action"] == "note"
    desk.apply(draft)
    assert not desk.account("user1").suspended
