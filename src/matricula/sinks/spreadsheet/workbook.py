"""The workbook: written whole, and read as what somebody made of it since."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, Final

import fastexcel
import polars as pl

from matricula.errors import SettingError, StopError
from matricula.roster.gradebook import KINDS, empty
from matricula.sinks.files import replace_whole
from matricula.sinks.spreadsheet.long_form import SHEETS, SHOWN, headings, lines_of, records_of
from matricula.sinks.spreadsheet.wide import EXCUSED, LINES_ABOVE, Cell, Names, cells_of, table_of

MOST_LINES: Final = 1_048_576
MOST_COLUMNS: Final = 16_384
"""What a sheet of Excel holds."""
_LONGEST_NAME: Final = 31
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))

Frames = Mapping[str, pl.DataFrame]


def read(path: Path) -> dict[str, pl.DataFrame]:
    """The records of a workbook by kind, references by id; none where there is no file.

    Raises:
        SettingError: the file is another workbook.
        StopError: it cannot be read.
    """
    if not path.exists():
        return {kind: empty(kind) for kind in KINDS}
    try:
        reader = fastexcel.read_excel(path.read_bytes())
        if not set(SHEETS.values()) <= set(reader.sheet_names):
            raise _foreign(path)
        frames = {kind: records_of(kind, reader) for kind in KINDS}
        grids = [
            reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars().rows()
            for name in reader.sheet_names
            if name not in SHEETS.values()
        ]
    except (fastexcel.FastExcelError, OSError, pl.exceptions.PolarsError) as error:
        raise StopError(
            "The workbook cannot be read.",
            where=str(path),
            remedy="See what was done to its sheets; if it is taken away, it is written anew.",
            code="workbook-unusable",
        ) from error
    cells = [cell for grid in grids for cell in cells_of(grid)]
    return frames | {"result": _altered(frames["result"], frames["line-item"], cells)}


def write(path: Path, frames: Frames, names: Names, *, together: bool) -> None:
    """Write a workbook.

    Args:
        path: the file.
        frames: records of all kinds, whose references are ids.
        names: gives names to classes, students and sessions.
        together: whether all classes stand on one sheet.

    Raises:
        StopError: it cannot be written, or holds more than a workbook can.
    """
    classes = sorted({str(each) for frame in frames.values() for each in frame["class"].drop_nulls()})
    called = names("class", classes)
    classes.sort(key=lambda each: (called.get(each, each).casefold(), each))
    sheets: dict[str, list[list[Cell]]] = {}
    if together and classes:
        sheets["Gradebook"] = table_of(classes, frames, names)
    for class_ in [] if together else classes:
        sheets[_sheet_name(called.get(class_, class_), sheets)] = table_of([class_], frames, names)
    _check_size(path, frames, sheets.values())
    replace_whole(path, lambda beside: _write(beside, frames, sheets))


def _altered(results: pl.DataFrame, items: pl.DataFrame, cells: Sequence[tuple[str, str, str]]) -> pl.DataFrame:
    """Results as somebody left them: where a sheet of a class no longer shows what it was made to show, it is right."""
    seen = {(item, student): cell for item, student, cell in cells}
    classes = dict(zip(items["id"], items["class"], strict=True))
    rows: list[dict[str, Any]] = []
    for row in results.iter_rows(named=True):
        made = row.pop(SHOWN)
        cell = seen.pop((row["item"], row["student"]), None)
        rows.append(row if cell is None or _same(cell, made or "") else row | _of_cell(cell))
    for (item, student), cell in seen.items():
        if cell and item in classes:
            named = {"id": f"{item}\t{student}", "item": item, "student": student, "class": classes[item]}
            rows.append(dict.fromkeys(KINDS["result"]) | named | _of_cell(cell))
    return pl.DataFrame(rows, schema=KINDS["result"], orient="row")


def _same(one: str, other: str) -> bool:
    number = _number(one)
    return one == other or (number is not None and number == _number(other))


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if isfinite(number) else None


def _of_cell(cell: str) -> dict[str, Any]:
    """What a cell says of a result that somebody wrote into it."""
    if not cell:
        return {"status": "not submitted", "score": None, "text": None}
    if cell.casefold() == EXCUSED:
        return {"status": "exempt", "score": None, "text": None}
    score = _number(cell.replace(",", "."))
    return {"status": "fully graded", "score": score, "text": cell if score is None else None}


def _write(path: Path, frames: Frames, sheets: Mapping[str, list[list[Cell]]]) -> None:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        for name, lines in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(LINES_ABOVE, 2)
            sheet.set_column(0, 1, 24)
            sheet.set_column(2, max(len(line) for line in lines), 14)
            sheet.set_row(0, None, None, {"hidden": True})
            _put(sheet, lines, lambda number: bold if number < LINES_ABOVE else None)
        for kind, name in SHEETS.items():
            sheet = book.add_worksheet(name)
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, len(headings(kind)), 18)
            _put(sheet, _with_heading(kind, frames[kind]), lambda number: bold if number == 0 else None)


def _with_heading(kind: str, records: pl.DataFrame) -> Iterator[Sequence[Cell]]:
    yield headings(kind)
    yield from lines_of(kind, records)


def _put(sheet: Any, lines: Any, looks: Callable[[int], Any]) -> None:
    for number, line in enumerate(lines):
        look = looks(number)
        for place, cell in enumerate(line):
            if isinstance(cell, str):
                sheet.write_string(number, place, cell, look)
            elif cell is not None:
                sheet.write_number(number, place, cell, look)


def _sheet_name(title: str, taken: Mapping[str, Any]) -> str:
    """A name for a sheet as Excel takes it: short, without signs of its own, and there once."""
    others = {name.casefold() for name in (*taken, *SHEETS.values(), "History")}
    plain = " ".join(title.translate(_FORBIDDEN).split()) or "Class"
    name, number = plain[:_LONGEST_NAME].strip(), 1
    while name.casefold() in others:
        number += 1
        tail = f" ({number})"
        name = plain[: _LONGEST_NAME - len(tail)].strip() + tail
    return name


def _check_size(path: Path, frames: Frames, sheets: Any) -> None:
    lines = max(frame.height + 1 for frame in frames.values())
    columns = max((len(sheet[0]) for sheet in sheets), default=0)
    if lines > MOST_LINES or columns > MOST_COLUMNS:
        raise StopError(
            f"It would need {lines} lines and {columns} columns; a sheet has {MOST_LINES} and {MOST_COLUMNS}.",
            where=str(path),
            remedy="Set `sheets: class`, or write grades of so many classes to a sink of another kind.",
            code="workbook-too-large",
        )


def _foreign(path: Path) -> SettingError:
    return SettingError(
        "The workbook that is there was not written by Matricula.",
        where=str(path),
        remedy="Give the sink a `path` of its own.",
        code="workbook-foreign",
    )
