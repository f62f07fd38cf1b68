"""Transfers of grades in the console: shown, approved, and how the run ended."""

import sys
from pathlib import Path

import pytest
from web_browser import words

from matricula.sandbox import running
from matricula.service import Service

sys.path.insert(0, str(Path(__file__).parents[1] / "grades"))

from grade_desk import GradeDesk


@pytest.fixture
def grades(tmp_path):
    with running(fixture="empty") as sandbox, GradeDesk.open(tmp_path, sandbox) as desk:
        yield desk


@pytest.fixture
def service(grades):
    service = Service(grades.home)
    yield service
    service.stop()


def test_a_transfer_is_shown_by_name_and_what_it_was_written_to(grades, owner):
    planned = grades.plan()
    told = words(owner.get(f"/plans/{planned.number}"))
    assert "create 4 results" in told
    assert "Given Family u2: Essay" in told
    assert "Approve, and write 7 changes to sink sis" in told
    run = grades.hub.apply(planned.number).run
    assert owner.get(f"/runs/{run}").status_code == 200
    assert owner.get("/runs").status_code == 200
    empty = grades.plan()
    assert "the sink sis holds what was read of the gradebooks" in words(owner.get(f"/plans/{empty.number}"))
    undo = grades.hub.undo(run)
    assert "remove 4 results" in words(owner.get(f"/plans/{undo.number}"))


def test_conflicts_are_findings_of_the_plan_and_a_sentence_of_the_overview(grades, owner):
    grades.transfer()
    grades.edit("u2", 90)
    planned = grades.plan()
    assert "score 90 there, score 80 from Moodle" in words(owner.get(f"/plans/{planned.number}"))
    assert "1 grade was changed in the school's system" in words(owner.get("/"))


def test_people_of_the_site_may_approve_and_others_do_not_know_of_it(grades, sign_in_as):
    number = grades.plan().number
    assert sign_in_as("viewer", "moodle").get(f"/plans/{number}").status_code == 200
    assert sign_in_as("approver", "other").get(f"/plans/{number}").status_code in (403, 404)
    page = f"/plans/{number}"
    assert "Approve, and write" not in words(sign_in_as("viewer", "moodle").get(page))
    answer = sign_in_as("approver", "moodle").fill_in(page, f"{page}/approve", words="")
    assert "is approved" in words(answer)
