"""How fast a site is written to: less at once where it strains, and slowly back to full speed where it does not.

Two things are steered: how many calls are under way at once, and which share of a call's usual rows is sent in one.
Both are halved when the site strains and grow step by step with good answers, as a sender on a shared line does. A
site whose answers merely take long, but always equally long, does not strain. Rosters are unknown here.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

SLOW = 5.0
"""Seconds: a call that takes longer is too large, unless a smaller one takes as long."""

LABOURED = 4.0
"""A call that takes so many times as long as others of its size did meets a site that has too much to do."""

NEVER_LABOURED = 2.0
"""Seconds: a shorter call is no sign of anything."""

GOOD_IN_A_ROW = 4
"""Good answers after which one more call may be under way."""

STEP = 1 / 8
_LEAST = 1 / 4096
_REMEMBERED = 24
_ENOUGH = 3


@dataclass
class _Calls:
    """What is known of the calls of one function.

    Args:
        share: part of the usual rows that a call has now.
        took: rows and seconds of the last calls.
        slow: rows and seconds of the call for which the share was last cut.
        same: whether small calls were seen to take as long as large ones.
    """

    share: float = 1.0
    took: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    slow: tuple[int, float] | None = None
    same: bool = False

    def usual(self, rows: int) -> float | None:
        """Seconds that calls of no fewer rows took at their best; None while too few were seen."""
        seconds = sorted(seconds for size, seconds in self.took if size >= rows)
        return median(seconds[:_ENOUGH]) if len(seconds) >= _ENOUGH else None


class Speed:
    """The rule by itself: what was seen goes in, how much may be sent comes out. Not safe for several threads.

    Args:
        callers: calls under way at once at most.

    Attributes:
        callers: calls that may be under way at once now, from 1 to the most.
        setbacks: how often it was slowed. A call's number of setbacks when it began tells whether its end is news.
    """

    def __init__(self, callers: int) -> None:
        self.callers = callers
        self.setbacks = 0
        self._most = callers
        self._good = 0
        self._calls: dict[str, _Calls] = {}

    def rows(self, function: str, most: int) -> int:
        """Rows that one call may have now, from 1 to the most.

        Args:
            function: the web-service function.
            most: rows of a call at full speed.
        """
        return max(1, round(most * self._of(function).share))

    def answered(self, function: str, rows: int, seconds: float, setbacks: int) -> None:
        """A call was answered.

        Args:
            function: the web-service function.
            rows: its rows.
            seconds: how long it took.
            setbacks: `setbacks` when it began.
        """
        calls = self._of(function)
        usual = calls.usual(rows)
        calls.took.append((rows, seconds))
        if setbacks != self.setbacks:
            return
        _learn_from_smaller(calls, rows, seconds)
        if usual is not None and seconds > max(NEVER_LABOURED, LABOURED * usual):
            self._slow_down()
        elif seconds > SLOW and rows > 1 and not calls.same:
            calls.slow = (rows, seconds)
            calls.share = max(_LEAST, calls.share / 2)
            self.setbacks += 1
        else:
            self._speed_up(calls, seconds)

    def strained(self, setbacks: int, function: str = "") -> None:
        """The site was too busy, broke off, or did not answer.

        Args:
            setbacks: `setbacks` when the call began.
            function: the web-service function, where smaller calls of it may help.
        """
        if setbacks != self.setbacks:
            return
        self._slow_down()
        if function:
            calls = self._of(function)
            calls.share = max(_LEAST, calls.share / 2)

    def _of(self, function: str) -> _Calls:
        return self._calls.setdefault(function, _Calls())

    def _slow_down(self) -> None:
        self.setbacks += 1
        self.callers = max(1, self.callers // 2)
        self._good = 0

    def _speed_up(self, calls: _Calls, seconds: float) -> None:
        if calls.same or seconds < SLOW / 2:
            calls.share = min(1.0, 2 * calls.share, calls.share + STEP)
        self._good += 1
        if self._good >= GOOD_IN_A_ROW and self.callers < self._most:
            self.callers += 1
            self._good = 0


def _learn_from_smaller(calls: _Calls, rows: int, seconds: float) -> None:
    """Where half the rows take as long as all did, smaller calls only make more of them."""
    if calls.slow is None or rows > 0.6 * calls.slow[0]:
        return
    if seconds > 0.75 * calls.slow[1]:
        calls.share, calls.same = 1.0, True
    calls.slow = None


class Pace:
    """The speed of one client, for several threads: calls wait for their turn.

    Args:
        callers: calls under way at once at most.
    """

    def __init__(self, callers: int) -> None:
        self._speed = Speed(callers)
        self._changed = threading.Condition()
        self._under_way = 0

    @contextmanager
    def turn(self) -> Iterator[int]:
        """Waits until one more call may be under way; gives what `answered` and `strained` ask for."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self._speed.callers)
            self._under_way += 1
            began = self._speed.setbacks
        try:
            yield began
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    @property
    def callers(self) -> int:
        """Calls that may be under way at once now."""
        with self._changed:
            return self._speed.callers

    def rows(self, function: str, most: int) -> int:
        """See `Speed.rows`."""
        with self._changed:
            return self._speed.rows(function, most)

    def answered(self, function: str, rows: int, seconds: float, began: int) -> None:
        """See `Speed.answered`."""
        with self._changed:
            self._speed.answered(function, rows, seconds, began)
            self._changed.notify_all()

    def strained(self, began: int | None = None, function: str = "") -> None:
        """See `Speed.strained`; without a beginning it is news in any case."""
        with self._changed:
            self._speed.strained(self._speed.setbacks if began is None else began, function)
