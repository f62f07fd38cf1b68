"""Site, source and profile documents with all their revisions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from matricula.errors import StopError
from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.document
#: What is known for a profile alone and means nothing without it.
_OF_PROFILES: Final = (
    schema.ledger,
    schema.identity,
    schema.drift,
    schema.observed_share,
    schema.stamp,
    schema.observation,
    schema.delivery,
    schema.problem,
    schema.wish,
)


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was saved.

    Args:
        kind: `site`, `source` or `profile`.
        name: its name among documents of its kind.
        revision: counts from 1 for each document.
        body: the text as given, comments and all.
        saved_at: when this revision was saved.
        saved_by: who saved it; empty where that was not noted.
    """

    kind: str
    name: str
    revision: int
    body: str
    saved_at: datetime
    saved_by: str = ""


class Documents:
    """Queries on documents.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, kind: str, name: str, body: str, *, by: str = "", after: int | None = None) -> int:
        """Keep a text as the newest revision of a document.

        Args:
            kind: the document's kind.
            name: its name.
            body: its text.
            by: who saves it.
            after: the revision that the text was made from, 0 for none; by default whichever is there.

        Returns:
            The revision; the present one where the text is the same as that.

        Raises:
            StopError: another revision was saved in between.
        """
        with self._database.writing() as connection:
            newest = self.get(kind, name)
            if after is not None and after != (newest.revision if newest else 0):
                raise _newer(kind, name)
            if newest is not None and newest.body == body:
                return newest.revision
            revision = 1 if newest is None else newest.revision + 1
            values = {"kind": kind, "name": name, "revision": revision, "body": body, "saved_by": by}
            try:
                connection.execute(insert(_table).values(**values, saved_at=datetime.now(UTC)))
            except IntegrityError as error:  # two at the same moment, which both saw the same newest one
                raise _newer(kind, name) from error
            return revision

    def remove(self, kind: str, name: str) -> None:
        """Take a document out, with all its revisions."""
        with self._database.writing() as connection:
            connection.execute(delete(_table).where(_table.c.kind == kind, _table.c.name == name))

    def remove_profile(self, name: str) -> int:
        """Take a profile away with all its revisions, and what is known for it; plans and runs stay.

        Returns:
            How many revisions there were.
        """
        with self._database.writing() as connection:
            for table in _OF_PROFILES:
                connection.execute(delete(table).where(table.c.profile == name))
            done = connection.execute(delete(_table).where(_table.c.kind == "profile", _table.c.name == name))
            return done.rowcount

    def get(self, kind: str, name: str) -> Document | None:
        """The newest revision of a document."""
        statement = (
            select(_table)
            .where(_table.c.kind == kind, _table.c.name == name)
            .order_by(_table.c.revision.desc())
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(statement).one_or_none()
        return None if row is None else _document(row)

    def all(self, kind: str | None = None) -> list[Document]:
        """The newest revision of every document, by kind and name.

        Args:
            kind: only documents of this kind.
        """
        newest = select(_table.c.kind, _table.c.name, func.max(_table.c.revision).label("revision")).group_by(
            _table.c.kind, _table.c.name
        )
        if kind is not None:
            newest = newest.where(_table.c.kind == kind)
        chosen = newest.subquery()
        statement = (
            select(_table)
            .join(
                chosen,
                (_table.c.kind == chosen.c.kind)
                & (_table.c.name == chosen.c.name)
                & (_table.c.revision == chosen.c.revision),
            )
            .order_by(_table.c.kind, _table.c.name)
        )
        with self._database.reading() as connection:
            return [_document(row) for row in connection.execute(statement)]

    def revision(self, kind: str, name: str, number: int) -> Document | None:
        """One revision of a document."""
        here = (_table.c.kind == kind, _table.c.name == name, _table.c.revision == number)
        with self._database.reading() as connection:
            row = connection.execute(select(_table).where(*here)).one_or_none()
        return None if row is None else _document(row)

    def revisions(self, kind: str, name: str) -> list[Document]:
        """All revisions of a document, oldest first."""
        statement = select(_table).where(_table.c.kind == kind, _table.c.name == name).order_by(_table.c.revision)
        with self._database.reading() as connection:
            return [_document(row) for row in connection.execute(statement)]


def _document(row: Row[*tuple[object, ...]]) -> Document:
    values: dict[str, Any] = row._asdict()
    return Document(**{**values, "saved_by": values["saved_by"] or ""})


def _newer(kind: str, name: str) -> StopError:
    return StopError(
        f"Somebody else has saved the {kind} {name} in the meantime.",
        where=f"{kind} {name}",
        remedy="Look at what was changed, and make your change anew.",
        code="document-newer",
    )
