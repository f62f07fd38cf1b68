"""A plan as a file for others: a table for a spreadsheet, JSON for machines, a page for a head teacher."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from matricula.cli.changes import Teller, change_as_json
from matricula.cli.new_file import write_new
from matricula.cli.plan_page import page_of
from matricula.cli.plan_view import plan_as_json
from matricula.cli.screen import as_json_text
from matricula.errors import UsageError
from matricula.hub import Planned
from matricula.planning import Change, read_changes
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


def write_plan(file: Path, shown: Shown, teller: Teller) -> None:
    """Write what is shown into a new file, as its ending says.

    Args:
        file: ends in `.csv`, `.json` or `.html`.
        shown: what.
        teller: tells values in words.

    Raises:
        UsageError: it ends otherwise, is there already, or cannot be made.
    """
    forms = {
        ".csv": lambda: _table(shown, teller),
        ".json": lambda: as_json_text(shown_as_json(shown)),
        ".html": lambda: page_of(shown.planned, shown.changes, shown.outcomes, shown.chosen_by, teller),
    }
    form = forms.get(file.suffix.lower())
    if form is None:
        raise UsageError(
            f"A plan is not written as “{file.suffix or file.name}”.",
            where=str(file),
            remedy=f"Let the name end in one of {', '.join(forms)}.",
            code="file-form-unknown",
        )
    write_new(file, form())


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
            rows.writerow(_plain((*about, *field, change.reason, change.place, outcome["state"], outcome["reason"])))
    return written.getvalue()


def _fields(change: Change, teller: Teller) -> Iterator[tuple[str, str, str]]:
    if not change.after:
        yield "", "", ""
    for name, new in change.after.items():
        old = teller.value(name, change.before[name]) if name in change.before else ""
        yield name, old, teller.value(name, new)


def _plain(cells: Sequence[object]) -> list[str]:
    texts = ["" if cell is None else str(cell) for cell in cells]
    return [f"'{text}" if text.startswith(_FORMULA) else text for text in texts]
