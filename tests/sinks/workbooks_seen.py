"""Worlds of the contract in which a workbook stands, looked at and altered as a person would."""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from matricula.sinks import SinkSurroundings

_SHEETS = {"grade-category": "Categories", "line-item": "Items", "result": "Results", "final-grade": "Finals"}
_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
_NAMES = {"class-1": "8 B Mathematics", "student-1": "Sjöström, Eva", "student-2": "Abel, Ugo", "term-1": "Autumn"}


def named(kind: str, sourced_ids) -> dict[str, str]:
    return {each: _NAMES[each] for each in sourced_ids if each in _NAMES}


class Book:
    """A workbook as its parts, which are XML."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def sheets(self) -> dict[str, str]:
        """Parts of the workbook by name of the sheet, in their order."""
        with zipfile.ZipFile(self.path) as parts:
            book = ET.fromstring(parts.read("xl/workbook.xml"))
        names = [sheet.attrib["name"] for sheet in book.findall("m:sheets/m:sheet", _NS)]
        return {name: f"xl/worksheets/sheet{number}.xml" for number, name in enumerate(names, 1)}

    def tree(self, sheet: str) -> ET.Element:
        with zipfile.ZipFile(self.path) as parts:
            return ET.fromstring(parts.read(self.sheets()[sheet]))

    def grid(self, sheet: str) -> list[dict[str, Any]]:
        """Lines of cells by letter of their column: text or numbers."""
        return [
            {cell.attrib["r"].rstrip("0123456789"): _value(cell) for cell in row.findall("m:c", _NS)}
            for row in self.tree(sheet).findall("m:sheetData/m:row", _NS)
        ]

    def put(self, sheet: str, tree: ET.Element) -> None:
        beside, part = self.path.with_name("beside.zip"), self.sheets()[sheet]
        with zipfile.ZipFile(self.path) as old, zipfile.ZipFile(beside, "w") as new:
            for name in old.namelist():
                new.writestr(name, ET.tostring(tree) if name == part else old.read(name))
        shutil.move(beside, self.path)


def _value(cell: ET.Element) -> Any:
    if cell.attrib.get("t") == "inlineStr":
        return "".join(cell.itertext())
    found = cell.find("m:v", _NS)
    return float(found.text) if found is not None and found.text else None


class WorkbookBench:
    """One workbook, whose names of people are known in part."""

    classes = ("class-1", "class-2")
    students = ("student-1", "student-2", "student-3", "student-4")
    sessions = ("term-1", "term-2")

    def __init__(self, path: Path, sheets: str) -> None:
        pytest.importorskip("xlsxwriter")
        self.path = path
        self.book = Book(path)
        self.settings = {"type": "spreadsheet", "path": str(path), "sheets": sheets}
        self.surroundings = SinkSurroundings(names=named)

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)

    def seen(self, kind: str) -> list[dict[str, Any]]:
        if not self.path.exists():
            return []
        heading, *lines = self.book.grid(_SHEETS[kind])
        return [{name: line.get(place) for place, name in heading.items()} for line in lines]

    def alter(self, kind: str, sourced_id: str, **fields: Any) -> None:
        row, tree = self._found(kind, sourced_id)
        places = {name: place for place, name in self.book.grid(_SHEETS[kind])[0].items()}
        for name, value in fields.items():
            cell = next(cell for cell in row if cell.attrib["r"].rstrip("0123456789") == places[name])
            cell.find("m:v", _NS).text = str(value)
        self.book.put(_SHEETS[kind], tree)

    def lose(self, kind: str, sourced_id: str) -> None:
        row, tree = self._found(kind, sourced_id)
        tree.find("m:sheetData", _NS).remove(row)
        self.book.put(_SHEETS[kind], tree)

    def _found(self, kind: str, sourced_id: str):
        tree = self.book.tree(_SHEETS[kind])
        rows = tree.findall("m:sheetData/m:row", _NS)
        return next(row for row in rows if sourced_id in [_value(cell) for cell in row]), tree


@contextmanager
def workbook_by_class(folder: Path) -> Iterator[WorkbookBench]:
    yield WorkbookBench(folder / "grades.xlsx", "class")


@contextmanager
def workbook_of_all(folder: Path) -> Iterator[WorkbookBench]:
    yield WorkbookBench(folder / "grades.xlsx", "all")
