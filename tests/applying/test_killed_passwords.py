"""Passwords that a killed run handed out are those that the site took."""

import hashlib
import random
from pathlib import Path

import pytest
from corridor import Corridor
from test_killed import Killer

from matricula.hub.passwords import passwords_of_run
from matricula.sandbox import running

FAULTS = {"latency_ms": 8, "max_input_vars": 300, "drop_after": {"chance": 0.1}}


@pytest.mark.long
@pytest.mark.timeout(300)
def test_over_all_its_runs_a_killed_plan_hands_out_the_passwords_that_were_set(tmp_path: Path) -> None:
    with (
        running(fixture="empty") as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        corridor.school(students=40)
        site.faults.set(seed=3, **FAULTS)
        corridor.plan()
        killer = Killer(corridor, random.Random(7))
        killer.go_on(4)
        assert killer.killed == 4
        runs = [run.id for run in corridor.hub.store.runs.all()]
        handed = [row for run in runs for row in passwords_of_run(corridor.home, run).iter_rows(named=True)]
        kept = {
            row["username"]: row["password"]
            for row in site.state.all("SELECT username, password FROM user WHERE idnumber <> ''")
        }
    assert len(handed) == len(kept) == 46
    assert {row["username"]: hashlib.sha256(row["password"].encode()).hexdigest() for row in handed} == kept
