"""Moments that come again, in plain words and as lines of cron: `every day at 02:30` is `30 2 * * *`.

Plain words stand for one line of cron or several (`6:00 and 18:30`). Moments are those of a time zone, as cron
counts them: when clocks go forward, what was due in the hour that is missing is due at its end; when they go back,
a time of day comes once, while what comes every few minutes goes on by the minute.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from matricula.profiles.weekdays import EVERY_DAY, all_of, days_of
from matricula.profiles.weekdays import told as told_days

MAY_STAND: Final = (
    "write a line of cron such as `30 2 * * *`, or words: `every day at 02:30`, `weekdays at 6:00 and 18:00`, "
    "`Mondays and Thursdays at 7:00`, `every 15 minutes`, `every hour`, `weekdays every 30 minutes from 7:00 to "
    "16:00`, `the 1st of every month at 3:00`"
)
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?")
_AND: Final = re.compile(r"\s*(?:,\s*and\b|,|\band\b)\s*")
_EVERY: Final = re.compile(
    r"(?:(?P<days>.*?)\s+)?every\s+(?:(?P<step>\d+)\s+)?(?P<unit>minute|hour)s?"
    r"(?:\s+(?:from|between)\s+(?P<first>[^,]+?)\s+(?:to|until|and)\s+(?P<last>.+?))?(?:\s+on\s+(?P<on>.+))?"
)
_AT: Final = re.compile(r"(?:(?P<days>.+?)\s+)?at\s+(?P<times>.+?)(?:\s+on\s+(?P<on>.+))?")
_MONTHLY: Final = re.compile(
    r"(?:monthly )?(?:on )?the (?P<day>\d{1,2})(?:st|nd|rd|th)?(?: day)?(?: (?:of|in) (?:every|each|the) month)?"
    r" at (?P<times>.+)"
)
_LINE: Final = re.compile(r"(\S+) (\S+) (\S+) \* (\S+)")
_DIVISORS: Final = {"minute": (60, (1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30)), "hour": (24, (1, 2, 3, 4, 6, 8, 12))}


@dataclass(frozen=True)
class Moments:
    """Moments that come again.

    Args:
        lines: lines of cron; each brings moments of its own.
    """

    lines: tuple[str, ...]

    @cached_property
    def words(self) -> str:
        """The moments in plain words."""
        return _told(self.lines)

    def after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first one after a moment.

        Args:
            moment: the moment.
            zone: the time zone that days and hours are meant in.
        """
        return min(_next(line, moment, zone) for line in self.lines).astimezone(UTC)


def _next(line: str, moment: datetime, zone: ZoneInfo) -> datetime:
    # Within the hour that comes twice, a time of day that was in its first half is behind, and is told all the same.
    return next(each for each in CronSim(line, moment.astimezone(zone)) if each > moment)


def moments_of(text: str) -> Moments:
    """Moments by a line of cron or by plain words.

    Raises:
        ValueError: it is neither, or its moments never come; the message says what may stand there.
    """
    said = " ".join(text.split())
    if len(said.split(" ")) == 5 and said[0] in "0123456789*":
        return Moments((_checked(said),))
    words = said.casefold().replace("midnight", "0:00").replace("noon", "12:00")
    words = re.sub(r"^(hourly)\b", "every hour", words)
    for pattern, read in _FORMS:
        found = pattern.fullmatch(words)
        if found is not None:
            lines = read(found, text)
            return Moments(tuple(dict.fromkeys(map(_checked, lines))))
    raise ValueError(f"“{text}” says no moments; {MAY_STAND}")


