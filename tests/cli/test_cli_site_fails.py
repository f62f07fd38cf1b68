"""An apply on a site that goes into maintenance, and two at once, seen by a person at the command line."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from command_desk import Desk

from matricula.sandbox import Running

PATIENCE = 30.0
CREATE = "core_user_create_users"


def wait_until(there, process: subprocess.Popen[str]) -> None:
    until, tick = time.monotonic() + PATIENCE, threading.Event()
    while not there():
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()
        tick.wait(0.01)


def told_of(process: subprocess.Popen[str]) -> list[str]:
    """Lines of standard error as they come, gathered by a thread."""
    lines: list[str] = []
    threading.Thread(target=lambda: lines.extend(iter(process.stderr.readline, "")), daemon=True).start()
    return lines


def words_of(said: list[str]) -> str:
    return " ".join(" ".join(said).split())


@pytest.fixture
def waiting(ready: Desk, site: Running):
    """An apply that waits for the site, and what it says."""
    assert ready("plan").status == 0
    site.faults.set(latency_ms=200)
    process = ready.start("apply", 1)
    said = told_of(process)
    wait_until(lambda: site.faults.calls[CREATE], process)
    site.faults.set(maintenance=True, latency_ms=0)
    wait_until(lambda: "trying again" in words_of(said), process)
    yield process, said
    if process.poll() is None:
        process.kill()


def test_an_apply_waits_for_the_end_of_a_maintenance_says_so_and_goes_on(ready: Desk, site: Running, waiting) -> None:
    process, said = waiting
    site.faults.set(maintenance=False)
    out = process.stdout.read()
    assert process.wait(PATIENCE) == 0
    words = words_of(said)
    assert "The site is in maintenance mode or being upgraded. So since" in words
    assert "The site serves again; going on." in words
    assert "Plan 1 is applied" in out
    assert ready("plan", "--json").json["changes"] == 0


def test_a_signal_ends_the_wait_at_once(ready: Desk, site: Running, waiting) -> None:
    process, said = waiting
    begun = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == 1
    assert time.monotonic() - begun < 10
    words = words_of(said)
    assert "did so while it waited for the site" in words
    assert "To go on: matricula apply 1" in words
    site.faults.set(maintenance=False)
    assert ready("apply", 1).status == 0
    assert ready("plan", "--json").json["changes"] == 0


@pytest.mark.long
def test_a_second_signal_breaks_off_at_once_and_nothing_is_lost(ready: Desk, site: Running) -> None:
    assert ready("plan").status == 0
    site.faults.set(latency_ms=700)
    process = ready.start("apply", 1)
    said = told_of(process)
    wait_until(lambda: site.faults.calls[CREATE], process)
    process.send_signal(signal.SIGTERM)
    wait_until(lambda: "Again to break off" in words_of(said), process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE) == -signal.SIGTERM
    site.faults.set(latency_ms=0)
    assert ready("apply", 1).status == 0
    assert ready("plan", "--json").json["changes"] == 0


@pytest.fixture(params=["sqlite", "postgresql"])
def state(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where the state is kept; asked for before the home is made."""
    if request.param == "postgresql":
        monkeypatch.setenv("MATRICULA_DATABASE", request.getfixturevalue("postgres_address"))
    return str(request.param)


@pytest.mark.long
@pytest.mark.usefixtures("state")
def test_of_two_applies_at_once_one_runs_and_the_other_says_who_does(
    state: str, site: Running, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    ready: Desk = request.getfixturevalue("ready")
    assert ready("plan").status == ready("plan").status == 0
    site.faults.set(latency_ms=150)
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "matricula", "--home", str(ready.home), "apply"]
    both = [
        subprocess.Popen(
            [*command, str(plan)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        for plan in (1, 2)
    ]
    told = [process.communicate(timeout=120) for process in both]
    assert sorted(process.returncode for process in both) == [0, 1]
    winner = 0 if both[0].returncode == 0 else 1
    words = " ".join(" ".join(told[1 - winner]).split())
    assert "Another run is writing to moodle: run 1, started by" in words
    assert f"(process {both[winner].pid})" in words
    site.faults.set(latency_ms=0)
    names = [row["username"] for row in site.state.all("SELECT username FROM user")]
    assert len(names) == len(set(names))
    rows = site.state.all("SELECT userid, enrolid FROM user_enrolments")
    assert len({tuple(row.values()) for row in rows}) == len(rows)
    assert ready("plan", "--json").json["changes"] == 0
    if state == "postgresql":
        assert not list(Path(ready.home).glob("*.db"))
