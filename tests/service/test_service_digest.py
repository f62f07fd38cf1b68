"""The daily digest: at its time by the clock on the wall, once, and only where there is something to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.hub import Home
from matricula.service.digest import Digest, last_due
from matricula.service.messages import Message
from matricula.store import Cause

SETTINGS = """
kind: service
name: service
timezone: Europe/Berlin
address: https://sync.school.example/
mail: {host: localhost, port: 9, sender: m@school.example}
told:
  - {to: [head@school.example, office@school.example], digest: "07:00"}
  - {to: [head@school.example], digest: "07:00", sites: [other]}
  - {to: [silent@school.example]}
---
kind: site
name: moodle
url: http://127.0.0.1:9
---
kind: source
name: school
type: oneroster-csv
path: csv
---
kind: profile
name: default
source: school
site: moodle
"""
CAUSE = Cause("c", "held-plan", "moodle", "default", "Held: 62 removals for moodle wait for you", "b", "/plans/1", "m")


@pytest.fixture
def home(engine, tmp_path):
    with Home.make(tmp_path / "home") as home:
        home.load(SETTINGS, "test", tmp_path)
        yield home


def berlin(day: str, at: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def test_it_is_sent_once_a_day_to_each(home):
    digest = Digest(home)
    home.store.notices.see(CAUSE, berlin("2026-09-01", "02:00"))
    assert digest.look(berlin("2026-09-01", "06:59")) == 0
    assert digest.look(berlin("2026-09-01", "07:00")) == 2
    assert digest.look(berlin("2026-09-01", "07:01")) == 0
    assert digest.look(berlin("2026-09-02", "07:00")) == 2
    waiting = home.store.sendings.all(state="waiting")
    assert sorted({each.target for each in waiting}) == ["head@school.example", "office@school.example"]
    message = Message.of(waiting[0].body)
    assert message.subject == "Matricula on 02 September: 1 thing waits for you"
    assert message.link == "https://sync.school.example/"
    assert [part.heading for part in message.parts] == ["What waits for a person", "Profiles"]
    assert message.parts[0].lines == ("Held: 62 removals for moodle wait for you (since 01 September)",)
    assert message.parts[1].lines == ("default: Nothing was written yet.",)


def test_where_nothing_is_to_be_told_nothing_is_sent_also_not_later_that_day(home):
    digest = Digest(home)
    assert digest.look(berlin("2026-09-01", "07:00")) == 0
    home.store.notices.see(CAUSE, berlin("2026-09-01", "07:05"))
    assert digest.look(berlin("2026-09-01", "07:10")) == 0
    assert digest.look(berlin("2026-09-02", "07:00")) == 2


def test_runs_of_the_day_are_told_with_their_outcomes(home):
    digest = Digest(home)
    run = start_run(home.store)
    home.store.runs.finish(run, "done", {"done": 41, "refused": 1})
    home.store.problems.open("default", "user", "u1", "Ada Poe", "No.", run)
    ended = home.store.runs.get(run).finished_at
    message = digest.message(home.service().told[0], home.service(), ended, ended + timedelta(days=1))
    told = {part.heading: part.lines for part in message.parts}
    assert message.subject.endswith(": all is well")
    assert told["What was done"] == (f"Run {run} of default to moodle: 41 carried out, 1 refused",)
    assert told["What is left open"] == ("default: 1 problem",)
    home.store.problems.close("default", "user", ["u1"])
    assert digest.message(home.service().told[0], home.service(), ended - timedelta(days=1), ended) is None
    assert digest.message(home.service().told[1], home.service(), ended, ended + timedelta(days=1)) is None


def start_run(store):
    import polars as pl

    from matricula.store import CHANGES_SCHEMA, PlanRecord

    at = datetime(2026, 9, 1, tzinfo=UTC)
    record = PlanRecord(None, "default", "moodle", "csv", at, "ready", "x", {"counts": {}}, [])
    plan = store.plans.add(record, pl.DataFrame(schema=CHANGES_SCHEMA), [])
    return store.runs.start(plan, "default", "moodle", "ann")


def test_many_processes_put_it_in_once(home):
    home.store.notices.see(CAUSE, berlin("2026-09-01", "02:00"))
    put = []

    def look() -> None:
        with Home(home.folder) as other:
            put.append(Digest(other).look(berlin("2026-09-01", "07:00")))

    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(put) == 2
    assert len(home.store.sendings.all(state="waiting")) == 2


def test_one_that_was_missed_is_sent_late_but_not_half_a_day_late(home):
    home.store.notices.see(CAUSE, berlin("2026-09-01", "02:00"))
    assert Digest(home).look(berlin("2026-09-01", "13:01")) == 0
    assert Digest(home).look(berlin("2026-09-01", "12:59")) == 2


@pytest.mark.parametrize(
    ("at", "day", "due"),
    [
        ("02:30", "2026-03-29", "2026-03-29T01:30:00+00:00"),  # 02:30 is skipped: 03:30 in summer time
        ("03:30", "2026-03-29", "2026-03-29T01:30:00+00:00"),
        ("02:30", "2026-10-25", "2026-10-25T00:30:00+00:00"),  # 02:30 comes twice: the first counts
        ("07:00", "2026-03-28", "2026-03-28T06:00:00+00:00"),
        ("07:00", "2026-03-29", "2026-03-29T05:00:00+00:00"),
        ("07:00", "2026-10-25", "2026-10-25T06:00:00+00:00"),
    ],
)
def test_days_on_which_clocks_change(at, day, due):
    noon = berlin(day, "12:00")
    assert last_due(at, "Europe/Berlin", noon)[1].isoformat() == due


@settings(deadline=None)
@given(
    st.integers(0, 2 * 365 * 24 * 60),
    st.sampled_from(["00:00", "02:30", "07:00", "23:59"]),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Auckland", "UTC", "Australia/Lord_Howe"]),
)
def test_each_day_is_due_once_whatever_clocks_do(minutes, at, zone):
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    before, last = last_due(at, zone, now)
    assert before < last <= now
    assert now - last <= timedelta(hours=25)
    assert timedelta(hours=23) <= last - before <= timedelta(hours=25)
    assert last_due(at, zone, last) == (before, last)
    assert last_due(at, zone, last - timedelta(seconds=1))[1] == before
