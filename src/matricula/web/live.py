"""Jobs watched live: for each job one task that looks at it, however many people watch."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from starlette.concurrency import run_in_threadpool

from matricula import logs
from matricula.errors import MatriculaError
from matricula.service import Service
from matricula.service.following import Followed, look
from matricula.store import JobLine
from matricula.web.rendering import Rendering

LOOK: Final = 0.5
"""Seconds between two looks at a job."""


@dataclass(frozen=True)
class News:
    """What is new of a job.

    Args:
        parts: the parts of the page that show how far it is, as HTML.
        lines: lines of its log that the viewer has not seen.
        ended: whether nothing more will come.
    """

    parts: dict[str, str]
    lines: tuple[JobLine, ...]
    ended: bool


class Live:
    """What all viewers of jobs in this process share.

    Args:
        service: the service.
        rendering: the templates.
    """

    def __init__(self, service: Service, rendering: Rendering) -> None:
        self._service = service
        self._rendering = rendering
        self._watched: dict[int, _Watched] = {}
        self._closed = False

    async def follow(self, number: int, after: int = 0) -> AsyncIterator[News]:
        """What is new of a job, from now to its end.

        Args:
            number: the job.
            after: number of the last line of its log that the viewer has seen.
        """
        watched = self._watched.get(number)
        if watched is None:
            watched = self._watched[number] = _Watched(self._service, self._rendering, number)
            watched.task = asyncio.create_task(self._watch(watched))
        watched.viewers += 1
        seen = 0
        try:
            while not self._closed:
                news = watched.news
                if watched.version > seen:
                    seen = watched.version
                    lines = tuple(line for line in watched.lines if line.number > after)
                    after = lines[-1].number if lines else after
                    yield News(watched.parts, lines, watched.ended)
                if watched.ended:
                    return
                if watched.version == seen:
                    await news.wait()
        finally:
            watched.viewers -= 1

    def close(self) -> None:
        """End what goes on: the process is about to end. May be called from any thread of the event loop."""
        self._closed = True
        for watched in list(self._watched.values()):
            watched.tell()

    async def _watch(self, watched: "_Watched") -> None:
        try:
            while watched.viewers and not watched.ended and not self._closed:
                try:
                    await run_in_threadpool(watched.look)
                except MatriculaError as error:  # the state is busy or away for a while
                    logs.event("watching failed", code=error.code)
                watched.tell()
                if not watched.ended:
                    await asyncio.sleep(LOOK)
        finally:
            self._watched.pop(watched.number, None)
            watched.ended = True
            watched.tell()


class _Watched:
    """One job that is watched."""

    def __init__(self, service: Service, rendering: Rendering, number: int) -> None:
        self.number = number
        self.viewers = 0
        self.version = 0
        self.ended = False
        self.parts: dict[str, str] = {}
        self.lines: list[JobLine] = []
        self.news = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self._service = service
        self._rendering = rendering
        self._seen: Followed | None = None

    def look(self) -> None:
        """See what is new."""
        last = self.lines[-1].number if self.lines else 0
        seen = look(self._service, self.number, last, self._seen)
        parts = parts_of(self._rendering, seen)
        if seen.lines or parts != self.parts or seen.job.ended:
            self.lines = [*self.lines, *seen.lines]
            self.parts = parts
            self.version += 1
        self._seen, self.ended = seen, seen.job.ended

    def tell(self) -> None:
        """Wake all who wait for news."""
        self.news.set()
        self.news = asyncio.Event()


PARTS: Final = ("step", "bar", "numbers", "outcomes", "problems")


def parts_of(rendering: Rendering, seen: Followed) -> dict[str, str]:
    """The parts of the page that show how far a job is, as HTML."""
    macros: Any = rendering.environment.get_template("parts/progress.html").module
    return {name: str(getattr(macros, name)(seen)).strip() for name in PARTS}
