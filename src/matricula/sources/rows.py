"""From text to rows: which lines make a record, and which are broken.

Polars reads what is well formed. What is not is found first, line by line, so that a broken line costs itself and
nothing else, and so that every row keeps its line number even where values hold line breaks.
"""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from matricula.errors import StopError
from matricula.roster.tables import LINE
from matricula.sources.text import DAMAGED

JOINED_LINES = 60
"""A value may hold so many line breaks; a quote open for longer is taken for a mistake."""

HEADER_LINES = 100
"""The line that names the columns is looked for in so many."""
_TEXT = "text"
_CONTROLS = tuple(bytes([code]) for code in (1, 2, 3, 4, 5, 6, 7, 28, 29, 30, 31))
_SEPARATORS = (",", ";", "\t", "|")
_ID = re.compile(r"[0-9A-Za-z.\-_/@]{1,255}")


@dataclass(frozen=True)
class Header:
    """The line that names the columns.

    Args:
        names: as written, without blanks around them.
        line: its number in the file, from 1.
        separator: what stands between cells.
    """

    names: list[str]
    line: int
    separator: str


@dataclass(frozen=True)
class BrokenLine:
    """A line that is no record.

    Args:
        line: its number in the file, from 1.
        code: the kind of finding.
        message: what is wrong.
        first_cell: the first cell where it can be told apart, else empty.
        swallows: whether it may hold the start of another record.
    """

    line: int
    code: str
    message: str
    first_cell: str = ""
    swallows: bool = False


@dataclass
class Rows:
    """A file's lines, divided into records.

    Args:
        lines: line number and text of each record, well formed.
        broken: lines that are no record.
        mended: numbers of lines with stray quotes that were understood all the same.
        as_delivered: whether the records are all lines after the header, unchanged.
    """

    lines: pl.DataFrame
    broken: list[BrokenLine] = field(default_factory=list)
    mended: list[int] = field(default_factory=list)
    as_delivered: bool = True


def split_lines(data: bytes) -> pl.Series:
    """The lines of a UTF-8 text; blank ones are null.

    Raises:
        StopError: the text is full of control characters.
    """
    separator = next((control for control in _CONTROLS if control not in data), None)
    if separator is None:
        raise StopError("The file is not a text file.", remedy="Export it as CSV.", code="file-not-text")
    return pl.read_csv(
        data, has_header=False, schema={_TEXT: pl.String}, separator=separator.decode(), quote_char=None
    )[_TEXT]


def find_header(lines: pl.Series) -> Header | None:
    """The first line that is not blank, or None where there is none."""
    for number, text in enumerate(lines.head(HEADER_LINES), 1):
        if text and text.strip():
            separator = max(_SEPARATORS, key=lambda mark: (text.count(mark), mark == ","))
            names = next(csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=True))
            return Header([name.strip() for name in names], number, separator)
    return None


def divide(lines: pl.Series, header: Header, data: bytes) -> Rows:
    """Find the records among the lines after the header.

    Args:
        lines: all lines of the file.
        header: where the columns are named.
        data: the same text as a whole; what it does not hold need not be looked for in each line.
    """
    shape = _Shape(header.separator, len(header.names))
    text = pl.col(_TEXT)
    whole = text.str.count_matches(header.separator, literal=True) == shape.width - 1
    if b'"' in data:
        quoted = text.str.contains('"', literal=True)
        # Both branches are worked out for every line; of a null that is for nothing.
        whole = pl.when(quoted).then(pl.when(quoted).then(text).str.contains(shape.exact)).otherwise(whole)
    if DAMAGED.encode() in data:
        whole &= ~text.str.contains(DAMAGED, literal=True)
    judged = (
        lines.slice(header.line)
        .to_frame(_TEXT)
        .with_columns(
            pl.int_range(header.line + 1, pl.len() + header.line + 1, dtype=pl.Int64).alias(LINE),
            whole.fill_null(value=False).alias("whole"),
        )
    )
    if judged["whole"].all():
        return Rows(judged.select(LINE, _TEXT))
    good = judged.filter("whole").select(LINE, _TEXT)
    odd = judged.filter(text.str.contains(r"\S") & ~pl.col("whole")).select(LINE, _TEXT)
    return _Mending(shape, judged[_TEXT], header.line + 1).mend(good, odd)


