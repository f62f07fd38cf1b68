"""Whether a stored plan still has all its changes: people are forgotten on request, and old plans are purged."""

from matricula.errors import StopError
from matricula.store import PlanRecord


def refuse_incomplete(record: PlanRecord) -> None:
    """See that a plan still has all its changes.

    Raises:
        StopError: a person in it was forgotten, or its changes were purged.
    """
    refuse_purged(record)
    if record.summary.get("redacted"):
        raise StopError(
            f"Plan {record.number} names a person who was forgotten on request, so it is not whole any more.",
            where=f"plan {record.number}",
            remedy="Make a new plan with `matricula plan`.",
            code="plan-redacted",
        )


def refuse_purged(record: PlanRecord) -> None:
    """See that the changes of a plan are there.

    Raises:
        StopError: they were purged.
    """
    if day := record.summary.get("purged"):
        raise StopError(
            f"The changes of plan {record.number} were purged on {day}.",
            where=f"plan {record.number}",
            remedy="Make a new plan with `matricula plan`. `retention.plans` in the profile says how long they stay.",
            code="plan-purged",
        )
