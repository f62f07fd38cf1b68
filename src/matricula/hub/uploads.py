"""Files that somebody hands over in the browser: taken in whole and safely, or not at all."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from matricula.errors import StopError, UsageError
from matricula.hub.documents import is_plain_name, save, uploads_folder
from matricula.hub.home import Home
from matricula.profiles.altering import altered
from matricula.sources.containers import open_container
from matricula.sources.oneroster_csv.files import KNOWN

MOST_SENT: Final = 256 * 1024**2
"""Bytes that one upload may have as it is sent."""
MOST_UNPACKED: Final = 1024**3
"""Bytes that all files of one upload may have together, unpacked."""
MOST_FILES: Final = 500
KINDS: Final = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".xml", ".zip")
"""How the names of files may end."""
READ_FILES: Final = ("oneroster-csv", "tables")
"""Types of sources that read files."""
_FOLDER = "delivery"
_PIECE = 1024 * 1024


@dataclass(frozen=True)
class Handed:
    """A file as the browser sent it.

    Args:
        name: its name on the person's computer.
        file: its content, read from the beginning.
    """

    name: str
    file: IO[bytes]


def take_upload(home: Home, source: str, kind: str, handed: Sequence[Handed]) -> Path:
    """Take files in as the newest delivery of a source, in the place of those handed over before.

    Args:
        home: the home.
        source: the source's name.
        kind: its type; of `oneroster-csv` the files have to be there.
        handed: the files; a zip alone is unpacked.

    Returns:
        the folder that the files are in, the same at every upload.

    Raises:
        UsageError: nothing was chosen, or a file is of a kind that holds no roster.
        StopError: a zip is broken, locked, or unpacks to more than a roster can be, or the files are not what the
            source reads. The files of before stay.
    """
    files = [each for each in handed if each.name]
    if not files:
        raise UsageError(
            "No file was chosen.", where="files", remedy="Choose the zip, or all its files.", code="upload-none"
        )
    if len(files) > MOST_FILES:
        raise _too_large()
    place = uploads_folder(home, source)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix="new-", dir=place))
    try:
        room = _Room()
        for each in files:
            _put(each, new, room)
        if kind == "oneroster-csv":
            _refuse_others(new)
        return _in_place(new, place / _FOLDER)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def hand_over(home: Home, source: str, handed: Sequence[Handed]) -> None:
    """Take files in for a source that is there, and have it read them from now on.

    Args:
        home: the home.
        source: the source's name.
        handed: the files.

    Raises:
        UsageError: the source reads no files, or as `take_upload`.
        StopError: as `take_upload`.
    """
    before = home.written("source", source)
    kind = before.content.get("type", "oneroster-csv")
    if kind not in READ_FILES:
        raise UsageError(
            "This source reads no files.",
            where=f"source {source}",
            remedy="Nothing is uploaded for it.",
            code="upload-kind",
        )
    take_upload(home, source, kind, handed)
    if not is_fed_by_uploads(home, source, before.content):
        save(home, "source", source, altered(before.body, {"path": str(delivery_folder(home, source).absolute())}))


def is_fed_by_uploads(home: Home, source: str, content: Mapping[str, Any]) -> bool:
    """Whether a source reads what is handed over for it in the browser."""
    return (
        is_plain_name(source)
        and bool(content.get("path"))
        and Path(str(content["path"])) == delivery_folder(home, source).absolute()
    )


def uploaded(home: Home, source: str) -> list[tuple[str, int]]:
    """Names and sizes of the files that were handed over last."""
    if not is_plain_name(source):
        return []
    folder = uploads_folder(home, source) / _FOLDER
    found = sorted(each for each in folder.rglob("*") if each.is_file()) if folder.is_dir() else []
    return [(each.relative_to(folder).as_posix(), each.stat().st_size) for each in found]


def delivery_folder(home: Home, source: str) -> Path:
    """The folder that a source reads which is fed by uploads."""
    return uploads_folder(home, source) / _FOLDER


def remove_uploads(home: Home, source: str) -> None:
    """Remove all files that were handed over for a source; none can be for one whose name could be no folder."""
    if is_plain_name(source):
        shutil.rmtree(uploads_folder(home, source), ignore_errors=True)


class _Room:
    """How many bytes and files may still come."""

    def __init__(self) -> None:
        self._bytes = MOST_UNPACKED
        self._files = MOST_FILES

    def file(self) -> None:
        self._files -= 1
        if self._files < 0:
            raise _too_large()

    def take(self, number: int) -> None:
        self._bytes -= number
        if self._bytes < 0:
            raise _too_large()


def _put(handed: Handed, folder: Path, room: _Room) -> None:
    name = PurePosixPath(handed.name.replace("\\", "/")).name
    ending = Path(name).suffix.casefold()
    if ending not in KINDS or name.startswith("."):
        raise UsageError(
            f"“{name[:80]}” is no file of a roster.",
            where="files",
            remedy=f"Choose files whose names end in {', '.join(KINDS[:-1])}, or one zip of them.",
            code="upload-kind",
        )
    if ending == ".zip":
        _unpack(handed, folder, room)
    else:
        room.file()
        _copy(handed.file, folder / name, room)


def _unpack(handed: Handed, folder: Path, room: _Room) -> None:
    """Unpack a zip; what it says of sizes may be a lie, so that only what really comes is counted."""
    try:
        with zipfile.ZipFile(handed.file) as archive:
            for entry, place in _entries(archive):
                room.file()
                target = folder / place
                target.parent.mkdir(mode=0o700, exist_ok=True)
                with archive.open(entry) as content:
                    _copy(content, target, room)
    except RuntimeError as error:
        raise StopError(
            "The zip is locked with a password.",
            where=handed.name[:80],
            remedy="Hand over a zip without a password.",
            code="zip-locked",
        ) from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise StopError(
            "The zip is broken.",
            where=handed.name[:80],
            remedy="Export it again, open it on your computer to see that it is whole, and hand it over once more.",
            code="zip-broken",
        ) from error


def _entries(archive: zipfile.ZipFile) -> Iterator[tuple[zipfile.ZipInfo, PurePosixPath]]:
    """The files of a zip with where they go: at the top, or in one folder; never outside."""
    for entry in archive.infolist():
        place = PurePosixPath(entry.filename.replace("\\", "/"))
        hidden = any(part.startswith((".", "__MACOSX")) and part not in ("..", ".") for part in place.parts)
        if entry.is_dir() or (hidden and ".." not in place.parts):
            continue
        if place.is_absolute() or ".." in place.parts or ":" in entry.filename or "\0" in entry.filename:
            raise StopError(
                "The zip holds a file that would be put outside of its folder.",
                where=entry.filename[:80],
                remedy="Make a new zip of just the roster's files.",
                code="zip-outside",
            )
        if place.suffix.casefold() in KINDS[:-1]:
            yield entry, PurePosixPath(*place.parts[-2:])


def _copy(content: IO[bytes], target: Path, room: _Room) -> None:
    if target.exists():
        raise UsageError(
            f"The file {target.name} came twice.",
            where="files",
            remedy="Hand over each file once.",
            code="upload-twice",
        )
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while piece := content.read(_PIECE):
            room.take(len(piece))
            file.write(piece)


def _refuse_others(folder: Path) -> None:
    try:
        open_container(folder, KNOWN)
    except StopError as error:
        error.where = "files"
        raise


def _in_place(new: Path, target: Path) -> Path:
    old = target.with_name("old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        target.rename(old)
    new.rename(target)
    shutil.rmtree(old, ignore_errors=True)
    return target


def _too_large() -> StopError:
    return StopError(
        f"That is more than a roster can be ({MOST_UNPACKED // 1024**2} MiB unpacked, {MOST_FILES} files).",
        where="files",
        remedy="Hand over just the files of the roster; larger ones are read from a folder on the server.",
        code="upload-large",
    )
