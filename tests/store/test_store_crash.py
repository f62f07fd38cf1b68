"""Whatever happens in whatever order, each change is pending, under way, or has one outcome that stays."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from store_making import add_plan

from matricula.errors import StopError, WaitError
from matricula.store import STALE_AFTER, LedgerRow, Outcome, Store, schema
from matricula.store.processes import Process, is_gone, this_process, uptime

CHANGES = 6
NUMBERS = st.sets(st.integers(1, CHANGES + 1), min_size=1, max_size=3)
STATES = st.sampled_from(["done", "refused", "stale", "skipped"])
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["prepare", "answered", "refused", "settled", "record", "crash"]),
        NUMBERS,
        st.dictionaries(st.integers(1, CHANGES), STATES, max_size=3),
    ),
    max_size=25,
)
SITES = count()


class Model:
    """What the journal ought to say."""

    def __init__(self, store):
        self.store = store
        self.site = f"site{next(SITES)}"
        self.plan = add_plan(store, CHANGES, site=self.site, profile=self.site)
        self.run = store.runs.start(self.plan, self.site, self.site, "one")
        self.doubt = {}
        self.reached = {}

    @property
    def under_way(self):
        return {number for numbers in self.doubt.values() for number in numbers}

    @property
    def free(self):
        return set(range(1, CHANGES + 1)) - self.under_way - set(self.reached)

    def prepare(self, numbers, _results):
        if numbers <= self.free:
            self.doubt[self.store.journal.prepare(self.run, "s", "f", 0, sorted(numbers))] = numbers
        else:
            with pytest.raises(StopError):
                self.store.journal.prepare(self.run, "s", "f", 0, sorted(numbers))

    def record(self, _numbers, results):
        outcomes = [Outcome(number, state) for number, state in results.items()]
        if set(results) <= self.free:
            self.store.journal.record(self.run, outcomes, rows_for(outcomes))
            self.reached |= results
        else:
            with pytest.raises(StopError):
                self.store.journal.record(self.run, outcomes, rows_for(outcomes))

    def close(self, method, results):
        if not self.doubt:
            return
        batch, numbers = next(iter(self.doubt.items()))
        outcomes = [Outcome(number, state) for number, state in results.items()]
        if not set(results) <= numbers:
            with pytest.raises(StopError):
                method(batch, outcomes, rows_for(outcomes))
            return
        method(batch, outcomes, rows_for(outcomes))
        del self.doubt[batch]
        self.reached |= results

    def answered(self, _numbers, results):
        self.close(self.store.journal.answered, results)

    def settled(self, _numbers, results):
        self.close(self.store.journal.settled, results)

    def refused(self, _numbers, _results):
        if self.doubt:
            batch = next(iter(self.doubt))
            self.store.journal.refused(batch, "no")
            del self.doubt[batch]

    def crash(self, _numbers, _results):
        with self.store.begin() as connection:
            past = datetime.now(UTC) - STALE_AFTER - timedelta(seconds=1)
            mine = update(schema.site_lock).where(schema.site_lock.c.site == self.site)
            connection.execute(mine.values(heartbeat_at=past, uptime=uptime() - STALE_AFTER.total_seconds() - 1))
        self.run = self.store.runs.start(self.plan, self.site, self.site, "next")

    def check(self):
        runs = [run.id for run in self.store.runs.all(self.site)]
        doubt = [batch for run in runs for batch in self.store.journal.in_doubt(run)]
        assert {batch.id: set(batch.changes) for batch in doubt} == self.doubt
        outcomes = [row for run in runs for row in self.store.journal.outcomes(run).rows()]
        assert sorted((change, state) for change, state, *_ in outcomes) == sorted(self.reached.items())
        assert self.store.journal.pending(self.run) == sorted(self.free)
        done = sum(state == "done" for state in self.reached.values())
        assert self.store.ledger.counts(self.site).get("user", 0) == done


def rows_for(outcomes):
    return [LedgerRow("user", f"u{o.change}", o.change, "made", "{}") for o in outcomes if o.state == "done"]


@pytest.mark.long
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_every_change_is_in_one_place(store, acts):
    model = Model(store)
    for name, numbers, results in acts:
        getattr(model, name)(numbers, results)
        model.check()


WORKING = """
import sys, threading
from matricula.store import Store, Outcome, LedgerRow
store = Store.open(sys.argv[1])
run = store.runs.start(1, "school", "moodle", "victim")
say = threading.Lock()
def tell(*words):
    with say:
        print(*words, flush=True)
def work(lane):
    for number in range(lane, 2001, 2):
        batch = store.journal.prepare(run, "users", "f", lane, [number])
        tell("sent", number)
        row = LedgerRow("user", f"u{number}", number, "made", "{}")
        store.journal.answered(batch, [Outcome(number, "done", number)], [row])
        tell("done", number)
for lane in (1, 2):
    threading.Thread(target=work, args=(lane,)).start()
"""


@pytest.mark.parametrize("lines", [1, 24, 151])
def test_process_killed_anywhere_has_lost_nothing_it_told_of(address, lines):
    with Store.open(address) as store:
        add_plan(store, 2000)
        with subprocess.Popen([sys.executable, "-c", WORKING, address], stdout=subprocess.PIPE, text=True) as child:
            told = [child.stdout.readline().split() for _ in range(lines)]
            child.send_signal(signal.SIGKILL)
            told += [words for words in (line.split() for line in child.stdout) if len(words) == 2]
        new = store.runs.start(1, "school", "moodle", "second")
        dead = store.runs.unfinished("moodle")
        done = set(store.journal.outcomes(dead.id)["change"].to_list())
        doubt = [batch.changes for batch in store.journal.in_doubt(dead.id)]
        assert {int(number) for word, number in told if word == "done"} <= done
        assert {int(number) for word, number in told if word == "sent"} <= done | {n for [n] in doubt}
        assert len(doubt) <= 2
        assert set(store.ledger.frame("school", "user")["moodle_id"].to_list()) == done
        assert len(store.journal.pending(new)) == 2000 - len(done) - len(doubt)


def test_of_many_that_start_at_once_one_gets_the_site(store):
    plan = add_plan(store)
    gate = threading.Barrier(5)

    def start(number):
        gate.wait()
        with contextlib.suppress(WaitError):
            return store.runs.start(plan, "school", "moodle", str(number))
        return None

    with ThreadPoolExecutor(5) as pool:
        won = [run for run in pool.map(start, range(5)) if run]
    assert [run.id for run in store.runs.all()] == won
    assert len(won) == 1


def test_process_is_known_as_gone_only_where_that_is_sure():
    here = this_process()
    assert not is_gone(here)
    child = subprocess.Popen([sys.executable, "-c", ""])
    gone = Process(here.host, here.space, child.pid)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(gone)
    child.wait()
    assert is_gone(gone)
    assert not is_gone(Process(here.host, "another boot", child.pid))
