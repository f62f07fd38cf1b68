"""Worlds of the contract in which a OneRoster CSV package stands, read and altered by plain means."""

import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matricula.sinks import SinkSurroundings

_FILES = {"grade-category": "categories.csv", "line-item": "lineItems.csv", "result": "results.csv"}


class PackageBench:
    """One package; the school's ids are made up, since a package knows no classes but those of its rows."""

    classes = ("class-1", "class-2")
    students = ("student-1", "student-2", "student-3", "student-4")
    sessions = ("term-1", "term-2")

    def __init__(self, path: Path, version: str) -> None:
        self.path = path
        self.settings = {"type": "oneroster-csv", "path": str(path), "version": version, "school": "school-1"}
        self.surroundings = SinkSurroundings()

    def clear(self) -> None:
        if self.path.suffix == ".zip":
            self.path.unlink(missing_ok=True)
        for file in self.path.glob("*") if self.path.is_dir() else ():
            file.unlink()

    def files(self) -> dict[str, str]:
        if self.path.suffix != ".zip":
            return {file.name: file.read_bytes().decode() for file in self.path.glob("*.csv")}
        if not self.path.exists():
            return {}
        with zipfile.ZipFile(self.path) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}

    def rows(self, kind: str) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.files().get(_FILES[kind], ""), newline="")))

    def seen(self, kind: str) -> list[dict[str, Any]]:
        if kind not in _FILES:
            return []
        rows = [row | {"id": row["sourcedId"]} for row in self.rows(kind)]
        return [
            row | ({"score": float(row["score"]) if row["score"] else None} if "score" in row else {}) for row in rows
        ]

    def alter(self, kind: str, sourced_id: str, **fields: Any) -> None:
        told = {name: str(value) for name, value in fields.items()}
        self._put(kind, [row | told if row["sourcedId"] == sourced_id else row for row in self.rows(kind)])

    def lose(self, kind: str, sourced_id: str) -> None:
        self._put(kind, [row for row in self.rows(kind) if row["sourcedId"] != sourced_id])

    def _put(self, kind: str, rows: list[dict[str, str]]) -> None:
        files = self.files()
        text = io.StringIO(newline="")
        header = files[_FILES[kind]].splitlines()[0].split(",")
        writer = csv.DictWriter(text, header)
        writer.writeheader()
        writer.writerows(rows)
        files[_FILES[kind]] = text.getvalue()
        if self.path.suffix != ".zip":
            (self.path / _FILES[kind]).write_bytes(text.getvalue().encode())
            return
        with zipfile.ZipFile(self.path, "w") as archive:
            for name, each in files.items():
                archive.writestr(name, each)


@contextmanager
def oneroster_1_2(folder: Path) -> Iterator[PackageBench]:
    yield PackageBench(folder / "package", "1.2")


@contextmanager
def oneroster_1_1(folder: Path) -> Iterator[PackageBench]:
    yield PackageBench(folder / "package", "1.1")


@contextmanager
def oneroster_zip(folder: Path) -> Iterator[PackageBench]:
    yield PackageBench(folder / "package.zip", "1.2")
