"""Matricula as an OpenID Connect provider for the sites: who is signed on where, and why somebody is not."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from authlib.oauth2 import OAuth2Error

from matricula.errors import MatriculaError, UsageError, WaitError
from matricula.provider.clients import callback
from matricula.provider.holder import Holder
from matricula.provider.requests import Answer, Asked
from matricula.provider.server import Begun, Provider, Surroundings
from matricula.service.provider_desk import ProviderDesk
from matricula.sign_on import Person
from matricula.store import SignOnClient

_BY: Final = "provider"

HolderOf = Callable[[Person, str, datetime], Holder]
"""Tells a person's account of a site, by the site's name and the moment of signing in; refuses where there is none."""


class RefusedError(UsageError):
    """Somebody is not signed on to a site, or a site's request is none.

    Args:
        what: what was wrong.
        code: stable short name.
        remedy: what to do.
    """

    def __init__(self, what: str, code: str, remedy: str) -> None:
        super().__init__(what, where="sign-on", remedy=remedy, code=code)


class Providing:
    """Signs people on to sites that ask by themselves who somebody is.

    Args:
        desk: the provider as it is set up.
        holder_of: tells a person's account of a site.
    """

    def __init__(self, desk: ProviderDesk, holder_of: HolderOf) -> None:
        self.desk = desk
        self.home = desk.home
        self.store = desk.store
        self.holder_of = holder_of

    def begin(self, asked: Asked, person: Person | None, signed_in_at: datetime | None, address: str) -> Begun | Answer:
        """Check what a site wants of a browser.

        Args:
            asked: the request.
            person: who is signed in here.
            signed_in_at: since when.
            address: the network address.

        Returns:
            what may go on, or a refusal for the site to tell.

        Raises:
            RefusedError: the request is of no site that is known, or would lead elsewhere than to it.
        """
        provider = self._provider()
        try:
            begun = provider.begin(asked, person, signed_in_at)
        except OAuth2Error as error:
            self._note_refused(provider, str(error.error), address)
            if error.redirect_uri:
                return provider.told(error)
            raise _strange(error) from error
        self._refuse_moved(begun.client.kept)
        return begun

    def sign_on(self, begun: Begun, person: Person, signed_in_at: datetime, address: str) -> Answer:
        """Sign a person on to the account of the site that is theirs.

        Args:
            begun: what the site asked for.
            person: the person.
            signed_in_at: when they signed in here.
            address: the network address.

        Returns:
            where the browser goes: to the site, with a code; or with a refusal, where nothing may be shown here.

        Raises:
            MatriculaError: the person has no account there that may be used, or it cannot be found out now.
        """
        provider, site = begun.grant.server, begun.client.site
        try:
            holder = self.holder_of(person, site, signed_in_at)
        except MatriculaError as error:
            self._note(begun.client.kept, "provider.refused", address, person.username, error.code)
            if begun.silent and not isinstance(error, WaitError):
                declined: Answer = provider.decline(begun, f"Refused: {error.code}.")
                return declined
            raise
        answer: Answer = provider.give(begun, holder)
        self._note(begun.client.kept, "provider.signed-on", address, holder.username, f"account {holder.account}")
        return answer

    def exchange(self, asked: Asked, address: str) -> Answer:
        """Take a code back from a site, and give tokens for it."""
        provider = self._provider()
        answer = provider.exchange(asked)
        if answer.status != 200:
            self._note_refused(provider, provider.why or str(dict(answer.body or {}).get("error", "")), address)
        return answer

    def userinfo(self, asked: Asked, address: str) -> Answer:
        """Tell a site of the person that its token was given for."""
        provider = self._provider()
        answer = provider.userinfo(asked)
        if answer.status != 200:
            self._note_refused(provider, "token", address)
        return answer

    def leaving(self, asked: Asked) -> str:
        """Where somebody may be sent who signs out because a site asks for it; empty for nowhere.

        Raises:
            RefusedError: the request is none.
        """
        try:
            return self._provider().leaving(asked)
        except OAuth2Error as error:
            raise _strange(error) from error

    def _provider(self) -> Provider:
        return Provider(Surroundings(self.store, self.desk.keys, self.desk.issuer, self.desk.now()))

    def _refuse_moved(self, client: SignOnClient) -> None:
        """Refuse a site whose address has changed: accounts would be looked for in another Moodle than asks."""
        try:
            there = callback(str(self.home.site(client.site).url))
        except UsageError:
            there = ""
        if there not in client.redirects:
            raise RefusedError(
                f"The address of {client.site} has changed since its client was made.",
                "provider-moved",
                f"Tell whoever looks after Matricula: `matricula provider client {client.site} --renew`.",
            )

    def _note(self, client: SignOnClient, act: str, address: str, username: str, words: str) -> None:
        subject = f"person {username}" if username else "person"
        self.store.audit.note(act, by=_BY, address=address, subject=subject, site=client.site, words=words)

    def _note_refused(self, provider: Provider, why: str, address: str) -> None:
        client = self.store.sign_on_clients.get(provider.client) if provider.client else None
        by, site = (f"client {client.id}", client.site) if client is not None else ("unknown", "")
        self.store.audit.note("provider.refused", by=by, address=address, site=site, words=why[:100])


def _strange(error: OAuth2Error) -> RefusedError:
    """What a request came to that is no site's; nothing of it is repeated, for anybody may have written it."""
    what = "This is no request that Matricula answers: something in it is missing, wrong or there twice."
    if error.error == "invalid_client":
        what = "No Moodle is known by the client ID that this request names."
    elif "edirect" in str(error.description):
        what = "This request wants to be answered at an address that is not the one kept for its Moodle."
    return RefusedError(
        what,
        "provider-request",
        "Begin once more on Moodle's sign-in page. If it stays so, tell whoever looks after Moodle: the OAuth 2 "
        "service there has to be set up as docs/provider.md says.",
    )
