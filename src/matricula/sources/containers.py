"""Where a delivery's files are: a folder or a zip."""

import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from matricula.errors import SettingError, StopError

FILE_LIMIT = 1024 * 1024 * 1024
"""No roster file may hold more bytes than this, unpacked."""
ENTRIES_LIMIT = 10_000
_TOP = "."


@dataclass(frozen=True)
class Container:
    """The files of a delivery.

    Args:
        origin: the folder or zip, for people.
        folder: the folder inside it that holds the files, empty at the top.
        names: the files in that folder.
        read: gives the bytes of a file by its name.
    """

    origin: str
    folder: str
    names: tuple[str, ...]
    read: Callable[[str], bytes]


def open_container(path: Path, known: Iterable[str]) -> Container:
    """Find a delivery's files.

    Args:
        path: a folder or a zip.
        known: names of files by which the folder that holds the delivery is told; capital letters do not matter.

    Raises:
        SettingError: there is nothing at the path, or neither a folder nor a zip.
        StopError: the zip is broken, locked or suspiciously large, or no known file is in it.
    """
    wanted = {name.casefold() for name in known}
    if path.is_dir():
        entries = [entry.relative_to(path).as_posix() for entry in _files(path)]
        return _container(str(path), entries, wanted, lambda name: _read_limited(path / name))
    if not path.exists():
        raise _missing(path)
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".zip":
            raise _broken_zip(str(path))
        raise SettingError(
            "This is neither a folder nor a zip.",
            where=str(path),
            remedy="Set `path` of the source to the folder that holds the CSV files, or to the whole zip.",
            code="path-not-a-delivery",
        )
    return _open_zip(path, wanted)


def open_files(path: Path) -> Container:
    """Every file of a folder or zip, at its top or in one folder inside, by names such as `term1/students.csv`.

    Args:
        path: a folder, a zip, or a single file, which is then the only one.

    Raises:
        SettingError: there is nothing at the path.
        StopError: the zip is broken or suspiciously large.
    """
    if path.is_dir():
        names = sorted(entry.relative_to(path).as_posix() for entry in _files(path))
        return Container(str(path), "", tuple(names), lambda name: _read_limited(path / name))
    if not path.exists():
        raise _missing(path)
    if path.suffix.casefold() != ".zip":
        return Container(str(path), "", (path.name,), lambda _: _read_limited(path))
    return Container(str(path), "", tuple(sorted(_zip_entries(path))), lambda name: _read_zipped(path, name))


def _missing(path: Path) -> SettingError:
    return SettingError(
        "There is no such folder or zip.",
        where=str(path),
        remedy="Set `path` of the source to the folder or zip that the school's system writes.",
        code="path-missing",
    )


def _files(path: Path) -> list[Path]:
    return [entry for pattern in ("*", "*/*") for entry in path.glob(pattern) if entry.is_file()]


def _read_limited(path: Path) -> bytes:
    try:
        if path.stat().st_size > FILE_LIMIT:
            raise _too_large(str(path))
        return path.read_bytes()
    except OSError as error:
        raise StopError(
            f"The file cannot be read: {error.strerror}.",
            where=str(path),
            remedy="Let the account that runs Matricula read the file.",
            code="file-unreadable",
        ) from error


def _open_zip(path: Path, wanted: set[str]) -> Container:
    return _container(str(path), _zip_entries(path), wanted, lambda name: _read_zipped(path, name))


def _zip_entries(path: Path) -> list[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise _broken_zip(str(path)) from error
    if len(entries) > ENTRIES_LIMIT:
        raise _too_large(str(path))
    return entries


def _read_zipped(path: Path, name: str) -> bytes:
    where = f"{path}, {name}"
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as entry:
            # The size that a zip states of an entry may be a lie, so no more is unpacked than is allowed.
            data = entry.read(FILE_LIMIT + 1)
    except RuntimeError as error:
        raise StopError(
            "The zip is locked with a password.",
            where=where,
            remedy="Ask the vendor for a zip without a password.",
            code="zip-locked",
        ) from error
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        raise _broken_zip(where) from error
    if len(data) > FILE_LIMIT:
        raise _too_large(where)
    return data


def _container(origin: str, entries: list[str], wanted: set[str], read: Callable[[str], bytes]) -> Container:
    folders: dict[str, list[str]] = {}
    for entry in entries:
        place = PurePosixPath(entry)
        if place.name.casefold() in wanted:
            folders.setdefault(str(place.parent), []).append(entry)
    if not folders:
        raise StopError(
            "No OneRoster file is in it.",
            where=origin,
            remedy="It must hold users.csv, classes.csv, enrollments.csv and the others by exactly these names.",
            code="delivery-empty",
        )
    folder = _TOP if _TOP in folders else _only_folder(list(folders), origin)
    prefix = "" if folder == _TOP else f"{folder}/"
    names = [PurePosixPath(entry).name for entry in entries if str(PurePosixPath(entry).parent) == folder]
    return Container(origin, prefix.rstrip("/"), tuple(sorted(names)), lambda name: read(prefix + name))


def _only_folder(folders: list[str], origin: str) -> str:
    if len(folders) > 1:
        raise StopError(
            f"Several folders in it hold OneRoster files: {', '.join(sorted(folders))}.",
            where=origin,
            remedy="Put one delivery alone into the folder or zip, or set `path` to the right folder.",
            code="delivery-ambiguous",
        )
    return folders[0]


def _broken_zip(where: str) -> StopError:
    return StopError(
        "The zip is broken.",
        where=where,
        remedy="Export or transfer it again and see that the transfer ends before it is read.",
        code="zip-broken",
    )


def _too_large(where: str) -> StopError:
    return StopError(
        f"It is larger than a roster can be ({FILE_LIMIT // 1024**2} MiB a file, {ENTRIES_LIMIT} files).",
        where=where,
        remedy="See what the export wrote; a roster of a million records fits easily.",
        code="delivery-too-large",
    )
