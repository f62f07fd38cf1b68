"""Which square brackets of a template open and close optional parts, and which are plain text.

`[` begins an optional part and `[[` is a plain bracket, so `[[{a} ]{b}]` could begin with two parts or with a plain
bracket. As in any text with two sorts of brackets, the reading in which all of them match is meant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

Bracket = Literal["part", "plain"]
Reading = tuple[Bracket, ...]

_PART: Reading = ("part",)
_PLAIN: Reading = ("plain",)
_LENGTH: dict[Bracket, int] = {"part": 1, "plain": 2}
_LONGEST_READ = 6
_MOST_STEPS = 10_000


@dataclass(frozen=True)
class Run:
    """Equal square brackets side by side."""

    opening: bool
    length: int


@dataclass(frozen=True)
class _Open:
    """Brackets that are open, the innermost first."""

    bracket: Bracket
    outer: "_Open | None"


@dataclass(frozen=True)
class _State:
    """A beginning of the template read in one way."""

    number: int
    open: _Open | None
    reading: Reading
    before: "_State | None"


def matched(runs: Sequence[Run]) -> list[Reading] | None:
    """Read each run so that all brackets match.

    Args:
        runs: in the order of the template.

    Returns:
        what each run consists of, by preference as much plain text as possible; None if there is no such reading.
    """
    waiting = [_State(0, None, (), None)]
    for _ in range(_MOST_STEPS):
        if not waiting:
            break
        state = waiting.pop()
        if state.number == len(runs):
            if state.open is None:
                return _readings(state)
            continue
        run = runs[state.number]
        following = _opened(run.length, state.open) if run.opening else _closed(run.length, state.open)
        waiting += reversed([_State(state.number + 1, still, reading, state) for reading, still in following])
    return None


def unmatched(runs: Sequence[Run]) -> list[Reading | None]:
    """Read each run by itself: two brackets are a plain one. None for those that could be read in several ways."""
    return [_alone(run.length) for run in runs]


def _alone(length: int) -> Reading | None:
    if length == 1:
        return _PART
    return None if length % 2 else _PLAIN * (length // 2)


def _readings(state: _State | None) -> list[Reading]:
    readings = []
    while state and state.before:
        readings.append(state.reading)
        state = state.before
    return readings[::-1]


def _opened(length: int, still: _Open | None) -> Iterator[tuple[Reading, _Open | None]]:
    for reading in _opening_readings(length):
        inner = still
        for bracket in reading:
            inner = _Open(bracket, inner)
        yield reading, inner


def _opening_readings(length: int) -> list[Reading]:
    """All ways to read brackets that open: as few parts as possible, and those outside of plain brackets, first."""
    if length > _LONGEST_READ:
        return [_PART * (length % 2) + _PLAIN * (length // 2)]
    readings = [
        reading
        for number in range(1, length + 1)
        for reading in product((*_PART, *_PLAIN), repeat=number)
        if sum(_LENGTH[bracket] for bracket in reading) == length
    ]
    return sorted(readings, key=lambda reading: reading.count("part"))


def _closed(length: int, still: _Open | None) -> Iterator[tuple[Reading, _Open | None]]:
    reading: Reading = ()
    while length and still:
        length -= _LENGTH[still.bracket]
        reading += (still.bracket,)
        still = still.outer
    if length == 0:
        yield reading, still
