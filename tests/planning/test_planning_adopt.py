"""A ledger that was lost, or restored from a backup: what is on the site is taken over when a person says so."""

from desk import Desk, change, codes, told
from rosters import Roster, people, roster

RULES = {
    "groups": [{"name": "{person.grades}"}],
    "cohorts": [{"name": "All {person.kind}", "idnumber": "{person.kind}"}],
}


def school(number: int = 12) -> Roster:
    users = people(*({"identifier": f"id{each}", "grades": ["7"]} for each in range(1, number + 1)))
    entries = [{"sourcedId": f"e{each}", "userSourcedId": f"u{each}"} for each in range(1, number + 1)]
    return roster(**users, enrollments=entries)


def forget(desk: Desk, kinds: tuple[str, ...], keep: int = 0) -> None:
    """Lose the ledger, or what was entered last."""
    for kind in kinds:
        keys = sorted(desk.store.ledger.frame("default", kind)["key"])
        desk.store.ledger.forget("default", kind, keys[keep:])


EVERYTHING = ("category", "user", "course", "cohort", "group", "enrolment", "group-member", "cohort-member")


def live(desk: Desk) -> dict[str, set[str]]:
    return {kind: set(desk.store.ledger.frame("default", kind)["origin"]) for kind in EVERYTHING[3:]}


def test_a_lost_ledger_is_told_of_and_what_is_there_is_adopted(desk: Desk):
    desk.run(school(), **RULES)
    forget(desk, EVERYTHING)
    draft = desk.plan(school())
    assert "enrolments-there-already" in codes(draft)
    assert {row["action"] for row in draft.changes.iter_rows(named=True)} == {"match"}
    desk.adopt = True
    desk.sandbox.faults.clear()
    draft = desk.run(school())
    assert "enrolments-there-already" not in codes(draft)
    assert {row["action"] for row in draft.changes.iter_rows(named=True)} == {"match"}
    assert not any("enrol" in name for name in desk.written())
    assert set.union(*live(desk).values()) == {"made"}
    assert told(desk.plan(school())) == []
    desk.adopt = False
    assert told(desk.plan(school(), full=True)) == []
    draft = desk.run(school(11))
    assert ("enrolment", "suspend", "u12\tc1") in told(draft)
    assert ("group-member", "remove", "u12\tc1\tname:7") in told(draft)


def test_what_was_matched_before_is_adopted_afterwards_where_it_is_just_right(desk: Desk):
    desk.run(school(), **RULES)
    forget(desk, EVERYTHING)
    state = desk.sandbox.state
    state.run("UPDATE user_enrolments SET status = 1 WHERE id = 1")
    desk.run(school())
    assert set.union(*live(desk).values()) == {"matched"}
    desk.adopt = True
    draft = desk.run(school())
    assert "enrolment-left-alone" in codes(draft)
    enrolments = desk.store.ledger.frame("default", "enrolment")
    assert sorted(enrolments["origin"]) == ["made"] * 11 + ["matched"]
    assert told(desk.plan(school())) == []


def test_few_enrolments_that_are_there_already_are_not_worth_a_word(desk: Desk):
    desk.run(school(9), **RULES)
    forget(desk, ("enrolment",))
    assert "enrolments-there-already" not in codes(desk.plan(school(9)))


def test_a_ledger_restored_from_a_backup_makes_nothing_twice(desk: Desk):
    desk.run(school(), **RULES)
    forget(desk, EVERYTHING, keep=1)
    draft = desk.plan(school())
    assert {row["action"] for row in draft.changes.iter_rows(named=True)} == {"match"}
    assert change(draft, "user", "u2")["origin"] == "matched"
