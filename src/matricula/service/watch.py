"""The watch of a process: looks at what people have to be told of, and sends it, beside all other work."""

import threading
from typing import TYPE_CHECKING, Final

from matricula import logs
from matricula.errors import MatriculaError
from matricula.store import Job

if TYPE_CHECKING:
    from matricula.service.service import Service

EVERY: Final = 60.0
"""Seconds between two looks; when a job ends in this process it is looked at once."""
_LEAST: Final = 2.0


class Watch:
    """Two threads: one notices, the other sends, so that a mail server that does not answer holds nothing up.

    Args:
        service: what is watched.
    """

    def __init__(self, service: "Service") -> None:
        self._service = service
        self._stop = threading.Event()
        self._news = threading.Event()
        self._threads: list[threading.Thread] = []
        service.jobs.on_end(self._ended)

    def start(self) -> None:
        """Begin to watch."""
        if self._threads:
            return
        self._stop.clear()
        sending = self._service.notices.outbox.keep_sending
        self._threads = [
            threading.Thread(target=self._notice, name="noticing", daemon=True),
            threading.Thread(target=sending, args=(self._stop,), name="sending", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End the watch; a message that is under way is sent to its end."""
        self._stop.set()
        self._news.set()
        for thread in self._threads:
            thread.join()
        self._threads = []

    def look(self) -> None:
        """Look at everything once."""
        for part in (self._service.noticing.look, self._service.digest.look, self._service.wishes.sweep):
            try:
                part()
            except MatriculaError as error:  # the next look is a minute away
                logs.event("watch", code=error.code)
            except Exception as error:  # noqa: BLE001 - a thread that ends here would never notice anything again
                logs.event("watch", code="fault", kind=type(error).__name__)

    def _ended(self, job: Job) -> None:  # noqa: ARG002 - what it left in the state is looked at
        self._news.set()

    def _notice(self) -> None:
        while not self._stop.is_set():
            self._news.clear()
            self.look()
            self._stop.wait(_LEAST)
            self._news.wait(EVERY)
