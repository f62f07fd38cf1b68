"""One sheet of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods), from bytes to rows."""

import html
import io
import re
import zipfile
from collections.abc import Mapping, Sequence

import fastexcel
import polars as pl

from matricula.errors import SettingError, StopError
from matricula.roster import FindingBook
from matricula.roster.findings import LINES_NAMED
from matricula.roster.tables import LINE
from matricula.sources.tables.headings import LOOKED_AT, Candidate, Headings, choose
from matricula.sources.tables.sheet import Sheet

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00(?:\.0+)?$"
_ERROR_CELL = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"[^>]*>(?:(?!</c>).)*?<v>([^<]*)</v>', re.DOTALL)
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_LINK = re.compile(rb"<Relationship\b[^>]*>")
_SEARCHED = 64 * 1024 * 1024
"""Sheets larger than this, unpacked, are not searched for formulas that came to an error."""


def is_workbook(data: bytes) -> bool:
    """Whether the bytes are a workbook, whatever the file's name says."""
    if data.startswith(_OLE):
        return True
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return True
    return bool(names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml", "[Content_Types].xml"})


def read_workbook(
    data: bytes,
    file: str,
    wanted: Sequence[str],
    book: FindingBook,
    *,
    sheet: str = "",
    header: int | None = None,
    skip_last: int = 0,
) -> Sheet:
    """Read a sheet. Days come as YYYY-MM-DD, whole numbers without decimals, truths as `true` and `false`.

    Args:
        data: the workbook.
        file: its name.
        wanted: headings of the columns to read; others are passed over.
        book: where findings go.
        sheet: name of the sheet; where empty the one visible sheet that holds something.
        header: line of the headings, from 1; found where None.
        skip_last: how many rows at the end are no records.

    Raises:
        SettingError: there is no such sheet, or several could be meant.
        StopError: the workbook is locked or broken, or the sheet is empty.
    """
    try:
        reader = _opened(data, file)
        name = _named(reader, file, sheet)
        loaded = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        grid = loaded.to_polars()
    except fastexcel.FastExcelError as error:
        raise (_locked if "password" in str(error).casefold() else _broken)(file) from error
    place = f"{file}, sheet {name}" if len(reader.sheet_names) > 1 else file
    grid = grid.rename({column: str(number) for number, column in enumerate(grid.columns)}).with_row_index(LINE, 1)
    cells = pl.exclude(LINE)
    grid = grid.with_columns(pl.when(cells.str.strip_chars() != "").then(cells.str.strip_chars()).name.keep())
    filled = grid.filter(pl.any_horizontal(cells.is_not_null())) if grid.width > 1 else grid.clear()
    if filled.is_empty():
        raise _empty(place)
    found = _header(filled, wanted, header, place)
    headings = Headings(found.cells, f"{place} line {found.line}")
    rows = filled.filter(pl.col(LINE) > found.line)
    rows = rows.head(max(rows.height - skip_last, 0))
    positions = sorted({each for heading in wanted if (each := headings.position(heading)) is not None})
    frame = rows.select(
        *(pl.col(str(position)).str.replace(_MIDNIGHT, "$1") for position in positions),
        pl.col(LINE).cast(pl.Int64),
    )
    hidden = f"{place} is hidden in the workbook and was read, since it is named."
    read = Sheet(place, headings, frame, note="" if loaded.visible == "visible" else hidden)
    first = loaded.selected_columns[0].absolute_index
    _note_errors(
        _error_cells(data, name), {first + position: position for position in positions}, found.line, read, book
    )
    return read


def _opened(data: bytes, file: str) -> fastexcel.ExcelReader:
    if data.startswith(_OLE) and _LOCKED in data:
        raise _locked(file)
    return fastexcel.read_excel(data)


def _named(reader: fastexcel.ExcelReader, file: str, sheet: str) -> str:
    names = reader.sheet_names
    if sheet:
        for name in names:
            if " ".join(name.split()).casefold() == " ".join(sheet.split()).casefold():
                return name
        raise SettingError(
            f"There is no sheet “{sheet}”.",
            where=file,
            remedy=f"There are: {', '.join(names)}. Name one of these as `sheet`.",
            code="sheet-missing",
        )
    if len(names) == 1:
        return names[0]
    loaded = [reader.load_sheet(name, header_row=None, n_rows=1) for name in names]
    meant = [each.name for each in loaded if each.visible == "visible" and each.width]
    if len(meant) == 1:
        return meant[0]
    raise SettingError(
        f"The workbook has several sheets: {', '.join(meant or names)}.",
        where=file,
        remedy="Name the one that is meant as `sheet`; list the file once more for each further sheet.",
        code="sheet-needed",
    )


def _header(filled: pl.DataFrame, wanted: Sequence[str], line: int | None, place: str) -> Candidate:
    looked_at = filled.head(LOOKED_AT) if line is None else filled.filter(pl.col(LINE) == line)
    candidates = [Candidate(row[0], [cell or "" for cell in row[1:]]) for row in looked_at.iter_rows()]
    if not candidates:
        raise SettingError(
            f"Line {line} is blank.",
            where=place,
            remedy="Set `header` to the line of the headings, or leave it out: it is found by itself.",
            code="header-blank",
        )
    return choose(candidates, wanted)


def _note_errors(
    cells: Sequence[tuple[str, int, str]], positions: Mapping[int, int], header: int, read: Sheet, book: FindingBook
) -> None:
    """Report formulas that came to an error: the reader takes their cells as blank without a word."""
    lines: dict[tuple[int, str], list[int]] = {}
    for letters, line, error in cells:
        position = positions.get(_position(letters))
        if position is not None and line > header:
            lines.setdefault((position, error), []).append(line)
    for (position, error), found in lines.items():
        book.add(
            "formula-error",
            f"The formula came to {error}; the cell was taken as blank.",
            file=read.file,
            line=found[0],
            lines=found[:LINES_NAMED],
            count=len(found),
            column=read.headings.names[position],
            value=error,
        )


def _error_cells(data: bytes, name: str) -> list[tuple[str, int, str]]:
    """Column, line and error of the cells of a sheet of an .xlsx workbook (ECMA-376 part 1, 18.3.1.4: `t="e"`)."""
    if not data.startswith(b"PK"):
        return []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = _sheet_entry(archive, name)
        if not entry or archive.getinfo(entry).file_size > _SEARCHED:
            return []
        text = archive.read(entry)
    if b't="e"' not in text:
        return []
    return [(cell[1].decode(), int(cell[2]), cell[3].decode()) for cell in _ERROR_CELL.finditer(text)]


def _sheet_entry(archive: zipfile.ZipFile, name: str) -> str:
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return ""
    for element in _SHEET.findall(archive.read("xl/workbook.xml")):
        if html.unescape(_attribute(element, "name")) == name:
            target = _attribute(element, r"\w+:id")
            for link in _LINK.findall(archive.read("xl/_rels/workbook.xml.rels")):
                if _attribute(link, "Id") == target:
                    entry = _attribute(link, "Target").removeprefix("/xl/").removeprefix("xl/")
                    return f"xl/{entry}" if f"xl/{entry}" in names else ""
    return ""


def _attribute(element: bytes, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"'.encode(), element)
    return found[1].decode() if found else ""


def _position(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _locked(file: str) -> StopError:
    return StopError(
        "The workbook is locked with a password.",
        where=file,
        remedy="Save it without a password, or as CSV.",
        code="workbook-locked",
    )


def _broken(file: str) -> StopError:
    return StopError(
        "The workbook is broken or of a kind that is not known.",
        where=file,
        remedy="Open it and save it as .xlsx, or as CSV; see that the transfer ends before it is read.",
        code="workbook-broken",
    )


def _empty(place: str) -> StopError:
    return StopError(
        "The sheet is empty.",
        where=place,
        remedy="Export it again, or name another sheet as `sheet`.",
        code="file-empty",
    )
