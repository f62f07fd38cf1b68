"""Accounts, for their owner; and secrets that are kept, which never come out again."""

from datetime import datetime

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from matricula.errors import UsageError
from matricula.service.permissions import May, granted_of
from matricula.store.accounts import Account
from matricula.web.api.shapes import RoleShape, Shape
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["accounts"])

ROLES = "Roles as `viewer@SITE`, or `viewer` for all sites."
LARGEST = 2**31 - 1


class AccountShape(Shape):
    """Somebody who may sign in."""

    id: int = Field(description="Counts from 1.")
    name: str = Field(description="The user name.")
    display: str = Field(description="The person's name.")
    email: str = Field(description="Where messages go; may be empty.")
    state: str = Field(description="`active` or `closed`.")
    created_at: datetime = Field(description="When it was made.")
    seen_at: datetime | None = Field(description="When it was last signed in.")
    roles: list[RoleShape] = Field(description="What it may do.")


class InvitedShape(AccountShape):
    """An account that was just made."""

    code: str = Field(description="Its person sets a password with it at /welcome?code=CODE, once, within three days.")


class NewAccount(BaseModel):
    """An account to be made."""

    name: str = Field(max_length=200, description="The user name.")
    display: str = Field("", max_length=200, description="The person's name.")
    email: str = Field("", max_length=200, description="Where messages go; may be left out.")
    roles: list[str] = Field(max_length=100, description=ROLES)


class Roles(BaseModel):
    """What an account may do."""

    roles: list[str] = Field(max_length=100, description=ROLES)


class Secret(BaseModel):
    """A secret to be kept."""

    secret: str = Field(min_length=1, max_length=10_000, description="What the other side gave.")


class KeptShape(BaseModel):
    """A secret that is kept now."""

    kept: str = Field(description="Its name.")


@router.get("/accounts")
def accounts(visit: Visit = needs(May.OWN)) -> list[AccountShape]:
    """All accounts, by name."""
    return [_shape(each) for each in visit.service.store.accounts.all()]


@router.post("/accounts", status_code=201)
def invite(new: NewAccount, visit: Visit = needs(May.OWN)) -> InvitedShape:
    """Make an account; its person sets the password."""
    roles = granted_of(new.roles, visit.service.home.names("site"))
    made = visit.service.account_care.invite(new.name, new.display, new.email, roles, visit.who)
    return InvitedShape.of(made.account, roles=_roles(made.account), code=made.code)


@router.put("/accounts/{account}/roles")
def set_roles(account: int, told: Roles, visit: Visit = needs(May.OWN)) -> AccountShape:
    """Say anew what an account may do."""
    roles = granted_of(told.roles, visit.service.home.names("site"))
    visit.service.account_care.set_roles(_account(visit, account), roles, visit.who)
    return _shape(_account(visit, account))


@router.post("/accounts/{account}/close")
def close(account: int, visit: Visit = needs(May.OWN)) -> AccountShape:
    """Let nobody sign in to an account, nor use its tokens."""
    visit.service.account_care.close(_account(visit, account), visit.who)
    return _shape(_account(visit, account))


@router.post("/accounts/{account}/open")
def reopen(account: int, visit: Visit = needs(May.OWN)) -> AccountShape:
    """Let people sign in to a closed account again."""
    visit.service.account_care.open(_account(visit, account), visit.who)
    return _shape(_account(visit, account))


@router.put("/secrets/{name}")
def keep_secret(
    told: Secret,
    name: str = Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="What the service document calls it."),
    visit: Visit = needs(May.OWN),
) -> KeptShape:
    """Keep a secret that the service document names, encrypted; it is never shown again."""
    visit.service.home.keep_secret(name, told.secret)
    visit.note("secret.kept", f"secret {name}")
    return KeptShape(kept=name)


@router.put("/site-tokens/{site}")
def keep_token(site: str, told: Secret, visit: Visit = needs(May.OWN)) -> KeptShape:
    """Keep a site's token, encrypted; it is never shown again."""
    visit.service.home.keep_token(site, told.secret)
    visit.note("site.token", f"site {site}", site=site)
    return KeptShape(kept=site)


def _account(visit: Visit, number: int) -> Account:
    if not 0 < number <= LARGEST:
        raise UsageError(f"There is no account {number}.", code="account-unknown")
    return visit.service.accounts.get(number)


def _shape(account: Account) -> AccountShape:
    return AccountShape.of(account, roles=_roles(account))


def _roles(account: Account) -> list[RoleShape]:
    return [RoleShape.of(each) for each in account.roles]
