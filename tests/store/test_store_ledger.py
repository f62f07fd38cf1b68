"""The ledger holds for each record what was entered last."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from matricula.errors import StopError
from matricula.store import LEDGER_SCHEMA, LedgerRow

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
ROWS = st.lists(
    st.builds(
        LedgerRow,
        kind=st.sampled_from(["user", "enrolment"]),
        key=st.one_of(st.sampled_from(["u1\tc1", "u1\tc2", "u1"]), TEXT),
        moodle_id=st.one_of(st.none(), st.integers(0, 2**62)),
        origin=st.sampled_from(["made", "matched"]),
        written=st.one_of(st.none(), TEXT),
        removed=st.booleans(),
        run=st.one_of(st.none(), st.integers(1, 9)),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deliveries=st.lists(ROWS, max_size=3))
def test_last_entry_of_each_key_holds(store, deliveries):
    with store.begin() as connection:
        connection.exec_driver_sql("delete from ledger")
    expected = {}
    for rows in deliveries:
        with store.begin() as connection:
            store.ledger.upsert(connection, "school", rows)
        expected |= {(row.kind, row.key): row for row in rows}
    for kind in ("user", "enrolment"):
        wanted = [row for row in expected.values() if row.kind == kind]
        frame = pl.DataFrame(
            [(r.key, r.moodle_id, r.origin, r.written, r.removed, r.run) for r in wanted], LEDGER_SCHEMA, orient="row"
        )
        assert_frame_equal(store.ledger.frame("school", kind).sort("key"), frame.sort("key"))
    live = [row.kind for row in expected.values() if not row.removed]
    assert store.ledger.counts("school") == {kind: live.count(kind) for kind in set(live)}
    for (kind, key), row in expected.items():
        assert store.ledger.get("school", kind, key) == row


def row(key, moodle_id, **options):
    return LedgerRow("user", key, moodle_id, "made", "{}", **options)


def test_profiles_do_not_see_each_other(store):
    store.ledger.upsert(None, "a", [row("u1", 1)])
    store.ledger.upsert(None, "b", [row("u1", 2)])
    assert store.ledger.get("a", "user", "u1").moodle_id == 1
    assert store.ledger.by_moodle_id("a", "user", 2) is None
    assert store.ledger.frame("b", "user")["moodle_id"].to_list() == [2]


def test_live_record_is_found_before_a_removed_one(store):
    store.ledger.upsert(None, "a", [row("a1", 7, removed=True), row("u2", 7)])
    assert store.ledger.by_moodle_id("a", "user", 7).key == "u2"


def test_forget_strikes_out_only_the_keys_named(store):
    store.ledger.upsert(None, "a", [row(f"u{n}", n) for n in range(1200)])
    assert store.ledger.forget("a", "user", [f"u{n}" for n in range(1, 1200)] + ["unknown"]) == 1199
    assert store.ledger.frame("a", "user")["key"].to_list() == ["u0"]


def test_copy_takes_every_row_and_refuses_a_second_time(store):
    rows = [row("u1", 1, run=3), row("u2", 2, removed=True)]
    store.ledger.upsert(None, "a", rows)
    assert store.ledger.copy("a", "b") == 2
    assert_frame_equal(store.ledger.frame("a", "user"), store.ledger.frame("b", "user"), check_row_order=False)
    with pytest.raises(StopError, match="already has a ledger"):
        store.ledger.copy("a", "b")


def test_long_frame_is_read_whole_over_many_chunks(store):
    rows = [LedgerRow("enrolment", f"u{n}\tc{n % 7}", None, "made", "{}", n % 2 == 0, 1) for n in range(45_000)]
    assert store.ledger.upsert(None, "a", rows) == 45_000
    frame = store.ledger.frame("a", "enrolment")
    assert frame["key"].n_unique() == frame.height == 45_000
    assert frame["moodle_id"].null_count() == 45_000
    assert frame["removed"].sum() == 22_500
