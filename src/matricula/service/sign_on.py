"""Signing on to the console with the school's accounts (OpenID Connect)."""

from collections.abc import Mapping
from typing import Any, Final

from matricula.errors import SettingError, UsageError
from matricula.profiles.documents.service import OpenId
from matricula.service.accounts import AccountDesk
from matricula.service.provider import SignOnError
from matricula.service.round_trip import LASTS, RoundTrip
from matricula.store.accounts import ALL_SITES, Account, Granted

__all__ = ["BACK", "LASTS", "SignOn"]

BACK: Final = "/sign-on/back"
"""Where the provider sends people back to, below the service's address."""


class SignOn:
    """Signs people on with an OpenID Connect provider.

    Args:
        desk: accounts and sessions.
    """

    def __init__(self, desk: AccountDesk) -> None:
        self._desk = desk
        self._store = desk.store
        self.trip = RoundTrip(desk, "sign-on", BACK)

    @property
    def settings(self) -> OpenId | None:
        """How people sign on; None where they do not."""
        return self._desk.home.service().sign_on

    def begin(self, after: str) -> tuple[str, str]:
        """Begin to sign somebody on.

        Args:
            after: the path they wanted to go to.

        Returns:
            the provider's address to go to, and the cookie that the answer is tied to.

        Raises:
            SettingError: nobody can sign on, or settings are missing or wrong.
            WaitError: the provider cannot be reached.
        """
        return self.trip.begin(self._settings(), after)

    def finish(self, answer: Mapping[str, str], cookie: str) -> tuple[Account, str]:
        """Take the provider's answer.

        Args:
            answer: the query with which the browser came back.
            cookie: the cookie it brought.

        Returns:
            who signed on, and the path they wanted to go to.

        Raises:
            SignOnError: the answer is not believed, or the person has no account.
            SettingError: settings are missing or wrong.
            WaitError: the provider cannot be reached.
        """
        settings = self._settings()
        told = self.trip.finish(settings, answer, cookie, (settings.claim,))
        return self._account(settings, told.issuer, told.claims), told.after

    def _account(self, settings: OpenId, issuer: str, claims: Mapping[str, Any]) -> Account:
        subject = f"{issuer} {claims['sub']}"
        found = self._store.accounts.by_subject(subject) or self._by_claim(settings, subject, claims)
        if found.state != "active":
            raise _no_account("Your account here is closed.", "sign-on-closed")
        return found

    def _by_claim(self, settings: OpenId, subject: str, claims: Mapping[str, Any]) -> Account:
        """The account that a claim names, from now on known by its subject; or a new one."""
        value = claims.get(settings.claim)
        if not isinstance(value, str) or not value.strip():
            raise _no_account(f"The provider does not say your “{settings.claim}”.", "sign-on-claim")
        told = value.strip().lower()
        if settings.claim == "email" and claims.get("email_verified", True) not in (True, "true"):
            raise _no_account("The provider has not verified your e-mail address.", "sign-on-unverified")
        named = self._store.accounts.by_name(told)
        found = [named] if named else self._store.accounts.by_email(told) if settings.claim == "email" else []
        if len(found) > 1:
            raise _no_account("Several accounts here have your e-mail address.", "sign-on-ambiguous")
        if not found:
            return self._new(settings, subject, told, claims)
        if found[0].state != "active":
            return found[0]
        if found[0].subject is not None:
            # An address that was given to somebody else must not open the account of whoever had it before.
            raise _no_account("Your account here belongs to another person at the provider.", "sign-on-other")
        self._store.accounts.change(found[0].id, subject=subject)
        self._store.audit.note("account.linked", by=found[0].name, subject=f"account {found[0].name}")
        return self._desk.get(found[0].id)

    def _new(self, settings: OpenId, subject: str, told: str, claims: Mapping[str, Any]) -> Account:
        if settings.new_accounts is None:
            raise _no_account("You have no account here yet.", "sign-on-no-account")
        display, email = claims.get("name"), claims.get("email")
        roles = [Granted(settings.new_accounts, ALL_SITES)]
        try:
            made = self._desk.add(
                told,
                display if isinstance(display, str) else told,
                email if isinstance(email, str) and "@" in email else "",
                None,
                roles,
            )
        except UsageError as error:
            raise _no_account(f"No account can be made for you: {error.what}", "sign-on-unmade") from error
        self._store.accounts.change(made.id, subject=subject)
        words = f"{settings.new_accounts} for all sites"
        self._store.audit.note("account.made", by=made.name, subject=f"account {made.name}", words=words)
        return self._desk.get(made.id)

    def _settings(self) -> OpenId:
        settings = self.settings
        if settings is None:
            raise SettingError(
                "Nobody signs on with other accounts here.",
                where="service, sign_on",
                remedy="Set sign_on in the service document; see docs/accounts.md.",
                code="sign-on-unset",
            )
        return settings


def _no_account(what: str, code: str) -> SignOnError:
    return SignOnError(what, code, "Ask an owner of this Matricula: Settings > Accounts.")
