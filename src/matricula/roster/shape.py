"""The shape of a delivery: rows, filled columns and the kind of keys of each table; nothing about a person."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from matricula.roster.roster import Roster
from matricula.roster.tables import LINE, TABLES

#: Keys of these tables stand for records of the site. Those of the others are often made up anew for each export.
KEYED = ("orgs", "academicSessions", "courses", "classes", "users")
#: They tell how a delivery was made, and nothing of the school.
_BOOKKEEPING = ("sourcedId", "status", "dateLastModified", LINE)
#: So many keys of a table, spread over it, show of what kind they are.
_SAMPLE = 1000
#: Keys are of one kind where it is that of this share of them.
_NEARLY_ALL = 0.9
_UUID = r"^\{?[0-9A-Fa-f]{8}-?([0-9A-Fa-f]{4}-?){3}[0-9A-Fa-f]{12}\}?$"


@dataclass(frozen=True)
class TableShape:
    """What one table of a delivery looked like.

    Args:
        rows: how many it had.
        filled: share of filled cells of each column that has any.
        keys: kind of its sourcedIds: `number`, `uuid`, or a pattern in which `A` stands for letters and `9` for digits;
            empty where they are of several kinds.
        length: characters of its sourcedIds, the median.
    """

    rows: int
    filled: dict[str, float]
    keys: str = ""
    length: int = 0


Shape = Mapping[str, TableShape]


def shape_of(roster: Roster) -> dict[str, TableShape]:
    """The shape of a roster, by table."""
    return {name: _table(name, roster.table(name)) for name in TABLES}


def as_told(shape: Shape) -> dict[str, Any]:
    """A shape as JSON can hold it."""
    return {name: asdict(table) for name, table in shape.items()}


def as_known(told: Mapping[str, Any]) -> dict[str, TableShape]:
    """The shape that JSON told of."""
    return {name: TableShape(**table) for name, table in told.items()}


def _table(name: str, frame: pl.DataFrame) -> TableShape:
    blank = frame.drop(_BOOKKEEPING, strict=False).null_count().row(0, named=True)
    filled = {column: round(1 - number / frame.height, 4) for column, number in blank.items() if number < frame.height}
    keys, length = _kind_of(frame["sourcedId"]) if name in KEYED else ("", 0)
    return TableShape(frame.height, filled, keys, length)


def _kind_of(keys: pl.Series) -> tuple[str, int]:
    some = keys.drop_nulls().gather_every(max(1, len(keys) // _SAMPLE))
    if not len(some):
        return "", 0
    column = pl.col(some.name)
    pattern = column.str.replace_all(r"\p{L}+", "A").str.replace_all(r"\d+", "9")
    kind = pl.when(column.str.contains(_UUID)).then(pl.lit("uuid")).otherwise(pattern).replace("9", "number")
    counts = some.to_frame().select(kind=kind).to_series().value_counts(sort=True)
    first, number = counts.row(0)
    length = int(some.str.len_chars().median() or 0)  # type: ignore[arg-type]
    return (first if number >= _NEARLY_ALL * len(some) else ""), length
