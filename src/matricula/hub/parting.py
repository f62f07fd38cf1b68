"""Parts of plans as the hub makes them: what is chosen, what may be parted, and what the part is stored with."""

from dataclasses import dataclass
from typing import Any, Final

from matricula.errors import StopError, UsageError
from matricula.hub.grades import is_transfer
from matricula.hub.publishing import is_publication
from matricula.hub.storing import PART, part_of
from matricula.hub.undo import UNDO
from matricula.hub.whole import refuse_incomplete
from matricula.planning import Draft, Ground, Hold, checksum, read_changes
from matricula.planning.losing import destroys
from matricula.planning.part import Part, holds_of_part, parted
from matricula.planning.plan import today_in
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.store import KeptGrades, PlanRecord, Store, Wanted

_OPEN: Final = ("ready", "held", "released")


@dataclass(frozen=True)
class Chosen:
    """Which changes of a plan a person chose; all that is named together.

    Args:
        numbers: single changes.
        groups: whole kinds, or whole actions of one: what a search shows.
    """

    numbers: tuple[int, ...] = ()
    groups: tuple[Wanted, ...] = ()


def refuse_to_part(store: Store, record: PlanRecord) -> None:
    """See that a part of a plan may be made.

    Raises:
        UsageError: it is for tables.
        StopError: nothing can become of it any more, it is not whole, or somebody began to write it.
    """
    number = record.number or 0
    where = f"plan {number}"
    if is_publication(record):
        raise UsageError(
            f"Plan {number} is for tables of External database plugins; these are written as a whole.",
            where=where,
            remedy="Narrow the profile or the roster instead.",
            code="part-publication",
        )
    if is_transfer(record):
        raise UsageError(
            f"Plan {number} is a transfer of grades; such a plan is written as a whole.",
            where=where,
            remedy="Narrow what is transferred in the profile (grades.items), or settle what is in conflict.",
            code="part-transfer",
        )
    if record.state not in _OPEN:
        raise StopError(
            f"Plan {number} is {record.state}; no part of it can be written any more.",
            where=where,
            remedy="Make a new plan, and a part of that.",
            code="plan-state",
        )
    refuse_incomplete(record)
    if store.runs.all(plan=number, limit=1):
        raise StopError(
            f"Plan {number} has been begun already.",
            where=where,
            remedy="Go on with it, or make a new plan: it shows just what is left.",
            code="part-begun",
        )


def numbers_of(store: Store, plan: int, chosen: Chosen) -> set[int]:
    """The numbers of the changes that are chosen.

    Raises:
        UsageError: there is no such change.
    """
    numbers = set(chosen.numbers)
    there = set(store.views.changes(plan, Wanted(numbers=chosen.numbers))["number"]) if numbers else set()
    if strange := sorted(numbers - there):
        raise UsageError(
            f"Plan {plan} has no change {', '.join(map(str, strange[:10]))}.",
            where=f"plan {plan}",
            remedy="The numbers of its changes stand in its JSON and CSV.",
            code="change-unknown",
        )
    for group in chosen.groups:
        numbers |= set(store.views.changes(plan, group)["number"])
    return numbers


def drafted_part(store: Store, ground: Ground, record: PlanRecord, numbers: set[int]) -> tuple[Draft, dict[str, Any]]:
    """A part of a plan, held by the profile's limits as any other plan.

    Args:
        store: the state.
        ground: the profile and the ledger.
        record: the plan.
        numbers: the changes that are chosen.

    Returns:
        the part, and what is kept of it beside its counts.

    Raises:
        UsageError: nothing is chosen, or everything.
    """
    number = record.number or 0
    whole = store.plans.changes(number)
    part = parted(whole, numbers)
    _refuse_nothing_and_all(number, part, whole.height)
    held = [Hold(str(each["code"]), str(each["message"]), str(each["words"])) for each in record.held]
    holds = holds_of_part(ground, whole, part.changes, held, today_in(ground.profile.timezone))
    kept = {name: record.summary[name] for name in (UNDO, "url", "only") if name in record.summary}
    told = {PART: {"of": number, "chosen": part.chosen, "needed": part.needed}}
    draft = Draft(part.changes, (), tuple(holds), checksum(part.changes), tuple(_grades(store, number, part)))
    return draft, kept | told


def parts_of(store: Store, record: PlanRecord) -> list[PlanRecord]:
    """The parts that were made of a plan, oldest first."""
    found = store.plans.all(record.profile, sites=[record.site])
    return [each for each in reversed(found) if part_of(each) == record.number]


def _grades(store: Store, plan: int, part: Part) -> list[KeptGrades]:
    """The grades that the part would destroy, as they were read for the plan."""
    destroying = [change for change in read_changes(part.changes.filter(action="unenrol")) if destroys(change)]
    places = {tuple(change.key.split(SEPARATOR, 1)) for change in destroying}
    deleted = read_changes(part.changes.filter(kind="course", action="delete"))
    courses = {change.key for change in deleted if destroys(change)}
    return [
        each
        for each in store.grades.find(plan=plan)
        if (each.person_key, each.course_key) in places or each.course_key in courses
    ]


def _refuse_nothing_and_all(number: int, part: Part, total: int) -> None:
    if not part.chosen:
        raise UsageError(
            "No change is chosen.",
            where=f"plan {number}",
            remedy="Choose changes, or kinds of changes, that the plan has.",
            code="part-empty",
        )
    if part.changes.height == total:
        raise UsageError(
            f"This is all of plan {number}, with what the chosen changes need.",
            where=f"plan {number}",
            remedy="Approve the plan itself, or choose less.",
            code="part-whole",
        )
