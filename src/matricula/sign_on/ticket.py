"""Tickets: signed statements that one person is to be signed on to one account of one site, once and now.

A ticket is a JSON Web Token with HS256 (RFC 7519, RFC 7518 3.2); the plugin auth_matricula on the site has the same
secret. What it must hold is told in docs/sign-on.md.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from joserfc import jwt
from joserfc.jwk import OctKey

from matricula.profiles.landing import stays_inside
from matricula.sign_on.account import Account, NotSignedOnError

ALGORITHM: Final = "HS256"
SHORTEST_SECRET: Final = 32
Act = Literal["login", "logout"]


@dataclass(frozen=True)
class TicketKey:
    """What tickets for a site are signed with.

    Args:
        application: what the site knows us by.
        secret: the secret that both sides have.
    """

    application: str
    secret: str


@dataclass(frozen=True)
class Parties:
    """Between whom tickets go.

    Args:
        issuer: Matricula's address, without a slash at its end.
        site: the name of the site, for messages.
        url: the site's address, without a slash at its end.
    """

    issuer: str
    site: str
    url: str


def ticket(
    key: TicketKey,
    parties: Parties,
    account: Account,
    *,
    now: datetime,
    life: int,
    act: Act = "login",
    to: str = "/my/",
    back: str = "",
    admin: bool = False,
) -> str:
    """Make a ticket.

    Args:
        key: what it is signed with.
        parties: between whom it goes.
        account: whom it signs on.
        now: the moment.
        life: seconds for which it is good.
        act: what it is for.
        to: where on the site to go on to.
        back: address of Matricula that signing out at the site leads to.
        admin: whether it is good for a site administrator.

    Raises:
        NotSignedOnError: the landing address leads away from the site.
    """
    if not stays_inside(to):
        raise NotSignedOnError("The address to go on to is not on the site.", "sign-on-landing", parties.site)
    moment = int(now.timestamp())
    claims: dict[str, Any] = {
        "iss": parties.issuer,
        "aud": parties.url,
        "app": key.application,
        "sub": str(account.id),
        "username": account.username,
        "iat": moment,
        "nbf": moment,
        "exp": moment + life,
        "jti": secrets.token_urlsafe(16),
        "act": act,
        "to": to,
    }
    claims |= {"back": back} if back else {}
    claims |= {"admin": True} if admin else {}
    header = {"alg": ALGORITHM, "typ": "JWT", "kid": key.application}
    return jwt.encode(header, claims, OctKey.import_key(key.secret), algorithms=[ALGORITHM])
