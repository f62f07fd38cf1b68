"""Carrying one job out, from its claim to its end."""

import os
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from matricula import logs
from matricula.applying.progress import StopAsked
from matricula.errors import MatriculaError, WaitError
from matricula.hub.persons import acting_for
from matricula.service.kinds import KINDS, Result
from matricula.service.work import Work
from matricula.store import Job

if TYPE_CHECKING:
    from matricula.service.service import Service

PAUSES: Final = (30, 120, 480, 1200, 3600)
"""Seconds before each further attempt of a job that only time can mend; after the last one it has failed."""
MOST_ATTEMPTS: Final = 10
"""A job whose workers died so often is what they die of."""
LOOK: Final = 0.3
"""Seconds between two looks at how far a job is."""
SIGN_OF_LIFE: Final = 2.0
"""Seconds between two signs of life of a job of which there is nothing new."""


class Working:
    """Carries jobs out under the name of one worker.

    Args:
        service: what they are done with.
        worker: the worker's name.
        stopping: set when the worker is to end.
    """

    def __init__(self, service: "Service", worker: str, stopping: StopAsked) -> None:
        self._service = service
        self._table = service.store.jobs
        self._worker = worker
        self._stopping = stopping

    def carry_out(self, job: Job) -> Job | None:
        """Do a job that this worker has claimed.

        Returns:
            The job as it is afterwards: ended, or waiting for another attempt; None where another worker has taken it.
        """
        work = Work(self._service, job, StopAsked())
        began = time.monotonic()
        _note(job, job.state, 0.0)
        with self._alive(work), acting_for(job.asked_by):
            outcome = _outcome(work)
        after = self._settled(work, outcome)
        if after is not None:
            _note(job, after.state, time.monotonic() - began)
            if after.ended:
                self._service.jobs.ended(after)
        return after

    def give_up(self, job: Job) -> Job | None:
        """Let a job of a worker that died wait again; one that too many died of has failed.

        Args:
            job: the job, at work under the name of the dead one.
        """
        error = _WORKER_LOST if job.attempts >= MOST_ATTEMPTS else None
        if error is None:
            after = self._table.put_back(job.id, job.worker or "")
            if after is not None:
                self._table.say(job.id, "warning", "The process that worked on it has ended; another one goes on.")
            return after
        after = self._table.end(job.id, job.worker or "", "failed", error=_as_dict(error))
        if after is not None:
            self._table.say(job.id, "error", str(error))
            self._service.jobs.ended(after)
        return after

    def _settled(self, work: Work, outcome: Result | MatriculaError) -> Job | None:
        if isinstance(outcome, WaitError):
            return self._waits(work, outcome)
        if isinstance(outcome, MatriculaError):
            return self._failed(work, outcome)
        return self._table.end(work.job.id, self._worker, "done", result=outcome)

    def _waits(self, work: Work, error: WaitError) -> Job | None:
        job = self._table.get(work.job.id) or work.job
        if work.stop.is_set() and job.stop_asked:
            self._table.say(job.id, "info", "Stopped because somebody asked for it.")
            return self._table.end(job.id, self._worker, "cancelled")
        if work.stop.is_set():
            self._table.say(job.id, "info", "The process that worked on it was ended; another one goes on.")
            return self._table.put_back(job.id, self._worker, counted=False)
        if job.attempts > len(PAUSES):
            return self._failed(work, error)
        pause = PAUSES[job.attempts - 1]
        self._table.say(job.id, "warning", f"{error} Another attempt is made in {_told(pause)}.")
        later = self._table.now() + timedelta(seconds=pause)
        return self._table.put_back(job.id, self._worker, not_before=later, error=_as_dict(error))

    def _failed(self, work: Work, error: MatriculaError) -> Job | None:
        self._table.say(work.job.id, "error", str(error))
        return self._table.end(work.job.id, self._worker, "failed", error=_as_dict(error))

    @contextmanager
    def _alive(self, work: Work) -> Iterator[None]:
        """Meanwhile the row of the job shows how far it is, and whoever asks it to stop is heard."""
        ended = threading.Event()
        thread = threading.Thread(target=self._beat, args=(work, ended), name=f"job {work.job.id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()
            self._beat_once(work)

    def _beat(self, work: Work, ended: threading.Event) -> None:
        last = 0.0
        while not ended.wait(LOOK):
            if self._stopping.is_set():
                work.stop.set()
            if work.progress.news or time.monotonic() - last > SIGN_OF_LIFE:
                self._beat_once(work)
                last = time.monotonic()

    def _beat_once(self, work: Work) -> None:
        try:
            asked = self._table.beat(work.job.id, self._worker, *work.progress.seen())
        except MatriculaError:
            return  # the state is busy or away for a while; what matters is noted in other ways
        if asked is None or asked:
            work.stop.set()


def _note(job: Job, state: str, seconds: float) -> None:
    logs.event("job", job=job.id, kind=job.kind, site=job.site, profile=job.profile, state=state, seconds=seconds)


def _outcome(work: Work) -> Result | MatriculaError:
    try:
        return KINDS[work.job.kind].do(work)
    except MatriculaError as error:
        return error
    except Exception as error:  # noqa: BLE001 - whatever it is, the job must not stay at work for ever
        return _fault(error)


_WORKER_LOST: Final = MatriculaError(
    "The processes that worked on it ended without a word, again and again.",
    remedy="See the machine's own log for what ended them (often memory), and then try again.",
    code="job-worker-lost",
)


def _fault(error: Exception) -> MatriculaError:
    """What is told of a fault: never the values that a traceback or a message can hold."""
    if os.environ.get("MATRICULA_DEBUG"):
        traceback.print_exception(error)
    return MatriculaError(
        f"This is a fault in matricula: {type(error).__name__}.",
        remedy="What was done is noted and stays done. Please report it with the kind of the job and what the worker "
        "prints with MATRICULA_DEBUG=1 set; look that over first, it can hold names of people.",
        code="fault",
    )


def _as_dict(error: MatriculaError) -> dict[str, str]:
    return {"code": error.code, "what": error.what, "where": error.where, "remedy": error.remedy}


def _told(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"
