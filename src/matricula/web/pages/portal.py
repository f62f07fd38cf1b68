"""Signing in at the portal, and out again."""

import hmac
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from matricula import logs
from matricula.errors import MatriculaError, UsageError, WaitError
from matricula.service import Service
from matricula.service.going import named as subject_of
from matricula.service.portal import BACK, ending_key
from matricula.service.round_trip import LASTS
from matricula.sign_on import Person
from matricula.web.cookies import drop_cookie, named, session_cookie, set_cookie
from matricula.web.pages.sign_in import inside
from matricula.web.portal import (
    END,
    SIGN_IN,
    SIGN_OUT,
    back_to,
    drop_portal,
    keep_portal,
    may_leave,
    portal_cookie,
    portal_person,
)
from matricula.web.refusals import status_of
from matricula.web.rendering import go
from matricula.web.visit import address_of, open_to_all

HOME: Final = "/portal"
_TRIP: Final = "matricula-portal-trip"
router = APIRouter(dependencies=[Depends(open_to_all)])


@router.get(HOME)
def show(request: Request) -> Response:
    """Who is signed in, and the Moodles to go on to."""
    person = portal_person(request)
    if person is None:
        return RedirectResponse(SIGN_IN, 303)
    service: Service = request.app.state.service
    return _page(request, "portal", person=person, sites=_sites(service), courses=service.launches.courses)


@router.get(SIGN_IN)
def ask(request: Request, after: str = "") -> Response:
    """Ask who somebody is; whoever is known goes on at once."""
    if portal_person(request) is not None:
        return RedirectResponse(_onward(after), 303)
    return _form(request, after)


@router.post(SIGN_IN)
def sign_in(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    after: Annotated[str, Form()] = "",
) -> Response:
    """Sign somebody in with the directory's password, and go on."""
    service: Service = request.app.state.service
    try:
        person = service.portal.with_password(name, password, address_of(request))
    except (UsageError, WaitError) as error:
        return _form(request, after, name, error)
    return _begun(request, person, after, "with the directory")


@router.get("/portal/sign-on")
def begin(request: Request, after: str = "") -> Response:
    """Go to the provider."""
    service: Service = request.app.state.service
    try:
        address, cookie = service.portal.begin_with_provider(_onward(after))
    except MatriculaError as error:
        return _form(request, after, "", error)
    response = RedirectResponse(address, 303)
    set_cookie(request, response, named(request, _TRIP), cookie, int(LASTS.total_seconds()))
    return response


@router.get(BACK)
def come_back(request: Request) -> Response:
    """Take the provider's answer, and sign the person in."""
    service: Service = request.app.state.service
    cookie = request.cookies.get(named(request, _TRIP), "")
    try:
        person, after = service.portal.come_back(request.query_params, cookie)
    except MatriculaError as error:
        service.store.audit.note("portal.refused", by="", address=address_of(request), words=error.code)
        response = _form(request, "", "", error)
    else:
        response = _begun(request, person, after, "with the provider")
    drop_cookie(request, response, named(request, _TRIP))
    return response


@router.post(SIGN_OUT)
def sign_out(request: Request) -> Response:
    """End the session: here, in the console, and at each site that it went on to by ticket."""
    return _out(request)


@router.get(END)
def end(request: Request, key: str = "") -> Response:
    """Come back from a site that was signed out of; the session here ends, too."""
    cookie = portal_cookie(request)
    if not cookie or not hmac.compare_digest(ending_key(cookie).encode(), key.encode()):
        return RedirectResponse(SIGN_IN, 303)
    return _out(request)


def _out(request: Request) -> Response:
    service: Service = request.app.state.service
    cookie = portal_cookie(request)
    if portal_person(request) is not None:
        service.portal.sign_out(cookie)
        service.accounts.sign_out(request.cookies.get(session_cookie(request), ""))
    address = _next_out(request, cookie)
    if address is not None:
        response: Response = RedirectResponse(address, 303)
    else:
        response = go(request, SIGN_IN, "You are signed out.")
        drop_portal(request, response)
    drop_cookie(request, response, session_cookie(request))
    return response


def _next_out(request: Request, cookie: str) -> str | None:
    """The address that ends the session at the next site; sites that are signed on to otherwise by now are left."""
    service: Service = request.app.state.service
    while (place := service.portal.next_place(cookie)) is not None:
        try:
            return service.going.out(*place, back_to(request, cookie))
        except MatriculaError as error:
            logs.event("sign-out failed", code=error.code)
    return None


def _begun(request: Request, person: Person, after: str, how: str) -> Response:
    service: Service = request.app.state.service
    response = RedirectResponse(_onward(after), 303)
    keep_portal(request, response, person)
    service.store.audit.note(
        "portal.signed-in", by="", address=address_of(request), subject=subject_of(person), words=how
    )
    return response


def _sites(service: Service) -> list[str]:
    home = service.home
    return [name for name in home.names("site") if home.site(name).sign_on is not None]


def _onward(after: str) -> str:
    place = inside(after)
    return HOME if place == "/" else place


def _form(request: Request, after: str, name: str = "", error: MatriculaError | None = None) -> Response:
    settings = request.app.state.service.portal.settings
    status = 200 if error is None else 401 if error.code == "portal-refused" else status_of(error)
    return _page(request, "portal_sign_in", status, after=after, name=name, error=error, portal=settings)


def _page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    page: Response = request.app.state.rendering.page(request, template, values, status=status)
    return may_leave(request, page)
