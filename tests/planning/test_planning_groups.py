"""Groups and groupings of courses: made, matched, renamed, filled, emptied and deleted."""

from typing import Any

import pytest
from desk import Desk, change, codes, told
from rosters import EVERYTHING, Row, people, roster

YEARS: dict[str, Any] = {"name": "Year {person.grade}"}
CLASSES: dict[str, Any] = {"name": "{group.title}", "idnumber": "{group.id}"}
KINDS = ("group", "grouping", "grouping-member", "group-member")


def school(*changes: Row, **tables):
    """People who are all enrolled in the class c1."""
    made = people(*changes)
    places = [
        {"sourcedId": f"e{number}", "userSourcedId": user["sourcedId"]} for number, user in enumerate(made["users"])
    ]
    return roster(**made, **{"enrollments": places} | tables)


TWO = school({"grades": ["7"]}, {"grades": ["8"]})
MOVED = school({"grades": ["8"]}, {"grades": ["8"]})


def held(desk: Desk, key: str = "c1") -> dict[str, set[str]]:
    """User names by the name of the group of a course."""
    users = {user.id: user.username for user in desk.moodle.users.all()}
    groups = desk.moodle.groups.of_course(desk.course_of(key).id)
    members = desk.moodle.groups.members([group.id for group in groups])
    return {group.name: {users[number] for number in members[group.id]} for group in groups}


def by_hand(desk: Desk, name: str, *users: str, **fields: str) -> int:
    """A group made by hand."""
    row = {"courseid": desk.course_of().id, "name": name, "description": "", **fields}
    (made,) = desk.moodle.groups.create([row])
    desk.moodle.groups.add_members([{"groupid": made.id, "userid": desk.account(user).id} for user in users])
    return made.id


def of(draft, *kinds: str) -> list[tuple[str, ...]]:
    return [row for row in told(draft) if row[0] in (kinds or KINDS)]


def placed(desk: Desk) -> dict[str, set[str]]:
    """Names of groups by the name of their grouping."""
    course = desk.course_of().id
    names = {group.id: group.name for group in desk.moodle.groups.of_course(course)}
    groupings = desk.moodle.groups.groupings_of_course(course)
    held = desk.moodle.groups.of_groupings([grouping.id for grouping in groupings])
    return {grouping.name: {names[number] for number in held[grouping.id]} for grouping in groupings}


def test_people_are_put_into_groups_in_one_run_with_everything_else(desk: Desk):
    desk.run(TWO, groups=[YEARS])
    assert held(desk) == {"Year 7": {"user1"}, "Year 8": {"user2"}}
    assert told(desk.plan(TWO)) == []
    assert told(desk.plan(TWO, full=True)) == []


def test_a_plan_with_groups_in_which_nothing_changed_asks_for_the_newest_records_alone(desk: Desk):
    desk.run(TWO, groups=[YEARS | {"grouping": "Years"}])
    desk.sandbox.faults.clear()
    desk.plan(TWO)
    assert desk.sandbox.faults.seen()["total"] == 2


def test_changes_name_person_group_and_course(desk: Desk):
    draft = desk.run(school({"grades": ["7"]}), groups=[YEARS])
    course = "English 09 – Ludicrous Lemur"
    group, member = change(draft, "group"), change(draft, "group-member")
    assert (group["name"], group["course"]) == (f"Year 7 in {course}", course)
    assert (member["name"], member["person"], member["course"]) == ("Ann Lee in Year 7", "Ann Lee", course)


def test_who_gets_another_value_changes_the_group(desk: Desk):
    desk.run(school({"grades": ["7"]}, {"grades": ["8"]}, {"grades": ["7"]}), groups=[YEARS])
    draft = desk.run(school({"grades": ["8"]}, {"grades": ["8"]}, {"grades": ["7"]}))
    assert of(draft) == [
        ("group-member", "create", "u1\tc1\tname:year 8"),
        ("group-member", "remove", "u1\tc1\tname:year 7"),
    ]
    assert draft.changes.filter(draft.changes["action"] == "remove")["removes"].to_list() == [True]
    assert held(desk) == {"Year 7": {"user3"}, "Year 8": {"user1", "user2"}}


def test_a_group_that_nobody_is_left_in_is_deleted_and_made_again(desk: Desk):
    desk.run(TWO, groups=[YEARS])
    draft = desk.run(MOVED)
    assert ("group", "delete", "c1\tname:year 7") in of(draft)
    assert held(desk) == {"Year 8": {"user1", "user2"}}
    assert told(desk.plan(MOVED)) == []
    assert told(desk.plan(MOVED, full=True)) == []
    desk.run(TWO)
    assert held(desk) == {"Year 7": {"user1"}, "Year 8": {"user2"}}
    assert told(desk.plan(TWO)) == []


