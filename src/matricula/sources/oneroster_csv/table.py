"""One file of a OneRoster CSV delivery, from bytes to a table as text."""

import io
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import islice

from matricula.errors import StopError
from matricula.roster import Draft, FindingBook
from matricula.roster.draft import LISTED
from matricula.roster.extensions import METADATA, extensions_of, is_extension_name
from matricula.roster.findings import LINES_NAMED
from matricula.roster.tables import LINE, Need, Table
from matricula.sources.oneroster_csv.headers import OLDEST, columns_of
from matricula.sources.oneroster_csv.strict import check_binding
from matricula.sources.rows import (
    HEADER_LINES,
    BrokenLine,
    Header,
    Rows,
    divide,
    find_header,
    parse,
    parse_plain,
    split_lines,
)
from matricula.sources.text import clean_text, note_double_encoding

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "upright strokes"}
_ALIKE = 0.8
"""So alike a column's name is to one that is missing if that was meant, of 1."""
_LEGAL_ELSEWHERE = {"users": ("resourcesourcedids",)}
"""Columns of a minor version that are legal but of no use: 1.2.0 had one that 1.2.1 took away."""


def read_table(
    table: Table,
    version: str,
    data: bytes,
    file: str,
    book: FindingBook,
    *,
    complete: bool,
    changes: bool = False,
    strict: bool = False,
) -> Draft:
    """Read one file.

    Args:
        table: what the file holds.
        version: OneRoster version of the delivery, `1.0`, `1.1` or `1.2`.
        data: the file's bytes.
        file: its name.
        book: where findings go.
        complete: whether the file is meant to hold every record of the table.
        changes: whether it is meant to hold changes only (delta).
        strict: whether everything that the binding demands is looked at.

    Returns:
        the table's text; rows that are no records are noted and left out.

    Raises:
        StopError: the file is no text, or lacks a column that every record needs.
    """
    empty = Draft(table, table.text(), file, readable=False, changes=changes)
    if not data or data.isspace():
        book.add("file-empty", "The file has no content.", file=file, table=table.name)
        return empty
    text = clean_text(data, file, table.name, book)
    header = find_header(split_lines(b"".join(islice(io.BytesIO(text), HEADER_LINES))))
    if header is None:
        book.add("file-empty", "The file has no content.", file=file, table=table.name)
        return empty
    columns = _Columns(table, version, header, file)
    columns.check(book, strict=strict)
    frame = parse_plain(text, header, columns.wanted())
    if frame is None:
        rows = divide(split_lines(text), header, text)
        frame = parse(rows, text, header, columns.wanted())
    else:
        rows = Rows(frame.select(LINE))
    draft = Draft(table, frame, file, complete=complete, changes=changes)
    if rows.lines.is_empty() and not rows.broken and (strict or not changes):
        book.add("table-empty", "The file holds a header and no records.", file=file, table=table.name)
    cut = bool(rows.broken) and not text.endswith(b"\n") and rows.broken[-1].line == text.count(b"\n") + 1
    note_rows(draft, rows, book, cut=cut, id_first=columns.positions["sourcedId"] == 0)
    if not text.isascii():
        note_double_encoding(draft, book)
    if strict:
        check_binding(draft, parse(rows, text, header, columns.wanted(), strip=False), version, book)
    return draft


