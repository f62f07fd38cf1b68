"""From records of a service, a database or a spreadsheet to a table of the roster as text."""

from collections.abc import Mapping, Sequence

import polars as pl

from matricula.errors import SettingError
from matricula.roster import TABLES, Draft, FindingBook
from matricula.roster.extensions import extensions_of
from matricula.roster.tables import LINE, Need, Table

_WHOLE = r"\.0+$"


def draft_of(
    name: str,
    version: str,
    frame: pl.DataFrame,
    file: str,
    book: FindingBook,
    *,
    complete: bool,
    changes: bool = False,
    numbered: bool = False,
) -> Draft:
    """Make a table of what was read.

    Args:
        name: the roster's table.
        version: OneRoster version whose columns it has, `1.1` or `1.2`.
        frame: the records, with OneRoster's names for columns and values of any simple type, and lists of such; a
            column `line` is kept, else rows are counted from 1.
        file: what the table was read from, for people.
        book: where findings go.
        complete: whether every record of the table is there.
        changes: whether they are changes only.
        numbered: whether `line` is where a person finds the row.

    Raises:
        SettingError: a column is missing that no record can be used without; the message names those that are there.
    """
    table = TABLES[name]
    known = [column.name for column in table.of(version) if column.kept]
    wanted = [column for column in frame.columns if column in known]
    wanted += extensions_of(table, frame.columns)
    _need_keys(table, version, frame.columns, file)
    _note_unknown(table, version, frame.columns, wanted, file, book)
    lines = pl.col(LINE).cast(pl.Int64) if LINE in frame.columns else pl.int_range(1, pl.len() + 1).alias(LINE)
    text = frame.select(*(_text(column, frame.schema[column]) for column in wanted), lines)
    if frame.is_empty() and not changes:
        book.add("table-empty", "It holds no records.", file=file, table=name)
    return Draft(table, text, file, complete=complete, changes=changes, numbered=numbered)


def frame_of(records: Sequence[Mapping[str, object]], columns: Sequence[str]) -> pl.DataFrame:
    """Records of a page as a frame of text; a few pages at a time keep the memory for their objects small.

    Args:
        records: values by name of column: text, numbers, booleans, days, or lists of such.
        columns: which columns the frame has, in this order.
    """
    cells = {name: [as_text(record.get(name)) for record in records] for name in columns}
    return pl.DataFrame(cells, schema=dict.fromkeys(columns, pl.String))


def as_text(value: object) -> str | None:
    """A value as a roster's cell: booleans `true` and `false`, lists with commas, None where there is nothing."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return ",".join(text for each in value if (text := as_text(each))) or None
    return str(value)


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    cell = pl.col(name)
    if dtype == pl.Boolean:
        cell = pl.when(cell).then(pl.lit("true")).when(~cell).then(pl.lit("false"))
    elif dtype.is_float() or dtype.is_decimal():
        cell = cell.cast(pl.String).str.replace(_WHOLE, "")
    elif dtype == pl.List:
        cell = cell.cast(pl.List(pl.String)).list.join(",", ignore_nulls=True)
    elif dtype != pl.String:
        cell = cell.cast(pl.String)
    stripped = cell.str.strip_chars()
    return pl.when(stripped != "").then(stripped).alias(name)


def _need_keys(table: Table, version: str, there: Sequence[str], file: str) -> None:
    missing = [column.name for column in table.of(version) if column.need is Need.KEY and column.name not in there]
    if not missing and table.one_of and not set(table.one_of) & set(there):
        missing = [" or ".join(table.one_of)]
    if missing:
        raise SettingError(
            f"There is no column {', '.join(missing)}, and no record of {table.name} can be used without.",
            where=file,
            remedy=f"There are: {', '.join(there)}. Give one of them that name.",
            code="column-needed",
        )


def _note_unknown(
    table: Table, version: str, there: Sequence[str], wanted: Sequence[str], file: str, book: FindingBook
) -> None:
    silent = {LINE, *(column.name for column in table.of(version) if not column.kept)}
    unknown = [name for name in there if name not in wanted and name not in silent]
    if unknown:
        listed = ", ".join(unknown)
        message = f"OneRoster knows no such columns; they were not read: {listed}."
        book.add("column-unknown", message, file=file, value=listed, table=table.name)
