"""Plans as people decide on them: what has to be typed, what stands in the way, and the job that writes them."""

from matricula.errors import StopError, UsageError
from matricula.hub import is_undo
from matricula.hub.whole import refuse_incomplete
from matricula.planning import release_words
from matricula.planning.limits import act_in_words, taken_away
from matricula.service.permissions import May
from matricula.service.service import Service
from matricula.store import Job, PlanRecord, Store, Wanted

OPEN = ("ready", "held", "released")
"""States of plans of which something may still become."""


def permission_for(record: PlanRecord) -> May:
    """What somebody must be permitted who approves a plan: one that is held waits for an approver."""
    return May.APPROVE if record.state == "held" else May.APPLY


def words_wanted(store: Store, record: PlanRecord) -> str:
    """What has to be typed to approve a plan; empty where a press of the button is enough.

    A plan that is held is released by just the words of the command line. One that takes something away within the
    limits needs words all the same, because somebody who approves it looks at it now.

    Args:
        store: the state.
        record: the plan.
    """
    if record.state == "held":
        return release_words(str(hold["words"]) for hold in record.held)
    if record.state != "ready":
        return ""
    taken = taken_away(store.views.changes(record.number or 0, Wanted(removes=True)))
    counts = taken.filter(taken["act"] != "role").group_by("kind", "act", maintain_order=True).len()
    return release_words(act_in_words(kind, act, number, number)[1] for kind, act, number in counts.iter_rows())


def approve(service: Service, number: int, words: str, *, by: str, address: str) -> Job:
    """Have a plan written.

    Args:
        service: the service.
        number: the plan.
        words: what was typed.
        by: who approves it.
        address: the network address that it comes from.

    Returns:
        the job that writes it.

    Raises:
        UsageError: there is no such plan, or these are not the words.
        StopError: nothing can become of the plan any more.
        SettingError: the profile is disabled, outside its window, or another one stands before it.
    """
    record = service.store.plans.get(number)
    if record.state not in OPEN:
        raise StopError(
            f"Plan {number} is {record.state}; it cannot be approved any more.",
            where=f"plan {number}",
            remedy="Make a new plan.",
            code="plan-state",
        )
    refuse_incomplete(record)
    if not is_undo(record):
        service.hub.ready_to_write(record.profile)
    wanted = words_wanted(service.store, record)
    if " ".join(words.split()) != wanted and wanted:
        raise UsageError(
            "These are not the words that approve this plan.",
            where=f"plan {number}",
            remedy=f"Type just this: {wanted}",
            code="approval-words",
        )
    given = {"plan": number} | ({"words": words} if record.state == "held" else {})
    service.store.audit.note(
        "plan.approved",
        by=by,
        address=address,
        subject=f"plan {number}",
        site=record.site,
        profile=record.profile,
        words=words,
    )
    return service.jobs.ask("apply", arguments=given, by=by, address=address)
