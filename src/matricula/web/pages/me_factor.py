"""The second factor of one's own account: set up, new recovery codes, taken away."""

from typing import Annotated

from fastapi import APIRouter, Form
from markupsafe import Markup
from starlette.responses import Response

from matricula.errors import MatriculaError
from matricula.web.cookies import session_cookie, set_cookie
from matricula.web.refusals import status_of
from matricula.web.rendering import go
from matricula.web.visit import Visit, needs

router = APIRouter()


@router.get("/me/second-factor")
def show(visit: Visit = needs(None)) -> Response:
    """How it stands, and the next step."""
    return _page(visit)


@router.post("/me/second-factor/begin")
def begin(visit: Visit = needs(None)) -> Response:
    """Make a secret for the app; it counts once a code of the app has confirmed it."""
    visit.service.accounts.factors.begin(visit.visitor.account)
    return go(visit.request, "/me/second-factor")


@router.post("/me/second-factor/confirm")
def confirm(visit: Visit = needs(None), code: Annotated[str, Form()] = "") -> Response:
    """Let the secret count, and show the recovery codes, once."""
    accounts, account = visit.service.accounts, visit.visitor.account
    try:
        attempt = accounts.pauses.enter("second", account.name, visit.address)
        codes = accounts.factors.confirm(account, code)
    except MatriculaError as error:
        return _page(visit, error)
    accounts.pauses.passed(attempt)
    visit.note("second-factor.set-up", f"account {account.name}")
    return _with_new_cookie(visit, codes, first=True)


@router.post("/me/second-factor/codes")
def new_codes(visit: Visit = needs(None), password: Annotated[str, Form()] = "") -> Response:
    """Make new recovery codes and show them, once."""
    accounts, account = visit.service.accounts, visit.visitor.account
    try:
        accounts.demand_password(account, password, visit.who)
    except MatriculaError as error:
        return _page(visit, error)
    if not account.second_factor:
        return go(visit.request, "/me/second-factor")
    codes = accounts.factors.new_codes(account)
    visit.note("second-factor.codes", f"account {account.name}")
    return _with_new_cookie(visit, codes, first=False)


@router.post("/me/second-factor/remove")
def remove(visit: Visit = needs(None), password: Annotated[str, Form()] = "") -> Response:
    """Take the second factor away."""
    accounts, account = visit.service.accounts, visit.visitor.account
    try:
        accounts.demand_password(account, password, visit.who)
    except MatriculaError as error:
        return _page(visit, error)
    accounts.factors.remove(account)
    visit.note("second-factor.removed", f"account {account.name}")
    return go(visit.request, "/me/second-factor", "The second factor is gone.", tone="warning")


def _with_new_cookie(visit: Visit, codes: list[str], *, first: bool) -> Response:
    session = visit.visitor.session
    assert session is not None  # noqa: S101 - one's own account is for sessions alone
    cookie = visit.service.accounts.renew(session)
    visit.request.state.form_basis = cookie
    response = visit.page("recovery_codes", codes=codes, first=first)
    set_cookie(visit.request, response, session_cookie(visit.request), cookie)
    return response


def _page(visit: Visit, error: MatriculaError | None = None) -> Response:
    accounts = visit.service.accounts
    account = accounts.get(visit.visitor.account.id)
    secret = accounts.factors.pending(account)
    values = {
        "account": account,
        "secret": secret,
        "picture": Markup(accounts.factors.picture(account, secret)) if secret else "",  # noqa: S704 - made by segno
        "codes_left": accounts.factors.codes_left(account),
        "required": visit.service.home.service().sessions.second_factor == "required",
    }
    return visit.page("me_factor", status=status_of(error) if error else 200, error=error, **values)
