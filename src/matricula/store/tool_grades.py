"""Grades of tools in Moodle: which activity takes which lesson, and what was last written for whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, select, update

from matricula.store import schema_learning as schema
from matricula.store.database import Database
from matricula.store.frames import upsert

_item: Final = schema.tool_item
_grade: Final = schema.tool_grade
Key = tuple[str, str]
"""The ids of a lesson and of its revision."""


@dataclass(frozen=True, slots=True)
class ToolItem:
    """A revision of a lesson that was seen, and where its grades go.

    Args:
        title: its title.
        maximum: the most that it gives; None where the tool does not say.
        cmid: the activity that somebody chose; None where none was chosen.
        state: `there`, or `vanished` where the tool no longer tells of it.
    """

    title: str
    maximum: float | None
    cmid: int | None
    state: str


class ToolGrades:
    """Queries on grades of tools.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def items(self, mapping: int) -> dict[Key, ToolItem]:
        """Revisions that are known of a mapping of courses."""
        statement = select(_item).where(_item.c.mapping == mapping).order_by(_item.c.title)
        with self._database.reading() as connection:
            return {
                (row.lesson, row.revision): ToolItem(row.title, row.maximum, row.cmid, row.state)
                for row in connection.execute(statement)
            }

    def saw(self, mapping: int, seen: Mapping[Key, tuple[str, float | None]]) -> None:
        """Note the revisions that the tool told of, with title and maximum; all others have vanished."""
        known, now = self.items(mapping), datetime.now(UTC)
        rows = [
            {
                "mapping": mapping,
                "lesson": key[0],
                "revision": key[1],
                "title": title,
                "maximum": maximum,
                "cmid": known[key].cmid if key in known else None,
                "state": "there",
                "at": now,
            }
            for key, (title, maximum) in seen.items()
        ]
        with self._database.writing() as connection:
            connection.execute(update(_item).where(_item.c.mapping == mapping).values(state="vanished"))
            if rows:
                upsert(connection, _item, rows)

    def place(self, mapping: int, key: Key, cmid: int | None) -> bool:
        """Choose the activity that takes a revision's grades, or leave it to its name.

        Returns:
            whether the revision is known.
        """
        where = (_item.c.mapping == mapping, _item.c.lesson == key[0], _item.c.revision == key[1])
        with self._database.writing() as connection:
            return bool(connection.execute(update(_item).where(*where).values(cmid=cmid)).rowcount)

    def forget(self, mapping: int, key: Key) -> None:
        """Forget a revision and what was written for it; the grades in Moodle stay."""
        with self._database.writing() as connection:
            for table in (_item, _grade):
                connection.execute(
                    delete(table).where(
                        table.c.mapping == mapping, table.c.lesson == key[0], table.c.revision == key[1]
                    )
                )

    def written(self, mapping: int) -> dict[tuple[Key, int], float]:
        """What was last written, by revision and account."""
        with self._database.reading() as connection:
            rows = connection.execute(select(_grade).where(_grade.c.mapping == mapping)).all()
        return {((row.lesson, row.revision), row.user): row.written for row in rows if row.written is not None}

    def wrote(self, mapping: int, written: Iterable[tuple[Key, int, int, float]]) -> None:
        """Note what was written.

        Args:
            mapping: the mapping of courses.
            written: revision, account, the activity's cmid and the points.
        """
        now = datetime.now(UTC)
        rows = [
            {
                "mapping": mapping,
                "lesson": key[0],
                "revision": key[1],
                "user": user,
                "item": str(cmid),
                "written": points,
                "at": now,
            }
            for key, user, cmid, points in written
        ]
        if rows:
            with self._database.writing() as connection:
                upsert(connection, _grade, rows)
