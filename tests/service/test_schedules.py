"""What is done by itself: due once, caught up once, never in quiet hours, never where a profile may not be applied."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from corridor import Corridor
from hypothesis import given
from hypothesis import strategies as st

from matricula.errors import SettingError
from matricula.profiles.moments import moments_of
from matricula.service import Service
from matricula.service.scheduling import Plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: No site answers there: nothing of this is about what becomes of jobs.
NOWHERE = "http://127.0.0.1:9"
MONDAY = datetime(2026, 11, 2, tzinfo=UTC)
PROFILE = """
kind: profile
name: default
source: school
site: moodle
"""


@pytest.fixture
def corridor(engine: str, tmp_path: Path) -> Iterator[Corridor]:
    with Corridor.open(tmp_path, NOWHERE, "0" * 32) as corridor:
        yield corridor


def at(hours: float, days: int = 0) -> datetime:
    return MONDAY + timedelta(days=days, hours=hours)


def scheduled(corridor: Corridor, rules: str, place: Path, also: str = "") -> None:
    corridor.home.load(f"{PROFILE}{also}schedule:\n{rules}", "test", place)


def asked(service: Service, *moments: datetime) -> list[int]:
    """How many jobs of profiles each tick asks for; those asked for are over at once."""
    numbers = []
    for moment in moments:
        service.schedules.tick(moment)
        found = [job for job in service.jobs.all(states=["waiting"]) if job.profile]
        numbers.append(len(found))
        for job in found:
            service.jobs.cancel(job.id, "test")
    return numbers


def test_each_moment_is_served_once(corridor: Corridor, service: Service, tmp_path: Path) -> None:
    scheduled(corridor, "  entries: [{at: every day at 6:00 and 18:00, do: plan}]", tmp_path)
    assert asked(service, at(5), at(5.9), at(6), at(6.01), at(17.99), at(18.1), at(18.2)) == [0, 0, 1, 0, 0, 1, 0]
    job = service.jobs.all()[0]
    assert (job.kind, job.profile, job.site, job.asked_by) == ("plan", "default", "moodle", "schedule")


def test_many_missed_moments_are_caught_up_once(corridor: Corridor, service: Service, tmp_path: Path) -> None:
    scheduled(corridor, "  entries: [{at: every hour}]", tmp_path)
    assert asked(service, at(0.5), at(9.5), at(9.6), at(10)) == [0, 1, 0, 1]


def test_missed_moments_are_left_out_where_the_profile_says_so(
    corridor: Corridor, service: Service, tmp_path: Path
) -> None:
    scheduled(corridor, "  entries: [{at: every hour}]\n  catch_up: false", tmp_path)
    assert asked(service, at(0.5), at(9.5), at(10.02), at(11)) == [0, 0, 1, 1]


def test_nothing_is_begun_in_quiet_hours_and_done_once_they_are_over(
    corridor: Corridor, service: Service, tmp_path: Path
) -> None:
    rules = "  entries: [{at: every hour}]\n  quiet: [{hours: '08:00-15:30', on: weekdays}]"
    scheduled(corridor, rules, tmp_path)
    assert asked(service, at(7.5), at(8), at(12), at(15.4), at(15.5), at(15.6), at(16)) == [0, 0, 0, 0, 1, 0, 1]
    assert asked(service, at(8.5, days=5), at(9, days=5)) == [1, 1]


def test_quiet_hours_over_midnight_belong_to_the_day_they_begin(
    corridor: Corridor, service: Service, tmp_path: Path
) -> None:
    rules = "  entries: [{at: every hour}]\n  quiet: [{hours: '22:00-05:00', on: Mondays}]\n  catch_up: false"
    scheduled(corridor, rules, tmp_path)
    assert asked(service, at(2.5), at(3), at(20.5), at(21), at(23), at(28), at(29)) == [0, 1, 0, 1, 0, 0, 1]


@pytest.mark.parametrize("also", ["enabled: false\n", "window: {end: 2026-11-01}\n", "window: {start: 2026-12-01}\n"])
def test_what_may_not_be_applied_is_not_begun_and_not_caught_up(
    corridor: Corridor, service: Service, tmp_path: Path, also: str
) -> None:
    rules = "  entries: [{at: every hour}]"
    scheduled(corridor, rules, tmp_path, also)
    assert asked(service, at(1.5), at(2), at(3)) == [0, 0, 0]
    assert service.schedules.next_of(corridor.home.profile("default"), at(3)).obstacle
    scheduled(corridor, rules, tmp_path)
    assert asked(service, at(3.5), at(4)) == [0, 1]


def test_days_and_hours_are_those_of_the_profile(corridor: Corridor, service: Service, tmp_path: Path) -> None:
    scheduled(corridor, "  entries: [{at: Mondays at 7:00}]", tmp_path, "timezone: Europe/Berlin\n")
    assert asked(service, at(5.9), at(6), at(7)) == [0, 1, 0]


def test_another_rule_owes_nothing_for_the_time_before(corridor: Corridor, service: Service, tmp_path: Path) -> None:
    scheduled(corridor, "  entries: [{at: every day at 6:00}]", tmp_path)
    assert asked(service, at(5)) == [0]
    scheduled(corridor, "  entries: [{at: every day at 7:00}]", tmp_path)
    assert asked(service, at(8), at(8.1), at(31)) == [0, 0, 1]
    scheduled(corridor, "  entries: []", tmp_path)
    assert asked(service, at(60)) == [0]
    assert not any(name.startswith("profile") for name in service.store.dues.all())


def test_several_processes_ask_once(corridor: Corridor, service: Service, tmp_path: Path) -> None:
    scheduled(corridor, "  entries: [{at: every day at 6:00, do: observe}]", tmp_path)
    service.schedules.tick(at(5))
    others = [Service(corridor.home) for _ in range(4)]
    gate = threading.Barrier(len(others))

    def tick(other: Service) -> None:
        gate.wait()
        other.schedules.tick(at(6.1))

    threads = [threading.Thread(target=tick, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [job.kind for job in service.jobs.all() if job.profile] == ["observe"]
    assert len(service.store.audit.find(act="job.asked")) == len(service.jobs.all())


def test_a_document_that_cannot_be_read_keeps_no_other_from_its_moment(
    corridor: Corridor, service: Service, tmp_path: Path
) -> None:
    scheduled(corridor, "  entries: [{at: every day at 6:00}]", tmp_path)
    corridor.home.store.documents.save("profile", "broken", "kind: profile\nname: broken\nsource: 7\nsite: [x]\n")
    assert asked(service, at(5), at(6)) == [0, 1]


def test_what_has_to_be_done_every_day_is_done_every_day(corridor: Corridor, service: Service, tmp_path: Path) -> None:
    corridor.home.load(f"kind: tool\nname: kura\ntype: kuracloud\nsite: moodle\nurl: {NOWHERE}\n", "test", tmp_path)
    service.schedules.tick(at(0))
    for hour in range(1, 49):
        service.schedules.tick(at(hour))
        for job in service.jobs.all(states=["waiting"]):
            service.jobs.cancel(job.id, "test")
    kinds = sorted((job.kind, job.site) for job in service.jobs.all())
    assert kinds == [("check", "moodle")] * 2 + [("purge", "")] * 2 + [("tools-check", "")] * 2


def test_the_overview_is_told_when_and_in_which_words(corridor: Corridor, service: Service, tmp_path: Path) -> None:
    rules = "  entries: [{at: '0 6 * * *'}, {at: every 15 minutes, do: read, jitter: 5}]\n"
    scheduled(corridor, rules + "  quiet: [{hours: '00:00-06:30'}]", tmp_path)
    found = service.schedules.next_of(corridor.home.profile("default"), at(1))
    assert found.words == ("every day at 06:00: run", "every 15 minutes, up to 5 minutes later: read")
    assert (found.at, found.obstacle) == (at(6.5), "")
    scheduled(corridor, "  entries: []", tmp_path)
    assert service.schedules.next_of(corridor.home.profile("default"), at(1)).at is None


@pytest.mark.parametrize(
    "rules",
    [
        "  entries: [{at: sometimes}]",
        "  entries: [{at: every day at 6:00, do: dance}]",
        "  quiet: [{hours: late}]",
        "  quiet: [{hours: '8:00-8:00'}]",
        "  quiet: [{hours: '8:00-9:00', on: Moondays}]",
    ],
)
def test_what_cannot_be_read_is_refused_with_an_example(corridor: Corridor, tmp_path: Path, rules: str) -> None:
    with pytest.raises(SettingError) as refused:
        scheduled(corridor, rules, tmp_path)
    assert "schedule" in str(refused.value)
    assert refused.value.remedy


@given(
    st.sampled_from(["every 15 minutes", "every hour", "every day at 2:30"]),
    st.integers(0, 120),
    st.text("ab", max_size=3),
)
def test_jitter_is_the_same_for_all_and_leaves_no_moment_out(words: str, minutes: int, site: str) -> None:
    plan, again = (Plan("p", "run", None, site, moments_of(words), "Europe/Berlin", minutes * 60) for _ in range(2))
    plain = Plan("p", "run", None, site, moments_of(words), "Europe/Berlin")
    found = [at(0)]
    for _ in range(12):
        found.append(plan.after(found[-1]))
        assert again.after(found[-2]) == found[-1]
    assert all(later > earlier for earlier, later in pairwise(found))
    assert all(plain.after(moment - timedelta(minutes=minutes, seconds=1)) <= moment for moment in found[1:])
