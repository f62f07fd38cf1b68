"""Sites: how each Moodle stands, its token, its settings."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from matricula.errors import UsageError
from matricula.hub.blocks import block_standing
from matricula.hub.documents import remove, used_by
from matricula.hub.ticket_keys import OVERLAP, make_ticket_key, ticket_standing
from matricula.planning.functions import FUNCTIONS
from matricula.profiles import Site
from matricula.service.permissions import May
from matricula.service.set_up import last_check
from matricula.web.document_page import DocumentPage
from matricula.web.functions_told import functions_to_add
from matricula.web.plugins_told import plugins_on
from matricula.web.rendering import go
from matricula.web.settings_form import form_of
from matricula.web.source_form import texts_of
from matricula.web.visit import Visit, needs

router = APIRouter()


@router.get("/sites", name="sites")
def all_sites(visit: Visit = needs(May.SEE)) -> Response:
    """The sites there are."""
    home, seen = visit.service.home, visit.visitor.sites()
    names = [name for name in home.names("site") if seen is None or name in seen]
    rows = [
        (home.site(name), home.has_token(home.site(name)), last_check(visit.service, name), used_by(home, "site", name))
        for name in names
    ]
    return visit.page("sites", rows=rows)


@router.get("/sites/{site}", name="site")
def one(site: str, visit: Visit = needs(May.SEE)) -> Response:
    """How a site stands."""
    home = visit.service.home
    job = last_check(visit.service, site)
    return visit.page(
        "site",
        site=home.site(site),
        token=home.has_token(home.site(site)),
        job=job,
        checks=job.result.get("checks", []) if job is not None else [],
        profiles=used_by(home, "site", site),
        block=block_standing(home, site),
        functions=functions_to_add(visit.service, site),
        all_functions=list(FUNCTIONS),
        plugins=plugins_on(visit.service, site),
        signing=signing_on(visit, site),
    )


@router.post("/sites/{site}/sign-on/secret")
def make_secret(site: str, *, rotate: Annotated[bool, Form()] = False, visit: Visit = needs(May.OWN)) -> Response:
    """Make the secret that tickets are signed with, and show it, once."""
    made = make_ticket_key(visit.service.home, site, rotate=rotate)
    visit.note("sign-on.secret", f"site {site}", words="another one" if rotate else "the first one")
    return visit.page(
        "sign_on_secret", site=site, made=made, rotated=rotate, hours=int(OVERLAP.total_seconds() // 3600)
    )


def signing_on(visit: Visit, site: str) -> dict[str, Any]:
    """What the site's page tells of signing on: the links, and what is to be entered in Moodle."""
    home = visit.service.home
    address = home.service().address
    base = "" if address is None else str(address).rstrip("/")
    return {
        "address": base,
        "link": f"{base}/go/{quote(site)}",
        "standing": ticket_standing(home, site),
        "now": visit.service.accounts.now(),
    }


@router.post("/sites/{site}/check")
def check(site: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Look at what the site is able to do."""
    visit.service.jobs.ask("check", site=site, by=visit.by, address=visit.address)
    return go(visit.request, f"/sites/{quote(site)}")


@router.post("/sites/{site}/token")
def keep_token(site: str, token: Annotated[str, Form()] = "", visit: Visit = needs(May.OWN)) -> Response:
    """Keep another token."""
    visit.service.home.keep_token(site, token)
    visit.note("site.token", f"site {site}")
    visit.service.jobs.ask("check", site=site, by=visit.by, address=visit.address)
    return go(visit.request, f"/sites/{quote(site)}", "The token is kept, and the site is being looked at with it.")


@router.get("/sites/{site}/settings")
def settings(site: str, visit: Visit = needs(May.OWN)) -> Response:
    """The site's document."""
    return _document(site).show(visit, {})


@router.post("/sites/{site}/settings")
async def save_settings(request: Request, site: str, visit: Visit = needs(May.OWN)) -> Response:
    """Save the site's document, from the form or as text."""
    return await run_in_threadpool(_saved, visit, site, texts_of(await request.form()))


@router.get("/sites/{site}/remove")
def ask_to_remove(site: str, visit: Visit = needs(May.OWN)) -> Response:
    """Whether the site is really to be removed."""
    using = used_by(visit.service.home, "site", site)
    return visit.page("remove", kind="site", name=site, using=using, back=f"/sites/{quote(site)}")


@router.post("/sites/{site}/remove")
def remove_site(site: str, typed: Annotated[str, Form()] = "", visit: Visit = needs(May.OWN)) -> Response:
    """Remove the site."""
    refuse_untyped(typed, site)
    remove(visit.service.home, "site", site)
    visit.note("site.removed", f"site {site}")
    return go(visit.request, "/sites", f"The site {site} and its token are removed. Moodle itself is as it was.")


def refuse_untyped(typed: str, name: str) -> None:
    """Refuse to remove what nobody named.

    Raises:
        UsageError: something else was typed.
    """
    if typed.strip() != name:
        raise UsageError(
            "Nothing was removed: the name that was typed is another one.",
            where=name,
            remedy=f"Go back and type {name}, just as it is written.",
            code="name-not-typed",
        )


def _document(site: str) -> DocumentPage:
    return DocumentPage(
        "site",
        site,
        lambda _: form_of(Site),
        "document",
        lambda: {
            "title": f"Settings of {site}",
            "trail": [("/sites", "Sites"), (f"/sites/{quote(site)}", site)],
            "action": f"/sites/{quote(site)}/settings",
            "note": "Where the address changes, the token of that Moodle is asked for.",
        },
    )


def _saved(visit: Visit, site: str, sent: dict[str, str]) -> Response:
    home = visit.service.home
    before = home.site(site)
    refused = _document(site).save(visit, sent)
    if refused is not None:
        return refused
    said = f"The settings of {site} are kept. Check the site to see whether it works with them."
    if home.site(site).url != before.url:
        said = f"The settings of {site} are kept. Its address is another one now: enter the token of that Moodle."
    return go(visit.request, f"/sites/{quote(site)}", said)
