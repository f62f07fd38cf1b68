"""What the OneRoster CSV binding demands of cells and is of no matter to reading; looked for in strict mode alone.

The rules are those of CSV Tables 1.1.1 (sections 2 and 3) and CSV Binding 1.2.1: forms of GUIDs, lists, dates and
moments, and which columns stay blank in complete files.
"""

import polars as pl

from matricula.roster import Draft, FindingBook
from matricula.roster.tables import EXTENSION_PREFIX, LINE, Column, Kind
from matricula.sources.oneroster_csv.headers import OLDEST

GUID_LENGTH = 255
_GUID = r"[0-9A-Za-z.\-_/@]+"
_GUIDS = rf"^{_GUID}(?:,{_GUID})*$"
_MOMENT = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$"
_SHORT_DATE = r"^\d{4}-\d{1,2}-\d{1,2}$"
_DATE_LENGTH = 10
_USER_ID = r"\{[^{}:,]+:[^{}]+\}"
_USER_IDS = rf"^{_USER_ID}(?:,{_USER_ID})*$"
_LOOSE_LIST = r"^\s*,|,\s*,|,\s*$|\s,|,\s"
_NO_TEXT = ("sourcedId", "dateLastModified")
_EXTENSION = r"^ext:[0-9A-Za-z.\-_]+$"


def check_binding(draft: Draft, raw: pl.DataFrame, version: str, book: FindingBook) -> None:
    """Report the cells of a file that are not as the binding demands, though they can be read.

    Args:
        draft: the table as text.
        raw: the same rows with the blanks around their values.
        version: OneRoster version of the file, `1.0`, `1.1` or `1.2`.
        book: where findings go.
    """
    for column in draft.table.of("1.1" if version == OLDEST else version):
        if column.name in draft.frame.columns:
            _check_column(draft, column, version, book)
            _check_blanks(draft, column, raw[column.name], book)
    for name in raw.columns:
        if name != LINE:
            breaks = pl.lit(raw[name].str.contains("[\r\n]"))
            draft.note_together(book, "value-line-break", breaks, name, "The value holds a line break.")


def _check_column(draft: Draft, column: Column, version: str, book: FindingBook) -> None:
    name, cell = column.name, pl.col(column.name)
    if name == "sourcedId" or column.refers:
        long = cell.str.len_chars() > GUID_LENGTH if column.kind is not Kind.LIST else pl.lit(value=False)
        message = f"A sourcedId holds letters without accents, digits, . - _ / @ alone, at most {GUID_LENGTH}."
        draft.note_together(book, "sourcedid-form", ~cell.str.contains(_GUIDS) | long, name, message)
    elif name == "userIds":
        message = "userIds are written as {type:id}, with commas between them."
        guilty = pl.lit(version != OLDEST) & ~cell.str.contains(_USER_IDS)
        draft.note_together(book, "userids-form", guilty, name, message)
    elif column.kind is Kind.LIST:
        message = "A list holds no empty entries and no blanks around its commas."
        draft.note_together(book, "list-form", cell.str.contains(_LOOSE_LIST), name, message)
    elif column.kind is Kind.DATE:
        short = cell.str.contains(_SHORT_DATE) & (cell.str.len_chars() != _DATE_LENGTH)
        draft.note_together(book, "date-form", short, name, "A date is written with two digits for month and day.")
    elif name in ("status", "dateLastModified"):
        _check_filled(draft, column, book)
    elif column.values is not None:
        _check_extensions(draft, column, version, book)


def _check_filled(draft: Draft, column: Column, book: FindingBook) -> None:
    cell = pl.col(column.name)
    if not draft.changes:
        message = f"{column.name} is filled in a complete file, where it must be blank."
        draft.note_together(book, "bulk-filled", cell.is_not_null(), column.name, message)
    elif column.name == "dateLastModified":
        message = "dateLastModified is not of the form YYYY-MM-DDTHH:MM:SS.sssZ."
        draft.note_together(book, "datetime-form", ~cell.str.contains(_MOMENT), column.name, message)


def _check_extensions(draft: Draft, column: Column, version: str, book: FindingBook) -> None:
    cell = pl.col(column.name)
    extension = cell.str.starts_with(EXTENSION_PREFIX)
    if version == "1.2":
        extension &= ~cell.str.contains(_EXTENSION)
        message = f"After {EXTENSION_PREFIX} stand letters, digits, . - _ alone."
    else:
        message = f"OneRoster {version} knows no values that start with {EXTENSION_PREFIX}."
    draft.note_together(book, "ext-form", extension, column.name, message)


def _check_blanks(draft: Draft, column: Column, cells: pl.Series, book: FindingBook) -> None:
    """Blanks are a part of a text, but of nothing else."""
    if column.kind is not Kind.TEXT or column.refers or column.values or column.name in _NO_TEXT:
        guilty = (cells != cells.str.strip_chars()) & (cells != "")
        draft.note_together(book, "value-blanks", pl.lit(guilty), column.name, "Blanks stand around the value.")
