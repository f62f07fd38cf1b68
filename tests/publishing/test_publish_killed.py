"""Killed anywhere, the tables hold the old rows or the new ones, and the same command finds out which."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from deliveries import ROSTER_11, USERS, deliver, enrollment, user
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL

from matricula.hub import Home, Hub, Target

KILLS = int(os.environ.get("MATRICULA_KILLS", "4"))
DOCUMENTS = """
kind: source
name: sis
path: {roster}
---
kind: profile
name: default
source: sis
site: nowhere
limits: {{share: 1}}
"""


def write_roster(folder: Path, first: int, number: int) -> None:
    people = [user(n) for n in range(first, first + number)]
    placed = [enrollment(n, f"u{n}", f"c{n % 2 + 1}") for n in range(first, first + number)]
    deliver(folder, ROSTER_11 | {"users": people, "enrollments": placed})


def command(home: Home, number: int, *how: str) -> list[str]:
    return [sys.executable, str(Path(__file__).with_name("publish_once.py")), str(home.folder), str(number), *how]


def standing(url: URL) -> tuple[int, int, int, int]:
    engine = create_engine(url)
    with engine.begin() as connection:
        there = "select (select count(*) from matricula_user), (select count(*) from matricula_enrolment), "
        there += "(select count(*) from matricula_former), (select count(*) from matricula_publication)"
        found = tuple(connection.execute(text(there)).one())
    engine.dispose()
    return found


@pytest.mark.long
def test_killed_anywhere(database: URL, tmp_path: Path) -> None:
    dice = random.Random(7)
    target = Target(database.render_as_string(hide_password=False))
    write_roster(tmp_path / "roster", 1, 400)
    with Home.make(tmp_path / "home") as home:
        home.load(DOCUMENTS.format(roster=tmp_path / "roster"), "school.yaml", tmp_path)
        hub = Hub(home)
        hub.apply(hub.plan_publication("default", target).number)
        old, size = (400, 400, 0, 1), 400
        for turn in range(KILLS):
            # The other half of the people comes and goes.
            write_roster(tmp_path / "roster", 1 if turn % 2 else 200, 400 + turn)
            number = hub.plan_publication("default", target).number
            with subprocess.Popen(command(home, number), stdout=subprocess.PIPE) as process:
                assert process.stdout
                assert process.stdout.readline() == b"go\n"
                try:
                    process.wait(timeout=dice.random() * 0.25)
                except subprocess.TimeoutExpired:
                    process.kill()
            size = 400 + turn
            seen = standing(database)
            assert seen == old or (seen[:2] == (size, size) and seen[3] == old[3] + 1)
            if home.store.plans.get(number).state != "applied":  # else it was through before it was killed
                hub.apply(number)
            seen = standing(database)
            assert seen[:2] == (size, size)
            assert seen[3] == old[3] + 1
            old = seen
            assert home.store.plans.get(number).state == "applied"
            assert home.store.runs.unfinished(target.name) is None
        assert hub.plan_publication("default", target).changes.height == 0


@pytest.mark.parametrize("settled_by", ["apply", "plan"])
def test_cut_off_after_the_tables_were_written(database: URL, tmp_path: Path, settled_by: str) -> None:
    target = Target(database.render_as_string(hide_password=False))
    deliver(tmp_path / "roster")
    with Home.make(tmp_path / "home") as home:
        home.load(DOCUMENTS.format(roster=tmp_path / "roster"), "school.yaml", tmp_path)
        hub = Hub(home)
        number = hub.plan_publication("default", target).number
        assert subprocess.run(command(home, number, "cut"), stdout=subprocess.PIPE, check=False).returncode == 9
        assert home.store.plans.get(number).state == "ready"
        assert standing(database)[0] == len(USERS)
        if settled_by == "plan":
            assert hub.plan_publication("default", target).changes.height == 0
        else:
            hub.apply(number)
        assert home.store.plans.get(number).state == "applied"
        assert standing(database)[3] == 1
        last = home.store.runs.all("default", 1)[0]
        assert last.state == "done"
