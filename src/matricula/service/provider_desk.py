"""The provider as it is set up: its address, its keys, and the sites that may ask it who people are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from matricula.errors import SettingError, UsageError
from matricula.hub import Home
from matricula.hub.audited import note_setting
from matricula.hub.persons import person
from matricula.provider.clients import Clients
from matricula.provider.keys import Keys
from matricula.provider.metadata import metadata
from matricula.store import SigningKey

_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
"""Addresses of the machine itself, which nobody listens to in between."""


@dataclass(frozen=True)
class Entered:
    """What a site's administrator enters in Moodle.

    Args:
        issuer: Service base URL.
        client: Client ID.
        redirect: where Moodle has answers sent; nothing is entered for it.
        secret: Client secret; empty where it was shown before.
    """

    issuer: str
    client: str
    redirect: str
    secret: str = ""


class ProviderDesk:
    """Sets the provider of one home up.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self.store = home.store
        self.keys = Keys(home.store, home.vault)
        self.clients = Clients(home.store)
        self.now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @property
    def issuer(self) -> str:
        """The provider's address: that of the service document.

        Raises:
            SettingError: there is none, or others could listen in between.
        """
        address = self.home.service().address
        if address is None:
            raise SettingError(
                "It is not known under which address people reach Matricula, and so Moodle cannot be told.",
                where="service, address",
                remedy="Set address in the service document, as in `address: https://matricula.school.example`.",
                code="provider-address",
            )
        if urlsplit(str(address)).scheme != "https" and urlsplit(str(address)).hostname not in _LOOPBACK:
            raise SettingError(
                "Matricula is not reached over https, so that nobody can be signed on to Moodle with it.",
                where="service, address",
                remedy="Put a reverse proxy with a certificate before it (docs/operating/reverse-proxy.md), and set "
                "address to what begins with https://.",
                code="provider-insecure",
            )
        return str(address).rstrip("/")

    def metadata(self) -> dict[str, Any]:
        """What the provider says of itself."""
        return metadata(self.issuer)

    def published(self) -> dict[str, Any]:
        """Its public keys (RFC 7517)."""
        self.issuer  # noqa: B018 - where nobody can be signed on no key is made
        return dict(self.keys.published(self.now()).as_dict(private=False))

    def listed(self) -> list[SigningKey]:
        """The keys that are published, that in force first."""
        return self.keys.listed(self.now())

    def rotate(self) -> SigningKey:
        """Put a new key in force."""
        made = self.keys.rotate(self.now())
        note_setting(self.home, "provider.key", f"signing key {made.id[:12]}")
        return made

    def entered(self, site: str) -> Entered | None:
        """What is entered in the Moodle of a site; None where it has no client yet.

        Raises:
            UsageError: there is no such site.
            SettingError: the service has no address.
        """
        issuer = self.issuer
        client = self.store.sign_on_clients.of_site(self.home.site(site).name)
        return None if client is None else Entered(issuer, client.id, client.redirects[0])

    def make_client(self, site: str, *, renew: bool) -> Entered:
        """Make the client of a site, or give it another secret.

        Args:
            site: the site.
            renew: whether another secret is wanted where there is a client.

        Raises:
            UsageError: there is no such site, or it has a client and no other secret is wanted.
            SettingError: the service has no address.
        """
        issuer, url = self.issuer, str(self.home.site(site).url)
        if self.store.sign_on_clients.of_site(site) is not None and not renew:
            raise UsageError(
                f"{site} has a client already, and its secret was shown.",
                where=f"site {site}",
                remedy=f"`matricula provider client {site} --renew` makes another secret; enter it in Moodle at once, "
                "for the one before is good no more.",
                code="provider-client-there",
            )
        client, secret = self.clients.make(site, url, person(), self.now())
        words = "another secret" if renew else ""
        note_setting(self.home, "provider.client", f"site {site}", site=site, words=words)
        return Entered(issuer, client.id, client.redirects[0], secret)
