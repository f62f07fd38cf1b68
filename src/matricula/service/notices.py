"""Notices: what waits for a person, told once to everybody who wants to know, and listed until it is over."""

from collections.abc import Collection
from datetime import UTC, datetime

from matricula.hub import Home
from matricula.service.outbox import Outbox
from matricula.store import Cause, Notice, Sending


class Notices:
    """What people are told.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._store = home.store
        self.outbox = Outbox(home)

    def raise_(self, cause: Cause, at: datetime | None = None, now: datetime | None = None) -> Notice | None:
        """Tell of a cause, once: seen again it is only counted, and with the same mark not even that.

        Args:
            cause: what people are told. Names of people have no place in it.
            at: when it came about; by default now.
            now: the moment meant by now.

        Returns:
            the notice, where it is new.
        """
        settings = self._home.service()
        moment = now or datetime.now(UTC)
        if self._store.notices.told(cause):  # nearly always, and nobody is to wait for that
            return None
        with self._store.begin():  # a notice without its messages would never be told
            notice = self._store.notices.see(cause, at or moment)
            if notice is not None:
                self.outbox.tell(notice, settings, moment)
        return notice

    def over(self, cause: str, now: datetime | None = None) -> bool:
        """Note that a cause has gone; returns whether people had been told of it."""
        return self._store.notices.over(cause, now or datetime.now(UTC))

    def open(self, sites: Collection[str] | None = None) -> list[Notice]:
        """What waits for a person, newest first.

        Args:
            sites: only of these sites; by default of all.
        """
        return self._store.notices.open(sites=sites)

    def past(self, sites: Collection[str] | None = None, *, below: int | None = None, limit: int = 50) -> list[Notice]:
        """What is over, newest first.

        Args:
            sites: only of these sites; by default of all.
            below: only with a smaller number, to page on.
            limit: at most so many.
        """
        return self._store.notices.past(sites=sites, below=below, limit=limit)

    def messages(self, notice: int) -> list[Sending]:
        """Who was told of a notice, and whether the message went."""
        return self._store.sendings.all(notice=notice)

    def undelivered(self, limit: int = 50) -> list[Sending]:
        """Messages that were given up, newest first."""
        return self._store.sendings.all(state="given-up", limit=limit)
