"""`matricula grades` at the command line: planned, written, in conflict, settled, undone."""

import re
import sys
from pathlib import Path

import pytest
from command_desk import Desk

from matricula.hub.sinks import secret_of
from matricula.sandbox import running

sys.path.insert(0, str(Path(__file__).parents[1] / "grades"))

from grade_desk import GradeDesk

NAME = "Given Family u2: Essay"


@pytest.fixture
def grades(tmp_path):
    with running(fixture="empty") as sandbox, GradeDesk.open(tmp_path, sandbox) as desk:
        yield desk


@pytest.fixture
def desk(grades):
    return Desk(grades.home.folder)


def test_grades_are_previewed_written_settled_and_taken_back(grades, desk):
    told = desk("grades", "plan")
    assert told.status == 0
    assert re.search(rf"{NAME} \([^)]+\): 80", told.words)
    assert "To write exactly this to the sink sis: matricula apply 2" in told.words
    assert desk("apply", 2).status == 0
    empty = desk("grades", "plan").words
    assert "the sink sis holds what was read of the gradebooks" in empty
    assert "0 of 2 gradebooks were read for it" in empty
    assert "`matricula grades plan default --full` reads all of them now" in empty
    grades.edit("u2", 90)
    grades.grade("u2", 85)
    told = desk("grades", "run", "--yes", "--full")
    assert told.status == 0
    assert "gradebooks were read for it" not in told.words
    assert "1 grade is in conflict" in told.words
    assert grades.results()["u2"] == 90
    told = desk("grades", "conflicts")
    assert "Moodle: score 85" in told.words
    assert "there: score 90" in told.words
    assert desk("grades", "settle", "default", NAME, "--send").status == 0
    assert desk("grades", "conflicts", "--json").json == {"profile": "default", "conflicts": []}
    (each,) = desk("grades", "conflicts", "--all", "--json").json["conflicts"]
    assert (each["state"], each["ours"], each["theirs"]) == ("send", {"score": 85.0}, {"score": 90.0})
    told = desk("grades", "run", "--yes", "--json")
    assert told.json["applied"]["outcomes"] == {"done": 1}
    assert grades.results()["u2"] == 85
    run = told.json["applied"]["run"]
    told = desk("undo", run)
    assert "the next transfer would send them again" in told.words
    plan = grades.store.plans.latest("default", "sink sis").number
    assert desk("grades", "apply", plan).status == 0
    assert grades.results()["u2"] == 90, "as it was before that run"


def test_all_are_settled_at_once_and_what_is_unclear_is_refused(grades, desk):
    grades.transfer()
    grades.edit("u2", 90)
    grades.edit("u3", 90)
    desk("grades", "plan")
    for wrong in ((), ("--all",), (NAME, "--send", "--keep"), (NAME, "--all", "--send")):
        assert desk("grades", "settle", "default", *wrong).status == 2
    assert desk("grades", "settle", "default", "nobody", "--keep").status == 2
    key = grades.store.conflicts.all("default")[0].key
    assert desk("grades", "settle", "default", key.replace("\t", " "), "--keep").status == 0
    assert desk("grades", "settle", "default", "--all", "--send").status == 0
    assert [each.state for each in grades.store.conflicts.all("default")] == ["keep", "send"]


def test_a_sink_is_looked_at(grades, desk):
    grades.transfer()
    assert desk("grades", "check", "--json").json["records"] == {
        "grade-category": 1,
        "line-item": 2,
        "result": 4,
        "final-grade": 0,
    }
    assert "grades 4" in desk("grades", "check").words or "results 4" in desk("grades", "check").words


def test_a_secret_of_a_sink_is_kept_and_forgotten_with_its_address(grades, desk, tmp_path, monkeypatch):
    database = "kind: sink\nname: db\ntype: sql\nurl: postgresql://writer@{}/grades\n"
    grades.home.load(database.format("one"), "test", tmp_path)
    (tmp_path / "secret").write_text("planted-sink-secret")
    assert desk("grades", "secret", "db", "--file", tmp_path / "secret").status == 0
    assert secret_of(grades.home, "db", "password") == "planted-sink-secret"
    assert desk("grades", "secret", "sis", "--file", tmp_path / "secret").status == 2, "it needs none"
    monkeypatch.setenv("MATRICULA_SINK_DB_PASSWORD", "from-the-environment")
    assert secret_of(grades.home, "db", "password") == "from-the-environment"


def test_a_plan_for_a_site_is_no_transfer(desk):
    assert desk("grades", "apply", 1).status == 2


def test_a_password_that_is_missing_is_told_before_a_gradebook_is_read(grades, desk, tmp_path):
    sink = "kind: sink\nname: sis\ntype: sql\nurl: mysql://writer@127.0.0.1/nowhere\n"
    grades.home.load(sink, "test", tmp_path)
    told = desk("grades", "plan")
    assert told.status == 1
    assert "matricula grades secret sis password" in told.words
    assert "gradebooks" not in told.words
