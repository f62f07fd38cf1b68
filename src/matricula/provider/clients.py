"""Sites as clients of the provider: what each is called, and the one address that an answer may go to."""

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any, Final

from authlib.oauth2.rfc6749 import ClientMixin, list_to_scope, scope_to_list

from matricula.provider.holder import SCOPES
from matricula.store import SignOnClient, Store

CALLBACK: Final = "/admin/oauth2callback.php"
"""Where Moodle takes answers of every OAuth 2 service, below its own address (`oauth2_client::callback_url`)."""


class Clients:
    """Clients of the provider, one for each site.

    Args:
        store: the state.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, site: str, url: str, by: str, at: datetime) -> tuple[SignOnClient, str]:
        """Make the client of a site, or give it another secret; what the old one opened is closed at once.

        Args:
            site: the site.
            url: its address.
            by: who asks for it.
            at: now.

        Returns:
            the client, and its secret, which is kept nowhere.
        """
        secret = secrets.token_urlsafe(32)
        with self._store.begin():
            there = self._store.sign_on_clients.of_site(site)
            number = there.id if there is not None else f"matricula-{secrets.token_hex(8)}"
            client = SignOnClient(number, site, digest_of(secret), (callback(url),), at, by)
            self._store.sign_on_clients.keep(client)
            self._store.sign_on_grants.end(client=number)
        return client, secret

    def get(self, number: str) -> "Client | None":
        """A client by its id, as Authlib wants it."""
        found = self._store.sign_on_clients.get(number)
        return None if found is None else Client(found)


class Client(ClientMixin):
    """A client, in the words of Authlib.

    Args:
        kept: the client.
    """

    def __init__(self, kept: SignOnClient) -> None:
        self.kept = kept
        self.id = kept.id
        self.site = kept.site

    @property
    def client_metadata(self) -> dict[str, Any]:
        """Where somebody may be sent after signing out: the site's front page, however it is written."""
        fronts = [each.removesuffix(CALLBACK) for each in self.kept.redirects]
        return {"post_logout_redirect_uris": [address for each in fronts for address in (each, f"{each}/")]}

    def get_client_id(self) -> str:
        """Its id."""
        return self.id

    def get_default_redirect_uri(self) -> None:
        """None: each request names the address that it wants to be answered at."""

    def get_allowed_scope(self, scope: str | None) -> str:
        """What of a scope may be asked for: all that there is."""
        return str(list_to_scope([each for each in scope_to_list(scope) or [] if each in SCOPES]))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Whether an answer may go to an address: character by character, no part of it is free."""
        return redirect_uri in self.kept.redirects

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is its secret; how long that takes tells nothing."""
        return hmac.compare_digest(digest_of(client_secret).encode(), self.kept.secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it may prove itself so: with its secret alone, for there are no clients without one."""
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        """Whether it may ask for this: a code."""
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether it may exchange this: a code. No token is renewed without the person."""
        return grant_type == "authorization_code"


def callback(url: str) -> str:
    """The address of a Moodle that answers go to."""
    return url.rstrip("/") + CALLBACK


def digest_of(text: str) -> str:
    """The digest of something random that somebody else holds."""
    return hashlib.sha256(text.encode()).hexdigest()
