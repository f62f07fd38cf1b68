"""First imports: which record of a Moodle became which record of the school, and what was last told of it."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, and_, delete, or_, select

from matricula.store import schema_learning
from matricula.store.database import Database
from matricula.store.frames import chunks_of

_table: Final = schema_learning.imported
_AT_ONCE: Final = 5_000
_PERSON: Final = "person"
#: Kinds whose Moodle ids begin with an account, and those in which it follows the course.
_OF_PEOPLE: Final = frozenset(
    {_PERSON, "students", "student_enrollment", "staff", "staff_school_info", "staff_school_relationship"}
    | {"login_authentication"}
)
_OF_PLACES: Final = frozenset({"enrolment", "result", "schedule", "student_report_card_grades"})


class ImportedRow(NamedTuple):
    """One record.

    Args:
        kind: kind of record, such as `person`; of a table in a database with the database's name behind it.
        moodle_id: the record in Moodle, as text; of what hangs on several their ids joined by colons.
        key: what it is called in the school's system; it never changes.
        body: JSON text of what was last told of it.
    """

    kind: str
    moodle_id: str
    key: str
    body: str


class Imported:
    """Queries on first imports.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def rows(self, name: str) -> list[ImportedRow]:
        """All records of an import, those that are no longer in Moodle too, by kind and Moodle id."""
        asked = select(_table.c.kind, _table.c.moodle_id, _table.c.key, _table.c.body).where(_table.c.name == name)
        with self._database.reading() as connection:
            found = connection.execute(asked.order_by(_table.c.kind, _table.c.moodle_id))
            return [ImportedRow(*row) for row in found]

    def keep(self, name: str, rows: Iterable[ImportedRow]) -> None:
        """Note what was told of records; the key of one that is known stays as it was.

        Args:
            name: the import.
            rows: the records, each kind and Moodle id once.
        """
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            statement = _upsert(self._database)
            for chunk in chunks_of(((row,) for row in rows), _AT_ONCE):
                told = [row._asdict() | {"name": name, "first_at": now, "at": now} for (row,) in chunk]
                connection.execute(statement, told)

    def forget(self, name: str) -> None:
        """Strike out all records of an import; the next one begins anew."""
        with self._database.writing() as connection:
            connection.execute(delete(_table).where(_table.c.name == name))


def _upsert(database: Database) -> Any:
    into: Any = database.insert(_table)
    return into.on_conflict_do_update(
        index_elements=[_table.c.name, _table.c.kind, _table.c.moodle_id],
        set_={"body": into.excluded.body, "at": into.excluded.at},
    )


def about(connection: Connection, keys: Iterable[str], usernames: Iterable[str]) -> list[tuple[str, str, str]]:
    """Name, kind and Moodle id of all rows about somebody, whatever they became.

    Args:
        connection: any connection.
        keys: sourcedIds of theirs.
        usernames: user names of theirs.
    """
    said = [_table.c.body.contains(f'"username":{json.dumps(name)}', autoescape=True) for name in usernames]
    theirs = and_(_table.c.kind == _PERSON, or_(_table.c.key.in_(list(keys)), *said))
    people = {
        (name, number) for name, number in connection.execute(select(_table.c.name, _table.c.moodle_id).where(theirs))
    }
    if not people:
        return []
    asked = select(_table.c.name, _table.c.kind, _table.c.moodle_id).where(
        _table.c.name.in_([name for name, _ in people])
    )
    return [
        (name, kind, number) for name, kind, number in connection.execute(asked) if (name, _who(kind, number)) in people
    ]


def _who(kind: str, moodle_id: str) -> str:
    """The account that a record is about; of a record of no person something that is no account."""
    kind = kind.partition("@")[0]
    parts = moodle_id.split(":")
    if kind in _OF_PLACES:
        return parts[1]
    return parts[0] if kind in _OF_PEOPLE else ""
