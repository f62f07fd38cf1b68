"""Values of a gradebook as a column can hold them, and back.

A number or a text that a column would cut short is refused: nothing else could tell a school that a grade is not the
one that was given. A time of which a column holds the day alone is written as that day.
"""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Column, types

from matricula.roster.gradebook import KINDS

Row = Mapping[str, Any]
"""Fields of a record by their names in `roster.gradebook`."""

_NOISE: Final = 9
"""Places after the point beyond which a number is what computing left over."""


class Unfit(Exception):  # noqa: N818  (it is an answer, not a failure)
    """A record cannot be written as it is.

    Args:
        reason: why, in one sentence that names nobody.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def decimal(value: float, places: int, whole: int, what: str) -> Decimal:
    """A number for a column with so many places after the point and so many before it.

    Args:
        value: the number.
        places: after the point.
        whole: before it.
        what: what the column holds, at the beginning of a sentence.

    Raises:
        Unfit: it would be cut short, or is no number.
    """
    if not math.isfinite(value):
        raise Unfit(f"{what} is no number.")
    exact = Decimal(repr(round(float(value), _NOISE)))
    kept = round(exact, places)
    if kept != exact:
        told = "whole numbers alone" if places == 0 else f"{places} decimals"
        raise Unfit(f"{what} has more decimals than its column: that holds {told}. Have it rounded in the profile.")
    if abs(kept) >= 10**whole:
        raise Unfit(f"{what} is larger than its column allows.")
    return kept


def text(value: str, length: int | None, what: str) -> str:
    """A text for a column of so many letters.

    Raises:
        Unfit: it is longer.
    """
    if length is not None and len(value) > length:
        raise Unfit(f"{what} is longer than the {length} letters that its column holds.")
    return value


def fit(value: Any, column: Column[Any], what: str, zone: ZoneInfo) -> Any:
    """A value as a column holds it.

    Args:
        value: a text, a number, a time with its zone, or None.
        column: as the database describes it.
        what: what it holds, at the beginning of a sentence.
        zone: by which a time is the day that it is.

    Raises:
        Unfit: it would be cut short, or is of another kind.
    """
    kind = column.type
    if value is None:
        return None
    if isinstance(value, datetime):
        return _time(value, kind, zone)
    if isinstance(value, float):
        return _number(value, kind, what)
    if isinstance(kind, types.String):
        return text(str(value), kind.length, what)
    if isinstance(kind, types.Integer | types.Numeric):
        if not str(value).isdecimal():
            raise Unfit(f"{what} is no number, and its column holds numbers alone.")
        return int(value)
    return value


def _time(value: datetime, kind: types.TypeEngine[Any], zone: ZoneInfo) -> Any:
    if isinstance(kind, types.DateTime):
        told = value.astimezone(UTC)
        precise = getattr(kind, "fsp", 3) or getattr(kind, "precision", 0)
        told = told if precise else told.replace(microsecond=0)
        return told if kind.timezone else told.replace(tzinfo=None)
    if isinstance(kind, types.Date):
        return value.astimezone(zone).date()
    if isinstance(kind, types.String):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise Unfit("A time cannot be kept in a column of this kind.")


def _number(value: float, kind: types.TypeEngine[Any], what: str) -> Any:
    if not math.isfinite(value):
        raise Unfit(f"{what} is no number.")
    if isinstance(kind, types.Float):
        return value
    if isinstance(kind, types.Integer):
        return int(decimal(value, 0, 18, what))
    if isinstance(kind, types.Numeric):
        if kind.precision is None:
            return Decimal(repr(round(value, _NOISE)))
        return decimal(value, kind.scale or 0, kind.precision - (kind.scale or 0), what)
    if isinstance(kind, types.String):
        return text(f"{value:.{_NOISE}f}".rstrip("0").rstrip("."), kind.length, what)
    raise Unfit("A number cannot be kept in a column of this kind.")


def unfit(value: Any, dtype: pl.DataType, zone: ZoneInfo) -> Any:
    """What a column holds as a field of a gradebook; None where it is not of that kind.

    Args:
        value: as the driver gave it.
        dtype: the field's.
        zone: in which a day begins.
    """
    if value is None:
        return None
    if isinstance(dtype, pl.Datetime):
        return moment(value, zone)
    if isinstance(dtype, pl.Float64):
        try:
            return float(value)
        except (TypeError, ValueError):
            return None
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def moment(value: Any, zone: ZoneInfo | None = None) -> datetime | None:
    """A time of any writing in UTC, to the thousandth of a second."""
    found: datetime | None = None
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return None
    elif isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime.combine(value, time(), zone or UTC)
    elif isinstance(value, int | float):
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    if found is None:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    found = found.astimezone(UTC)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def fields_told(kind: str, told: Row) -> dict[str, Any]:
    """Fields that came as JSON, in the kinds of values that they have.

    Args:
        kind: of record.
        told: fields by name; those that no such record has are left out.
    """
    schema = KINDS[kind]
    fields: dict[str, Any] = {}
    for name, value in told.items():
        if name not in schema:
            continue
        if value is None:
            fields[name] = None
        elif isinstance(schema[name], pl.Datetime):
            fields[name] = moment(value)
        else:
            fields[name] = float(value) if isinstance(schema[name], pl.Float64) else str(value)
    return fields
