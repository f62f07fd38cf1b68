"""`matricula jobs`: asked for, listed, shown, cancelled and asked for anew; and a worker that does them."""

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from command_desk import Desk

from jobs_seen import ended
from matricula.hub import Home
from matricula.service import Service
from matricula.service.pace_told import pace_of

DOCUMENTS = """
kind: site
name: moodle
url: http://127.0.0.1:9
---
kind: source
name: school
path: nowhere
---
kind: profile
name: default
source: school
site: moodle
"""


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    with Home.make(tmp_path / "home") as home:
        home.load(DOCUMENTS, "test", tmp_path)
        home.keep_token("moodle", "0" * 32)
    return Desk(tmp_path / "home")


def test_jobs_are_asked_for_listed_cancelled_and_asked_for_anew(desk: Desk) -> None:
    assert "There are no jobs" in desk("jobs").out
    asked = desk("jobs", "ask", "plan", "default", "--with", "full=true", "--with", "only=ann", "--json").json
    assert (asked["id"], asked["state"], asked["arguments"]) == (1, "waiting", {"full": True, "only": ["ann"]})
    assert "Job 2 waits for a worker: check moodle" in desk("jobs", "ask", "check", "moodle").out
    listed = desk("jobs", "--json").json["jobs"]
    assert [(job["id"], job["kind"], job["site"]) for job in listed] == [(2, "check", "moodle"), (1, "plan", "moodle")]
    assert "Job 1 is cancelled" in desk("jobs", "cancel", 1).out
    assert [job["id"] for job in desk("jobs", "list", "--state", "cancelled", "--json").json["jobs"]] == [1]
    again = desk("jobs", "retry", 1, "--json").json
    assert (again["id"], again["arguments"]) == (3, asked["arguments"])
    shown = desk("jobs", "show", 1).out
    assert "Job 1: plan default" in shown
    assert "cancelled" in shown
    assert "same" not in again


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", 9], "There is no job 9."),
        (["cancel", 9], "There is no job 9."),
        (["ask", "dance"], "There is no kind of job named “dance”."),
        (["ask", "plan"], "Say which profile is meant."),
        (["ask", "plan", "default", "--with", "full"], "“full” has no value."),
        (["ask", "apply", "9"], "There is no plan 9."),
        (["ask", "apply", "nine"], "takes no “plan” like that"),
    ],
)
def test_what_is_not_there_is_refused_with_what_to_do(desk: Desk, arguments: list, told: str) -> None:
    refused = desk("jobs", *arguments)
    assert refused.status == 2
    assert told.rstrip(".") in refused.words


def test_a_job_that_has_ended_is_neither_cancelled_nor_asked_for_anew(desk: Desk) -> None:
    desk("jobs", "ask", "purge")
    desk("jobs", "cancel", 1)
    assert "has ended" in desk("jobs", "cancel", 1).words
    with Home(desk.home) as home:
        home.store.jobs.add("purge", site="", profile="", arguments={}, same="x", by="test")
    assert "only what failed or was cancelled" in desk("jobs", "retry", 2).words


def test_a_worker_does_what_waits_until_it_is_told_to_end(desk: Desk) -> None:
    desk("jobs", "ask", "purge")
    process = desk.start("worker", "--jobs", "1")
    with Home(desk.home) as home:
        service = Service(home)
        ended(service, 1)
    process.send_signal(signal.SIGTERM)
    told = desk.end(process)
    assert told.status == 0, told.all
    assert "matricula serve` works on jobs by itself" in told.words
    assert "done" in desk("jobs", "show", 1).out


def test_how_fast_a_job_goes_and_how_long_it_takes_yet(desk: Desk) -> None:
    with Home(desk.home) as home:
        jobs = home.store.jobs
        made, _ = jobs.add("purge", site="", profile="", arguments={}, same="x", by="test")
        assert pace_of(made, datetime.now(UTC)).left is None
        begun = jobs.claim("w")
        jobs.beat(made.id, "w", "at it", 20, 100)
        job = jobs.get(made.id)
        after = begun.began_at + timedelta(seconds=10)
        assert (pace_of(job, after).rate, pace_of(job, after).left, job.fraction) == (2.0, 40.0, 0.2)
        assert pace_of(job, begun.began_at + timedelta(seconds=1)).rate is None


@pytest.mark.parametrize(("kind", "concerns"), [("tool-check", "tool"), ("sink-check", "sink")])
def test_what_a_job_concerns_is_named_first(desk, tmp_path, kind, concerns):
    Home.make(desk.home).store.close()
    file = tmp_path / "documents.yaml"
    file.write_text(
        "kind: site\nname: moodle\nurl: https://moodle.example\n---\n"
        "kind: tool\nname: x\ntype: kuracloud\nsite: moodle\nurl: https://tool.example\n---\n"
        "kind: sink\nname: x\ntype: sql\npath: grades.db\n"
    )
    assert desk("load", file).status == 0
    asked = desk("jobs", "ask", kind, "x", "--json")
    assert (asked.json["kind"], asked.json["arguments"]) == (kind, {concerns: "x"})
    assert desk("jobs", "ask", kind, "y").status == 2
