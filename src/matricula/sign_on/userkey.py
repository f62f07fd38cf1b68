"""Signing on by key: the site gives an address that is good once; it must be the site's own."""

from typing import Final
from urllib.parse import SplitResult, parse_qs, urlencode, urlsplit

from matricula.errors import StopError
from matricula.moodle import Moodle
from matricula.profiles import Site
from matricula.profiles.documents.sign_on import Match
from matricula.profiles.landing import stays_inside
from matricula.sign_on.account import Account, NotSignedOnError

_PAGE: Final = "/auth/userkey/login.php"
_PORTS: Final = {"http": 80, "https": 443}


def address_by_key(moodle: Moodle, site: Site, account: Account, field: Match, to: str) -> str:
    """An address that signs somebody on.

    Args:
        moodle: the site's client.
        site: the site.
        account: whom it signs on.
        field: the field that the plugin knows people by.
        to: where on the site to go on to.

    Raises:
        NotSignedOnError: the account has nothing in that field, others have the same, or the landing address leads
            away from the site.
        StopError: the address is not the site's own.
        MoodleError: the site refuses, or cannot be asked.
    """
    if not stays_inside(to):
        raise NotSignedOnError("The address to go on to is not on the site.", "sign-on-landing", site.name)
    value = getattr(account, field)
    if not value:
        raise NotSignedOnError(f"Your account has no {field}, by which it is signed on.", "sign-on-unnamed", site.name)
    # The plugin takes the first of those that the database takes for the same.
    if [each.id for each in moodle.users.find(field, [value]) if not each.deleted] != [account.id]:
        raise NotSignedOnError(f"Other accounts have the same {field} as yours.", "sign-on-ambiguous", site.name)
    address = moodle.sign_on.login_address(field, value)
    refuse_foreign_address(address, moodle.url, site.name)
    return f"{address}&{urlencode({'wantsurl': moodle.url + to})}"


def refuse_foreign_address(address: str, site_url: str, name: str) -> None:
    """Refuse an address that is not the site's own page for keys.

    Args:
        address: what the site gave.
        site_url: the site's address.
        name: the site, for messages.

    Raises:
        StopError: scheme, host, port or path are other ones, or it holds more than a key.
    """
    try:
        given, own = urlsplit(address), urlsplit(site_url)
        same = _place(given) == _place(own) and given.path == own.path.rstrip("/") + _PAGE
    except ValueError:
        same = False
    if not same or "@" in given.netloc or given.fragment or set(parse_qs(given.query)) != {"key"}:
        raise StopError(
            "The site gave an address for signing on that is not its own.",
            where=f"site {name}",
            remedy="Compare the site's address in its settings here with the one that Moodle has as wwwroot.",
            code="sign-on-address-foreign",
        )


def _place(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
