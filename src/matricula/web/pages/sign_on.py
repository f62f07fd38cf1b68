"""Signing on with the school's accounts: off to the provider, and back."""

from typing import Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from matricula.errors import MatriculaError
from matricula.service import Service
from matricula.service.sign_on import BACK, LASTS
from matricula.web.cookies import drop_cookie, named, session_cookie, set_cookie
from matricula.web.pages.sign_in import inside
from matricula.web.refusals import status_of
from matricula.web.rendering import go
from matricula.web.visit import address_of, agent_of, open_to_all

COOKIE: Final = "matricula-sign-on"
router = APIRouter(dependencies=[Depends(open_to_all)])


@router.get("/sign-on")
def begin(request: Request, after: str = "") -> Response:
    """Go to the provider."""
    service: Service = request.app.state.service
    try:
        address, cookie = service.sign_on.begin(inside(after))
    except MatriculaError as error:
        return _refused(request, error)
    response = RedirectResponse(address, 303)
    set_cookie(request, response, named(request, COOKIE), cookie, int(LASTS.total_seconds()))
    return response


@router.get(BACK)
def come_back(request: Request) -> Response:
    """Take the provider's answer, and sign the person in."""
    service: Service = request.app.state.service
    accounts, address = service.accounts, address_of(request)
    cookie = request.cookies.get(named(request, COOKIE), "")
    try:
        account, after = service.sign_on.finish(request.query_params, cookie)
    except MatriculaError as error:
        service.store.audit.note("sign-in.refused", by="", address=address, words=f"sign-on: {error.code}")
        response = _refused(request, error)
        drop_cookie(request, response, named(request, COOKIE))
        return response
    accounts.sign_out(request.cookies.get(session_cookie(request), ""))
    session = accounts.begin_session(account, address=address, agent=agent_of(request))
    if not account.second_factor:
        service.store.audit.note("signed-in", by=account.name, address=address, words="by sign-on")
    response = go(request, inside(after))
    set_cookie(request, response, session_cookie(request), session)
    drop_cookie(request, response, named(request, COOKIE))
    return response


def _refused(request: Request, error: MatriculaError) -> Response:
    sign_on = request.app.state.service.home.service().sign_on
    values = {"given": {"name": "", "after": ""}, "error": error, "sign_on": sign_on}
    page: Response = request.app.state.rendering.page(request, "sign_in", values, status=status_of(error))
    return page