def test_a_group_in_which_somebody_was_put_by_hand_is_left_with_that_person(desk: Desk):
    desk.run(TWO, groups=[YEARS])
    (seven,) = [group for group in desk.moodle.groups.of_course(desk.course_of().id) if group.name == "Year 7"]
    desk.moodle.groups.add_members([{"groupid": seven.id, "userid": desk.account("user2").id}])
    draft = desk.run(MOVED)
    assert ("group-member", "remove", "u1\tc1\tname:year 7") in of(draft)
    assert held(desk) == {"Year 7": {"user2"}, "Year 8": {"user1", "user2"}}
    assert told(desk.plan(MOVED)) == []


def test_a_group_that_somebody_joins_after_the_plan_is_not_deleted(desk: Desk):
    desk.run(TWO, groups=[YEARS])
    draft = desk.plan(MOVED)
    (seven,) = [group for group in desk.moodle.groups.of_course(desk.course_of().id) if group.name == "Year 7"]
    desk.moodle.groups.add_members([{"groupid": seven.id, "userid": desk.account("user2").id}])
    assert desk.apply(draft).states["stale"] == 1
    assert held(desk)["Year 7"] >= {"user2"}


def test_a_group_known_by_its_id_number_is_renamed(desk: Desk):
    desk.run(groups=[CLASSES])
    found = change(desk.run(roster(classes=[{"title": "Lemurs"}])), "group")
    assert (found["action"], found["before"], found["after"]) == (
        "update",
        {"name": "Ludicrous Lemur"},
        {"name": "Lemurs"},
    )
    assert held(desk) == {"Lemurs": {"ann"}}


def test_a_name_edited_in_moodle_stands_until_the_roster_says_something_new(desk: Desk):
    desk.run(groups=[CLASSES])
    (group,) = desk.moodle.groups.of_course(desk.course_of().id)
    desk.moodle.groups.update([{"id": group.id, "name": "Mine"}])
    assert told(desk.plan()) == []
    desk.run(roster(classes=[{"title": "Lemurs"}]))
    assert held(desk) == {"Lemurs": {"ann"}}


@pytest.mark.parametrize(
    ("name", "fields", "rule"),
    [("year 7", {}, YEARS), ("Mine", {"idnumber": "C1"}, CLASSES), ("ludicrous lemur", {}, CLASSES)],
)
def test_a_group_made_by_hand_is_matched_and_never_renamed_or_deleted(desk: Desk, name, fields, rule):
    desk.run(TWO)
    by_hand(desk, name, "user2", **fields)
    draft = desk.run(school({"grades": ["7"]}, {"grades": ["7"]}), groups=[rule])
    assert [row[:2] for row in of(draft, "group")] == [("group", "match")]
    assert [row[1] for row in of(draft, "group-member")] == ["create", "match"]
    assert held(desk) == {name: {"user1", "user2"}}
    renamed = school({"grades": ["7"]}, {"grades": ["7"]}, classes=[{"title": "Lemurs"}])
    assert of(desk.plan(renamed)) == []
    draft = desk.run(school({}, {}), groups=[])
    assert of(draft) == [("group-member", "remove", f"u1\t{change(draft, 'group-member')['key'][3:]}")]
    assert held(desk) == {name: {"user2"}}


def test_without_rules_groups_made_before_go(desk: Desk):
    desk.run(TWO, groups=[YEARS | {"grouping": "Years"}])
    desk.run(TWO, groups=[])
    assert held(desk) == {}
    assert placed(desk) == {}
    assert told(desk.plan(TWO)) == []


def test_other_groups_and_their_members_are_left_alone(desk: Desk):
    desk.run(TWO, groups=[YEARS])
    by_hand(desk, "Band", "user1", "user2")
    desk.run(MOVED)
    desk.run(school({}, {}))
    assert held(desk) == {"Band": {"user1", "user2"}}


def test_groups_stand_in_their_grouping_and_change_it(desk: Desk):
    desk.run(TWO, groups=[YEARS | {"grouping": "Years"}])
    assert placed(desk) == {"Years": {"Year 7", "Year 8"}}
    draft = desk.run(TWO, groups=[YEARS | {"grouping": "{person.grade}"}])
    assert ("grouping", "delete", "c1\tname:years") in of(draft)
    assert placed(desk) == {"7": {"Year 7"}, "8": {"Year 8"}}
    assert told(desk.plan(TWO)) == []
    desk.run(TWO, groups=[YEARS])
    assert placed(desk) == {}
    assert set(held(desk)) == {"Year 7", "Year 8"}


