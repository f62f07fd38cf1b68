"""Who may do what: the one table that pages, the API and their tests go by."""

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from matricula.errors import UsageError
from matricula.store.accounts import ALL_SITES, Granted


class May(StrEnum):
    """What somebody may do."""

    SEE = "see"
    """Look at everything of a site: plans, runs, people, history."""
    APPLY = "apply"
    """Apply a plan that nothing holds."""
    APPROVE = "approve"
    """Release, apply in part, reject and undo plans."""
    OPERATE = "operate"
    """Start work, edit rules, sources and sites, decide on identities, problems and edited fields."""
    OWN = "own"
    """Accounts, tokens, secrets and settings of the service; forgetting people."""
    SIGN_ON = "sign-on"
    """Sign people on to a site: what the school's system does for them, with a token that may just that."""


ROLE_MAY: Final = MappingProxyType(
    {
        "viewer": frozenset({May.SEE}),
        "approver": frozenset({May.SEE, May.APPLY, May.APPROVE}),
        "operator": frozenset({May.SEE, May.APPLY, May.OPERATE}),
        "owner": frozenset(May),
    }
)

SIGN_ON_SCOPE: Final = "sign-on"
TOKEN_MAY: Final = MappingProxyType({SIGN_ON_SCOPE: frozenset({May.SIGN_ON})})
"""What tokens may be given beside roles; accounts have it only as a part of their role."""
_ALL_MAY: Final = MappingProxyType({**ROLE_MAY, **TOKEN_MAY})

ROLE_SAYS: Final = MappingProxyType(
    {
        "viewer": "Sees everything, changes nothing.",
        "approver": "Approves, rejects and undoes plans.",
        "operator": "Edits rules and starts plans and runs; plans that are held wait for an approver.",
        "owner": "May do everything, accounts and settings included.",
        SIGN_ON_SCOPE: "For the school's system alone: signs people on to the Moodle, and may do nothing else.",
    }
)

BLOCK_MAY: Final = ("course", "preview-enrolments", "continue", "preview-grades", "continue-grades", "job")
"""What the block of a site may ask: only this, only for a course of that site. It has no role and no account."""


def may(roles: Iterable[Granted], what: May, site: str = "") -> bool:
    """Whether somebody may do something.

    Args:
        roles: the roles of the account.
        what: what is to be done.
        site: the site it is done to. Where it is empty, a page that shows several sites may be seen with any role;
            everything else concerns all sites and needs a role for all.
    """
    for each in roles:
        if what not in _ALL_MAY.get(each.role, frozenset()):
            continue
        if each.site in (ALL_SITES, site) or (not site and what is May.SEE):
            return True
    return False


def sites_of(roles: Iterable[Granted], what: May) -> frozenset[str] | None:
    """The sites that somebody may do something to; None for all."""
    able = [each.site for each in roles if what in _ALL_MAY.get(each.role, frozenset())]
    return None if ALL_SITES in able else frozenset(able)


def covered(roles: Iterable[Granted], wanted: Iterable[Granted]) -> bool:
    """Whether roles may everything that others may."""
    own = tuple(roles)
    return all(
        any(each.site in (ALL_SITES, other.site) and what in _ALL_MAY[each.role] for each in own)
        for other in wanted
        for what in _ALL_MAY[other.role]
    )


def granted_of(told: Iterable[str], sites: Iterable[str], *, token: bool = False) -> list[Granted]:
    """Roles as they are written in forms and commands: `viewer@moodle`, or `viewer` for all sites.

    Args:
        told: the roles.
        sites: the sites there are.
        token: whether a token is to have them, which may be given a scope, too.

    Raises:
        UsageError: there is no such role or site.
    """
    there, found = set(sites), []
    known = _ALL_MAY if token else ROLE_MAY
    for each in told:
        role, _, site = each.strip().partition("@")
        if role not in known:
            raise UsageError(
                f"There is no role “{role[:30]}”.",
                where="roles",
                remedy=f"Roles are {', '.join(known)}; `viewer@SITE` is a role for one site.",
                code="role-name",
            )
        if site not in ("", ALL_SITES) and site not in there:
            raise UsageError(
                f"There is no site “{site[:60]}”.",
                where="roles",
                remedy="Choose among the sites there are; without @SITE a role is for all of them.",
                code="role-site",
            )
        found.append(Granted(role, site or ALL_SITES))
    return list(dict.fromkeys(found))


def in_words(roles: Iterable[Granted]) -> str:
    """Roles in words: `viewer for moodle; owner for all sites`."""
    told = [f"{each.role} for {'all sites' if each.site == ALL_SITES else each.site}" for each in roles]
    return "; ".join(told) or "no role"
