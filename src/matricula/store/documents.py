"""Site, source and profile documents with all their revisions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Row, func, insert, select

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.document


@dataclass(frozen=True, slots=True)
class Document:
    """A document as it was saved.

    Args:
        kind: `site`, `source` or `profile`.
        name: its name among documents of its kind.
        revision: counts from 1 for each document.
        body: the text as given, comments and all.
        saved_at: when this revision was saved.
    """

    kind: str
    name: str
    revision: int
    body: str
    saved_at: datetime


class Documents:
    """Queries on documents.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, kind: str, name: str, body: str) -> int:
        """Keep a text as the newest revision of a document.

        Returns:
            The revision; the present one where the text is the same as that.
        """
        with self._database.writing() as connection:
            newest = self.get(kind, name)
            if newest is not None and newest.body == body:
                return newest.revision
            revision = 1 if newest is None else newest.revision + 1
            connection.execute(
                insert(_table).values(kind=kind, name=name, revision=revision, body=body, saved_at=datetime.now(UTC))
            )
            return revision

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

    def revisions(self, kind: str, name: str) -> list[Document]:
        """All revisions of a document, oldest first."""
        statement = select(_table).where(_table.c.kind == kind, _table.c.name == name).order_by(_table.c.revision)
        with self._database.reading() as connection:
            return [_document(row) for row in connection.execute(statement)]


def _document(row: Row[*tuple[object, ...]]) -> Document:
    return Document(**row._asdict())
