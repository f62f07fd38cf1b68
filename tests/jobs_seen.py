"""Waiting for what becomes of jobs, by the events that tell of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from matricula.service import Service
    from matricula.store import Job


def once(service: Service, number: int, seen: Callable[[Job], bool], seconds: float = 60) -> Job:
    """A job once it is as it is wanted; another process may work on it, so that its row is what is looked at."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = service.jobs.get(number)
        if seen(job):
            return job
        time.sleep(0.02)
    raise AssertionError((job, service.jobs.lines(number)))


def ended(service: Service, number: int, seconds: float = 60) -> Job:
    """A job once it has ended."""
    return once(service, number, lambda job: job.ended, seconds)


def told(service: Service, number: int) -> list[str]:
    """The lines of a job's log."""
    return [line.text for line in service.jobs.lines(number)]
