"""Academic years: which one a course belongs to, and whether it is this one's, history, or yet to come."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from matricula.moodle import Course
from matricula.profiles.documents import Import

Standing = Literal["current", "history", "later"]


@dataclass(frozen=True)
class Year:
    """An academic year.

    Args:
        ends: the calendar year in which it ends, by which OneRoster names it.
        begins: its first day as month-day.
    """

    ends: int
    begins: str

    @property
    def first(self) -> date:
        """Its first day."""
        month, day = map(int, self.begins.split("-"))
        year = self.ends if (month, day) == (1, 1) else self.ends - 1
        return date(year, month, day)

    @property
    def last(self) -> date:
        """Its last day."""
        return Year(self.ends + 1, self.begins).first - timedelta(days=1)

    @property
    def title(self) -> str:
        """As people write it: 2026/27."""
        first = self.first.year
        return str(first) if first == self.last.year else f"{first}/{self.last.year % 100:02}"

    @classmethod
    def of(cls, day: date, begins: str) -> "Year":
        """The year in which a day lies."""
        year = cls(day.year, begins)
        return year if day <= year.last else cls(day.year + 1, begins)


def current_year(settings: Import, today: date) -> Year:
    """The academic year that counts as the current one."""
    if settings.year is not None:
        return Year(settings.year, settings.year_begins)
    return Year.of(today, settings.year_begins)


def day_of(seconds: int, zone: str) -> date:
    """The day of a moment of Moodle's (seconds since 1970) in a time zone."""
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZoneInfo(zone)).date()


def standing_of(course: Course, now: Year, settings: Import) -> tuple[Standing, Year]:
    """How a course stands, and the year that it belongs to.

    It is of the current year where it begins in it, and where it began earlier and runs on: it ends in that year or
    later, or has no end and is not hidden. A course that ended earlier, or was hidden without an end, is history.
    """
    begins = Year.of(day_of(course.start, settings.timezone), settings.year_begins) if course.start else now
    if begins.ends > now.ends:
        return "later", begins
    if begins.ends == now.ends:
        return "current", now
    runs = day_of(course.end, settings.timezone) >= now.first if course.end else course.visible is not False
    return ("current", now) if runs else ("history", begins)
