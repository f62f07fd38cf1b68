"""Plans come back as they were stored, and only their state moves."""

from dataclasses import replace

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from store_making import add_plan, changes_frame, plan_record

from matricula.errors import StopError, UsageError
from matricula.store import FindingRecord


def test_numbers_count_from_one_over_all_profiles(store):
    assert [add_plan(store, profile=name) for name in ("a", "b", "a")] == [1, 2, 3]
    assert [plan.number for plan in store.plans.all()] == [3, 2, 1]
    assert [plan.number for plan in store.plans.all("a")] == [3, 1]
    assert [plan.number for plan in store.plans.all(limit=2)] == [3, 2]
    assert store.plans.latest("a").number == 3
    assert store.plans.latest("a", "tables") is None
    elsewhere = store.plans.add(plan_record("a", site="tables"), changes_frame(), [])
    assert store.plans.latest("a", "tables").number == elsewhere
    assert store.plans.latest("a", "moodle").number == 3
    assert store.plans.latest("c") is None


def test_plan_comes_back_whole(store):
    findings = [
        FindingRecord("bad-date", "warning", "no such day", "users.csv", 7, "birth", "31.2.", "mend it", "u7", 2),
        FindingRecord("empty", "info", "nothing there"),
    ]
    number = store.plans.add(plan_record(state="held"), changes_frame(50), findings)
    assert store.plans.get(number) == replace(plan_record(state="held"), number=number)
    assert_frame_equal(store.plans.changes(number), changes_frame(50))
    assert store.plans.findings(number) == findings


def test_empty_plan_has_changes_in_the_right_columns(store):
    number = add_plan(store, 0)
    assert_frame_equal(store.plans.changes(number), changes_frame(0))


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"kind": "user"}, [1, 3, 5, 7, 9]),
        ({"kind": "user", "action": "suspend"}, [3, 9]),
        ({"name_contains": "ZOË ångström 1"}, [1, 10]),
        ({"name_contains": "%"}, []),
        ({"name_contains": "_"}, []),
        ({"person": "u4"}, [4]),
        ({"course": "c1", "limit": 2, "offset": 1}, [4, 6]),
        ({"offset": 8}, [9, 10]),
    ],
)
def test_changes_are_found_by(store, asked, numbers):
    plan = add_plan(store, 10)
    add_plan(store, 10)
    assert store.plans.changes(plan, **asked)["number"].to_list() == numbers


@pytest.mark.parametrize(
    "spoil",
    [
        lambda frame: frame.drop("reason"),
        lambda frame: frame.with_columns(extra=pl.lit(1)),
        lambda frame: frame.with_columns(pl.col("number") + 1),
        lambda frame: pl.concat([frame, frame]),
    ],
)
def test_frame_that_is_not_a_plan_is_refused_whole(store, spoil):
    with pytest.raises(ValueError, match="plan's changes"):
        store.plans.add(plan_record(), spoil(changes_frame()), [])
    assert store.plans.all() == []


def test_state_moves_are_audited(store):
    number = add_plan(store, state="held")
    store.plans.set_state(number, "released", "head", "seen by me")
    store.plans.set_state(number, "released", "head", "again")
    store.plans.set_state(number, "applied", "run 1", "done")
    assert store.plans.get(number).state == "applied"
    assert [(m.before, m.after, m.by) for m in store.plans.audit(number)] == [
        (None, "held", "planner"),
        ("held", "released", "head"),
        ("released", "applied", "run 1"),
    ]


@pytest.mark.parametrize(("state", "target"), [("held", "applied"), ("rejected", "ready"), ("superseded", "applied")])
def test_plan_cannot_go_everywhere(store, state, target):
    number = add_plan(store, state=state)
    with pytest.raises(StopError, match=f"cannot become {target}"):
        store.plans.set_state(number, target, "x", "y")
    assert store.plans.get(number).state == state
    assert len(store.plans.audit(number)) == 1


def test_unknown_plan_is_a_usage_error(store):
    with pytest.raises(UsageError, match="no plan 7"):
        store.plans.get(7)
    with pytest.raises(UsageError, match="no plan 7"):
        store.plans.set_state(7, "applied", "x", "y")