def parse(rows: Rows, data: bytes, header: Header, positions: Mapping[str, int], *, strip: bool = True) -> pl.DataFrame:
    """Read the records' cells.

    Args:
        rows: the records.
        data: the file as text, from which the records come.
        header: where its columns are named.
        positions: which columns to read, by the name they are to have, from 0; no cell of another is kept.
        strip: whether blanks around values go.

    Returns:
        text columns in the order of `positions`, blank cells null; and `line`.
    """
    if rows.lines.is_empty():
        return pl.DataFrame(schema=dict.fromkeys(positions, pl.String()) | {LINE: pl.Int64()})
    if rows.as_delivered:
        return _cells(data, header.line, header, positions, strip=strip)
    body = "\n".join(rows.lines[_TEXT]).encode()
    return _cells(body, 0, header, positions, strip=strip).with_columns(rows.lines[LINE]).rechunk()


def parse_plain(data: bytes, header: Header, positions: Mapping[str, int]) -> pl.DataFrame | None:
    """The records' cells of a file in which every line is plainly one record, without looking at each line.

    Without quotes a line has one cell more than separators. Polars refuses a line with more cells than the header where
    it reads every column and the line is ended (at the end of a file it passes over one blank cell too many). So if
    there are as many separators as lines of the right width have in all, no line has fewer.

    Args:
        data: the file as text.
        header: where its columns are named.
        positions: as in `parse`.

    Returns:
        as `parse`; None where lines must be looked at one by one.
    """
    width = len(header.names)
    if width == 1 or b'"' in data or (not data.isascii() and DAMAGED.encode() in data):
        return None
    try:
        ended = data if data.endswith(b"\n") else data + b"\n"
        cells = _cells(ended, header.line, header, positions, every=True)
    except pl.exceptions.PolarsError:
        return None
    plain = data.count(header.separator.encode()) == (cells.height + 1) * (width - 1)
    return cells if plain and not cells.is_empty() else None


def _cells(
    body: bytes,
    skipped: int,
    header: Header,
    positions: Mapping[str, int],
    *,
    strip: bool = True,
    every: bool = False,
) -> pl.DataFrame:
    """Cells of lines, and the numbers of these, in the same pieces: else each step would put all together anew.

    With `every` the other columns are read, too, so that Polars notices lines that are too long.
    """
    cells = pl.scan_csv(
        body,
        has_header=False,
        skip_lines=skipped,
        schema={f"column_{number}": pl.String() for number in range(1, len(header.names) + 1)},
        separator=header.separator,
        row_index_name=LINE,
        row_index_offset=header.line + 1,
    ).select(*(pl.col(f"column_{position + 1}").alias(name) for name, position in positions.items()), LINE)
    # Quotes may hold nothing, and only a file with blanks or letters beyond ASCII can have blanks around a value.
    if strip and (any(mark in body for mark in (b'"', b" ", b"\t")) or not body.isascii()):
        stripped = pl.col(pl.String).str.strip_chars()
        cells = cells.with_columns(pl.when(stripped != "").then(stripped).name.keep())
    return cells.cast({LINE: pl.Int64}).collect(optimizations=pl.QueryOptFlags(projection_pushdown=not every))


