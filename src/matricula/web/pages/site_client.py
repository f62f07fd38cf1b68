"""A site's own sign-in: its client at the provider, and the steps in Moodle."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import SettingError
from matricula.service.permissions import May
from matricula.service.provider_desk import Entered
from matricula.web.visit import Visit, needs

router = APIRouter()


@router.get("/sites/{site}/client", name="site-client")
def steps(site: str, visit: Visit = needs(May.OWN)) -> Response:
    """The steps in Moodle, without the secret."""
    try:
        entered = visit.service.provider.entered(site)
    except SettingError as error:
        return _page(visit, site, None, error)
    return _page(visit, site, entered)


@router.post("/sites/{site}/client")
def make(site: str, renew: Annotated[bool, Form()] = False, visit: Visit = needs(May.OWN)) -> Response:  # noqa: FBT002 - a form's field
    """Make the client, or another secret of it, and show that, once."""
    try:
        entered = visit.service.provider.make_client(site, renew=renew)
    except SettingError as error:
        return _page(visit, site, None, error)
    return _page(visit, site, entered)


def _page(visit: Visit, site: str, entered: Entered | None, error: SettingError | None = None) -> Response:
    values = {"site": visit.service.home.site(site), "entered": entered, "error": error}
    refused = error is not None and visit.request.method == "POST"
    return visit.page("site_client", status=422 if refused else 200, **values)
