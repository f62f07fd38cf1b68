"""Forms in which roles are chosen: which ones are offered, and what was typed beside them."""

from collections.abc import Iterable
from dataclasses import dataclass

from matricula.errors import UsageError
from matricula.service.permissions import ROLE_MAY, TOKEN_MAY, covered
from matricula.store.accounts import ALL_SITES, Account, Granted


@dataclass(frozen=True)
class Offered:
    """A role that can be chosen for some sites.

    Args:
        role: the role.
        sites: for which; `*` for all.
    """

    role: str
    sites: tuple[str, ...]


def offered(sites: Iterable[str]) -> list[Offered]:
    """Every role, for all sites and for each."""
    return [Offered(role, (ALL_SITES, *sites)) for role in ROLE_MAY]


def _of_token(sites: Iterable[str]) -> list[Offered]:
    there = tuple(sites)
    return offered(there) + [Offered(scope, (ALL_SITES, *there)) for scope in TOKEN_MAY]


def offered_to(account: Account, sites: Iterable[str]) -> list[Offered]:
    """The roles that a token of an account may have."""
    found = []
    for each in _of_token(sites):
        able = tuple(site for site in each.sites if covered(account.roles, [Granted(each.role, site)]))
        if able:
            found.append(Offered(each.role, able))
    return found


def days_of(text: str) -> int | None:
    """After how many days a token ends, as it was typed; an empty text means never.

    Raises:
        UsageError: it is no number.
    """
    plain = text.strip()
    if not plain:
        return None
    if not plain.isdigit() or len(plain) > 6:
        raise UsageError(
            f"“{plain[:20]}” is no number of days.", where="days", remedy="Write a whole number.", code="number-wanted"
        )
    return int(plain)
