"""One table while it is being checked: its rows so far, and what had to be left out of it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import polars as pl

from matricula.roster.findings import LINES_NAMED, FindingBook
from matricula.roster.tables import LINE, Table

USER, CLASS = "userSourcedId", "classSourcedId"
LISTED = 50
"""So many different values with the same fault in one column are listed; the rest is counted."""


@dataclass
class Draft:
    """One table on its way from text to a checked frame.

    Args:
        table: its definition.
        frame: the rows: text columns by OneRoster's names and `line`; columns may be missing at first.
        file: where it came from, for people: `users.csv`.
        complete: whether the source claims to have delivered the table completely.
        lost: sourcedIds of rows left out.
        lost_unknown: how many rows were left out whose sourcedId could not be read.
        readable: False where the source promised the table and nothing of it could be read.
        damaged: whether rows were left out before their cells could be told apart.
        lost_owners: the users to whom rows left out belong, where the table has `userSourcedId`.
        lost_pairs: user and class of rows left out, where the table has both; what could not be read is empty.
        changes: whether the rows are changes only (a delta), to be laid over what was delivered before.
        numbered: whether `line` is where a person finds the row; else findings name the record.
        renewed_owners: where there are changes only, the users all of whose rows are among them: what else is known of
            theirs is gone. Roles that stand within a user come so.
    """

    table: Table
    frame: pl.DataFrame
    file: str
    complete: bool = False
    lost: set[str] = field(default_factory=set)
    lost_unknown: int = 0
    readable: bool = True
    damaged: bool = False
    lost_owners: set[str] = field(default_factory=set)
    lost_pairs: set[tuple[str, str]] = field(default_factory=set)
    changes: bool = False
    numbered: bool = True
    renewed_owners: set[str] = field(default_factory=set)

    def copy(self) -> "Draft":
        """The same, of which nothing is shared that checking alters."""
        return replace(
            self,
            lost=set(self.lost),
            lost_owners=set(self.lost_owners),
            lost_pairs=set(self.lost_pairs),
            renewed_owners=set(self.renewed_owners),
        )

    @property
    def has_pairs(self) -> bool:
        """Whether its rows stand for a person's place in a class."""
        return {USER, CLASS} <= set(self.table.schema)

    def leave_out(self, guilty: pl.Expr) -> None:
        """Take the rows out of the frame for which the expression is true, and remember their sourcedIds."""
        guilty = guilty.fill_null(value=False)
        rows = self.frame.filter(guilty)
        if rows.is_empty():
            return
        self.lost.update(rows["sourcedId"].drop_nulls())
        self.lost_unknown += rows["sourcedId"].null_count()
        if USER in rows.columns:
            self.lost_owners.update(rows[USER].drop_nulls())
        if self.has_pairs:
            self.lost_pairs.update(rows.select(pl.col(USER, CLASS).fill_null("")).iter_rows())
        self.frame = self.frame.filter(~guilty)

    def note(
        self,
        book: FindingBook,
        code: str,
        guilty: pl.Expr,
        column: str,
        message: Callable[[str], str],
    ) -> None:
        """Note one finding for each different value of the column among the guilty rows.

        Args:
            book: where findings go.
            code: the kind of finding.
            guilty: true for the rows concerned.
            column: the column concerned, still text.
            message: makes the sentence from the value.
        """
        rows = self.frame.filter(guilty)
        if rows.is_empty():
            return
        values = (
            rows.select(pl.col(column).alias("value"), "sourcedId", LINE)
            .group_by("value", maintain_order=True)
            .agg(pl.col(LINE).head(LINES_NAMED), pl.col("sourcedId").first(), pl.len().alias("count"))
        )
        for value, lines, sourced_id, count in values.head(LISTED).iter_rows():
            self._add(book, code, message(value), column, lines, sourced_id, count, value)
        rest = values.slice(LISTED)
        if not rest.is_empty():
            lines = rest[LINE].list.first().head(LINES_NAMED).to_list()
            sentence = f"{rest.height} further values have the same fault."
            self._add(book, code, sentence, column, lines, rest["sourcedId"][0], int(rest["count"].sum()))

    def note_together(self, book: FindingBook, code: str, guilty: pl.Expr, column: str, message: str) -> None:
        """Note one finding for all guilty rows together. Parameters as in `note`, with the sentence itself."""
        rows = self.frame.filter(guilty)
        if not rows.is_empty():
            lines = rows[LINE].head(LINES_NAMED).to_list()
            self._add(book, code, message, column, lines, rows["sourcedId"][0], rows.height)

    def _add(
        self,
        book: FindingBook,
        code: str,
        message: str,
        column: str,
        lines: list[int | None],
        sourced_id: str | None,
        count: int,
        value: str = "",
    ) -> None:
        lines = lines if self.numbered else [None]
        book.add(
            code,
            message,
            file=self.file,
            line=lines[0],
            lines=lines,
            column=column,
            value=value,
            table=self.table.name,
            sourced_id=sourced_id,
            count=count,
        )
