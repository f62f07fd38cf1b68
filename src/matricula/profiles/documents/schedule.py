"""The profile's part on when things are done by themselves."""

import re
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field

from matricula.profiles.documents.base import Document
from matricula.profiles.moments import Moments, moments_of
from matricula.profiles.weekdays import days_of

_HOURS: Final = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*(?:-|–|to)\s*([01]?\d|2[0-3]):([0-5]\d)")


def _of_moments(text: str) -> str:
    moments_of(text)
    return text


def _of_days(text: str) -> str:
    days_of(text)
    return text


def _of_hours(text: str) -> str:
    _span(text)
    return text


def _span(text: str) -> tuple[time, time]:
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"“{text}” are no hours; write as 08:00-15:30, or 22:00-05:00 over midnight")
    first, last = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if first == last:
        raise ValueError(f"“{text}” ends when it begins; write as 08:00-15:30")
    return first, last


class Scheduled(Document):
    """Something that is done by itself, again and again."""

    at: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_of_moments)] = Field(
        description="When: plain words such as `every day at 02:30`, `weekdays at 6:00 and 18:00`, `every 15 minutes`, "
        "`Mondays at 7:00`, or a line of cron such as `30 2 * * *`.",
    )
    do: Literal["run", "plan", "observe", "verify", "read", "learning", "grades"] = Field(
        "run",
        description="What: `run` plans, and writes the plan unless it waits for a person; `plan` only plans; `observe` "
        "looks for what was edited in Moodle; `verify` compares everything; `read` only reads the source; `learning` "
        "reads grades and submissions; `grades` plans a transfer of grades, and sends it unless it waits for a person.",
    )
    jitter: int = Field(
        0, ge=0, le=720, description="Up to so many minutes later, so that not all sites begin at the same moment."
    )

    @cached_property
    def moments(self) -> Moments:
        """When, as it was read."""
        return moments_of(self.at)


class Quiet(Document):
    """Hours in which nothing is begun by itself."""

    hours: Annotated[str, AfterValidator(_of_hours)] = Field(
        description="From when to when, as 08:00-15:30; 22:00-05:00 goes over midnight."
    )
    on: Annotated[str, AfterValidator(_of_days)] = Field(
        "every day", description="On which days they begin: `every day`, `weekdays`, `Mondays and Thursdays`."
    )

    def holds(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether a moment lies in them."""
        first, last = _span(self.hours)
        days, here = days_of(self.on), moment.astimezone(zone)
        today, clock = here.isoweekday(), here.time()
        if first < last:
            return today in days and first <= clock < last
        yesterday = (here.date() - timedelta(days=1)).isoweekday()
        return (today in days and clock >= first) or (yesterday in days and clock < last)


class Schedule(Document):
    """What is done by itself, and when."""

    entries: tuple[Scheduled, ...] = Field((), max_length=50, description="What is done when; by default nothing.")
    quiet: tuple[Quiet, ...] = Field(
        (),
        max_length=20,
        description="Hours in which nothing is begun by itself; what is due then is done at their end.",
    )
    catch_up: bool = Field(
        True,
        description="Whether what was due while nothing was at work, or in quiet hours, is done once as soon as it can "
        "be; else it is left out until its next moment.",
    )

    def is_quiet(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether nothing is begun by itself at a moment."""
        return any(each.holds(moment, zone) for each in self.quiet)
