"""Growing pauses between failed attempts to sign in, counted in the state, so that all processes know of them.

Counted are failures for a name from one address; for a name from everywhere; and for an address whatever the name.
The first has the strictest bound. The other two are wide, pause for two minutes at most, and do not hold for addresses
from which the same person has signed in of late: strangers can make nobody wait for ever.
"""

import hashlib
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from matricula.errors import WaitError
from matricula.store import Store

_KNOWN: Final = "known "
_KNOWN_FOR: Final = timedelta(days=90)
_TIDY_EVERY: Final = timedelta(minutes=10)


class PausedError(WaitError):
    """There were too many failed attempts.

    Args:
        wait: how long it takes until the next one is let in.
    """

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, round(wait.total_seconds()))
        told = f"{self.seconds} seconds" if self.seconds < 120 else f"{-(-self.seconds // 60)} minutes"
        super().__init__(
            f"There were too many failed attempts. The next one is possible in {told}.",
            remedy="Wait that long and try again; an owner can give you a link to a new password.",
            code="sign-in-paused",
        )


@dataclass(frozen=True)
class _Bound:
    """How many failures are free, and the pauses after more.

    Args:
        free: failures without a pause.
        first: seconds of the first pause; each further failure doubles it.
        longest: seconds of the longest.
        window: how long a failure counts.
    """

    free: int
    first: int
    longest: int
    window: timedelta

    def wait(self, number: int, last: datetime | None, now: datetime) -> timedelta:
        """How long the next attempt has to wait."""
        if last is None or number < self.free:
            return timedelta()
        pause = min(self.longest, self.first * 2 ** min(number - self.free, 20))
        return max(timedelta(), last + timedelta(seconds=pause) - now)


_PAIR: Final = _Bound(5, 15, 900, timedelta(hours=24))
_NAME: Final = _Bound(30, 5, 120, timedelta(hours=1))
_ADDRESS: Final = _Bound(60, 5, 120, timedelta(hours=1))


@dataclass(frozen=True)
class Attempt:
    """An attempt that was let in and counts as failed until it is said to have succeeded.

    Args:
        at: when it was.
        pair: what is counted for this name from this address.
        wide: what is counted for the name, and for the address.
        known: under which the address is remembered for this person.
    """

    at: datetime
    pair: str
    wide: tuple[str, str]
    known: str


class Pauses:
    """Lets attempts in, or says how long to wait.

    Args:
        store: the state.
        now: tells the moment; for tests.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._attempts = store.attempts
        self._now = now
        self._tidied: datetime | None = None

    def enter(self, what: str, name: str, address: str) -> Attempt:
        """Let an attempt in; it is counted before it is looked at, so that many at once gain nothing.

        Args:
            what: what is tried, as `sign-in` or `second`.
            name: the account's name as it was typed; only a digest of it is kept.
            address: the network address.

        Raises:
            PausedError: there were too many failures before.
        """
        now, place = self._now(), network_of(address)
        who = hashlib.sha256(name.encode()).hexdigest()[:32]
        attempt = Attempt(
            now, f"{what} {who} {place}", (f"{what} {who}", f"{what} from {place}"), f"{_KNOWN}{who} {place}"
        )
        self._tidy(now)
        with self._attempts.counting((attempt.pair, *attempt.wide)):
            wait = _PAIR.wait(*self._attempts.moments(attempt.pair, now - _PAIR.window), now)
            known, _ = self._attempts.moments(attempt.known, now - _KNOWN_FOR)
            if not known:
                for bound, counted in zip((_NAME, _ADDRESS), attempt.wide, strict=True):
                    wait = max(wait, bound.wait(*self._attempts.moments(counted, now - bound.window), now))
            if wait > timedelta():
                raise PausedError(wait)
            self._attempts.add((attempt.pair, *attempt.wide), now)
        return attempt

    def passed(self, attempt: Attempt) -> None:
        """Say that an attempt succeeded: earlier failures from there count no more."""
        self._attempts.remove(attempt.pair)
        for counted in attempt.wide:
            self._attempts.remove(counted, attempt.at)
        self._attempts.remove(attempt.known)
        self._attempts.add((attempt.known,), attempt.at)

    def _tidy(self, now: datetime) -> None:
        if self._tidied is None or now - self._tidied > _TIDY_EVERY:
            self._tidied = now
            self._attempts.clear(now - _PAIR.window, but=_KNOWN)
            self._attempts.clear_of(_KNOWN, now - _KNOWN_FOR)


def network_of(address: str) -> str:
    """What an address is counted by: itself, or the network of 64 bits that one household has of IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:60]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
