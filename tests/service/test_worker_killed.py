"""A worker that is killed in mid-run: another process goes on, and the site ends as wanted, with nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from consistency import faults

from jobs_seen import ended, once, told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corridor import Corridor

    from matricula.service import Service

SLOW = {"latency_ms": 200, "max_input_vars": 300}


@contextmanager
def workers(corridor: Corridor, number: int) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """So many `matricula worker`, by the number of their processes."""
    command = [sys.executable, "-m", "matricula", "worker", "--home", str(corridor.home.folder)]
    started = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(number)]
    try:
        yield {process.pid: process for process in started}
    finally:
        for process in started:
            process.kill()
            process.communicate()


def at_work_on(service: Service, number: int, running: dict[int, subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """The process that works on a job, once something of its run is done."""
    job = once(service, number, lambda each: each.done > 0)
    return running[next(each.pid for each in service.store.workers.all() if each.name == job.worker)]


@pytest.mark.long
def test_another_worker_goes_on_with_what_a_killed_one_had_begun(corridor: Corridor, service: Service) -> None:
    corridor.school(60)
    corridor.sandbox.faults.set(**SLOW)
    job = service.jobs.ask("run", profile="default", by="ann")
    with workers(corridor, 2) as running:
        victim = at_work_on(service, job.id, running)
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait()
        before = service.jobs.get(job.id)
        corridor.sandbox.faults.set(latency_ms=0)
        done = ended(service, job.id)
        # The site must be free again: the queue's own lock, too.
        after = ended(service, service.jobs.ask("run", profile="default", by="ann").id)
    assert (done.state, done.attempts, done.plan) == ("done", 2, before.plan), told(service, job.id)
    assert done.worker != before.worker
    assert done.run != before.run
    assert [(run.id, run.state) for run in service.store.runs.all()] == [
        (done.run, "done"),
        (before.run, "interrupted"),
    ]
    assert (after.state, after.result["changes"]) == ("done", 0)
    assert corridor.plan().changes.height == 0
    assert faults(corridor.home.store, corridor.sandbox.state) == []


@pytest.mark.long
def test_a_worker_that_is_told_to_end_gives_its_job_back(corridor: Corridor, service: Service) -> None:
    corridor.school(60)
    corridor.sandbox.faults.set(**SLOW)
    job = service.jobs.ask("run", profile="default", by="ann")
    with workers(corridor, 1) as running:
        told_to_end = at_work_on(service, job.id, running)
        told_to_end.send_signal(signal.SIGTERM)
        error = told_to_end.communicate(timeout=60)[1].decode()
        assert told_to_end.returncode == 0, error
    assert "Traceback" not in error
    waiting = service.jobs.get(job.id)
    assert (waiting.state, waiting.attempts) == ("waiting", 0)
    assert service.store.workers.all() == []
    corridor.sandbox.faults.set(latency_ms=0)
    service.start()
    assert ended(service, job.id).state == "done"
    assert faults(corridor.home.store, corridor.sandbox.state) == []
