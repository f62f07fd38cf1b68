"""What both ways of bringing jobs to workers have in common: the file of one process, and PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from consistency import faults
from corridor import DOCUMENTS, Corridor

from jobs_seen import ended, once, told
from matricula.errors import UsageError
from matricula.hub.tools import keep_tool_token
from matricula.sandbox.tools import running_tool
from matricula.service import Service, working
from matricula.store import schema

if TYPE_CHECKING:
    from pathlib import Path

SECOND_SITE = DOCUMENTS.replace("name: moodle", "name: second").replace("name: default", "name: other")
SECOND_SITE = SECOND_SITE.replace("site: moodle", "site: second")
#: Many small calls, so that there is a middle to be caught in.
SLOW = {"latency_ms": 150, "max_input_vars": 300}


def test_a_run_is_planned_and_applied_and_tells_how_far_it_is(corridor: Corridor, service: Service) -> None:
    corridor.school(20)
    job = service.jobs.ask("run", profile="default", by="ann")
    assert (job.state, job.site, job.fraction) == ("waiting", "moodle", None)
    service.start()
    job = ended(service, job.id)
    assert job.state == "done", (job.error, told(service, job.id))
    assert (job.plan, job.run) == (job.result["plan"], job.result["run"])
    assert job.result["outcomes"] == {"done": job.result["changes"]}
    assert job.done == job.total == job.result["changes"]
    assert service.store.runs.get(job.run).owner == "ann"
    assert told(service, job.id)[0] == "reading the roster"


@pytest.mark.parametrize("kind", ["read", "plan", "observe", "verify", "learning"])
def test_what_only_looks_writes_nothing(corridor: Corridor, service: Service, kind: str) -> None:
    corridor.school(20)
    service.start()
    job = ended(service, service.jobs.ask(kind, profile="default", by="ann").id)
    assert job.state == "done", (job.error, told(service, job.id))
    assert job.result
    assert corridor.sandbox.state.one("SELECT count(*) AS number FROM course")["number"] == 1


def test_plan_apply_undo_check_and_purge(corridor: Corridor, service: Service) -> None:
    corridor.school(20)
    service.start()
    plan = ended(service, service.jobs.ask("plan", profile="default", by="ann").id)
    applied = ended(service, service.jobs.ask("apply", arguments={"plan": plan.plan}, by="ann").id)
    assert (applied.profile, applied.site, applied.state) == ("default", "moodle", "done")
    assert applied.result["outcomes"] == {"done": plan.result["changes"]}
    undone = ended(service, service.jobs.ask("undo", arguments={"run": applied.run}, by="ann").id)
    assert undone.result["changes"] > 0
    checked = ended(service, service.jobs.ask("check", site="moodle", by="ann").id)
    assert checked.result["failed"] == 0
    assert {check["state"] for check in checked.result["checks"]} >= {"ok"}
    assert ended(service, service.jobs.ask("purge", by="ann").id).state == "done"


def test_a_check_of_tools_says_which_are_not_well(corridor: Corridor, service: Service, tmp_path: Path) -> None:
    document = "kind: tool\nname: {}\ntype: kuracloud\nsite: moodle\nurl: {}\n"
    with running_tool() as tool:
        both = [document.format(name, tool.url) for name in ("kura", "unknown")]
        corridor.home.load("---\n".join(both), "test", tmp_path)
        keep_tool_token(corridor.home, "kura", tool.token)
        service.start()
        job = ended(service, service.jobs.ask("tools-check", by="ann").id)
    assert (job.state, job.result) == ("done", {"tools": 2, "wrong": ["unknown"]})


def test_a_held_plan_is_done_and_says_so(corridor: Corridor, service: Service) -> None:
    corridor.school(40)
    corridor.hub.apply(corridor.plan().number)
    corridor.school(10, seed=6)
    service.start()
    job = ended(service, service.jobs.ask("run", profile="default", by="ann").id)
    assert (job.state, job.result["held"], job.run) == ("done", True, None)


def test_the_same_asked_twice_waits_once(service: Service) -> None:
    first = service.jobs.ask("plan", profile="default", by="ann")
    assert service.jobs.ask("plan", profile="default", arguments={"full": False}, by="bob").id == first.id
    assert service.jobs.ask("plan", profile="default", arguments={"full": True}, by="bob").id != first.id
    only = [
        service.jobs.ask("plan", profile="default", arguments={"only": list(each)}, by="ann").id
        for each in ("ab", "ba")
    ]
    assert only[0] == only[1] != first.id


def test_many_are_asked_for_one_after_the_other(service: Service) -> None:
    """After some times PostgreSQL's driver prepares the statement, and then it must still know the index by it."""
    asked = [
        service.jobs.ask("plan", profile="default", arguments={"only": [f"p{each}"]}, by="ann") for each in range(12)
    ]
    again = [
        service.jobs.ask("plan", profile="default", arguments={"only": [f"p{each}"]}, by="ann") for each in range(12)
    ]
    assert [job.id for job in asked] == [job.id for job in again]


