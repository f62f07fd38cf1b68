"""What a source handed over at one reading, as text and not yet checked, and how changes are laid over it.

A delivery is kept until the next one of its source, because changes alone (a delta) say nothing without the records
they change. It is kept unchecked: a record that points nowhere today may be right when the next delta has come.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from matricula.errors import SettingError
from matricula.roster.build import build_roster
from matricula.roster.draft import USER, Draft
from matricula.roster.findings import DeliveryRefusedError, FindingBook
from matricula.roster.roster import Roster
from matricula.roster.tables import LINE

Marker = Mapping[str, str]
"""Where the next reading of a source goes on: names and values of the source's own."""

_DELETED = "tobedeleted"


@dataclass(frozen=True)
class Delivery:
    """What a source handed over.

    Args:
        drafts: the tables, by OneRoster's names, with cells as text; those that hold changes only say so.
        version: OneRoster version whose columns they have, `1.1` or `1.2`.
        origin: where it came from, for people.
        book: what was wrong so far.
        marker: where the next reading goes on; empty where every reading is complete by itself.
        notes: what is worth knowing of the reading, one sentence each, for `matricula source check`.
        strict: whether anything wrong refuses the whole.
    """

    drafts: Mapping[str, Draft]
    version: str
    origin: str
    book: FindingBook = field(default_factory=FindingBook)
    marker: Marker = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    strict: bool = False

    @property
    def changed_tables(self) -> tuple[str, ...]:
        """Names of the tables that hold changes only."""
        return tuple(name for name, draft in self.drafts.items() if draft.changes)

    def roster(self) -> Roster:
        """The checked roster; the delivery itself stays as it is.

        Raises:
            DeliveryRefusedError: something is wrong and the source is strict.
            SettingError: a table holds changes only, and nothing is known that they change.
        """
        if self.changed_tables:
            raise nothing_to_change(self)
        drafts = {name: draft.copy() for name, draft in self.drafts.items()}
        roster = build_roster(drafts, self.version, FindingBook(self.book), self.origin)
        if self.strict and roster.findings:
            raise DeliveryRefusedError(roster.findings, roster.origin)
        return roster


def nothing_to_change(later: Delivery) -> SettingError:
    """The refusal of changes that nothing is known of which they could change."""
    return SettingError(
        f"The delivery holds changes only (delta) for {', '.join(sorted(later.changed_tables))}, and no complete "
        "delivery (bulk) of this source has been read before.",
        where=later.origin,
        remedy="Read one complete delivery first: ask the vendor for a bulk export, then deltas can follow it.",
        code="delta-without-bulk",
    )


def lay_over(earlier: Delivery | None, later: Delivery) -> Delivery:
    """The whole that stands after a delivery: complete tables as they came, changes laid over what was there.

    Laying a delta over a delta gives the delta of both.

    Args:
        earlier: what stood before; None where nothing is known.
        later: what came.

    Raises:
        SettingError: there are changes and nothing earlier, or the two are of different OneRoster versions.
    """
    if earlier is None or not later.changed_tables:
        return later
    if earlier.version != later.version:
        raise SettingError(
            f"The changes are of OneRoster {later.version}, the delivery that they change of {earlier.version}.",
            where=later.origin,
            remedy="Ask the vendor for a complete delivery (bulk) of the new version; deltas can follow it.",
            code="delta-other-version",
        )
    drafts: dict[str, Draft] = {}
    for name in dict.fromkeys((*earlier.drafts, *later.drafts)):
        before, after = earlier.drafts.get(name), later.drafts.get(name)
        if after is not None and after.changes and (before is None or not before.readable):
            raise nothing_to_change(later)
        drafts[name] = _laid(before, after) if before and after and after.changes else after or _kept(before)
    replaced = {name for name, draft in later.drafts.items() if not draft.changes}
    still = [found for found in earlier.book if found.table and found.table not in replaced]
    return replace(later, drafts=drafts, book=FindingBook([*later.book, *still]))


def _kept(before: Draft | None) -> Draft:
    if before is None:
        raise ValueError("a table is in one of the two deliveries")
    return replace(before.copy(), frame=_of_earlier(before.frame))


def _of_earlier(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of an earlier delivery: their lines are lines of files that may be gone."""
    return frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(LINE))


def _laid(before: Draft, after: Draft) -> Draft:
    newest = _newest(after.frame)
    ids = set(newest["sourcedId"].drop_nulls())
    untouched = before.frame.filter(~pl.col("sourcedId").is_in(list(ids)) | pl.col("sourcedId").is_null())
    if after.renewed_owners:
        untouched = untouched.filter(~pl.col(USER).is_in(list(after.renewed_owners)).fill_null(value=False))
    gone = pl.col("status").str.to_lowercase() == _DELETED
    came = newest if before.changes else newest.filter(~gone.fill_null(value=False))
    frame = pl.concat([_of_earlier(untouched), came], how="diagonal")
    return Draft(
        table=before.table,
        frame=frame,
        file=after.file,
        complete=before.complete,
        lost=(before.lost - ids) | (after.lost - set(frame["sourcedId"].drop_nulls())),
        lost_unknown=before.lost_unknown + after.lost_unknown,
        readable=True,
        damaged=before.damaged or after.damaged,
        lost_owners=before.lost_owners | after.lost_owners,
        lost_pairs=before.lost_pairs | after.lost_pairs,
        changes=before.changes,
        numbered=after.numbered,
        renewed_owners=before.renewed_owners | after.renewed_owners if before.changes else set(),
    )


def _newest(frame: pl.DataFrame) -> pl.DataFrame:
    """Of several changes of one record the last one, where its date tells which that is."""
    if "status" not in frame.columns:
        frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias("status"))
    if "dateLastModified" not in frame.columns:
        return frame
    last = pl.col("dateLastModified").max().over("sourcedId")
    dated = pl.col("dateLastModified").is_null() | last.is_null() | (pl.col("dateLastModified") == last)
    return frame.filter(dated | pl.col("sourcedId").is_null())
