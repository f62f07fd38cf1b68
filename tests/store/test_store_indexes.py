"""Every query goes by an index: none reads a large table from end to end."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from store_making import start_run

from matricula.store import LedgerRow, Outcome, Store

LARGE = "ledger|change|finding|plan_audit|run|batch|outcome|problem|observation|delivery|document|secret"


def each_query(store, run, batch):
    now = datetime.now(UTC)
    plan = store.runs.get(run).plan
    store.ledger.frame("school", "user")
    store.ledger.get("school", "user", "u1")
    store.ledger.by_moodle_id("school", "user", 1)
    store.ledger.counts("school")
    store.ledger.forget("school", "user", ["u1"])
    store.ledger.copy("school", "new")
    store.plans.get(plan)
    store.plans.findings(plan)
    store.plans.audit(plan)
    store.plans.latest("school")
    for asked in ({}, {"kind": "user"}, {"person": "u1"}, {"course": "c1"}, {"name_contains": "x"}):
        store.plans.changes(plan, **asked)
    store.runs.all("school")
    store.runs.unfinished("moodle")
    store.runs.heartbeat(run)
    store.journal.in_doubt(run)
    store.journal.pending(run)
    store.journal.outcomes(run)
    store.journal.answered(batch, [Outcome(1, "done", 1)], [LedgerRow("user", "u1", 1, "made", "{}")])
    store.problems.all("school")
    store.problems.close("school", "user", ["u1"])
    store.observations.last("school", "full")
    store.deliveries.note("school", {}, now)
    store.deliveries.last("school")
    store.documents.get("site", "m")
    store.secrets.get("token")


def test_no_query_reads_a_large_table_from_end_to_end(tmp_path):
    with Store.open(tmp_path / "state.db") as store:
        run = start_run(store)
        batch = store.journal.prepare(run, "users", "f", 0, [1])
        asked = []
        with store.begin() as connection:
            driver = connection.connection.driver_connection
            driver.set_trace_callback(asked.append)
            each_query(store, run, batch)
            driver.set_trace_callback(None)
            statements = {sql for sql in asked if re.match(r"\s*(select|update|delete|insert)\b", sql, re.IGNORECASE)}
            assert len(statements) > 30
            scans = [
                (step.detail, sql)
                for sql in statements
                for step in connection.execute(text("explain query plan " + sql.replace(":", r"\:")))
                if re.match(rf"SCAN ({LARGE})\b", step.detail)
            ]
        assert scans == []


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (
            lambda store: store.plans.changes(1, kind="user", action="x"),
            "ix_change_plan_kind_action (plan=? AND kind=?",
        ),
        (lambda store: store.ledger.by_moodle_id("p", "user", 1), "removed (profile=? AND kind=? AND moodle_id=?)"),
        (lambda store: store.ledger.get("p", "user", "u1"), "PRIMARY KEY (profile=? AND kind=? AND key=?)"),
        (lambda store: store.ledger.counts("p"), "PRIMARY KEY (profile=?)"),
    ],
)
def test_few_rows_among_many_are_found_by_their_own_index(tmp_path, ask, index):
    with Store.open(tmp_path / "state.db") as store, store.begin() as connection:
        statements = []
        connection.connection.driver_connection.set_trace_callback(statements.append)
        ask(store)
        connection.connection.driver_connection.set_trace_callback(None)
        [sql] = [sql for sql in statements if sql.startswith("SELECT")]
        steps = [step.detail for step in connection.execute(text("explain query plan " + sql))]
        assert any(index in step for step in steps), steps
