"""The school as a OneRoster 1.2 CSV package, in a folder or a zip that is there as a whole or not at all."""

import csv
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from matricula.errors import StopError
from matricula.importing.package_rows import GRADEBOOK, rows_of
from matricula.importing.records import School
from matricula.profiles.documents import Import
from matricula.roster import TABLES
from matricula.sources.oneroster_csv.manifest import MANIFEST, files_of

VERSION: Final = "1.2"
SYSTEM: Final = "matricula-import"
"""Stands in the manifest as `source.systemCode`, by which a package is known for one that may be replaced."""

_NAMES: Final = frozenset({MANIFEST, *(f"{name}.csv" for name in (*TABLES, *GRADEBOOK))})
_PAIR: Final = 2


def write_package(school: School, settings: Import, path: Path) -> list[str]:
    """Write the package, in the place of an older one of ours.

    Args:
        school: what is told.
        settings: the import.
        path: a folder, or a file that ends in `.zip`.

    Returns:
        the names of the files in it.

    Raises:
        StopError: something else is there, or it cannot be written; then nothing is altered.
    """
    files = files_in(school, settings)
    _refuse_what_is_not_ours(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_zip(files, path) if _is_zip(path) else _write_folder(files, path)
    except OSError as error:
        raise StopError(
            f"The package cannot be written: {error.strerror}. What was there is as it was.",
            where=str(path),
            remedy="See that there is room and that you may write there, or name another place with --to.",
            code="import-not-written",
        ) from error
    return list(files)


def packed(path: Path, site: str) -> bytes:
    """The package of a site as a zip, for somebody to take along.

    Args:
        path: where it was written.
        site: the site; nothing that was made of another one is handed out.

    Raises:
        StopError: there is no package of this site.
    """
    with suppress(OSError, zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        told = dict(each for each in csv.reader(io.StringIO(_manifest_of(path))) if len(each) == _PAIR)
        if told.get("source.systemCode") == SYSTEM and told["source.systemName"].startswith(f"{_of_site(site)}, "):
            return path.read_bytes() if _is_zip(path) else _zipped(path)
    raise StopError(
        "The package is not here.",
        where=str(path),
        remedy="Look once more and write it. Where a worker on another machine wrote it, it lies there.",
        code="import-package-gone",
    )


def _zipped(folder: Path) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in sorted(_NAMES & {each.name for each in folder.iterdir()}):
            zipped.write(folder / name, name)
    return content.getvalue()


def files_in(school: School, settings: Import) -> dict[str, str]:
    """The files of the package as text, by name."""
    told = rows_of(school, settings)
    texts = {f"{name}.csv": _csv(header, rows) for name, (header, rows) in told.items()}
    return {MANIFEST: _csv(("propertyName", "value"), _manifest(told, settings)), **texts}


def _manifest(told: Mapping[str, object], settings: Import) -> Iterator[tuple[str, str]]:
    yield "manifest.version", "1.0"
    yield "oneroster.version", VERSION
    for name in sorted(files_of(VERSION)):
        yield f"file.{name}", "bulk" if name in told else "absent"
    yield "source.systemName", f"{_of_site(settings.site)}, as {settings.name}"
    yield "source.systemCode", SYSTEM


def _of_site(site: str) -> str:
    return f"Matricula, first import of {site}"


def _csv(header: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _write_zip(files: Mapping[str, str], path: Path) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            for each, text in files.items():
                packed.writestr(each, text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _write_folder(files: Mapping[str, str], path: Path) -> None:
    """Write beside the place and exchange: a reader finds the old package or the new one, never half of one."""
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.new.", dir=path.parent))
    old = new.with_name(new.name.replace(".new.", ".old."))
    try:
        for each, text in files.items():
            file = new / each
            file.touch(mode=0o600)
            file.write_text(text, encoding="utf-8", newline="")
        if path.exists():
            path.rename(old)
        try:
            new.rename(path)
        except BaseException:
            if old.exists():
                old.rename(path)
            raise
    finally:
        for left in (new, old):
            shutil.rmtree(left, ignore_errors=True)


def _refuse_what_is_not_ours(path: Path) -> None:
    if not path.exists():
        return
    ours = False
    with suppress(OSError, zipfile.BadZipFile, KeyError, UnicodeDecodeError):
        ours = f"source.systemCode,{SYSTEM}" in _manifest_of(path)
    folder = not _is_zip(path)
    if not (path.is_dir() and _holds_nothing_else(path, ours=ours) if folder else path.is_file() and ours):
        raise StopError(
            "Something is there that no import wrote. It is left as it is.",
            where=str(path),
            remedy="Name another folder or zip with --to, or move what is there away.",
            code="import-not-ours",
        )


def _holds_nothing_else(path: Path, *, ours: bool) -> bool:
    return {each.name for each in path.iterdir()} <= (_NAMES if ours else set())


def _manifest_of(path: Path) -> str:
    if _is_zip(path):
        with zipfile.ZipFile(path) as packed:
            return packed.read(MANIFEST).decode()
    return (path / MANIFEST).read_text(encoding="utf-8")
