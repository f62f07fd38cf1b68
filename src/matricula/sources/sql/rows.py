"""From the rows of a query to a table of the roster as text."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType

import polars as pl

from matricula.roster import TABLES
from matricula.roster.extensions import METADATA
from matricula.roster.tables import Kind, Table
from matricula.sources.records import as_text

_NO_DAYS = ("0000-00-00", "0000-00-00 00:00:00", "infinity", "-infinity")
"""What MariaDB and PostgreSQL have in the place of a day that there is not."""

_MIDNIGHT = time()
_MIDNIGHTS = r"^(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?$"
_WHOLE = r"^(-?\d+)\.0+$"
_TRUTH = {"1": "true", "0": "false"}


def names_of(table: Table, version: str, given: Sequence[str], mapped: Mapping[str, str]) -> dict[int, str]:
    """Which column of a query is which column of the roster.

    Databases fold names that are not in quotes to small or capital letters, each as it likes; so capitals and `_` do
    not matter.

    Args:
        table: the roster's table.
        version: OneRoster version whose columns are meant.
        given: the query's names of columns, in order.
        mapped: the query's names by the roster's ones, where they differ.

    Returns:
        the roster's names by position; a name that is not known stays as it is, and of two columns that mean the same
        the first one counts.
    """
    known = {folded(column.name): column.name for column in table.of(version)}
    own = {theirs.casefold(): ours for ours, theirs in mapped.items()}
    taken = set(own.values())
    found: dict[int, str] = {}
    for position, name in enumerate(given):
        ours = own.get(name.casefold())
        if ours is None:
            ours = _extension(name) or known.get(folded(name), name)
            if ours in taken:
                continue
        if ours not in found.values():
            found[position] = ours
    return found


def folded(name: str) -> str:
    """A name as it is compared."""
    return name.replace("_", "").casefold()


def _extension(name: str) -> str:
    return METADATA + name[len(METADATA) :] if name.casefold().startswith(METADATA) else ""


def frame_of_rows(table: str, parts: Iterator[Sequence[Sequence[object]]], names: Mapping[int, str]) -> pl.DataFrame:
    """The rows of a query as text, put together part by part, so that no more than one is held as objects.

    Args:
        table: the roster's table.
        parts: some rows at a time.
        names: the roster's names of columns by position; columns not named are passed over.
    """
    kinds = {column.name: column.kind for column in TABLES[table].columns}
    frames = [pl.DataFrame(schema=dict.fromkeys(names.values(), pl.String()))]
    for rows in parts:
        cells = list(zip(*rows, strict=True))
        frames.append(
            pl.DataFrame({name: text_of(cells[place], kinds.get(name, Kind.TEXT)) for place, name in names.items()})
        )
    return pl.concat(frames, rechunk=True)


def text_of(values: Sequence[object], kind: Kind) -> pl.Series:
    """Values of one column as the cells of a roster.

    Args:
        values: as the driver gives them.
        kind: what the column holds: only a boolean's 1 and 0 mean true and false, only a day is no day at 0000-00-00.
    """
    types = set(map(type, values)) - {NoneType}
    if types <= {str}:
        series = pl.Series(values, dtype=pl.String)
    elif types == {int}:
        series = _whole_numbers(values)
    elif types in ({date}, {bool}):
        series = pl.Series(values, dtype=pl.Date if date in types else pl.Boolean).cast(pl.String)
    else:
        series = pl.Series(list(map(as_cell, values)), dtype=pl.String)
    if kind is Kind.DATE and _odd_days(series):
        series = series.replace(list(_NO_DAYS), None).str.replace(_MIDNIGHTS, "$1")
    elif kind is Kind.BOOLEAN:
        series = series.replace(list(_TRUTH), list(_TRUTH.values()))
    return series


def _odd_days(series: pl.Series) -> bool:
    """Whether there are days that are not written YYYY-MM-DD, or the day 0; most columns have none."""
    return bool((series.str.len_bytes() != len("2026-08-15")).any()) or _NO_DAYS[0] in series


def _whole_numbers(values: Sequence[object]) -> pl.Series:
    try:
        return pl.Series(values, dtype=pl.Int64).cast(pl.String)
    except (OverflowError, TypeError, pl.exceptions.PolarsError):
        return pl.Series(list(map(as_cell, values)), dtype=pl.String)


def as_cell(value: object) -> str | None:
    """One value as text, the same however many rows are read at a time: a school's keys are made of it.

    Bytes become hexadecimal digits, save a single one, which is a bit (MariaDB's `BIT(1)`).
    """
    if isinstance(value, bytes | bytearray | memoryview):
        raw = bytes(value)
        return str(raw[0]) if len(raw) == 1 and raw[0] < 2 else raw.hex()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat()
    if isinstance(value, Decimal):
        return format(value.to_integral_value() if value == value.to_integral_value() else value, "f")
    if isinstance(value, set | frozenset):
        return as_text(sorted(map(str, value)))
    return as_text(value)
