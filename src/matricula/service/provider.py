"""An OpenID Connect provider: what it says of itself, its keys, and what it says of somebody who signed in there."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import httpx2
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from matricula.errors import SettingError, UsageError, WaitError

ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
)
"""Signatures that are believed: never `none`, and never one whose key both sides know."""
LEEWAY: Final = 60
"""Seconds by which the provider's clock may differ."""
_KEPT: Final = 3600.0
_ANEW: Final = 10.0
_LARGEST: Final = 1 << 20
_TIMEOUT: Final = httpx2.Timeout(10.0, connect=5.0)
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class SignOnError(UsageError):
    """Somebody could not be signed on.

    Args:
        what: what was wrong.
        code: stable short name.
        remedy: what to do.
    """

    def __init__(self, what: str, code: str, remedy: str = "Try once more; if it stays so, tell an owner.") -> None:
        super().__init__(what, where="sign-on", remedy=remedy, code=code)


@dataclass(frozen=True)
class Configuration:
    """What a provider says of itself.

    Args:
        issuer: its name in tokens.
        authorization: where people sign in.
        token: where a code is exchanged.
        keys: where its keys are.
        userinfo: where more is said of somebody; may be empty.
        basic: whether the client names itself in a header, or in the body.
    """

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str
    basic: bool


