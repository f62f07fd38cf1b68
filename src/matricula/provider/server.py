"""The provider, for one request: Authlib's server with what it needs of the state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error, ResourceProtector
from authlib.oauth2.rfc6749 import AccessDeniedError, AuthorizationServer, InvalidRequestError
from authlib.oidc.core.errors import LoginRequiredError

from matricula.provider.clients import Client, Clients
from matricula.provider.codes import Challenge, CodeGrant, Demands
from matricula.provider.holder import Holder, opened
from matricula.provider.keys import Keys
from matricula.provider.lasting import REMEMBERED
from matricula.provider.leaving import Leaving
from matricula.provider.requests import Answer, Asked, Request
from matricula.provider.tokens import AccessTokens, IdTokens, keep_token, opaque_tokens
from matricula.sign_on import Person
from matricula.store import Store


@dataclass(frozen=True)
class Surroundings:
    """What the provider stands on.

    Args:
        store: the state.
        keys: its keys.
        issuer: its address.
        now: the moment of this request.
    """

    store: Store
    keys: Keys
    issuer: str
    now: datetime


@dataclass(frozen=True)
class Begun:
    """A request that may be answered at the address it names.

    Args:
        client: the client.
        redirect: where the answer goes.
        ask: whether the person has to sign in first, or once more.
        silent: whether nothing may be asked of the person.
        grant: what goes on with it.
    """

    client: Client
    redirect: str
    ask: bool
    silent: bool
    grant: Any


class Provider(AuthorizationServer):
    """The provider, for one request.

    Args:
        around: what it stands on.
    """

    def __init__(self, around: Surroundings) -> None:
        super().__init__()
        self.around = around
        self.grants = around.store.sign_on_grants
        self.clients = Clients(around.store)
        self.why = ""
        """Why a request was refused, where Authlib's own word for it tells less."""
        self.client = ""
        """The id of the client that a request came from, once it is known that there is one."""
        self.register_grant(CodeGrant, [Demands(), Challenge(), IdTokens(self)])
        self.register_token_generator("default", opaque_tokens())
        self.register_endpoint(Leaving)

    def begin(self, asked: Asked, person: Person | None, signed_in_at: datetime | None) -> Begun:
        """Check what a site wants, before anybody is asked who they are.

        Args:
            asked: the request of the browser.
            person: who is signed in here.
            signed_in_at: since when.

        Raises:
            OAuth2Error: it is refused; with an address where that may be told to the site, else it is told here.
        """
        asked.refuse_odd()
        grant = _closed(lambda: self.get_consent_grant(asked, person))
        prompts = asked.values.get("prompt", "").split()
        anew = bool({"login", "select_account"} & set(prompts)) or self._too_long_ago(asked, signed_in_at)
        if anew and "none" in prompts:
            raise LoginRequiredError(redirect_uri=grant.redirect_uri, state=asked.values.get("state"))
        return Begun(grant.request.client, grant.redirect_uri, person is None or anew, "none" in prompts, grant)

    def give(self, begun: Begun, holder: Holder) -> Answer:
        """Give a code for somebody.

        Args:
            begun: what was asked for.
            holder: the person and their account of that site.
        """
        self.grants.purge(self.around.now - REMEMBERED)
        request = begun.grant.request
        answer = self.create_authorization_response(request, grant_user=holder, grant=begun.grant)
        return self.named(answer)

    def decline(self, begun: Begun, description: str) -> Answer:
        """Tell a site that nobody is signed on for it."""
        error = AccessDeniedError(description, redirect_uri=begun.redirect)
        error.state = begun.grant.request.payload.state
        return self.named(self.handle_error_response(begun.grant.request, error))

    def told(self, error: OAuth2Error) -> Answer:
        """A refusal, at the address it may be told at."""
        return self.named(self.handle_error_response(None, error))

    def exchange(self, asked: Asked) -> Answer:
        """Take a code back, and give tokens for it (RFC 6749, 4.1.3)."""
        try:
            asked.refuse_odd()
            answer: Answer = _closed(lambda: self.create_token_response(asked))
        except OAuth2Error as error:
            return self.told(error)
        return answer

    def userinfo(self, asked: Asked) -> Answer:
        """What is told of the person that an access token was given for (OpenID Connect Core, 5.3)."""
        protector = ResourceProtector()
        protector.register_token_validator(AccessTokens(self))
        try:
            token = protector.validate_request(["openid"], self.create_oauth2_request(asked))
        except OAuth2Error as error:
            return self.told(error)
        self.client = token.kept.client
        return Answer(200, opened(token.kept.request["claims"], token.get_scope()), [])

    def leaving(self, asked: Asked) -> str:
        """Where somebody may be sent after signing out; empty for nowhere.

        Raises:
            OAuth2Error: the request is none.
        """
        asked.refuse_odd()
        checked = _closed(lambda: self.validate_endpoint_request("end_session", asked))
        return str(checked.redirect_uri or "")

    def named(self, answer: Answer) -> Answer:
        """An answer that says whose it is (RFC 9207): a site with several providers cannot mix them up."""
        if not answer.location:
            return answer
        said = add_params_to_uri(answer.location, {"iss": self.around.issuer})
        return Answer(answer.status, answer.body, [("Location", said)])

    def _too_long_ago(self, asked: Asked, signed_in_at: datetime | None) -> bool:
        """Whether the site wants somebody who signed in later than this one did."""
        most = asked.values.get("max_age", "")
        if signed_in_at is None or not most.isdigit():
            return False
        return (self.around.now - signed_in_at).total_seconds() > int(most)

    def query_client(self, client_id: str) -> Client | None:
        """A client by its id."""
        found = self.clients.get(client_id)
        if found is not None:
            self.client = found.id
        return found

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        """Note that an access token was given."""
        keep_token(self, token, request)

    def create_oauth2_request(self, request: Asked) -> Request:
        """A request, in the words of Authlib."""
        return Request(self.around.issuer, request)

    def handle_response(self, status: int, body: Any, headers: Sequence[tuple[str, str]]) -> Answer:
        """An answer; error descriptions lead nowhere."""
        return Answer(status, body, list(headers))

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Nobody listens."""


def _closed(act: Callable[[], Any]) -> Any:
    """What an act gives; what Authlib stumbles over is a request that is none."""
    try:
        return act()
    except ValueError as error:
        raise InvalidRequestError("The request cannot be read.") from error
