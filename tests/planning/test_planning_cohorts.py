"""Cohorts: made, matched, renamed, filled, emptied and deleted."""

from typing import Any

import pytest
from desk import Desk, change, codes, told
from rosters import people, roster

YEARS: dict[str, Any] = {"name": "Year {person.grade}", "idnumber": "year-{person.grade}"}


def school(*grades: str, **tables):
    return roster(**people(*({"grades": [grade]} for grade in grades)), **{"enrollments": []} | tables)


def held(desk: Desk) -> dict[str, set[str]]:
    """User names by the name of the cohort."""
    users = {user.id: user.username for user in desk.moodle.users.all()}
    cohorts = desk.moodle.cohorts.all()
    members = desk.moodle.cohorts.members([cohort.id for cohort in cohorts])
    return {cohort.name: {users[number] for number in members[cohort.id]} for cohort in cohorts}


def by_hand(desk: Desk, *users: str, **fields: Any) -> int:
    row: Any = {"categorytype": {"type": "system", "value": ""}, "name": "Mine", "idnumber": "YEAR-7"} | fields
    (made,) = desk.moodle.cohorts.create([row])
    desk.moodle.cohorts.add_members([(made.id, desk.account(user).id) for user in users])
    return made.id


def of(draft) -> list[tuple[str, ...]]:
    return [row for row in told(draft) if row[0].startswith("cohort")]


def places_of_cohorts(desk: Desk) -> list[Any]:
    sql = "SELECT c.idnumber, x.level FROM cohort c JOIN context x ON x.id = c.contextid"
    return desk.sandbox.state.all(sql)


def test_people_are_put_into_cohorts_with_their_new_accounts(desk: Desk):
    desk.run(school("7", "8", "7"), cohorts=[YEARS])
    assert held(desk) == {"Year 7": {"user1", "user3"}, "Year 8": {"user2"}}
    assert told(desk.plan(school("7", "8", "7"))) == []
    assert told(desk.plan(school("7", "8", "7"), full=True)) == []


def test_people_move_from_cohort_to_cohort_and_empty_ones_are_deleted(desk: Desk):
    desk.run(school("7", "8", "7"), cohorts=[YEARS])
    draft = desk.run(school("8", "8", "7"))
    assert of(draft) == [("cohort-member", "create", "u1\tyear-8"), ("cohort-member", "remove", "u1\tyear-7")]
    assert held(desk) == {"Year 7": {"user3"}, "Year 8": {"user1", "user2"}}
    draft = desk.run(school("8", "8", "8"))
    assert ("cohort", "delete", "year-7") in of(draft)
    assert set(held(desk)) == {"Year 8"}
    assert told(desk.plan(school("8", "8", "8"))) == []
    desk.run(school("7", "8", "7"))
    assert held(desk) == {"Year 7": {"user1", "user3"}, "Year 8": {"user2"}}


def test_a_cohort_is_renamed_with_its_rule(desk: Desk):
    desk.run(school("7"), cohorts=[YEARS])
    found = change(desk.run(school("7"), cohorts=[YEARS | {"name": "Grade {person.grade}"}]), "cohort")
    assert (found["action"], found["before"], found["after"]) == ("update", {"name": "Year 7"}, {"name": "Grade 7"})
    assert held(desk) == {"Grade 7": {"user1"}}
    assert told(desk.plan(school("7"))) == []


def test_a_cohort_made_by_hand_is_matched_and_never_renamed_or_deleted(desk: Desk):
    desk.run(school("7", "7"))
    by_hand(desk, "user2")
    draft = desk.run(school("7", "7"), cohorts=[YEARS])
    assert [row[1] for row in of(draft)] == ["match", "create", "match"]
    assert held(desk) == {"Mine": {"user1", "user2"}}
    assert of(desk.plan(school("7", "7"), cohorts=[YEARS | {"name": "Other {person.grade}"}])) == []
    desk.run(school("8", "8"))
    assert held(desk)["Mine"] == {"user2"}


def test_other_cohorts_are_left_alone_even_with_the_same_name(desk: Desk):
    desk.run(school("7", "7"))
    by_hand(desk, "user2", name="Year 7", idnumber="other")
    desk.run(school("7", "7"), cohorts=[YEARS])
    desk.run(school("8", "8"))
    names = sorted((cohort.name, cohort.idnumber) for cohort in desk.moodle.cohorts.all())
    assert names == [("Year 7", "other"), ("Year 8", "year-8")]
    assert held(desk)["Year 7"] == {"user2"}


