"""The portal: people prove who they are, and stay signed in for a while, to go on to a Moodle."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from matricula.errors import SettingError, UsageError
from matricula.hub.portal_directory import person_of_directory
from matricula.profiles.documents.portal import Portal, PortalDirectory, PortalProvider
from matricula.service.accounts import AccountDesk
from matricula.service.round_trip import Answer, RoundTrip
from matricula.service.visitors import digest_of
from matricula.sign_on import Person
from matricula.sign_on.account import Account
from matricula.store import PortalSession
from matricula.store.accounts import Account as ConsoleAccount

BACK: Final = "/portal/back"
"""Where the portal's provider sends people back to, below the service's address."""
OF_ACCOUNTS: Final = "account "
"""Begins the subject of people who are signed in to the console."""
_PLACES: Final = "places"
_OVER: Final = "over"
_SEEN_EVERY: Final = timedelta(minutes=1)
_FIELDS: Final = ("username", "email", "idnumber", "given", "family")


class PortalDesk:
    """Signs people in at the portal, and knows them again.

    Args:
        desk: accounts, pauses, and what is good once.
    """

    def __init__(self, desk: AccountDesk) -> None:
        self._desk = desk
        self._store = desk.store
        self.trip = RoundTrip(desk, "portal", BACK)

    @property
    def settings(self) -> Portal | None:
        """How people prove who they are; None where only accounts of the console are good."""
        return self._desk.home.service().portal

    def begin_with_provider(self, after: str) -> tuple[str, str]:
        """Send somebody to the provider; parameters, result and errors as `RoundTrip.begin` has them."""
        return self.trip.begin(self._provider(), after)

    def come_back(self, answer: Mapping[str, str], cookie: str) -> tuple[Person, str]:
        """Take the provider's answer.

        Args:
            answer: the query with which the browser came back.
            cookie: the cookie it brought.

        Returns:
            who it is, and the path they wanted to go to.

        Raises:
            SignOnError: the answer is not believed.
            SettingError: settings are missing or wrong.
            WaitError: the provider cannot be reached.
        """
        settings = self._provider()
        wanted = tuple(each for each in (settings.username, settings.email, settings.idnumber) if each)
        told = self.trip.finish(settings, answer, cookie, wanted)
        return _person_of(settings, told), told.after

    def with_password(self, name: str, password: str, address: str) -> Person:
        """Ask the directory who somebody is.

        Args:
            name: what was typed as user name.
            password: what was typed as password.
            address: the network address.

        Raises:
            UsageError: name and password do not belong together.
            PausedError: there were too many failed attempts.
            SettingError: there is no directory, or its settings are wrong.
            WaitError: it is out of reach.
        """
        settings = self._directory()
        attempt = self._desk.pauses.enter("portal", name.strip().casefold(), address)
        person = person_of_directory(self._desk.home, settings, name, password)
        if person is None:
            # What was typed as a name may be a password: it gets into no log.
            self._store.audit.note("portal.refused", by="", address=address, words="portal-refused")
            raise UsageError(
                "User name and password do not belong together.",
                remedy="Type both once more, as on the school's computers.",
                code="portal-refused",
            )
        self._desk.pauses.passed(attempt)
        return person

    def begin(self, person: Person, *, address: str, agent: str, before: str = "") -> str:
        """Begin a session; returns its cookie.

        Args:
            person: who it is.
            address: the network address.
            agent: the browser.
            before: the cookie the browser had; its session ends.
        """
        cookie, now = secrets.token_urlsafe(32), self._desk.now()
        idle, longest = self._rules()
        self._store.portal_sessions.purge(now, now - idle)
        self.end(before)
        told = {name: getattr(person, name) for name in _FIELDS}
        self._store.portal_sessions.begin(
            PortalSession(digest_of(cookie), person.subject, told, now, now, now + longest, address, agent[:200])
        )
        return cookie

    def session(self, cookie: str) -> PortalSession | None:
        """The session of a cookie; None where it has ended."""
        found = self._store.portal_sessions.find(digest_of(cookie)) if cookie else None
        if found is None or found.person.get(_OVER):
            return None
        now, (idle, longest) = self._desk.now(), self._rules()
        # A rule that was shortened since holds for sessions that are under way, too.
        if now >= min(found.ends_at, found.began_at + longest) or now - found.seen_at >= idle:
            self._store.portal_sessions.end(found.digest)
            return None
        if now - found.seen_at >= _SEEN_EVERY:
            self._store.portal_sessions.seen(found.digest, now)
        return found

    def end(self, cookie: str) -> None:
        """End a session."""
        if cookie:
            self._store.portal_sessions.end(digest_of(cookie))

    def went(self, session: PortalSession, site: str, account: Account) -> None:
        """Note as which account somebody went on to a site, so that signing out ends the session there, too."""
        places = {**session.person.get(_PLACES, {}), site: [account.id, account.username]}
        self._store.portal_sessions.tell(session.digest, {**session.person, _PLACES: places})

    def sign_out(self, cookie: str) -> None:
        """End a session; where it went on to sites by ticket they are kept, until each has been told (`next_place`)."""
        found = self._store.portal_sessions.find(digest_of(cookie)) if cookie else None
        if found is None:
            return
        if not found.person.get(_PLACES):
            self.end(cookie)
            return
        self._store.portal_sessions.tell(found.digest, {_OVER: True, _PLACES: found.person[_PLACES]})

    def next_place(self, cookie: str) -> tuple[str, Account] | None:
        """The next site whose session is to be ended, and the account there; None where none is left."""
        found = self._store.portal_sessions.find(digest_of(cookie)) if cookie else None
        if found is None or not found.person.get(_OVER):
            return None
        places = dict(found.person[_PLACES])
        if not places:
            self.end(cookie)
            return None
        site, (number, username) = places.popitem()
        self._store.portal_sessions.tell(found.digest, {_OVER: True, _PLACES: places})
        return site, Account(number, username)

    def _rules(self) -> tuple[timedelta, timedelta]:
        settings = self.settings
        if settings is None:
            own = self._desk.home.service().sessions
            return timedelta(minutes=own.idle), timedelta(minutes=own.longest)
        return timedelta(minutes=settings.idle), timedelta(minutes=settings.longest)

    def _provider(self) -> PortalProvider:
        settings = self.settings
        if settings is None or settings.provider is None:
            raise _unset("provider")
        return settings.provider

    def _directory(self) -> PortalDirectory:
        settings = self.settings
        if settings is None or settings.directory is None:
            raise _unset("directory")
        return settings.directory


def person_of(session: PortalSession) -> Person:
    """Who a session belongs to."""
    return Person(session.subject, **{name: session.person.get(name, "") for name in _FIELDS})


def person_of_account(account: ConsoleAccount) -> Person:
    """Somebody who is signed in to the console.

    Their address is left out: people set it themselves, so that it proves nothing.
    """
    address = account.name if "@" in account.name else ""
    return Person(f"{OF_ACCOUNTS}{account.name}", username=account.name, email=address, given=account.display)


def ending_key(cookie: str) -> str:
    """What an address must carry to end a session without a form: nobody can make it who has not the cookie."""
    return hmac.new(cookie.encode(), b"portal end", hashlib.sha256).hexdigest()


def _person_of(settings: PortalProvider, told: Answer) -> Person:
    claims = told.claims
    verified = claims.get("email_verified", True) in (True, "true")
    return Person(
        subject=f"{told.issuer} {claims['sub']}",
        username=_text(claims, settings.username),
        email=_text(claims, settings.email) if verified else "",
        idnumber=_text(claims, settings.idnumber) if settings.idnumber else "",
        given=_text(claims, "given_name"),
        family=_text(claims, "family_name"),
    )


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value.strip()[:254] if isinstance(value, str) else ""


def _unset(what: str) -> SettingError:
    return SettingError(
        f"The portal has no {what}.",
        where="service, portal",
        remedy=f"Set portal.{what} in the service document; see docs/sign-on.md.",
        code="portal-unset",
    )
