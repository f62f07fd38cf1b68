"""Rosters made of kept deliveries, ready at hand: what pages look at all the time, and while somebody types."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

from matricula.hub.home import Home
from matricula.roster import Delivery, Roster

#: So many sources' rosters of a home stay in memory; most schools have one.
AT_HAND: Final = 2


@dataclass(frozen=True)
class Read:
    """What a source last delivered, and the roster made of it.

    Args:
        at: when it was read.
        delivery: the rows as they came.
        roster: what of them can be used.
    """

    at: datetime
    delivery: Delivery
    roster: Roster


class KeptRosters:
    """The rosters of the last kept deliveries of a home. No source is ever read for them.

    Args:
        home: the home.
    """

    def __init__(self, home: Home) -> None:
        self._kept = home.store.kept
        self._lock = Lock()
        self._read: OrderedDict[str, tuple[tuple[str, ...], Read]] = OrderedDict()

    def of(self, source: str) -> Read | None:
        """What a source last delivered; None where nothing is kept.

        Whoever is forgotten, and whatever comes anew, is so here, too: each time it is asked whether the rows are
        the same.

        Raises:
            MatriculaError: the delivery cannot be used as a whole.
        """
        stamp = self._kept.fingerprint(source)
        with self._lock:
            held = self._read.pop(source, None)
            if held is None or held[0] != stamp:
                made = self._make(source)
                held = None if made is None else (stamp, made)
            if held is None:
                return None
            self._read[source] = held
            while len(self._read) > AT_HAND:
                self._read.popitem(last=False)
            return held[1]

    def _make(self, source: str) -> Read | None:
        kept, delivery = self._kept.last(source), self._kept.delivery(source)
        if kept is None or delivery is None or delivery.needs_earlier:
            return None
        return Read(kept.at, delivery, delivery.roster())


_of_homes: Final[WeakKeyDictionary[Home, KeptRosters]] = WeakKeyDictionary()


def kept_rosters(home: Home) -> KeptRosters:
    """The rosters at hand of a home, for all who look at it in this process."""
    return _of_homes.setdefault(home, KeptRosters(home))


def let_go(home: Home) -> None:
    """Hold no roster of a home any more: somebody was forgotten."""
    _of_homes.pop(home, None)
