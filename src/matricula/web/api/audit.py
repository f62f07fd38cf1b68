"""The audit log: who did what, when, from where."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from matricula.service.permissions import May
from matricula.web.api.paging import Cursor, Limit, Page, page_of, place_of
from matricula.web.api.shapes import AuditShape
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["audit"])


@router.get("/audit")
def audit(
    visit: Visit = needs(May.SEE),
    *,
    contains: Annotated[str, Query(description="Text within the act, its subject, its words or who did it.")] = "",
    act: Annotated[str, Query(description="Only acts that begin with this, as `plan.`.")] = "",
    by: Annotated[str, Query(description="Only this account's.")] = "",
    since: Annotated[datetime | None, Query(description="At or after this moment; with a time zone.")] = None,
    until: Annotated[datetime | None, Query(description="Before this moment; with a time zone.")] = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[AuditShape]:
    """Acts, newest first."""
    found = visit.service.store.audit.find(
        contains=contains,
        act=act,
        by=by,
        sites=visit.visitor.sites(),
        since=since,
        until=until,
        below=place_of(cursor),
        limit=limit + 1,
    )
    return page_of([AuditShape.of(each) for each in found], limit, lambda each: each.id)
