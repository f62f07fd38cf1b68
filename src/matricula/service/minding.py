"""What a process at work on jobs does beside: it shows that it lives, and takes over from those that died."""

import os
import platform
import uuid
from typing import TYPE_CHECKING, Final

from matricula.applying.progress import StopAsked
from matricula.service.working import Working
from matricula.store import Job

if TYPE_CHECKING:
    from matricula.service.service import Service

EVERY: Final = 5.0
"""Seconds between two signs of life of a process, and between two looks for others that died."""


class Minder:
    """The name under which one process works on jobs, and its place among the others.

    Args:
        service: what jobs are done with.

    Attributes:
        name: the name; no other worker has or had it.
        stopping: set when the process is to end its work.
        working: carries jobs out under the name.
    """

    def __init__(self, service: "Service") -> None:
        self._jobs = service.store.jobs
        self._workers = service.store.workers
        self.name = f"{platform.node() or 'unknown'} {os.getpid()} {uuid.uuid4().hex[:8]}"
        self.stopping = StopAsked()
        self.working = Working(service, self.name, self.stopping)
        self._workers.register(self.name)

    def beat(self) -> None:
        """Show that the process lives."""
        self._workers.beat(self.name)

    def take_over(self) -> list[Job]:
        """Let jobs of processes that died wait again.

        Returns:
            the jobs as they were under the dead ones.
        """
        dead = [each.name for each in self._workers.dead() if each.name != self.name]
        orphans = self._jobs.orphans(dead)
        taken = [job for job in orphans if self.working.give_up(job) is not None]
        for name in dead:
            self._workers.forget(name)
        return taken

    def end(self) -> None:
        """The process works on jobs no more."""
        self._workers.forget(self.name)
