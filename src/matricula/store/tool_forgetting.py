"""Taking a person out of what is kept of learning tools."""

from collections.abc import Collection
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select, update

from matricula.store import schema_learning as schema
from matricula.store import schema_service
from matricula.store.terms import Terms
from matricula.store.tool_previews import checksum_of

_student: Final = schema.tool_student
_preview: Final = schema.tool_preview
_outcome: Final = schema.tool_outcome
_sending: Final = schema_service.sending
_EMPTY: Final = "[]"


def forget_in_tools(connection: Connection, texts: Collection[str], terms: Terms, *, keep: bool) -> dict[str, int]:
    """Forget which student somebody is, take out their invitations, and empty every preview that names them.

    A preview that waits is put away.

    Args:
        connection: a writing connection.
        texts: what the person is called, in small letters; addresses among them.
        terms: the same, to be looked for in texts.
        keep: whether it is only counted.

    Returns:
        rows by table.
    """
    theirs = func.lower(_student.c.email).in_(list(texts))
    if keep:
        students = connection.execute(select(func.count()).select_from(_student).where(theirs)).scalar_one()
    else:
        students = connection.execute(_student.delete().where(theirs)).rowcount
    previews = _naming(connection, terms)
    if not keep:
        for number, mapping, kind, state in previews:
            _empty(connection, number, mapping, kind, state)
    return {
        "tool_student": students,
        "tool_preview": len(previews),
        "sending": _invitations(connection, texts, keep=keep),
    }


def _invitations(connection: Connection, texts: Collection[str], *, keep: bool) -> int:
    """Take out invitations to a tool, sent or not."""
    theirs = and_(_sending.c.channel == "invitation", func.lower(_sending.c.target).in_(list(texts)))
    if keep:
        return int(connection.execute(select(func.count()).select_from(_sending).where(theirs)).scalar_one())
    return connection.execute(_sending.delete().where(theirs)).rowcount


def _naming(connection: Connection, terms: Terms) -> list[tuple[int, int, str, str]]:
    if not terms.texts:
        return []
    columns = (_preview.c.changes, _preview.c.findings)
    told = or_(*(func.lower(each).contains(text, autoescape=True) for each in columns for text in terms.texts))
    statement = select(_preview.c.id, _preview.c.mapping, _preview.c.kind, _preview.c.state, *columns).where(told)
    return [
        (row.id, row.mapping, row.kind, row.state)
        for row in connection.execute(statement)
        if any(terms.scrub(each) != each for each in (row.changes, row.findings))
    ]


def _empty(connection: Connection, number: int, mapping: int, kind: str, state: str) -> None:
    values = {"changes": _EMPTY, "findings": _EMPTY, "checksum": checksum_of(mapping, kind, _EMPTY)}
    values |= {"state": "superseded"} if state != "applied" else {}
    connection.execute(update(_preview).where(_preview.c.id == number).values(**values))
    connection.execute(_outcome.delete().where(_outcome.c.preview == number))
