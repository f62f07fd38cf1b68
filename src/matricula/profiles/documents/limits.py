"""The profile's part on limits: when a plan waits for a person."""

from typing import Annotated

from pydantic import AfterValidator, Field

from matricula.profiles.documents.base import Days, Document

#: What takes something away, by kind of record; `role` is a role that is taken away or gives way to another one.
REMOVALS = {
    "user": ("suspend",),
    "course": ("hide", "archive", "delete"),
    "enrolment": ("suspend", "unenrol", "role"),
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


class Within(Document):
    """How much a plan may take away unasked within one course or one category."""

    share: float = Field(0.5, ge=0, le=1, description="Largest share that one of them may lose unasked.")
    floor: int = Field(6, ge=0, description="Those that held fewer before are not held by the share.")
    absolute: int | None = Field(None, ge=0, description="Largest number that one of them may lose unasked.")


class DeliveryLimits(Document):
    """How much a delivery may differ from the last one that went through before its plan waits for a person."""

    rows: float = Field(0.33, ge=0, le=1, description="Largest share of a table's rows that may be missing.")
    filled: float = Field(
        0.5, gt=0, le=1, description="Columns of which at least this share was filled are missed when they are blank."
    )
    floor: int = Field(10, ge=0, description="Tables that had fewer rows before are missed only when they are empty.")


class Limits(Document):
    """When a plan waits for a person."""

    share: float = Field(0.10, ge=0, le=1, description="Largest share of a kind that a plan may remove unasked.")
    floor: int = Field(10, ge=0, description="Kinds with fewer records than this are not held by the share.")
    absolute: int | None = Field(None, ge=0, description="Largest number that a plan may remove of a kind unasked.")
    kinds: Annotated[dict[str, dict[str, Allowance]], AfterValidator(_removals)] = Field(
        default_factory=dict,
        description="Other limits for single kinds and actions, as `user: {suspend: {share: 0.02}}`.",
    )
    in_course: Within = Field(
        Within(), description="Enrolments that one course may lose while its class stays in the roster."
    )
    in_category: Within = Field(
        Within(), description="Courses, and enrolments of courses that stay, that one category may lose."
    )
    delivery: DeliveryLimits = Field(
        DeliveryLimits(), description="How a delivery is compared with the last one that went through."
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
