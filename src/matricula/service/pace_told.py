"""How fast a job goes, and how long it will take yet."""

from dataclasses import dataclass
from datetime import datetime

from matricula.store import Job

_TOO_EARLY = 2.0
"""Seconds within which nothing can be said of a pace."""


@dataclass(frozen=True)
class Pace:
    """How fast a job goes.

    Args:
        rate: how much is done in a second; None where that cannot be said.
        left: seconds until it is done, should it go on like this; None where that cannot be said.
    """

    rate: float | None
    left: float | None


def pace_of(job: Job, at: datetime) -> Pace:
    """How fast a job goes or went.

    Args:
        job: the job.
        at: the moment meant, for a job that is at work.
    """
    if job.began_at is None or not job.done:
        return Pace(None, None)
    seconds = ((job.ended_at or at) - job.began_at).total_seconds()
    if seconds < _TOO_EARLY:
        return Pace(None, None)
    rate = job.done / seconds
    left = None if job.total is None or job.state != "working" else max(0, job.total - job.done) / rate
    return Pace(rate, left)
