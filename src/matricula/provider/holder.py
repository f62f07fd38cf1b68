"""Whose account of a site it is that a code is given for, and what is told of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from matricula.sign_on import Person

SCOPES: Final = ("openid", "profile", "email")
CLAIMS: Final = {
    "openid": ("sub",),
    "profile": ("name", "given_name", "family_name", "preferred_username", "idnumber", "sourced_id"),
    "email": ("email", "email_verified"),
}
"""What each scope opens."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person, and the account of a site that is theirs.

    Args:
        person: who signed in here.
        account: the id of their account in that Moodle.
        username: its user name.
        email: its e-mail address, just as Moodle has it: by this Moodle finds the account the first time.
        given: given name.
        family: family name.
        idnumber: its ID number; may be empty.
        sourced_id: the person's sourcedId in the roster; empty where it is not known.
        signed_in_at: when the person signed in here, in seconds since 1970.
    """

    person: Person
    account: int
    username: str
    email: str
    given: str
    family: str
    idnumber: str
    sourced_id: str
    signed_in_at: int

    def claims(self, client: str) -> dict[str, Any]:
        """Everything that may be told of them to a client.

        `sub` names the account, and not the person: Moodle ids are never given twice, and a person who is found to
        have another account is another subject for that Moodle, which so never goes on to the account before.

        Args:
            client: the client's id.
        """
        told = {
            "sub": f"{self.account}.{client}".lower(),
            "name": f"{self.given} {self.family}".strip(),
            "given_name": self.given,
            "family_name": self.family,
            "preferred_username": self.username,
            "idnumber": self.idnumber,
            "sourced_id": self.sourced_id,
            "email": self.email,
        }
        return {name: value for name, value in told.items() if value} | {"email_verified": True}


def opened(claims: Mapping[str, Any], scope: str) -> dict[str, Any]:
    """What a scope opens of claims."""
    open_to = {name for each in scope.split() for name in CLAIMS.get(each, ())}
    return {name: value for name, value in claims.items() if name in open_to}
