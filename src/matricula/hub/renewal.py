"""Profiles enabled, disabled, and carried over to the next year."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from matricula.errors import StopError, UsageError
from matricula.hub.home import Home
from matricula.hub.persons import person
from matricula.hub.standing import overlapping
from matricula.profiles.documents import Days
from matricula.profiles.reading import parse_documents, read_profile, rewritten


@dataclass(frozen=True)
class Copied:
    """A profile that was carried over.

    Args:
        old: the profile copied.
        new: the new one.
        records: how many records the ledger knows for the new one now.
        decisions: how many of its people a person has said which account is theirs.
        disabled: whether the old one was disabled.
        overlaps: whether both may run on the same days, so that the one stands before the other.
    """

    old: str
    new: str
    records: int
    decisions: int
    disabled: bool
    overlaps: bool


def set_enabled(home: Home, name: str, *, enabled: bool) -> int:
    """Enable or disable a profile; comments of its document are kept.

    Returns:
        the revision of its document.
    """
    body = rewritten(home.written("profile", name).body, {"enabled": enabled})
    return home.store.documents.save("profile", name, body, by=person())


def copy_profile(
    home: Home,
    old: str,
    new: str,
    *,
    period: str | None = None,
    window: Days | None = None,
    source: str | None = None,
    disable_old: bool = False,
) -> Copied:
    """Carry a profile over to the next year: all settings, and what its ledger knows.

    Args:
        home: the home.
        old: the profile.
        new: the name of the copy.
        period: its academic period; by default that of the old one.
        window: its synchronisation window; by default that of the old one.
        source: its source; by default that of the old one.
        disable_old: whether the old profile is disabled.

    Raises:
        UsageError: there is no old profile, or the new one is there already.
        SettingError: the copy would not be a profile.
        StopError: a run of the old one is under way or was not settled.
    """
    before = home.profile(old)
    if new in home.names("profile"):
        raise UsageError(
            f"There is a profile {new} already.",
            where=f"profile {new}",
            remedy="Give the copy another name.",
            code="profile-exists",
        )
    _refuse_unsettled(home, old, before.site)
    named = {"period": period, "window": _as_written(window), "source": source}
    settings: dict[str, Any] = {"name": new, **{name: value for name, value in named.items() if value is not None}}
    if not before.enabled:
        settings["enabled"] = True
    body = rewritten(home.written("profile", old).body, settings)
    (document,) = parse_documents(body, f"profile {new}")
    profile = read_profile(document.content, f"profile {new}", document.lines)
    with home.store.begin():
        home.store.documents.save("profile", new, body, by=person())
        records = home.store.ledger.copy(old, new)
        decisions = home.store.identities.copy(old, new)
        home.store.drift.copy(old, new)
        if disable_old:
            set_enabled(home, old, enabled=False)
    overlaps = bool(overlapping(profile, [home.profile(old)]))
    return Copied(old, new, records, decisions, disable_old, overlaps)


def days_of(text: str) -> Days:
    """A stretch of days from `2027-08-01..2028-07-31`; either end may be left open.

    Raises:
        UsageError: it is not one.
    """
    start, _, end = (part.strip() for part in text.partition(".."))
    try:
        days = Days(start=date.fromisoformat(start) if start else None, end=date.fromisoformat(end) if end else None)
    except ValueError as error:
        raise _no_window(text) from error
    if ".." not in text:
        raise _no_window(text)
    return days


def _no_window(text: str) -> UsageError:
    return UsageError(
        f"“{text}” is no window.",
        where="--window",
        remedy="Write its first and last day, in this order, with two dots between, as 2027-08-01..2028-07-31; an end "
        "may be left out.",
        code="window-unreadable",
    )


def _as_written(window: Days | None) -> dict[str, date] | None:
    return window.model_dump(exclude_none=True) if window else None


def _refuse_unsettled(home: Home, name: str, site: str) -> None:
    live, unfinished = home.store.runs.live(site), home.store.runs.unfinished(site)
    for run in (live, unfinished):
        if run is not None and run.profile == name:
            raise StopError(
                f"Run {run.id} of the profile {name} is under way, or broke off and was not settled.",
                where=f"profile {name}",
                remedy=f"Wait until it has ended, or settle it with `matricula plan {name}`; then copy.",
                code="profile-busy",
            )
