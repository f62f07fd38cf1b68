"""What kinds of records were like when all of them were last looked at: as long as it stays so they need no look."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import upsert

_table: Final = schema.stamp


class Stamps:
    """Queries on stamps.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, profile: str) -> dict[str, str]:
        """What was noted of a profile's kinds of records."""
        statement = select(_table.c.kind, _table.c.stamp).where(_table.c.profile == profile)
        with self._database.reading() as connection:
            return {kind: stamp for kind, stamp in connection.execute(statement)}  # noqa: C416 - a result has keys

    def note(self, profile: str, stamps: Mapping[str, str], at: datetime) -> None:
        """Note what kinds were like when all of them was looked at.

        Args:
            profile: the profile.
            stamps: by kind.
            at: when.
        """
        if not stamps:
            return
        rows = [
            {"profile": profile, "kind": kind, "stamp": stamp, "looked_at": at}
            for kind, stamp in sorted(stamps.items())
        ]
        with self._database.writing() as connection:
            upsert(connection, _table, rows)