def _checked(line: str) -> str:
    try:
        next(CronSim(line, datetime(2026, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration) as error:
        raise ValueError(f"`{line}` is no line of cron: {error}; {MAY_STAND}") from error
    return line


def _every(found: re.Match[str], text: str) -> list[str]:
    """`weekdays every 30 minutes from 7:00 to 16:00`."""
    unit, step = found["unit"], int(found["step"] or 1)
    within, divisors = _DIVISORS[unit]
    if step not in divisors:
        known = ", ".join(map(str, divisors))
        raise ValueError(f"“{text}”: {within} {unit}s cannot be divided by {step}; write one of {known}")
    days = _cron_days(found["days"] or found["on"])
    if unit == "hour":
        hours = f"*/{step}" if step > 1 else "*"
        if found["first"]:
            first, last = _full_hours(found, text)
            hours = ",".join(map(str, range(first, last + 1, step)))
        return [f"0 {hours} * * {days}"]
    minutes = f"*/{step}" if step > 1 else "*"
    hours = "*"
    if found["first"]:
        first, last = _full_hours(found, text)
        if last <= first:
            raise ValueError(f"“{text}”: it ends before it begins; write the earlier time first")
        hours = str(first) if last - first == 1 else f"{first}-{last - 1}"
    return [f"{minutes} {hours} * * {days}"]


def _full_hours(found: re.Match[str], text: str) -> tuple[int, int]:
    begin, end = _time(found["first"], text), _time(found["last"], text)
    end = (24, 0) if end == (0, 0) else end
    if begin[1] or end[1]:
        raise ValueError(f"“{text}”: write full hours, as `from 7:00 to 16:00`")
    return begin[0], end[0]


def _at(found: re.Match[str], text: str) -> list[str]:
    """`Mondays and Thursdays at 7:00 and 18:30`."""
    return _lines(found["times"], "*", _cron_days(found["days"] or found["on"]), text)


def _monthly(found: re.Match[str], text: str) -> list[str]:
    """`the 1st of every month at 3:00`."""
    day = int(found["day"])
    if not 1 <= day <= 28:
        raise ValueError(f"“{text}”: not every month has a day {day}; write one from 1 to 28")
    return _lines(found["times"], str(day), "*", text)


def _lines(times: str, day: str, days: str, text: str) -> list[str]:
    """One line for all times with the same minute."""
    hours: dict[int, set[int]] = {}
    for hour, minute in (_time(each, text) for each in _AND.split(times)):
        hours.setdefault(minute, set()).add(hour)
    return [f"{minute} {','.join(map(str, sorted(of)))} {day} * {days}" for minute, of in sorted(hours.items())]


def _time(said: str, text: str) -> tuple[int, int]:
    found = _TIME.fullmatch(said.strip())
    if found is not None:
        hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        elif half or (found[2] is None):
            hour = 99
        if hour <= 23 and minute <= 59:
            return hour, minute
    raise ValueError(f"“{text}”: “{said}” is no time of day; write it as 7:00, 18:30 or 6 am")


def _cron_days(words: str | None) -> str:
    days = days_of(words) if words else EVERY_DAY
    if days == EVERY_DAY:
        return "*"
    ordered = sorted(days)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{ordered[0]}-{ordered[-1]}"
    return ",".join(map(str, ordered))


_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str], str], list[str]]], ...]] = (
    (_MONTHLY, _monthly),
    (_EVERY, _every),
    (_AT, _at),
)


def _told(lines: tuple[str, ...]) -> str:
    """Lines of cron in words: in our own where they have one that reads back as the same, else in cron-descriptor's."""
    own = _own_words(lines)
    if own is not None:
        try:
            if moments_of(own).lines == lines:
                return own
        except ValueError:
            pass
    from cron_descriptor import Options, get_description  # type: ignore[import-untyped]  # it takes longer to load than most commands

    options = Options()
    options.use_24hour_time_format = True
    told = [get_description(line, options) for line in lines]
    return all_of([each[:1].lower() + each[1:] for each in told])


def _own_words(lines: tuple[str, ...]) -> str | None:
    parts = [_LINE.fullmatch(line) for line in lines]
    found = [part.groups() for part in parts if part is not None]
    if len(found) < len(lines) or len({part[2:] for part in found}) > 1:
        return None
    minute, hour, day, days = found[0]
    if minute.startswith("*") or (minute == "0" and hour.startswith("*")):
        return _own_every(minute, hour, days) if len(found) == 1 and day == "*" else None
    if not all(re.fullmatch(r"\d+", each[0]) and re.fullmatch(r"\d+(,\d+)*", each[1]) for each in found):
        return None
    times = sorted((int(one), int(each[0])) for each in found for one in each[1].split(","))
    told = all_of([f"{hour:02}:{minute:02}" for hour, minute in times])
    if day == "*":
        return f"{_own_days(days)} at {told}"
    return f"the {day}{_ORDINALS.get(day, 'th')} of every month at {told}"


def _own_every(minute: str, hour: str, days: str) -> str | None:
    by_hour = minute == "0"
    step = (hour if by_hour else minute).removeprefix("*").removeprefix("/") or "1"
    unit = "hour" if by_hour else "minute"
    every = f"every {unit}" if step == "1" else f"every {step} {unit}s"
    if not by_hour and hour != "*":
        first, _, last = hour.partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            return None
        every += f" from {int(first):02}:00 to {(int(last or first) + 1) % 24:02}:00"
    return every if days == "*" else f"{_own_days(days)} {every}"


def _own_days(days: str) -> str:
    if days == "*":
        return told_days(EVERY_DAY)
    chosen: set[int] = set()
    for part in days.split(","):
        first, _, last = part.partition("-")
        if not (first.isdigit() and (last or first).isdigit()):
            return days
        chosen |= set(range(int(first), int(last or first) + 1))
    return told_days(chosen) if chosen <= EVERY_DAY else days


_ORDINALS: Final = {"1": "st", "2": "nd", "3": "rd", "21": "st", "22": "nd", "23": "rd"}
