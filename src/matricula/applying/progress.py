"""What a person who watches a run is told."""

import threading
from typing import Protocol


class Progress(Protocol):
    """Told how far a run is; called from several threads."""

    def begin(self, total: int) -> None:
        """So many changes are to be carried out."""

    def step(self, name: str) -> None:
        """What is being done now."""

    def wait(self, why: str) -> None:
        """Why the run waits for the site and until when, or that it goes on."""

    def done(self, changes: int) -> None:
        """So many more changes have an outcome."""


class Silent:
    """A progress that tells nobody."""

    def begin(self, total: int) -> None:
        """Nobody is told."""

    def step(self, name: str) -> None:
        """Nobody is told."""

    def wait(self, why: str) -> None:
        """Nobody is told."""

    def done(self, changes: int) -> None:
        """Nobody is told."""


class StopAsked(threading.Event):
    """Set when a person or the machine asks a run to stop: the calls under way are finished, no new one begins."""
