"""The lock of a site: held by whoever lives, on this machine or another, whatever their clocks say."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from store_making import add_plan, start_run

from matricula.errors import StopError, WaitError
from matricula.store import schema
from matricula.store.database import Database
from matricula.store.processes import this_process, uptime

ELSEWHERE = "another-boot pid:[1]"
HOURS = [timedelta(hours=-5), timedelta(hours=5)]


def start_second(store):
    return store.runs.start(add_plan(store, profile="other"), "other", "moodle", "second")


def hold(store, **values):
    with store.begin() as connection:
        connection.execute(update(schema.site_lock).values(**values))


def here_then(space):
    return f"{this_process().space.split(' ')[0]} {space}"


@pytest.fixture
def sqlite_store(store):
    if not store._database.is_sqlite:
        pytest.skip("the clock is that of PostgreSQL's server")
    return store


def test_a_silent_run_of_another_machine_loses_its_site_and_coming_back_sends_nothing(store):
    old = start_run(store)
    with store.begin() as connection:
        now = store._database.now(connection)
    hold(store, process_space=ELSEWHERE, heartbeat_at=now - timedelta(seconds=100))
    with pytest.raises(WaitError, match=f"run {old}, started by tester on .* \\(process") as held:
        start_second(store)
    assert held.value.code == "site-locked"
    hold(store, heartbeat_at=now - timedelta(seconds=121))
    new = start_second(store)
    for come_back in (
        lambda: store.runs.heartbeat(old),
        lambda: store.journal.prepare(old, "users", "f", 0, [1]),
    ):
        with pytest.raises(StopError) as lost:
            come_back()
        assert lost.value.code == "lock-lost"
    assert store.journal.in_doubt(old) == []
    store.runs.heartbeat(new)


@pytest.mark.parametrize("jump", HOURS)
def test_a_clock_that_is_set_neither_kills_a_run_nor_keeps_a_dead_one_alive(sqlite_store, monkeypatch, jump):
    start_run(sqlite_store)
    monkeypatch.setattr(Database, "now", lambda *_: datetime.now(UTC) + jump)
    with pytest.raises(WaitError, match="Another run"):
        start_second(sqlite_store)
    hold(sqlite_store, uptime=uptime() - 121, process_space=here_then("of another container"))
    assert start_second(sqlite_store)


def test_a_run_from_before_the_machine_started_anew_is_dead_though_the_clock_was_set_back(sqlite_store):
    start_run(sqlite_store)
    hold(sqlite_store, process_space=ELSEWHERE, heartbeat_at=datetime.now(UTC) + timedelta(hours=3), uptime=10.0)
    assert start_second(sqlite_store)


def test_where_a_start_of_the_machine_shows_in_its_running_time_alone_the_run_is_dead(sqlite_store):
    start_run(sqlite_store)
    hold(sqlite_store, process_space=here_then("the same"), uptime=uptime() + 1000)
    assert start_second(sqlite_store)


def test_on_postgresql_the_clocks_of_the_machines_do_not_matter(store, monkeypatch):
    if store._database.is_sqlite:
        pytest.skip("SQLite serves one machine")
    start_run(store)
    hold(store, process_space=ELSEWHERE, uptime=0.0)

    class Wrong(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(hours=5)

    monkeypatch.setattr("matricula.store.database.datetime", Wrong)
    monkeypatch.setattr("matricula.store.runs.datetime", Wrong)
    with pytest.raises(WaitError, match="Another run"):
        start_second(store)
