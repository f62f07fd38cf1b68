"""The way to an OpenID Connect provider and back (authorization code with PKCE).

Everything that ties an answer to the browser that asked is worked out of one cookie: the state, the nonce and the
verifier. The state's digest is kept, once and for ten minutes, so that an answer is taken once.
"""

import base64
import hashlib
import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol
from urllib.parse import urlencode

from pydantic import AnyHttpUrl

from matricula.errors import SettingError
from matricula.service.accounts import AccountDesk
from matricula.service.provider import Provider, SignOnError
from matricula.service.visitors import digest_of

LASTS: Final = timedelta(minutes=10)
_SCOPES: Final = "openid profile email"


class Client(Protocol):
    """What the provider knows of us."""

    @property
    def issuer(self) -> AnyHttpUrl:
        """The provider's address."""

    @property
    def client_id(self) -> str:
        """What it calls us."""

    @property
    def secret(self) -> str | None:
        """Name of the kept secret that it gave us."""


@dataclass(frozen=True)
class Answer:
    """What a provider said of somebody.

    Args:
        issuer: the provider.
        claims: what its ID token says, and where a claim was missing what it says beside.
        after: the path they wanted to go to.
    """

    issuer: str
    claims: Mapping[str, Any]
    after: str


class RoundTrip:
    """Sends browsers to a provider and takes its answers.

    Args:
        desk: accounts, and what is good once.
        what: tells one trip from another: an answer to one is none to the other.
        back: where the provider sends people back to, below the service's address.
    """

    def __init__(self, desk: AccountDesk, what: str, back: str) -> None:
        self._desk = desk
        self._what = what
        self._back = back
        self._lock = threading.Lock()
        self._provider: tuple[tuple[str, str, str | None], Provider] | None = None

    def begin(self, client: Client, after: str) -> tuple[str, str]:
        """Begin a trip.

        Args:
            client: what the provider knows of us.
            after: the path they wanted to go to.

        Returns:
            the provider's address to go to, and the cookie that the answer is tied to.

        Raises:
            SettingError: settings are missing or wrong.
            WaitError: the provider cannot be reached.
        """
        provider, back = self._asked(client)
        told = provider.configuration()
        cookie = secrets.token_urlsafe(32)
        state = self._of(cookie, "state")
        until = self._desk.now() + LASTS
        self._desk.store.one_times.keep(digest_of(state), "sign-on", until, account=None, words=after[:500])
        query = {
            "response_type": "code",
            "client_id": provider.client_id,
            "redirect_uri": back,
            "scope": _SCOPES,
            "state": state,
            "nonce": self._of(cookie, "nonce"),
            "code_challenge": _challenge(self._of(cookie, "verifier")),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in told.authorization else "?"
        return f"{told.authorization}{joint}{urlencode(query)}", cookie

    def finish(self, client: Client, answer: Mapping[str, str], cookie: str, wanted: tuple[str, ...]) -> Answer:
        """Take the provider's answer.

        Args:
            client: what the provider knows of us.
            answer: the query with which the browser came back.
            cookie: the cookie it brought.
            wanted: claims that are asked for beside the token where it lacks one.

        Raises:
            SignOnError: the answer is not believed.
            SettingError: settings are missing or wrong.
            WaitError: the provider cannot be reached.
        """
        provider, back = self._asked(client)
        state = self._of(cookie, "state") if cookie else ""
        kept = None
        if state and hmac.compare_digest(state.encode(), answer.get("state", "").encode()):
            kept = self._desk.store.one_times.take(digest_of(state), "sign-on")
        if kept is None or self._desk.now() >= kept.ends_at:
            raise SignOnError(
                "This sign-on was not begun in this browser, was ended already, or took too long.",
                "sign-on-state",
                "Begin once more on the page where you sign in.",
            )
        issuer = answer.get("iss")
        if issuer is not None and issuer != provider.configuration().issuer:
            raise SignOnError("The answer is of another provider.", "sign-on-issuer-other")
        if "code" not in answer:
            raise _declined(answer.get("error", ""))
        given = provider.exchange(answer["code"], self._of(cookie, "verifier"), back)
        claims = provider.claims(given["id_token"], self._of(cookie, "nonce"), self._desk.now().timestamp())
        if not set(wanted) <= claims.keys():
            claims = {**provider.userinfo(given.get("access_token"), claims["sub"]), **claims}
        return Answer(provider.configuration().issuer, claims, kept.words)

    def _asked(self, client: Client) -> tuple[Provider, str]:
        address = self._desk.home.service().address
        if address is None:
            raise SettingError(
                "It is not known under which address people reach the console.",
                where="service, address",
                remedy=f"Set address in the service document, and the same address with {self._back} at the provider.",
                code="sign-on-address",
            )
        told = str(client.issuer), client.client_id, client.secret
        with self._lock:
            if self._provider is None or self._provider[0] != told:
                secret = client.secret
                reading = None if secret is None else lambda: self._desk.home.secret(secret)
                self._provider = told, Provider(str(client.issuer), client.client_id, reading)
            return self._provider[1], str(address).rstrip("/") + self._back

    def _of(self, cookie: str, what: str) -> str:
        """Something that only the holder of the cookie can know, and that tells nothing of it."""
        made = hmac.new(cookie.encode(), f"{self._what} {what}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _declined(error: str) -> SignOnError:
    if error == "access_denied":
        return SignOnError("You, or the provider, said no.", "sign-on-declined", "Begin once more, or use a password.")
    return SignOnError("The provider gave no answer that can be used.", "sign-on-answer")
