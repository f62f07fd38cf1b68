"""How profiles stand: windows, days of their time zones, who stands before whom, and what their runs did."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.hub.home import Home
from matricula.hub.standing import overlapping, standing_of, standings
from matricula.profiles import Profile
from matricula.store import CHANGES_SCHEMA, PlanRecord

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Home.make(tmp_path / "home") as made:
        yield made


def load(home: Home, name: str, **settings: Any) -> None:
    told = {"kind": "profile", "name": name, "source": "s", "site": "m"} | settings
    text = "\n".join(f"{setting}: {value}" for setting, value in told.items())
    home.load(text, "f", Path.cwd())


def status(home: Home, name: str = "a", at: datetime = NOON) -> str:
    return standing_of(home, name, at).status


def planned(home: Home, state: str = "ready", name: str = "a") -> int:
    record = PlanRecord(None, name, "m", "here", NOON, state, "", {"counts": {}}, [])  # type: ignore[arg-type]
    return home.store.plans.add(record, pl.DataFrame(schema=CHANGES_SCHEMA), ())


def test_disabled(home: Home) -> None:
    load(home, "a", enabled="false")
    assert status(home) == "Disabled"
    load(home, "b")
    assert status(home, "b") == "Pending", "a disabled profile stands before nobody"


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("{start: 2026-11-21}", "profile-outside-window"),
        ("{end: 2026-11-19}", "profile-outside-window"),
        ("{start: 2026-11-20, end: 2026-11-20}", None),
        ("{}", None),
    ],
)
def test_first_and_last_day_belong_to_the_window(home: Home, window: str, expected: str | None) -> None:
    load(home, "a", window=window)
    obstacle = standing_of(home, "a", NOON).obstacle
    assert (obstacle.code if obstacle else None) == expected


@pytest.mark.parametrize(("zone", "is_open"), [("Pacific/Auckland", True), ("America/New_York", False)])
def test_days_are_those_of_the_profiles_time_zone(home: Home, zone: str, *, is_open: bool) -> None:
    load(home, "a", timezone=zone, window="{start: 2026-11-21}")
    assert (standing_of(home, "a", NOON).obstacle is None) == is_open


def test_the_window_that_began_earlier_stands_before_then_the_name(home: Home) -> None:
    load(home, "a", window="{start: 2026-08-01}")
    load(home, "b", window="{start: 2025-08-01, end: 2026-12-31}")
    assert standing_of(home, "a", NOON).before == "b"
    assert standing_of(home, "b", NOON).before is None
    load(home, "c", window="{start: 2025-08-01}")
    assert standing_of(home, "c", NOON).before == "b"
    load(home, "d")
    assert standing_of(home, "b", NOON).before == "d"


def test_queued_only_while_both_windows_are_open(home: Home) -> None:
    load(home, "a", window="{end: 2026-11-30}")
    load(home, "b", window="{start: 2026-11-01}")
    assert status(home, "b") == "Queued"
    told = standing_of(home, "b", NOON + timedelta(days=30))
    assert (told.status, told.before, told.overlaps) == ("Pending", None, ("a",))


def test_other_sites_and_profiles_beside_do_not_wait(home: Home) -> None:
    load(home, "a")
    load(home, "b", site="other")
    load(home, "c", beside="[a]")
    assert [each.status for each in standings(home, NOON)] == ["Pending"] * 3
    load(home, "c")
    load(home, "a", beside="[c]")
    assert status(home, "c") == "Pending"


def test_held_failed_done_running(home: Home) -> None:
    load(home, "a")
    number = planned(home)
    run = home.store.runs.start(number, "a", "m", "me")
    assert status(home) == "Running"
    load(home, "a", enabled="false")
    assert status(home) == "Running", "a run under way is told first"
    load(home, "a")
    home.store.runs.finish(run, "interrupted", {})
    told = standing_of(home, "a", NOON)
    assert (told.status, f"`matricula apply {number}` goes on" in told.says) == ("Failed", True)
    again = home.store.runs.start(number, "a", "m", "me")
    home.store.runs.finish(again, "done", {})
    assert status(home) == "Done"
    planned(home, "held")
    assert status(home) == "Held"
    load(home, "a", window="{end: 2026-11-19}")
    assert status(home) == "Done", "its year is over"


def test_a_run_of_another_profile_is_not_its_own(home: Home) -> None:
    load(home, "a")
    load(home, "b", beside="[a]")
    home.store.runs.start(planned(home), "a", "m", "me")
    assert (status(home, "a"), status(home, "b")) == ("Running", "Pending")


DAYS = st.none() | st.dates(min_value=datetime(2026, 1, 1).date(), max_value=datetime(2027, 12, 31).date())  # noqa: DTZ001
WINDOWS = st.tuples(DAYS, DAYS).filter(lambda days: None in days or days[0] <= days[1])  # type: ignore[operator]


@given(st.lists(st.tuples(WINDOWS, st.booleans()), max_size=5))
def test_overlapping_is_mutual_and_never_with_the_disabled(drawn: list[Any]) -> None:
    profiles = [
        Profile.model_validate(
            {"name": f"p{number}", "source": "s", "site": "m", "enabled": enabled}
            | {"window": {"start": days[0], "end": days[1]}}
        )
        for number, (days, enabled) in enumerate(drawn)
    ]
    for one in profiles:
        for other in overlapping(one, profiles):
            assert other.enabled
            assert not one.enabled or one in overlapping(other, profiles)
