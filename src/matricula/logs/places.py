"""Where the log goes, and in what form: a file that is put away by size or by day, or standard error."""

import os
import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

VARIABLE: Final = "MATRICULA_LOG"
"""Environment variable that names the file of the log; `-` is standard error."""
FORMAT_VARIABLE: Final = "MATRICULA_LOG_FORMAT"
"""Environment variable with the form of its lines: `json` (the default) or `text`."""
ROTATE_VARIABLE: Final = "MATRICULA_LOG_ROTATE"
"""Environment variable that says when the file is put away: `daily`, a size as `20MB`, or both with a comma between."""
KEEP_VARIABLE: Final = "MATRICULA_LOG_KEEP"
"""Environment variable with the number of files put away that are kept."""

KEPT: Final = 14
_SIZE: Final = re.compile(r"(\d{1,6})([kMG])i?B?", re.IGNORECASE)
_UNITS: Final = {"k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_served: Final[list[str]] = []


class Place(Protocol):
    """Where lines go."""

    def info(self, line: str) -> None:
        """Take a line in; whatever happens, the work that it tells of goes on."""


@dataclass(frozen=True, slots=True)
class Rotation:
    """When a file is put away.

    Args:
        size: bytes that it may have; 0 for any number.
        daily: whether each day has its own.
        keep: how many that were put away are kept.
    """

    size: int = 0
    daily: bool = False
    keep: int = KEPT


class _StandardError:
    def info(self, line: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


class _File:
    """Appends each line by itself, so that processes at work side by side can share a file.

    It is opened for each line: whoever renames it, this program or logrotate, finds the next line in a new one.
    """

    def __init__(self, path: Path, rotation: Rotation) -> None:
        self._path = path
        self._rotation = rotation

    def info(self, line: str) -> None:
        # A log that cannot be written must not end the work it tells of.
        text = f"{line}\n".encode()
        with suppress(OSError):
            if self._rotation.size or self._rotation.daily:
                self._put_away(len(text))
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, text)
            finally:
                os.close(handle)

    def _put_away(self, more: int) -> None:
        if sys.platform == "win32" or not self._is_full(more):
            return
        import fcntl

        handle = os.open(f"{self._path}.lock", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            # Whoever comes second finds a new file, or adds one line to the old one: nobody waits.
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if self._is_full(more):
                self._shift()
        except BlockingIOError:
            return
        finally:
            os.close(handle)

    def _is_full(self, more: int) -> bool:
        try:
            seen = self._path.stat()
        except FileNotFoundError:
            return False
        if self._rotation.size and seen.st_size and seen.st_size + more > self._rotation.size:
            return True
        return self._rotation.daily and seen.st_size > 0 and _day(seen.st_mtime) != _day(time.time())

    def _shift(self) -> None:
        oldest = 0
        while self._numbered(oldest + 1).exists():
            oldest += 1
        for number in range(oldest, -1, -1):
            if number >= self._rotation.keep:
                self._numbered(number).unlink()
            else:
                os.replace(self._numbered(number), self._numbered(number + 1))  # noqa: PTH105 - says what is meant

    def _numbered(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}") if number else self._path


def place() -> Place | None:
    """Where the log goes; None where there is none."""
    named = os.environ.get(VARIABLE) or (_served[0] if _served else "")
    if not named:
        return None
    return _StandardError() if named == "-" else _File(Path(named), _rotation() or Rotation())


def form() -> Literal["json", "text"]:
    """In what form its lines are: what is asked for; else for people on the standard error of a service."""
    asked = os.environ.get(FORMAT_VARIABLE, "").lower()
    if not asked:
        return "text" if _served and not os.environ.get(VARIABLE) else "json"
    return "text" if asked == "text" else "json"


def serve_by_default() -> None:
    """From now on the log of this process goes to standard error, where the environment says nothing else."""
    _served[:] = ["-"]


def faults() -> list[str]:
    """What is wrong with the settings of the log, in words."""
    found = []
    if os.environ.get(FORMAT_VARIABLE, "").lower() not in ("", "json", "text"):
        found.append(f"{FORMAT_VARIABLE} takes json or text.")
    if _rotation() is None:
        found.append(f"{ROTATE_VARIABLE} takes daily, a size as 20MB, or both with a comma between.")
    if _kept() is None:
        found.append(f"{KEEP_VARIABLE} takes a number from 1 to 1000.")
    return found


def _rotation() -> Rotation | None:
    size, daily = 0, False
    for word in os.environ.get(ROTATE_VARIABLE, "").replace(",", " ").split():
        found = _SIZE.fullmatch(word)
        if word.lower() == "daily":
            daily = True
        elif found:
            size = int(found[1]) * _UNITS[found[2].lower()]
        else:
            return None
    return Rotation(size, daily, _kept() or KEPT)


def _kept() -> int | None:
    told = os.environ.get(KEEP_VARIABLE, "").strip() or str(KEPT)
    return int(told) if re.fullmatch(r"[1-9]\d{0,2}|1000", told) else None


def _day(moment: float) -> tuple[int, int]:
    """The day of a moment by this machine's clock."""
    local = time.localtime(moment)
    return local.tm_year, local.tm_yday
