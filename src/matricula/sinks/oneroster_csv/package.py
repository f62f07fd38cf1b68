"""The package: a folder or a zip with a manifest and three files, read as text and written anew."""

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import polars as pl

from matricula.errors import SettingError, StopError
from matricula.sinks.files import replace_whole
from matricula.sinks.oneroster_csv.columns import FILES, HEADERS, OWN, Version
from matricula.sources.oneroster_csv.manifest import files_of

MANIFEST: Final = "manifest.csv"
_MOMENT: Final = "%Y-%m-%dT%H:%M:%S%.3fZ"

Parts = Sequence[pl.DataFrame]
"""Rows of one file, one frame after the other, of the same columns."""


class Package:
    """A package of gradebooks.

    Args:
        path: a folder, or a file whose name ends in `.zip`.
        version: of OneRoster.
        system: name of the system that its manifest tells.
    """

    def __init__(self, path: Path, version: Version, system: str) -> None:
        self._path = path
        self._version = version
        self._system = system
        self._zipped = path.suffix.casefold() == ".zip"

    def read(self) -> dict[str, pl.DataFrame]:
        """The files as text, by kind of record; those of a package that is not there are empty.

        Raises:
            SettingError: what is there is another package, or none.
            StopError: it cannot be read.
        """
        with self._opened() as files:
            if MANIFEST not in files:
                self._check_free(files)
                return {kind: self._text(kind, None) for kind in FILES}
            self._check_manifest(files[MANIFEST])
            return {kind: self._text(kind, files.get(f"{name}.csv")) for kind, name in FILES.items()}

    def write(self, changed: str, files: Mapping[str, Parts]) -> None:
        """Write the package: a zip as a whole; of a folder the file that changed, and those that are not there.

        Args:
            changed: the kind of record whose file is another than before.
            files: the rows of all files by kind.

        Raises:
            StopError: it cannot be written; the package that was there stands.
        """
        if self._zipped:
            replace_whole(self._path, lambda beside: self._write_zip(beside, files))
            return
        manifest = self._path / MANIFEST
        missing = [kind for kind, name in FILES.items() if not (self._path / f"{name}.csv").exists()]
        for kind in [changed, *(kind for kind in missing if kind != changed)] if manifest.exists() else FILES:
            parts = files[kind]
            replace_whole(self._path / f"{FILES[kind]}.csv", lambda beside, parts=parts: _write_file(beside, parts))  # type: ignore[misc]
        # Without its manifest it is no package: what is half made is not taken for one.
        if not manifest.exists() or manifest.read_bytes() != self._manifest().encode():
            replace_whole(manifest, lambda beside: _write_text(beside, self._manifest()))

    @contextmanager
    def _opened(self) -> Iterator[Mapping[str, bytes]]:
        """The files that are there by name, each read when it is asked for."""
        try:
            if not self._path.exists():
                yield {}
            elif self._zipped:
                with zipfile.ZipFile(self._path) as archive:
                    yield _Files(archive.namelist(), archive.read)
            else:
                names = [entry.name for entry in self._path.iterdir() if entry.is_file()]
                yield _Files(names, lambda name: (self._path / name).read_bytes())
        except (OSError, zipfile.BadZipFile) as error:
            raise self._unusable("It cannot be read.") from error

    def _write_zip(self, beside: Path, files: Mapping[str, Parts]) -> None:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(MANIFEST, self._manifest())
            for kind, name in FILES.items():
                with archive.open(f"{name}.csv", "w", force_zip64=True) as entry:
                    _write_parts(entry, files[kind])

    def _manifest(self) -> str:
        text = io.StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(["propertyName", "value"])
        lines.writerow(["manifest.version", "1.0"])
        lines.writerow(["oneroster.version", self._version])
        for name in files_of(self._version):
            lines.writerow([f"file.{name}", "bulk" if name in FILES.values() else "absent"])
        lines.writerow(["source.systemName", self._system])
        return text.getvalue()

    def _text(self, kind: str, data: bytes | None) -> pl.DataFrame:
        wanted = (*HEADERS[self._version][kind], *OWN[kind])
        if data is None or not data.strip():
            return pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))
        try:
            rows = pl.read_csv(data, infer_schema=False)
        except pl.exceptions.PolarsError as error:
            raise self._unusable(f"{FILES[kind]}.csv is no table of cells with commas between.") from error
        if missing := [name for name in HEADERS[self._version][kind] if name not in rows.columns]:
            raise self._unusable(f"{FILES[kind]}.csv has no {missing[0]}.")
        own = [pl.lit(None, pl.String).alias(name) for name in OWN[kind] if name not in rows.columns]
        others = [name for name in rows.columns if name not in wanted]
        return rows.with_columns(own).select(*wanted, *others)

    def _check_free(self, files: Mapping[str, bytes]) -> None:
        if self._path.exists() and any(name.casefold().endswith(".csv") for name in files):
            names = {f"{name}.csv" for name in FILES.values()}
            # A first writing that was killed leaves files without a manifest, and they are ours.
            if not {name for name in files if name.casefold().endswith(".csv")} <= names:
                raise self._foreign("It holds CSV files that are no package of gradebooks.")

    def _check_manifest(self, data: bytes) -> None:
        told = dict(row[:2] for row in csv.reader(io.StringIO(data.decode("utf-8-sig", "replace"))) if len(row) > 1)
        version = told.get("oneroster.version", "")
        if version != self._version:
            raise self._foreign(f"The package that is there is of OneRoster {version[:20] or 'no version'}.")
        ours = {f"file.{name}" for name in FILES.values()}
        others = [
            name.removeprefix("file.")
            for name, mode in told.items()
            if name.startswith("file.") and name not in ours and mode != "absent"
        ]
        if others or any(told.get(name) == "delta" for name in ours):
            raise self._foreign("The package that is there holds other things than complete gradebooks.")

    def _foreign(self, what: str) -> SettingError:
        return SettingError(
            what,
            where=str(self._path),
            remedy="Give the sink a `path` of its own, or take away what is there.",
            code="package-foreign",
        )

    def _unusable(self, what: str) -> StopError:
        return StopError(
            what,
            where=str(self._path),
            remedy="See what was done to it; if it is taken away, it is written anew.",
            code="package-unusable",
        )


class _Files(Mapping[str, bytes]):
    """Files by their name, each read when it is asked for."""

    def __init__(self, names: Sequence[str], read: Callable[[str], bytes]) -> None:
        self._names = names
        self._read = read

    def __getitem__(self, name: str) -> bytes:
        if name not in self._names:
            raise KeyError(name)
        return self._read(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _write_file(path: Path, parts: Parts) -> None:
    with path.open("wb") as file:
        _write_parts(file, parts)


def _write_parts(file: IO[bytes], parts: Parts) -> None:
    for number, rows in enumerate(parts):
        rows.write_csv(file, include_header=not number, datetime_format=_MOMENT, float_scientific=False)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
