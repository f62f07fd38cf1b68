"""Jobs: work that is asked for, looked at, cancelled and asked for again."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from matricula.service.kinds import KINDS
from matricula.service.permissions import May
from matricula.web.api.once import Once
from matricula.web.api.paging import Cursor, Limit, Page, page_of, place_of
from matricula.web.api.shapes import JobShape, LineShape
from matricula.web.starting import start
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["jobs"])
starting = APIRouter(tags=["jobs"], route_class=Once)


class Asked(BaseModel):
    """What is asked for."""

    kind: str = Field(description=f"One of {', '.join(KINDS)}.")
    profile: str = Field("", description="The profile, for kinds that concern one.")
    site: str = Field("", description="The site, for kinds that concern one and no profile.")
    arguments: dict[str, Any] = Field(default_factory=dict, description="What else is said, as the kind takes it.")
    not_before: datetime | None = Field(None, description="From when on it may begin; with a time zone.")


@router.get("/jobs")
def jobs(
    visit: Visit = needs(May.SEE),
    *,
    profile: Annotated[str | None, Query(description="Only this profile's.")] = None,
    state: Annotated[list[str] | None, Query(description="Only in these states.", max_length=5)] = None,
    kind: Annotated[list[str] | None, Query(description="Only of these kinds.", max_length=20)] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[JobShape]:
    """Jobs, newest first."""
    found = visit.service.jobs.all(
        sites=visit.visitor.sites(),
        profile=profile,
        states=state or (),
        kinds=kind or (),
        below=place_of(cursor),
        limit=limit + 1,
    )
    return page_of([JobShape.of(each) for each in found], limit, lambda each: each.id)


@starting.post("/jobs", status_code=202)
def ask(asked: Asked, visit: Visit = needs(May.SEE)) -> JobShape:
    """Ask for work; where just that waits already, it is that job.

    A job of the kind `apply` or `tool-apply` needs the right to apply, for a held plan the right to approve; `undo`
    needs the right to approve, `purge` and `import` are the owner's, and all others need the right to operate. What is
    done with a learning tool needs no site: it is the tool's own.
    """
    return JobShape.of(start(visit, **asked.model_dump()))


@router.get("/jobs/{job}")
def job(job: int, visit: Visit = needs(May.SEE)) -> JobShape:
    """One job."""
    return JobShape.of(visit.service.jobs.get(job))


@router.get("/jobs/{job}/lines")
def lines(
    job: int,
    visit: Visit = needs(May.SEE),
    *,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[LineShape]:
    """The log of a job, oldest first."""
    found = visit.service.jobs.lines(job, place_of(cursor) or 0)
    return page_of([LineShape.of(each) for each in found], limit, lambda each: each.number)


@starting.post("/jobs/{job}/cancel")
def cancel(job: int, visit: Visit = needs(May.OPERATE)) -> JobShape:
    """Cancel a job that waits, or ask one that is at work to stop."""
    return JobShape.of(visit.service.jobs.cancel(job, visit.by, address=visit.address))


@starting.post("/jobs/{job}/retry", status_code=202)
def retry(job: int, visit: Visit = needs(May.OPERATE)) -> JobShape:
    """Ask anew for what failed or was cancelled."""
    return JobShape.of(visit.service.jobs.retry(job, visit.by, address=visit.address))


router.include_router(starting)
