"""Accounts and sessions: making them, signing in, and what is known of somebody who is signed in."""

import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from matricula.errors import UsageError
from matricula.hub import Home
from matricula.service.passwords import SHORTEST, Passwords
from matricula.service.pauses import PausedError, Pauses
from matricula.service.reach import with_sinks
from matricula.service.second_factor import FactorDesk
from matricula.service.tokens import TokenDesk
from matricula.service.visitors import Lacks, Visitor, Who, digest_of
from matricula.store.accounts import ALL_SITES, Account, Granted, Session

__all__ = ["SHORTEST_PASSWORD", "AccountDesk", "PausedError", "Visitor", "Who", "digest_of"]

SHORTEST_PASSWORD: Final = SHORTEST
START_CODE: Final = "start-code"
GRACE: Final = timedelta(minutes=1)
"""So long the old cookie of a session that got another one is good: pages may have asked with it already."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,99}")
_SEEN_EVERY: Final = timedelta(minutes=1)
_EMAIL: Final = re.compile(r"[^\s@]+@[^\s@]+")


class AccountDesk:
    """Everything that concerns accounts.

    Args:
        home: the home.
        now: tells the moment; for tests.
    """

    def __init__(self, home: Home, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.home = home
        self.store = home.store
        self.now = now
        self.passwords = Passwords()
        self.pauses = Pauses(home.store, self._moment)
        self.factors = FactorDesk(home, self._moment)
        self.tokens = TokenDesk(home, self._moment)

    @property
    def none_yet(self) -> bool:
        """Whether nobody has an account yet."""
        return self.store.accounts.count() == 0

    def start_code(self) -> str:
        """The code that the first owner's account is made with; it is kept until there is one."""
        return self.home.vault.made_once(self.store.secrets, START_CODE, lambda: secrets.token_urlsafe(12))

    def begin_with(self, code: str, name: str, display: str, email: str, password: str) -> Account:
        """Make the first account, its owner.

        Raises:
            UsageError: there is an account already, the code is another, or a value cannot be.
        """
        refused = UsageError(
            "There is an account already.", remedy="Sign in, or ask its owner for one.", code="owner-exists"
        )
        if not self.none_yet:
            raise refused
        if not hmac.compare_digest(code.strip().encode(), self.start_code().encode()):
            raise UsageError(
                "This is not the start code.",
                remedy="It stands in what `matricula serve` printed when it started; ask whoever installed it.",
                code="start-code-wrong",
            )
        hashed = self.passwords.hashed(password, (name, display, email))
        with self.store.attempts.counting(("first account",)):
            if not self.none_yet:
                raise refused
            made = self._add(name, display, email, hashed, [Granted("owner", ALL_SITES)])
            self.store.secrets.remove(START_CODE)
        return made

    def add(self, name: str, display: str, email: str, password: str | None, roles: Iterable[Granted]) -> Account:
        """Make an account.

        Args:
            name: what is typed to sign in.
            display: the person's name.
            email: may be empty.
            password: None where the person signs on at the school, or gets a link to set one.
            roles: what it may do.

        Raises:
            UsageError: the name is taken, or a value cannot be.
        """
        hashed = None if password is None else self.passwords.hashed(password, (name, display, email))
        return self._add(name, display, email, hashed, roles)

    def _add(self, name: str, display: str, email: str, hashed: str | None, roles: Iterable[Granted]) -> Account:
        plain = name.strip().lower()
        if not _NAME.fullmatch(plain):
            raise UsageError(
                "This user name cannot be.",
                where="user name",
                remedy="Use two or more letters, digits and . _ @ + -, beginning with a letter or digit.",
                code="account-name",
            )
        values = {
            "name": plain,
            "display": display_of(display) or plain,
            "email": email_of(email),
            "password": hashed,
            "state": "active",
            "created_at": self.now(),
        }
        with self.store.attempts.counting((f"account {plain}",)):
            if self.store.accounts.by_name(plain) is not None:
                raise UsageError(
                    f"The user name {plain} is taken.", where="user name", remedy="Take another.", code="account-taken"
                )
            return self.get(self.store.accounts.add(values, roles))

    def get(self, number: int) -> Account:
        """An account by its number; raises UsageError where there is none."""
        found = self.store.accounts.get(number)
        if found is None:
            raise UsageError(
                f"There is no account {number}.", remedy="See Settings > Accounts.", code="account-unknown"
            )
        return found

    def named(self, name: str) -> Account:
        """An account by its user name; raises UsageError where there is none."""
        found = self.store.accounts.by_name(name.strip().lower())
        if found is None:
            raise UsageError(
                f"There is no account named {name[:100]}.",
                remedy="`matricula account list` tells those there are.",
                code="account-unknown",
            )
        return found

    def sign_in(self, name: str, password: str, *, address: str, agent: str, before: str = "") -> tuple[Account, str]:
        """Sign somebody in.

        Args:
            name: what was typed as user name.
            password: what was typed as password.
            address: the network address.
            agent: the browser.
            before: the cookie the browser had; its session ends.

        Returns:
            the account and the cookie of its session.

        Raises:
            UsageError: name and password do not belong together.
            PausedError: there were too many failed attempts.
        """
        typed = name.strip().lower()
        attempt = self.pauses.enter("sign-in", typed, address)
        account = self.store.accounts.by_name(typed)
        kept = account.password if account is not None and account.state == "active" else None
        if not self.passwords.right(kept, password) or account is None or kept is None:
            # What was typed as a name may be a password: only names that there are get into the log.
            self.store.audit.note("sign-in.refused", by=account.name if account else "", address=address)
            raise UsageError(
                "User name and password do not belong together.",
                remedy="Type both once more; an owner can give you a link to a new password.",
                code="sign-in-refused",
            )
        self.pauses.passed(attempt)
        if (anew := self.passwords.renewed(kept, password)) is not None:
            self.store.accounts.change(account.id, password=anew)
        if not account.second_factor:
            self.store.audit.note("signed-in", by=account.name, address=address)
        self.sign_out(before)
        return account, self.begin_session(account, address=address, agent=agent)

    def give_code(self, visitor: Visitor, code: str, *, address: str) -> str:
        """Complete a session with the second factor; returns its new cookie.

        Raises:
            UsageError: it is not the code, or it was used before.
            PausedError: there were too many failed attempts.
        """
        account = visitor.account
        if visitor.session is None or visitor.lacks != "code":
            raise UsageError("No code is asked for.", remedy="Go on from the overview.", code="second-factor-unasked")
        attempt = self.pauses.enter("second", account.name, address)
        kind = self.factors.given(account, code)
        if not kind:
            self.store.audit.note("sign-in.refused", by=account.name, address=address, words="second factor")
            raise UsageError(
                "This code is not right, or was used before.",
                where="code",
                remedy="Wait for the next code of your app, or type a recovery code.",
                code="second-factor-refused",
            )
        self.pauses.passed(attempt)
        words = "with the app's code" if kind == "app" else "with a recovery code"
        self.store.audit.note("signed-in", by=account.name, address=address, words=words)
        cookie = self.begin_session(account, address=address, agent=visitor.session.agent, complete=True)
        self.store.sessions.end(visitor.session.digest)
        return cookie

    def begin_session(self, account: Account, *, address: str, agent: str, complete: bool | None = None) -> str:
        """Begin a session; returns its cookie.

        Args:
            account: whose it is.
            address: the network address.
            agent: the browser.
            complete: whether no second factor is to be given any more; by default where none is set up.
        """
        cookie, now = secrets.token_urlsafe(32), self.now()
        rules = self.home.service().sessions
        whole = not account.second_factor if complete is None else complete
        self.store.sessions.clear(now, now - timedelta(minutes=rules.idle))
        self.store.one_times.clear(now)
        longest = now + timedelta(minutes=rules.longest)
        self.store.sessions.begin(
            Session(digest_of(cookie), account.id, now, now, longest, address, agent[:200], complete=whole)
        )
        self.store.accounts.change(account.id, seen_at=now)
        return cookie

    def renew(self, session: Session, *, grace: timedelta = timedelta()) -> str:
        """Give a session another cookie, because what can be done with it has changed.

        Args:
            session: the session.
            grace: how long the old cookie is good yet.
        """
        cookie = secrets.token_urlsafe(32)
        with self.store.begin():
            self.store.sessions.begin(replace(session, digest=digest_of(cookie), renew=False))
            if grace:
                self.store.sessions.end_soon(session.digest, self.now() + grace)
            else:
                self.store.sessions.end(session.digest)
        return cookie

    def visitor(self, cookie: str) -> Visitor | None:
        """Who a session's cookie belongs to; None where the session has ended or the account is closed.

        A visitor who lacks something may do nothing yet.
        """
        session = self.store.sessions.get(digest_of(cookie))
        if session is None:
            return None
        rules, now = self.home.service().sessions, self.now()
        account = self.store.accounts.get(session.account)
        # A rule that was shortened since holds for sessions that are under way, too.
        ends_at = min(session.ends_at, session.began_at + timedelta(minutes=rules.longest))
        idle = now - session.seen_at >= timedelta(minutes=rules.idle)
        if now >= ends_at or idle or account is None or account.state != "active":
            self.store.sessions.end(session.digest)
            return None
        if now - session.seen_at >= _SEEN_EVERY:
            self.store.sessions.seen(session.digest, now)
            session = replace(session, seen_at=now)
        lacks: Lacks = ""
        if not session.complete:
            lacks = "code"
        elif rules.second_factor == "required" and not account.second_factor:
            lacks = "factor"
        return Visitor(account, () if lacks else with_sinks(self.home, account.roles), session, lacks=lacks)

    def sign_out(self, cookie: str) -> None:
        """End a session."""
        if cookie:
            self.store.sessions.end(digest_of(cookie))

    def demand_password(self, account: Account, password: str, who: Who) -> None:
        """Refuse unless somebody who is signed in types the password of their account; without one nothing is asked.

        Raises:
            UsageError: it is not the password.
            PausedError: there were too many failed attempts.
        """
        if account.password is None:
            return
        attempt = self.pauses.enter("password", account.name, who.address)
        if not self.passwords.right(account.password, password):
            self.store.audit.note("password.refused", by=who.by, address=who.address)
            raise UsageError(
                "This is not your present password.",
                where="password",
                remedy="Type it once more; an owner can give you a link to a new one.",
                code="password-wrong",
            )
        self.pauses.passed(attempt)

    def _moment(self) -> datetime:
        return self.now()


def display_of(text: str) -> str:
    """A person's name as it is kept."""
    return "".join(each for each in " ".join(text.split()) if each.isprintable())[:100]


def email_of(text: str) -> str:
    """An e-mail address as it is kept; raises UsageError where it cannot be one."""
    plain = text.strip()
    if plain and (len(plain) > 254 or not plain.isprintable() or not _EMAIL.fullmatch(plain)):
        raise UsageError(
            "This is no e-mail address.", where="e-mail", remedy="Write it as name@school.example.", code="email-form"
        )
    return plain
