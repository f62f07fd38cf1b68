"""Going on to a Moodle: the person's account is looked up, an address is made that signs them on, and it is noted."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal

from matricula.errors import MatriculaError, UsageError
from matricula.hub.ticket_keys import ticket_key
from matricula.moodle import Moodle
from matricula.profiles import Site
from matricula.service.accounts import AccountDesk
from matricula.service.visitors import Who
from matricula.sign_on import Person
from matricula.sign_on.account import Account, Known, account_of
from matricula.sign_on.ways import Ground, address_of, address_out

Given = Literal["sourcedId", "username", "email", "idnumber"]
"""By what somebody may be named: as the school's system knows them, or by a field of their account."""
_TIMEOUT: Final = 20.0
_FIELDS: Final = 100
"""Form fields that a call may have: a handful of values is asked for, so that no probe is needed."""


@dataclass(frozen=True)
class Onward:
    """Where somebody goes on to.

    Args:
        address: the address; good once where it signs on.
        account: the account that it signs on to; None where the site asks by itself who comes.
        tickets: whether it signs on by ticket, so that signing out here ends the session there.
    """

    address: str
    account: Account | None
    tickets: bool


class GoingDesk:
    """Signs people on to sites.

    Args:
        desk: accounts, and the home.
    """

    def __init__(self, desk: AccountDesk) -> None:
        self._desk = desk
        self._home = desk.home

    def go(
        self, person: Person, site: str, who: Who, *, course: str = "", back: str = "", by: Given | None = None
    ) -> Onward:
        """The address that signs a person on to a site; that it was given out, or why not, is noted.

        Args:
            person: who it is.
            site: the site.
            who: who asks, and from where; `by` is empty for people without an account here.
            course: sourcedId of a class, ID number or short name of a course to go on to; by default what the site's
                document says.
            back: address of Matricula that signing out at the site leads to.
            by: what alone says which account it is; by default the ledger, then the field that the site sets.

        Raises:
            NotSignedOnError: the person is not signed on.
            UsageError: there is no such site or course.
            SettingError: a setting is missing.
            MoodleError: the site refuses, or cannot be asked.
        """
        known = site if site in self._home.names("site") else ""
        told = {"by": who.by, "address": who.address, "subject": named(person), "site": known}
        try:
            onward = self._onward(person, site, course, back, by)
        except MatriculaError as error:
            self._home.store.audit.note("sign-on.refused", words=error.code, **told)
            raise
        account = "" if onward.account is None else f", user {onward.account.id}"
        self._home.store.audit.note("sign-on.given", words=f"{self._way(site)}{account}", **told)
        return onward

    def out(self, site: str, account: Account, back: str) -> str:
        """The address that ends a session at a site.

        Args:
            site: the site.
            account: who is signed on there.
            back: address of Matricula to come back to.

        Raises:
            SettingError: the site is no longer signed on to by ticket.
        """
        with self._ground(site) as ground:
            return address_out(ground, account, back)

    def _onward(self, person: Person, site: str, course: str, back: str, by: Given | None) -> Onward:
        with self._ground(site) as ground:
            settings = ground.settings
            to = self._course(ground, course) if course else settings.landing
            if settings.by == "openid" and by is None:
                return Onward(ground.moodle.url + to, None, tickets=False)
            account = self._account(ground, person, by)
            return Onward(address_of(ground, account, to, back), account, tickets=settings.by == "ticket")

    @contextmanager
    def account_at(self, person: Person, site: str) -> Iterator[tuple[Ground, Account]]:
        """The account of a person at a site that asks by itself who they are, and what the site is reached with.

        Args:
            person: who it is.
            site: the site.

        Raises:
            NotSignedOnError: there is none that is surely theirs, or it may not be signed on to.
            UsageError: there is no such site.
            SettingError: nobody is signed on to it, or a setting is missing.
            MoodleError: the site cannot be asked.
        """
        with self._ground(site) as ground:
            yield ground, self._account(ground, person, None)

    def _account(self, ground: Ground, person: Person, by: Given | None) -> Account:
        settings = ground.settings
        return account_of(
            person,
            ground.site,
            ground.moodle,
            self._known(ground.site, person) if by in (None, "sourcedId") else [],
            match=settings.match if by is None else None if by == "sourcedId" else by,
            administrators=settings.administrators,
        )

    @contextmanager
    def _ground(self, name: str) -> Iterator[Ground]:
        site = self._home.site(name)
        address, now = self._home.service().address, self._desk.now()
        issuer = "" if address is None else str(address).rstrip("/")
        ground = Ground(site, self._unasked(site), issuer, lambda: ticket_key(self._home, name, now), now)
        with ground.moodle:
            yield ground

    def _unasked(self, site: Site) -> Moodle:
        timeout = min(site.timeout, _TIMEOUT)
        return Moodle(str(site.url), self._home.token(site), timeout=timeout, callers=1, form_fields=_FIELDS)

    def _known(self, site: Site, person: Person) -> list[Known]:
        """Accounts that the ledgers know for the person's number."""
        if not person.idnumber:
            return []
        rows = [self._home.store.ledger.get(name, "user", person.idnumber) for name in self._profiles(site)]
        there = [row for row in rows if row is not None and row.moodle_id is not None and not row.removed]
        return [Known(row.moodle_id, json.loads(row.written or "{}")) for row in there if row.moodle_id is not None]

    def _course(self, ground: Ground, course: str) -> str:
        store = self._home.store.ledger
        rows = [store.get(name, "course", course) for name in self._profiles(ground.site)]
        ids = {row.moodle_id for row in rows if row is not None and row.moodle_id is not None and not row.removed}
        if not ids:
            ids = {each.id for each in ground.moodle.courses.find("idnumber", course) if each.idnumber == course}
        if not ids:
            ids = {each.id for each in ground.moodle.courses.find("shortname", course) if each.shortname == course}
        if len(ids) != 1:
            raise UsageError(
                f"There is no course {course[:60]} on {ground.site.name}.",
                where=f"site {ground.site.name}",
                remedy="Write the sourcedId of a class, or the ID number or short name of a course.",
                code="course-unknown",
            )
        return f"/course/view.php?id={ids.pop()}"

    def _profiles(self, site: Site) -> list[str]:
        return [each.name for each in self._home.profiles(readable=True) if each.site == site.name]

    def _way(self, site: str) -> str:
        settings = self._home.site(site).sign_on
        return "" if settings is None else settings.by


def named(person: Person) -> str:
    """What stands for somebody in the audit log; `forget` finds it there."""
    return f"person {person.username or person.email or person.idnumber}".strip()