def test_a_grouping_that_holds_others_is_left_with_them(desk: Desk):
    desk.run(TWO, groups=[YEARS | {"grouping": "Years"}])
    band = by_hand(desk, "Band")
    (years,) = desk.moodle.groups.groupings_of_course(desk.course_of().id)
    desk.moodle.groups.assign([{"groupingid": years.id, "groupid": band}])
    desk.run(TWO, groups=[YEARS])
    assert placed(desk) == {"Years": {"Band"}}


def test_a_grouping_made_by_hand_is_matched_and_stays(desk: Desk):
    desk.run(TWO)
    row = {"courseid": desk.course_of().id, "name": "YEARS", "description": ""}
    desk.moodle.groups.create_groupings([row])
    desk.run(TWO, groups=[YEARS | {"grouping": "Years"}])
    assert placed(desk) == {"YEARS": {"Year 7", "Year 8"}}
    desk.run(TWO, groups=[])
    assert placed(desk) == {"YEARS": set()}


def test_who_leaves_a_class_leaves_its_groups_and_returns_to_them(desk: Desk):
    desk.run(TWO, groups=[{"name": "All"}])
    one = school({"grades": ["7"]}, {"grades": ["8"]}, enrollments=[{"sourcedId": "e0"}])
    assert of(desk.run(one)) == [("group-member", "remove", "u2\tc1\tname:all")]
    assert held(desk) == {"All": {"user1"}}
    desk.run(TWO)
    assert held(desk) == {"All": {"user1", "user2"}}
    assert told(desk.plan(TWO)) == []


def test_places_go_with_an_enrolment_that_ends(desk: Desk):
    desk.run(TWO, groups=[{"name": "All"}], enrolments={"gone": "unenrol"})
    one = school({"grades": ["7"]}, {"grades": ["8"]}, enrollments=[{"sourcedId": "e0"}])
    assert of(desk.run(one)) == [("group-member", "note", "u2\tc1\tname:all")]
    assert held(desk) == {"All": {"user1"}}
    assert told(desk.plan(one)) == []
    desk.run(TWO)
    assert held(desk) == {"All": {"user1", "user2"}}


def test_groups_go_with_a_course_that_is_deleted_and_come_back_with_it(desk: Desk):
    desk.run(TWO, groups=[YEARS | {"grouping": "Years"}], courses={"gone": "delete"})
    nothing = school({"grades": ["7"]}, {"grades": ["8"]}, classes=[], enrollments=[])
    draft = desk.run(nothing)
    assert {row[1] for row in of(draft)} == {"note"}
    assert told(desk.plan(nothing)) == []
    desk.run(TWO)
    assert held(desk) == {"Year 7": {"user1"}, "Year 8": {"user2"}}
    assert placed(desk) == {"Years": {"Year 7", "Year 8"}}
    assert told(desk.plan(TWO)) == []


def test_what_was_removed_in_moodle_is_made_again_in_a_full_plan(desk: Desk):
    desk.run(TWO, groups=[YEARS | {"grouping": "Years"}])
    course = desk.course_of().id
    desk.moodle.groups.delete([group.id for group in desk.moodle.groups.of_course(course)])
    desk.moodle.groups.delete_groupings([each.id for each in desk.moodle.groups.groupings_of_course(course)])
    assert told(desk.plan(TWO)) == []
    desk.apply(desk.plan(TWO, full=True))
    assert held(desk) == {"Year 7": {"user1"}, "Year 8": {"user2"}}
    assert placed(desk) == {"Years": {"Year 7", "Year 8"}}
    assert told(desk.plan(TWO, full=True)) == []


@pytest.mark.parametrize(
    "unreadable",
    [
        {"unreadable": {"users": frozenset({"u1"})}},
        {"unreadable": {"classes": frozenset({"c1"})}},
        {"pairs": [("u1", "c1")]},
        {"pairs": [("u1", "")]},
        {"pairs": [("", "c1")]},
    ],
)
def test_who_could_not_be_read_keeps_place_and_group(desk: Desk, unreadable):
    desk.run(TWO, groups=[YEARS])
    rest = people({"grades": ["7"]}, {"grades": ["8"]})
    gone = {"users": rest["users"][1:], "roles": rest["roles"][1:]}
    made = roster(**gone, enrollments=[{"sourcedId": "e1", "userSourcedId": "u2"}], **unreadable)
    draft = desk.plan(made)
    assert not [row for row in of(draft) if "u1\t" in row[2] or row[0] == "group"]


def test_groups_are_not_gone_where_enrolments_did_not_come(desk: Desk):
    desk.run(TWO, groups=[YEARS])
    made = school({"grades": ["7"]}, enrollments=[], complete=frozenset({"users", "roles", "classes"}))
    assert of(desk.plan(made)) == []


