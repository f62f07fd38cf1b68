"""The overview: each profile in a sentence, and what waits for a person."""

import pytest
from web_browser import words

from matricula.service import Service
from matricula.store import Wanted
from matricula.store.notices import Cause


@pytest.fixture
def at_school(corridor):
    service = Service(corridor.home)
    yield service
    service.stop()


def test_whoever_has_nothing_yet_is_led_to_setting_up(owner, sign_in_as):
    page = owner.get("/")
    assert "Nothing is set up yet." in words(page)
    assert 'href="/set-up"' in page.text
    assert 'href="/set-up"' not in sign_in_as("viewer").get("/").text


class TestWithASchool:
    @pytest.fixture
    def service(self, at_school):
        return at_school

    def test_a_new_profile(self, owner, service):
        told = words(owner.get("/"))
        assert "Nothing has been planned or written yet." in told
        assert "Last run never" in told
        assert "Nothing. Everything that could be done is done." in told

    def test_a_plan_that_is_ready_and_one_that_was_written(self, owner, service, corridor):
        corridor.school(20)
        plan = corridor.plan()
        assert f"Plan {plan.number} of default is ready to be approved" in words(owner.get("/"))
        corridor.hub.apply(plan.number)
        told = words(owner.get("/"))
        assert "Moodle holds what the last delivery said." in told
        assert f"{plan.changes.height:,} done" in told
        assert "is ready to be approved" not in told

    def test_everything_that_waits_is_told_with_its_link(self, owner, service, corridor):
        corridor.school(20)
        corridor.hub.apply(corridor.plan().number)
        users = corridor.folder / "users.csv"
        lines = users.read_text(encoding="utf-8").splitlines(keepends=True)
        users.write_text("".join(lines[: len(lines) // 2]), encoding="utf-8")
        held = corridor.plan()
        service.store.problems.open("default", "user", "u1", "Ann Lee", "refused", None)
        page = owner.get("/")
        told = words(page)
        assert f"Plan {held.number} of default waits for your word." in told
        assert "1 record of default could not be written to Moodle." in told
        assert f'href="/plans/{held.number}"' in page.text
        assert 'href="/problems?profile=default"' in page.text

    def test_jobs_at_work_are_counted_and_a_failed_one_is_told(self, owner, service, corridor):
        job = service.jobs.ask("plan", profile="default", by="ann")
        assert "1 job is at work or waits" in words(owner.get("/"))
        claimed = service.store.jobs.claim("worker")
        error = {"code": "x", "what": "The folder is empty.", "where": "", "remedy": ""}
        service.store.jobs.end(claimed.id, "worker", "failed", error=error)
        page = owner.get("/")
        assert "The last job of default failed: The folder is empty." in words(page)
        assert f'href="/jobs/{job.id}"' in page.text

    def test_a_token_that_is_about_to_expire_is_told_until_it_is_renewed(self, owner, sign_in_as, service):
        subject = "The token of moodle expires in 7 days"
        service.notices.raise_(Cause("token:moodle", "token-expires", "moodle", "", subject, "", "/sites/moodle"))
        page = owner.get("/")
        assert subject in words(page)
        assert 'href="/sites/moodle"' in page.text
        assert subject not in words(sign_in_as("viewer", "another").get("/"))
        service.notices.over("token:moodle")
        assert subject not in words(owner.get("/"))

    def test_only_operators_are_offered_to_start_work(self, sign_in_as, service):
        assert "Plan now" in words(sign_in_as("operator").get("/"))
        assert "Plan now" not in words(sign_in_as("approver").get("/"))
        assert "Plan now" not in words(sign_in_as("viewer").get("/"))

    def test_profiles_of_other_sites_are_not_shown(self, sign_in_as, service, corridor):
        corridor.home.load("kind: site\nname: other\nurl: https://other.example\n", "test", corridor.folder)
        corridor.school(20)
        corridor.plan()
        told = words(sign_in_as("operator", "other").get("/"))
        assert "default" not in told

    def test_tallies_agree_with_the_plan(self, service, corridor):
        corridor.school(20)
        plan = corridor.plan()
        views = service.store.views
        assert sum(each.changes for each in views.tally(plan.number)) == plan.changes.height
        users = views.changes(plan.number, Wanted(kind="user"))
        assert users.height == sum(each.changes for each in views.tally(plan.number, Wanted(kind="user")))
