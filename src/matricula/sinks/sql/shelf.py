"""A plain table as the place of one kind of record."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import ColumnElement, Connection, Table, bindparam, delete, insert, select, types, update

from matricula.roster.gradebook import KINDS, REFERENCES
from matricula.sinks.database.fitting import Row, fit, unfit
from matricula.sinks.database.memory import Memory
from matricula.sinks.database.shelves import Act, Kept, Stored, lost_of, parts
from matricula.sinks.judging import NATURAL


class TableShelf:
    """A table in which each record has a row.

    Args:
        kind: of record.
        table: as the database describes it, or as it is to be made.
        names: its columns by the fields that they keep, with `key`, and `id` where the database gives a number.
        memory: where it is noted what a column cannot hold; None where every column holds all there is.
        zone: by which a time is the day that it is.
    """

    def __init__(
        self, kind: str, table: Table, names: Mapping[str, str], memory: Memory | None, zone: ZoneInfo
    ) -> None:
        self.kind = kind
        self._table = table
        self._columns = {field: table.c[name] for field, name in names.items()}
        self._key = self._columns["key"]
        self._id = self._columns.get("id", self._key)
        self._memory = memory
        self._zone = zone
        self.kept: Sequence[Kept] = [self._kept(field) for field in names if field not in ("key", "id")]
        self.above: TableShelf | None = None

    def stand(self, connection: Connection, classes: Collection[str]) -> list[Stored]:
        """All rows of classes."""
        return list(self._asked(connection, "class", classes, locked=False).values())

    def lost(self, connection: Connection, stored: Sequence[Stored]) -> Mapping[str, Row]:
        """What the columns could not hold of records."""
        if self._memory is None:
            return {}
        notes = self._memory.of_ids(connection, self.kind, [each.id for each in stored])
        return {id_: note.lost for id_, note in notes.items()}

    def find(self, connection: Connection, rows: Sequence[Row]) -> Sequence[Stored]:
        """What stands there under the keys, ids and natural keys of records."""
        found = self._asked(connection, "key", {row["key"] for row in rows})
        if self._id is not self._key:
            found |= self._asked(connection, "id", {row["id"] for row in rows} - {None})
        if self.kind in NATURAL:
            field = NATURAL[self.kind][0]
            new = {row[field] for row in rows if row["action"] == "create"}
            found |= self._asked(connection, field, new - {None})
        return list(found.values())

    def parents(self, connection: Connection, rows: Sequence[Row], stored: Sequence[Stored]) -> pl.DataFrame | None:
        """The records that those refer to."""
        if self.above is None:
            return None
        field = REFERENCES[self.kind][0]
        ids = {row[field] for row in rows} - {None}
        if field in self._columns:
            told = self._columns[field].name
            ids |= {str(each.cells[told]) for each in stored if each.cells[told] is not None}
        above = self.above
        there = above._asked(connection, "id" if "id" in above._columns else "key", ids, locked=False)  # noqa: SLF001
        return pl.DataFrame(
            [(each.key, each.id) for each in there.values()], schema={"key": pl.String, "id": pl.String}, orient="row"
        )

    def check(self, row: Row) -> None:
        """Any record belongs there."""

    def may_go(self, connection: Connection, id_: str) -> None:
        """Any record may be taken away."""

    def insert(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Put rows in."""
        connection.execute(insert(self._table), [self._cells(act) for act in acts])
        for act in acts:
            act.id = act.row["key"]
        if self._id is not self._key:
            there = self._asked(connection, "key", {act.row["key"] for act in acts}, locked=False)
            ids = {each.key: each.id for each in there.values()}
            for act in acts:
                act.id = ids[act.row["key"]]

    def update(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Change rows."""
        # SQLAlchemy keeps the plain names of columns for itself.
        names = [self._key.name, *(each.column for each in self.kept)]
        changed = (
            update(self._table)
            .where(self._id == bindparam("which"))
            .values({name: bindparam(f"new_{number}") for number, name in enumerate(names)})
        )
        told = []
        for act in acts:
            cells = self._cells(act)
            told.append(
                {"which": self._number(act.id)} | {f"new_{number}": cells[name] for number, name in enumerate(names)}
            )
        connection.execute(changed, told)

    def delete(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Take rows out."""
        gone = delete(self._table).where(self._id == bindparam("which"))
        connection.execute(gone, [{"which": self._number(act.id)} for act in acts])

    def after(self, connection: Connection, written: Sequence[Act], gone: Sequence[Act]) -> None:
        """Note what the columns cannot hold."""
        if self._memory is None or not self._memory.there:
            return
        notes = [(act.id, act.row["key"], act.row["class"], lost_of(self, act.row)) for act in written]
        self._memory.forget(connection, self.kind, [act.id for act in (*written, *gone)])
        self._memory.remember(connection, self.kind, [note for note in notes if note[3]])

    def _cells(self, act: Act) -> dict[str, Any]:
        return {self._key.name: act.row["key"], **act.cells}

    def _number(self, id_: str) -> Any:
        whole = isinstance(self._id.type, types.Integer | types.Numeric)
        return int(id_) if whole and id_.isdecimal() else id_

    def _asked(
        self, connection: Connection, field: str, values: Iterable[str], *, locked: bool = True
    ) -> dict[str, Stored]:
        column = self._columns[field]
        whole = isinstance(column.type, types.Integer | types.Numeric)
        told: list[Any] = [int(each) for each in values if each.isdecimal()] if whole else list(values)
        wanted: list[ColumnElement[Any]] = [self._id, self._key, *(self._table.c[each.column] for each in self.kept)]
        names = [each.column for each in self.kept]
        found: dict[str, Stored] = {}
        for part in parts(sorted(told)):
            asked = select(*wanted).where(column.in_(part))
            for id_, key, *cells in connection.execute(asked.with_for_update() if locked else asked):
                if id_ is not None:
                    found[str(id_)] = Stored(
                        str(id_), str(id_ if key is None else key), dict(zip(names, cells, strict=True))
                    )
        return found

    def _kept(self, field: str) -> Kept:
        column, dtype, zone = self._columns[field], KINDS[self.kind][field], self._zone
        return Kept(column.name, (field,), _to(field, column, zone), lambda cell: {field: unfit(cell, dtype, zone)})


def _to(field: str, column: Any, zone: ZoneInfo) -> Callable[[Row], Any]:
    what = field[0].upper() + field[1:]
    return lambda row: fit(row[field], column, what, zone)
