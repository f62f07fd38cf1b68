"""Runs: what was written, and taking it back."""

from typing import Annotated

from fastapi import APIRouter, Query

from matricula.service.permissions import May
from matricula.web.api.once import Once
from matricula.web.api.paging import Cursor, Limit, Page, page_of, place_of
from matricula.web.api.shapes import JobShape, OutcomeShape, RunShape
from matricula.web.starting import start
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["runs"])
starting = APIRouter(tags=["runs"], route_class=Once)


@router.get("/runs")
def runs(
    visit: Visit = needs(May.SEE),
    *,
    profile: Annotated[str | None, Query(description="Only this profile's.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RunShape]:
    """Runs, newest first."""
    found = visit.service.store.runs.all(profile, limit + 1, sites=visit.visitor.sites(), below=place_of(cursor))
    return page_of([RunShape.of(each) for each in found], limit, lambda each: each.id)


@router.get("/runs/{run}")
def run(run: int, visit: Visit = needs(May.SEE)) -> RunShape:
    """One run."""
    return RunShape.of(visit.service.store.runs.get(run))


@router.get("/runs/{run}/outcomes")
def outcomes(
    run: int,
    visit: Visit = needs(May.SEE),
    *,
    state: Annotated[str | None, Query(description="Only those in this state.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[OutcomeShape]:
    """What became of the changes that a run carried out."""
    after = place_of(cursor) or 0
    found = visit.service.store.journal.outcomes(run).sort("change")
    wanted = found.filter(found["change"] > after)
    if state is not None:
        wanted = wanted.filter(wanted["state"] == state)
    shapes = [OutcomeShape.model_validate(row) for row in wanted.head(limit + 1).to_dicts()]
    return page_of(shapes, limit, lambda each: each.change)


@starting.post("/runs/{run}/undo", status_code=202)
def undo(run: int, visit: Visit = needs(May.APPROVE)) -> JobShape:
    """Have a plan made that takes a run back; it is applied like any other."""
    return JobShape.of(start(visit, "undo", arguments={"run": run}))


router.include_router(starting)
