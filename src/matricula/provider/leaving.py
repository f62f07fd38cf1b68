"""Signing out where a site asks for it (OpenID Connect RP-Initiated Logout)."""

from typing import Any

from authlib.oidc.rpinitiated import EndSessionEndpoint
from joserfc.jwk import KeySet

from matricula.provider.keys import ALGORITHM


class Leaving(EndSessionEndpoint):
    """Checks where somebody may be sent after signing out; whether they want to is asked of themselves.

    Args:
        server: the provider, for one request.
    """

    def get_server_jwks(self) -> KeySet:
        """The keys that an ID token may be signed with."""
        keys: KeySet = self.server.around.keys.published(self.server.around.now)
        return keys

    def get_algorithms(self) -> list[str]:
        """The one signature: never `none`."""
        return [ALGORITHM]

    def is_post_logout_redirect_uri_legitimate(
        self, request: Any, post_logout_redirect_uri: str, client: Any, logout_hint: str | None
    ) -> bool:
        """An address of the site's own, to which the person goes by a button that names it."""
        return True

    def end_session(self, end_session_request: Any) -> None:
        """Nothing: the page that asks does it."""
