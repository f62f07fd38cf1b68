"""One's own account: name, password, sessions, tokens."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import MatriculaError, UsageError
from matricula.service.permissions import granted_of
from matricula.web.agents import agent_in_words
from matricula.web.cookies import session_cookie, set_cookie
from matricula.web.pages.start import DIFFERS
from matricula.web.refusals import status_of
from matricula.web.rendering import go
from matricula.web.roles import days_of, offered_to
from matricula.web.visit import Visit, agent_of, needs, number_of

router = APIRouter()


@router.get("/me")
def show(visit: Visit = needs(None)) -> Response:
    """Everything about one's own account."""
    return me_page(visit)


@router.post("/me")
def change(
    visit: Visit = needs(None), display: Annotated[str, Form()] = "", email: Annotated[str, Form()] = ""
) -> Response:
    """Change name and e-mail address."""
    try:
        visit.service.account_care.set_details(visit.visitor.account, display, email, visit.who)
    except UsageError as error:
        return me_page(visit, "details", error)
    return go(visit.request, "/me", "Your name and e-mail address are kept.")


@router.post("/me/password")
def change_password(
    visit: Visit = needs(None),
    old: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    again: Annotated[str, Form()] = "",
) -> Response:
    """Change the password; all other sessions end."""
    accounts, account = visit.service.accounts, visit.visitor.account
    try:
        if password != again:
            raise DIFFERS
        accounts.demand_password(account, old, visit.who)
        visit.service.account_care.set_password(account, password, visit.who)
    except MatriculaError as error:
        return me_page(visit, "password", error)
    cookie = accounts.begin_session(account, address=visit.address, agent=agent_of(visit.request), complete=True)
    response = go(visit.request, "/me", "Your new password works. You were signed out everywhere else.")
    set_cookie(visit.request, response, session_cookie(visit.request), cookie)
    return response


@router.post("/me/sessions/end")
def end_others(visit: Visit = needs(None)) -> Response:
    """End all other sessions."""
    session = visit.visitor.session
    visit.service.account_care.end_sessions(visit.visitor.account, visit.who, session.digest if session else "")
    return go(visit.request, "/me", "You are signed out everywhere else.")


@router.post("/me/sessions/{session}/end")
def end_one(session: str, visit: Visit = needs(None)) -> Response:
    """End one session, named by the first letters of its digest."""
    account = visit.visitor.account
    for each in visit.service.store.sessions.of(account.id):
        if each.digest[:SHOWN] == session:
            visit.service.account_care.end_session(account, each, visit.who)
    return go(visit.request, "/me", "That session has ended.")


@router.post("/me/tokens")
def make_token(
    visit: Visit = needs(None),
    name: Annotated[str, Form()] = "",
    grant: Annotated[list[str] | None, Form()] = None,
    days: Annotated[str, Form()] = "",
) -> Response:
    """Make a token and show it, once."""
    account, accounts = visit.visitor.account, visit.service.accounts
    try:
        roles = granted_of(grant or [], visit.service.home.names("site"), token=True)
        token = accounts.tokens.make(account, name, roles, days_of(days))
    except UsageError as error:
        return me_page(visit, "tokens", error)
    visit.note("token.made", f"account {account.name}", words=name.strip()[:100])
    return visit.page("token_made", token=token, name=name.strip(), back="/me")


@router.post("/me/tokens/{token}/revoke")
def revoke_token(token: str, visit: Visit = needs(None)) -> Response:
    """Revoke a token."""
    account = visit.visitor.account
    revoked = visit.service.accounts.tokens.revoke(account, number_of(token, "token"))
    visit.note("token.revoked", f"account {account.name}", words=revoked.name)
    return go(visit.request, "/me", f"The token “{revoked.name}” is good no more.")


SHOWN = 16
"""So many letters of a session's digest name it in addresses; they open nothing."""


def me_page(visit: Visit, at: str = "", error: MatriculaError | None = None) -> Response:
    """The page, with what was wrong at one of its forms."""
    service, account = visit.service, visit.service.accounts.get(visit.visitor.account.id)
    rules = service.home.service().sessions
    own = visit.visitor.session
    since = service.accounts.now() - timedelta(minutes=rules.idle)
    sessions: list[dict[str, Any]] = [
        {
            "name": each.digest[:SHOWN],
            "agent": agent_in_words(each.agent),
            "address": each.address,
            "began_at": each.began_at,
            "seen_at": each.seen_at,
            "own": own is not None and each.digest == own.digest,
        }
        for each in service.store.sessions.of(account.id)
        if each.seen_at > since
    ]
    values: dict[str, Any] = {
        "account": account,
        "sessions": sessions,
        "tokens": service.accounts.tokens.of(account),
        "now": service.accounts.now(),
        "codes_left": service.accounts.factors.codes_left(account),
        "required": rules.second_factor == "required",
        "offered": offered_to(account, service.home.names("site")),
    }
    return visit.page("me", status=status_of(error) if error else 200, at=at, error=error, **values)
