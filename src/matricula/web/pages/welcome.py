"""Where a link of an owner leads: somebody sets the password of their account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response

from matricula.errors import UsageError
from matricula.service import Service
from matricula.store.accounts import Account
from matricula.web.cookies import session_cookie, set_cookie
from matricula.web.pages.start import DIFFERS
from matricula.web.rendering import go
from matricula.web.visit import address_of, agent_of, open_to_all

router = APIRouter(dependencies=[Depends(open_to_all)])


@router.get("/welcome")
def show(request: Request, code: str = "") -> Response:
    """The form, as long as the link is good."""
    service: Service = request.app.state.service
    try:
        return _form(request, code, service.account_care.whose_link(code))
    except UsageError as error:
        return _form(request, "", None, error)


@router.post("/welcome")
def set_password(
    request: Request,
    code: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Set the password and sign the person in."""
    service: Service = request.app.state.service
    address = address_of(request)
    try:
        account = service.account_care.whose_link(code)
    except UsageError as error:
        return _form(request, "", None, error)
    if password != again:
        return _form(request, code, account, DIFFERS)
    try:
        account = service.account_care.set_password_by(code, password, address)
    except UsageError as error:
        return _form(request, code, account, error)
    cookie = service.accounts.begin_session(account, address=address, agent=agent_of(request))
    if not account.second_factor:
        service.store.audit.note("signed-in", by=account.name, address=address, words="by a link")
    response = go(request, "/", f"Welcome, {account.display}. Your password is set.")
    set_cookie(request, response, session_cookie(request), cookie)
    return response


def _form(request: Request, code: str, account: Account | None, error: UsageError | None = None) -> Response:
    values = {"code": code, "account": account, "error": error}
    page: Response = request.app.state.rendering.page(request, "welcome", values, status=400 if error else 200)
    return page
