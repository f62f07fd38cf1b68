"""Near real time: somebody says that people or classes have changed, and a run for just those follows in seconds."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from matricula.errors import MatriculaError, UsageError
from matricula.hub import Home
from matricula.service.jobs import Jobs
from matricula.store import Job

PAUSE: Final = timedelta(seconds=3)
"""So long is waited after the first wish, so that those that follow at once are served by the same run."""
KIND: Final = "changed"
LONGEST_NAME: Final = 255


class Wishes:
    """Takes wishes and has them served.

    Each wish is served by a run that begins after it was made. Those made before a run begins are served together, and
    while one is at work all others wait for the next.

    Args:
        home: the home.
        jobs: where the runs are asked for.
    """

    def __init__(self, home: Home, jobs: Jobs) -> None:
        self._home = home
        self._store = home.store
        self._jobs = jobs

    def changed(
        self, profile: str, whom: Sequence[str], by: str, *, address: str = "", now: datetime | None = None
    ) -> Job:
        """Say that people, classes or courses have changed.

        Args:
            profile: the profile.
            whom: who and what: sourcedIds, user names, e-mail addresses or names, as `matricula run --only` takes them.
            by: who says so.
            address: the network address that it was said from.
            now: the moment meant; by default now.

        Returns:
            the job that serves them; others may have asked for it before.

        Raises:
            UsageError: there is no such profile, or nobody is named.
        """
        self._home.profile(profile)
        names = list(dict.fromkeys(name for each in whom if (name := " ".join(each.split()))))
        if not names or max(map(len, names)) > LONGEST_NAME:
            raise UsageError(
                f"A name is longer than {LONGEST_NAME} characters." if names else "Nobody and nothing is named.",
                where=f"profile {profile}",
                remedy="Name people, classes or courses by sourcedId, user name, e-mail address, class code or short "
                "name.",
                code="changed-unsaid",
            )
        moment = now or datetime.now(UTC)
        # First the wishes and then the job: one that waits yet when it is looked for takes them when it begins.
        self._store.wishes.add(profile, names, by, moment)
        return self._job_for(profile, by, moment, address)

    def sweep(self) -> list[Job]:
        """Ask for the jobs of wishes that none serves: a process may have ended between wish and job."""
        found = []
        for profile in self._store.wishes.waiting():
            try:
                found.append(self._job_for(profile, "schedule", datetime.now(UTC), ""))
            except MatriculaError:  # the profile is no more; its wishes are purged in time
                continue
        return found

    def _job_for(self, profile: str, by: str, now: datetime, address: str) -> Job:
        """The job that serves the wishes there are; one that waits for a site that is down is not hurried."""
        waiting = self._jobs.all(profile=profile, kinds=(KIND,), states=("waiting",), limit=1)
        if waiting:
            return waiting[0]
        return self._jobs.ask(KIND, profile=profile, by=by, not_before=now + PAUSE, address=address)
