"""The profile's part on limits: when a plan waits for a person."""

from typing import Annotated

from pydantic import AfterValidator, Field

from matricula.profiles.documents.base import Days, Document

#: What takes something away, by kind of record.
REMOVALS = {
    "user": ("suspend",),
    "course": ("hide", "archive", "delete"),
    "enrolment": ("suspend", "unenrol"),
    "grouping": ("delete",),
    "group": ("delete",),
    "grouping-member": ("remove",),
    "group-member": ("remove",),
    "cohort": ("delete",),
    "cohort-member": ("remove",),
    "meta-link": ("remove",),
}


class Allowance(Document):
    """How much a plan may take away unasked."""

    share: float | None = Field(None, ge=0, le=1, description="Largest share of all records of the kind.")
    floor: int | None = Field(None, ge=0, description="Kinds with fewer records than this are not held by the share.")
    absolute: int | None = Field(None, ge=0, description="Largest number, however many there are.")


def _removals(limits: dict[str, dict[str, Allowance]]) -> dict[str, dict[str, Allowance]]:
    faults = [f"there is no kind “{kind}”; there are {', '.join(REMOVALS)}" for kind in limits if kind not in REMOVALS]
    faults += [
        f"a {kind} has no “{action}” to limit; there are {', '.join(REMOVALS[kind])}"
        for kind, actions in limits.items()
        if kind in REMOVALS
        for action in actions
        if action not in REMOVALS[kind]
    ]
    if faults:
        raise ValueError("; ".join(faults))
    return limits


class Rollover(Days):
    """The weeks in which one school year gives way to the next."""

    share: float = Field(0.60, ge=0, le=1, description="Largest share that a plan may remove unasked in these weeks.")
    absolute: int | None = Field(None, ge=0, description="Largest number in these weeks; by default any.")


class Limits(Document):
    """When a plan waits for a person."""

    share: float = Field(0.10, ge=0, le=1, description="Largest share of a kind that a plan may remove unasked.")
    floor: int = Field(10, ge=0, description="Kinds with fewer records than this are not held by the share.")
    absolute: int | None = Field(None, ge=0, description="Largest number that a plan may remove of a kind unasked.")
    kinds: Annotated[dict[str, dict[str, Allowance]], AfterValidator(_removals)] = Field(
        default_factory=dict,
        description="Other limits for single kinds and actions, as `user: {suspend: {share: 0.02}}`.",
    )
    rollover: Rollover | None = Field(None, description="Weeks of a year's rollover, with a wider allowance.")

    def of(self, kind: str, action: str) -> Allowance:
        """The limits of one kind and action outside the rollover, with nothing left open but `absolute`."""
        own = self.kinds.get(kind, {}).get(action, Allowance())
        return Allowance(
            share=self.share if own.share is None else own.share,
            floor=self.floor if own.floor is None else own.floor,
            absolute=self.absolute if own.absolute is None else own.absolute,
        )
