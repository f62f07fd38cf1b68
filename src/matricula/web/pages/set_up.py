"""First start: five steps from nothing to the first plan. Each is a page with one question."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form
from starlette.responses import PlainTextResponse, Response

from matricula.errors import MatriculaError
from matricula.hub.documents import free_name, save
from matricula.moodle import Moodle
from matricula.moodle.errors import TokenRefused
from matricula.moodle.finding import find_site
from matricula.planning.functions import FUNCTIONS
from matricula.profiles.altering import altered, document
from matricula.service.permissions import May
from matricula.service.set_up import last_check, progress_of, sites_to_set_up
from matricula.web.functions_told import functions_to_add
from matricula.web.rendering import go
from matricula.web.visit import Visit, needs

router = APIRouter()
ANSWER_SECONDS = 15
NOT_OURS = "Your account cannot do this step: it takes an owner or operator for all sites."


@router.get("/set-up", name="set-up")
def overview(visit: Visit = needs(May.SEE)) -> Response:
    """How far the set-up is."""
    seen = visit.visitor.sites()
    sites = [name for name in sites_to_set_up(visit.service) if seen is None or name in seen]
    found = [progress_of(visit.service, name) for name in sites] or [progress_of(visit.service, "")]
    demo = visit.service.demo
    return visit.page("set_up", found=found, demo=demo if seen is None else None)


@router.get("/set-up/functions.txt", name="functions-to-add")
def functions(site: str = "", every: str = "", visit: Visit = needs(May.SEE)) -> Response:
    """The functions to add in Moodle, one a line."""
    names = list(FUNCTIONS) if every else functions_to_add(visit.service, site)
    headers = {"content-disposition": 'attachment; filename="matricula-functions.txt"'}
    return PlainTextResponse("".join(f"{name}\n" for name in names), headers=headers)


@router.get("/set-up/moodle", name="set-up-moodle")
def ask_moodle(visit: Visit = needs(May.OWN)) -> Response:
    """Which Moodle it is."""
    return _moodle(visit, "", "")


@router.post("/set-up/moodle")
def take_moodle(
    address: Annotated[str, Form()] = "", token: Annotated[str, Form()] = "", visit: Visit = needs(May.OWN)
) -> Response:
    """Take a new Moodle in."""
    return _taken(visit, "", address, token)


@router.get("/set-up/{site}/moodle")
def ask_moodle_again(site: str, visit: Visit = needs(May.OWN)) -> Response:
    """Which Moodle a site is."""
    return _moodle(visit, site, str(visit.service.home.site(site).url).rstrip("/"))


@router.post("/set-up/{site}/moodle")
def take_moodle_again(
    site: str,
    address: Annotated[str, Form()] = "",
    token: Annotated[str, Form()] = "",
    visit: Visit = needs(May.OWN),
) -> Response:
    """Take another address or token of a site."""
    return _taken(visit, site, address, token)


@router.get("/set-up/{site}/checklist")
def checklist(site: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """What that Moodle has and what is missing."""
    job = last_check(visit.service, site)
    checks = job.result.get("checks", []) if job is not None else []
    missing = _missing(checks)
    token = visit.service.home.has_token(visit.service.home.site(site))
    return visit.page(
        "set_up_checklist",
        progress=progress_of(visit.service, site),
        here=2,
        site=site,
        token=token,
        job=job,
        lines=_lines(visit, job.id) if job is not None else [],
        missing=missing,
        shown=[each for each in checks if each["name"].removeprefix("function ") not in missing],
    )


@router.post("/set-up/{site}/checklist")
def check(site: str, visit: Visit = needs(May.OPERATE)) -> Response:
    """Look at what that Moodle has."""
    visit.service.jobs.ask("check", site=site, by=visit.by, address=visit.address)
    return go(visit.request, f"/set-up/{quote(site)}/checklist")


@router.post("/set-up/demo")
def demo(act: Annotated[str, Form()] = "make", visit: Visit = needs(May.OWN)) -> Response:
    """Make the invented school, let a day pass in it, or remove it."""
    made = visit.service.demo
    if act == "remove":
        made.remove()
        visit.note("demo.removed", "site demo")
        return go(visit.request, "/set-up", "The invented school is gone, with everything that was planned in it.")
    if act == "day" and made.there:
        story = " ".join(made.next_day())
        return go(visit.request, "/set-up", f"A day has passed: {story} Make a plan to see what that changes.")
    made.make()
    visit.note("demo.made", "site demo")
    job = visit.service.jobs.ask("plan", profile="demo", by=visit.by, address=visit.address)
    said = "The invented school works. Its first plan is being made; nothing is written by it."
    return go(visit.request, f"/set-up/demo/plan/demo?job={job.id}", said)


def _moodle(visit: Visit, site: str, address: str, error: MatriculaError | None = None) -> Response:
    home = visit.service.home
    return visit.page(
        "set_up_moodle",
        status=400 if error else 200,
        progress=progress_of(visit.service, site),
        here=1,
        site=site,
        address=address,
        known=bool(site) and home.has_token(home.site(site)),
        error=error,
        fault=_field_of(error),
        functions=functions_to_add(visit.service, site),
        all_functions=list(FUNCTIONS),
    )


def _taken(visit: Visit, site: str, address: str, token: str) -> Response:
    home, token = visit.service.home, token.strip()
    try:
        found = find_site(address, seconds=ANSWER_SECONDS)
        if token:
            _refuse_unknown(found, token)
    except MatriculaError as error:
        return _moodle(visit, site, address.strip()[:300], error)
    moved = bool(site) and found != str(home.site(site).url).rstrip("/")
    with visit.service.store.begin():
        if not site:
            site = free_name(home, "site", "moodle")
            save(home, "site", site, document("site", site, {"url": found}), revision=0)
            visit.note("site.added", f"site {site}", site=site, words=found)
        elif moved:
            save(home, "site", site, altered(home.written("site", site).body, {"url": found}))
            visit.note("site.saved", f"site {site}", words=found)
        if token:
            home.keep_token(site, token)
            visit.note("site.token", f"site {site}", site=site)
    if not home.has_token(home.site(site)):
        said = f"{found} is a Moodle, and is kept. Next: its token."
        return go(visit.request, f"/set-up/{quote(site)}/moodle", said, tone="warning")
    visit.service.jobs.ask("check", site=site, by=visit.by, address=visit.address)
    said = f"Address and token work: {found}. Next: whether this Moodle has all that is needed."
    return go(visit.request, f"/set-up/{quote(site)}/checklist", said)


def _refuse_unknown(address: str, token: str) -> None:
    """Refuse a token that the site does not know; whatever else it lacks the checklist tells.

    Raises:
        TokenRefused: it is none of the site's.
    """
    with Moodle(address, token, timeout=ANSWER_SECONDS, callers=1) as moodle:
        try:
            moodle.site()
        except TokenRefused:
            raise
        except MatriculaError:
            return


def _field_of(error: MatriculaError | None) -> str:
    if error is None:
        return ""
    return "token" if isinstance(error, TokenRefused) else "address"


def _lines(visit: Visit, job: int) -> list[tuple[str, str]]:
    """What a look that is under way has found so far: the state and the name of each line."""
    told = [each.text.partition(": ") for each in visit.service.jobs.lines(job)]
    return [(state, name) for state, _, name in told if state in ("ok", "warn", "fail")]


def _missing(checks: list[dict[str, str]]) -> list[str]:
    """The functions that the token's service lacks."""
    names = [each["name"] for each in checks if each["state"] == "fail"]
    return [name.removeprefix("function ") for name in names if name.startswith("function ")]
