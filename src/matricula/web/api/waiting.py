"""What waits for a person: identities, problems, edited fields, notices; and what a person says of them."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from matricula.hub.drift import decide, edits_of
from matricula.hub.identities import queue, settle
from matricula.hub.waiting import waiting_of
from matricula.service.permissions import May
from matricula.service.synchronising import plan_settled, try_again
from matricula.store.notices import Notice
from matricula.web.api.once import Once
from matricula.web.api.paging import Cursor, Limit, Page, page_of, place_of
from matricula.web.api.shapes import JobShape
from matricula.web.api.shapes_of_records import EditShape, IdentityShape, NoticeShape, ProblemShape, WaitingShape
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["what waits"])
starting = APIRouter(tags=["what waits"], route_class=Once)


class Settled(BaseModel):
    """Which account is a person's."""

    key: str = Field(min_length=1, description="The person's sourcedId.")
    decision: str | None = Field(description="`account:ID`, `new` or `leave`; null takes back what was said.")


class Decided(BaseModel):
    """What becomes of fields that somebody edited in Moodle."""

    decision: Literal["accepted", "put-back"] = Field(description="Leave them so, or have the next plan put them back.")
    kind: str | None = Field(None, description="Only records of this kind.")
    key: str | None = Field(None, description="Only this record.")
    field: str | None = Field(None, description="Only this field.")


@router.get("/profiles/{profile}/waiting")
def waiting(profile: str, visit: Visit = needs(May.SEE)) -> WaitingShape:
    """What waits for a person in a profile, in numbers."""
    return WaitingShape.of(waiting_of(visit.service.store, profile))


@router.get("/profiles/{profile}/identities")
def identities(
    profile: str, visit: Visit = needs(May.SEE), *, limit: Limit = 100, cursor: Cursor = None
) -> Page[IdentityShape]:
    """People of whom somebody has to say which account is theirs."""
    offset = place_of(cursor) or 0
    found = queue(visit.service.store, [profile])[offset : offset + limit + 1]
    return page_of([IdentityShape.of(each) for each in found], limit, lambda _: offset + limit)


@router.post("/profiles/{profile}/identities")
def say_whose(profile: str, settled: Settled, visit: Visit = needs(May.OPERATE)) -> IdentityShape:
    """Say which account is a person's; the next plan goes by it."""
    return IdentityShape.of(settle(visit.service.home, profile, settled.key, settled.decision))


@starting.post("/profiles/{profile}/identities/plan", status_code=202)
def plan_them(profile: str, visit: Visit = needs(May.OPERATE)) -> JobShape:
    """Have a plan made for those of whom it was said which account is theirs."""
    return JobShape.of(plan_settled(visit.service, profile, by=visit.by, address=visit.address))


@router.get("/profiles/{profile}/problems")
def problems(
    profile: str, visit: Visit = needs(May.SEE), *, limit: Limit = 100, cursor: Cursor = None
) -> Page[ProblemShape]:
    """Records that Moodle would not take, until they go through."""
    offset = place_of(cursor) or 0
    found = visit.service.store.problems.all(profile)[offset : offset + limit + 1]
    return page_of([ProblemShape.of(each) for each in found], limit, lambda _: offset + limit)


@starting.post("/profiles/{profile}/problems/again", status_code=202)
def again(profile: str, visit: Visit = needs(May.OPERATE)) -> JobShape:
    """Have everything tried again that was refused."""
    service = visit.service
    found = service.store.problems.all(profile)
    return JobShape.of(try_again(service, profile, found, by=visit.by, address=visit.address))


@router.get("/profiles/{profile}/drift")
def drift(profile: str, visit: Visit = needs(May.SEE), *, limit: Limit = 100, cursor: Cursor = None) -> Page[EditShape]:
    """Fields that somebody edited in Moodle."""
    offset = place_of(cursor) or 0
    found = edits_of(visit.service.store, profile)[offset : offset + limit + 1]
    return page_of([EditShape.of(each) for each in found], limit, lambda _: offset + limit)


@router.post("/profiles/{profile}/drift")
def say_of_edits(profile: str, decided: Decided, visit: Visit = needs(May.OPERATE)) -> list[EditShape]:
    """Accept edits, or have the next plan put them back; all that are meant together."""
    store, meant = visit.service.store, {"kind": decided.kind, "field": decided.field, "key": decided.key}
    decide(visit.service.home, profile, edits_of(store, profile, **meant), decided.decision)
    return [EditShape.of(each) for each in edits_of(store, profile, **meant)]


@router.get("/notices")
def notices(
    visit: Visit = needs(May.SEE),
    *,
    state: Annotated[Literal["open", "over"], Query(description="What waits, or what is over.")] = "open",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[NoticeShape]:
    """What people were told of, newest first."""
    told, sites, below = visit.service.notices, visit.visitor.sites(), place_of(cursor)
    if state == "over":
        return page_of(_shapes(told.past(sites, below=below, limit=limit + 1)), limit, lambda each: each.id)
    found = [each for each in _shapes(told.open(sites)) if below is None or each.id < below]
    return page_of(found, limit, lambda each: each.id)


def _shapes(found: list[Notice]) -> list[NoticeShape]:
    return [NoticeShape.of(each) for each in found]


router.include_router(starting)
