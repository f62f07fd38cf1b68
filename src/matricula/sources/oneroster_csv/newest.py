"""Which deliveries of a watched folder are to be read now, and in which order."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from matricula.errors import MatriculaError, SettingError, StopError, WaitError
from matricula.roster import Marker
from matricula.sources.oneroster_csv.files import KNOWN, DeliveryFiles

QUIET = 30
"""A delivery that changed less than so many seconds ago may still be being written."""
_ZIP = ".zip"


@dataclass(frozen=True, order=True)
class Found:
    """One delivery of a folder; they are ordered by time, then by name.

    Args:
        moment: when it was last written, in nanoseconds since 1970; of a folder, its newest file.
        name: the name of the zip or folder.
        path: where it is.
    """

    moment: int
    name: str
    path: Path

    @classmethod
    def at(cls, path: Path) -> "Found":
        """The delivery at a path."""
        files = [path] if path.is_file() else [each for each in (*path.glob("*"), *path.glob("*/*")) if each.is_file()]
        return cls(max((each.stat().st_mtime_ns for each in files), default=0), path.name, path)

    @property
    def place(self) -> tuple[int, str]:
        """Where it stands in the order of all."""
        return (self.moment, self.name)

    @property
    def age(self) -> float:
        """Seconds since it was last written; negative where the clock that wrote it is ahead."""
        return time.time() - self.moment / 1e9

    @property
    def being_written(self) -> bool:
        """Whether it may be incomplete still."""
        return 0 <= self.age < QUIET


def find_deliveries(folder: Path, pattern: str) -> list[Found]:
    """The zips and folders in a watched folder, oldest first.

    Args:
        folder: the watched folder.
        pattern: which names count, as `roster-*.zip`.

    Raises:
        SettingError: there is no such folder.
        StopError: the folder, or something in it, may not be looked at.
    """
    if not folder.is_dir():
        raise SettingError(
            "There is no such folder.",
            where=str(folder),
            remedy="With `take: newest`, `path` is the folder into which deliveries are put, each a zip or a folder.",
            code="path-missing",
        )
    try:
        named = [each for each in folder.iterdir() if fnmatch(each.name, pattern) and not each.name.startswith(".")]
        zips = [each for each in named if each.is_file() and each.suffix.lower() == _ZIP]
        folders = [each for each in named if each.is_dir() and _holds_files(each)]
        return sorted(Found.at(each) for each in (*zips, *folders))
    except OSError as error:
        raise StopError(
            f"The folder cannot be looked through: {error.strerror}.",
            where=str(error.filename or folder),
            remedy="Let the account that runs Matricula read the folder and everything in it.",
            code="folder-unreadable",
        ) from error


def _holds_files(folder: Path) -> bool:
    known = {name.casefold() for name in KNOWN}
    return any(each.name.casefold() in known for pattern in ("*", "*/*") for each in folder.glob(pattern))


def chain_to_read(
    found: Sequence[Found], since: Marker | None, opened: Callable[[Found], DeliveryFiles]
) -> list[tuple[Found, DeliveryFiles]]:
    """The newest complete delivery and the changes after it, oldest first, as far as they were not read before.

    Nothing is left out in the middle: what cannot be opened stops the reading, since changes that come after it may
    rest on it. A complete delivery that was the last one to be read is read again.

    Args:
        found: the deliveries, oldest first, without those that are still being written.
        since: the marker of the last reading; None where everything is to be read.
        opened: opens one.

    Raises:
        MatriculaError: one that has to be read cannot be opened.
    """
    last = place_of(since)
    chain: list[tuple[Found, DeliveryFiles]] = []
    for each in reversed(found):
        if each.place < last or (each.place == last and chain):
            break
        files = opened(each)
        if each.place == last and files.changes:
            break
        chain.insert(0, (each, files))
        if not files.changes:
            break
    return chain


def place_of(since: Marker | None) -> tuple[int, str]:
    """Which delivery was the last to be read; before all others where none was."""
    return (int(since["moment"]), since["name"]) if since else (0, "")


def came_late(found: Sequence[Found], since: Marker | None) -> list[Found]:
    """Deliveries of before the last reading that were not there then, and are not older than what all began with."""
    if not since:
        return []
    seen, begun = since["seen"].split("\n"), int(since["begun"])
    return [each for each in found if each.place < place_of(since) and each.name not in seen and each.moment >= begun]


def marker_after(
    chain: Sequence[tuple[Found, DeliveryFiles]], found: Sequence[Found], since: Marker | None, version: str
) -> dict[str, str]:
    """The marker after a reading.

    Args:
        chain: what was read.
        found: all that are there.
        since: the marker before it.
        version: OneRoster version of what was read.

    Returns:
        name and moment of the last delivery read, the moment of the complete one that it rests on, the version, and the
        names of all that were there to be read.
    """
    name, moment, begun = (since["name"], since["moment"], since["begun"]) if since else ("", "0", "0")
    if chain:
        (first, files), (last, _) = chain[0], chain[-1]
        name, moment = last.name, str(last.moment)
        begun = begun if files.changes else str(first.moment)
    seen = "\n".join(each.name for each in found)
    return {"name": name, "moment": moment, "begun": begun, "version": version, "seen": seen}


def nothing_there(folder: Path, pattern: str, written: Sequence[Found]) -> MatriculaError:
    """Why nothing can be read from a watched folder."""
    if written:
        return WaitError(
            f"{written[0].name} changed {max(written[0].age, 0):.0f} seconds ago and may still be being written.",
            where=str(folder),
            remedy=f"Try again when it has not changed for {QUIET} seconds.",
            code="delivery-being-written",
        )
    named = "" if pattern == "*" else f" that is named like {pattern}"
    return StopError(
        f"There is no delivery in it{named}.",
        where=str(folder),
        remedy="Deliveries are zips, or folders with users.csv and the others in them. See `path` and `pattern`.",
        code="delivery-missing",
    )
