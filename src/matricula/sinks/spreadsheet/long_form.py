"""The sheets that hold every record, one line each: what is read again."""

from typing import Any, Final

import fastexcel
import polars as pl

from matricula.roster.gradebook import KINDS
from matricula.sinks.spreadsheet.wide import shown

SHEETS: Final = {
    "grade-category": "Categories",
    "line-item": "Items",
    "result": "Results",
    "final-grade": "Finals",
}
"""Names of the sheets by kind of record."""

SHOWN: Final = "shown"
"""A column of results: what the sheets that people read were made to show of it."""

_MOMENT: Final = "%Y-%m-%dT%H:%M:%S%.3fZ"
_READ: Final = "%Y-%m-%dT%H:%M:%S%.fZ"


def headings(kind: str) -> tuple[str, ...]:
    """The headings of a sheet: fields first, since people look at these, then what names the record."""
    told = (*(name for name in KINDS[kind] if name not in ("key", "id")), "key", "id")
    return (*told, SHOWN) if kind == "result" else told


def lines_of(kind: str, records: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Records as lines of cells: numbers as numbers, moments as text."""
    moments = [name for name, dtype in KINDS[kind].items() if isinstance(dtype, pl.Datetime)]
    lines = records.with_columns(pl.col(moments).dt.strftime(_MOMENT))
    if kind == "result":
        rows = records.select("status", "score", "text").iter_rows()
        texts = [None if (cell := shown(*row)) is None else str(cell) for row in rows]
        lines = lines.with_columns(pl.Series(SHOWN, texts, pl.String))
    return lines.select(headings(kind)).rows()


def records_of(kind: str, reader: fastexcel.ExcelReader) -> pl.DataFrame:
    """Records of a sheet.

    Args:
        kind: of the records.
        reader: of the workbook.

    Returns:
        the records; results with `SHOWN`, too.

    Raises:
        fastexcel.FastExcelError: there is no such sheet.
        polars.exceptions.PolarsError: a column is missing, or holds what can be neither a number nor a moment.
    """
    cells = reader.load_sheet(SHEETS[kind], dtypes="string").to_polars()
    if cells.is_empty():
        return pl.DataFrame(schema=dict(KINDS[kind]) | ({SHOWN: pl.String()} if kind == "result" else {}))
    named = pl.col("id").is_not_null() & (pl.col("id") != "")
    shown_too = [SHOWN] if kind == "result" else []
    return cells.filter(named).select(*(_value(name, dtype) for name, dtype in KINDS[kind].items()), *shown_too)


def _value(name: str, dtype: pl.DataType) -> pl.Expr:
    cell = pl.when(pl.col(name) != "").then(pl.col(name))
    if isinstance(dtype, pl.Datetime):
        return cell.str.to_datetime(_READ, time_unit="ms", time_zone="UTC").alias(name)
    return cell.cast(dtype).alias(name)
