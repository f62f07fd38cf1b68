"""Tokens: opaque ones that Moodle asks with, and ID tokens that say what was signed by whom for whom."""

import secrets
from functools import cached_property
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError
from authlib.oauth2.rfc6750 import BearerTokenGenerator, BearerTokenValidator
from authlib.oidc.core import OpenIDCode
from joserfc.jwk import RSAKey

from matricula.provider.clients import Client, digest_of
from matricula.provider.holder import opened
from matricula.provider.keys import ALGORITHM
from matricula.provider.lasting import TOKEN_LASTS
from matricula.store import SignOnGrant


def opaque_tokens() -> BearerTokenGenerator:
    """What makes access tokens: random, good for ten minutes, never renewed."""
    seconds = int(TOKEN_LASTS.total_seconds())
    return BearerTokenGenerator(lambda **_: secrets.token_urlsafe(32), expires_generator=lambda *_: seconds)


def keep_token(server: Any, token: dict[str, Any], request: Any) -> None:
    """Note that an access token was given.

    Raises:
        InvalidGrantError: its code was used a second time meanwhile.
    """
    code: SignOnGrant = request.authorization_code.kept
    told = {"code": code.digest, "scope": token["scope"], "claims": code.request["claims"]}
    ends_at = server.around.now + TOKEN_LASTS
    digest = digest_of(token["access_token"])
    if not server.grants.keep_made_of(code, SignOnGrant(digest, "token", code.client, code.person, told, ends_at)):
        server.why = "code-used-before"
        raise InvalidGrantError("The code was used before.")


class IdTokens(OpenIDCode):
    """ID tokens (OpenID Connect Core, 2).

    Args:
        server: the provider, for one request.
    """

    def __init__(self, server: Any) -> None:
        super().__init__(require_nonce=False)
        self._server = server

    @cached_property
    def _key(self) -> RSAKey:
        key: RSAKey = self._server.around.keys.signing(self._server.around.now)
        return key

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        """Never: it is the client that takes a nonce once; a browser may well ask the same a second time."""
        return False

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        """The key in force."""
        return self._key

    def get_client_algorithm(self, client: Client) -> str:
        """The same for all."""
        return ALGORITHM

    def get_encode_header(self, client: Client) -> dict[str, str]:
        """The header: which key it was."""
        return {"alg": ALGORITHM, "kid": str(self._key.kid), "typ": "JWT"}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        """By whom, for whom, and how long."""
        now = int(self._server.around.now.timestamp())
        lasts = int(TOKEN_LASTS.total_seconds())
        return {"iss": self._server.around.issuer, "aud": client.id, "azp": client.id, "iat": now, "exp": now + lasts}

    def generate_user_info(self, user: Any, scope: str) -> dict[str, Any]:
        """What is told of the person."""
        return opened(user, scope)


class AccessToken:
    """An access token that was given, in the words of Authlib.

    Args:
        kept: what was noted of it.
        server: the provider, for one request.
    """

    def __init__(self, kept: SignOnGrant, server: Any) -> None:
        self.kept = kept
        self._server = server

    def is_expired(self) -> bool:
        """Whether it is too old."""
        return bool(self._server.around.now >= self.kept.ends_at)

    def is_revoked(self) -> bool:
        """Whether its client is gone: what is ended otherwise is not kept at all."""
        return self._server.query_client(self.kept.client) is None

    def get_scope(self) -> str:
        """What it opens."""
        return str(self.kept.request["scope"])


class AccessTokens(BearerTokenValidator):
    """Checks access tokens (RFC 6750).

    Args:
        server: the provider, for one request.
    """

    def __init__(self, server: Any) -> None:
        super().__init__(realm="matricula")
        self._server = server

    def authenticate_token(self, token_string: str) -> AccessToken | None:
        """The token, if it was given and has not been ended."""
        kept = self._server.grants.find(digest_of(token_string), "token")
        return None if kept is None else AccessToken(kept, self._server)
