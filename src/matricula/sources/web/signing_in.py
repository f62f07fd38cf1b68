"""Settings of signing in to a web service."""

from collections.abc import Callable, Sequence
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from matricula.errors import SettingError
from matricula.sources.web.auth import ENTER, ServiceAuth
from matricula.sources.web.oauth1 import OAuth1
from matricula.sources.web.oauth2 import Bearer, ClientCredentials

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

_NEEDS = {"oauth1": ("consumer_key",), "bearer": (), "client-credentials": ("client_id", "token_url")}
_TAKES = {
    "oauth1": ("consumer_key", "signature"),
    "bearer": (),
    "client-credentials": ("client_id", "token_url", "scopes", "client_in"),
}
_SECRETS = {"oauth1": "consumer_secret", "bearer": "token", "client-credentials": "client_secret"}


class SignIn(BaseModel):
    """How a web service is signed in to; the secret itself never stands here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["oauth1", "bearer", "client-credentials"] = Field(
        description="How the service is signed in to: oauth1 signs each request with a consumer key and secret, bearer "
        "sends a fixed token, client-credentials gets a token for a client id and secret (OAuth 2)."
    )
    consumer_key: str = Field(default="", description="oauth1: the consumer key. Its secret is consumer_secret.")
    signature: Literal["HMAC-SHA1", "HMAC-SHA256"] = Field(
        default="HMAC-SHA1", description="oauth1: how requests are signed."
    )
    client_id: str = Field(default="", description="client-credentials: the client id. Its secret is client_secret.")
    token_url: str = Field(default="", description="client-credentials: the address where tokens are had.")
    scopes: tuple[str, ...] | None = Field(
        default=None,
        description="client-credentials: what the token shall be good for. Left out: what the work takes.",
    )
    client_in: Literal["header", "body"] = Field(
        default="header",
        description="client-credentials: where id and secret are sent; header is HTTP Basic, what the standard wants.",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        missing = [name for name in _NEEDS[self.method] if not getattr(self, name)]
        if missing:
            raise ValueError(f"method {self.method} needs {' and '.join(missing)}")
        others = self.model_fields_set - {"method", *_TAKES[self.method]}
        if others:
            raise ValueError(f"method {self.method} takes no {', '.join(sorted(others))}")
        if self.token_url:
            safe_address(self.token_url)
        return self

    @property
    def secret(self) -> str:
        """Name of the secret that this way of signing in needs."""
        return _SECRETS[self.method]


def auth_of(sign_in: SignIn, secret: Callable[[str], str], scopes: Sequence[str], enter: str = ENTER) -> ServiceAuth:
    """The way of signing in that the settings name.

    Args:
        sign_in: the settings.
        secret: gives a secret by its name.
        scopes: what a token shall be good for where the settings do not say.
        enter: the command that secrets are entered with, for messages.

    Raises:
        SettingError: the secret is not known, or can be none.
    """
    value = secret(sign_in.secret).strip()
    if not value or not (value.isascii() and value.isprintable()):
        raise SettingError(
            f"The {sign_in.secret} is empty, or holds letters that none has.",
            where="auth",
            remedy=f"Enter it again with `{enter}`, just as the vendor gave it.",
            code="secret-unusable",
        )
    if sign_in.method == "oauth1":
        return OAuth1(sign_in.consumer_key, value, sign_in.signature)
    if sign_in.method == "bearer":
        return Bearer(value, enter)
    wanted = scopes if sign_in.scopes is None else sign_in.scopes
    return ClientCredentials(
        sign_in.token_url, sign_in.client_id, value, wanted, client_in=sign_in.client_in, enter=enter
    )


def safe_address(address: str) -> str:
    """An address to which secrets and names of people may be sent.

    Raises:
        ValueError: it is none, or holds a name or password, or is not encrypted and leads off this computer.
    """
    try:
        parts = urlsplit(address.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("write an address as https://sis.school.example/…")
    if "@" in parts.netloc:
        raise ValueError("the address may hold no name or password; leave out what stands before the @")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("write https: over http anybody on the way could read names and secrets")
    return address.strip()
