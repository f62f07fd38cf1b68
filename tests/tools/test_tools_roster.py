"""What a tool's course would have to change, by the pure comparison."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tool_roster_desk import PEOPLE

from matricula.tools.grading_rules import RULES as RULES_OF_GRADES
from matricula.tools.people import LocalPerson
from matricula.tools.protocol import Abilities, Student
from matricula.tools.roster import RosterRules, compare
from matricula.tools.rules import RULES as RULES_OF_TOOLS

ANN = LocalPerson(11, "ann@school.example", "Ann", "Lee", "A1", "7a")
BO = LocalPerson(12, "bo@school.example", "Bo", "Ray")
RULES = RosterRules(Abilities())
AGAIN = RosterRules(Abilities(), changed_email="invite-again")


def student(person, key, **changed):
    there = Student(person.email, person.given, person.family, person.number, person.section, id=str(key))
    return replace(there, **changed)


def told(changes):
    return [(each.action, each.name, each.reason, each.student) for each in changes]


def compared(people, active=(), deleted=(), known=None, rules=RULES):
    changes, findings = compare(people, active, deleted, known or {}, rules)
    return told(changes), [each.code for each in findings]


def test_who_is_new_is_added_and_who_left_is_deleted():
    assert compared([ANN], [student(BO, 2)]) == (
        [("add", "Ann Lee", "new", ""), ("delete", "Bo Ray", "left", "2")],
        [],
    )


def test_who_is_the_same_changes_nothing():
    assert compared([ANN, BO], [student(ANN, 1), student(BO, 2)], known={"1": 11, "2": 12}) == ([], [])


def test_somebody_found_by_address_without_case_is_known_from_then_on():
    assert compared([ANN], [student(ANN, 1, email="ANN@School.example")]) == (
        [("match", "Ann Lee", "known", "1")],
        [],
    )


@pytest.mark.parametrize("changed", [{"given": "Anne"}, {"family": "Li"}, {"number": ""}, {"section": "8b"}])
def test_each_field_that_differs_is_changed(changed):
    changes, _ = compare([ANN], [student(ANN, 1, **changed)], [], {"1": 11}, RULES)
    assert told(changes) == [("update", "Ann Lee", "changed", "1")]
    (field,) = changed
    assert changes[0].before[field] == changed[field]
    assert changes[0].after[field] == getattr(ANN, field)


def test_the_stored_id_counts_before_the_address():
    assert compared([ANN], [student(ANN, 1, email="old@school.example")], known={"1": 11}) == (
        [("update", "Ann Lee", "address", "1")],
        [],
    )


def test_students_in_the_course_come_before_deleted_ones():
    deleted = [student(ANN, 1)]
    assert compared([ANN], [student(ANN, 2)], deleted, {"1": 11}) == ([("match", "Ann Lee", "known", "2")], [])


def test_who_returns_is_brought_back_and_brought_up_to_date():
    assert compared([ANN], [], [student(ANN, 1, section="6a", email="old@school.example")], {"1": 11}) == (
        [("restore", "Ann Lee", "returned", "1"), ("update", "Ann Lee", "address", "1")],
        [],
    )
    assert compared([ANN], [], [student(ANN, 1)]) == ([("restore", "Ann Lee", "returned", "1")], [])


def test_an_id_that_is_nowhere_any_more_is_no_obstacle():
    assert compared([ANN], [student(ANN, 2)], known={"1": 11}) == ([("match", "Ann Lee", "known", "2")], [])


def test_another_address_is_invited_again_where_that_is_wanted():
    old = student(ANN, 1, email="old@school.example")
    changes, findings = compare([ANN], [old], [], {"1": 11}, AGAIN)
    assert told(changes) == [("add", "Ann Lee", "address", ""), ("delete", "Ann Lee", "address", "1")]
    assert (changes[0].invites, changes[1].needs, findings) == (True, 0, ())


def test_another_address_is_invited_again_where_the_tool_cannot_change_it():
    old = student(ANN, 1, email="old@school.example")
    rules = RosterRules(Abilities(changes_email=False))
    assert [each[0] for each in compared([ANN], [old], known={"1": 11}, rules=rules)[0]] == ["add", "delete"]


def test_an_address_taken_up_again_brings_its_own_student_back():
    active, deleted = [student(ANN, 2, email="other@school.example")], [student(ANN, 1)]
    changes, findings = compared([ANN], active, deleted, {"1": 11, "2": 11}, AGAIN)
    assert changes == [("restore", "Ann Lee", "returned", "1"), ("delete", "Ann Lee", "address", "2")]
    assert findings == []


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("send", [("add", "Bo Ray", "new", "")]),
        ("leave", []),
        ("delete", [("delete", "Ann Lee", "suspended", "1")]),
    ],
)
def test_suspended_people_go_as_configured(rule, changes):
    people = [replace(ANN, suspended=True), replace(BO, suspended=True)]
    rules = RosterRules(Abilities(), suspended=rule)
    assert compared(people, [student(ANN, 1)], known={"1": 11}, rules=rules) == (changes, [])


def test_nobody_without_an_address_is_touched():
    assert compared([replace(ANN, email="")], [student(ANN, 1)], known={"1": 11}) == ([], ["tool-email-missing"])


def test_two_people_with_one_address_are_left_and_so_is_their_student():
    twin = replace(BO, email="ANN@school.example")
    assert compared([ANN, twin], [student(ANN, 1)]) == ([], ["tool-email-shared", "tool-email-shared"])


def test_the_address_of_somebody_else_who_is_here_is_not_taken_over():
    moved, other = replace(ANN, email="new@school.example"), replace(BO, email=ANN.email)
    changes, findings = compared([moved, other], [student(ANN, 1)], known={"1": 11})
    assert changes == [("update", "Ann Lee", "address", "1")]
    assert findings == ["tool-email-of-another"]


def test_the_address_of_somebody_who_left_is_taken_over():
    assert compared([ANN], [student(ANN, 1)], known={"1": 99}) == ([("match", "Ann Lee", "known", "1")], [])


def test_somebody_who_is_two_students_is_left():
    there = [student(ANN, 1, email="old@school.example"), student(ANN, 2)]
    assert compared([ANN], there, known={"1": 11}) == ([], ["tool-two-students"])


def test_an_empty_course_warns_before_everybody_is_deleted():
    assert compared([], [student(ANN, 1)]) == ([("delete", "Ann Lee", "left", "1")], ["tool-nobody"])
    assert compared([], []) == ([], [])


def test_the_order_of_the_rows_makes_no_difference():
    people, there = (
        [ANN, BO, replace(ANN, user=13, email="c@x.example")],
        [student(BO, 2, section="x"), student(ANN, 1)],
    )
    assert compared(people, there) == compared(people[::-1], there[::-1])


def carried_out(changes, active, deleted, known):
    """The two lists and the ids as they are when every change went through; ids are never given twice."""
    active, deleted, known = {each.id: each for each in active}, {each.id: each for each in deleted}, dict(known)
    for change in changes:
        key = change.student
        if change.action == "add":
            key = f"s{len(active) + len(deleted)}"
            active[key] = Student(**change.after, id=key)
        elif change.action == "restore":
            active[key] = deleted.pop(key)
        elif change.action == "update":
            active[key] = replace(active[key], **change.after)
        elif change.action == "delete":
            deleted[key] = active.pop(key)
        if change.action != "delete":
            known[key] = change.user
    return list(active.values()), list(deleted.values()), known


@given(
    courses=st.lists(PEOPLE, min_size=1, max_size=4),
    shuffle=st.randoms(use_true_random=False),
    suspended=st.sampled_from(["send", "leave", "delete"]),
    changed=st.sampled_from(["change", "invite-again"]),
)
def test_what_was_carried_out_leaves_nothing_to_do_whatever_the_order(courses, shuffle, suspended, changed):
    rules = RosterRules(Abilities(), suspended, changed)
    active, deleted, known = [], [], {}
    for people in courses:
        mixed, on, off = (shuffle.sample(each, len(each)) for each in (people, active, deleted))
        changes, findings = compare(people, active, deleted, known, rules)
        assert compare(mixed, on, off, known, rules) == (changes, findings)
        touched = [each.student for each in changes if each.action in ("restore", "delete", "add") and each.student]
        assert len(touched) == len(set(touched))
        active, deleted, known = carried_out(changes, active, deleted, known)
        settled = {"tool-email-of-another", "tool-two-students"}.isdisjoint(each.code for each in findings)
        if settled:
            assert compare(people, active, deleted, known, rules)[0] == ()
        sent = [each for each in people if not (each.suspended and suspended != "send")]
        here = [each.email.casefold() for each in active]
        if settled and not findings:
            assert {each.email.casefold() for each in sent} <= set(here)


def test_every_finding_stands_in_the_guide():
    page = (Path(__file__).parents[2] / "docs" / "tools.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(tool-[a-z-]+)` \| (\w+) \| (.*) \| (.*) \|$", page, re.MULTILINE)
    rules = (*RULES_OF_TOOLS.values(), *RULES_OF_GRADES.values())
    assert rows == [(each.code, each.severity, each.meaning, each.remedy) for each in rules]
