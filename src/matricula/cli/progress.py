"""How far a run is: a bar on a terminal, plain lines elsewhere, nothing for machines."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress

from matricula.applying import Progress, Silent
from matricula.cli.screen import Screen, plain

STEPS = 10
"""Plain lines are printed after each of so many equal parts."""


@contextmanager
def progress_on(screen: Screen) -> Iterator[Progress]:
    """Tells how far a run is, in the way that suits the screen."""
    if screen.as_json:
        yield Silent()
    elif screen.notes.is_terminal:
        columns = (
            TextColumn("{task.description:<28}"),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
        )
        with RichProgress(*columns, console=screen.notes, transient=True) as shown:
            yield _Bar(shown)
    else:
        yield _Lines(screen)


class _Bar:
    """A bar that is redrawn."""

    def __init__(self, shown: RichProgress) -> None:
        self._shown = shown
        self._task: TaskID = shown.add_task("looking at the plan", total=None)

    def begin(self, total: int) -> None:
        self._shown.update(self._task, total=total)

    def step(self, name: str) -> None:
        self._shown.update(self._task, description=name[:28])

    def wait(self, why: str) -> None:
        self._shown.update(self._task, description="waiting for the site")
        self._shown.console.print(plain(why), style="yellow")

    def done(self, changes: int) -> None:
        self._shown.advance(self._task, changes)


class _Lines:
    """A line for each step, and at every tenth of the whole."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._lock = threading.Lock()
        self._total = self._done = self._told = 0
        self._step = ""

    def begin(self, total: int) -> None:
        self._total = total

    def step(self, name: str) -> None:
        with self._lock:
            if name != self._step:
                self._step = name
                self._screen.status(name)

    def wait(self, why: str) -> None:
        self.step(why)

    def done(self, changes: int) -> None:
        with self._lock:
            self._done += changes
            part = self._done * STEPS // self._total if self._total else STEPS
            if part > self._told:
                self._told = part
                self._screen.status(f"{self._done:,} of {self._total:,} changes")
