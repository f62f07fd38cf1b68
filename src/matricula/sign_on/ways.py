"""The ways on to a site; which one is taken stands in the site's document."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from matricula.errors import SettingError
from matricula.moodle import Moodle
from matricula.profiles import Site
from matricula.profiles.documents.sign_on import SiteSignOn
from matricula.sign_on.account import Account, NotSignedOnError
from matricula.sign_on.ticket import Act, Parties, TicketKey, ticket
from matricula.sign_on.userkey import address_by_key


@dataclass(frozen=True)
class Ground:
    """What the ways need.

    Args:
        site: the site.
        moodle: its client.
        issuer: Matricula's address, without a slash at its end; empty where it is not known.
        key: gives what tickets are signed with.
        now: the moment.
    """

    site: Site
    moodle: Moodle
    issuer: str
    key: Callable[[], TicketKey]
    now: datetime

    @property
    def settings(self) -> SiteSignOn:
        """How people are signed on to the site.

        Raises:
            SettingError: nobody is.
        """
        if self.site.sign_on is None:
            raise SettingError(
                "Nobody is signed on to this site.",
                where=f"site {self.site.name}",
                remedy="Set sign_on in the site's document; see docs/sign-on.md.",
                code="sign-on-unset",
            )
        return self.site.sign_on


def address_of(ground: Ground, account: Account, to: str, back: str = "") -> str:
    """The address that signs an account on.

    Args:
        ground: the site, and what is needed.
        account: whom it signs on.
        to: where on the site to go on to.
        back: address of Matricula that signing out at the site leads to, where the way knows of that.

    Raises:
        NotSignedOnError: the account cannot be signed on in this way.
        SettingError: a setting is missing.
        MoodleError: the site refuses, or cannot be asked.
    """
    settings = ground.settings
    if settings.by == "userkey":
        return address_by_key(ground.moodle, ground.site, account, settings.key_field, to)
    if settings.by == "ticket":
        return _with_ticket(ground, account, "login", to=to, back=back)
    raise NotSignedOnError(
        "The site asks by itself who somebody is.",
        "sign-on-way",
        ground.site.name,
        "Go to the Moodle, and choose Matricula on its page for signing in.",
    )


def address_out(ground: Ground, account: Account, back: str) -> str:
    """The address that signs an account off, where it was signed on by ticket. Parameters and errors as above."""
    return _with_ticket(ground, account, "logout", to="/", back=back)


def _with_ticket(ground: Ground, account: Account, act: Act, *, to: str, back: str) -> str:
    settings = ground.settings
    if not ground.issuer:
        raise SettingError(
            "It is not known under which address people reach Matricula.",
            where="service, address",
            remedy="Set address in the service document, and the same address in the plugin's settings.",
            code="sign-on-address",
        )
    parties = Parties(ground.issuer, ground.site.name, ground.moodle.url)
    made = ticket(
        ground.key(),
        parties,
        account,
        now=ground.now,
        life=settings.key_life,
        act=act,
        to=to,
        back=back,
        admin=settings.administrators,
    )
    return f"{parties.url}/auth/matricula/{act}.php?{urlencode({'ticket': made})}"
