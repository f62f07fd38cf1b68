"""Codes: given to a browser, exchanged once by the client they were given for, with the proof that it began."""

import hmac
import secrets
from typing import Any, Final

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge, create_s256_code_challenge
from authlib.oidc.core import AuthorizationCodeMixin
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError

from matricula.provider.clients import Client, digest_of
from matricula.provider.holder import Holder
from matricula.provider.lasting import CODE_LASTS
from matricula.provider.requests import Request
from matricula.store import SignOnGrant

_METHOD: Final = "S256"


class Code(AuthorizationCodeMixin):
    """A code that was given, in the words of Authlib.

    Args:
        kept: what was noted of it.
    """

    def __init__(self, kept: SignOnGrant) -> None:
        self.kept = kept
        self.code_challenge: str | None = kept.request["challenge"]
        self.code_challenge_method: str | None = _METHOD if self.code_challenge else None

    def get_redirect_uri(self) -> str:
        """Where it was sent."""
        return str(self.kept.request["redirect"])

    def get_scope(self) -> str:
        """What it opens."""
        return str(self.kept.request["scope"])

    def get_nonce(self) -> str | None:
        """What the client wants to find in the ID token."""
        nonce: str | None = self.kept.request["nonce"]
        return nonce

    def get_auth_time(self) -> int:
        """When the person signed in here."""
        return int(self.kept.request["signed_in_at"])

    def get_acr(self) -> None:
        """Nothing is said of how strongly the person proved who they are."""

    def get_amr(self) -> None:
        """Nor by what means."""


class CodeGrant(AuthorizationCodeGrant):
    """Authorization code (RFC 6749, 4.1). Every client proves itself with its secret: there are no public ones."""

    TOKEN_ENDPOINT_AUTH_METHODS: Final = ["client_secret_basic", "client_secret_post"]
    server: Any
    request: Request

    def generate_authorization_code(self) -> str:
        """A code that nobody can guess."""
        return secrets.token_urlsafe(32)

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Note that a code was given, for whom and for what."""
        holder: Holder = request.user
        data = request.payload.data
        told = {
            "redirect": request.payload.redirect_uri,
            "scope": request.scope,
            "nonce": data.get("nonce"),
            "challenge": data.get("code_challenge"),
            "signed_in_at": holder.signed_in_at,
            "claims": holder.claims(request.client.id),
        }
        at = self.server.around.now
        client, person = request.client.id, holder.person.subject
        grant = SignOnGrant(digest_of(code), "code", client, person, told, at + CODE_LASTS)
        self.server.grants.keep(grant)

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """The code, if it is this client's, good, and was not used before; from now on it is used, whatever follows.

        A second use means that somebody else has it, too: then what was made of it ends (RFC 6749, 4.1.2).
        """
        digest, around = digest_of(code), self.server.around
        kept = self.server.grants.find(digest, "code")
        if kept is None:
            self.server.why = "code-unknown"
            return None
        if kept.client != client.id:
            self.server.why = "code-of-another-client"
            self.server.grants.end_made_of(kept)
            return None
        if not self.server.grants.use(digest, around.now):
            self.server.why = "code-used-before"
            self.server.grants.end_made_of(kept)
            return None
        if around.now >= kept.ends_at:
            self.server.why = "code-too-old"
            return None
        return Code(kept)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Nothing: it was marked as used when it came, and is remembered so that a second use is noticed."""

    def authenticate_user(self, authorization_code: Code) -> Any:
        """What may be told of the person."""
        return authorization_code.kept.request["claims"]


class Challenge(CodeChallenge):
    """Proof Key for Code Exchange (RFC 7636): enforced wherever it was begun, with S256 alone."""

    SUPPORTED_CODE_CHALLENGE_METHOD: Final = [_METHOD]

    def __init__(self) -> None:
        super().__init__(required=True)
        self.CODE_CHALLENGE_METHODS = {_METHOD: _same}

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse a challenge that is itself the proof: without a method that is what RFC 7636 means."""
        data = grant.request.payload.data
        if data.get("code_challenge") and data.get("code_challenge_method") != _METHOD:
            raise InvalidRequestError("The code_challenge_method must be S256.")
        super().validate_code_challenge(grant, redirect_uri)


class Demands:
    """What is demanded of every request beyond the specification's least."""

    def __call__(self, grant: Any) -> None:
        """Check each request of a grant."""
        grant.register_hook("after_validate_authorization_request_payload", self._validate)

    def _validate(self, grant: Any, _redirect_uri: str) -> None:
        data = grant.request.payload.data
        if "request" in data:
            raise RequestNotSupportedError
        if "request_uri" in data:
            raise RequestURINotSupportedError
        if data.get("response_mode", "query") != "query":
            raise InvalidRequestError("The response_mode must be query.")
        if "openid" not in grant.request.scope.split():
            raise InvalidScopeError("The scope must have openid in it.")
        if not data.get("state"):
            # The answer would sign whoever follows a link on to an account of somebody else's choosing.
            raise InvalidRequestError("The state is missing.")


def _same(verifier: str, challenge: str) -> bool:
    return hmac.compare_digest(create_s256_code_challenge(verifier), challenge)
