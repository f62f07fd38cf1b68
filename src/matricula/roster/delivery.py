"""What a source handed over at one reading, as text and not yet checked, and how changes are laid over it.

A delivery is kept until the next one of its source, because changes alone (a delta) say nothing without the records
they change. It is kept unchecked: a record that points nowhere today may be right when the next delta has come.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from matricula.errors import SettingError
from matricula.roster.build import build_roster
from matricula.roster.changes import begun, laid_over, settled, without_lines
from matricula.roster.draft import Draft
from matricula.roster.findings import DeliveryRefusedError, Finding, FindingBook
from matricula.roster.roster import Roster

Marker = Mapping[str, str]
"""Where the next reading of a source goes on: names and values of the source's own."""


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
        partial: whether tables that did not come are as they were; where none came, nothing is new since the marker.
    """

    drafts: Mapping[str, Draft]
    version: str
    origin: str
    book: FindingBook = field(default_factory=FindingBook)
    marker: Marker = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    strict: bool = False
    partial: bool = False

    @property
    def needs_earlier(self) -> bool:
        """Whether it says something only together with what was delivered before."""
        return self.partial or bool(self.changed_tables)

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
        if self.needs_earlier:
            raise nothing_to_change(self)
        drafts = {name: draft.copy() for name, draft in self.drafts.items()}
        roster = build_roster(drafts, self.version, FindingBook(self.book), self.origin)
        if self.strict and roster.findings:
            raise DeliveryRefusedError(roster.findings, roster.origin)
        return roster


def nothing_to_change(later: Delivery) -> SettingError:
    """The refusal of changes that nothing is known of which they could change."""
    return SettingError(
        f"The delivery holds changes only (delta) for {', '.join(later.changed_tables)}, and no complete delivery "
        "(bulk) has been read before with these settings.",
        where=later.origin,
        remedy="Read one complete delivery first: ask the vendor for a bulk export, then deltas can follow it.",
        code="delta-without-bulk",
    )


def lay_over(earlier: Delivery | None, later: Delivery) -> Delivery:
    """The whole that stands after a delivery: complete tables as they came, changes laid over what was there.

    Laying changes over changes gives the changes of both. Of the earlier findings those stay that say what is wrong
    with records which still stand, or that records are missing; how earlier files were written matters no longer.

    Args:
        earlier: what stood before; None where nothing is known.
        later: what came.

    Raises:
        SettingError: the two are of different OneRoster versions.
    """
    if earlier is None or not later.needs_earlier:
        return later
    if earlier.version != later.version:
        raise _other_version(earlier, later)
    if not later.drafts:
        return replace(earlier, book=FindingBook([*earlier.book, *later.book]), **_told(later))
    book = FindingBook(later.book)
    before, after = _settled(earlier.drafts, book), _settled(later.drafts, book)
    drafts = {name: after[name] if name in after else _kept(before[name]) for name in dict.fromkeys((*before, *after))}
    for name in later.changed_tables:
        if name in before and before[name].readable:
            drafts[name] = laid_over(before[name], after[name], book)
        elif not earlier.needs_earlier:
            drafts[name] = begun(after[name], book)
    still = [_without_lines(found) for found in earlier.book if _still_true(found, after)]
    book = FindingBook(dict.fromkeys([*book, *still]))
    return replace(
        earlier, drafts=drafts, book=book, origin=later.origin, partial=earlier.needs_earlier, **_told(later)
    )


def _told(later: Delivery) -> dict[str, Any]:
    return {"marker": later.marker, "notes": later.notes, "strict": later.strict}


def _other_version(earlier: Delivery, later: Delivery) -> SettingError:
    return SettingError(
        f"The changes are of OneRoster {later.version}, the delivery that they change of {earlier.version}.",
        where=later.origin,
        remedy="Ask the vendor for a complete delivery (bulk) of the new version; deltas can follow it.",
        code="delta-other-version",
    )


def _settled(drafts: Mapping[str, Draft], book: FindingBook) -> dict[str, Draft]:
    return {name: settled(draft, book) if draft.changes else draft for name, draft in drafts.items()}


def _kept(before: Draft) -> Draft:
    return replace(before.copy(), frame=without_lines(before.frame))


def _still_true(found: Finding, after: Mapping[str, Draft]) -> bool:
    later = after.get(found.table)
    if not found.table or (later is not None and not later.changes):
        return False
    if later is not None and found.count == 1 and found.sourced_id in later.frame["sourcedId"]:
        return False
    return found.severity == "error" or bool(found.sourced_id and not found.code.startswith("delta-"))


def _without_lines(found: Finding) -> Finding:
    return replace(found, line=None, lines=())
