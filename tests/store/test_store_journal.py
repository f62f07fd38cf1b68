"""The journal: no change is done twice or lost, however a run ends."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from store_making import add_plan, start_run

from matricula.errors import StopError, UsageError, WaitError
from matricula.store import STALE_AFTER, LedgerRow, Outcome, Store, schema
from matricula.store.processes import uptime


def row(key, moodle_id=1, **options):
    return LedgerRow("user", key, moodle_id, "made", "{}", **options)


def test_answer_closes_batch_outcomes_and_ledger_together(store):
    run = start_run(store)
    batch = store.journal.prepare(run, "users", "core_user_create_users", 2, [1, 3])
    assert store.journal.pending(run) == [2]
    [doubt] = store.journal.in_doubt(run)
    assert (doubt.id, doubt.changes, doubt.state, doubt.lane) == (batch, [1, 3], "sent", 2)
    store.journal.answered(batch, [Outcome(1, "done", 11), Outcome(3, "refused", None, "taken")], [row("u1", 11)])
    assert store.journal.in_doubt(run) == []
    assert store.journal.outcomes(run).rows() == [
        (1, "done", 11, "", batch),
        (3, "refused", None, "taken", batch),
    ]
    assert store.ledger.get("school", "user", "u1") == row("u1", 11, run=run)
    assert store.journal.pending(run) == [2]


def test_failure_in_the_ledger_undoes_the_whole_answer(store):
    run = start_run(store)
    batch = store.journal.prepare(run, "users", "f", 0, [1])
    bad = LedgerRow("user", "u2", 1, "invented", "{}")  # type: ignore[arg-type]
    with pytest.raises(StopError):
        store.journal.answered(batch, [Outcome(1, "done", 1)], [row("u1"), bad])
    assert [b.id for b in store.journal.in_doubt(run)] == [batch]
    assert store.journal.outcomes(run).is_empty()
    assert store.ledger.get("school", "user", "u1") is None


def test_refused_batch_leaves_its_changes_pending(store):
    run = start_run(store)
    batch = store.journal.prepare(run, "users", "f", 0, [1, 2])
    store.journal.refused(batch, "invalidparameter")
    assert store.journal.pending(run) == [1, 2, 3]
    assert [(b.state, b.error) for b in store.journal.batches(run)] == [("refused", "invalidparameter")]
    store.journal.prepare(run, "users", "f", 0, [1])
    assert store.journal.pending(run) == [2, 3]


def test_settling_leaves_what_did_not_happen_pending(store):
    run = start_run(store)
    batch = store.journal.prepare(run, "users", "f", 0, [1, 2])
    store.journal.settled(batch, [Outcome(2, "done", 5)], [row("u2", 5)])
    assert store.journal.pending(run) == [1, 3]
    assert [b.state for b in store.journal.batches(run)] == ["settled"]


def test_change_under_way_or_done_is_not_sent_again(store):
    run = start_run(store)
    batch = store.journal.prepare(run, "users", "f", 0, [1, 2])
    with pytest.raises(StopError, match="twice"):
        store.journal.prepare(run, "users", "f", 1, [3, 2])
    with pytest.raises(StopError, match="twice"):
        store.journal.record(run, [Outcome(1, "stale")], [])
    store.journal.answered(batch, [Outcome(1, "done"), Outcome(2, "done")], [])
    with pytest.raises(StopError, match="twice"):
        store.journal.prepare(run, "users", "f", 1, [1])
    assert store.journal.pending(run) == [3]


def test_change_that_the_plan_lacks_is_not_sent(store):
    run = start_run(store)
    with pytest.raises(StopError):
        store.journal.prepare(run, "users", "f", 1, [4])
    assert store.journal.batches(run) == []


def test_batch_is_closed_once(store):
    run = start_run(store)
    batch = store.journal.prepare(run, "users", "f", 0, [1])
    store.journal.answered(batch, [Outcome(1, "done")], [])
    for again in (
        lambda: store.journal.answered(batch, [Outcome(1, "refused")], []),
        lambda: store.journal.settled(batch, [], []),
        lambda: store.journal.refused(batch, "x"),
    ):
        with pytest.raises(StopError, match="not under way"):
            again()
    assert store.journal.outcomes(run)["state"].to_list() == ["done"]


def test_outcome_of_a_stranger_is_refused(store):
    run = start_run(store)
    batch = store.journal.prepare(run, "users", "f", 0, [1])
    with pytest.raises(StopError, match="no changes numbered"):
        store.journal.answered(batch, [Outcome(2, "done")], [])
    assert store.journal.pending(run) == [2, 3]


def test_outcomes_without_a_call(store):
    run = start_run(store)
    store.journal.record(run, [Outcome(2, "stale", 4, "changed in Moodle"), Outcome(1, "done", 3)], [row("u1", 3)])
    assert store.journal.outcomes(run).rows() == [
        (1, "done", 3, "", None),
        (2, "stale", 4, "changed in Moodle", None),
    ]
    assert store.ledger.get("school", "user", "u1").run == run


def test_several_threads_keep_one_journal(store):
    run = start_run(store, 200)

    def call(lane):
        for number in range(lane * 25 + 1, lane * 25 + 26, 5):
            batch = store.journal.prepare(run, "users", "f", lane, range(number, number + 5))
            store.journal.in_doubt(run)
            rows = [row(f"u{n}", n) for n in range(number, number + 5)]
            store.journal.answered(batch, [Outcome(n, "done", n) for n in range(number, number + 5)], rows)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(8)))
    assert store.journal.pending(run) == []
    assert store.journal.outcomes(run).height == 200
    assert store.ledger.counts("school") == {"user": 200}


def test_live_run_keeps_its_site_from_others(store):
    run = start_run(store)
    other = add_plan(store, profile="other")
    with pytest.raises(WaitError, match=f"run {run}, started by tester"):
        store.runs.start(other, "other", "moodle", "x")
    assert len(store.runs.all()) == 1
    assert store.runs.start(other, "other", "elsewhere", "x") != run
    store.runs.finish(run, "done", {"done": 3})
    assert store.runs.start(other, "other", "moodle", "x")
    finished = store.runs.get(run)
    assert (finished.state, finished.summary) == ("done", {"done": 3})
    assert finished.finished_at >= finished.started_at


def test_silent_run_loses_its_site_and_sends_nothing_more(store):
    old = start_run(store)
    batch = store.journal.prepare(old, "users", "f", 0, [1])
    assert store.runs.unfinished("moodle") is None
    _fall_silent(store)
    assert store.runs.unfinished("moodle").id == old
    new = store.runs.start(store.runs.get(old).plan, "school", "moodle", "second")
    assert store.runs.get(old).state == "interrupted"
    with pytest.raises(StopError, match="no longer holds"):
        store.journal.prepare(old, "users", "f", 0, [2])
    with pytest.raises(StopError, match="no longer holds"):
        store.runs.heartbeat(old)
    assert store.runs.unfinished("moodle").id == old
    assert store.journal.pending(new) == [2, 3]
    store.journal.settled(batch, [], [])
    store.runs.finish(old, "interrupted", {})
    assert store.runs.unfinished("moodle") is None
    assert store.journal.pending(new) == [1, 2, 3]
    store.runs.heartbeat(new)


def test_heartbeat_and_sending_keep_a_run_alive(store):
    run = start_run(store)
    for beat in (
        lambda: store.runs.heartbeat(run),
        lambda: store.journal.prepare(run, "users", "f", 0, [1]),
    ):
        _fall_silent(store)
        beat()
        with pytest.raises(WaitError):
            store.runs.start(store.runs.get(run).plan, "school", "moodle", "x")


def test_finished_run_with_a_call_in_doubt_is_still_unfinished_business(store):
    run = start_run(store)
    batch = store.journal.prepare(run, "users", "f", 0, [1])
    store.runs.finish(run, "failed", {})
    assert store.runs.unfinished("moodle").id == run
    store.journal.settled(batch, [], [])
    assert store.runs.unfinished("moodle") is None


@pytest.mark.parametrize("state", ["held", "rejected", "superseded"])
def test_unready_plan_is_not_run(store, state):
    number = add_plan(store, state=state)
    with pytest.raises(StopError, match=f"is {state}"):
        store.runs.start(number, "school", "moodle", "x")
    assert store.runs.all() == []


def test_unknown_run_and_plan_are_usage_errors(store):
    with pytest.raises(UsageError, match="no run 5"):
        store.runs.get(5)
    with pytest.raises(UsageError, match="no run 5"):
        store.journal.pending(5)
    with pytest.raises(UsageError, match="no plan 5"):
        store.runs.start(5, "school", "moodle", "x")


KILLED = """
import sys, os, signal
from matricula.store import Store, Outcome, LedgerRow
store = Store.open(sys.argv[1])
run = store.runs.start(1, "school", "moodle", "victim")
first = store.journal.prepare(run, "users", "f", 0, [1, 2])
outcomes = [Outcome(1, "done", 1), Outcome(2, "done", 2)]
store.journal.answered(first, outcomes, [LedgerRow("user", "u1", 1, "made", "{}")])
store.journal.prepare(run, "users", "f", 0, [3])
store._database.writing().__enter__()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_killed_process_leaves_exactly_the_unanswered_batch_in_doubt(address):
    with Store.open(address) as store:
        plan = add_plan(store, 4)
        ended = subprocess.run([sys.executable, "-c", KILLED, address], env=os.environ, timeout=60)
        assert ended.returncode == -signal.SIGKILL
        dead = store.runs.unfinished("moodle")
        assert [batch.changes for batch in store.journal.in_doubt(dead.id)] == [[3]]
        assert store.journal.outcomes(dead.id)["change"].to_list() == [1, 2]
        new = store.runs.start(plan, "school", "moodle", "second")
        assert store.journal.pending(new) == [4]
        assert store.ledger.counts("school") == {"user": 1}


def _fall_silent(store):
    with store.begin() as connection:
        past = datetime.now(UTC) - STALE_AFTER - timedelta(seconds=5)
        connection.execute(
            update(schema.site_lock).values(heartbeat_at=past, uptime=uptime() - STALE_AFTER.total_seconds() - 5)
        )
