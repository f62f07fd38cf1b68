"""Purging takes what is old and ended, nothing else, in small transactions, and goes on where it was cut off."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import func, insert, select, update
from store_making import add_plan, changes_frame, plan_record

from matricula.store import FindingRecord, Identity, LedgerRow, Outcome, Store, Until, purging, schema

NOW = datetime(2027, 12, 1, tzinfo=UTC)
OLD = NOW - timedelta(days=500)
UNTIL = Until("school", NOW - timedelta(days=400), NOW - timedelta(days=1100))
EVERYTHING = ("change", "finding", "outcome", "batch")


def applied(
    store: Store, at: datetime = OLD, *, in_doubt: bool = False, state: str = "done", site: str = "moodle"
) -> int:
    """A plan with a finding that was applied on some day; returns its number."""
    number = store.plans.add(plan_record(site=site), changes_frame(3), [FindingRecord("x", "error", "Zoë is wrong")])
    run = store.runs.start(number, "school", site, "tester")
    batch = store.journal.prepare(run, "create users", "core_user_create_users", 0, [1, 2])
    if not in_doubt:
        store.journal.answered(batch, [Outcome(1, "done", 7), Outcome(2, "refused", None, "Zoë is taken")], [])
        store.journal.record(run, [Outcome(3, "skipped", None, "why")])
    store.runs.finish(run, state, {})
    store.plans.set_state(number, "applied", "tester", "done")
    with store.begin() as connection:
        connection.execute(update(schema.run).where(schema.run.c.id == run).values(started_at=at, finished_at=at))
        connection.execute(update(schema.plan).where(schema.plan.c.number == number).values(created_at=at))
    return number


def rows(store: Store, *tables: str) -> dict[str, int]:
    with store.begin() as connection:
        count = {name: select(func.count()).select_from(schema.metadata.tables[name]) for name in tables}
        return {name: connection.execute(statement).scalar_one() for name, statement in count.items()}


def test_an_old_plan_goes_with_its_journal_and_its_head_stays(store):
    old, last = applied(store), applied(store)
    assert store.purging.due(UNTIL) == [old]
    told = {"plan": 1, "change": 3, "finding": 1, "outcome": 3, "batch": 1}
    assert store.purging.counts(UNTIL) == told
    assert rows(store, *EVERYTHING) == {"change": 6, "finding": 2, "outcome": 6, "batch": 2}
    assert store.purging.purge(UNTIL) == told
    assert rows(store, *EVERYTHING) == {"change": 3, "finding": 1, "outcome": 3, "batch": 1}
    assert store.plans.changes(last).height == 3
    assert store.plans.get(old).summary["purged"]
    assert store.plans.get(old).summary["create user"] == 3
    assert store.purging.purge(UNTIL) == {}


def test_what_waits_or_is_new_or_was_applied_lately_or_is_in_doubt_stays(store):
    applied(store, NOW - timedelta(days=399))
    late = applied(store)
    with store.begin() as connection:
        here = schema.run.c.plan == late
        connection.execute(update(schema.run).where(here).values(started_at=NOW, finished_at=NOW))
    applied(store, in_doubt=True, state="interrupted")
    for state in ("ready", "held"):
        number = add_plan(store, state=state)
        with store.begin() as connection:
            connection.execute(update(schema.plan).where(schema.plan.c.number == number).values(created_at=OLD))
    assert store.purging.due(UNTIL) == []
    assert store.purging.due(Until("other", NOW, NOW)) == []


def test_the_last_plan_applied_to_each_site_stays(store):
    first, elsewhere, last = applied(store), applied(store, site="tables"), applied(store)
    broken_off = applied(store, state="interrupted")
    assert store.purging.due(UNTIL) == [first, broken_off]
    assert {elsewhere, last}.isdisjoint(store.purging.due(UNTIL))


def test_cut_off_between_two_slices_the_next_purge_goes_on(store, monkeypatch):
    old = applied(store)
    applied(store)
    monkeypatch.setattr(purging, "SLICE", 1)
    monkeypatch.setattr(purging.time, "sleep", stopping_after(2))
    with pytest.raises(KeyboardInterrupt):
        store.purging.purge(UNTIL)
    assert store.plans.get(old).summary["purged"]
    assert 0 < rows(store, "outcome")["outcome"] < 6
    monkeypatch.setattr(purging.time, "sleep", lambda _: None)
    assert store.purging.purge(UNTIL)["change"] == 3
    assert rows(store, *EVERYTHING) == {"change": 3, "finding": 1, "outcome": 3, "batch": 1}


def stopping_after(times):
    left = iter(range(times))

    def sleep(_):
        if next(left, None) is None:
            raise KeyboardInterrupt

    return sleep


def test_what_was_said_of_identities_goes_once_the_ledger_knows_it(store):
    said = {"known": "account:3", "gone": "new", "left": "leave"}
    store.identities.keep("school", "user", [Identity("school", "user", key, key, "x", "why") for key in said])
    for key, decision in said.items():
        store.identities.say("school", "user", key, decision, "tester")
    with store.begin() as connection:
        connection.execute(update(schema.identity).values(at=OLD))
    store.ledger.upsert(None, "school", [LedgerRow("user", key, 3, "matched", "{}") for key in ("known", "left")])
    assert store.purging.purge(UNTIL) == {"identity": 1}
    assert set(store.identities.decisions("school", "user")) == {"gone", "left"}


def test_counts_of_deliveries_go_but_for_the_last(store):
    for days in (500, 450, 420):
        store.deliveries.note("school", {"user": days}, NOW - timedelta(days=days))
    assert store.purging.purge(UNTIL) == {"delivery": 2}
    last = store.deliveries.last("school")
    assert last.counts == {"user": 420}


def test_a_million_changes_leave_room_for_others(store, monkeypatch):
    """In miniature: between two slices nobody is kept from writing."""
    old = store.plans.add(plan_record(state="rejected"), changes_frame(50), [])
    with store.begin() as connection:
        connection.execute(update(schema.plan).where(schema.plan.c.number == old).values(created_at=OLD))
    monkeypatch.setattr(purging, "SLICE", 10)
    heard = []
    monkeypatch.setattr(
        purging.time, "sleep", lambda _: heard.append(store.documents.save("site", "s", f"x: {len(heard)}"))
    )
    assert store.purging.purge(UNTIL) == {"plan": 1, "change": 50}
    assert len(heard) == 5
    assert isinstance(store.plans.changes(old), pl.DataFrame)


def test_what_is_no_longer_on_a_site_goes_and_what_is_there_stays(store):
    keys = {"activity": "instance", "module": "cmid", "category": "category", "item": "item"}
    other = {"course": 1, "name": "", "module": "assign", "position": 1, "section": "", "url": "", "links": "[]"}
    other |= {"instance": 0, "visible": 1, "cmid": 0, "opens": 0, "due": 0, "closes": 0, "kind": "mod", "idnumber": ""}
    other |= {"hidden": 0, "locked": 0}
    graded = {"item": 1, "course": 1, "state": "graded", "shown": "", "percentage": "", "letter": "", "feedback": ""}
    graded |= {"hidden": 0, "locked": 0, "overridden": 0}
    handed = {"module": "assign", "user": 1, "course": 1, "attempt": 0, "status": "new", "grading": ""}
    with store.begin() as connection:
        for place, (site, gone) in enumerate([("moodle", OLD), ("moodle", NOW), ("moodle", None), ("other", OLD)]):
            for what, key in keys.items():
                table = schema.metadata.tables[f"learnt_{what}"]
                row = {name: value for name, value in other.items() if name in table.c}
                connection.execute(insert(table).values(**row | {key: place, "site": site, "gone_at": gone}))
            row = {"site": site, "instance": place, "created": 0, "modified": 0} | handed
            connection.execute(insert(schema.learnt_submission).values(**row))
        for user, former, changed, gone in ((1, 0, OLD, OLD), (2, 1, OLD, None), (3, 1, NOW, None), (4, 0, OLD, None)):
            row = {"site": "moodle", "user": user, "former": former, "changed_at": changed, "gone_at": gone}
            connection.execute(insert(schema.learnt_grade).values(**graded, **row))
    told = {"learnt_grade": 2, "learnt_submission": 1, **{f"learnt_{what}": 1 for what in keys}}
    before = NOW - timedelta(days=400)
    assert store.purging.purge_learning("moodle", before, dry_run=True) == told
    assert store.purging.purge_learning("moodle", before) == told
    assert set(store.learning.frame("grade", "moodle")["user"]) == {3, 4}
    assert store.learning.frame("item", "other", gone=True).height == 1
    assert store.purging.purge_learning("moodle", before) == {}
