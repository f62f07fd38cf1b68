"""A process that can be killed at any commit or call, without a process: from then on it can do nothing more."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from matricula.moodle import transport
from matricula.store import database, runs
from matricula.store.processes import Process, this_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

FIRST_PID = 10**7


class KilledError(BaseException):
    """What no handler of errors catches, as none outlives a process."""


class Killer:
    """Kills what is at work, and tells dead processes from living ones.

    Args:
        patch: ends with the test.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._lock = threading.Lock()
        self._left: int | None = None
        self._dead = False
        self._born = 0
        self._patch_database(patch)
        self._patch_transport(patch)
        patch.setattr(runs, "this_process", self._process)
        patch.setattr(runs, "is_gone", lambda process: process != self._process())

    @contextmanager
    def after(self, moments: int | None) -> Iterator[None]:
        """Kill what is done in the block after so many moments; None lets it live.

        Raises:
            KilledError: it was killed.
        """
        self._left = moments
        try:
            yield
        finally:
            self._left, self._dead = None, False

    def reborn(self) -> None:
        """From now on another process is meant, and the ones before are dead."""
        self._born += 1

    def moment(self) -> None:
        """A moment at which a process may be killed; a dead one gets no further than the next."""
        with self._lock:
            if self._left is not None:
                self._left -= 1
                self._dead = self._dead or self._left < 0
            if self._dead:
                raise KilledError

    def _process(self) -> Process:
        here = this_process()
        return Process(here.host, here.space, FIRST_PID + self._born)

    def _patch_database(self, patch: pytest.MonkeyPatch) -> None:
        writing = database.Database.writing

        @contextmanager
        def mortal(opened: database.Database, **options: Any) -> Iterator[Any]:
            self.moment()
            with writing(opened, **options) as connection:
                yield connection
                self.moment()
            self.moment()

        patch.setattr(database.Database, "writing", mortal)

    def _patch_transport(self, patch: pytest.MonkeyPatch) -> None:
        call = transport.Transport.call

        def mortal(site: transport.Transport, *arguments: Any, **options: Any) -> Any:
            self.moment()
            answer = call(site, *arguments, **options)
            self.moment()
            return answer

        patch.setattr(transport.Transport, "call", mortal)
