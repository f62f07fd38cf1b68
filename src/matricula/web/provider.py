"""Matricula as an OpenID Connect provider: what browsers are sent to by Moodle, and what Moodle itself asks.

Nobody is asked to consent: a site is the school's own. So nothing but a redirect to an address kept for the site
follows from a request, and a refusal for want of an account is told here, where the person can read what to do.
"""

import base64
import re
import secrets
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import APIRouter, Depends, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import JSONResponse, RedirectResponse, Response

from matricula.errors import MatriculaError
from matricula.provider.requests import Answer, Asked
from matricula.service import Service
from matricula.service.portal import person_of_account
from matricula.sign_on import Person
from matricula.web.cookies import drop_cookie, named, session_cookie, set_cookie
from matricula.web.hooks import Rate
from matricula.web.portal import SIGN_IN, drop_portal, portal_person, portal_session
from matricula.web.refusals import status_of
from matricula.web.visit import address_of, open_to_all, visitor_of

KEPT_SECONDS: Final = 300
"""So long those who ask may keep what the provider says of itself, and its keys."""
WAITS_SECONDS: Final = 900
"""So long somebody may take to sign in before they have to begin at Moodle once more."""
_COOKIE: Final = "matricula-wanted-"
_WANTED: Final = re.compile(r"[0-9a-f]{1,32}")
_MOST_COOKIE: Final = 3_500
_STRANGERS: Final = Rate(60)
"""Refusals that an address may cause in a minute before nothing more is looked at or noted."""
router = APIRouter()


@router.get("/.well-known/openid-configuration")
def configuration(request: Request) -> Response:
    """What the provider says of itself."""
    return _keepable(_service(request).provider.metadata())


@router.get("/provider/keys")
def keys(request: Request) -> Response:
    """Its public keys."""
    return _keepable(_service(request).provider.published())


@router.get("/provider/authorize")
def authorize(request: Request) -> Response:
    """Sign somebody on to a site, or ask first who they are."""
    return _authorize(request, request.query_params.multi_items())


@router.post("/provider/authorize")
async def authorize_by_form(request: Request) -> Response:
    """The same, asked for by a form (OpenID Connect Core, 3.1.2.1)."""
    form = await request.form()
    return await run_in_threadpool(_authorize, request, _items(form))


@router.get("/provider/continue")
def go_on(request: Request, wanted: str = "") -> Response:
    """Go on with what a site asked for, once the person has signed in.

    It is a page and no redirect: browsers do not let a form's answer lead on to another site.
    """
    name = named(request, _COOKIE + wanted)
    query = _kept(request.cookies.get(name, "")) if _WANTED.fullmatch(wanted) else ""
    response = _page(request, "provider_on", {"onward": f"/provider/authorize?{query}" if query else ""})
    if query:
        drop_cookie(request, response, name)
    return response


@router.post("/provider/token")
async def token(request: Request) -> Response:
    """Take a code back from a site, and give tokens for it."""
    form = await request.form()
    asked = _asked(request, _items(form), body=True)
    return await run_in_threadpool(_for_site, request, asked, "exchange")


@router.get("/provider/userinfo")
def userinfo(request: Request) -> Response:
    """What is told of the person that an access token was given for; the token comes in a header alone."""
    return _for_site(request, _asked(request, []), "userinfo")


@router.post("/provider/userinfo")
def userinfo_by_post(request: Request) -> Response:
    """The same, asked for with POST (OpenID Connect Core, 5.3.1)."""
    return _for_site(request, _asked(request, []), "userinfo")


@router.get("/provider/end-session")
def ask_to_leave(request: Request) -> Response:
    """Ask somebody whether they want to sign out here, too."""
    return _ask_to_leave(request, request.query_params.multi_items())


@router.post("/provider/end-session")
async def ask_to_leave_by_form(request: Request) -> Response:
    """The same, asked for by a form (OpenID Connect RP-Initiated Logout, 2)."""
    form = await request.form()
    return await run_in_threadpool(_ask_to_leave, request, _items(form))


@router.post("/provider/leave", dependencies=[Depends(open_to_all)])
def leave(request: Request, query: Annotated[str, Form()] = "") -> Response:
    """Sign out here, and go back to the site; where that is, is worked out once more."""
    service = _service(request)
    items = parse_qsl(query, keep_blank_values=True)
    onward = service.providing.leaving(Asked("/provider/end-session", items))
    person = portal_person(request)
    response = _page(request, "provider_left", {"onward": onward, "person": None})
    _sign_out(request, response)
    if person is not None:
        subject = f"person {person.username}"
        service.store.audit.note("provider.signed-out", by="provider", address=address_of(request), subject=subject)
    return response


