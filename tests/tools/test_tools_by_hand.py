"""Rosters of tools that let them only be read: who is who is noted, and the rest is for people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oneroster_tool_server import oneroster_tool
from tool_roster_desk import PEOPLE

from matricula.store import Store
from matricula.tools.applying import apply_roster
from matricula.tools.by_hand import by_hand
from matricula.tools.oneroster import OneRosterTool
from matricula.tools.people import LocalPerson
from matricula.tools.protocol import Student
from matricula.tools.roster import RosterRules, compare

RULES = RosterRules(OneRosterTool.abilities)
ANN = LocalPerson(1, "ann@school.example", "Ann", "Lee", "no-ann", "7a")


def divided(people, active, known=None):
    changes, _ = compare(people, active, (), known or {}, RULES)
    return by_hand(changes, known or {})


def student(one, email, given="Ann", family="Lee", number=""):
    return Student(email=email, given=given, family=family, number=number, id=one, accepted=True)


@pytest.mark.parametrize(
    ("people", "active", "known", "told"),
    [
        ([ANN], [], {}, "Ann Lee is not in the tool."),
        ([], [student("s1", "x@school.example")], {}, "Ann Lee is in the tool and not to be there."),
        ([ANN], [student("s1", "ANN@school.example", "Anne", "Leigh", "no-ann")], {}, "the first name, the last name."),
        ([ANN], [student("s1", "old@school.example", number="no-ann")], {"s1": 1}, "has another address in the tool."),
    ],
)
def test_each_difference_is_told_once(people, active, known, told):
    changes, findings = divided(people, active, known)
    assert {each.action for each in changes} <= {"match"}
    (finding,) = [each for each in findings if each.code == "tool-by-hand"]
    assert finding.message.endswith(told)


def test_a_group_that_onerosters_students_do_not_have_is_no_difference():
    changes, findings = divided([ANN], [student("s1", ANN.email, number="no-ann")])
    assert [(each.action, each.user, each.student) for each in changes] == [("match", 1, "s1")]
    assert findings == ()
    assert divided([ANN], [student("s1", ANN.email, number="no-ann")], {"s1": 1}) == ((), ())


@given(people=PEOPLE, emails=st.lists(st.sampled_from([f"{each}@x.example" for each in "abcdef"]), unique=True))
def test_nothing_that_is_kept_is_ever_sent(people, emails):
    active = [student(f"s{number}", email) for number, email in enumerate(emails)]
    changes, _ = divided(people, active)
    assert {each.action for each in changes} <= {"match"}
    assert divided(people, active, {each.student: each.user for each in changes})[0] == ()


def test_applying_notes_who_is_who_and_asks_the_tool_for_nothing_but_reading(tmp_path):
    with oneroster_tool() as (running, tool), Store.open(tmp_path / "matricula.db") as store:
        course = "alg-1"
        mapping = store.tools.map("orbit", course, "Algebra", "school", 7, "Algebra", "me")
        changes, told = by_hand(compare([ANN], tool.students(course), (), {}, RULES)[0], {})
        assert sorted(each.message.split()[0] for each in told) == ["Bo", "Cy", "Dee"]
        preview = store.tool_previews.add(mapping.id, "roster", [each.stored() for each in changes], [], "me")
        assert apply_roster(store, tool, mapping, preview, "me").count("done") == 1
        assert {each.student: each.user for each in store.tools.students("orbit", course).values()} == {"ann": 1}
        assert running.served.counts("PUT", "POST", "DELETE") == 0