def test_asked_twice_it_begins_at_the_earlier_moment(service: Service) -> None:
    later = service.store.jobs.now() + timedelta(hours=1)
    first = service.jobs.ask("plan", profile="default", by="ann", not_before=later)
    again = service.jobs.ask("plan", profile="default", by="bob")
    assert again.id == first.id
    assert again.not_before < later


def test_one_job_a_site_at_a_time_and_others_beside_it(corridor: Corridor, service: Service, tmp_path: Path) -> None:
    corridor.school(20)
    corridor.home.load(SECOND_SITE.format(url=corridor.url, folder=corridor.folder, patience=60), "test", tmp_path)
    corridor.home.keep_token("second", corridor.token)
    corridor.sandbox.faults.set(latency_ms=100)
    asked = [service.jobs.ask(kind, profile="default", by="ann").id for kind in ("plan", "observe", "verify")]
    other = service.jobs.ask("plan", profile="other", by="ann").id
    service.start(threads=4)
    jobs = [ended(service, each) for each in asked]
    beside = ended(service, other)
    assert {job.state for job in [*jobs, beside]} == {"done"}
    spans = sorted((job.began_at, job.ended_at) for job in jobs)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))
    assert beside.began_at < spans[-1][0]


def test_cancelled_while_it_waits_it_is_never_begun(service: Service) -> None:
    job = service.jobs.ask("plan", profile="default", by="ann")
    heard: list[int] = []
    service.jobs.on_end(lambda each: heard.append(each.id))
    assert service.jobs.cancel(job.id, "bob").state == "cancelled"
    assert heard == [job.id]
    service.start()
    check = service.jobs.ask("check", site="moodle", by="ann")
    ended(service, check.id)
    assert service.jobs.get(job.id).attempts == 0
    with pytest.raises(UsageError, match="has ended"):
        service.jobs.cancel(job.id, "bob")
    assert [each.by for each in service.store.audit.find(act="job.cancelled")] == ["bob"]


def test_cancelled_in_mid_run_then_tried_again(corridor: Corridor, service: Service) -> None:
    corridor.school(60)
    corridor.sandbox.faults.set(**SLOW)
    service.start()
    job = service.jobs.ask("run", profile="default", by="ann")
    once(service, job.id, lambda each: each.done > 0)
    asked = service.jobs.cancel(job.id, "bob")
    assert (asked.state, asked.stop_asked) == ("working", True)
    stopped = ended(service, job.id)
    assert stopped.state == "cancelled"
    assert 0 < stopped.done < stopped.total
    corridor.sandbox.faults.set(latency_ms=0)
    again = ended(service, service.jobs.retry(job.id, "bob").id)
    assert again.state == "done", again.error
    assert corridor.plan().changes.height == 0
    assert faults(corridor.home.store, corridor.sandbox.state) == []


