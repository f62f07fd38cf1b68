"""What owners, the command line and people themselves do to accounts; each act is noted, and somebody stays owner."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from matricula import logs
from matricula.errors import UsageError
from matricula.service.accounts import AccountDesk, display_of, email_of
from matricula.service.permissions import in_words
from matricula.service.visitors import Who, digest_of
from matricula.store.accounts import Account, Granted, Session

LINK_LASTS: Final = timedelta(days=3)


@dataclass(frozen=True)
class Invited:
    """An account that is waiting for its person to set a password.

    Args:
        account: the account.
        code: what the link carries; it is kept nowhere.
    """

    account: Account
    code: str


class AccountCare:
    """Acts on accounts.

    Args:
        desk: accounts and sessions.
    """

    def __init__(self, desk: AccountDesk) -> None:
        self._desk = desk
        self._store = desk.store

    def invite(self, name: str, display: str, email: str, roles: Iterable[Granted], who: Who) -> Invited:
        """Make an account whose person sets the password by a link."""
        account = self.add(name, display, email, None, roles, who)
        return Invited(account, self._code(account))

    def add(
        self, name: str, display: str, email: str, password: str | None, roles: Iterable[Granted], who: Who
    ) -> Account:
        """Make an account; see `AccountDesk.add`."""
        account = self._desk.add(name, display, email, password, roles)
        self._note("account.made", account, who, in_words(account.roles))
        return account

    def set_details(self, account: Account, display: str, email: str, who: Who) -> None:
        """Change a person's name and e-mail address."""
        values = {"display": display_of(display) or account.name, "email": email_of(email)}
        self._store.accounts.change(account.id, **values)
        self._note("account.changed", account, who, "name and e-mail address")

    def set_roles(self, account: Account, roles: Iterable[Granted], who: Who) -> None:
        """Say anew what an account may do; the next request goes by it, with another session cookie.

        Raises:
            UsageError: nobody would be owner any more.
        """
        wanted = tuple(dict.fromkeys(roles))
        with self._somebody_owns():
            self._store.accounts.set_roles(account.id, wanted)
            self._store.sessions.renew_of(account.id)
            self._note("account.roles", account, who, in_words(wanted))

    def close(self, account: Account, who: Who) -> None:
        """Let nobody sign in to an account, nor use its tokens; what it did stays noted.

        Raises:
            UsageError: nobody would be owner any more.
        """
        with self._somebody_owns():
            self._store.accounts.change(account.id, state="closed")
            self._store.sessions.end_of(account.id)
            self._store.one_times.remove_of(account.id)
            self._note("account.closed", account, who)

    def open(self, account: Account, who: Who) -> None:
        """Let people sign in to a closed account again."""
        self._store.accounts.change(account.id, state="active")
        self._note("account.opened", account, who)

    def end_sessions(self, account: Account, who: Who, but: str = "") -> None:
        """End the sessions of an account, all but the one with a digest."""
        self._store.sessions.end_of(account.id, but)
        self._note("sessions.ended", account, who)

    def end_session(self, account: Account, session: Session, who: Who) -> None:
        """End one session of an account."""
        self._store.sessions.end(session.digest)
        self._note("session.ended", account, who)

    def new_link(self, account: Account, who: Who) -> str:
        """A code for a link with which a person sets a password; an earlier one is good no more.

        Raises:
            UsageError: the account is closed.
        """
        if account.state != "active":
            raise UsageError(f"The account {account.name} is closed.", remedy="Open it first.", code="account-closed")
        self._note("account.link", account, who)
        return self._code(account)

    def whose_link(self, code: str) -> Account:
        """Whose password a code of a link sets; raises UsageError where it is good no more."""
        kept = self._store.one_times.look(digest_of(code), "password")
        account = None if kept is None or kept.account is None else self._store.accounts.get(kept.account)
        if kept is None or account is None or account.state != "active" or self._desk.now() >= kept.ends_at:
            raise UsageError(
                "This link is good no more.",
                remedy="Each link is good once, and for three days. Ask an owner of this Matricula for a new one.",
                code="link-ended",
            )
        return account

    def set_password_by(self, code: str, password: str, who_address: str) -> Account:
        """Set a password with the code of a link, which is used up; all sessions of the account end.

        Raises:
            UsageError: the code is good no more, or the password cannot be.
        """
        account = self.whose_link(code)
        hashed = self._desk.passwords.hashed(password, _names(account))
        with self._store.begin():
            if self._store.one_times.take(digest_of(code), "password") is None:
                raise UsageError(
                    "This link is good no more.",
                    remedy="Each link is good once, and for three days. Ask an owner of this Matricula for a new one.",
                    code="link-ended",
                )
            self._keep_password(account, hashed, Who(account.name, who_address), "by a link")
        return self._desk.get(account.id)

    def set_password(self, account: Account, password: str, who: Who) -> None:
        """Set a password; all sessions of the account end.

        Raises:
            UsageError: the password cannot be.
        """
        hashed = self._desk.passwords.hashed(password, _names(account))
        with self._store.begin():
            self._keep_password(account, hashed, who)

    def take_factor(self, account: Account, who: Who) -> None:
        """Take the second factor of an account away; its sessions end."""
        with self._store.begin():
            self._desk.factors.remove(account)
            self._store.sessions.end_of(account.id)
            self._note("second-factor.taken", account, who)

    def _keep_password(self, account: Account, hashed: str, who: Who, words: str = "") -> None:
        self._store.accounts.change(account.id, password=hashed)
        self._store.sessions.end_of(account.id)
        self._store.one_times.remove_of(account.id)
        self._note("password.set", account, who, words)

    def _code(self, account: Account) -> str:
        code = logs.hide(secrets.token_urlsafe(32))
        ends_at = self._desk.now() + LINK_LASTS
        self._store.one_times.keep(digest_of(code), "password", ends_at, account=account.id)
        return code

    @contextmanager
    def _somebody_owns(self) -> Iterator[None]:
        with self._store.attempts.counting(("owners",)):
            before = self._store.accounts.owners()
            yield
            if before and not self._store.accounts.owners():
                raise UsageError(
                    "Nobody would be owner for all sites any more.",
                    where="roles",
                    remedy="Make somebody else owner first, who can sign in.",
                    code="last-owner",
                )

    def _note(self, act: str, account: Account, who: Who, words: str = "") -> None:
        self._store.audit.note(act, by=who.by, address=who.address, subject=f"account {account.name}", words=words)


def _names(account: Account) -> tuple[str, str, str]:
    return account.name, account.display, account.email
