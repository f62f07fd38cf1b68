"""`matricula show`: the changes of a stored plan, with what was before and what comes after."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import polars as pl
import typer

from matricula.cli.changes import FEW, print_counts
from matricula.cli.desk import AsJson, HomeDir, PlanNumber, ShowAll, open_hub
from matricula.cli.grades_view import print_grades
from matricula.cli.plan_file import write_plan
from matricula.cli.plan_view import print_findings, print_origin, print_waiting
from matricula.cli.screen import Screen, counted
from matricula.errors import UsageError
from matricula.hub import is_undo, outcomes_of, stored_plan
from matricula.hub.changes_told import Teller, groups, heading, named
from matricula.hub.plan_file import Shown, shown_as_json, teller_for
from matricula.planning import ACTIONS, KINDS, read_changes

_MARKS = {"refused": "refused", "stale": "not done", "skipped": "not done"}


def show(
    number: PlanNumber,
    *,
    kind: Annotated[str | None, typer.Option("--kind", help=f"Only these records: {', '.join(KINDS)}.")] = None,
    action: Annotated[str | None, typer.Option("--action", help=f"Only this: {', '.join(ACTIONS)}.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="Only records with this in their name.")] = None,
    person: Annotated[str | None, typer.Option("--person", help="Only people with this in their name.")] = None,
    course: Annotated[str | None, typer.Option("--course", help="Only courses with this in their name.")] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Write it into a new file: .html to read, .csv, or .json."),
    ] = None,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Show a stored plan in full, with before and after.

    Of a plan that was applied, also what became of each change. With --to it
    is written into a file that you alone can read: a page that opens in any
    browser, a table for a spreadsheet, or JSON.

    Examples:
      matricula show 3
      matricula show 3 --kind user --action update --all
      matricula show 3 --person "Anna Low"
      matricula show 3 --to plan-3.html
    """
    _known(kind, KINDS, "--kind")
    _known(action, ACTIONS, "--action")
    screen = Screen(as_json=as_json)
    equal = {"kind": kind, "action": action}
    within = {"name": name, "person": person, "course": course}
    with open_hub(home) as hub:
        planned = stored_plan(hub.store, number)
        grades = hub.store.grades.find(plan=number)
        outcomes = {row["change"]: row for row in outcomes_of(hub.store, number).iter_rows(named=True)}
        chosen = _chosen(planned.changes, equal, within)
        teller = teller_for(hub.home, planned.record.profile)
        chosen_by = ", ".join(f"{option} {value}" for option, value in (equal | within).items() if value is not None)
        shown = Shown(planned, chosen, outcomes, grades, chosen_by)
        if to is not None:
            write_plan(to, shown, teller)
            screen.note(f"Plan {number} is in {to}. It holds names of people: keep it as you keep class lists.")
            return
        if as_json:
            screen.json(shown_as_json(shown))
            return
        record = planned.record
        screen.line(f"Plan {number} · {counted(planned.changes.height, 'change')} · {record.state}", "bold")
        print_origin(screen, record)
        _print_what_is_gone(screen, record.summary)
        whole = chosen.height == planned.changes.height
        if whole and is_undo(record):
            print_findings(screen, planned.findings, everything=everything, of_undo=True)
        if chosen.height:
            screen.line()
            print_counts(screen, chosen)
        _print_changes(screen, chosen, teller, outcomes, everything=everything)
        if whole:
            print_grades(screen, grades, everything=everything)
            if not is_undo(record):
                print_findings(screen, planned.findings, everything=everything)
        else:
            screen.line()
            screen.line(f"{chosen.height:,} of {counted(planned.changes.height, 'change')} shown.", "dim")
        if record.state == "held":
            screen.line()
            print_waiting(screen, planned)


def _print_what_is_gone(screen: Screen, summary: Mapping[str, Any]) -> None:
    if day := summary.get("purged"):
        screen.line(f"Its changes were purged on {day}: they were older than the profile wants them kept.", "yellow")
    if number := summary.get("redacted"):
        screen.line(f"{counted(number, 'change')} in it named a person who was forgotten on request.", "yellow")


def _print_changes(
    screen: Screen, changes: pl.DataFrame, teller: Teller, outcomes: dict[int, dict[str, object]], *, everything: bool
) -> None:
    for kind, action, found in groups(changes):
        screen.line()
        screen.line(heading(kind, action, found.height), "bold")
        shown = found if everything or found.height <= FEW + 1 else found.head(FEW)
        for change in read_changes(shown):
            place = f" ({change.place})" if change.place else ""
            screen.line(f"{named(change)}{place}", indent=2, hang=2)
            screen.line(change.reason, "dim", indent=4, hang=2)
            for field in teller.fields(change):
                screen.line(field, indent=6, hang=2)
            outcome = outcomes.get(change.number)
            if outcome and outcome["state"] != "done":
                screen.line(f"{_MARKS[str(outcome['state'])]}: {outcome['reason']}", "red", indent=4, hang=2)
        if shown.height < found.height:
            screen.line(f"… and {found.height - shown.height:,} more; --all shows them", "dim", indent=2)


def _chosen(changes: pl.DataFrame, equal: dict[str, str | None], within: dict[str, str | None]) -> pl.DataFrame:
    for column, value in equal.items():
        if value is not None:
            changes = changes.filter(pl.col(column) == value)
    for column, value in within.items():
        if value is not None:
            changes = changes.filter(pl.col(column).str.to_lowercase().str.contains(value.lower(), literal=True))
    return changes


def _known(value: str | None, values: tuple[str, ...], option: str) -> None:
    if value is not None and value not in values:
        raise UsageError(
            f"{option} does not know “{value}”.",
            where="matricula show",
            remedy=f"It takes one of: {', '.join(values)}.",
            code="value-unknown",
        )
