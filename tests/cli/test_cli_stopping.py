"""An apply that is stopped or killed, and goes on when it is called again."""

import signal
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from command_desk import Desk, Told

from matricula.applying import Silent
from matricula.hub import Home, Hub
from matricula.moodle import Moodle, NewUser
from matricula.planning import read_changes
from matricula.sandbox import Running
from matricula.sandbox.school import School

PATIENCE = 30.0
"""Seconds after which a test gives up waiting for a process."""


@pytest.fixture
def slow(ready: Desk, site: Running) -> Iterator[Callable[[int], Told]]:
    """Starts an apply on a slow site and sends it a signal while accounts are being made."""
    assert ready("plan").status == 0

    def interrupted(number: int) -> Told:
        site.faults.set(latency_ms=300)
        process = ready.start("apply", 1)
        until = time.monotonic() + PATIENCE
        tick = threading.Event()
        while not site.faults.calls["core_user_create_users"]:
            assert time.monotonic() < until
            assert process.poll() is None, ready.end(process).all
            tick.wait(0.01)
        process.send_signal(number)
        told = ready.end(process)
        site.faults.set(latency_ms=0)
        return told

    return interrupted


def ends_well(desk: Desk, site: Running, school: School) -> None:
    went_on = desk("apply", 1)
    assert went_on.status == 0
    assert "Plan 1 is applied" in went_on.out
    again = desk("plan", "--json").json
    assert again["changes"] == 0
    accounts = [row["username"] for row in site.state.all("SELECT username FROM user")]
    assert len(accounts) == len(set(accounts))
    assert {person.username.lower() for person in (*school.students, *school.staff)} <= set(accounts)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_cleanly_and_says_how_to_go_on(
    ready: Desk, site: Running, school: School, slow: Callable[[int], Told], number: int
) -> None:
    stopped = slow(number)
    assert stopped.status == 1
    assert "asked to stop" in stopped.words
    assert "To go on: matricula apply 1" in stopped.words
    assert "Traceback" not in stopped.err
    done = ready("history", "--json").json["plans"][0]["runs"][0]
    assert done["state"] == "interrupted"
    assert done["outcomes"]["done"] >= len(school.students)
    ends_well(ready, site, school)


def test_a_killed_run_goes_on(ready: Desk, site: Running, school: School, slow: Callable[[int], Told]) -> None:
    assert slow(signal.SIGKILL).status == -signal.SIGKILL
    ends_well(ready, site, school)


class _LateCall(Silent):
    """Plays a call of a killed run that Moodle finishes only after the site was looked at."""

    def __init__(self, site: Running, people: list[dict[str, str]]) -> None:
        self._site = site
        self._people = people

    def step(self, name: str) -> None:
        if name == "create users":
            with Moodle(self._site.url, self._site.tokens["admin"]) as moodle:
                moodle.users.create([NewUser(**person, password="A-long-password-1") for person in self._people])


def test_records_of_a_call_that_moodle_finished_late_are_not_refused(ready: Desk, site: Running) -> None:
    ready("plan")
    fields = ("username", "firstname", "lastname", "email", "idnumber")
    with Home(ready.home) as home:
        made = read_changes(home.store.plans.changes(1, kind="user"))
        late = _LateCall(
            site, [{name: change.after[name] for name in fields if change.after[name]} for change in made[:5]]
        )
        applied = Hub(home).apply(1, progress=late)
    assert set(applied.states) == {"done"}
    assert ready("plan", "--json").json["changes"] == 0
