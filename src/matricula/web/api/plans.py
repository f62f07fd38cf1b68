"""Plans: looked at by name, applied, rejected."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from matricula.hub import UNDO
from matricula.hub.parting import Chosen
from matricula.planning import release_words
from matricula.service.permissions import May
from matricula.store import PlanRecord, Wanted
from matricula.web.api.once import Once
from matricula.web.api.paging import Cursor, Limit, Page, page_of, place_of
from matricula.web.api.shapes import ChangeShape, FindingShape, HoldShape, JobShape, PlanShape
from matricula.web.starting import start
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["plans"])
starting = APIRouter(tags=["plans"], route_class=Once)


class Release(BaseModel):
    """What is said to have a plan applied."""

    words: str = Field("", description="The words that release a held plan; see `release` of the plan.")


class Part(BaseModel):
    """Which changes of a plan are chosen; all that is named together."""

    changes: list[int] = Field(default_factory=list, max_length=10_000, description="Numbers of single changes.")
    kinds: list[str] = Field(
        default_factory=list,
        max_length=50,
        description="Whole kinds, as `user`, or one action of a kind: `user create`.",
    )


class Rejection(BaseModel):
    """What is said to put a plan away."""

    words: str = Field("", max_length=500, description="Why.")


@router.get("/plans")
def plans(
    visit: Visit = needs(May.SEE),
    *,
    profile: Annotated[str | None, Query(description="Only this profile's.")] = None,
    state: Annotated[str | None, Query(description="Only those in this state.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[PlanShape]:
    """Plans, newest first."""
    found = visit.service.store.plans.all(
        profile, limit + 1, state, sites=visit.visitor.sites(), below=place_of(cursor)
    )
    return page_of([_shape(each) for each in found], limit, lambda each: each.plan)


@router.get("/plans/{plan}")
def plan(plan: int, visit: Visit = needs(May.SEE)) -> PlanShape:
    """One plan, without its changes."""
    return _shape(visit.service.store.plans.get(plan))


@router.get("/plans/{plan}/changes")
def changes(
    plan: int,
    visit: Visit = needs(May.SEE),
    *,
    kind: Annotated[str | None, Query(description="Only this kind of record.")] = None,
    action: Annotated[str | None, Query(description="Only this action.")] = None,
    name: Annotated[str | None, Query(description="Only records with this in their name.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ChangeShape]:
    """The changes of a plan, in the order in which they are carried out."""
    offset = place_of(cursor) or 0
    found = visit.service.store.plans.changes(
        plan, kind=kind, action=action, name_contains=name, limit=limit + 1, offset=offset
    )
    shapes = [_change(row) for row in found.to_dicts()]
    return page_of(shapes, limit, lambda _: offset + limit)


@router.get("/plans/{plan}/findings")
def findings(
    plan: int, visit: Visit = needs(May.SEE), *, limit: Limit = 100, cursor: Cursor = None
) -> Page[FindingShape]:
    """What was wrong with the source when the plan was made."""
    offset = place_of(cursor) or 0
    found = visit.service.store.plans.findings(plan)[offset : offset + limit + 1]
    return page_of([FindingShape.of(each) for each in found], limit, lambda _: offset + limit)


@starting.post("/plans/{plan}/apply", status_code=202)
def apply(plan: int, release: Release, visit: Visit = needs(May.APPLY)) -> JobShape:
    """Have a plan applied, exactly as it stands; a held one needs its words and the right to approve."""
    arguments = {"plan": plan} | ({"words": release.words} if release.words else {})
    job = start(visit, "apply", arguments=arguments)
    visit.note("plan.approved", f"plan {plan}", profile=job.profile, words=release.words)
    return JobShape.of(job)


@starting.post("/plans/{plan}/part", status_code=201)
def part(plan: int, chosen: Part, visit: Visit = needs(May.APPROVE)) -> PlanShape:
    """Make a plan of a part of another one: what is chosen, and what that needs. The other one stays as it is."""
    named = [each.split(maxsplit=1) for each in chosen.kinds if each.strip()]
    groups = tuple(Wanted(kind=words[0], action=words[1] if len(words) > 1 else "") for words in named)
    planned = visit.service.hub.part(plan, Chosen(tuple(chosen.changes), groups))
    visit.note("plan.parted", f"plan {plan}", profile=planned.record.profile, words=f"plan {planned.number}")
    return _shape(planned.record)


@starting.post("/plans/{plan}/reject")
def reject(plan: int, rejection: Rejection, visit: Visit = needs(May.APPROVE)) -> PlanShape:
    """Put a plan away for good."""
    visit.service.hub.reject(plan, rejection.words)
    record = visit.service.store.plans.get(plan)
    visit.note("plan.rejected", f"plan {plan}", profile=record.profile, words=rejection.words)
    return _shape(record)


def _shape(record: PlanRecord) -> PlanShape:
    return PlanShape(
        plan=record.number or 0,
        profile=record.profile,
        site=record.site,
        source=record.source,
        created_at=record.created_at,
        state=record.state,
        counts=record.summary["counts"],
        held=[HoldShape.model_validate(hold) for hold in record.held],
        release=release_words(str(hold["words"]) for hold in record.held),
        only=list(record.summary.get("only", ())),
        undo=record.summary.get(UNDO),
    )


def _change(row: dict[str, Any]) -> ChangeShape:
    read = {name: json.loads(row[name]) if row[name] is not None else None for name in ("before", "after")}
    return ChangeShape.model_validate(row | read)


router.include_router(starting)
