"""Several rows with the same sourcedId."""

import polars as pl

from matricula.roster.draft import LISTED, Draft
from matricula.roster.findings import LINES_NAMED, FindingBook, shortened
from matricula.roster.tables import LINE


def settle_duplicates(draft: Draft, book: FindingBook) -> None:
    """Keep one of rows that are the same in every cell; leave out all of those that differ.

    Args:
        draft: the table, with the cells still as text.
        book: where findings go.
    """
    ids = draft.frame["sourcedId"].drop_nulls()
    # Hashes are several times faster to compare than the texts; where two agree, the texts are looked at below.
    if ids.hash().n_unique() == ids.len():
        return
    twice = draft.frame.filter(pl.col("sourcedId").is_not_null() & pl.col("sourcedId").is_duplicated())
    cells = pl.exclude("sourcedId", LINE)
    groups = twice.group_by("sourcedId", maintain_order=True).agg(
        pl.col(LINE), pl.struct(cells).n_unique().alias("versions")
    )
    same = groups.filter(pl.col("versions") == 1)
    different = groups.filter(pl.col("versions") > 1)
    _note(draft, book, "duplicate-same", same, "stands there more than once, the same in every cell; one was kept")
    _note(
        draft,
        book,
        "duplicate-different",
        different,
        "stands there more than once with different cells; all were left out",
    )
    if not different.is_empty():
        draft.leave_out(pl.col("sourcedId").is_in(different["sourcedId"].implode()))
    repeated = pl.col("sourcedId").is_not_null() & ~pl.col("sourcedId").is_first_distinct()
    draft.frame = draft.frame.filter(~repeated)


def _note(draft: Draft, book: FindingBook, code: str, groups: pl.DataFrame, what: str) -> None:
    for sourced_id, lines, _ in groups.head(LISTED).iter_rows():
        book.add(
            code,
            f"“{shortened(sourced_id)}” {what}.",
            file=draft.file,
            line=lines[0] if draft.numbered else None,
            lines=lines[:LINES_NAMED] if draft.numbered else (),
            column="sourcedId",
            value=sourced_id,
            table=draft.table.name,
            sourced_id=sourced_id,
            count=len(lines),
        )
    rest = groups.slice(LISTED)
    if not rest.is_empty():
        book.add(
            code,
            f"{rest.height} further sourcedIds stand on several lines.",
            file=draft.file,
            line=rest[LINE][0][0] if draft.numbered else None,
            column="sourcedId",
            table=draft.table.name,
            count=int(rest[LINE].list.len().sum()),
        )
