"""Retention: what is older than a profile wants it kept is purged, when somebody asks and once a day by itself."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from matricula import logs
from matricula.errors import MatriculaError
from matricula.hub.backups import copies_beside
from matricula.hub.home import Home
from matricula.hub.persons import person
from matricula.hub.uploads import remove_uploads
from matricula.profiles.documents import Retention
from matricula.provider.lasting import PUBLISHED, REMEMBERED
from matricula.store import Until

NOTICES = timedelta(days=90)
"""So long notices that are over are kept, with the messages that told of them, and wishes that nothing served."""
UNUSED = timedelta(days=30)
"""So long the delivery of a source is kept that no profile names: somebody may be about to write one."""
DAILY = timedelta(hours=20)
"""By itself a purge is done no more often than this, so that a nightly run does one each night."""
COPIES = timedelta(days=90)
"""So long the copies stay that upgrades and restores leave beside the state."""
WORTH_REWRITING = 0.2
"""From this share of free room on the file is written anew."""
_BY_ITSELF = "matricula"
_OF_PEOPLE = (
    *("change", "finding", "identity", "job", "job_line", "kept_delivery", "kept_table"),
    *(
        "learnt_grade",
        "learnt_submission",
        "ledger",
        "outcome",
        "plan",
        "portal_session",
        "problem",
        "sign_on_grant",
        "tool_preview",
        "tool_student",
        "wish",
    ),
)


@dataclass(frozen=True)
class Purged:
    """What was purged, or would be.

    Args:
        profiles: rows by table for each profile that had any.
        deliveries: sources whose kept delivery went, with the files that were handed over for them.
        notices: rows of notices, messages and wishes, of the audit log about no profile, and of what was read of sites
            and is no longer there, by table.
        smaller: whether the state's file was written anew.
        copies: names of copies of the state that upgrades and restores had left beside it.
    """

    profiles: dict[str, dict[str, int]]
    deliveries: tuple[str, ...]
    notices: dict[str, int] = field(default_factory=dict)
    smaller: bool = False
    copies: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """Rows by table over all profiles."""
        totals: dict[str, int] = {}
        for counts in (*self.profiles.values(), self.notices):
            for name, number in counts.items():
                totals[name] = totals.get(name, 0) + number
        return totals | ({"kept_delivery": len(self.deliveries)} if self.deliveries else {})


def purge(home: Home, *, dry_run: bool = False, by: str = "", at: datetime | None = None) -> Purged:
    """Remove what the profiles no longer want kept.

    Args:
        home: the home.
        dry_run: whether it is only counted.
        by: who asked for it; by default the person at the keyboard.
        at: the moment from which days are counted back; by default now.
    """
    now = at or datetime.now(UTC)
    act = home.store.purging.counts if dry_run else home.store.purging.purge
    profiles = {until.profile: counts for until in _untils(home, now) if (counts := act(until))}
    deliveries = home.store.purging.old_deliveries(_kept_from(home, now), now - UNUSED)
    copies = [each for each in copies_beside(home) if each.stat().st_mtime < (now - COPIES).timestamp()]
    notices = home.store.notices.purge(now - NOTICES, dry_run=dry_run) | _old_of_home(home, now, dry_run=dry_run)
    notices |= _old_learning(home, now, dry_run=dry_run)
    purged = Purged(profiles, tuple(deliveries), notices, copies=tuple(each.name for each in copies))
    if dry_run:
        return purged
    for source in deliveries:
        home.store.kept.forget(source)
        remove_uploads(home, source)
    for each in copies:
        each.unlink(missing_ok=True)
    home.store.acts.note("purge", by or person(), purged.counts)
    logs.event("purged", **{f"rows_{name}": number for name, number in purged.counts.items()})
    return purged


def make_smaller(home: Home, *, always: bool = False) -> bool:
    """Give the room that purges left back to the disk where that is worth while, or in any case."""
    return (always or home.store.idle_share() > WORTH_REWRITING) and home.store.scrub(_OF_PEOPLE if always else ())


def purge_daily(home: Home) -> None:
    """Purge if that was not done today; whatever happens, the run that it follows is done."""
    try:
        last = home.store.acts.all("purge", 1)
        if not last or datetime.now(UTC) - last[0].at > DAILY:
            purge(home, by=_BY_ITSELF)
    except MatriculaError as error:
        logs.event("purge failed", code=error.code)


def _old_of_home(home: Home, now: datetime, *, dry_run: bool) -> dict[str, int]:
    """Previews of tools, and what the audit log holds of no profile, stay as long as the longest-kept plans."""
    days = max((retention_of(home, name).plans for name in home.names("profile")), default=Retention().plans)
    since = now - timedelta(days=days)
    counts = {
        "audited": home.store.purging.purge_audit(since, dry_run=dry_run),
        "portal_session": home.store.portal_sessions.purge(now, now - UNUSED, dry_run=dry_run),
        "sign_on_grant": home.store.sign_on_grants.purge(now - REMEMBERED, dry_run=dry_run),
        "signing_key": home.store.signing_keys.purge(now - PUBLISHED, dry_run=dry_run),
        "tool_preview": home.store.tool_previews.purge(since, dry_run=dry_run),
        "seen_request": home.store.seen_requests.purge(now, dry_run=dry_run),
    }
    return {name: number for name, number in counts.items() if number}


def _old_learning(home: Home, now: datetime, *, dry_run: bool) -> dict[str, int]:
    """What was read of a site and is no longer there is kept as long as the profile that keeps grades longest."""
    counts: dict[str, int] = {}
    for site in home.names("site"):
        profiles = [each.retention for each in home.profiles(readable=True) if each.site == site]
        days = max((each.grades for each in profiles), default=Retention().grades)
        found = home.store.purging.purge_learning(site, now - timedelta(days=days), dry_run=dry_run)
        counts |= {name: counts.get(name, 0) + number for name, number in found.items()}
    return counts


def retention_of(home: Home, profile: str) -> Retention:
    """How long a profile wants things kept; where its document is gone or wrong, the default."""
    try:
        return home.profile(profile).retention
    except MatriculaError:
        return Retention()


def sources_of(home: Home, source: str) -> Iterator[str]:
    """A source and those that it is made of."""
    yield source
    try:
        settings: Any = home.source(source).settings
    except MatriculaError:
        return
    if settings.type == "combined":
        for each in (settings.courses, settings.people):
            yield from sources_of(home, each) if each != source else ()


def _untils(home: Home, now: datetime) -> Iterator[Until]:
    for name in sorted({*home.names("profile"), *home.store.purging.profiles()}):
        wanted = retention_of(home, name)
        yield Until(name, now - timedelta(days=wanted.plans), now - timedelta(days=wanted.grades))


def _kept_from(home: Home, now: datetime) -> dict[str, datetime]:
    """For each source that a profile uses, from when on its delivery is kept: the longest time that one wants."""
    since: dict[str, datetime] = {}
    for name in home.names("profile"):
        from_when = now - timedelta(days=retention_of(home, name).deliveries)
        for source in sources_of(home, home.profile(name).source):
            since[source] = min(from_when, since.get(source, from_when))
    return since
