"""One of openSIS's tables as the place of a kind of record.

openSIS gives the numbers of types, assignments and final grades; a grade is known by its assignment and its student.
Which records are ours, and under which key, is noted in a table beside (`database.memory`).
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, insert, null, select, update

from matricula.roster.gradebook import REFERENCES
from matricula.sinks.database.fitting import Row
from matricula.sinks.database.memory import Memory
from matricula.sinks.database.shelves import Act, Kept, Stored, lost_of, parts
from matricula.sinks.opensis.school import School

TABLES: Final = {
    "grade-category": "gradebook_assignment_types",
    "line-item": "gradebook_assignments",
    "result": "gradebook_grades",
    "final-grade": "student_report_card_grades",
}
"""openSIS's tables by the kinds of records."""


class OpensisShelf(ABC):
    """One of openSIS's tables.

    Args:
        table: as the database describes it.
        school: what gradebooks hang on.
        memory: our keys of openSIS's records.
        zone: by which a time is the day that it is.
    """

    kind: str
    number: str
    kept: Sequence[Kept]

    def __init__(self, table: Table, school: School, memory: Memory, zone: ZoneInfo) -> None:
        self.table = table
        self.school = school
        self._memory = memory
        self.kept = self.columns(zone)
        self.above: OpensisShelf | None = None

    @abstractmethod
    def columns(self, zone: ZoneInfo) -> list[Kept]:
        """Which columns keep which fields."""

    def stand(self, connection: Connection, sections: Sequence[int]) -> list[Stored]:
        """All records of sections."""
        found: dict[str, Stored] = {}
        for part in parts(sections):
            found |= self._asked(connection, self.table.c.course_period_id.in_(part), locked=False)
        return list(found.values())

    def lost(self, connection: Connection, stored: Sequence[Stored]) -> Mapping[str, Row]:
        """What openSIS's columns could not hold of records."""
        notes = self._memory.of_ids(connection, self.kind, [each.id for each in stored])
        return {id_: note.lost for id_, note in notes.items()}

    def find(self, connection: Connection, rows: Sequence[Row]) -> Sequence[Stored]:
        """What stands there of records, locked."""
        self.school.look(connection, {row["class"] for row in rows})
        ids = {row["id"] for row in rows} - {None}
        ids |= set(self._memory.ids_of(connection, self.kind, {row["key"] for row in rows}).values())
        found = self._of_ids(connection, ids)
        if (near := self.near([row for row in rows if row["action"] == "create"])) is not None:
            found |= self._asked(connection, near)
        return list(found.values())

    def near(self, new: Sequence[Row]) -> ColumnElement[bool] | None:
        """Where records may stand already that are to be new; None where nothing but their keys tells."""
        del new
        return None

    def parents(self, connection: Connection, rows: Sequence[Row], stored: Sequence[Stored]) -> pl.DataFrame | None:
        """The records that those refer to."""
        if self.above is None:
            return None
        field = REFERENCES[self.kind][0]
        (told,) = (each for each in self.kept if each.fields == (field,))
        ids = {row[field] for row in rows} | {told.of(each.cells[told.column])[field] for each in stored}
        there = self.above._of_ids(connection, ids - {None}, locked=False)  # noqa: SLF001
        return pl.DataFrame(
            [(each.key, each.id) for each in there.values()], schema={"key": pl.String, "id": pl.String}, orient="row"
        )

    def check(self, row: Row) -> None:
        """See that the section is there."""
        self.school.section(row["class"])

    def may_go(self, connection: Connection, id_: str) -> None:  # noqa: B027 (most tables have nothing to see to)
        """See that nothing of the school's own hangs on it."""

    @abstractmethod
    def beside(self, act: Act) -> dict[str, Any]:
        """What openSIS notes beside in a new row."""

    def insert(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Put rows in, and note the numbers that openSIS gave."""
        for act in acts:
            done = connection.execute(insert(self.table).values({**self.beside(act), **act.cells}))
            (number,) = done.inserted_primary_key or (None,)
            act.id = str(number)

    def update(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Change rows."""
        for act in acts:
            connection.execute(update(self.table).where(self.which(act.id)).values({**act.cells, **self.touched()}))

    def delete(self, connection: Connection, acts: Sequence[Act]) -> None:
        """Take rows out."""
        for act in acts:
            connection.execute(delete(self.table).where(self.which(act.id)))

    def after(self, connection: Connection, written: Sequence[Act], gone: Sequence[Act]) -> None:
        """Note which records are ours."""
        self._memory.forget(connection, self.kind, [act.id for act in gone])
        notes = [(act.id, act.row["key"], act.row["class"], lost_of(self, act.row)) for act in written]
        self._memory.remember(connection, self.kind, notes)

    def which(self, id_: str) -> ColumnElement[bool]:
        """The row of an id."""
        return self.table.c[self.number] == int(id_)

    def touched(self) -> dict[str, Any]:
        """That a row was changed, and by none of openSIS's people."""
        there = {"last_updated": func.now(), "updated_by": null()}
        return {name: value for name, value in there.items() if name in self.table.c}

    def ids_where(self, ids: Collection[str]) -> Iterable[ColumnElement[bool]]:
        """Where rows of ids stand."""
        numbers = sorted(int(each) for each in ids if each.isdecimal())
        return [self.table.c[self.number].in_(part) for part in parts(numbers)]

    def told(self) -> list[ColumnElement[Any]]:
        """Columns that make the id of a row."""
        return [self.table.c[self.number]]

    def _of_ids(self, connection: Connection, ids: Collection[str], *, locked: bool = True) -> dict[str, Stored]:
        found: dict[str, Stored] = {}
        for where in self.ids_where(ids):
            found |= self._asked(connection, where, locked=locked)
        return found

    def _asked(self, connection: Connection, where: ColumnElement[bool], *, locked: bool = True) -> dict[str, Stored]:
        told, names = self.told(), [each.column for each in self.kept]
        asked: Select[Any] = select(*told, *(self.table.c[name] for name in names)).where(where)
        rows = connection.execute(asked.with_for_update() if locked else asked).all()
        cells = {
            "-".join(str(int(each)) for each in row[: len(told)]): dict(zip(names, row[len(told) :], strict=True))
            for row in rows
        }
        notes = self._memory.of_ids(connection, self.kind, cells)
        return {
            id_: Stored(id_, notes[id_].key if id_ in notes else id_, each)
            for id_, each in cells.items()
            if id_ in notes or self.says_something(each)
        }

    def says_something(self, cells: Mapping[str, Any]) -> bool:
        """Whether a row is a record at all."""
        return bool(cells)
