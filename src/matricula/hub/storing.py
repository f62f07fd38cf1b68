"""Storing plans, and moving them from state to state."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from matricula import logs
from matricula.errors import StopError
from matricula.hub.held import held_error
from matricula.hub.persons import person
from matricula.hub.yardstick import go_through, measured, outdate_held, release
from matricula.planning import Draft, release_words
from matricula.profiles import Profile
from matricula.roster import Finding, Roster
from matricula.store import FindingRecord, PlanRecord, Store

PART: Final = "part"
"""In a plan's summary: the plan that it is a part of (`of`), and how many changes were `chosen` and `needed`."""
COURSE_ALONE: Final = "course"
"""In the summary of a manual run's plan: the key of the course, where it is for that one and nothing else."""

MOVES: Final = "moves"
"""In a plan's summary: how many enrolments it moves to Matricula's own method."""


@dataclass(frozen=True)
class Planned:
    """A plan as it was stored.

    Args:
        record: the plan.
        changes: its changes (`planning.change.SCHEMA`).
        findings: rows of the delivery that could not be taken as they are.
    """

    record: PlanRecord
    changes: pl.DataFrame
    findings: tuple[FindingRecord, ...]

    @property
    def number(self) -> int:
        """The plan's number."""
        return self.record.number or 0

    @property
    def only(self) -> tuple[str, ...]:
        """Names of the people and courses that a manual run is for; empty where it is for all."""
        return tuple(self.record.summary.get("only", ()))

    @property
    def words(self) -> str:
        """What releases it, empty where it is not held."""
        return release_words(str(hold["words"]) for hold in self.record.held)


def keep_plan(
    store: Store, profile: Profile, draft: Draft, origin: str, *, site: str, summary: dict[str, Any]
) -> Planned:
    """Store a plan, held where something holds it.

    Args:
        store: the state.
        profile: the profile.
        draft: the plan.
        origin: what it was made from.
        site: what it would write to.
        summary: what is kept of it beside its counts.
    """
    record = PlanRecord(
        number=None,
        profile=profile.name,
        site=site,
        source=origin,
        created_at=datetime.now(UTC),
        state="held" if draft.held else "ready",
        checksum=draft.checksum,
        summary={"counts": draft.counts} | summary,
        held=[hold.as_dict() for hold in draft.held],
    )
    findings = tuple(map(_as_record, draft.findings))
    with store.begin():
        number = store.plans.add(record, draft.changes, findings, person())
        store.grades.keep(draft.grades, plan=number, profile=profile.name)
    told = {"profile": profile.name, "site": site, "plan": number, "state": record.state}
    logs.event("planned", **told, changes=draft.changes.height, findings=len(findings))
    return Planned(store.plans.get(number), draft.changes, findings)


def keep_delivered(
    store: Store, profile: Profile, draft: Draft, roster: Roster, *, site: str, also: dict[str, Any]
) -> Planned:
    """Store a plan made from a delivery, held where its limits or its delivery say so.

    Args:
        store: the state.
        profile: the profile.
        draft: the plan.
        roster: what was delivered.
        site: what it would write to.
        also: what is kept of it beside its counts.
    """
    draft, delivery = measured(store, profile, roster, draft)
    whole = "only" not in also
    summary = also | (delivery if whole and draft.held else {})
    planned = keep_plan(store, profile, draft, roster.origin, site=site, summary=summary)
    if whole and not draft.held:
        go_through(store, profile.name, delivery, planned.record.created_at)
        outdate_held(store, planned.record, person())
    return planned


def release_for(store: Store, record: PlanRecord, words: str) -> None:
    """See that a plan may be applied: a held one is released by its words.

    Raises:
        StopError: it has been applied.
        HeldError: it is held, and these are not the words.
    """
    if record.state == "applied":
        raise StopError(
            f"Plan {record.number} has been applied already.",
            where=f"plan {record.number}",
            remedy="Make a new one with `matricula plan` to see whether anything is left.",
            code="plan-applied",
        )
    if record.state != "held":
        return
    wanted = release_words(str(hold["words"]) for hold in record.held)
    # A screen wraps the command, and who copies it copies the line breaks.
    if " ".join(words.split()) != wanted:
        raise held_error(record, wanted, wrong=bool(words.strip()))
    release(store, record, person(), words)


def mark_applied(store: Store, record: PlanRecord) -> None:
    """Mark a plan as applied; older plans of the profile for the same site that wait still are outdated by it.

    One of a manual run outdates only those of the same. A part outdates neither the plan that it is of nor its other
    parts, and is outdated by that plan.
    """
    store.plans.set_state(record.number or 0, "applied", person(), "every change has an outcome")
    for other in store.plans.all(record.profile, states=("ready", "held", "released")):
        if other.site != record.site or record.summary.get("only") not in (None, other.summary.get("only")):
            continue
        is_older = (other.number or 0) < (record.number or 0)
        related = PART in record.summary and part_of(record) in (other.number, part_of(other))
        if part_of(other) == record.number or (is_older and not related):
            store.plans.set_state(other.number or 0, "superseded", person(), f"plan {record.number} was applied")


def part_of(record: PlanRecord) -> int | None:
    """The plan that a plan is a part of; None where it is none."""
    number: int | None = record.summary.get(PART, {}).get("of")
    return number


def _as_record(finding: Finding) -> FindingRecord:
    return FindingRecord(
        code=finding.code,
        severity=finding.severity,
        message=finding.message,
        file=finding.file,
        line=finding.line,
        column=finding.column,
        value=finding.value,
        remedy=finding.remedy,
        subject=finding.sourced_id,
        count=finding.count,
    )
