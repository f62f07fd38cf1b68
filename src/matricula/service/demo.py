"""Trying everything without a Moodle: the look-alike and an invented school, served by this process."""

import json
import shutil
import socket
import threading
from contextlib import ExitStack
from typing import Final
from urllib.parse import urlsplit

from matricula import logs
from matricula.errors import UsageError
from matricula.hub.documents import remove, save
from matricula.hub.home import Home
from matricula.profiles.altering import altered
from matricula.sandbox import running
from matricula.sandbox.school import School

NAME: Final = "demo"
"""What site, source and profile of it are called."""
SEED: Final = 2026
STUDENTS: Final = 120
_DAY = "day.json"
_ROSTER = "roster"
_MOODLE = "moodle.db"
_DOCUMENTS = {
    "site": "# An invented Moodle: a look-alike within Matricula, on this computer alone.\nkind: site\nname: demo\n"
    "url: {url}\n",
    "source": "# An invented school. Nobody in it exists.\nkind: source\nname: demo\ntype: oneroster-csv\n"
    "path: {path}\n",
    "profile": "# The invented school in the invented Moodle.\nkind: profile\nname: demo\nsource: demo\nsite: demo\n",
}


class Demo:
    """The invented school and its Moodle.

    Args:
        home: the home that they are put into.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._folder = home.folder / NAME
        self._open = ExitStack()
        self._lock = threading.Lock()
        self._url = ""

    @property
    def there(self) -> bool:
        """Whether it has been made and not been removed."""
        return self._folder.is_dir() and NAME in self._home.names("site")

    @property
    def day(self) -> int:
        """Which of its school days it is, from 1."""
        told = self._folder / _DAY
        return int(json.loads(told.read_text("utf-8"))) if told.exists() else 1

    def make(self) -> None:
        """Make it, or start it again where it is there.

        Raises:
            UsageError: the school has a site, source or profile of this name of its own.
        """
        if self.there:
            self.resume()
            return
        if taken := [kind for kind in _DOCUMENTS if NAME in self._home.names(kind)]:
            raise UsageError(
                f"There is a {taken[0]} named “{NAME}” already.",
                where=f"{taken[0]} {NAME}",
                remedy="The invented school needs this name for itself: give yours another one.",
                code="demo-taken",
            )
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700)
        self._write(1)
        token = self._start(0)
        with self._home.store.begin():
            for kind, text in _DOCUMENTS.items():
                save(self._home, kind, NAME, text.format(url=self._url, path=json.dumps(str(self._folder / _ROSTER))))
            self._home.keep_token(NAME, token)

    def next_day(self) -> list[str]:
        """Let a school day pass; returns what happened at the school, one sentence each."""
        day = self.day + 1
        return self._write(day)

    def resume(self) -> None:
        """Serve the Moodle of it again after a restart, at the address that it had wherever that is free."""
        if not self.there or self._url:
            return
        known = str(self._home.site(NAME).url)
        port = urlsplit(known).port or 0
        if _answers(port):
            return  # another process of this home serves it
        try:
            self._start(port)
        except OSError as error:
            logs.event("demo failed", kind=type(error).__name__)
            return
        if self._url.rstrip("/") != known.rstrip("/"):
            body = self._home.written("site", NAME).body
            save(self._home, "site", NAME, altered(body, {"url": self._url}))

    def remove(self) -> None:
        """Remove it with all that was planned and written in it.

        Raises:
            UsageError: a job is at work on it.
        """
        if self._home.store.jobs.all(sites=[NAME], states=["working"]):
            raise UsageError(
                "A job is at work on the invented school.",
                where=f"site {NAME}",
                remedy="Wait until it has ended, or cancel it; then remove the school.",
                code="demo-at-work",
            )
        self.stop()
        with self._home.store.begin():
            self._home.store.erasing.profile(NAME, NAME)
            for kind in ("profile", "source", "site"):
                if NAME in self._home.names(kind):
                    remove(self._home, kind, NAME)
        shutil.rmtree(self._folder, ignore_errors=True)

    def stop(self) -> None:
        """Let go of what this process serves."""
        with self._lock:
            self._open.close()
            self._url = ""

    def _start(self, port: int) -> str:
        with self._lock:
            served = self._open.enter_context(running("empty", database=str(self._folder / _MOODLE), port=port))
            self._url = served.url
            return served.tokens["admin"]

    def _write(self, day: int) -> list[str]:
        """Write the school as it is on a day; each day follows from the first."""
        school, story = School.generate(SEED, STUDENTS, STUDENTS // 8, STUDENTS // 8), list[str]()
        for _ in range(day - 1):
            school, told = school.next_day()
            story = list(told)
        new = self._folder / f"{_ROSTER}-new"
        shutil.rmtree(new, ignore_errors=True)
        school.write(new)
        old = self._folder / _ROSTER
        shutil.rmtree(old, ignore_errors=True)
        new.rename(old)
        (self._folder / _DAY).write_text(json.dumps(day), "utf-8")
        return story


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
