"""Who asks: somebody who is signed in, or the holder of a token."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from matricula.service.permissions import May, may, sites_of
from matricula.store.accounts import Account, Granted, Session

Lacks = Literal["", "code", "factor"]
"""What somebody still has to do before anything else: give the second factor's code, or set a factor up."""


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in, or a token's holder.

    Args:
        account: the account.
        roles: what the account may do; none while something is lacking.
        session: the session; None for a token.
        token: the token's name; empty for a session.
        within: the most that the token may do; None for a session.
        lacks: what is to be done first.
    """

    account: Account
    roles: tuple[Granted, ...]
    session: Session | None = None
    token: str = ""
    within: tuple[Granted, ...] | None = None
    lacks: Lacks = ""

    @property
    def name(self) -> str:
        """Who this is in plans, runs and the audit log."""
        return f"{self.account.name} (token {self.token})" if self.token else self.account.name

    def may(self, what: May, site: str = "") -> bool:
        """Whether this visitor may do something (`permissions.may`); a token may what both it and its account may."""
        if self.within is None:
            return may(self.roles, what, site)
        both = may(self.roles, what, site) and may(self.within, what, site)
        return both and (bool(site) or self.sites(what) != frozenset())

    def sites(self, what: May = May.SEE) -> frozenset[str] | None:
        """The sites this visitor may do something to; None for all."""
        own = sites_of(self.roles, what)
        if self.within is None:
            return own
        most = sites_of(self.within, what)
        if own is None or most is None:
            return most if own is None else own
        return own & most


@dataclass(frozen=True)
class Who:
    """Who does something, and from where.

    Args:
        by: the account's name, or the machine's user of a command.
        address: the network address; empty for a command.
    """

    by: str
    address: str = ""


def digest_of(secret: str) -> str:
    """What is kept of a cookie or token: its SHA-256, in hexadecimal."""
    return hashlib.sha256(secret.encode()).hexdigest()
