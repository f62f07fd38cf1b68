"""Starting work for a visitor: which right each kind of job needs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from matricula.errors import UsageError
from matricula.service.permissions import May
from matricula.store import Job
from matricula.web.visit import Visit

_NEEDS: Final = {
    "apply": May.APPLY,
    "tool-apply": May.APPLY,
    "undo": May.APPROVE,
    "purge": May.OWN,
    "import": May.OWN,
}
"""Rights of kinds; those that are not named here need `May.OPERATE`."""


def start(
    visit: Visit,
    kind: str,
    *,
    profile: str = "",
    site: str = "",
    arguments: Mapping[str, Any] | None = None,
    not_before: datetime | None = None,
) -> Job:
    """Ask for a job on behalf of a visitor.

    Args:
        visit: the visit.
        kind: the kind of job.
        profile: the profile, for kinds that concern one.
        site: the site, for kinds that concern one and no profile.
        arguments: what else is said.
        not_before: from when on it may begin, with a time zone.

    Raises:
        ForbiddenError: the visitor may not.
        UsageError: what is asked for cannot be.
    """
    given = dict(arguments or {})
    if not_before is not None and not_before.tzinfo is None:
        raise UsageError(
            "The moment has no time zone.",
            where="not_before",
            remedy="Write one as 2026-08-15T02:30:00+02:00.",
            code="moment-without-zone",
        )
    sites = visit.service.jobs.reaches(kind, profile=profile, site=site, arguments=given)
    for each in sites or {""}:
        visit.demand(_right(visit, kind, given), each)
    return visit.service.jobs.ask(
        kind,
        profile=profile,
        site=site,
        arguments=given,
        by=visit.by,
        not_before=not_before,
        address=visit.address,
    )


def right_to_start(kind: str) -> May:
    """What somebody must be permitted who asks for a job of a kind; a plan that is held needs more."""
    return _NEEDS.get(kind, May.OPERATE)


def _right(visit: Visit, kind: str, given: Mapping[str, Any]) -> May:
    if kind == "apply" and visit.service.store.plans.get(int(given["plan"])).state == "held":
        return May.APPROVE
    return right_to_start(kind)
