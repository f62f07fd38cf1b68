"""Changes of a table (a delta): what each row asks for, and the table that stands after them.

In a delta `status` and `dateLastModified` are required, and `tobedeleted` alone says that a record is gone (OneRoster
CSV Binding 1.2.1 and CSV Tables 1.1, on delta processing). A row that cannot be understood changes nothing: the record
stays as it was.
"""

import re
from collections.abc import Collection
from dataclasses import replace

import polars as pl

from matricula.roster.draft import USER, Draft
from matricula.roster.findings import FindingBook, shortened
from matricula.roster.tables import LINE

_ACTIVE, _GONE = "active", "tobedeleted"
_BETWEEN = r"[\s_-]"
_ID, _STATUS, _DATE = "sourcedId", "status", "dateLastModified"


def settled(draft: Draft, book: FindingBook) -> Draft:
    """Changes of which each record has one row at most, with a status that is understood.

    Args:
        draft: changes only, as a source handed them over.
        book: where findings go.

    Returns:
        the changes; records whose rows could not be understood are among the lost.
    """
    draft = draft.copy()
    missing = [
        pl.lit(None, dtype=pl.String).alias(name) for name in (_STATUS, _DATE) if name not in draft.frame.columns
    ]
    draft.frame = draft.frame.with_columns(missing).filter(~pl.all_horizontal(pl.exclude(LINE).is_null()))
    _settle_statuses(draft, book)
    blank = pl.col(_DATE).is_null()
    draft.note_together(book, "delta-date-blank", blank, _DATE, f"{_DATE} is blank; the change was made all the same.")
    _settle_repeated(draft, book)
    return draft


def laid_over(before: Draft, after: Draft, book: FindingBook) -> Draft:
    """The table that stands after changes.

    Args:
        before: the table before them, or changes before them.
        after: the changes, settled.
        book: where findings go.

    Returns:
        the table; changes, where `before` is changes. Rows that no change concerned are kept without their lines, since
        these are lines of files that may be gone.
    """
    ids = after.frame[_ID].drop_nulls()
    untouched = before.frame.filter(~pl.col(_ID).is_in(ids.implode()) | pl.col(_ID).is_null())
    if after.renewed_owners:
        untouched = untouched.filter(~pl.col(USER).is_in(list(after.renewed_owners)).fill_null(value=False))
    came = after.frame
    if not before.changes:
        # Services are asked again for the last hours, so that records which are gone already come again.
        if after.numbered:
            _note_unknown(before, after, book)
        came = came.filter(pl.col(_STATUS) != _GONE)
    frame = pl.concat([without_lines(untouched), came], how="diagonal")
    laid = replace(
        after,
        frame=frame,
        complete=before.complete,
        changes=before.changes,
        lost=(before.lost - set(ids)) | (after.lost - _standing(frame, after.lost, changes=before.changes)),
        lost_unknown=before.lost_unknown + after.lost_unknown,
        damaged=before.damaged or after.damaged,
        lost_owners=before.lost_owners | after.lost_owners,
        lost_pairs=before.lost_pairs | after.lost_pairs,
        renewed_owners=before.renewed_owners | after.renewed_owners if before.changes else set(),
    )
    if not laid.lost and not laid.lost_unknown:
        # Every row that was left out has come again since, so nothing is missing that nobody could look up.
        laid.damaged, laid.lost_owners, laid.lost_pairs = False, set(), set()
    return laid


def begun(after: Draft, book: FindingBook) -> Draft:
    """The table that changes make where the delivery before them did not have it; it is never complete."""
    message = "Changes came, and the complete delivery before them did not hold this table."
    book.add("delta-table-new", message, file=after.file, table=after.table.name)
    return replace(
        after, frame=after.frame.filter(pl.col(_STATUS) != _GONE), complete=False, changes=False, renewed_owners=set()
    )


def without_lines(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of an earlier delivery: their lines are lines of files that may be gone."""
    return frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(LINE))


def _settle_statuses(draft: Draft, book: FindingBook) -> None:
    status = pl.col(_STATUS)
    blank = status.is_null()
    draft.note_together(book, "delta-status-blank", blank, _STATUS, "status is blank; the record was taken as active.")
    folded = status.str.to_lowercase().str.replace_all(_BETWEEN, "")
    known = folded.is_in([_ACTIVE, _GONE])
    draft.note(
        book,
        "delta-status-spelling",
        known & (status != folded),
        _STATUS,
        lambda value: f"“{shortened(value)}” was read as “{_folded(value)}”.",
    )
    unknown = ~blank & ~known
    draft.note(
        book,
        "delta-status-unknown",
        unknown,
        _STATUS,
        lambda value: f"The status “{shortened(value)}” is neither active nor tobedeleted; the record stays as it was.",
    )
    _leave_out(draft, unknown)
    draft.frame = draft.frame.with_columns(folded.fill_null(_ACTIVE).alias(_STATUS))


def _folded(value: str) -> str:
    return re.sub(_BETWEEN, "", value.lower())


def _settle_repeated(draft: Draft, book: FindingBook) -> None:
    """Keep the newest row of each record, where its date tells which that is."""
    if not draft.frame[_ID].drop_nulls().is_duplicated().any():
        return
    newest = pl.col(_DATE).max().over(_ID)
    alone = pl.col(_ID).is_null()
    cells = [name for name in draft.frame.columns if name != LINE]
    draft.frame = draft.frame.filter(alone | newest.is_null() | pl.col(_DATE).is_null() | (pl.col(_DATE) == newest))
    draft.frame = draft.frame.filter(alone | pl.struct(cells).is_first_distinct())
    repeated = ~alone & pl.col(_ID).is_duplicated()
    draft.note(
        book,
        "delta-contradiction",
        repeated,
        _ID,
        lambda value: f"Several changes of “{shortened(value)}” differ and no date tells which is the last.",
    )
    _leave_out(draft, repeated)


def _leave_out(draft: Draft, guilty: pl.Expr) -> None:
    """Take changes back; they are remembered only as broken lines are, for their records may well be standing."""
    rows = draft.frame.filter(guilty)
    draft.lost.update(rows[_ID].drop_nulls())
    draft.lost_unknown += rows[_ID].null_count()
    if draft.has_pairs and not rows.is_empty():
        draft.lost_pairs.add(("", ""))
    draft.frame = draft.frame.filter(~guilty)


def _note_unknown(before: Draft, after: Draft, book: FindingBook) -> None:
    gone = after.frame.filter(pl.col(_STATUS) == _GONE)[_ID]
    known = before.frame.filter(pl.col(_ID).is_in(gone.implode()))[_ID]
    unknown = sorted(set(gone) - set(known) - before.lost - {None})
    message = f"The record is {_GONE}, and no such record was known."
    after.note_together(book, "delta-record-unknown", pl.col(_ID).is_in(unknown), _ID, message)


def _standing(frame: pl.DataFrame, ids: Collection[str], *, changes: bool) -> set[str]:
    """Which of the sourcedIds have a row that does not take them away."""
    if not ids:
        return set()
    rows = frame.filter(pl.col(_ID).is_in(list(ids)))
    return set(rows.filter(pl.col(_STATUS) != _GONE)[_ID] if changes else rows[_ID])
