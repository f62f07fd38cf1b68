"""A job as somebody sees it who watches it: how far it is, what came of its changes so far, and its log."""

from dataclasses import dataclass

from matricula.service.pace_told import Pace, pace_of
from matricula.service.service import Service
from matricula.store import Job, JobLine, LeftOver

PROBLEMS_SHOWN = 20


@dataclass(frozen=True)
class Followed:
    """A job at one moment.

    Args:
        job: the job.
        pace: how fast it goes.
        outcomes: how many changes of its run ended how so far.
        problems: the first changes that were not carried out.
        lines: lines of its log, as many as were asked for.
    """

    job: Job
    pace: Pace
    outcomes: dict[str, int]
    problems: tuple[LeftOver, ...]
    lines: tuple[JobLine, ...]


def look(service: Service, number: int, after: int = 0, before: Followed | None = None) -> Followed:
    """See how far a job is.

    Args:
        service: the service.
        number: the job.
        after: only lines of its log with a larger number.
        before: what was seen last; its outcomes are taken over where nothing has ended since.

    Raises:
        UsageError: there is no such job.
    """
    job = service.jobs.get(number)
    lines = tuple(service.jobs.lines(number, after))
    pace = pace_of(job, service.store.jobs.now() if job.state == "working" else job.asked_at)
    if job.run is None:
        return Followed(job, pace, {}, (), lines)
    same = before is not None and (before.job.run, before.job.done, before.job.state) == (job.run, job.done, job.state)
    if before is not None and same:
        return Followed(job, pace, before.outcomes, before.problems, lines)
    views = service.store.views
    outcomes = views.outcomes(job.run)
    problems = views.left_over(job.run, limit=PROBLEMS_SHOWN) if set(outcomes) - {"done"} else []
    return Followed(job, pace, outcomes, tuple(problems), lines)