class _Shape:
    """What a well-formed record looks like."""

    def __init__(self, separator: str, width: int) -> None:
        mark = re.escape(separator)
        quoted = r'"(?:[^"]|"")*"'
        cell = rf'(?:{quoted}|[^"{mark}]*)'
        self.separator = separator
        self.width = width
        self.quoted = quoted
        self.exact = rf"^{cell}(?:{mark}{cell}){{{width - 1}}}$"
        self._whole = re.compile(rf"{cell}(?:{mark}{cell})*")
        self._stray = re.compile(rf'\s*({quoted})\s*|([^"{mark}][^{mark}]*|)')

    def count(self, text: str) -> int:
        """How many cells a line has if it is well formed, else 0."""
        if not self._whole.fullmatch(text):
            return 0
        return re.sub(self.quoted, "", text).count(self.separator) + 1

    def without_strays(self, text: str) -> str:
        """The line with each stray quote written as it should be; empty where it has not the right number of cells.

        A quote is stray inside a value that does not start with one, and so are blanks around a quoted value.
        """
        cells: list[str] = []
        position = 0
        while len(cells) < self.width:
            match = self._stray.match(text, position)
            if match is None:
                return ""
            bare = match[2]
            cells.append(match[1] if bare is None else _quoted(bare) if '"' in bare else bare)
            position = match.end()
            if text[position : position + 1] != self.separator:
                break
            position += 1
        whole = position == len(text) and len(cells) == self.width
        return self.separator.join(cells) if whole else ""


def _quoted(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


class _Mending:
    """Goes through the lines that are no record by themselves."""

    def __init__(self, shape: _Shape, body: pl.Series, offset: int) -> None:
        self._shape = shape
        self._body = body
        self._offset = offset
        self._broken: list[BrokenLine] = []
        self._mended: list[int] = []
        self._records: list[tuple[int, str]] = []
        self._inner: list[int] = []

    def mend(self, good: pl.DataFrame, odd: pl.DataFrame) -> Rows:
        """Join, mend or give up each odd line.

        Args:
            good: number and text of the lines that are records by themselves.
            odd: number and text of the others, without blank ones.
        """
        for line, text in odd.iter_rows():
            if not self._inner or line > self._inner[-1]:
                self._mend_line(line, text)
        found = pl.DataFrame(self._records, schema=good.schema, orient="row")
        kept = good.filter(~pl.col(LINE).is_in(self._inner)) if self._inner else good
        return Rows(pl.concat([kept, found]).sort(LINE), self._broken, self._mended, as_delivered=False)

    def _mend_line(self, line: int, text: str) -> None:
        width = self._shape.width
        cells = self._shape.count(text)
        if DAMAGED in text:
            self._give_up(line, text, "row-damaged", "The line holds bytes that are no letters.")
        elif cells:
            code = "row-short" if cells < width else "row-long"
            message = f"The line has {cells} cells and the header {width}."
            self._give_up(line, text, code, message, swallows=cells >= 2 * width - 1)
        elif mended := self._shape.without_strays(text):
            self._records.append((line, mended))
            self._mended.append(line)
        elif joined := self._joined(line, text):
            self._records.append((line, joined))
        else:
            self._give_up(line, text, "row-quotes", "A double quote is not closed or stands where it means nothing.")

    def _joined(self, line: int, text: str) -> str:
        """The record that starts on the line and goes on over the next ones; empty where there is none."""
        start = line - self._offset + 1
        joined = text
        for number, following in enumerate(self._body.slice(start, JOINED_LINES), line + 1):
            joined = f"{joined}\n{following or ''}"
            # A line break is part of a value exactly where the number of quotes before it is odd.
            if joined.count('"') % 2 == 0:
                whole = self._shape.count(joined) == self._shape.width
                self._inner.extend(range(line + 1, number + 1) if whole else ())
                return joined if whole else ""
            if self._shape.count(following or "") == self._shape.width:
                return ""
        return ""

    def _give_up(self, line: int, text: str, code: str, message: str, *, swallows: bool = False) -> None:
        first, separator, _ = text.partition(self._shape.separator)
        first = first.strip()
        if first[:1] == first[-1:] == '"':
            first = first[1:-1]
        first_cell = first if separator and _ID.fullmatch(first) else ""
        self._broken.append(BrokenLine(line, code, message, first_cell, swallows))
