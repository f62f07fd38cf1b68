"""One CSV file, from bytes to rows."""

import csv
import io
from collections.abc import Sequence

import polars as pl

from matricula.errors import StopError
from matricula.roster import TABLES, Draft, FindingBook
from matricula.roster.tables import LINE
from matricula.sources.oneroster_csv.table import note_rows
from matricula.sources.rows import Header, divide, parse, split_lines
from matricula.sources.tables.encodings import to_utf8
from matricula.sources.tables.headings import LOOKED_AT, Candidate, Headings, choose
from matricula.sources.tables.sheet import Sheet

_SEPARATORS = (",", ";", "\t", "|")


def read_csv(
    data: bytes,
    file: str,
    wanted: Sequence[str],
    book: FindingBook,
    *,
    encoding: str = "",
    delimiter: str = "",
    header: int | None = None,
    skip_last: int = 0,
) -> Sheet:
    """Read a CSV file.

    Args:
        data: the file.
        file: its name.
        wanted: headings of the columns to read; others are passed over.
        book: where findings go.
        encoding: its encoding; told from the file where empty.
        delimiter: what stands between cells; told from the file where empty.
        header: line of the headings, from 1; found where None.
        skip_last: how many rows at the end are no records.

    Raises:
        StopError: the file is no text, or empty.
    """
    text = to_utf8(data, file, encoding, book)
    lines = split_lines(text)
    found = _header(lines, wanted, delimiter, header)
    if found is None:
        raise StopError(
            "The file is empty.",
            where=file,
            remedy="Export it again; see that the export ends before it is read.",
            code="file-empty",
        )
    if skip_last:
        lines = _without_last(lines, found.line, skip_last)
        text = "\n".join(lines.fill_null("")).encode() + b"\n"
    headings = Headings(found.names, f"{file} line {found.line}")
    positions = {heading: headings.position(heading) for heading in wanted}
    columns = {
        str(position): position for position in sorted({each for each in positions.values() if each is not None})
    }
    rows = divide(lines, found, text)
    # Findings about lines are the same as in OneRoster files; the draft takes down what they cost.
    costs = Draft(TABLES["users"], pl.DataFrame(), file)
    cut = bool(rows.broken) and not text.endswith(b"\n") and rows.broken[-1].line == len(lines)
    note_rows(costs, rows, book, cut=cut, id_first=False)
    frame = parse(rows, text, found, columns) if columns else rows.lines.select(LINE)
    return Sheet(file, headings, frame, costs.lost_unknown)


def _header(lines: pl.Series, wanted: Sequence[str], delimiter: str, line: int | None) -> Header | None:
    marks = (delimiter,) if delimiter else _SEPARATORS
    numbered = [(number, text) for number, text in enumerate(lines.head(max(LOOKED_AT, line or 0)), 1) if text]
    numbered = [(number, text) for number, text in numbered if text.strip() and line in (None, number)]
    candidates = [Candidate(number, _cells(text, mark), mark) for number, text in numbered for mark in marks]
    if not candidates:
        return None
    chosen = choose(candidates, wanted)
    return Header(chosen.cells, chosen.line, chosen.separator)


def _cells(text: str, separator: str) -> list[str]:
    try:
        read = next(csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True), [])
    except csv.Error:
        read = text.split(separator)
    return [cell.strip() for cell in read]


def _without_last(lines: pl.Series, header: int, count: int) -> pl.Series:
    filled = [number for number, text in enumerate(lines) if text and text.strip() and number >= header]
    return lines.head(filled[-count] if len(filled) >= count else header)
