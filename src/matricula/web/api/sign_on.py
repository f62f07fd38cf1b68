"""Signing people on: the school's system asks for an address that takes one of its people to the Moodle."""

from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, model_validator

from matricula.service.going import Given
from matricula.service.permissions import SIGN_ON_SCOPE, May
from matricula.sign_on import Person
from matricula.store.accounts import ALL_SITES
from matricula.web.refusals import ForbiddenError
from matricula.web.visit import Visit, needs

router = APIRouter(tags=["sign-on"])
_GIVEN: tuple[Given, ...] = ("sourcedId", "username", "email", "idnumber")
Told = Annotated[str | None, Field(min_length=1, max_length=254)]


class SignOnAsked(BaseModel):
    """Whom to sign on, named in one way, and where to."""

    model_config = ConfigDict(extra="forbid")

    sourcedId: Told = Field(None, description="The person as the roster knows them; the ledger must know the account.")  # noqa: N815
    username: Told = Field(None, description="User name of the account.")
    email: Told = Field(None, description="E-mail address of the account.")
    idnumber: Told = Field(None, description="ID number of the account.")
    course: str | None = Field(
        None,
        min_length=1,
        max_length=254,
        description="sourcedId of a class, ID number or short name of a course to go on to; by default the site's "
        "landing page.",
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(getattr(self, name) is not None for name in _GIVEN) != 1:
            raise ValueError(f"name the person by just one of {', '.join(_GIVEN)}")
        return self


class SignOnGiven(BaseModel):
    """Where to send the person's browser."""

    address: str = Field(description="Good once and for about a minute; keep it in no log.")
    account: int | None = Field(description="Id of the account in Moodle.")


@router.post("/sites/{site}/sign-on")
def sign_on(site: str, asked: SignOnAsked, visit: Visit = needs(May.SIGN_ON)) -> SignOnGiven:
    """An address that signs one person on to the site; only for tokens that may `sign-on`."""
    within = visit.visitor.within or ()
    if not any(each.role == SIGN_ON_SCOPE and each.site in (ALL_SITES, site) for each in within):
        raise ForbiddenError(May.SIGN_ON, site)
    by = next(name for name in _GIVEN if getattr(asked, name) is not None)
    value = getattr(asked, by)
    person = Person(f"token {visit.by}", **{"idnumber" if by == "sourcedId" else by: value})
    onward = visit.service.going.go(person, site, visit.who, course=asked.course or "", by=by)
    return SignOnGiven(address=onward.address, account=None if onward.account is None else onward.account.id)
