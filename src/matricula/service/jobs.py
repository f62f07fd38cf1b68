"""Jobs as people ask for them: asked, looked at, cancelled, asked for again."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any, Final

from matricula import logs
from matricula.errors import UsageError
from matricula.hub import Home
from matricula.hub.documents import sites_of_source
from matricula.hub.sinks import sites_of_sink
from matricula.service.kinds import KINDS, JobKind
from matricula.service.queue import Queue
from matricula.service.tool_work import site_of_tool_work
from matricula.store import Job, JobLine

Listener = Callable[[Job], None]
LARGEST_NUMBER: Final = 2**62
"""Plans and runs are numbered below this; a database takes no larger number."""


class Jobs:
    """What is to be done, what is being done and what was done.

    Args:
        home: the home.
        queue: what brings jobs to those who work on them.
    """

    def __init__(self, home: Home, queue: Queue) -> None:
        self._home = home
        self._table = home.store.jobs
        self._queue = queue
        self._listeners: list[Listener] = []

    def ask(
        self,
        kind: str,
        *,
        profile: str = "",
        site: str = "",
        arguments: Mapping[str, Any] | None = None,
        by: str,
        not_before: datetime | None = None,
        address: str = "",
    ) -> Job:
        """Ask for work; where just that waits already, it is that job.

        Args:
            kind: one of `KINDS`.
            profile: the profile, for kinds that concern one.
            site: the site, for kinds that concern one and no profile.
            arguments: what else is said of it, as its kind takes it.
            by: who asks, an account or `schedule`.
            not_before: from when on it may begin; by default at once.
            address: the network address that the wish came from, for the audit log.

        Raises:
            UsageError: there is no such kind, profile, site, source, plan or run, or the kind takes no such argument.
        """
        job = self.note(
            kind, profile=profile, site=site, arguments=arguments, by=by, not_before=not_before, address=address
        )
        self._queue.put(job)
        return job

    def note(
        self,
        kind: str,
        *,
        profile: str = "",
        site: str = "",
        arguments: Mapping[str, Any] | None = None,
        by: str,
        not_before: datetime | None = None,
        address: str = "",
    ) -> Job:
        """The same as `ask`, for use within a larger transaction: `hurry` once that is over."""
        given = _checked(_kind(kind), dict(arguments or {}))
        profile, site = _concerned(self._home, _kind(kind), profile, site, given)
        told = json.dumps([kind, site, profile, given], ensure_ascii=False, sort_keys=True)
        same = hashlib.sha256(told.encode()).hexdigest()
        with self._home.store.begin():
            job, new = self._table.add(
                kind, site=site, profile=profile, arguments=given, same=same, by=by, not_before=not_before
            )
            if new:
                self._note("job.asked", job, by, address)
        return job

    def hurry(self, number: int) -> None:
        """Have a job that was noted begun with as soon as its moment has come."""
        self._queue.put(self.get(number))

    def reaches(self, kind: str, *, profile: str, site: str, arguments: Mapping[str, Any]) -> frozenset[str]:
        """The sites that a job would concern, before it is asked for; none where it concerns the home as a whole.

        A source that is named reaches every site whose records come from it, a sink every one whose grades go to it.

        Args:
            kind: as in `ask`.
            profile: as in `ask`.
            site: as in `ask`.
            arguments: as in `ask`.

        Raises:
            UsageError: as `ask`.
        """
        given = _checked(_kind(kind), dict(arguments))
        _, concerned = _concerned(self._home, _kind(kind), profile, site, given)
        source, sink = given.get("source"), given.get("sink")
        sites = sites_of_source(self._home, source) if source else frozenset()
        sites |= sites_of_sink(self._home, sink) if sink else frozenset()
        return sites | ({concerned} if concerned else frozenset())

    def get(self, number: int) -> Job:
        """A job by its id.

        Raises:
            UsageError: there is none.
        """
        job = self._table.get(number)
        if job is None:
            raise UsageError(
                f"There is no job {number}.",
                where=f"job {number}",
                remedy="See `matricula jobs` for the jobs there are.",
                code="job-unknown",
            )
        return job

    def all(
        self,
        *,
        sites: Collection[str] | None = None,
        profile: str | None = None,
        states: Collection[str] = (),
        kinds: Collection[str] = (),
        below: int | None = None,
        limit: int | None = 50,
    ) -> list[Job]:
        """Jobs, newest first; see `JobTable.all`."""
        return self._table.all(sites=sites, profile=profile, states=states, kinds=kinds, below=below, limit=limit)

    def lines(self, number: int, after: int = 0) -> list[JobLine]:
        """The log of a job; see `JobTable.lines`."""
        return self._table.lines(number, after)

    def cancel(self, number: int, by: str, *, address: str = "") -> Job:
        """Cancel a job that waits, or ask one that is at work to stop.

        Raises:
            UsageError: there is none, or it has ended.
        """
        before = self.get(number)
        if before.ended:
            raise UsageError(
                f"Job {number} has ended: it is {before.state}.",
                where=f"job {number}",
                remedy="There is nothing to cancel. What a run wrote can be taken back with `matricula undo`.",
                code="job-ended",
            )
        with self._home.store.begin():
            job = self._table.cancel(number) or before
            self._note("job.cancelled", job, by, address)
        if job.state == "cancelled":
            self._queue.withdraw(job)
            self.ended(job)
        return job

    def retry(self, number: int, by: str, *, address: str = "") -> Job:
        """Ask anew for what failed or was cancelled.

        Raises:
            UsageError: there is no such job, or it neither failed nor was cancelled.
        """
        job = self.get(number)
        if job.state not in ("failed", "cancelled"):
            raise UsageError(
                f"Job {number} is {job.state}; only what failed or was cancelled is asked for anew.",
                where=f"job {number}",
                remedy="Wait until it has ended, or ask for a new one.",
                code="job-not-ended",
            )
        return self.ask(job.kind, profile=job.profile, site=job.site, arguments=job.arguments, by=by, address=address)

    def on_end(self, listener: Listener) -> None:
        """Have something told of every job that ends in this process."""
        self._listeners.append(listener)

    def ended(self, job: Job) -> None:
        """Tell all who listen that a job has ended."""
        for listener in self._listeners:
            try:
                listener(job)
            except Exception as error:  # noqa: BLE001 - who listens badly must not end the worker
                logs.event("listener", code=type(error).__name__, kind=job.kind)

    def _note(self, act: str, job: Job, by: str, address: str) -> None:
        self._home.store.audit.note(
            act, by=by, address=address, subject=f"job {job.id}", site=job.site, profile=job.profile, words=job.kind
        )


def _kind(name: str) -> JobKind:
    if name not in KINDS:
        raise UsageError(
            f"There is no kind of job named “{name}”.",
            remedy=f"There are: {', '.join(KINDS)}.",
            code="job-kind-unknown",
        )
    return KINDS[name]


def _checked(kind: JobKind, given: dict[str, Any]) -> dict[str, Any]:
    """The arguments as they are kept: those that say nothing are left out, so that the same is seen to be the same."""
    for name, value in given.items():
        wanted = kind.arguments.get(name)
        fits = wanted is not None and isinstance(value, wanted)
        if wanted is int:
            fits = fits and not isinstance(value, bool) and 0 < value < LARGEST_NUMBER
        if value is not None and not fits:
            raise UsageError(
                f"A job of the kind {kind.name} takes no “{name}” like that.",
                where=name,
                remedy=f"It takes: {', '.join(kind.arguments) or 'nothing'}.",
                code="job-argument",
            )
    kept = {name: value for name, value in given.items() if value not in (None, False, "", [])}
    if "only" in kept:
        kept["only"] = sorted({str(each).strip() for each in kept["only"]})
    return kept


def _concerned(home: Home, kind: JobKind, profile: str, site: str, given: dict[str, Any]) -> tuple[str, str]:
    """The profile and the site of a job.

    Raises:
        UsageError: what it concerns is not named, or is not there.
    """
    if kind.concerns == "home":
        return "", ""
    if kind.concerns == "plan":
        record = home.store.plans.get(int(_needed(kind, given.get("plan"))))
        return record.profile, record.site
    if kind.concerns == "run":
        run = home.store.runs.get(int(_needed(kind, given.get("run"))))
        return run.profile, run.site
    if kind.concerns == "tool":
        for name in ("tool", "course", "preview"):
            if name in kind.arguments:
                _needed(kind, given.get(name), name)
        return "", site_of_tool_work(home, site, given)
    if kind.concerns == "site":
        home.site(str(_needed(kind, site)))
        return "", site
    if kind.concerns == "sink":
        home.written("sink", _needed(kind, given.get("sink")))
        return "", ""
    if kind.concerns == "source" and given.get("source"):
        home.source(given["source"])
        return (profile, home.profile(profile).site) if profile else ("", "")
    return profile, home.profile(str(_needed(kind, profile))).site


def _needed(kind: JobKind, given: Any, what: str = "") -> Any:
    if not given:
        raise UsageError(
            f"Say which {what or kind.concerns} is meant.",
            where=f"job {kind.name}",
            remedy=f"A job of this kind needs the name of a {what or kind.concerns}.",
            code="job-unsaid",
        )
    return given
