"""A table of our own beside the school's: our keys of its records, and what its columns cannot hold.

The school's tables have no place for the key of a record, and some of their columns hold less than was written: the day
of a time, three decimals of a weight. Without this table the next reading would take each of these for a change that
somebody made.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, MetaData, String, Table, Text, delete, insert, select
from sqlalchemy.dialects import mysql

from matricula.sinks.database.connection import has_table
from matricula.sinks.database.fitting import Row, fields_told
from matricula.sinks.database.shelves import parts


class Note(NamedTuple):
    """What is remembered of a record: its key, and what its columns cannot hold."""

    key: str
    lost: Row


class Memory:
    """The table, which is made when something is first to be remembered.

    Args:
        name: of the table.
    """

    def __init__(self, name: str) -> None:
        exact = String(255).with_variant(
            mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
        )
        self._table = Table(
            name,
            MetaData(),
            Column("kind", String(20), primary_key=True),
            Column("id", String(190), primary_key=True),
            Column("record_key", exact, nullable=False, index=True),
            Column("class", exact, nullable=False, index=True),
            Column("lost", Text),
            mysql_engine="InnoDB",
            mysql_charset="utf8mb4",
            mariadb_engine="InnoDB",
            mariadb_charset="utf8mb4",
        )
        self.name = name
        self.there = False

    def look(self, connection: Connection) -> None:
        """See whether the table is there."""
        self.there = self.there or has_table(connection, self._table.name)

    def make(self, connection: Connection) -> None:
        """Make the table where it is missing; on MariaDB and MySQL that ends a transaction, so call it before one."""
        self.look(connection)
        if not self.there:
            self._table.create(connection)
            self.there = True

    def of_classes(self, connection: Connection, kind: str, classes: Collection[str]) -> dict[str, Note]:
        """What is remembered of one kind of record in classes, by the school's own ids."""
        found: dict[str, Note] = {}
        columns = self._table.c
        for part in self._parts(classes):
            asked = select(columns.id, columns.record_key, columns.lost).where(
                columns.kind == kind, columns["class"].in_(part)
            )
            found |= {id_: Note(key, _lost(kind, told)) for id_, key, told in connection.execute(asked)}
        return found

    def ids_of(self, connection: Connection, kind: str, keys: Collection[str]) -> dict[str, str]:
        """The school's own ids of records by our keys."""
        found: dict[str, str] = {}
        columns = self._table.c
        for part in self._parts(keys):
            asked = select(columns.record_key, columns.id).where(columns.kind == kind, columns.record_key.in_(part))
            found |= {key: id_ for key, id_ in connection.execute(asked)}  # noqa: C416  (rows, not pairs)
        return found

    def of_ids(self, connection: Connection, kind: str, ids: Collection[str]) -> dict[str, Note]:
        """What is remembered of records of one kind, by the school's own ids."""
        found: dict[str, Note] = {}
        columns = self._table.c
        for part in self._parts(ids):
            asked = select(columns.id, columns.record_key, columns.lost).where(
                columns.kind == kind, columns.id.in_(part)
            )
            found |= {id_: Note(key, _lost(kind, told)) for id_, key, told in connection.execute(asked)}
        return found

    def remember(self, connection: Connection, kind: str, notes: Iterable[tuple[str, str, str, Row]]) -> None:
        """Note records.

        Args:
            connection: in the transaction in which they are written.
            kind: of record.
            notes: of each the school's id, our key, its class, and what its columns cannot hold.
        """
        told = list(notes)
        self.forget(connection, kind, [id_ for id_, *_ in told])
        rows = [
            {"kind": kind, "id": id_, "record_key": key, "class": class_, "lost": _told(lost)}
            for id_, key, class_, lost in told
        ]
        if rows:
            connection.execute(insert(self._table), rows)

    def forget(self, connection: Connection, kind: str, ids: Collection[str]) -> None:
        """Forget records by the school's own ids."""
        columns = self._table.c
        for part in self._parts(ids):
            connection.execute(delete(self._table).where(columns.kind == kind, columns.id.in_(part)))

    def _parts(self, values: Collection[str]) -> Iterable[Sequence[str]]:
        return parts(sorted(values)) if self.there else ()


def _told(lost: Mapping[str, Any]) -> str | None:
    if not lost:
        return None
    return json.dumps(
        {name: value.isoformat() if isinstance(value, datetime) else value for name, value in lost.items()},
        ensure_ascii=False,
    )


def _lost(kind: str, told: str | None) -> dict[str, Any]:
    return fields_told(kind, json.loads(told)) if told else {}
