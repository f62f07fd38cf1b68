"""Cells that point to other records."""

from collections.abc import Mapping

import polars as pl

from matricula.roster.draft import Draft
from matricula.roster.findings import FindingBook, shortened
from matricula.roster.tables import Column, Kind, Need


def check_references(draft: Draft, drafts: Mapping[str, Draft], version: str, book: FindingBook) -> None:
    """Blank pointers that lead nowhere, and leave out rows that mean nothing without them.

    Args:
        draft: the table whose pointers are looked at, with typed cells.
        drafts: every table of the delivery by name; those pointed to are final already.
        version: OneRoster version of the delivery.
        book: where findings go.
    """
    for column in draft.table.of(version):
        if column.refers and draft.frame[column.name].null_count() < draft.frame.height:
            check = _check_list if column.kind is Kind.LIST else _check_pointer
            target = drafts.get(column.refers)
            check(draft, column, target if target and target.readable else None, book)


def _check_pointer(draft: Draft, column: Column, target: Draft | None, book: FindingBook) -> None:
    pointer = pl.col(column.name)
    known = pl.lit(False) if target is None else pointer.is_in(target.frame["sourcedId"].implode())
    lost = draft.frame.select(pointer.is_not_null() & ~known).to_series()
    if not lost.any():
        return
    guilty = pl.lit(lost)
    code = "reference-lost" if column.need is Need.KEY else "reference-unknown"
    if target is None:
        message = f"{column.name} points into {column.refers}, which could not be read or is not in the delivery."
        draft.note_together(book, code, guilty, column.name, message)
    else:
        draft.note(
            book,
            code,
            guilty,
            column.name,
            lambda value: f"{column.name} “{shortened(value)}” is not among the {column.refers} read.",
        )
    if column.need is Need.KEY:
        draft.leave_out(guilty)
    else:
        draft.frame = draft.frame.with_columns(pl.when(~guilty).then(pointer).alias(column.name))


def _check_list(draft: Draft, column: Column, target: Draft | None, book: FindingBook) -> None:
    pointers = pl.col(column.name)
    named = draft.frame[column.name].explode().drop_nulls().unique(maintain_order=True)
    unknown = named if target is None else named.filter(~named.is_in(target.frame["sourcedId"].implode()))
    if unknown.is_empty():
        return
    rows = draft.frame.select("sourcedId", "line", pl.col(column.name)).explode(column.name)
    flat = Draft(draft.table, rows, draft.file)
    guilty = pointers.is_in(unknown.implode())
    if target is None:
        message = f"{column.name} points into {column.refers}, which could not be read or is not in the delivery."
        flat.note_together(book, "reference-unknown", guilty, column.name, message)
    else:
        flat.note(
            book,
            "reference-unknown",
            guilty,
            column.name,
            lambda value: f"{column.name} “{shortened(value)}” is not among the {column.refers} read.",
        )
    kept = pointers.list.eval(pl.element().filter(~pl.element().is_in(unknown.implode())))
    draft.frame = draft.frame.with_columns(pl.when(kept.list.len() > 0).then(kept).alias(column.name))