def test_stopped_in_mid_run_it_goes_on_with_the_next_worker(corridor: Corridor, service: Service) -> None:
    corridor.school(60)
    corridor.sandbox.faults.set(**SLOW)
    service.start()
    job = service.jobs.ask("run", profile="default", by="ann")
    once(service, job.id, lambda each: each.done > 0)
    service.stop()
    waiting = service.jobs.get(job.id)
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    assert service.store.workers.all() == []
    corridor.sandbox.faults.set(latency_ms=0)
    following = Service(corridor.home)
    following.start()
    try:
        done = ended(following, job.id)
    finally:
        following.stop()
    assert (done.state, done.plan) == ("done", waiting.plan), done.error
    assert f"going on with plan {waiting.plan}" in told(service, job.id)
    assert corridor.plan().changes.height == 0
    assert faults(corridor.home.store, corridor.sandbox.state) == []


def test_a_site_that_is_away_is_tried_again_and_given_up_at_last(
    corridor: Corridor, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "PAUSES", (0, 0))
    corridor.school(10)
    corridor.sandbox.faults.set(maintenance=True)
    service.start()
    job = ended(service, service.jobs.ask("plan", profile="default", by="ann").id)
    assert (job.state, job.attempts) == ("failed", 3)
    assert set(job.error) == {"code", "what", "where", "remedy"}
    assert sum("Another attempt is made in" in line for line in told(service, job.id)) == 2


def test_a_wrong_setting_is_not_tried_again(corridor: Corridor, service: Service) -> None:
    corridor.home.keep_token("moodle", "0" * 32)
    corridor.school(10)
    service.start()
    job = ended(service, service.jobs.ask("plan", profile="default", by="ann").id)
    assert (job.state, job.attempts) == ("failed", 1)
    assert job.error["remedy"]
    assert service.jobs.lines(job.id)[-1].level == "error"


def test_a_fault_is_told_without_values(corridor: Corridor, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.hub, "check", lambda *_, **__: {}["Ann Lee"])
    service.start()
    job = ended(service, service.jobs.ask("check", site="moodle", by="ann").id)
    assert (job.state, job.error["code"]) == ("failed", "fault")
    assert "KeyError" in job.error["what"]
    assert "Ann" not in str(job) + str(told(service, job.id))


def test_the_same_asked_while_it_is_at_work_waits_its_turn(corridor: Corridor, service: Service) -> None:
    corridor.school(20)
    corridor.sandbox.faults.set(**SLOW)
    service.start()
    first = service.jobs.ask("run", profile="default", by="ann")
    once(service, first.id, lambda each: each.state == "working")
    second = service.jobs.ask("run", profile="default", by="ann")
    assert second.id != first.id
    service.stop()
    assert [service.jobs.get(each.id).state for each in (first, second)] == ["waiting", "waiting"]
    corridor.sandbox.faults.set(latency_ms=0)
    service.start()
    assert [ended(service, each.id).state for each in (first, second)] == ["done", "done"]


@pytest.mark.parametrize(
    ("kind", "given", "code"),
    [
        ("dance", {}, "job-kind-unknown"),
        ("plan", {}, "job-unsaid"),
        ("plan", {"profile": "nobody"}, "profile-unknown"),
        ("check", {"site": "nowhere"}, "site-unknown"),
        ("apply", {"arguments": {"plan": 77}}, "plan-unknown"),
        ("undo", {"arguments": {"run": 77}}, "run-unknown"),
        ("plan", {"profile": "default", "arguments": {"twice": True}}, "job-argument"),
        ("plan", {"profile": "default", "arguments": {"full": "yes"}}, "job-argument"),
    ],
)
def test_what_is_not_there_is_refused(service: Service, kind: str, given: dict, code: str) -> None:
    with pytest.raises(UsageError) as refused:
        service.jobs.ask(kind, by="ann", **given)
    assert refused.value.code == code
    assert refused.value.remedy


def test_a_job_that_is_not_there_is_refused(service: Service) -> None:
    with pytest.raises(UsageError) as refused:
        service.jobs.get(7)
    assert refused.value.code == "job-unknown"
    with service.store.begin() as connection:
        assert connection.execute(schema.job.select()).all() == []
