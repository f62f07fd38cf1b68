"""The overview: how each profile stands, in one sentence each, and what waits for a person."""

from fastapi import APIRouter
from starlette.responses import Response

from matricula.service.overview import overview as standing_of_all
from matricula.service.permissions import May
from matricula.web.pages.jobs import title_of
from matricula.web.visit import Visit, needs

router = APIRouter()


@router.get("/", name="overview")
def overview(visit: Visit = needs(May.SEE)) -> Response:
    """How each profile stands."""
    now = standing_of_all(visit.service, visit.visitor.sites())
    return visit.page("overview", now=now, title_of=title_of)
