"""One job at work, as what does it sees it: what it is told, how it tells how far it is, and when it is to stop."""

import threading
from typing import TYPE_CHECKING

from matricula.applying.progress import StopAsked
from matricula.errors import WaitError
from matricula.store import Job, JobTable

if TYPE_CHECKING:
    from matricula.service.service import Service

STOPPED = "stopped"
"""Code of the error that ends a job which was asked to stop; the same as a run's."""


class Telling:
    """How far a job is. It is kept here, and written to the job's row now and then (`seen`).

    Args:
        jobs: the table of jobs.
        job: the job.

    Attributes:
        news: whether anything is new since it was last looked at.
    """

    def __init__(self, jobs: JobTable, job: int) -> None:
        self._jobs = jobs
        self._job = job
        self._lock = threading.Lock()
        self._step = ""
        self._done = 0
        self._total: int | None = None
        self.news = False

    def begin(self, total: int) -> None:
        """So many changes are to be carried out."""
        with self._lock:
            self._done, self._total, self.news = 0, total, True

    def step(self, name: str) -> None:
        """What is being done now; what was not being done before is a line of the log."""
        with self._lock:
            if name == self._step:
                return
            self._step, self.news = name, True
        self._jobs.say(self._job, "info", name)

    def wait(self, why: str) -> None:
        """Why the run waits for the site and until when, or that it goes on."""
        with self._lock:
            self._step, self.news = why, True
        self._jobs.say(self._job, "warning", why)

    def done(self, changes: int) -> None:
        """So many more changes have an outcome."""
        with self._lock:
            self._done, self.news = self._done + changes, True

    def seen(self) -> tuple[str, int, int | None]:
        """The step, and how much of how much is done; from then on nothing is new."""
        with self._lock:
            self.news = False
            return self._step, self._done, self._total


class Work:
    """One job at work.

    Args:
        service: what it is done with.
        job: the job as it was when it began.
        stop: set when it is to stop: the calls under way are finished, no new one begins.

    Attributes:
        progress: told how far it is.
    """

    def __init__(self, service: "Service", job: Job, stop: StopAsked) -> None:
        self.service = service
        self.hub = service.hub
        self.job = job
        self.stop = stop
        self.progress = Telling(service.store.jobs, job.id)

    def say(self, text: str) -> None:
        """Add a line to the job's log."""
        self.service.store.jobs.say(self.job.id, "info", text)

    def step(self, name: str) -> None:
        """Tell what is being done now, where it may also be broken off.

        Raises:
            WaitError: the job was asked to stop.
        """
        self.go_on()
        self.progress.step(name)

    def go_on(self) -> None:
        """See that the job is to go on.

        Raises:
            WaitError: it was asked to stop.
        """
        if self.stop.is_set():
            raise WaitError("The job was asked to stop and did so.", where=f"job {self.job.id}", code=STOPPED)

    def planned(self, plan: int) -> None:
        """Note which plan the job made or carries out."""
        self.service.store.jobs.knows(self.job.id, plan=plan)

    def running(self, run: int) -> None:
        """Note which run the job carries out."""
        self.service.store.jobs.knows(self.job.id, run=run)
