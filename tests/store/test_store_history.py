"""What became of single records, and what waits: asked of the state."""

from datetime import UTC, datetime

import polars as pl
import pytest

from matricula.store import CHANGES_SCHEMA, LedgerRow, PlanRecord
from matricula.store.grades import KeptGrades
from matricula.store.journal import Outcome

WHEN = datetime(2026, 9, 1, tzinfo=UTC)


def plan(store, *changes, profile="p", state="ready"):
    rows = [
        dict.fromkeys(CHANGES_SCHEMA, None)
        | {"number": number, "kind": kind, "action": action, "key": key, "name": key, "origin": "made"}
        | {"reason": "why", "place": "", "removes": False, "after": '{"x": 1}'}
        for number, (kind, action, key) in enumerate(changes, start=1)
    ]
    record = PlanRecord(None, profile, "s", "source", WHEN, state, "sum", {"counts": {}}, [])
    return store.plans.add(record, pl.DataFrame(rows, schema=CHANGES_SCHEMA), [])


@pytest.fixture
def two(store):
    """Two plans, the first of them carried out in part."""
    first = plan(
        store,
        ("user", "create", "a"),
        ("user", "create", "ab"),
        ("course", "create", "a"),
        ("enrolment", "create", "a\tc"),
        ("enrolment", "create", "ab\ta"),
        ("group", "create", "a\tid:g"),
        ("group-member", "create", "a\tc\tid:g"),
    )
    run = store.runs.start(first, "p", "s", "somebody")
    store.journal.record(run, [Outcome(1, "done", 7), Outcome(4, "refused", reason="no")])
    store.runs.finish(run, "done", {})
    second = plan(store, ("user", "update", "a"), ("cohort-member", "create", "a\tk"))
    plan(store, ("user", "update", "a"), profile="other")
    return first, run, second


def told(found):
    return [(each.plan, each.kind, each.key, each.outcome, each.run) for each in found]


def test_a_person_s_own_records_and_no_others(store, two):
    first, run, second = two
    assert told(store.history.of("p", "user", "a")) == [
        (second, "user", "a", None, None),
        (second, "cohort-member", "a\tk", None, None),
        (first, "user", "a", "done", run),
        (first, "enrolment", "a\tc", "refused", run),
        (first, "group-member", "a\tc\tid:g", None, None),
    ]
    page = store.history.of("p", "user", "a", limit=2, offset=1)
    assert [each.kind for each in page] == ["cohort-member", "user"]


def test_a_course_s_own_records_and_no_others(store, two):
    assert [(each.kind, each.key) for each in store.history.of("p", "course", "a")] == [
        ("course", "a"),
        ("enrolment", "ab\ta"),
        ("group", "a\tid:g"),
    ]


def test_what_made_a_record_counts_when_it_was_done(store, two):
    first, run, _ = two
    made = store.history.making("p", "user", "a")
    assert (made.plan, made.run, made.after) == (first, run, {"x": 1})
    assert store.history.making("p", "user", "ab") is None


def test_rows_of_the_ledger_are_found_by_a_part_of_their_keys(store):
    keys = ("a\tc", "a\td", "ab\tc", "A\tc", "a%\tc", "a_\tc", "x\ta\tc", "a", "é/ä\tc")
    store.ledger.upsert(None, "p", [LedgerRow("enrolment", key, None, "made", "{}") for key in keys])
    store.ledger.upsert(None, "q", [LedgerRow("enrolment", "a\tz", None, "made", "{}")])

    def first(key):
        return [row.key for row in store.ledger.beginning("p", ["enrolment", "group"], key)]

    assert first("a") == ["a\tc", "a\td"]
    assert [first(key) for key in ("a%", "a_", "é/ä", "nobody")] == [["a%\tc"], ["a_\tc"], ["é/ä\tc"], []]
    assert sorted(row.key for row in store.ledger.ending("p", "enrolment", "d")) == ["a\td"]
    assert len(store.ledger.ending("p", "enrolment", "c")) == 7
    assert [row.key for row in store.ledger.ending("p", "enrolment", "a\tc")] == ["x\ta\tc"]


def test_what_waits_is_counted_by_profile(store):
    plan(store, ("user", "create", "a"), state="held")
    plan(store, ("user", "create", "a"), profile="q")
    store.problems.open("p", "user", "a", "A", "no", None)
    store.problems.open("p", "user", "b", "B", "no", None)
    assert store.waiting.counts() == {"p": {"held": 1, "problems": 2}}


def test_kept_grades_are_found_by_person_and_course(store):
    number = plan(store, ("user", "create", "a"))
    kept = [
        KeptGrades(person, course, person, course, user, place, [{"name": "Test", "formatted": "1"}])
        for user, person in enumerate(("a", "b"))
        for place, course in enumerate(("c", "d"))
    ]
    store.grades.keep(kept, plan=number, profile="p")
    assert [each.course_key for each in store.grades.find(profile="p", person_key="a")] == ["c", "d"]
    assert [each.person_key for each in store.grades.find(profile="p", course_key="d")] == ["a", "b"]
    assert store.grades.find(profile="q", person_key="a") == []


def test_nothing_kept_has_no_fingerprint(store):
    assert store.kept.fingerprint("nothing") == ()
