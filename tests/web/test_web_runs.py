"""Runs: their list, their report, and taking one back."""

import json
import threading

import pytest
from web_browser import words

from matricula.service import Service


@pytest.fixture
def service(corridor):
    service = Service(corridor.home)
    yield service
    service.stop()


@pytest.fixture
def applied(corridor):
    """A plan that was applied, one of its accounts refused."""
    corridor.school(20)
    plan = corridor.plan()
    user = plan.changes.filter(kind="user", action="create").row(0, named=True)
    wanted = json.loads(user["after"]) | {"password": "Long-enough-1!", "idnumber": "", "email": "x@y.example"}
    with corridor.moodle() as moodle:
        moodle.users.create([wanted])
    return corridor.hub.apply(plan.number)


def test_a_run_is_reported_with_what_was_refused_and_why(owner, service, applied):
    page = owner.get(f"/runs/{applied.run}")
    told = words(page)
    assert applied.states["refused"] > 0
    left = service.store.views.left_over(applied.run)
    assert left[0].name in told
    assert left[0].reason in told
    only = words(owner.get(f"/runs/{applied.run}", params={"state": "skipped"}))
    assert "Only: not tried" in only
    assert left[0].reason not in only


def test_runs_are_listed(owner, applied):
    told = words(owner.get("/runs"))
    assert f"Run {applied.run}" in told
    assert f"{applied.states['done']:,} done" in told
    assert "No run is like that" in words(owner.get("/runs", params={"state": "interrupted"}))


def test_taking_a_run_back_makes_a_plan(sign_in_as, service, applied):
    approver = sign_in_as("approver")
    page = approver.fill_in(f"/runs/{applied.run}", f"/runs/{applied.run}/undo")
    job = service.jobs.get(int(page.url.path.rpartition("/")[2]))
    assert (job.kind, job.arguments) == ("undo", {"run": applied.run})
    over = threading.Event()
    service.jobs.on_end(lambda each: over.set())
    service.start()
    assert over.wait(60)
    plan = service.jobs.get(job.id).plan
    assert f"Plan {plan} takes run {applied.run} back" in words(approver.get(f"/jobs/{job.id}"))
    assert f"takes run {applied.run} back" in words(approver.get(f"/plans/{plan}"))


def test_an_operator_is_not_offered_to_take_a_run_back(sign_in_as, applied):
    operator = sign_in_as("operator")
    assert "Take it back" not in words(operator.get(f"/runs/{applied.run}"))
    assert operator.fill_in("/", f"/runs/{applied.run}/undo").status_code == 403


def test_a_run_that_broke_off_says_how_it_goes_on(owner, service, corridor):
    corridor.school(20)
    plan = corridor.plan()
    run = service.store.runs.start(plan.number, "default", "moodle", "ann")
    assert "It writes plan" in words(owner.get(f"/runs/{run}"))
    service.store.runs.finish(run, "interrupted", {})
    assert f"Approve plan {plan.number} again" in words(owner.get(f"/runs/{run}"))
