"""The block inside a Moodle: the secret with which it signs what it asks, kept encrypted, shown once, and replaced.

While a secret is replaced the one before it is good for a day, so that nothing stops between the two sides.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from matricula import logs
from matricula.errors import UsageError
from matricula.hub.home import Home

BEFORE_GOOD: Final = timedelta(days=1)
"""So long the secret before the present one is taken."""

_NOW: Final = "block:"
_BEFORE: Final = "block-before:"
_BYTES: Final = 32


@dataclass(frozen=True)
class BlockStanding:
    """How the block of a site stands.

    Args:
        since: since when its secret is kept; None where there is none, and nothing that it asks is answered.
        before_until: until when the secret before it is taken, too; None where none is.
    """

    since: datetime | None
    before_until: datetime | None


def make_block_secret(home: Home, site: str, *, at_once: bool = False, now: datetime | None = None) -> str:
    """Make a secret for the block of a site, in the place of an earlier one.

    Args:
        home: the home.
        site: the site.
        at_once: whether the earlier one is taken no more from now on; else it is for a day.
        now: the moment meant; by default now.

    Returns:
        the secret, which is shown this once.

    Raises:
        UsageError: there is no such site.
    """
    home.site(site)
    made = logs.hide(secrets.token_urlsafe(_BYTES))
    kept = home.store.secrets
    with home.store.begin():
        earlier = kept.get(f"{_NOW}{site}")
        kept.remove(f"{_BEFORE}{site}")
        if earlier is not None and not at_once:
            until = (now or datetime.now(UTC)) + BEFORE_GOOD
            kept.put(f"{_BEFORE}{site}", home.vault.encrypt(f"{until.isoformat()} {home.vault.decrypt(earlier)}"))
        kept.put(f"{_NOW}{site}", home.vault.encrypt(made))
    return made


def block_keys(home: Home, site: str, now: datetime) -> tuple[bytes, ...]:
    """The secrets that requests of a site's block may be signed with; none where it has none.

    Args:
        home: the home.
        site: what the site is called, whether there is one or not.
        now: now.
    """
    kept = home.store.secrets.get(f"{_NOW}{site}")
    if kept is None:
        return ()
    before = _before(home, site)
    earlier = (before[1],) if before is not None and before[0] > now else ()
    return tuple(each.encode() for each in (home.vault.decrypt(kept), *earlier))


def block_standing(home: Home, site: str, now: datetime | None = None) -> BlockStanding:
    """How the block of a site stands."""
    before = _before(home, site)
    good = before is not None and before[0] > (now or datetime.now(UTC))
    since = home.store.secrets.saved(_NOW).get(f"{_NOW}{site}")
    return BlockStanding(since, before[0] if before is not None and good else None)


def remove_block_secret(home: Home, site: str) -> None:
    """Take the secret of a site's block away: from now on it is answered nothing.

    Raises:
        UsageError: there is no such site, or its block has no secret.
    """
    home.site(site)
    if not forget_block(home, site):
        raise UsageError(
            f"The block of {site} has no secret.",
            where=f"site {site}",
            remedy=f"Make one with `matricula block secret {site}`.",
            code="block-secret-missing",
        )


def forget_block(home: Home, site: str) -> bool:
    """Forget the secrets of a site's block; returns whether there was one."""
    home.store.secrets.remove(f"{_BEFORE}{site}")
    return home.store.secrets.remove(f"{_NOW}{site}")


def _before(home: Home, site: str) -> tuple[datetime, str] | None:
    """Until when the earlier secret is taken, and that secret."""
    kept = home.store.secrets.get(f"{_BEFORE}{site}")
    if kept is None:
        return None
    until, _, secret = home.vault.decrypt(kept).partition(" ")
    return datetime.fromisoformat(until), secret
