"""Noticing: what the state says that people have to be told of, and what is over.

It reads the state and not what a job reports, so that a run from the command line is noticed, too, and so that nothing
is missed when a process dies. `Noticing.look` may be called as often as one likes, by any number of processes.
"""

from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from matricula import logs
from matricula.errors import MatriculaError
from matricula.hub import Home
from matricula.hub.grades import goes_to_sink
from matricula.moodle.errors import TokenRefused
from matricula.service.causes import (
    broken_off,
    conflicts,
    expires,
    failed,
    held,
    mapping_wrong,
    more_problems,
    token_refused,
    tool_wrong,
)
from matricula.service.notices import Notices
from matricula.store import Cause, EndedJob, PlanRecord

#: Kinds of jobs that bring a profile's data to its site: one that is done shows that what kept them from it has gone.
CARRYING: Final = ("run", "apply", "changed")
#: Days before a token's last day on which people are told.
WARNED: Final = (30, 7, 1)

Seen = tuple[Cause, datetime]


class Noticing:
    """Looks at the state, tells of what is new, and closes what is over.

    Args:
        home: the home.
        notices: where people are told.
    """

    def __init__(self, home: Home, notices: Notices) -> None:
        self._home = home
        self._store = home.store
        self._notices = notices

    def look(self, now: datetime | None = None) -> None:
        """Look at everything once.

        Args:
            now: the moment meant; by default now.
        """
        moment = now or datetime.now(UTC)
        for part in (self._plans, self._failures, self._problems, self._conflicts, self._tokens, self._tools):
            try:
                part(moment)
            except MatriculaError as error:  # one that cannot be looked at must not hide the others
                logs.event("noticing failed", code=error.code)

    def _plans(self, now: datetime) -> None:
        current = [
            (held(plan, self._concerned(plan)), plan.created_at)
            for plan in map(self._store.plans.get, self._store.watching.held_plans())
        ]
        self._settle("held-plan", current, now)

    def _problems(self, now: datetime) -> None:
        newest, told = self._store.watching.newest_problems(), self._store.notices.told_marks("new-problems")
        for notice in self._store.notices.open(kind="new-problems"):
            if notice.profile not in newest:
                self._notices.over(notice.cause, now)
        for profile, at in newest.items():
            if profile in told and at <= datetime.fromisoformat(told[profile]):
                continue
            site = self._site_of(profile)
            if site is None:
                continue
            since = datetime.fromisoformat(told[profile]) if profile in told else None
            cause = more_problems(profile, site, self._store.problems.all(profile), since, at)
            for older in self._store.notices.open(kind="new-problems", profile=profile):
                self._notices.over(older.cause, now)
            self._notices.raise_(cause, at, now)

    def _conflicts(self, now: datetime) -> None:
        newest, counts = self._store.conflicts.newest(), self._store.conflicts.counts()
        told = self._store.notices.told_marks("grade-conflicts")
        for notice in self._store.notices.open(kind="grade-conflicts"):
            if notice.profile not in newest:
                self._notices.over(notice.cause, now)
        for profile, at in newest.items():
            site = self._site_of(profile)
            if site is None or (profile in told and at <= datetime.fromisoformat(told[profile])):
                continue
            for older in self._store.notices.open(kind="grade-conflicts", profile=profile):
                self._notices.over(older.cause, now)
            self._notices.raise_(conflicts(profile, site, counts[profile], at), at, now)

    def _tokens(self, now: datetime) -> None:
        today = now.astimezone(ZoneInfo(self._home.service().timezone)).date()
        current: list[Seen] = []
        for name in self._home.names("site"):
            day = self._home.site(name).token_expires
            left = (day - today).days if day else None
            if day is None or left is None or left > max(WARNED):
                continue
            step = min((each for each in WARNED if left <= each), default=0) if left >= 0 else -1
            current.append((expires(name, day, left, step), now))
        self._settle("token-expires", current, now, beginning="token-expires:")

    def _tools(self, now: datetime) -> None:
        """Connections with learning tools, and mapped courses, that are not as they should be."""
        sites = {name: self._home.tool(name).site for name in self._home.names("tool")}
        wrong: list[Seen] = [
            (tool_wrong(standing, sites[standing.tool]), standing.checked_at)
            for standing in self._store.tools.standings().values()
            if standing.state == "wrong" and standing.tool in sites
        ]
        amiss: list[Seen] = [
            (mapping_wrong(mapping), mapping.checked_at or now)
            for mapping in self._store.tools.mappings()
            if mapping.state != "ok" and mapping.tool in sites
        ]
        self._settle("tool-wrong", wrong + amiss, now)

    def _failures(self, now: datetime) -> None:
        ended = self._store.watching.ended_jobs()
        runs = self._store.watching.last_runs()
        went_through = _latest(
            [(job.profile, job.ended_at) for job in ended if job.kind in CARRYING and not job.failed]
            # A transfer that went through says nothing of the profile's way to its site.
            + [(run.profile, run.at) for run in runs if run.state == "done" and not goes_to_sink(run.site)]
        )
        sites_well = _latest(
            [(job.site, job.ended_at) for job in ended if job.kind in CARRYING and not job.failed]
            + [(run.site, run.at) for run in runs if run.state == "done"]
        )
        for token, at in self._store.secrets.saved("token:").items():
            name = token.removeprefix("token:")
            sites_well[name] = max(at, sites_well.get(name, at))
        done_since = {(job.profile, job.site, job.kind): job.ended_at for job in ended if not job.failed}
        self._close_failures(went_through, sites_well, done_since, now)
        for job in ended:
            if not job.failed or (job.profile and self._site_of(job.profile) is None):
                continue
            if job.error.get("code") == TokenRefused.short_name and job.site:
                if job.ended_at > sites_well.get(job.site, _NEVER):
                    self._notices.raise_(token_refused(job), job.ended_at, now)
            elif job.ended_at > max(went_through.get(job.profile, _NEVER), _since(done_since, job)):
                self._notices.raise_(failed(job), job.ended_at, now)
        for run in runs:
            dead = run.state == "running" and self._store.runs.live(run.site) is None
            if (run.state == "interrupted" or dead) and not run.of_job and self._site_of(run.profile) is not None:
                self._notices.raise_(broken_off(run), run.at, now)

    def _close_failures(
        self,
        went_through: dict[str, datetime],
        sites_well: dict[str, datetime],
        done_since: dict[tuple[str, str, str], datetime],
        now: datetime,
    ) -> None:
        """Close what a success since has shown to be over, and what concerned profiles that are no more."""
        for notice in self._store.notices.open(kind="failed-run"):
            kind = notice.cause.split(":")[1]
            well = done_since.get((notice.profile, notice.site, kind), _NEVER)
            if notice.profile:
                well = max(well, went_through.get(notice.profile, _NEVER))
            gone = bool(notice.profile) and self._site_of(notice.profile) is None
            if well > notice.last_at or gone:
                self._notices.over(notice.cause, now)
        for notice in self._store.notices.open(kind="token-expires"):
            if notice.cause.startswith("token-refused:") and sites_well.get(notice.site, _NEVER) > notice.last_at:
                self._notices.over(notice.cause, now)

    def _settle(self, kind: str, current: list[Seen], now: datetime, beginning: str = "") -> None:
        """Tell of the causes there are, and close those that there were."""
        known = {cause.cause for cause, _ in current}
        for notice in self._store.notices.open(kind=kind):
            if notice.cause.startswith(beginning) and notice.cause not in known:
                self._notices.over(notice.cause, now)
        for cause, at in current:
            self._notices.raise_(cause, at, now)

    def _concerned(self, plan: PlanRecord) -> str:
        """The site whose people are told of a plan; of a transfer that from which the grades come."""
        return self._site_of(plan.profile) or plan.site if goes_to_sink(plan.site) else plan.site

    def _site_of(self, profile: str) -> str | None:
        """The site of a profile; None where there is no such profile."""
        try:
            return self._home.profile(profile).site
        except MatriculaError:
            return None


_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def _latest(moments: list[tuple[str, datetime]]) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    for name, at in moments:
        found[name] = max(at, found.get(name, at))
    return found


def _since(done: dict[tuple[str, str, str], datetime], job: EndedJob) -> datetime:
    return done.get((job.profile, job.site, job.kind), _NEVER)
