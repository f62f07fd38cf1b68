"""What was done to the state itself: people forgotten, old records purged, keys changed, backups made and put back.

Nobody forgotten is named.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from sqlalchemy import insert, select

from matricula.store import schema
from matricula.store.database import Database

ActKind = Literal["forget", "purge", "key", "backup", "restore"]

_table: Final = schema.act


@dataclass(frozen=True, slots=True)
class Act:
    """One act on the state.

    Args:
        kind: one of `ActKind`.
        by: the person, or the part of the program.
        at: when.
        counts: rows concerned by what they are.
    """

    kind: str
    by: str
    at: datetime
    counts: dict[str, int]


class Acts:
    """Queries on acts.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, kind: ActKind, by: str, counts: Mapping[str, int]) -> None:
        """Note an act."""
        values = {"kind": kind, "by": by, "at": datetime.now(UTC), "counts": json.dumps(dict(counts))}
        with self._database.writing() as connection:
            connection.execute(insert(_table).values(**values))

    def all(self, kind: ActKind | None = None, limit: int | None = None) -> list[Act]:
        """Acts, newest first.

        Args:
            kind: only these.
            limit: at most so many.
        """
        columns = [column for column in _table.c if column.name != "id"]
        statement = select(*columns).order_by(_table.c.id.desc()).limit(limit)
        if kind is not None:
            statement = statement.where(_table.c.kind == kind)
        with self._database.reading() as connection:
            rows = [row._asdict() for row in connection.execute(statement)]
        return [Act(**row | {"counts": json.loads(row["counts"])}) for row in rows]
