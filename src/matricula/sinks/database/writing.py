"""Records written each on its own, in one transaction: a bad row is divided from the others by savepoints."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from matricula.sinks.database.failures import reason_of
from matricula.sinks.database.fitting import Unfit
from matricula.sinks.database.shelves import Act, Shelf, cells_of, records
from matricula.sinks.judging import judge, pointed
from matricula.sinks.protocol import WRITTEN, Abilities

Answer = tuple[int, str, str | None, str | None]
"""What came of a row, in the columns of `WRITTEN`."""

_ACTIONS: Final = ("remove", "update", "create")


def write(connection: Connection, shelf: Shelf, rows: pl.DataFrame, abilities: Abilities) -> pl.DataFrame:
    """Write records of one kind.

    Args:
        connection: in a transaction.
        shelf: where they stand.
        rows: as `Sink.write` gets them.
        abilities: what the sink can take.

    Returns:
        what came of each, in the columns of `WRITTEN`.
    """
    asked = rows.to_dicts()
    stored = shelf.find(connection, asked)
    parents = shelf.parents(connection, asked, stored)
    standing = pointed(shelf.kind, records(shelf, stored, shelf.lost(connection, stored)), parents, by="id", to="key")
    answers: list[Answer] = []
    acts: dict[str, list[Act]] = {action: [] for action in _ACTIONS}
    for row in judge(shelf.kind, rows, standing, abilities, parents).to_dicts():
        if row["state"] is not None:
            answers.append((row["number"], row["state"], row["id"], row["reason"]))
            continue
        try:
            acts[row["action"]].append(_act(connection, shelf, row))
        except Unfit as refusal:
            answers.append((row["number"], "refused", row["id"], refusal.reason))
    gone = _divided(connection, answers, acts["remove"], shelf.delete)
    written = _divided(connection, answers, acts["update"], shelf.update)
    written += _divided(connection, answers, acts["create"], shelf.insert)
    shelf.after(connection, written, gone)
    answers += [(act.row["number"], "done", act.id, None) for act in (*written, *gone)]
    return pl.DataFrame(sorted(answers), schema=WRITTEN, orient="row")


def _act(connection: Connection, shelf: Shelf, row: dict[str, Any]) -> Act:
    if row["action"] == "remove":
        shelf.may_go(connection, row["id"])
        return Act(row, {}, row["id"])
    shelf.check(row)
    return Act(row, cells_of(shelf, row), row["id"] or "")


def _divided(
    connection: Connection,
    answers: list[Answer],
    acts: Sequence[Act],
    carry_out: Callable[[Connection, Sequence[Act]], None],
) -> list[Act]:
    """Carry acts out together, and where that is refused by halves, down to the row that is to blame."""
    if not acts:
        return []
    try:
        with connection.begin_nested():
            carry_out(connection, acts)
    except DatabaseError as error:
        reason = reason_of(error)
        if reason is None:
            raise
        if len(acts) == 1:
            answers.append((acts[0].row["number"], "refused", acts[0].row["id"], reason))
            return []
        middle = len(acts) // 2
        halves = acts[:middle], acts[middle:]
        return [act for half in halves for act in _divided(connection, answers, half, carry_out)]
    return list(acts)
