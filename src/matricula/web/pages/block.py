"""The block inside a Moodle: its secret made, shown once, replaced, and taken away."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.hub.blocks import block_standing, make_block_secret, remove_block_secret
from matricula.service.permissions import May
from matricula.web.rendering import go
from matricula.web.visit import Visit, needs

router = APIRouter()


@router.post("/sites/{site}/block/secret")
def make_secret(site: str, at_once: Annotated[str, Form()] = "", visit: Visit = needs(May.OWN)) -> Response:
    """Make a secret and show it, once."""
    home = visit.service.home
    secret = make_block_secret(home, site, at_once=bool(at_once))
    visit.note("block.secret", f"site {site}", words="the one before ends at once" if at_once else "")
    return visit.page(
        "block_secret",
        site=site,
        secret=secret,
        address=str(home.service().address or visit.request.base_url).rstrip("/"),
        named=home.service().address is not None,
        until=block_standing(home, site).before_until,
    )


@router.post("/sites/{site}/block/remove")
def remove_secret(site: str, visit: Visit = needs(May.OWN)) -> Response:
    """Take the secret away."""
    remove_block_secret(visit.service.home, site)
    visit.note("block.removed", f"site {site}")
    return go(visit.request, f"/sites/{quote(site)}", f"The block of {site} is answered nothing from now on.")
