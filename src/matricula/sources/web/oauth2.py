"""OAuth 2: a token that stands fixed, or one had for a client id and secret (client credentials, RFC 6749, 4.4)."""

import base64
import json
import threading
import time
from collections.abc import Callable, Generator, Sequence
from typing import Any, Literal
from urllib.parse import quote_plus, urlencode

import httpx2

from matricula.errors import SettingError
from matricula.sources.web.answers import BUSY, BrokenAnswerError, busy, is_page, words_of
from matricula.sources.web.auth import ENTER, ServiceAuth

_EARLY = 30.0  # seconds before its end at which a token is no longer used
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class Bearer(ServiceAuth):
    """A token that the vendor gave out once and for all (RFC 6750).

    Args:
        token: the token.
        enter: the command that it is entered with.
    """

    credential = "the token"

    def __init__(self, token: str, enter: str = ENTER) -> None:
        self._token = token
        self.advice = f"Ask the vendor for a new token and enter it with `{enter}`."

    def secrets(self) -> tuple[str, ...]:
        """What messages may not show."""
        return (self._token,)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send the token along."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        yield request


class ClientCredentials(ServiceAuth):
    """Gets a token for a client id and secret, keeps it until it ends, and gets one new one where it is refused.

    Args:
        token_url: where tokens are had.
        client_id: the client id.
        client_secret: its secret.
        scopes: what the token shall be good for.
        client_in: where id and secret stand: in the `header` (HTTP Basic, what RFC 6749, 2.3.1 asks for) or the `body`.
        enter: the command that the secret is entered with.
        clock: seconds that pass; for tests.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        scopes: Sequence[str] = (),
        *,
        client_in: Literal["header", "body"] = "header",
        enter: str = ENTER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = token_url
        self._id = client_id
        self._secret = client_secret
        self._scopes = tuple(scopes)
        self._in = client_in
        self._clock = clock
        self._token = ""
        self._until = 0.0
        self._one_at_a_time = threading.Lock()
        self._enter = enter
        self.credential = f"the client {client_id} with its client_secret"
        self.advice = f"Ask the vendor what the client may still do, and enter its secret with `{enter}`."

    def secrets(self) -> tuple[str, ...]:
        """What messages may not show."""
        return (self._secret, self._token)

    def permission(self) -> str:
        """The scopes that were asked for."""
        return " ".join(self._scopes)

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Get a token where there is none that is good, and once more where the service no longer takes it."""
        with self._one_at_a_time:
            kept = self._token and self._clock() < self._until
            if not kept:
                self._take((yield self._asking()))
            used = self._token
        request.headers["Authorization"] = f"Bearer {used}"
        response = yield request
        if response.status_code == 401 and kept:
            with self._one_at_a_time:
                if self._token == used:  # else another thread has a new one already
                    self._take((yield self._asking()))
                used = self._token
            request.headers["Authorization"] = f"Bearer {used}"
            yield request

    def _asking(self) -> httpx2.Request:
        form = {"grant_type": "client_credentials"} | ({"scope": " ".join(self._scopes)} if self._scopes else {})
        headers = dict(_FORM)
        if self._in == "body":
            form |= {"client_id": self._id, "client_secret": self._secret}
        else:
            pair = f"{quote_plus(self._id)}:{quote_plus(self._secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return httpx2.Request("POST", self._url, headers=headers, content=urlencode(form).encode())

    def _take(self, response: httpx2.Response) -> None:
        body = response.read()
        self._token = ""
        if response.status_code in BUSY:
            raise busy(response.status_code, response.headers, self._url)
        told = _object(body)
        if not response.is_success:
            raise self._refused(response, told, body)
        token = told.get("access_token")
        if not isinstance(token, str) or not token:
            raise self._no_token(response, body)
        self._token = token
        self._until = self._clock() + _seconds(told.get("expires_in")) - _EARLY

    def _refused(self, response: httpx2.Response, told: dict[str, Any], body: bytes) -> Exception:
        words, fault = words_of(body, self.secrets()), told.get("error")
        if fault == "invalid_scope":
            return SettingError(
                f"{self.credential.capitalize()} may not have what was asked for: {self.permission()}{words}.",
                where=self._url,
                remedy="Ask the vendor to allow this client these scopes, or set scopes to those it may have.",
                code="scope-refused",
            )
        if fault in ("invalid_client", "unauthorized_client", "invalid_grant") or response.status_code in (401, 403):
            other = "body" if self._in == "header" else "header"
            return SettingError(
                f"No token is given to {self.credential}{words}.",
                where=self._url,
                remedy="Check both for blanks or letters lost in copying, and enter the secret again with "
                f"`{self._enter}`. Some services want them elsewhere (set client_in: {other}).",
                code="credentials-refused",
            )
        return self._no_token(response, body)

    def _no_token(self, response: httpx2.Response, body: bytes) -> Exception:
        if response.status_code >= 500 or (response.is_success and not is_page(body, response.headers)):
            return BrokenAnswerError(
                f"The answer holds no token ({response.status_code}){words_of(body, self.secrets())}.",
                where=self._url,
                remedy="Read again; if it stays so, show the vendor this message.",
                code="token-missing",
            )
        return SettingError(
            f"No token is to be had there ({response.status_code}){words_of(body, self.secrets())}.",
            where=self._url,
            remedy="Ask the vendor for the address where client credentials get their token, and set it as token_url.",
            code="token-address",
        )


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _seconds(told: Any) -> float:
    """How long a token is good; one without an end is used until it is refused (RFC 6749, 5.1)."""
    try:
        return float(told)
    except (TypeError, ValueError):
        return float("inf")
