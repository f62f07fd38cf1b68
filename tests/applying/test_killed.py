"""Killed anywhere, nothing is lost and nothing doubled: the site ends as after an undisturbed run."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from corridor import Corridor, picture

from matricula.sandbox import running

KILLS = int(os.environ.get("MATRICULA_KILLS", "20"))
FAULTS = {
    "max_input_vars": 300,
    "latency_ms": 8,
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


def undisturbed(place: Path) -> dict:
    with (
        running(fixture="empty") as site,
        Corridor.open(place, site.url, site.tokens["admin"], site, extra=RULES) as corridor,
    ):
        school = corridor.school(students=120)
        corridor.hub.apply(corridor.plan().number)
        school.next_day()[0].write(corridor.folder)
        corridor.hub.apply(corridor.plan().number)
        return picture(site.url, site.tokens["admin"])


def kill_and_repeat(corridor: Corridor, plan: int, kills: int, dice: random.Random) -> int:
    """Apply a plan, killing the process at random moments; returns how often it was killed."""
    command = [sys.executable, str(Path(__file__).with_name("apply_once.py")), str(corridor.home.folder), str(plan)]
    killed = 0
    while True:
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
        start = corridor.sandbox.faults.seen()["total"]
        after, pause = dice.randint(1, 12), dice.random() * 0.02
        while killed < kills and process.poll() is None and corridor.sandbox.faults.seen()["total"] < start + after:
            time.sleep(0.001)
        if killed < kills and process.poll() is None:
            time.sleep(pause)
            process.send_signal(signal.SIGKILL)
        error = process.communicate()[1].decode()
        if process.returncode != -signal.SIGKILL:
            assert process.returncode == 0, error
            return killed
        killed += 1


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [2026])
def test_killed_at_random_moments_the_site_ends_as_if_undisturbed(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    expected = undisturbed(tmp_path / "calm")
    with (
        running(fixture="empty") as site,
        Corridor.open(tmp_path / "wild", site.url, site.tokens["admin"], site, extra=RULES) as corridor,
    ):
        site.faults.set(seed=seed, **FAULTS)
        school = corridor.school(students=120)
        killed = kill_and_repeat(corridor, corridor.plan().number, KILLS - KILLS // 5, dice)
        school.next_day()[0].write(corridor.folder)
        killed += kill_and_repeat(corridor, corridor.plan().number, KILLS // 5, dice)
        assert corridor.plan().changes.height == 0
        site.faults.clear()
        seen = picture(site.url, site.tokens["admin"])
    assert seen == expected
    assert len({row[0] for row in seen["users"]}) == len(seen["users"])
    assert len({row[:2] for row in seen["enrolments"]}) == len(seen["enrolments"])
    assert killed >= KILLS * 3 // 4
