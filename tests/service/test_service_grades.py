"""Transfers as jobs and by schedule, what is told of them, and who may see them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobs_seen import ended
from matricula.hub.grades import conflicts_meant, settle_conflicts
from matricula.sandbox import running
from matricula.service import Service
from matricula.service.notices import Notices
from matricula.service.noticing import Noticing
from matricula.service.overview import overview
from matricula.service.permissions import May
from matricula.service.reach import with_sinks
from matricula.service.visitors import Visitor
from matricula.store.accounts import Granted

sys.path.insert(0, str(Path(__file__).parents[1] / "grades"))

from grade_desk import GradeDesk

TOLD = """---
kind: service
name: service
mail: {host: localhost, port: 9, sender: m@school.example}
told: [{to: [head@school.example]}]
"""


@pytest.fixture
def grades(tmp_path):
    with running(fixture="empty") as sandbox, GradeDesk.open(tmp_path, sandbox) as desk:
        yield desk


@pytest.fixture
def service(grades):
    service = Service(grades.home)
    yield service
    service.stop()


def done(service, **how):
    """A job `grades`, asked for and ended."""
    service.start()
    job = ended(service, service.jobs.ask("grades", profile="default", arguments={"full": True}, by="test").id)
    assert job.state == "done", job.error
    return job


def test_a_job_plans_a_transfer_and_writes_it(grades, service):
    job = done(service)
    assert job.result["outcomes"] == {"done": 7}
    assert job.result["conflicts"] == 0
    assert grades.results() == {"u2": 80.0, "u3": 0.0}
    plan = grades.store.plans.get(job.plan)
    assert (plan.site, plan.state) == ("sink sis", "applied")


def test_a_job_leaves_a_held_transfer_to_a_person(grades, service):
    grades.transfer()
    grades.set("gone: remove", "gone: remove\n  limits: {changed: {absolute: 0}}")
    grades.grade("u2", 50)
    job = done(service)
    assert job.result["held"] is True
    assert grades.results()["u2"] == 80.0
    notices = Notices(grades.home)
    Noticing(grades.home, notices).look()
    (notice,) = notices.open()
    assert (notice.kind, notice.site) == ("held-plan", "moodle"), "those of the site are told"
    assert "The transfer would change 1 of" in notice.body


def test_it_is_done_by_schedule(grades, service):
    body = grades.store.documents.get("profile", "default").body
    grades.home.load(body + "schedule:\n  entries: [{at: 'every 15 minutes', do: grades}]\n", "test", Path())
    now = datetime(2026, 11, 2, 12, 1, tzinfo=UTC)
    service.schedules.tick(now)
    service.schedules.tick(now + timedelta(minutes=15))
    assert [job.kind for job in service.jobs.all(states=["waiting"]) if job.profile] == ["grades"]


def test_people_are_told_once_of_new_conflicts_without_a_name(grades):
    grades.home.load(TOLD, "test", Path())
    notices = Notices(grades.home)
    noticing = Noticing(grades.home, notices)
    grades.transfer()
    grades.edit("u2", 90)
    grades.plan()
    for _ in range(2):
        noticing.look()
    (notice,) = notices.open()
    assert (notice.kind, notice.times) == ("grade-conflicts", 1)
    assert notice.subject == "Conflict: 1 grade of profile default"
    assert "Family" not in notice.body
    assert notice.link == "/conflicts?profile=default"
    settle_conflicts(grades.home, "default", conflicts_meant(grades.home, "default", None), send=True)
    noticing.look()
    assert notices.open() == []


def test_the_overview_says_it_in_a_sentence(grades, service):
    grades.transfer()
    grades.edit("u2", 90)
    grades.plan()
    says = [each.says for each in overview(service, None).waiting]
    assert says == ["1 grade was changed in the school's system: say which stands (default)."]


def test_who_may_something_to_all_sites_of_a_sink_may_it_to_the_sink(grades):
    account = object()
    for role, site, may in (("approver", "moodle", True), ("approver", "other", False), ("viewer", "*", False)):
        visitor = Visitor(account, with_sinks(grades.home, [Granted(role, site)]))
        assert visitor.may(May.APPROVE, "sink sis") is may
    profile = grades.store.documents.get("profile", "default").body
    other = profile.replace("name: default", "name: second").replace("site: moodle", "site: other")
    grades.home.load(other, "test", Path())
    shared = Visitor(account, with_sinks(grades.home, [Granted("approver", "moodle")]))
    assert not shared.may(May.SEE, "sink sis"), "it would show the other school's grades"
