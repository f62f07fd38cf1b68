"""OAuth 1.0a without a user (two-legged): each request is signed with a key and a secret (RFC 5849, 3.4)."""

from collections.abc import Generator
from typing import Any, cast

import httpx2
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, SIGNATURE_TYPE_AUTH_HEADER, Client

from matricula.sources.web.auth import ServiceAuth

SIGNATURES = {"HMAC-SHA1": SIGNATURE_HMAC_SHA1, "HMAC-SHA256": SIGNATURE_HMAC_SHA256}


class OAuth1(ServiceAuth):
    """Signs each request, its query included, in the header `Authorization`; OneRoster 1.1 asks for that.

    Args:
        key: the consumer key.
        secret: the consumer secret.
        signature: `HMAC-SHA1` or `HMAC-SHA256`.
    """

    def __init__(self, key: str, secret: str, signature: str) -> None:
        self._key = key
        self._secret = secret
        self._signature = signature
        self.credential = f"the consumer key {key} with its consumer_secret"
        other = next(name for name in SIGNATURES if name != signature)
        self.advice = (
            "Check key and secret for blanks or letters lost in copying, that this computer's clock is right, and that "
            f"the service takes signatures by {signature} (else set signature: {other})."
        )

    def secrets(self) -> tuple[str, ...]:
        """What messages may not show."""
        return (self._secret,)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Sign anew each time a request is sent: a nonce is good once."""
        client = Client(
            self._key,
            client_secret=self._secret,
            signature_method=SIGNATURES[self._signature],
            signature_type=SIGNATURE_TYPE_AUTH_HEADER,
        )
        _, headers, _ = client.sign(str(request.url), http_method=cast("Any", request.method))
        request.headers["Authorization"] = headers["Authorization"]
        yield request