def _authorize(request: Request, items: list[tuple[str, str]]) -> Response:
    service, address = _service(request), address_of(request)
    if _STRANGERS.full(address):
        return _too_many()
    person, since = _who(request)
    try:
        begun = service.providing.begin(_asked(request, items), person, since, address)
    except MatriculaError as error:
        _STRANGERS.count(address)
        return _refused(request, error, "")
    if isinstance(begun, Answer):
        return _redirect(begun)
    site_url = begun.redirect.partition("/admin/")[0]
    if begun.ask or person is None or since is None:
        return _to_sign_in(request, items, drop=person is not None)
    try:
        return _redirect(service.providing.sign_on(begun, person, since, address))
    except MatriculaError as error:
        return _refused(request, error, site_url)


def _to_sign_in(request: Request, items: list[tuple[str, str]], *, drop: bool) -> Response:
    """Let somebody sign in, and come back to what the site asked for.

    A cookie keeps that, and no row: nobody can fill the state with requests, and no other browser can go on with it.
    Once somebody has been made to sign in anew, that is not asked for a second time.
    """
    left = [(name, value) for name, value in items if name not in ("prompt", "max_age")]
    query, wanted = urlencode(left), secrets.token_hex(8)
    kept = base64.urlsafe_b64encode(query.encode()).decode()
    if len(kept) > _MOST_COOKIE:
        return _plain(414, "The request is too long.")
    after = f"/provider/continue?wanted={wanted}"
    response: Response = RedirectResponse(f"{SIGN_IN}?after={quote(after, safe='')}", 303)
    set_cookie(request, response, named(request, _COOKIE + wanted), kept, WAITS_SECONDS)
    if drop:
        _sign_out(request, response)
    return response


def _sign_out(request: Request, response: Response) -> None:
    """End the session that somebody is known by here: the portal's, or the console's where they came from there."""
    of_console = portal_session(request) is None or not _apart(request)
    drop_portal(request, response)
    if of_console:
        _service(request).accounts.sign_out(request.cookies.get(session_cookie(request), ""))
        drop_cookie(request, response, session_cookie(request))


def _apart(request: Request) -> bool:
    """Whether the portal's session is of somebody else than the console's."""
    person, visitor = portal_person(request), visitor_of(request)
    return visitor is None or person is None or person.subject != person_of_account(visitor.account).subject


def _kept(cookie: str) -> str:
    """What a site asked for; empty where the cookie is none of ours."""
    try:
        return urlencode(parse_qsl(base64.urlsafe_b64decode(cookie).decode(), keep_blank_values=True))
    except ValueError:
        return ""


def _who(request: Request) -> tuple[Person | None, datetime | None]:
    """Who is signed in here, and since when."""
    person = portal_person(request)
    if person is None:
        return None, None
    session = portal_session(request)
    if session is not None:
        return person, session.began_at
    visitor = visitor_of(request)
    return person, visitor.session.began_at if visitor is not None and visitor.session is not None else None


def _for_site(request: Request, asked: Asked, what: str) -> Response:
    address = address_of(request)
    if _STRANGERS.full(address):
        return _too_many()
    providing = _service(request).providing
    answer = providing.exchange(asked, address) if what == "exchange" else providing.userinfo(asked, address)
    if answer.status != 200:
        _STRANGERS.count(address)
    headers = {name: value for name, value in answer.headers if name.lower() != "content-type"}
    return JSONResponse(answer.body, answer.status, headers | {"Cache-Control": "no-store", "Pragma": "no-cache"})


def _ask_to_leave(request: Request, items: list[tuple[str, str]]) -> Response:
    try:
        onward = _service(request).providing.leaving(_asked(request, items))
    except MatriculaError as error:
        return _refused(request, error, "")
    query = urlencode(items)
    return _page(request, "provider_leave", {"onward": onward, "query": query, "person": portal_person(request)})


def _asked(request: Request, items: list[tuple[str, str]], *, body: bool = False) -> Asked:
    authorization = request.headers.get("authorization")
    headers = {"Authorization": authorization} if authorization is not None else {}
    return Asked(request.url.path, items, request.method, headers, body)


def _items(form: FormData) -> list[tuple[str, str]]:
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _redirect(answer: Answer) -> Response:
    return Response(status_code=303, headers={"Location": answer.location})


def _refused(request: Request, error: MatriculaError, site_url: str) -> Response:
    return _page(request, "provider_refused", {"error": error, "site_url": site_url}, status_of(error))


def _page(request: Request, template: str, values: dict[str, object], status: int = 200) -> Response:
    page: Response = request.app.state.rendering.page(request, template, values, status=status)
    return page


def _keepable(body: dict[str, object]) -> Response:
    return JSONResponse(body, headers={"Cache-Control": f"public, max-age={KEPT_SECONDS}"})


def _too_many() -> Response:
    return JSONResponse({"error": "temporarily_unavailable"}, 429, {"Retry-After": "60"})


def _plain(status: int, told: str) -> Response:
    return JSONResponse({"error": "invalid_request", "error_description": told}, status)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service
