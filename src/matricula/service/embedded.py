"""The worker within the process, for a state on SQLite: a few threads that take jobs from the table."""

import threading
from typing import TYPE_CHECKING, Final

from matricula import logs
from matricula.errors import MatriculaError
from matricula.service.minding import EVERY, Minder
from matricula.store import Job

if TYPE_CHECKING:
    from matricula.service.service import Service

POLL: Final = 1.0
"""Seconds after which a thread without work looks again: another process may have asked for some."""


class Embedded:
    """A queue for one process; others that use the same file take jobs from it just as safely.

    Args:
        service: what jobs are done with.
    """

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._work_there = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._minder: Minder | None = None

    def put(self, job: Job) -> None:  # noqa: ARG002 - a thread takes whichever job has waited longest
        """Wake a thread; those of other processes look by themselves."""
        with self._work_there:
            self._work_there.notify()

    def withdraw(self, job: Job) -> None:
        """Nothing is to be done: what is cancelled is not taken from the table."""

    def start(self, threads: int) -> None:
        """Begin to work; see `Queue.start`."""
        if self._minder is not None:
            return
        minder = self._minder = Minder(self._service)
        minder.take_over()
        self._threads = [
            threading.Thread(target=target, args=(minder,), name=f"jobs {number}", daemon=True)
            for number, target in enumerate([self._mind, *[self._work] * threads])
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the work; see `Queue.stop`."""
        if self._minder is None:
            return
        self._minder.stopping.set()
        with self._work_there:
            self._work_there.notify_all()
        for thread in self._threads:
            thread.join()
        self._minder.end()
        self._minder = None

    def _work(self, minder: Minder) -> None:
        while not minder.stopping.is_set():
            try:
                job = self._service.store.jobs.claim(minder.name)
                if job is not None:
                    minder.working.carry_out(job)
                    continue
            except MatriculaError as error:
                logs.event("worker", code=error.code)
            with self._work_there:
                if not minder.stopping.is_set():
                    self._work_there.wait(POLL)

    def _mind(self, minder: Minder) -> None:
        while not minder.stopping.wait(EVERY):
            try:
                minder.beat()
                for job in minder.take_over():
                    self.put(job)
                self._service.schedules.tick()
            except MatriculaError as error:
                logs.event("worker", code=error.code)
