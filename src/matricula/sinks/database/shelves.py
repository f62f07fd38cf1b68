"""Rows of one table as records of one kind: which column keeps which fields."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

import polars as pl
from sqlalchemy import Connection

from matricula.roster.gradebook import KINDS, fields_of
from matricula.sinks.database.fitting import Row, Unfit

Cells = Mapping[str, Any]
"""Cells of a row of the database by the names of their columns."""

SLICE: Final = 500
"""So many values stand in one question at most."""


@dataclass(frozen=True)
class Kept:
    """One column, and the fields that it keeps.

    Args:
        column: its name in the database.
        fields: names of the fields.
        to: the cell for a record; raises Unfit.
        of: the fields of a cell.
    """

    column: str
    fields: tuple[str, ...]
    to: Callable[[Row], Any]
    of: Callable[[Any], Row]


class Stored(NamedTuple):
    """A row that stands in the database: the school's own id, our key where one is known, and the columns kept."""

    id: str
    key: str
    cells: Cells


@dataclass
class Act:
    """What is to be done with one row of the database.

    Args:
        row: the record as it came, with `number`, `key` and `id`.
        cells: what is to stand there; empty where it is taken away.
        id: the school's own id; empty while there is none.
    """

    row: Row
    cells: Cells
    id: str = ""


class Shelf(Protocol):
    """The table in which one kind of record stands."""

    kind: str
    kept: Sequence[Kept]

    def find(self, connection: Connection, rows: Sequence[Row]) -> Sequence[Stored]:
        """What stands there of records that are to be written; it stays locked until the transaction ends."""
        ...

    def lost(self, connection: Connection, stored: Sequence[Stored]) -> Mapping[str, Row]:
        """What the columns could not hold of records, by the school's own ids (`lost_of`)."""
        ...

    def parents(self, connection: Connection, rows: Sequence[Row], stored: Sequence[Stored]) -> pl.DataFrame | None:
        """Records that those refer to, with `key` and `id`; None where the kind refers to none."""
        ...

    def check(self, row: Row) -> None:
        """See that a record that is to be written belongs there; raises Unfit."""
        ...

    def may_go(self, connection: Connection, id_: str) -> None:
        """See that a record may be taken away; raises Unfit."""
        ...

    def insert(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Put rows in, and note their ids."""
        ...

    def update(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Change rows."""
        ...

    def delete(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Take rows out."""
        ...

    def after(self, connection: Connection, written: Sequence[Act], gone: Sequence[Act]) -> None:
        """Note what was written and what is gone, in the same transaction."""
        ...


def parts(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Values in slices that fit one question."""
    return (values[start : start + SLICE] for start in range(0, len(values), SLICE))


def cells_of(shelf: Shelf, row: Row) -> dict[str, Any]:
    """The cells for a record; raises Unfit."""
    return {each.column: each.to(row) for each in shelf.kept}


def records(shelf: Shelf, stored: Sequence[Stored], lost: Mapping[str, Row]) -> pl.DataFrame:
    """Rows as a frame of their kind; references are the school's own ids."""
    rows = [{"key": each.key, "id": each.id} | fields_at(shelf, each.cells, lost.get(each.id, {})) for each in stored]
    return pl.DataFrame(rows, schema=KINDS[shelf.kind])


def fields_at(shelf: Shelf, cells: Cells, lost: Row) -> dict[str, Any]:
    """The fields of a row, with those that its columns cannot hold as they were written.

    Args:
        shelf: the table.
        cells: the row.
        lost: what was remembered by `lost_of`; of a column that somebody changed since, it no longer counts.
    """
    fields: dict[str, Any] = dict.fromkeys(fields_of(shelf.kind))
    if lost:
        fields |= {name: value for name, value in lost.items() if name not in _held(shelf)}
    for each in shelf.kept:
        cell = cells[each.column]
        fields |= each.of(cell)
        if lost and all(name in lost for name in each.fields) and _still(each, lost, cell):
            fields |= {name: lost[name] for name in each.fields}
    return fields


def lost_of(shelf: Shelf, row: Row) -> dict[str, Any]:
    """The fields of a record that its columns cannot hold as they are."""
    lost = {name: row[name] for name in fields_of(shelf.kind) if name not in _held(shelf) and row[name] is not None}
    for each in shelf.kept:
        back = each.of(each.to(row))
        if any(back.get(name) != row[name] for name in each.fields):
            lost |= {name: row[name] for name in each.fields}
    return lost


def _held(shelf: Shelf) -> set[str]:
    return {name for each in shelf.kept for name in each.fields}


def _still(each: Kept, seen: Row, cell: Any) -> bool:
    try:
        return bool(each.to(seen) == cell)
    except Unfit:
        return False