class _Columns:
    """Which column of the standard and which extension stands where in a file."""

    def __init__(self, table: Table, version: str, header: Header, file: str) -> None:
        self._table = table
        self._file = file
        self._header = header
        self._legal = columns_of(table, version)
        # Version 1.0 itself has columns of that kind, and they do not stand last.
        self._extensions_last = version != OLDEST
        self.positions: dict[str, int] = {}
        self._extensions: dict[str, int] = {}
        self._misspelt: list[str] = []
        self._twice: list[str] = []
        self._unknown: list[str] = []
        self._misnamed: list[str] = []
        for position, written in enumerate(header.names):
            self._place(position, written)

    def wanted(self) -> dict[str, int]:
        """The columns to read, with their positions from 0, extensions last; secrets are not among them."""
        legal = [(self._legal[name], position) for name, position in self.positions.items()]
        standard = {column.name: position for column, position in legal if column.kept}
        return standard | self._extensions

    def check(self, book: FindingBook, *, strict: bool) -> None:
        """Report what is not by the standard.

        Args:
            book: where findings go.
            strict: whether columns that are never read matter, too.

        Raises:
            StopError: a column is missing that every record needs.
        """
        self._need_keys()
        separator = _SEPARATORS.get(self._header.separator)
        if separator:
            message = f"Cells are separated by {separator}."
            book.add("separator", message, file=self._file, line=self._header.line, table=self._table.name)
        expected = [name for name in self._legal if name in self.positions]
        wanted = [name for name, column in self._legal.items() if column.kept or strict]
        missing = [name for name in wanted if name not in self.positions]
        self._note(book, "header-spelling", "Column names were understood in spite of their spelling", self._misspelt)
        self._note(book, "column-twice", "Columns stand there twice; the first was read", self._twice)
        self._note(book, "column-unknown", "OneRoster knows no such columns; they were not read", self._unknown)
        what = f"Names of extensions hold letters, digits, _, - and . alone after {METADATA}; these were not read"
        self._note(book, "column-unknown", what, self._misnamed)
        self._note(book, "column-missing", "Columns are missing and were taken as blank", missing)
        if list(self.positions) != expected:
            self._note(book, "header-order", "The columns are in another order than the standard's", [])
        places = self._extensions.values()
        if strict and self._extensions_last and places and min(places) < max(self.positions.values()):
            what = "Extension columns stand before columns of the standard"
            self._note(book, "extension-place", what, list(self._extensions))

    def _place(self, position: int, written: str) -> None:
        standard = {name.casefold(): name for name in self._legal}
        folded = "".join(written.split()).replace("_", "").casefold()
        name = standard.get(folded)
        if name is None and written.startswith(METADATA):
            self._place_extension(position, written)
        elif name is None:
            if folded not in _LEGAL_ELSEWHERE.get(self._table.name, ()):
                self._unknown.append(written or "(no name)")
        elif name in self.positions:
            self._twice.append(written)
        else:
            self.positions[name] = position
            if written != name:
                self._misspelt.append(written)

    def _place_extension(self, position: int, written: str) -> None:
        if not is_extension_name(written):
            self._misnamed.append(written)
        elif written in self._extensions:
            self._twice.append(written)
        elif extensions_of(self._table, [written]):
            self._extensions[written] = position

    def _need_keys(self) -> None:
        missing = [
            name for name, column in self._legal.items() if column.need is Need.KEY and name not in self.positions
        ]
        if not missing and self._table.one_of and not any(name in self.positions for name in self._table.one_of):
            missing = [" or ".join(self._table.one_of)]
        if missing:
            # The close one alone: a file without a header line has a person in its first.
            near = [f" ({each} is like it)" for each in get_close_matches(missing[0], self._unknown, 1, _ALIKE)]
            told = ", ".join(missing) + "".join(near)
            raise StopError(
                f"There is no column {told}, and no record of {self._table.name} can be used without.",
                where=f"{self._file} line {self._header.line}",
                remedy="Export OneRoster CSV with its header line, names as the standard has them. Files of another "
                "form, Microsoft School Data Sync among them, are read by `type: tables`.",
                code="column-needed",
            )

    def _note(self, book: FindingBook, code: str, what: str, names: list[str]) -> None:
        listed = f": {', '.join(names)}" if names else ""
        if names or code == "header-order":
            book.add(
                code,
                f"{what}{listed}.",
                file=self._file,
                line=self._header.line,
                value=", ".join(names),
                table=self._table.name,
            )


def note_rows(draft: Draft, rows: Rows, book: FindingBook, *, cut: bool, id_first: bool) -> None:
    """Report the lines that are no records, and remember in the draft what they cost.

    Args:
        draft: the table of the file.
        rows: the file's lines, divided into records.
        book: where findings go.
        cut: whether the file ends in the middle of its last line.
        id_first: whether the first cell of a line is the record's sourcedId.
    """
    for broken in rows.broken:
        sourced_id = broken.first_cell if id_first else ""
        if sourced_id:
            draft.lost.add(sourced_id)
        draft.lost_unknown += (not sourced_id) + broken.swallows
        draft.damaged = True
        if draft.has_pairs:
            draft.lost_pairs.add(("", ""))
    whole = rows.broken[:-1] if cut else rows.broken
    for broken in whole[:LISTED]:
        _note_row(draft, broken, book, broken.first_cell if id_first else "")
    if len(whole) > LISTED:
        rest = whole[LISTED:]
        further = BrokenLine(rest[0].line, rest[0].code, f"{len(rest)} further lines are no records.")
        _note_row(draft, further, book, "", [row.line for row in rest])
    if cut:
        # Whatever stood after the cut is missing too, and nobody knows what it was.
        draft.lost_unknown += 1
        last = BrokenLine(rows.broken[-1].line, "file-truncated", "The file ends in the middle of a record.")
        _note_row(draft, last, book, "")
    if rows.mended:
        message = "A double quote stands inside a value, or blanks around a quoted one; the line was understood."
        _note_row(draft, BrokenLine(rows.mended[0], "quotes-stray", message), book, "", rows.mended)


def _note_row(draft: Draft, row: BrokenLine, book: FindingBook, sourced_id: str, lines: Sequence[int] = ()) -> None:
    book.add(
        row.code,
        row.message,
        file=draft.file,
        line=row.line,
        table=draft.table.name,
        sourced_id=sourced_id,
        count=max(len(lines), 1),
        lines=lines[:LINES_NAMED],
    )
