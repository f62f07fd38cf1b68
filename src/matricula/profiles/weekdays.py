"""Days of the week in plain words, both ways: `weekdays`, `Mondays and Thursdays`."""

import re
from collections.abc import Iterable
from typing import Final

NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
EVERY_DAY: Final = frozenset(range(1, 8))
WEEKDAYS: Final = frozenset(range(1, 6))
WEEKENDS: Final = EVERY_DAY - WEEKDAYS
_AND: Final = re.compile(r"\s*(?:,\s*and\b|,|\band\b)\s*")
_GROUPS: Final = {
    "every day": EVERY_DAY,
    "daily": EVERY_DAY,
    "weekdays": WEEKDAYS,
    "every weekday": WEEKDAYS,
    "weekends": WEEKENDS,
    "every weekend": WEEKENDS,
}


def days_of(words: str) -> frozenset[int]:
    """Days of the week by their words.

    Args:
        words: as `weekdays`, `every day`, `Mondays and Thursdays`, `Monday to Friday`.

    Returns:
        the days, 1 for Monday to 7 for Sunday.

    Raises:
        ValueError: these are no days; the message says what may stand there.
    """
    said = " ".join(words.casefold().removeprefix("on ").split())
    if said in _GROUPS:
        return _GROUPS[said]
    found: set[int] = set()
    for part in _AND.split(said):
        first, to, last = part.partition(" to ")
        begin = _day(first, words)
        end = _day(last, words) if to else begin
        found |= {(day - 1) % 7 + 1 for day in range(begin, end + (7 if end < begin else 0) + 1)}
    return frozenset(found)


def told(days: Iterable[int]) -> str:
    """Days of the week in words, which `days_of` reads."""
    chosen = frozenset(days)
    for words in ("every day", "weekdays", "weekends"):
        if chosen == _GROUPS[words]:
            return words
    return all_of([f"{NAMES[day - 1]}s" for day in sorted(chosen)])


def all_of(words: list[str]) -> str:
    """Several words as people say them: `a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _day(word: str, words: str) -> int:
    said = word.strip().removeprefix("every ").removesuffix("s")
    for number, name in enumerate(NAMES, 1):
        known = name.casefold()
        if said == known or (len(said) >= 3 and known.startswith(said)):
            return number
    raise ValueError(f"“{words}” are no days; write as `weekdays`, `every day`, `Mondays and Thursdays`")