def test_a_cohort_with_a_member_put_there_by_hand_is_left(desk: Desk):
    desk.run(school("7", "8"), cohorts=[YEARS])
    (seven,) = [cohort for cohort in desk.moodle.cohorts.all() if cohort.name == "Year 7"]
    desk.moodle.cohorts.add_members([(seven.id, desk.account("user2").id)])
    desk.run(school("8", "8"))
    assert held(desk) == {"Year 7": {"user2"}, "Year 8": {"user1", "user2"}}


def test_a_cohort_stands_in_the_category_of_its_rule_and_moves_with_it(desk: Desk):
    for name in ("pupils", "others"):
        desk.moodle.categories.create([{"name": name, "idnumber": name, "parent": 0}])
    desk.run(school("7"), cohorts=[YEARS | {"category": "pupils"}])
    assert [place["level"] for place in places_of_cohorts(desk)] == [40]
    found = change(desk.run(school("7"), cohorts=[YEARS | {"category": "others"}]), "cohort")
    assert (found["action"], found["after"]) == ("update", {"category": "others"})
    assert told(desk.plan(school("7"))) == []
    desk.run(school("7"), cohorts=[YEARS])
    assert [place["level"] for place in places_of_cohorts(desk)] == [10]


def test_a_cohort_of_an_unknown_category_is_told_and_not_made(desk: Desk):
    draft = desk.run(school("7"), cohorts=[YEARS | {"category": "nowhere"}])
    assert of(draft) == []
    assert codes(draft) == ["cohort-category-unknown"]
    assert "nowhere" in draft.findings[0].message


def test_who_is_suspended_leaves_the_cohort_and_returns(desk: Desk):
    desk.run(school("7", "7"), cohorts=[YEARS])
    rows = people({"grades": ["7"]}, {"grades": ["7"]})
    rows["users"][1]["enabledUser"] = False
    desk.run(roster(**rows, enrollments=[]))
    assert held(desk) == {"Year 7": {"user1"}}
    desk.run(school("7", "7"))
    assert held(desk) == {"Year 7": {"user1", "user2"}}


@pytest.mark.parametrize(
    "parts", [{"unreadable": {"users": frozenset({"u1"})}}, {"complete": frozenset({"roles", "classes"})}]
)
def test_who_could_not_be_read_stays_in_the_cohort(desk: Desk, parts):
    desk.run(school("7"), cohorts=[YEARS])
    assert of(desk.plan(roster(users=[], roles=[], enrollments=[], **parts))) == []


def test_people_for_whom_no_account_is_made_are_in_no_cohort(desk: Desk):
    desk.run(school("7"), cohorts=[YEARS], users={"student": {"create": False}})
    assert set().union(*held(desk).values()) == set()


def test_a_place_taken_meanwhile_is_not_claimed(desk: Desk):
    desk.run(school("7", "8"), cohorts=[YEARS])
    draft = desk.plan(school("7", "7"))
    (seven,) = [cohort for cohort in desk.moodle.cohorts.all() if cohort.name == "Year 7"]
    desk.moodle.cohorts.add_members([(seven.id, desk.account("user2").id)])
    assert desk.apply(draft).states["stale"] >= 1
    desk.run(school("7", "7"))
    desk.run(school("7", "8"))
    assert "user2" in held(desk)["Year 7"]


def test_an_id_number_taken_meanwhile_costs_one_cohort_and_is_named(desk: Desk):
    draft = desk.plan(school("7", "8"), cohorts=[YEARS])
    by_hand(desk)
    applied = desk.apply(draft)
    assert (applied.states["refused"], applied.states["skipped"]) == (1, 1)
    outcomes = desk.store.journal.outcomes(applied.run)
    (reason,) = outcomes.filter(outcomes["state"] == "refused")["reason"]
    assert "belongs to the cohort “Mine”" in reason
    assert held(desk) == {"Mine": set(), "Year 8": {"user2"}}


def test_an_account_deleted_meanwhile_costs_one_place(desk: Desk):
    desk.run(school("7", "7"), cohorts=[])
    draft = desk.plan(school("7", "7"), cohorts=[YEARS])
    desk.moodle.users.delete([desk.account("user1").id])
    applied = desk.apply(draft)
    assert applied.states["skipped"] == 1
    assert held(desk) == {"Year 7": {"user2"}}
