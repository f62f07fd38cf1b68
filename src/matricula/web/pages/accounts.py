"""Accounts of others, for owners: who there is, what each may do, links to set a password."""

from typing import Annotated, Any

from fastapi import APIRouter, Form
from starlette.responses import Response

from matricula.errors import UsageError
from matricula.service.permissions import May, granted_of
from matricula.store.accounts import Account
from matricula.web.refusals import status_of
from matricula.web.rendering import go
from matricula.web.roles import days_of, offered, offered_to
from matricula.web.visit import Visit, needs, number_of

router = APIRouter(prefix="/settings/accounts")


@router.get("")
def show_all(visit: Visit = needs(May.OWN)) -> Response:
    """All accounts."""
    return visit.page("accounts", accounts=visit.service.store.accounts.all())


@router.get("/new")
def show_new(visit: Visit = needs(May.OWN)) -> Response:
    """The form for a new account."""
    return _new(visit, {"name": "", "display": "", "email": "", "grant": []})


@router.post("")
def make(
    visit: Visit = needs(May.OWN),
    name: Annotated[str, Form()] = "",
    display: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
    grant: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make an account, and show the link with which its person sets a password."""
    given = {"name": name, "display": display, "email": email, "grant": grant or []}
    try:
        roles = granted_of(grant or [], visit.service.home.names("site"))
        invited = visit.service.account_care.invite(name, display, email, roles, visit.who)
    except UsageError as error:
        return _new(visit, given, error)
    return _link(visit, invited.account, invited.code)


@router.get("/{account}")
def show(account: str, visit: Visit = needs(May.OWN)) -> Response:
    """One account."""
    return _one(visit, _account(visit, account))


@router.post("/{account}")
def change(
    account: str,
    visit: Visit = needs(May.OWN),
    display: Annotated[str, Form()] = "",
    email: Annotated[str, Form()] = "",
) -> Response:
    """Change somebody's name and e-mail address."""
    found = _account(visit, account)
    try:
        visit.service.account_care.set_details(found, display, email, visit.who)
    except UsageError as error:
        return _one(visit, found, error)
    return _back(visit, found, "Name and e-mail address are kept.")


@router.post("/{account}/roles")
def set_roles(
    account: str, visit: Visit = needs(May.OWN), grant: Annotated[list[str] | None, Form()] = None
) -> Response:
    """Say anew what an account may do."""
    found = _account(visit, account)
    try:
        roles = granted_of(grant or [], visit.service.home.names("site"))
        visit.service.account_care.set_roles(found, roles, visit.who)
    except UsageError as error:
        return _one(visit, found, error)
    return _back(visit, found, f"What {found.display} may do is changed, from the next click on.")


@router.post("/{account}/close")
def close(account: str, visit: Visit = needs(May.OWN)) -> Response:
    """Close an account."""
    found = _account(visit, account)
    try:
        visit.service.account_care.close(found, visit.who)
    except UsageError as error:
        return _one(visit, found, error)
    return _back(visit, found, f"The account of {found.display} is closed; nobody can sign in to it.")


@router.post("/{account}/open")
def open_again(account: str, visit: Visit = needs(May.OWN)) -> Response:
    """Open a closed account again."""
    found = _account(visit, account)
    visit.service.account_care.open(found, visit.who)
    return _back(visit, found, f"The account of {found.display} is open again.")


@router.post("/{account}/sessions/end")
def end_sessions(account: str, visit: Visit = needs(May.OWN)) -> Response:
    """End all sessions of an account."""
    found = _account(visit, account)
    visit.service.account_care.end_sessions(found, visit.who)
    return _back(visit, found, f"{found.display} is signed out everywhere.")


@router.post("/{account}/link")
def new_link(account: str, visit: Visit = needs(May.OWN)) -> Response:
    """Make a link with which somebody sets a new password, and show it, once."""
    found = _account(visit, account)
    try:
        return _link(visit, found, visit.service.account_care.new_link(found, visit.who))
    except UsageError as error:
        return _one(visit, found, error)


@router.post("/{account}/second-factor/remove")
def take_factor(account: str, visit: Visit = needs(May.OWN), sure: Annotated[str, Form()] = "") -> Response:
    """Take a lost second factor away."""
    found = _account(visit, account)
    if not sure:
        unsure = UsageError(
            "Nothing was done.",
            where="second factor",
            remedy="Tick that you are sure who asked you for it, then press the button again.",
            code="unsure",
        )
        return _one(visit, found, unsure)
    visit.service.account_care.take_factor(found, visit.who)
    return _back(visit, found, f"{found.display} now signs in with the password alone, and can set up another factor.")


@router.post("/{account}/tokens")
def make_token(
    account: str,
    visit: Visit = needs(May.OWN),
    name: Annotated[str, Form()] = "",
    grant: Annotated[list[str] | None, Form()] = None,
    days: Annotated[str, Form()] = "",
) -> Response:
    """Make a token for an account and show it, once."""
    found = _account(visit, account)
    try:
        roles = granted_of(grant or [], visit.service.home.names("site"), token=True)
        token = visit.service.accounts.tokens.make(found, name, roles, days_of(days))
    except UsageError as error:
        return _one(visit, found, error)
    visit.note("token.made", f"account {found.name}", words=name.strip()[:100])
    return visit.page("token_made", token=token, name=name.strip(), back=f"/settings/accounts/{found.id}")


@router.post("/{account}/tokens/{token}/revoke")
def revoke_token(account: str, token: str, visit: Visit = needs(May.OWN)) -> Response:
    """Revoke a token of an account."""
    found = _account(visit, account)
    revoked = visit.service.accounts.tokens.revoke(found, number_of(token, "token"))
    visit.note("token.revoked", f"account {found.name}", words=revoked.name)
    return _back(visit, found, f"The token “{revoked.name}” is good no more.")


def _account(visit: Visit, number: str) -> Account:
    if not number.isdigit() or len(number) > 9:
        raise UsageError(
            f"There is no account {number[:30]}.", remedy="See Settings > Accounts.", code="account-unknown"
        )
    return visit.service.accounts.get(int(number))


def _back(visit: Visit, account: Account, said: str) -> Response:
    return go(visit.request, f"/settings/accounts/{account.id}", said)


def _link(visit: Visit, account: Account, code: str) -> Response:
    address = visit.service.home.service().address
    base = str(address or visit.request.base_url).rstrip("/")
    return visit.page("account_link", account=account, link=f"{base}/welcome?code={code}")


def _new(visit: Visit, given: dict[str, Any], error: UsageError | None = None) -> Response:
    status = status_of(error) if error else 200
    sites = visit.service.home.names("site")
    return visit.page("account_new", status=status, given=given, error=error, offered=offered(sites))


def _one(visit: Visit, account: Account, error: UsageError | None = None) -> Response:
    service, sites = visit.service, visit.service.home.names("site")
    values: dict[str, Any] = {
        "account": account,
        "own": account.id == visit.visitor.account.id,
        "offered": offered(sites),
        "of_token": offered_to(account, sites),
        "chosen": [f"{each.role}@{each.site}" for each in account.roles],
        "sessions": service.store.sessions.of(account.id),
        "tokens": service.accounts.tokens.of(account),
        "now": service.accounts.now(),
    }
    return visit.page("account", status=status_of(error) if error else 200, error=error, **values)
