"""Killed anywhere, nothing is lost and nothing doubled: the site ends as after an undisturbed run."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from consistency import faults, rows
from corridor import Corridor, picture

from matricula.hub.home import DATABASE_VARIABLE
from matricula.sandbox import running
from matricula.store import schema

KILLS = int(os.environ.get("MATRICULA_KILLS", "20"))
SEEDS = [int(seed) for seed in os.environ.get("MATRICULA_KILL_SEEDS", "2026").split(",")]
#: Students for each kill, so that the run outlasts them.
STUDENTS = 6
#: Seconds that a process takes at most until it has planned or begun to write.
START_UP = 2.5
#: A killed process has got as far as so many calls, as a power of two: mostly a few, sometimes many. With the plugins
#: a whole run needs no more than a few dozen, and each is made to last longer.
MOST_CALLS, MOST_CALLS_BY_PLUGIN = 6, 4
LATENCY, LATENCY_BY_PLUGIN = 8, 60
FAULTS = {
    "max_input_vars": 300,
    "share_deadlock": True,
    "drop_before": {"chance": 0.04},
    "drop_after": {"chance": 0.04},
    "bad_gateway": {"chance": 0.02},
    "deadlock": {"chance": 0.02},
}
#: Everything that a run can write.
RULES = """
groups:
  - {name: "{group.title}", idnumber: "{group.id}", grouping: "{enrolment.role}"}
  - {name: "Year {person.grade}", grouping: Years, roles: [student]}
cohorts:
  - {name: "Year {person.grade}", idnumber: "year-{person.grade}"}
  - {name: Everybody, idnumber: all}
meta_links:
  - {shortname: EVER, fullname: For ever, classes: {value: "{subject.title}", like: "*i*"}}
"""


def undisturbed(place: Path, students: int) -> dict:
    with (
        running(fixture="empty") as site,
        Corridor.open(place, site.url, site.tokens["admin"], site, extra=RULES) as corridor,
    ):
        school = corridor.school(students)
        corridor.hub.apply(corridor.plan().number)
        school.next_day()[0].write(corridor.folder)
        corridor.hub.apply(corridor.plan().number)
        return picture(site.url, site.tokens["admin"])


class Killer:
    """Applies what is planned in processes of their own and kills them at random moments.

    Args:
        corridor: the home and its site.
        dice: where the moments come from.
        most_calls: as `MOST_CALLS` has it.
    """

    def __init__(self, corridor: Corridor, dice: random.Random, most_calls: int = MOST_CALLS) -> None:
        self.corridor = corridor
        self.dice = dice
        self.most_calls = most_calls
        self.killed = 0
        self.told: list[str] = []

    def go_on(self, kills: int) -> None:
        """Plan and apply, killed so often; then once more to the end.

        A process may come to its end first. What it went on with may have been a plan of before, so that the last one
        plans anew.
        """
        until = self.killed + kills
        while self.killed < until:
            process = self._start(planning=self.dice.random() < 0.2)
            moment = self._by_the_clock() if self.dice.random() < 0.25 else self._by_calls()
            for _ in moment:
                if process.poll() is not None:
                    break
                time.sleep(0.001)
            if self._ended(process, signal.SIGKILL):
                break
        for planning in (False, True):
            self._ended(self._start(planning=planning), None)

    def _start(self, *, planning: bool) -> subprocess.Popen[bytes]:
        """`matricula run`, which plans anew what is left, or `matricula apply`, which goes on with the last plan."""
        folder = str(self.corridor.home.folder)
        plan = self.corridor.home.store.plans.latest("default")
        if planning or plan is None or plan.state != "ready":
            command = ["-m", "matricula", "run", "default", "--yes", "--home", folder]
        else:
            command = [str(Path(__file__).with_name("apply_once.py")), folder, str(plan.number)]
        return subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def _by_the_clock(self) -> Iterator[None]:
        """Moments of which many lie in starting, planning and settling."""
        until = time.monotonic() + self.dice.random() * START_UP
        while time.monotonic() < until:
            yield

    def _by_calls(self) -> Iterator[None]:
        """Moments between and in the midst of calls."""
        seen = self.corridor.sandbox.faults.seen
        calls = int(2 ** (self.dice.random() * self.most_calls))
        until, pause = seen()["total"] + calls, self.dice.random() * 0.02
        while seen()["total"] < until:
            yield
        time.sleep(pause)

    def _ended(self, process: subprocess.Popen[bytes], by: signal.Signals | None) -> bool:
        """Whether a process came to its end, and not by us."""
        if by is not None and process.poll() is None:
            process.send_signal(by)
        error = process.communicate()[1].decode()
        if by is not None and process.returncode == -by:
            self.killed += 1
            return False
        assert process.returncode == 0, error
        return True


@pytest.mark.long
@pytest.mark.timeout(60 + 20 * KILLS)
@pytest.mark.parametrize(
    ("backend", "plugins"),
    [
        pytest.param("sqlite", False, id="sqlite"),
        pytest.param("postgresql", False, id="postgresql"),
        pytest.param("sqlite", True, id="plugins"),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_killed_at_random_moments_the_site_ends_as_if_undisturbed(
    tmp_path: Path,
    seed: int,
    backend: str,
    plugins: bool,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    students = 60 + STUDENTS * KILLS
    expected = undisturbed(tmp_path / "calm", students)
    if backend == "postgresql":
        monkeypatch.setenv(DATABASE_VARIABLE, request.getfixturevalue("postgres_address"))
    with (
        running(fixture="empty", plugins=plugins) as site,
        Corridor.open(tmp_path / "wild", site.url, site.tokens["admin"], site, extra=RULES) as corridor,
    ):
        site.faults.set(seed=seed, latency_ms=LATENCY_BY_PLUGIN if plugins else LATENCY, **FAULTS)
        school = corridor.school(students)
        killer = Killer(corridor, random.Random(seed), MOST_CALLS_BY_PLUGIN if plugins else MOST_CALLS)
        begun = time.monotonic()
        killer.go_on(KILLS - KILLS // 5)
        first = killer.killed
        school.next_day()[0].write(corridor.folder)
        killer.go_on(KILLS // 5)
        assert corridor.plan().changes.select("kind", "action", "name", "reason").rows() == []
        batches, runs = rows(corridor.home.store, schema.batch), rows(corridor.home.store, schema.run)
        print(
            f"\n{backend}, seed {seed}: {killer.killed} kills ({first} in the first import) in "
            f"{time.monotonic() - begun:.0f} s; {len(runs)} runs, {site.faults.seen()['total']} calls, "
            f"{len(batches)} of them noted, {sum(batch['state'] == 'settled' for batch in batches)} settled, "
            f"struck {site.faults.seen()['struck']}"
        )
        site.faults.clear()
        seen = picture(site.url, site.tokens["admin"])
        assert seen == expected
        assert faults(corridor.home.store, site.state) == []
    assert first == KILLS - KILLS // 5  # the first import is one long run, and outlasts its kills
