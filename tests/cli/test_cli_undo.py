"""A run taken back at the command line, and grades that were kept."""

import csv
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from command_desk import Desk

from matricula.hub import Home
from matricula.sandbox import Running
from matricula.sandbox.functions.gradebook import add_activity, items, write_grade
from matricula.sandbox.school import School

Deliver = Callable[[School], None]


@pytest.fixture
def second_day(ready: Desk, school: School, deliver: Deliver) -> Desk:
    """A home whose second run brought the school's next day."""
    ready("plan")
    ready("apply", 1)
    deliver(school.next_day()[0])
    ready("plan")
    ready("apply", 2)
    return ready


def test_a_run_is_taken_back_and_the_next_plan_would_do_it_again(second_day: Desk) -> None:
    did = second_day("show", 2, "--json").json["counts"]
    told = second_day("undo", 2)
    assert told.status == 0
    assert "from run 2, to undo it" in told.words
    assert "The roster still wants what the run did" in told.words
    assert "matricula profile disable default" in told.words
    assert "matricula apply 3" in told.words
    assert second_day("profile", "disable", "default").status == 0
    assert second_day("apply", 3).status == 0
    assert second_day("undo", 2, "--json").json["changes"] == 0
    second_day("profile", "enable", "default")
    again = second_day("plan", "--json").json
    assert again["undo"] is None
    removing = {kind: number for kind, number in did.items() if "suspend" in number}
    assert {kind: again["counts"][kind]["suspend"] for kind in removing} == {
        kind: number["suspend"] for kind, number in removing.items()
    }


def test_what_cannot_be_brought_back_stands_before_the_list(ready: Desk) -> None:
    ready("plan")
    ready("apply", 1)
    told = ready("undo", 1)
    assert told.status == 3
    assert told.words.index("was made and stays") < told.words.index("suspend 4")
    assert "--release" in told.words
    assert ready("show", 2, "--json").json["undo"] == 1


def test_a_run_that_is_not_there_is_refused(ready: Desk) -> None:
    assert ready("undo", 7).status == 2


def test_grades_are_named_kept_and_written_to_a_file_for_one_alone(
    ready: Desk, site: Running, school: School, deliver: Deliver, tmp_path: Path
) -> None:
    file = tmp_path / "unenrol.yaml"
    file.write_text(ready("dump").out.replace("kind: profile", "kind: profile\nenrolments: {gone: unenrol}"))
    assert ready("load", file).status == 0
    ready("plan")
    ready("apply", 1)
    _grade_everybody(site)
    deliver(school.next_day()[0])
    told = ready("plan")
    assert "1 grade would be lost" in told.words
    shown = ready("show", 2)
    assert "Grades that go with these changes" in shown.words
    assert "Essay 8.00" in shown.words
    listed = ready("show", 2, "--json").json["kept"]
    assert ready("kept-grades", "--plan", 2, "--json").json["kept"] == listed
    assert {each["run"] for each in listed} == {None}
    assert ready("apply", 2).status == 0
    to = tmp_path / "kept.csv"
    assert ready("kept-grades", "--run", 2, "--to", to).status == 0
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    rows = list(csv.DictReader(to.read_text(encoding="utf-8").splitlines()))
    assert {(row["person"], row["item"], row["raw"]) for row in rows if row["kind"] == "mod"} == {
        (each["person"], "Essay", "8.0") for each in listed
    }
    assert ready("kept-grades", "--to", to).status == 2
    assert ready("kept-grades", "--person", "nobody at all").words == "No grades were kept."


def _grade_everybody(site: Running) -> None:
    for row in site.state.all("SELECT id FROM course WHERE id > 1"):
        add_activity(site.state, row["id"], "assign", "Essay", 10)
        (essay,) = [item for item in items(site.state, row["id"]) if item["itemname"] == "Essay"]
        enrolled = "SELECT ue.userid FROM user_enrolments ue JOIN enrol e ON e.id = ue.enrolid WHERE e.courseid = ?"
        for user in site.state.all(enrolled, row["id"]):
            write_grade(site.state, essay, user["userid"], 8)


def test_a_publication_is_not_undone(ready: Desk) -> None:
    ready("plan")
    with Home(ready.home) as home:
        record = replace(home.store.plans.get(1), summary={"publication": {}}, site="tables")
        number = home.store.plans.add(record, home.store.plans.changes(1), ())
        run = home.store.runs.start(number, "default", "tables", "test")
        home.store.runs.finish(run, "done", {})
    told = ready("undo", run, "--json")
    assert told.status == 2
    assert told.json["error"]["code"] == "undo-publication"
    assert "matricula publish default" in told.json["error"]["remedy"]
