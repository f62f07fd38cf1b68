"""The first page of all: the owner's account is made."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from matricula.errors import UsageError
from matricula.service import Service
from matricula.web.cookies import session_cookie, set_cookie
from matricula.web.rendering import go
from matricula.web.visit import address_of, agent_of, open_to_all

DIFFERS = UsageError(
    "The two passwords differ.", where="password", remedy="Type both once more.", code="password-differs"
)
router = APIRouter(dependencies=[Depends(open_to_all)])


@router.get("/start", name="start")
def show(request: Request, code: str = "") -> Response:
    """The form, as long as nobody has an account."""
    service: Service = request.app.state.service
    if not service.accounts.none_yet:
        return RedirectResponse("/", 303)
    service.accounts.start_code()
    return _form(request, {"code": code, "name": "", "display": "", "email": ""})


@router.post("/start")
def make(
    request: Request,
    code: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
    display: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Make the owner's account and sign it in."""
    service: Service = request.app.state.service
    given = {"code": code, "name": name, "display": display, "email": email}
    if password != again:
        return _form(request, given, DIFFERS)
    try:
        account = service.accounts.begin_with(code, name, display, email, password)
    except UsageError as error:
        return _form(request, given, error)
    address = address_of(request)
    service.store.audit.note("account.made", by=account.name, address=address, subject=f"account {account.name}")
    cookie = service.accounts.begin_session(account, address=address, agent=agent_of(request), complete=True)
    response = go(request, "/set-up", f"Welcome, {account.display}. Your account works. Next: name your Moodle.")
    set_cookie(request, response, session_cookie(request), cookie)
    return response


def _form(request: Request, given: dict[str, str], error: UsageError | None = None) -> Response:
    values = {"given": given, "error": error}
    page: Response = request.app.state.rendering.page(request, "start", values, status=400 if error else 200)
    return page
