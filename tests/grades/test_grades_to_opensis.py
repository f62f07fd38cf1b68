"""Transfers from the sandbox into openSIS: its own roster makes the courses, its own gradebook gets the grades."""

import sys
from pathlib import Path

import pytest

from matricula.hub import Home, Hub
from matricula.sandbox import running

transfers = pytest.importorskip("matricula.hub.transfers")
gradebook = pytest.importorskip("matricula.sandbox.functions.gradebook")
sys.path.insert(0, str(Path(__file__).parents[1] / "sinks"))
sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
import opensis_gradebooks  # noqa: E402
import opensis_school  # noqa: E402

DOCUMENTS = """
kind: site
name: moodle
url: {url}
---
kind: source
name: sis
type: sql
url: {database}
passwordless: true
preset: opensis
parameters: {{year: 2021, day: 2021-09-10}}
---
kind: profile
name: default
site: moodle
source: sis
grades:
  sink: gradebook
  marking_period: term-21
  final:
    marking_period: term-21
---
kind: sink
name: gradebook
type: opensis
url: {database}
passwordless: true
"""
SECTION = 28


@pytest.fixture
def school(monkeypatch):
    more = tuple(set(opensis_school.TABLES) - set(opensis_gradebooks.READ))
    monkeypatch.setattr(opensis_gradebooks, "READ", (*opensis_gradebooks.READ, *more))
    with opensis_gradebooks.opensis("8.0") as bench:
        bench.run("DELETE FROM gradebook_grades")
        bench.run("DELETE FROM gradebook_assignments")
        yield bench


def test_grades_stand_in_openSIS_and_what_a_teacher_changes_there_is_a_conflict(school, tmp_path):  # noqa: N802
    with running(fixture="empty") as sandbox, Home.make(tmp_path / "home") as home:
        home.load(DOCUMENTS.format(url=sandbox.url, database=school.settings["url"]), "test", tmp_path)
        home.keep_token("moodle", sandbox.tokens["admin"])
        hub = Hub(home)
        hub.apply(hub.plan("default").number)
        ids = {kind: dict(home.store.ledger.frame("default", kind).select("key", "moodle_id").iter_rows())
               for kind in ("course", "user")}  # fmt: skip
        course = ids["course"][f"section-{SECTION}"]
        gradebook.add_activity(sandbox.state, course, "assign", "Essay", 100)
        (item,) = [each for each in gradebook.items(sandbox.state, course) if each["itemname"] == "Essay"]
        gradebook.write_grade(sandbox.state, item, ids["user"]["student-1"], 80)
        gradebook.write_grade(sandbox.state, item, ids["user"]["student-2"], 0)

        planned = transfers.plan_transfer(hub, "default", full=True)
        assert set(hub.apply(planned.number).states) == {"done"}
        grades = "SELECT student_id, points FROM gradebook_grades WHERE points IS NOT NULL ORDER BY student_id"
        assert [(int(row["student_id"]), float(row["points"])) for row in school.run(grades)] == [(1, 80), (2, 0)]
        assert transfers.plan_transfer(hub, "default", full=True).changes.is_empty()

        school.run("UPDATE gradebook_grades SET points = 60 WHERE student_id = 1")
        gradebook.write_grade(sandbox.state, item, ids["user"]["student-1"], 90)
        planned = transfers.plan_transfer(hub, "default", full=True)
        assert ("update", "result") not in planned.changes.select("action", "kind").rows()
        hub.apply(planned.number)
        (conflict,) = home.store.conflicts.all("default")
        assert (conflict.ours, conflict.theirs) == ('{"score":90.0}', '{"score":60.0}')
        assert [(int(row["student_id"]), float(row["points"])) for row in school.run(grades)] == [(1, 60), (2, 0)]