def test_a_place_made_by_hand_since_the_plan_is_not_claimed(desk: Desk):
    desk.run(TWO, groups=[YEARS])
    draft = desk.plan(school({"grades": ["7"]}, {"grades": ["7"]}))
    (seven,) = [group for group in desk.moodle.groups.of_course(desk.course_of().id) if group.name == "Year 7"]
    desk.moodle.groups.add_members([{"groupid": seven.id, "userid": desk.account("user2").id}])
    assert desk.apply(draft).states["stale"] >= 1
    desk.run(school({"grades": ["7"]}, {"grades": ["7"]}))
    desk.run(TWO)
    assert "user2" in held(desk)["Year 7"]


def test_a_group_that_the_site_refuses_costs_its_own_places_alone(desk: Desk):
    rule = {"name": "Year {person.grade}", "idnumber": "y{person.grade}"}
    draft = desk.plan(TWO, groups=[rule])
    desk.run(TWO, groups=[])
    by_hand(desk, "year 7")
    applied = desk.apply(draft)
    assert (applied.states["refused"], applied.states["skipped"]) == (1, 1)
    outcomes = desk.store.journal.outcomes(applied.run)
    (reason,) = outcomes.filter(outcomes["state"] == "refused")["reason"]
    assert "another group “year 7”" in reason
    assert held(desk) == {"year 7": set(), "Year 8": {"user2"}}


def test_two_rows_for_one_group_of_the_site_are_told(desk: Desk):
    desk.run(TWO)
    by_hand(desk, "Ludicrous Lemur", idnumber="x")
    draft = desk.plan(TWO, groups=[CLASSES, {"name": "other", "idnumber": "X"}])
    assert [row[1] for row in of(draft, "group")] == ["match"]
    assert "name-taken-in-course" in codes(draft)


def test_groups_go_on_where_a_rule_knows_them_by_an_id_number_from_now_on(desk: Desk):
    numbered = YEARS | {"idnumber": "y{person.grade}", "grouping": "Years"}
    three = school({"grades": ["7"]}, {"grades": ["8"]}, {"grades": ["7"]})
    desk.run(three, groups=[YEARS | {"grouping": "Years"}])
    numbers = {group.name: group.id for group in desk.moodle.groups.of_course(desk.course_of().id)}
    moved = school({"grades": ["7"]}, {"grades": ["8"]}, {"grades": ["8"]})
    draft = desk.run(moved, groups=[numbered])
    assert {row[1] for row in of(draft, "group")} == {"match"}
    assert {group.name: group.id for group in desk.moodle.groups.of_course(desk.course_of().id)} == numbers
    assert {group.idnumber for group in desk.moodle.groups.of_course(desk.course_of().id)} == {"y7", "y8"}
    assert held(desk) == {"Year 7": {"user1"}, "Year 8": {"user2", "user3"}}
    assert placed(desk) == {"Years": {"Year 7", "Year 8"}}
    assert told(desk.plan(moved)) == []
    assert told(desk.plan(moved, full=True)) == []
    desk.run(moved, groups=[])
    assert held(desk) == {}
    assert placed(desk) == {}


def test_a_group_made_by_hand_is_left_alone_where_another_rule_knows_it_from_now_on(desk: Desk):
    desk.run(TWO)
    by_hand(desk, "year 7", "user1")
    desk.run(TWO, groups=[YEARS])
    desk.run(TWO, groups=[YEARS | {"idnumber": "y{person.grade}"}])
    assert held(desk) == {"year 7": {"user1"}, "Year 8": {"user2"}}
    assert told(desk.plan(TWO)) == []
    desk.run(MOVED)
    assert held(desk) == {"year 7": {"user1"}, "Year 8": {"user1", "user2"}}


def test_place_that_went_with_an_enrolment_comes_back_with_it_though_its_group_could_not_be_judged(desk: Desk):
    rules: dict[str, Any] = {"groups": [{"name": "{subject.title}"}], "enrolments": {"gone": "unenrol"}}
    desk.run(TWO, **rules)
    alone = [{"sourcedId": "e0", "userSourcedId": "u1"}]
    without_subjects = school(
        {"grades": ["7"]}, {"grades": ["8"]}, enrollments=alone, complete=EVERYTHING - {"courses"}
    )
    draft = desk.run(without_subjects)
    assert told(draft, "enrolment") == [("unenrol", "u2\tc1")]
    assert [action for action, _ in told(draft, "group-member")] == ["note"]
    desk.run(TWO)
    assert held(desk) == {"English 09": {"user1", "user2"}}
