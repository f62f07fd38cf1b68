"""Somebody who is forgotten is in no transfer any more: neither in the ledger, nor in plans, nor in conflicts."""

from matricula.store import Person


def test_a_forgotten_persons_grades_are_taken_out_and_others_stay(grades):
    grades.transfer()
    grades.edit("u2", 90)
    grades.edit("u3", 90)
    grades.plan()
    person = Person("default", frozenset({"u2"}), frozenset({"school"}), frozenset({"Given Family u2"}))
    grades.store.forgetting.forget([person], "forgotten", "test")
    for kind in ("result", "final-grade"):
        assert not [key for key in grades.store.ledger.frame("default", kind)["key"] if key.endswith("\tu2")]
    assert grades.store.ledger.frame("default", "result").height == 2
    assert [each.key for each in grades.store.conflicts.all("default")] == ["i2\tc1\tu3"]
    for plan in grades.store.plans.all("default"):
        changes = grades.store.plans.changes(plan.number)
        assert not [key for key in changes["key"] if "u2" in key.split("\t")]
        assert not changes["name"].str.contains("u2", literal=True).any()
        told = [f"{each.subject} {each.message}" for each in grades.store.plans.findings(plan.number)]
        assert not [each for each in told if "u2" in each]


def test_a_profile_taken_out_leaves_no_conflict(grades):
    grades.transfer()
    grades.edit("u2", 90)
    grades.plan()
    grades.store.conflicts.forget("default")
    assert grades.store.conflicts.all() == []
