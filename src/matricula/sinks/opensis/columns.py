"""Which columns of openSIS's tables keep which fields, and how.

* `gradebook_assignment_types.final_grade_percent` is a share: 0.2 is 20 percent.
* `gradebook_assignments.points` is the maximum, in whole numbers. Descriptions stand there as HTML with its signs
  escaped once more.
* `gradebook_grades.points`: -1 is excused, as the `*` that a teacher types; NULL is ungraded; less than zero becomes
  zero, as in openSIS's own form; more than the maximum is allowed.
"""

import html
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Table, types

from matricula.sinks.database.fitting import Row, Unfit, decimal, fit, moment, text
from matricula.sinks.database.shelves import Kept
from matricula.sinks.opensis.school import number_of

EXCUSED: Final = Decimal(-1)


def numbered(column: str, field: str, word: str, what: str) -> Kept:
    """A column with the number of a record of the roster."""

    def of(cell: Any) -> Row:
        return {field: None if cell is None else f"{word}-{_plain(cell)}"}

    return Kept(column, (field,), lambda row: number_of(row[field], word, what), of)


def period(column: str, table: Table) -> Kept:
    """A column with the number of a marking period, which the table of report cards keeps as text."""
    textual = isinstance(table.c[column].type, types.String)

    def to(row: Row) -> Any:
        number = number_of(row["session"], "term", "marking period")
        return str(number) if textual else number

    def of(cell: Any) -> Row:
        return {"session": None if cell is None else f"term-{_plain(cell)}"}

    return Kept(column, ("session",), to, of)


def reference(column: str, field: str, what: str) -> Kept:
    """A column with openSIS's number of the record that this one belongs to."""

    def to(row: Row) -> int:
        told = row[field]
        if told is None or not told.isdecimal():
            raise Unfit(f"openSIS files it under {what}, and there is none.")
        return int(told)

    return Kept(column, (field,), to, lambda cell: {field: None if cell is None else _plain(cell)})


def worded(column: str, field: str, table: Table, what: str) -> Kept:
    """A column with a text."""
    length = getattr(table.c[column].type, "length", None)

    def to(row: Row) -> str | None:
        return None if row[field] is None else text(row[field], length, what)

    return Kept(column, (field,), to, lambda cell: {field: cell or None})


def described(column: str) -> Kept:
    """The column of descriptions."""

    def to(row: Row) -> str | None:
        return None if row["description"] is None else html.escape(row["description"], quote=False)

    return Kept(column, ("description",), to, lambda cell: {"description": html.unescape(cell) if cell else None})


def dated(column: str, field: str, table: Table, zone: ZoneInfo) -> Kept:
    """A column with a day."""

    def to(row: Row) -> Any:
        return fit(row[field], table.c[column], field, zone)

    return Kept(column, (field,), to, lambda cell: {field: moment(cell, zone)})


def counted(column: str, field: str, table: Table, what: str, *, share: bool = False) -> Kept:
    """A column with a number, or with a hundredth of it."""
    whole, places = _room(table.c[column])

    def to(row: Row) -> Decimal | None:
        if row[field] is None:
            return None
        return _shared(row[field], whole, places, what) if share else decimal(row[field], places, whole, what)

    def of(cell: Any) -> Row:
        return {field: None if cell is None else float(cell * 100 if share else cell)}

    return Kept(column, (field,), to, of)


def pointed(table: Table) -> Kept:
    """The column of points of `gradebook_grades`."""
    whole, places = _room(table.c.points)

    def to(row: Row) -> Decimal | None:
        if row["status"] == "exempt":
            return EXCUSED
        if row["score"] is None:
            return None
        return max(decimal(row["score"], places, whole, "The score"), Decimal(0))

    def of(cell: Any) -> Row:
        if cell is None:
            return {"status": "not submitted", "score": None}
        if cell == EXCUSED:
            return {"status": "exempt", "score": None}
        return {"status": "fully graded", "score": float(cell)}

    return Kept("points", ("status", "score"), to, of)


def needed(kept: Kept, reason: str) -> Kept:
    """A column that openSIS cannot do without."""

    def to(row: Row) -> Any:
        if (cell := kept.to(row)) is None:
            raise Unfit(reason)
        return cell

    return Kept(kept.column, kept.fields, to, kept.of)


def _shared(value: float, whole: int, places: int, what: str) -> Decimal:
    # A weight of a third has no end: what counts is its ratio to the others, and that the fifth decimal does not move.
    told = round(decimal(value, 9, 9, what) / 100, places)
    if told < 0 or told >= 10**whole:
        raise Unfit(f"{what} is larger than openSIS's column allows.")
    return told


def _room(column: Column[Any]) -> tuple[int, int]:
    """How many places a column has before the point and after it."""
    kind = column.type
    if isinstance(kind, types.Numeric) and not isinstance(kind, types.Float) and kind.precision is not None:
        return kind.precision - (kind.scale or 0), kind.scale or 0
    return (9, 0) if isinstance(kind, types.Integer) else (9, 9)


def _plain(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, int | Decimal) else str(cell)
