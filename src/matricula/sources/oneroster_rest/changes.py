"""Which changes to ask for, and from which moment on.

A marker holds for each collection the moment from which changes are asked for next. That is the latest
`dateLastModified` that was seen, but never later than the service's own clock when reading began; and changes are
asked for from an hour before it. Both are needed: a service that copies from a school's system each night shows in the
morning what changed yesterday noon, so its clock is too late a moment; and one date in the future must not hide all
changes until then. Records that come again do no harm. What slips through is seen at the next full reading.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from matricula.roster import Marker

FULL = "full"
"""The marker's name for the moment of the last full reading."""

_OVERLAP = timedelta(hours=1)
_SLACK = timedelta(days=1)  # services that compare days, or clocks of other zones


def is_due(since: Marker | None, days: int, now: datetime) -> bool:
    """Whether everything is to be read again.

    Args:
        since: the marker of the reading before; None where there is none.
        days: after how many days; 0 means always.
        now: the time.
    """
    last = moment(since.get(FULL)) if since else None
    return last is None or now - last >= timedelta(days=days)


def moment(told: object) -> datetime | None:
    """A date with time as OneRoster writes it; without a zone it is taken as UTC. None where it is none."""
    try:
        found = datetime.fromisoformat(str(told).strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def clock(date: str) -> datetime | None:
    """The moment of a header `Date`."""
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None


def filter_of(since: datetime) -> str:
    """The filter that asks for what changed since a moment (REST binding 1.1, 3.4.3)."""
    return f"dateLastModified>'{written(since - _OVERLAP)}'"


def is_ignored(since: datetime, modified: Iterable[object]) -> bool:
    """Whether records came that the filter should have kept back: then the service does not mind filters."""
    earliest = since - _OVERLAP - _SLACK
    return any(found is not None and found < earliest for found in map(moment, modified))


def next_moment(since: str, modified: Iterable[object], date: datetime | None, now: datetime) -> str:
    """From when on to ask next time.

    Args:
        since: the same of the reading before; empty where there is none.
        modified: `dateLastModified` of what came.
        date: the service's clock when reading began; None where it has none.
        now: this computer's clock.

    Returns:
        the moment; empty where no record has a date, so that changes cannot be asked for.
    """
    latest = max((found for found in map(moment, modified) if found is not None), default=None)
    if latest is None:
        return since
    return max(since, written(min(latest, date or now)))


def written(when: datetime) -> str:
    """A moment as OneRoster writes it, in full: `2026-08-15T06:30:00.000Z`."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
