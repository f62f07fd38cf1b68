"""What brings jobs to those who work on them. The table of jobs is the truth; a queue only makes haste."""

from typing import Protocol

from matricula.store import Job


class Queue(Protocol):
    """One way of bringing jobs to workers; `embedded.py` and `procrastination.py` are the two there are."""

    def put(self, job: Job) -> None:
        """Have somebody begin with a job that waits, as soon as its moment has come. Twice does no harm."""

    def withdraw(self, job: Job) -> None:
        """Nobody need begin with a job any more."""

    def start(self, threads: int) -> None:
        """Begin to work on jobs in this process.

        Args:
            threads: how many jobs at a time.
        """

    def stop(self) -> None:
        """End the work of this process: calls under way are finished, what is not done waits for another worker."""