class Provider:
    """Asks one provider; configuration and keys are kept for an hour.

    Args:
        issuer: its address.
        client_id: what it calls us.
        secret: gives the secret it gave us; None for a public client.
    """

    def __init__(self, issuer: str, client_id: str, secret: Callable[[], str] | None) -> None:
        self.issuer = issuer.rstrip("/")
        self.client_id = client_id
        self._secret = secret
        self._lock = threading.Lock()
        self._told: tuple[float, Configuration] | None = None
        self._keys: tuple[float, KeySet] | None = None
        here = urlsplit(issuer).hostname in _LOOPBACK
        self._client = httpx2.Client(timeout=_TIMEOUT, trust_env=not here, headers={"Accept": "application/json"})

    def close(self) -> None:
        """Give connections back."""
        self._client.close()

    def configuration(self) -> Configuration:
        """What the provider says of itself (OpenID Connect Discovery).

        Raises:
            SettingError: it is no provider, or another one.
            WaitError: it cannot be reached.
        """
        with self._lock:
            if self._told is None or time.monotonic() - self._told[0] > _KEPT:
                self._told = time.monotonic(), self._discover()
            return self._told[1]

    def exchange(self, code: str, verifier: str, back: str) -> Mapping[str, Any]:
        """What the provider gives for a code: an ID token among others.

        Raises:
            SignOnError: the code is not good.
            SettingError: the client is not known, or its secret is wrong.
            WaitError: the provider cannot be reached.
        """
        told = self.configuration()
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        auth: tuple[str, str] | None = None
        if self._secret is None or not told.basic:
            form["client_id"] = self.client_id
        if self._secret is not None:
            secret = self._secret()
            if told.basic:
                auth = quote_plus(self.client_id), quote_plus(secret)
            else:
                form["client_secret"] = secret
        status, answer = self._ask("POST", told.token, data=form, auth=auth)
        if status == 200 and isinstance(answer.get("id_token"), str):
            return answer
        if answer.get("error") in ("invalid_client", "unauthorized_client"):
            raise SettingError(
                "The provider does not know this client, or its secret is wrong.",
                where="service, sign_on",
                remedy="Compare client_id with what the provider shows, and enter the secret again.",
                code="sign-on-client",
            )
        raise SignOnError("The provider does not take its own code back.", "sign-on-code")

    def claims(self, token: str, nonce: str, now: float) -> dict[str, Any]:
        """What an ID token says, once everything about it was checked.

        Raises:
            SignOnError: the token is not the provider's, not for us, not for this browser, or not of now.
            WaitError: the provider's keys cannot be had.
        """
        issuer = self.configuration().issuer
        claims = self._verified(token)
        registry = jwt.JWTClaimsRegistry(
            now=int(now),
            leeway=LEEWAY,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            registry.validate(claims)
        except (JoseError, TypeError) as error:
            raise _unbelieved(error) from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self.client_id) != self.client_id:
            raise _unbelieved(None, "azp")
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise _unbelieved(None, "sub")
        return claims

    def userinfo(self, access: object, subject: str) -> Mapping[str, Any]:
        """What more the provider says of somebody; nothing where it says nothing."""
        address = self.configuration().userinfo
        if not address or not isinstance(access, str):
            return {}
        status, answer = self._ask("GET", address, headers={"Authorization": f"Bearer {access}"})
        return answer if status == 200 and answer.get("sub") == subject else {}

    def _verified(self, token: str) -> dict[str, Any]:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        registry.max_payload_length = 1 << 16
        for anew in (False, True):
            try:
                return jwt.decode(token, self._key_set(anew=anew), registry=registry).claims
            except InvalidKeyIdError as error:
                # The provider may have a new key since its keys were asked for.
                if anew:
                    raise _unbelieved(error) from None
            except (JoseError, ValueError, TypeError) as error:
                raise _unbelieved(error) from None
        raise AssertionError("the second turn ends by returning or raising")

    def _key_set(self, *, anew: bool) -> KeySet:
        address = self.configuration().keys
        with self._lock:
            age = None if self._keys is None else time.monotonic() - self._keys[0]
            if self._keys is None or age is None or age > (_ANEW if anew else _KEPT):
                _, answer = self._ask("GET", address)
                keys = [each for each in answer.get("keys") or [] if isinstance(each, dict)]
                usable = [each for each in keys if each.get("kty") in ("RSA", "EC", "OKP") and each.get("use") != "enc"]
                try:
                    self._keys = time.monotonic(), KeySet.import_key_set({"keys": usable})
                except (JoseError, ValueError, TypeError):
                    raise self._strange(address) from None
            return self._keys[1]

    def _discover(self) -> Configuration:
        address = f"{self.issuer}/.well-known/openid-configuration"
        status, told = self._ask("GET", address)
        names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        if status != 200 or not all(isinstance(told.get(name), str) for name in names):
            raise self._strange(address)
        if told["issuer"].rstrip("/") != self.issuer:
            raise SettingError(
                "The provider calls itself otherwise than it is called here.",
                where="service, sign_on.issuer",
                remedy=f"Set issuer to what the provider says: {str(told['issuer'])[:200]}.",
                code="sign-on-issuer",
            )
        userinfo = told.get("userinfo_endpoint")
        for each in (*(told[name] for name in names[1:]), *([userinfo] if isinstance(userinfo, str) else [])):
            _demand_tls(each)
        methods = told.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return Configuration(
            told["issuer"],
            told["authorization_endpoint"],
            told["token_endpoint"],
            told["jwks_uri"],
            userinfo if isinstance(userinfo, str) else "",
            "client_secret_basic" in methods,
        )

    def _ask(self, method: str, address: str, **options: Any) -> tuple[int, dict[str, Any]]:
        _demand_tls(address)
        try:
            with self._client.stream(method, address, follow_redirects=False, **options) as response:
                body = b""
                for part in response.iter_bytes():
                    body += part
                    if len(body) > _LARGEST:
                        raise self._strange(address)
        except httpx2.RequestError:
            raise WaitError(
                "The provider of the sign-on cannot be reached.",
                where=address.partition("?")[0],
                remedy="Try again in a while, or sign in with a password.",
                code="sign-on-unreached",
            ) from None
        if response.status_code >= 500:
            raise WaitError(
                f"The provider of the sign-on fails (status {response.status_code}).",
                where=address.partition("?")[0],
                remedy="Try again in a while, or sign in with a password.",
                code="sign-on-unreached",
            )
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError):
            answer = {}
        return response.status_code, answer if isinstance(answer, dict) else {}

    def _strange(self, address: str) -> SettingError:
        return SettingError(
            "This is not what an OpenID Connect provider answers.",
            where=address.partition("?")[0],
            remedy="Check sign_on.issuer: below that address, /.well-known/openid-configuration must be there.",
            code="sign-on-provider",
        )


def _demand_tls(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise SettingError(
            "The provider of the sign-on is not reached over https.",
            where=address.partition("?")[0][:200],
            remedy="Set sign_on.issuer to an address that begins with https://.",
            code="sign-on-insecure",
        )


def _unbelieved(error: Exception | None, claim: str = "") -> SignOnError:
    named = claim or getattr(error, "claim", "") or getattr(error, "error", "") or type(error).__name__
    return SignOnError(f"What the provider said cannot be believed ({str(named)[:60]}).", "sign-on-unbelieved")
