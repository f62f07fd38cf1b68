"""From bytes to UTF-8 with line feeds: encodings, marks and line ends."""

import codecs
import re

import polars as pl

from matricula.errors import StopError
from matricula.roster import Draft, FindingBook
from matricula.roster.extensions import extensions_of
from matricula.roster.tables import LINE, Kind

DAMAGED = "\ufffd"
"""Stands where a byte was no letter."""

_SAMPLE = 4096
_CONTINUATIONS = "\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_DOUBLE = f"[\u00c2-\u00f4][{_CONTINUATIONS}]"
"""What one letter of two or more UTF-8 bytes looks like when the bytes are taken for Windows-1252."""


def clean_text(data: bytes, file: str, table: str, book: FindingBook) -> bytes:
    """Bring a file's bytes to UTF-8 without a mark and with LF or CR LF line ends.

    Args:
        data: the file as delivered.
        file: its name, for findings.
        table: the roster's table it holds.
        book: where findings go.

    Returns:
        the text in UTF-8; a byte that is no letter has become `DAMAGED`.

    Raises:
        StopError: the file is no text at all.
    """
    data = _decoded(data, file, table, book)
    if b"\0" in data:
        raise StopError(
            "The file is not a text file.",
            where=file,
            remedy="Export it as CSV, not as a spreadsheet or archive.",
            code="file-not-text",
        )
    first = re.search(rb"\r\n|\r|\n", data)
    if first and first.group() == b"\r":
        book.add("line-ends", "Lines end with CR alone.", file=file, table=table)
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data


def _decoded(data: bytes, file: str, table: str, book: FindingBook) -> bytes:
    utf16 = _utf16(data)
    if utf16:
        book.add("encoding-other", "The file is written in UTF-16.", file=file, table=table)
        return data.decode(utf16, errors="replace").removeprefix("\ufeff").encode()
    if data.startswith(codecs.BOM_UTF8):
        book.add("byte-order-mark", "The file starts with an invisible mark (BOM).", file=file, table=table)
        data = data.removeprefix(codecs.BOM_UTF8)
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return _mended(data, file, table, book)
    return data


def _mended(data: bytes, file: str, table: str, book: FindingBook) -> bytes:
    text = data.decode(errors="replace")
    damaged = text.count(DAMAGED) - data.count(DAMAGED.encode())
    # A few broken bytes among good UTF-8 are damage; a file whose other letters are mostly broken is another encoding.
    if len(re.findall(r"[^\x00-\x7f\ufffd]", text)) > damaged:
        return text.encode()
    book.add("encoding-other", "The file is written in Windows-1252 (Latin-1).", file=file, table=table)
    return _sloppy_windows_1252(data).encode()


def _utf16(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = data[:_SAMPLE]
    if sample[1::2].count(0) > len(sample) // 4:
        return "utf-16-le"
    if sample[::2].count(0) > len(sample) // 4:
        return "utf-16-be"
    return ""


def _sloppy_windows_1252(data: bytes) -> str:
    # Five bytes have no letter in Windows-1252; Latin-1 has one for every byte.
    return "".join(
        part.decode("cp1252") if index % 2 == 0 else part.decode("latin-1")
        for index, part in enumerate(re.split(rb"([\x81\x8d\x8f\x90\x9d]+)", data))
    )


def note_double_encoding(draft: Draft, book: FindingBook) -> None:
    """Report cells whose letters were encoded twice; they stay as they are.

    Args:
        draft: a table as text.
        book: where findings go.
    """
    columns = draft.frame.columns
    standard = [column.name for column in draft.table.columns if column.kind is Kind.TEXT and column.name in columns]
    for name in (*standard, *extensions_of(draft.table, columns)):
        cell = pl.col(name)
        # Counting is many times faster than looking for a pattern, and few cells hold more than ASCII.
        beyond = draft.frame.select(LINE, cell.alias("value")).filter(
            pl.col("value").str.len_bytes() != pl.col("value").str.len_chars()
        )
        suspects = beyond.filter(pl.col("value").str.contains(_DOUBLE))
        lines = [line for line, value in suspects.iter_rows() if _is_double(value)]
        if lines:
            shown = suspects.filter(pl.col(LINE) == lines[0])["value"][0]
            message = f"“{shown}” looks as if it had been encoded twice; it was kept as it is."
            draft.note_together(book, "encoding-double", pl.col(LINE).is_in(lines), name, message)


def _is_double(value: str) -> bool:
    try:
        return b"".join(_windows_1252(letter) for letter in value).decode() != value
    except UnicodeError:
        return False


def _windows_1252(letter: str) -> bytes:
    try:
        return letter.encode("cp1252")
    except UnicodeEncodeError:
        return letter.encode("latin-1")
