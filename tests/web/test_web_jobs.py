"""Jobs: asked for, watched live, cancelled, tried once more."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx2
import pytest
from web_browser import words
from web_server import events, served

from matricula.service import Service, following


@pytest.fixture
def service(corridor):
    service = Service(corridor.home)
    yield service
    service.stop()


@pytest.fixture
def plan(corridor):
    corridor.school(20)
    return corridor.plan()


def ended(service, number, seconds=60):
    """The job once it has ended."""
    over = threading.Event()
    service.jobs.on_end(lambda each: over.set() if each.id == number else None)
    assert service.jobs.get(number).ended or over.wait(seconds), service.jobs.get(number)
    return service.jobs.get(number)


def number_of(page):
    return int(page.url.path.rpartition("/")[2])


def test_work_is_asked_for_with_a_button(sign_in_as, corridor, service):
    corridor.school(20)
    operator = sign_in_as("operator")
    page = operator.fill_in("/", "/profiles/default/jobs/plan")
    job = service.jobs.get(number_of(page))
    assert (job.kind, job.profile, job.asked_by, job.state) == ("plan", "default", "operator-0", "waiting")
    assert "It waits for its turn." in words(page)
    service.start()
    ended(service, job.id)
    page = operator.get(f"/jobs/{job.id}")
    assert "It is done." in words(page)
    assert "reading the roster" in words(page)
    assert 'href="/plans/1"' in page.text


def test_approving_writes_just_that_plan(owner, corridor, service, plan):
    service.start()
    page = owner.fill_in(f"/plans/{plan.number}", f"/plans/{plan.number}/approve")
    job = ended(service, number_of(page))
    assert (job.state, job.plan, service.store.runs.get(job.run).owner) == ("done", plan.number, "owner-0")
    told = words(owner.get(f"/jobs/{job.id}"))
    assert f"Done: {plan.changes.height:,}" in told


def test_a_job_that_failed_tells_what_to_do_and_is_tried_once_more(owner, corridor, service):
    job = service.jobs.ask("read", profile="default", by="ann")
    service.start()
    assert ended(service, job.id).state == "failed"
    told = words(owner.get(f"/jobs/{job.id}"))
    assert job_error(service, job.id)["what"] in told
    assert job_error(service, job.id)["remedy"] in told
    corridor.school(20)
    page = owner.fill_in(f"/jobs/{job.id}", f"/jobs/{job.id}/retry")
    assert ended(service, number_of(page)).state == "done"
    assert "rows" not in words(owner.get(page.url.path))
    assert "users" in words(owner.get(page.url.path))


def job_error(service, number):
    return service.jobs.get(number).error


def test_a_job_is_cancelled_after_a_question(owner, corridor, service):
    job = service.jobs.ask("plan", profile="default", by="ann")
    assert "Cancel this job?" in words(owner.get(f"/jobs/{job.id}/cancel"))
    assert service.jobs.get(job.id).state == "waiting"
    page = owner.fill_in(f"/jobs/{job.id}/cancel", f"/jobs/{job.id}/cancel")
    assert "It is cancelled." in words(page)
    assert service.jobs.get(job.id).state == "cancelled"
    assert "It had ended already" in words(owner.fill_in(f"/jobs/{job.id}", f"/jobs/{job.id}/cancel"))


@pytest.mark.parametrize(
    ("role", "kind", "allowed"),
    [
        ("viewer", "plan", False),
        ("approver", "plan", False),
        ("operator", "plan", True),
        ("operator", "apply", True),
        ("approver", "apply", True),
        ("viewer", "apply", False),
    ],
)
def test_who_may_ask_for_a_job_may_cancel_it(sign_in_as, corridor, service, plan, role, kind, allowed):
    given = {"arguments": {"plan": plan.number}} if kind == "apply" else {"profile": "default"}
    job = service.jobs.ask(kind, by="ann", **given)
    someone = sign_in_as(role)
    assert (f"/jobs/{job.id}/cancel" in someone.get(f"/jobs/{job.id}").text) is allowed
    page = someone.fill_in(f"/jobs/{job.id}", f"/jobs/{job.id}/cancel")
    assert (page.status_code == 200) is allowed
    assert (service.jobs.get(job.id).state == "cancelled") is allowed


def test_jobs_are_listed_and_filtered(owner, corridor, service):
    service.jobs.ask("plan", profile="default", by="ann")
    service.jobs.ask("purge", by="ann")
    told = words(owner.get("/jobs"))
    assert "Make a plan (default)" in told
    assert "Remove what is old" in told
    assert "Make a plan (default)" not in words(owner.get("/jobs", params={"kind": "purge"}))
    assert "No job is like that" in words(owner.get("/jobs", params={"state": "failed"}))


def test_a_job_is_watched_to_its_end(owner, app, corridor, service, plan):
    job = service.jobs.ask("apply", arguments={"plan": plan.number}, by="ann")
    with served(app) as address, watching(owner, address, job.id) as stream:
        seen = events(stream.iter_lines())
        name, _, parts = next(seen)
        assert (name, parts["step"]) == ("progress", "It waits for its turn.")
        service.start()
        rest = list(seen)
    assert [name for name, _, _ in rest][-1] == "end"
    lines = [told["text"] for name, _, told in rest if name == "line"]
    assert lines == [line.text for line in service.jobs.lines(job.id)]
    last = [parts for name, _, parts in rest if name == "progress"][-1]
    assert last["step"] == "It is done."
    assert f"Done: {plan.changes.height:,}" in last["outcomes"]


def test_whoever_comes_back_gets_only_the_lines_that_are_new(owner, app, corridor, service, plan):
    job = service.jobs.ask("apply", arguments={"plan": plan.number}, by="ann")
    service.start()
    ended(service, job.id)
    lines = service.jobs.lines(job.id)
    assert len(lines) > 2
    with served(app) as address:
        for given in ({"params": {"after": "2"}}, {"headers": {"Last-Event-ID": "2"}, "params": {"after": "0"}}):
            with watching(owner, address, job.id, **given) as stream:
                got = [told["number"] for name, _, told in events(stream.iter_lines()) if name == "line"]
            assert got == [line.number for line in lines[2:]]


def test_many_viewers_cost_one_look_at_a_time(owner, app, corridor, service, monkeypatch):
    looks = count()
    real = following.look
    monkeypatch.setattr("matricula.web.live.look", lambda *given: (next(looks), real(*given))[1])
    job = service.jobs.ask("plan", profile="default", by="ann")
    begun = threading.Barrier(21)

    def watch(address):
        with watching(owner, address, job.id) as stream:
            seen = events(stream.iter_lines())
            first = next(seen)
            begun.wait(30)
            return [first, *seen]

    with served(app) as address, ThreadPoolExecutor(20) as pool:
        watchers = [pool.submit(watch, address) for _ in range(20)]
        begun.wait(30)
        before = next(looks)
        service.jobs.cancel(job.id, "ann")
        told = [each.result(30) for each in watchers]
    assert all(each[-1][0] == "end" for each in told)
    assert next(looks) - before < 15
    assert app.state.live._watched == {}


def test_nobody_watches_a_job_of_another_site(sign_in_as, app, corridor, service):
    corridor.home.load("kind: site\nname: other\nurl: https://other.example\n", "test", corridor.folder)
    job = service.jobs.ask("plan", profile="default", by="ann")
    stranger = sign_in_as("owner", "other")
    assert stranger.get(f"/jobs/{job.id}/live").status_code == 404
    assert stranger.get(f"/jobs/{job.id}").status_code == 404
    assert "Make a plan" not in words(stranger.get("/jobs")).partition("Jobs, newest first")[2]


def watching(browser, address, job, **given):
    cookies = dict(browser.cookies)
    return httpx2.stream("GET", f"{address}/jobs/{job}/live", cookies=cookies, timeout=60, **given)
