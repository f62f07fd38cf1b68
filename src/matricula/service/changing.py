"""The job that brings just what has changed to a site."""

from collections.abc import Callable
from typing import Any, Final

from matricula.errors import UsageError
from matricula.hub import Planned
from matricula.service.work import Work

MOST: Final = 500
"""So many are looked up one by one; of more, the whole profile is run."""
NOBODY: Final = "only-unknown"


def planned_for_changed(work: Work, whom: list[str]) -> Planned | None:
    """Plan for those who have changed; who is not known is told in the job's log and does not stop the others.

    Args:
        work: the job.
        whom: who and what has changed.

    Returns:
        the plan, of the whole profile where too much has changed; None where none of them is known.
    """
    profile = work.job.profile
    if len(whom) > MOST:
        work.say(f"{len(whom):,} have changed: the whole profile is run")
        return work.hub.plan(profile, work.step)
    unknown: list[UsageError] = []
    try:
        return work.hub.plan(profile, work.step, only=whom, missed=unknown.append)
    except UsageError as error:
        if error.code != NOBODY:
            raise
        return None
    finally:
        for each in unknown:
            work.say(each.what)


def changed(work: Work, go_on: Callable[[Planned], dict[str, Any]]) -> dict[str, Any]:
    """Run a profile for those of whom somebody said that they have changed.

    Args:
        work: the job.
        go_on: carries a plan out unless it waits for a person, and returns what came of it.

    Returns:
        what came of it.
    """
    wishes, job = work.service.store.wishes, work.job
    # They are taken before the source is read: what is said from now on is for the job after this.
    whom = wishes.take(job.profile, job.id)
    told: dict[str, Any] = {"changed": len(whom)}
    if whom and (obstacle := work.hub.obstacle(job.profile)):
        work.say(f"{obstacle.what} Nothing was written.")
        told["left"] = obstacle.code
    elif whom:
        planned = planned_for_changed(work, whom)
        told |= go_on(planned) if planned else {"changes": 0}
    wishes.served(job.id)
    return told
