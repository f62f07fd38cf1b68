"""Signing in and out: user name and password, then the second factor where there is one."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from matricula.errors import MatriculaError, UsageError
from matricula.service import Service
from matricula.service.accounts import PausedError
from matricula.web.cookies import drop_cookie, session_cookie, set_cookie
from matricula.web.portal import LEAVING, may_leave
from matricula.web.refusals import status_of
from matricula.web.rendering import go
from matricula.web.visit import address_of, agent_of, open_to_all, visitor_of

router = APIRouter(dependencies=[Depends(open_to_all)])


@router.get("/sign-in", name="sign-in")
def show(request: Request, after: str = "") -> Response:
    """The form."""
    service: Service = request.app.state.service
    if service.accounts.none_yet:
        return RedirectResponse("/start", 303)
    return _form(request, {"name": "", "after": after})


@router.post("/sign-in")
def sign_in(
    request: Request,
    name: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    after: Annotated[str, Form()] = "",
) -> Response:
    """Sign somebody in, and go on to where they wanted to go."""
    service: Service = request.app.state.service
    before = request.cookies.get(session_cookie(request), "")
    try:
        _, cookie = service.accounts.sign_in(
            name, password, address=address_of(request), agent=agent_of(request), before=before
        )
    except (UsageError, PausedError) as error:
        return _form(request, {"name": name, "after": after}, error)
    response = go(request, inside(after))
    set_cookie(request, response, session_cookie(request), cookie)
    return response


@router.get("/sign-in/second")
def show_second(request: Request, after: str = "") -> Response:
    """The form for the second factor."""
    visitor = visitor_of(request)
    if visitor is None or visitor.lacks != "code":
        return RedirectResponse("/sign-in" if visitor is None else "/", 303)
    return _second(request, after)


@router.post("/sign-in/second")
def give_second(request: Request, code: Annotated[str, Form()] = "", after: Annotated[str, Form()] = "") -> Response:
    """Complete a session with the second factor."""
    service: Service = request.app.state.service
    visitor = visitor_of(request)
    if visitor is None or visitor.lacks != "code":
        return RedirectResponse("/sign-in" if visitor is None else "/", 303)
    try:
        cookie = service.accounts.give_code(visitor, code, address=address_of(request))
    except (UsageError, PausedError) as error:
        return _second(request, after, error)
    left = service.accounts.factors.codes_left(visitor.account)
    few = f"You have {left} recovery codes left; make new ones under your name." if left < FEW else ""
    response = go(request, inside(after), few, tone="warning")
    set_cookie(request, response, session_cookie(request), cookie)
    return response


FEW = 3
"""So few recovery codes left are told of."""


@router.post("/sign-out", name="sign-out")
def sign_out(request: Request) -> Response:
    """End the session."""
    service: Service = request.app.state.service
    visitor = visitor_of(request)
    if visitor is not None:
        service.store.audit.note("signed-out", by=visitor.name, address=address_of(request))
    service.accounts.sign_out(request.cookies.get(session_cookie(request), ""))
    response = go(request, "/sign-in", "You are signed out.")
    drop_cookie(request, response, session_cookie(request))
    return response


def inside(path: str) -> str:
    """A path of this console; the overview where it could lead elsewhere."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() and "\\" not in path
    return path if plain else "/"


def _form(request: Request, given: dict[str, str], error: MatriculaError | None = None) -> Response:
    sign_on = request.app.state.service.home.service().sign_on
    values = {"given": given, "error": error, "sign_on": sign_on}
    page: Response = request.app.state.rendering.page(request, "sign_in", values, status=_status(error))
    return _onward(request, page, given["after"])


def _second(request: Request, after: str, error: MatriculaError | None = None) -> Response:
    values = {"after": after, "error": error}
    page: Response = request.app.state.rendering.page(request, "sign_in_second", values, status=_status(error))
    return _onward(request, page, after)


def _onward(request: Request, page: Response, after: str) -> Response:
    """Whoever signs in here to go on to a Moodle is sent there by the answer to the form."""
    return may_leave(request, page) if after.startswith(LEAVING) else page


def _status(error: MatriculaError | None) -> int:
    if error is None:
        return 200
    return status_of(error) if isinstance(error, PausedError) else 401
