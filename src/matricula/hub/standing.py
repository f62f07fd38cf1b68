"""How each profile stands: whether its plans may be applied now, and which profile stands before it.

Two enabled profiles of one site that are both in their synchronisation windows today would undo each other's work:
only the first of them runs. First is the one whose window began earlier, then the one whose name comes first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from matricula.errors import SettingError
from matricula.hub.home import Home
from matricula.profiles import Profile
from matricula.profiles.documents import Days
from matricula.store import Run

Status = Literal["Disabled", "Pending", "Queued", "Running", "Done", "Failed", "Held"]
_OPEN = Days(start=None, end=None)


@dataclass(frozen=True)
class Standing:
    """How one profile stands.

    Args:
        profile: its name.
        site: its site.
        source: its source.
        window: its synchronisation window; open at both ends where the profile names none.
        status: in one word.
        says: in one sentence.
        before: the profile that stands before it today; None where none does.
        overlaps: other enabled profiles of the site whose windows have a day in common with this one's.
        obstacle: why no plan of it may be applied now; None where one may.
    """

    profile: str
    site: str
    source: str
    window: Days
    status: Status
    says: str
    before: str | None
    overlaps: tuple[str, ...]
    obstacle: SettingError | None


def standings(home: Home, at: datetime | None = None) -> list[Standing]:
    """How all profiles stand, by name.

    Args:
        home: the home.
        at: the moment meant; by default now. Days are those of each profile's time zone.
    """
    profiles = home.profiles()
    return [_standing(home, profile, profiles, at or datetime.now(UTC)) for profile in profiles]


def standing_of(home: Home, name: str, at: datetime | None = None) -> Standing:
    """How one profile stands; raises UsageError where there is none."""
    return _standing(home, home.profile(name), home.profiles(), at or datetime.now(UTC))


def obstacle_of(profile: Profile, profiles: Iterable[Profile], at: datetime) -> SettingError | None:
    """Why no plan of a profile may be applied at a moment; None where one may.

    Args:
        profile: the profile.
        profiles: all that there are.
        at: the moment.
    """
    return _obstacle(profile, _first(profile, overlapping(profile, profiles), at), at)


def overlapping(profile: Profile, others: Iterable[Profile]) -> list[Profile]:
    """Other enabled profiles of the site whose windows meet the profile's, and that do not run beside it."""
    return [
        other
        for other in others
        if other.name != profile.name
        and other.site == profile.site
        and other.enabled
        and other.name not in profile.beside
        and profile.name not in other.beside
        and _window(other).meets(_window(profile))
    ]


def _standing(home: Home, profile: Profile, profiles: list[Profile], at: datetime) -> Standing:
    overlaps = overlapping(profile, profiles)
    first = _first(profile, overlaps, at)
    obstacle = _obstacle(profile, first, at)
    status, says = _status(home, profile, obstacle, at)
    return Standing(
        profile=profile.name,
        site=profile.site,
        source=profile.source,
        window=_window(profile),
        status=status,
        says=says,
        before=first.name if first else None,
        overlaps=tuple(other.name for other in overlaps),
        obstacle=obstacle,
    )


def _first(profile: Profile, overlaps: list[Profile], at: datetime) -> Profile | None:
    """The profile that stands before another one today."""
    if not profile.enabled or not _is_open(profile, at):
        return None
    waiting = [other for other in overlaps if _is_open(other, at) and _rank(other) < _rank(profile)]
    return min(waiting, key=_rank, default=None)


def _obstacle(profile: Profile, first: Profile | None, at: datetime) -> SettingError | None:
    where = f"profile {profile.name}"
    window, today = _window(profile), _today(profile, at)
    if not profile.enabled:
        return SettingError(
            "The profile is disabled.",
            where=where,
            remedy=f"Enable it with `matricula profile enable {profile.name}`, then apply.",
            code="profile-disabled",
        )
    if not window.holds(today):
        early = window.start is not None and today < window.start
        told = f"opens on {window.start}" if early else f"closed on {window.end}"
        return SettingError(
            f"Its synchronisation window {told}; today is {today} in {profile.timezone}.",
            where=where,
            remedy="Wait until then, or set `window` in the profile and load it again."
            if early
            else "Set `window` in the profile and load it again, or go on with a copy for the new year: "
            f"`matricula profile copy {profile.name} NEW`.",
            code="profile-outside-window",
        )
    if first is not None:
        return SettingError(
            f"The profile {first.name} of the same site stands before it: both windows are open today.",
            where=where,
            remedy=f"Disable it with `matricula profile disable {first.name}`, end its window, or, if the two look "
            f"after other people and classes, name it in `beside` of profile {profile.name}.",
            code="profile-queued",
        )
    return None


def _status(home: Home, profile: Profile, obstacle: SettingError | None, at: datetime) -> tuple[Status, str]:
    live = home.store.runs.live(profile.site)
    if live is not None and live.profile == profile.name:
        return "Running", f"Run {live.id} is applying plan {live.plan}."
    last = next(iter(home.store.runs.all(profile.name, 1, sites=(profile.site,))), None)
    if obstacle is not None:
        return _kept_from(profile, obstacle, last, at), obstacle.what
    latest = home.store.plans.latest(profile.name, profile.site)
    if latest is not None and latest.state == "held":
        return "Held", f"Plan {latest.number} waits for a person: `matricula show {latest.number}`."
    if last is None:
        return "Pending", "Nothing was applied yet."
    if last.state == "done":
        return "Done", f"Run {last.id} applied plan {last.plan}."
    goes_on = home.store.plans.get(last.plan).state in ("ready", "released")
    remedy = f"`matricula apply {last.plan}` goes on with it" if goes_on else "make a new plan"
    return "Failed", f"Run {last.id} broke off; {remedy}."


def _kept_from(profile: Profile, obstacle: SettingError, last: Run | None, at: datetime) -> Status:
    if obstacle.code == "profile-disabled":
        return "Disabled"
    if obstacle.code == "profile-queued":
        return "Queued"
    start = _window(profile).start
    early = start is not None and _today(profile, at) < start
    return "Done" if last is not None and last.state == "done" and not early else "Pending"


def _window(profile: Profile) -> Days:
    return profile.window or _OPEN


def _today(profile: Profile, at: datetime) -> date:
    return at.astimezone(ZoneInfo(profile.timezone)).date()


def _is_open(profile: Profile, at: datetime) -> bool:
    return _window(profile).holds(_today(profile, at))


def _rank(profile: Profile) -> tuple[date, str]:
    return _window(profile).start or date.min, profile.name
