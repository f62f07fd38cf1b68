"""What tickets for each site are signed with: made here, kept encrypted, shown once."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from matricula import logs
from matricula.errors import SettingError, UsageError
from matricula.hub.home import Home
from matricula.sign_on.ticket import TicketKey

OVERLAP: Final = timedelta(hours=24)
"""So long tickets are signed with the former secret after another one was made, so that it can be entered in Moodle."""
_KEPT: Final = "ticket:"


@dataclass(frozen=True)
class TicketStanding:
    """What is known of a site's secret, without the secret.

    Args:
        application: what the site knows us by.
        made_at: when the secret was made.
        former_until: until when tickets are signed with the former secret; None where there is none.
    """

    application: str
    made_at: datetime
    former_until: datetime | None


def make_ticket_key(
    home: Home, site: str, *, rotate: bool = False, overlap: timedelta = OVERLAP, now: datetime | None = None
) -> TicketKey:
    """Make a site's secret; it is given out here and never again.

    Args:
        home: the home.
        site: the site.
        rotate: whether there is one already, which goes on to be used for a while.
        overlap: that while; nothing where the former secret is known to strangers.
        now: the moment; by default the present one.

    Raises:
        UsageError: there is no such site, it has a secret already, or has none to rotate.
    """
    moment, name = now or datetime.now(UTC), home.site(site).name
    kept = _read(home, name)
    if kept is not None and not rotate:
        raise UsageError(
            f"The site {name} has a secret already.",
            where=f"site {name}",
            remedy=f"To put another in its place: matricula sign-on secret {name} --rotate",
            code="ticket-secret-there",
        )
    if kept is None and rotate:
        raise UsageError(
            f"The site {name} has no secret yet.",
            where=f"site {name}",
            remedy=f"Make one: matricula sign-on secret {name}",
            code="ticket-secret-missing",
        )
    made = {"application": f"matricula-{name}", "secret": secrets.token_urlsafe(48), "made_at": moment.isoformat()}
    if kept is not None:
        made["application"] = kept["application"]
    if kept is not None and overlap:
        until = moment + overlap
        # What Moodle has: where a secret is replaced before it came into use, that is still the one before it.
        made |= {"former": _of(kept, moment), "former_until": until.isoformat()}
    for each in (made["secret"], made.get("former", "")):
        logs.hide(each)
    home.store.secrets.put(f"{_KEPT}{name}", home.vault.encrypt(json.dumps(made)))
    return TicketKey(made["application"], made["secret"])


def ticket_key(home: Home, site: str, now: datetime) -> TicketKey:
    """What tickets are signed with at a moment: for a while after a rotation, still the former secret.

    Raises:
        SettingError: there is none.
    """
    kept = _read(home, site)
    if kept is None:
        raise SettingError(
            "Tickets for this site have no secret yet.",
            where=f"site {site}",
            remedy=f"Make one on the site's page or with `matricula sign-on secret {site}`, and enter it in Moodle.",
            code="ticket-secret-missing",
        )
    return TicketKey(kept["application"], logs.hide(_of(kept, now)))


def ticket_standing(home: Home, site: str) -> TicketStanding | None:
    """What is known of a site's secret; None where it has none."""
    kept = _read(home, site)
    if kept is None:
        return None
    until = kept.get("former_until")
    return TicketStanding(
        kept["application"], datetime.fromisoformat(kept["made_at"]), datetime.fromisoformat(until) if until else None
    )


def forget_ticket_key(home: Home, site: str) -> None:
    """Forget a site's secret."""
    home.store.secrets.remove(f"{_KEPT}{site}")


def _of(kept: dict[str, Any], now: datetime) -> str:
    until = kept.get("former_until")
    former = until is not None and now < datetime.fromisoformat(until)
    return str(kept["former" if former else "secret"])


def _read(home: Home, site: str) -> dict[str, Any] | None:
    ciphertext = home.store.secrets.get(f"{_KEPT}{site}")
    if ciphertext is None:
        return None
    read: dict[str, Any] = json.loads(home.vault.decrypt(ciphertext))
    return read
