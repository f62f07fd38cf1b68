"""Tokens of the API: made, shown once, used, revoked."""

import re
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from matricula import logs
from matricula.errors import UsageError
from matricula.hub import Home
from matricula.service.permissions import covered
from matricula.service.reach import with_sinks
from matricula.service.visitors import Visitor, digest_of
from matricula.store import ApiToken
from matricula.store.accounts import Account, Granted

BEGINNING: Final = "mat_"
"""What every token begins with, so that one that was published can be found."""
LONGEST_DAYS: Final = 3650
_FORM: Final = re.compile(r"mat_[A-Za-z0-9_-]{43}")
_USED_EVERY: Final = timedelta(minutes=1)


class TokenDesk:
    """Everything that concerns tokens.

    Args:
        home: the home.
        now: tells the moment; for tests.
    """

    def __init__(self, home: Home, now: Callable[[], datetime]) -> None:
        self._home = home
        self._store = home.store
        self._now = now

    def make(self, account: Account, name: str, roles: Iterable[Granted], days: int | None) -> str:
        """Make a token.

        Args:
            account: whose it is.
            name: what it is called.
            roles: the most that it may do.
            days: after how many days it ends; None for never.

        Returns:
            the token, which is kept nowhere.

        Raises:
            UsageError: the account may not that much, or a value cannot be.
        """
        wanted = tuple(dict.fromkeys(roles))
        called = " ".join(name.split())[:100]
        if not called or not called.isprintable():
            raise UsageError(
                "The token has no name.", where="name", remedy="Name the program that uses it.", code="token-name"
            )
        if not wanted:
            raise UsageError(
                "The token could do nothing.", where="roles", remedy="Choose at least one role.", code="token-roles"
            )
        if not covered(account.roles, wanted):
            raise UsageError(
                "A token may do no more than its account.",
                where="roles",
                remedy="Choose among the roles of the account, or give the account more first.",
                code="token-roles",
            )
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            raise UsageError(
                f"A token lasts between 1 and {LONGEST_DAYS} days.",
                where="days",
                remedy="Write a number of days.",
                code="token-days",
            )
        now, text = self._now(), logs.hide(BEGINNING + secrets.token_urlsafe(32))
        ends_at = None if days is None else now + timedelta(days=days)
        self._store.tokens.add(account.id, called, digest_of(text), wanted, now, ends_at)
        return text

    def of(self, account: Account) -> list[ApiToken]:
        """Tokens of an account, newest first."""
        return self._store.tokens.of(account.id)

    def get(self, account: Account, number: int) -> ApiToken:
        """A token of an account; raises UsageError where there is none."""
        found = self._store.tokens.get(number)
        if found is None or found.account != account.id:
            raise UsageError(f"There is no token {number}.", remedy="Load the page again.", code="token-unknown")
        return found

    def revoke(self, account: Account, number: int) -> ApiToken:
        """Let a token be good no more; raises UsageError where there is none."""
        found = self.get(account, number)
        self._store.tokens.revoke(number, self._now())
        return found

    def visitor(self, text: str) -> Visitor | None:
        """Who a token stands for; None where it is good no more, or its account is closed."""
        if not _FORM.fullmatch(text):
            return None
        now, found = self._now(), self._store.tokens.by_digest(digest_of(text))
        if found is None or not found.good(now):
            return None
        account = self._store.accounts.get(found.account)
        if account is None or account.state != "active":
            return None
        if found.used_at is None or now - found.used_at >= _USED_EVERY:
            self._store.tokens.used(found.id, now)
        roles, within = (with_sinks(self._home, each) for each in (account.roles, found.roles))
        return Visitor(account, roles, token=found.name, within=within)
