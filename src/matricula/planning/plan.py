"""A plan: everything that would change, numbered, counted and sealed."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

import polars as pl

from matricula.planning import own_method
from matricula.planning.categories import Categories
from matricula.planning.change import ACTIONS, KINDS, SCHEMA
from matricula.planning.cohorts import Cohorts
from matricula.planning.courses import Courses
from matricula.planning.difference import differ
from matricula.planning.emptied import emptied, stock_of
from matricula.planning.enrolments import Enrolments
from matricula.planning.entity import Entity
from matricula.planning.ground import Ground
from matricula.planning.groups import Groupings, Groups
from matricula.planning.limits import Hold, holds
from matricula.planning.losing import with_losses
from matricula.planning.members import CohortMembers, GroupingMembers, GroupMembers
from matricula.planning.meta_links import MetaLinks
from matricula.planning.only import concerning, narrowed
from matricula.planning.sentinels import look_for_sentinels, went_back
from matricula.planning.users import Users
from matricula.profiles.desired import Desired
from matricula.profiles.places import changes_placed, findings_placed
from matricula.roster import Finding
from matricula.store import KeptGrades

#: Every kind of record, in the order in which they depend on one another.
ENTITIES: dict[str, Entity] = {
    entity.kind: entity
    for entity in (
        Categories(),
        Users(),
        Courses(),
        Cohorts(),
        Groups(),
        Groupings(),
        GroupingMembers(),
        Enrolments(),
        GroupMembers(),
        CohortMembers(),
        MetaLinks(),
    )
}


@dataclass(frozen=True)
class Draft:
    """A plan before it is stored.

    Args:
        changes: one row a change (`planning.change.SCHEMA`), numbered from 1.
        findings: rows of the delivery that could not be taken as they are.
        held: why it waits for a person; empty where it need not.
        checksum: seal over the changes; `apply` refuses a plan that does not carry it.
        grades: what unenrolments and deletions of courses in it would destroy.
    """

    changes: pl.DataFrame
    findings: tuple[Finding, ...]
    held: tuple[Hold, ...]
    checksum: str
    grades: tuple[KeptGrades, ...] = ()

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """Changes by kind and action."""
        return counts_of(self.changes)


def make_plan(ground: Ground, desired: Desired, found_before: tuple[Finding, ...]) -> Draft:
    """Work out every change that brings the site to what it should hold.

    Args:
        ground: profile, ledger and site; nothing is written to any of them.
        desired: what the site should hold.
        found_before: what reading the roster found wrong.
    """
    look_for_sentinels(ENTITIES, ground, desired)
    told = changes_placed(_differences(ground, desired), desired.files)
    chosen = narrowed(told, ground.only, lambda change: ENTITIES[change.kind].references(change))
    changes, grades = with_losses(ground, numbered(chosen))
    ground.findings.extend(own_method.out_of_reach(ground, changes))
    went = (ground.looked.went_back,) if ground.looked.went_back else ()
    found = (*found_before, *desired.findings, *findings_placed([*went, *ground.findings], desired.files))
    return Draft(
        changes=changes,
        findings=concerning(found, ground.only),
        held=tuple(went_back(ground) + _held(ground, changes, desired)),
        checksum=checksum(changes),
        grades=grades,
    )


def _differences(ground: Ground, desired: Desired) -> pl.DataFrame:
    """Changes of all kinds.

    What others hang on may turn out to be gone only when those are looked at; then all is worked out once more.
    """
    while True:
        before = ground.looked.reasons
        parts = [differ(ENTITIES, kind, ground, desired) for kind in ENTITIES if kind in desired.parts]
        if ground.looked.reasons == before:
            return pl.concat(parts)
        ground.begin_anew()


def _held(ground: Ground, changes: pl.DataFrame, desired: Desired) -> list[Hold]:
    limits, today = ground.profile.limits, today_in(ground.profile.timezone)
    staying = desired.parts["course"].frame["key"]
    return [
        *holds(changes, desired, live_of(ground), limits, today),
        *emptied(changes, staying, stock_of(ground), limits, today),
    ]


def today_in(timezone: str) -> date:
    """The day it is in a time zone."""
    return datetime.now(ZoneInfo(timezone)).date()


def live_of(ground: Ground) -> dict[str, int]:
    """How many records of each kind the ledger holds that are not removed."""
    return {kind: ground.ledger(kind).filter(~pl.col("removed")).height for kind in ENTITIES}


def numbered(changes: pl.DataFrame) -> pl.DataFrame:
    """Changes in the order of kinds, actions and names, whatever the order of the rows they come from."""
    order = {"kind": pl.Enum(KINDS), "action": pl.Enum(ACTIONS)}
    ordered = changes.sort(*(pl.col(name).cast(dtype) for name, dtype in order.items()), "name", "key")
    return ordered.with_columns(number=pl.int_range(1, pl.len() + 1)).select(*SCHEMA)


def checksum(changes: pl.DataFrame) -> str:
    """The seal over a plan's changes."""
    return sha256(changes.select(*SCHEMA).write_csv().encode()).hexdigest()


def counts_of(changes: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Changes by kind and action, in their order, zeros left out."""
    found = {(kind, action): number for kind, action, number in changes.group_by("kind", "action").len().iter_rows()}
    return {
        kind: counted
        for kind in KINDS
        if (counted := {action: found[kind, action] for action in ACTIONS if (kind, action) in found})
    }
