"""A plan as a file for others: a table for a spreadsheet, JSON for machines, a page for a head teacher."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from matricula.errors import MatriculaError
from matricula.hub.changes_told import Teller, change_as_json
from matricula.hub.home import Home
from matricula.hub.observing import LOOKED
from matricula.hub.plan_page import page_of
from matricula.hub.storing import PART, Planned
from matricula.hub.undo import UNDO
from matricula.hub.words import as_json_text, moment
from matricula.planning import Change, read_changes
from matricula.planning.plan import counts_of
from matricula.store import KeptGrades

_COLUMNS = (
    *("number", "kind", "action", "name", "person", "course", "field", "before", "after", "reason", "place"),
    *("outcome", "why"),
)
#: A spreadsheet takes a cell that begins so for a formula, and a name out of a roster must not become one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Shown:
    """What of a plan is shown.

    Args:
        planned: the plan.
        changes: the changes chosen.
        outcomes: what became of them, by number: `state`, `reason`, `run`.
        grades: the grades that the plan's changes destroy.
        chosen_by: the filters, in words; empty where all changes are shown.
    """

    planned: Planned
    changes: pl.DataFrame
    outcomes: Mapping[int, Mapping[str, Any]]
    grades: Sequence[KeptGrades] = ()
    chosen_by: str = ""

    def outcome(self, change: Change) -> dict[str, Any] | None:
        """What became of a change; None where nothing did yet."""
        found = self.outcomes.get(change.number)
        return {name: found[name] for name in ("state", "reason", "run")} if found else None


def shown_as_json(shown: Shown) -> dict[str, Any]:
    """What is shown, for machines."""
    told = [change_as_json(each) | {"outcome": shown.outcome(each)} for each in read_changes(shown.changes)]
    return plan_as_json(shown.planned) | {"shown": told, "kept": shown.grades}


FORMS: Final = {"html": "text/html", "csv": "text/csv", "json": "application/json"}
"""The forms in which a plan is handed on, with the media type of each."""


def plan_text(form: str, shown: Shown, teller: Teller) -> str:
    """What is shown, as the text of a file.

    Args:
        form: one of `FORMS`.
        shown: what.
        teller: tells values in words.
    """
    if form == "csv":
        return _table(shown, teller)
    if form == "json":
        return as_json_text(shown_as_json(shown))
    made = moment(shown.planned.record.created_at)
    return page_of(shown.planned, shown.changes, shown.outcomes, shown.chosen_by, teller, made)


def teller_for(home: Home, profile: str) -> Teller:
    """Tells moments in the profile's time zone; in UTC where the profile is gone."""
    try:
        return Teller(home.profile(profile).timezone)
    except MatriculaError:
        return Teller()


def plan_as_json(planned: Planned) -> dict[str, Any]:
    """A plan without its changes, for machines."""
    record = planned.record
    return {
        "plan": planned.number,
        "profile": record.profile,
        "site": record.site,
        "source": record.source,
        "created_at": record.created_at,
        "state": record.state,
        "only": planned.only,
        "undo": record.summary.get(UNDO),
        "part": record.summary.get(PART),
        "looked": record.summary.get(LOOKED),
        "changes": planned.changes.height,
        "counts": counts_of(planned.changes),
        "held": record.held,
        "release": planned.words,
        "findings": planned.findings,
    }


def _table(shown: Shown, teller: Teller) -> str:
    """One row for each field that is set; for each change that sets none, one without a field."""
    written = io.StringIO()
    written.write("\ufeff")  # by this spreadsheets know that it is UTF-8
    rows = csv.writer(written)
    rows.writerow(_COLUMNS)
    for change in read_changes(shown.changes):
        outcome = shown.outcome(change) or {"state": "", "reason": ""}
        about = (change.number, change.kind, change.action, change.name, change.person, change.course)
        for field in _fields(change, teller):
            rows.writerow(
                plain_cells((*about, *field, change.reason, change.place, outcome["state"], outcome["reason"]))
            )
    return written.getvalue()


def _fields(change: Change, teller: Teller) -> Iterator[tuple[str, str, str]]:
    if not change.after:
        yield "", "", ""
    for name, new in change.after.items():
        old = teller.value(name, change.before[name]) if name in change.before else ""
        yield name, old, teller.value(name, new)


def plain_cells(cells: Sequence[object]) -> list[str]:
    """Cells of a table so that no spreadsheet takes one of them for a formula."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [f"'{text}" if text.startswith(_FORMULA) else text for text in texts]
