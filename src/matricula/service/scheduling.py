"""What is done by itself: which schedules there are, when each is due, and asking for what is due.

Any number of processes may do this at once. A schedule is served by one transaction, in which it is noted as served and
the job is asked for; whoever comes second finds that it was served.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from matricula import logs
from matricula.errors import MatriculaError
from matricula.hub import Home
from matricula.hub.standing import obstacle_of
from matricula.profiles import Profile
from matricula.profiles.documents import Schedule, Scheduled
from matricula.profiles.moments import Moments
from matricula.service.jobs import Jobs
from matricula.store import Due

BY: Final = "schedule"
"""Who asks for what is done by itself."""
LATE: Final = timedelta(minutes=10)
"""What is due for longer was missed."""
_FIRST_HOUR, _HOURS = 1, 4
"""Between one and five in the morning what has to be done every day is spread."""
_FAR: Final = 400


@dataclass(frozen=True)
class Plan:
    """One schedule: what is asked for, and when.

    Args:
        name: its name among all.
        kind: the kind of job.
        profile: the profile concerned, with its rules on schedules; None where none is.
        site: the site concerned; empty where none is.
        moments: when.
        zone: the time zone meant.
        jitter: up to so many seconds later.
    """

    name: str
    kind: str
    profile: Profile | None
    site: str
    moments: Moments
    zone: str
    jitter: int = 0

    @property
    def rule(self) -> str:
        """What it says, as one text."""
        return " | ".join([self.kind, *self.moments.lines, self.zone, str(self.jitter), self.site])

    def after(self, moment: datetime) -> datetime:
        """Its first moment after another one, with what its jitter adds."""
        zone = ZoneInfo(self.zone)
        best: datetime | None = None
        plain = moment - timedelta(seconds=self.jitter + 1)
        for _ in range(_FAR):
            plain = self.moments.after(plain, zone)
            if best is not None and plain >= best:
                break
            moved = plain + timedelta(seconds=self._later(plain))
            if moved > moment and (best is None or moved < best):
                best = moved
        return best or plain

    def is_quiet(self, moment: datetime) -> bool:
        """Whether nothing of it is begun at a moment."""
        return self.profile is not None and self.profile.schedule.is_quiet(moment, ZoneInfo(self.zone))

    @property
    def catches_up(self) -> bool:
        """Whether what was missed is done once."""
        return self.profile is None or self.profile.schedule.catch_up

    def _later(self, moment: datetime) -> int:
        """The same for all processes, another one for each site and moment."""
        return _drawn(f"{self.site} {moment:%Y-%m-%dT%H:%M}") % (self.jitter + 1) if self.jitter else 0


@dataclass(frozen=True)
class Next:
    """What is done next of a profile by itself.

    Args:
        at: when; None where its schedule is empty.
        kind: the kind of job; empty where its schedule is empty.
        words: its whole schedule in words, one line for each entry.
        obstacle: why nothing of it is begun at present; empty where nothing is in the way.
    """

    at: datetime | None
    kind: str
    words: tuple[str, ...]
    obstacle: str


class Schedules:
    """Asks for jobs when their moment has come.

    Args:
        home: the home.
        jobs: where they are asked for.
    """

    def __init__(self, home: Home, jobs: Jobs) -> None:
        self._home = home
        self._store = home.store
        self._jobs = jobs

    def tick(self, at: datetime | None = None) -> None:
        """Ask for what is due; twice, or by several processes, does no harm.

        Args:
            at: the moment meant; by default now.
        """
        now = at or self._store.jobs.now()
        seen, profiles = self._store.dues.all(), self._home.profiles(readable=True)
        plans = {plan.name: plan for plan in self.all(profiles)}
        for name in seen.keys() - plans.keys():
            self._store.dues.forget(name)
        for name, plan in plans.items():
            due = seen.get(name)
            if due is None or due.rule != plan.rule:
                self._store.dues.begin(Due(name, plan.rule, now, plan.after(now)))
            elif due.next_at is not None and due.next_at <= now:
                self._serve(plan, due, profiles, now)

    def all(self, profiles: list[Profile] | None = None) -> Iterator[Plan]:
        """All schedules: those of profiles, and what has to be done every day."""
        for profile in self._home.profiles(readable=True) if profiles is None else profiles:
            yield from _of_profile(profile)
        zone = self._home.service().timezone
        yield Plan("purge", "purge", None, "", _nightly("purge"), zone)
        if self._home.names("tool"):
            yield Plan("tools-check", "tools-check", None, "", _nightly("tools-check"), zone)
        for site in self._home.names("site"):
            yield Plan(f"check {site}", "check", None, site, _nightly(f"check {site}"), zone)

    def next_of(self, profile: Profile, at: datetime, kind: str = "") -> Next:
        """What is done next of a profile by itself.

        Args:
            profile: the profile.
            at: the moment from which on.
            kind: only jobs of this kind; by default of any.
        """
        zone = ZoneInfo(profile.timezone)
        plans = [plan for plan in _of_profile(profile) if kind in ("", plan.kind)]
        moments = [(_unquiet(plan.after(at), profile.schedule, zone), plan.kind) for plan in plans]
        first, next_kind = min(moments, default=(None, ""))
        obstacle = obstacle_of(profile, self._home.profiles(readable=True), at)
        words = tuple(f"{told(each)}: {each.do}" for each in profile.schedule.entries)
        return Next(first, next_kind, words, obstacle.what if obstacle else "")

    def _serve(self, plan: Plan, due: Due, profiles: list[Profile], now: datetime) -> None:
        if plan.is_quiet(now) and plan.catches_up:
            return  # it is due until they are over
        missed = due.next_at is not None and now - due.next_at > LATE and not plan.catches_up
        kept_from = plan.profile is not None and obstacle_of(plan.profile, profiles, now) is not None
        profile = plan.profile.name if plan.profile is not None else ""
        with self._store.begin():
            if not self._store.dues.serve(due, now, plan.after(now)):
                return
            if missed or kept_from or plan.is_quiet(now):
                return
            job = self._asked(plan, profile)
        if job is not None:
            self._jobs.hurry(job)

    def _asked(self, plan: Plan, profile: str) -> int | None:
        try:
            return self._jobs.note(plan.kind, profile=profile, site=plan.site, by=BY).id
        except MatriculaError as error:  # a document that is wrong must not keep all others from their moment
            logs.event("schedule", code=error.code, kind=plan.kind, profile=profile, site=plan.site)
            return None


def told(entry: Scheduled) -> str:
    """When an entry is due, in words."""
    later = f", up to {entry.jitter} minutes later" if entry.jitter else ""
    return f"{entry.moments.words}{later}"


def _of_profile(profile: Profile) -> Iterator[Plan]:
    for number, entry in enumerate(profile.schedule.entries, 1):
        yield Plan(
            f"profile {profile.name} {number}",
            entry.do,
            profile,
            profile.site,
            entry.moments,
            profile.timezone,
            entry.jitter * 60,
        )


def _nightly(name: str) -> Moments:
    drawn = _drawn(name)
    return Moments((f"{drawn % 60} {_FIRST_HOUR + drawn // 60 % _HOURS} * * *",))


def _drawn(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])


def _unquiet(moment: datetime, schedule: Schedule, zone: ZoneInfo) -> datetime:
    """When what is due at a moment is really begun: at the end of quiet hours, where it lies in such."""
    begun = moment.astimezone(UTC)
    for _ in range(_MINUTES_OF_A_WEEK):
        if not schedule.is_quiet(begun, zone):
            break
        begun = begun.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return begun


_MINUTES_OF_A_WEEK: Final = 7 * 24 * 60
