"""Where all callers of a run wait together while a site cannot serve: one of them asks, the others keep still."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from matricula.applying.progress import Progress, StopAsked
from matricula.errors import MatriculaError, WaitError
from matricula.moodle import Busy

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 20.0

T = TypeVar("T")


class Waiting:
    """The waiting of one run.

    Args:
        ask: one cheap call that fails while the site does not serve.
        patience: seconds after which the run ends, since the site last did what was asked of it.
        progress: told since when, how often and until when.
        stop: set when the run is to end; a wait ends at once.
    """

    def __init__(self, ask: Callable[[], None], patience: float, progress: Progress, stop: StopAsked) -> None:
        self._ask = ask
        self._patience = patience
        self._progress = progress
        self._stop = stop
        self._changed = threading.Condition()
        self._closed = False
        self._failed: MatriculaError | None = None
        self._since: float | None = None
        self._pause = FIRST_PAUSE

    def through(self) -> None:
        """Return once the site serves, as far as is known.

        Raises:
            MatriculaError: the run is at its end, by whichever caller asked for all.
        """
        with self._changed:
            self._changed.wait_for(lambda: not self._closed)
            if self._failed is not None:
                raise self._failed

    def wait(self, error: Busy) -> None:
        """Return once the site serves again; the first caller that comes asks it for all.

        Args:
            error: why it does not serve.

        Raises:
            WaitError: it did not within the patience, or a stop was asked.
            MoodleError: it answers that the run cannot go on, for example that the token has expired.
        """
        with self._changed:
            if self._closed or self._failed is not None:
                self._changed.wait_for(lambda: not self._closed)
                if self._failed is not None:
                    raise self._failed
                return
            self._closed = True
        try:
            self._ask_until_served(error)
        except MatriculaError as failed:
            self._failed = failed
            raise
        finally:
            with self._changed:
                self._closed = False
                self._changed.notify_all()

    def served(self) -> None:
        """The site did what was asked of it: patience begins anew."""
        with self._changed:
            if self._since is None or self._closed:
                return
            self._since, self._pause = None, FIRST_PAUSE
        self._progress.wait("The site serves again; going on.")

    def patiently(self, action: Callable[[], T]) -> T:
        """Do something that only reads, however long the site takes to be readable.

        Args:
            action: what is done; it is begun anew after each wait.
        """
        while True:
            try:
                result = action()
            except Busy as error:
                self.wait(error)
            else:
                self.served()
                return result

    def _ask_until_served(self, error: Busy) -> None:
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        began = datetime.now().astimezone() - timedelta(seconds=now - self._since)
        while True:
            pause = min(max(self._pause, error.pause or 0), LONGEST_PAUSE)
            if time.monotonic() + pause > self._since + self._patience:
                raise self._out_of_patience(error, began)
            until = began + timedelta(seconds=self._patience)
            self._progress.wait(
                f"{error.what} So since {began:%H:%M:%S}; trying again in {pause:.3g} s; waits until {until:%H:%M}."
            )
            if self._stop.wait(pause):
                told = "The run was asked to stop and did so while it waited for the site."
                raise WaitError(told, where=error.where, code="stopped")
            self._pause = pause * 2
            try:
                self._ask()
            except Busy as again:
                error = again
            else:
                return

    def _out_of_patience(self, error: Busy, began: datetime) -> Busy:
        # The remedy stays the site's: what ends a maintenance. How to go on is added where the command is known.
        error.remedy = (
            f"{error.remedy} It was so since {began:%H:%M}, and the run waits {self._patience:g} s at most "
            "(`patience` of the site document). Nothing is lost: what was sent is noted."
        ).strip()
        return error
