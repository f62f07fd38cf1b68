"""Which share of a ledger comes when."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.planning.shares import SHARES, due, in_shares

BEGIN = datetime(2026, 9, 1, 3, tzinfo=UTC)
ALL = dict.fromkeys(range(SHARES), BEGIN)


@pytest.mark.parametrize(
    ("hours", "number"), [(0, 0), (5.9, 0), (6, 1), (24, 4), (24 * 7 - 1, 27), (24 * 7, 28), (24 * 99, 28), (-9, 0)]
)
def test_so_many_shares_come_after_so_many_hours(hours: float, number: int) -> None:
    assert len(due(ALL, BEGIN + timedelta(hours=hours), 7)) == number


def test_none_comes_where_nothing_is_looked_at_in_part_and_before_the_first_plan() -> None:
    assert due(ALL, BEGIN + timedelta(days=30), 0) == {}
    assert due({}, BEGIN, 7) == {}


def test_the_oldest_come_first() -> None:
    looked_at = {share: BEGIN - timedelta(hours=share) for share in range(SHARES)}
    assert sorted(due(looked_at, BEGIN + timedelta(hours=12), 7)) == [26, 27]


def test_hours_between_plans_are_not_lost() -> None:
    looked_at, seen = dict(ALL), 0
    for plans in range(1, 10):
        coming = due(looked_at, BEGIN + timedelta(hours=9 * plans), 7)
        looked_at |= coming
        seen += len(coming)
    assert seen == 9 * 9 // 6


def test_a_clock_that_went_ahead_stops_nothing() -> None:
    wrong = dict.fromkeys(range(SHARES), BEGIN + timedelta(days=3650))
    assert due(wrong, BEGIN, 7) == {}
    assert len(due(wrong | {3: BEGIN}, BEGIN + timedelta(hours=6), 7)) == 0


@given(st.lists(st.floats(0.01, 200), min_size=1, max_size=60), st.integers(1, 30))
def test_each_share_is_looked_at_by_the_first_plan_after_its_days(hours: list[float], within: int) -> None:
    looked_at, truly, moment = dict(ALL), dict(ALL), BEGIN
    for each in hours:
        moment += timedelta(hours=each)
        coming = due(looked_at, moment, within)
        assert {share for share, at in truly.items() if moment - at >= timedelta(days=within)} <= set(coming)
        assert all(at <= moment for at in coming.values())
        looked_at |= coming
        truly |= dict.fromkeys(coming, moment)


KEYS = {
    "user": [f"u{n}" for n in range(200)],
    "course": [f"c{n}" for n in range(40)],
    "group": [f"c{n}\tg" for n in range(40)],
    "enrolment": [f"u{n}\tc{n % 40}" for n in range(200)],
    "group-member": [f"u{n}\tc{n % 40}\tg" for n in range(200)],
    "grouping-member": [f"g\tc{n}\tgg" for n in range(40)],
}


def shares_of(kind: str) -> dict[str, int]:
    frame = pl.DataFrame({"key": KEYS[kind]})
    parts = {share: in_shares(frame, kind, {share})["key"].to_list() for share in range(SHARES)}
    assert sorted(key for keys in parts.values() for key in keys) == sorted(KEYS[kind])
    return {key: share for share, keys in parts.items() for key in keys}


def test_what_is_read_with_a_course_comes_with_it() -> None:
    courses = shares_of("course")
    for kind, place in (("group", 0), ("enrolment", 1), ("group-member", 1), ("grouping-member", 1)):
        assert all(courses[key.split("\t")[place]] == share for key, share in shares_of(kind).items()), kind
    assert len(set(courses.values())) > SHARES // 3


def test_no_share_is_none_and_all_shares_are_all() -> None:
    frame = pl.DataFrame({"key": KEYS["user"]})
    assert in_shares(frame, "user", set()).height == 0
    assert in_shares(frame, "user", set(range(SHARES))).height == frame.height
