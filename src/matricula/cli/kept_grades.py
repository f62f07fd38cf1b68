"""`matricula kept-grades`: grades that were read before an unenrolment or deletion destroyed them."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.grades_view import item_name, told_grades
from matricula.cli.new_file import write_new
from matricula.cli.screen import Screen, counted, moment
from matricula.store import KeptGrades

#: Columns of the file: one row a grade.
COLUMNS = (
    "person",
    "course",
    "item",
    "kind",
    "module",
    "raw",
    "maximum",
    "formatted",
    "percentage",
    "feedback",
    "overridden",
    "locked",
    "hidden",
    "graded_at",
    "idnumber",
    "item_id",
    "person_key",
    "course_key",
    "user_id",
    "course_id",
    "plan",
    "run",
    "at",
)


def kept_grades(
    *,
    plan: Annotated[int | None, typer.Option("--plan", metavar="N", min=1, help="Only this plan's.")] = None,
    run: Annotated[int | None, typer.Option("--run", metavar="N", min=1, help="Only what this run kept.")] = None,
    person: Annotated[str, typer.Option("--person", metavar="X", help="Only people with this in their name.")] = "",
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Write them as CSV, one row a grade, into this file.")
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """List grades that were kept before an unenrolment or deletion.

    Each plan that would destroy grades keeps them when it is made, and its run
    once more just before it destroys them. A file can be read by you alone;
    one that is there is never replaced.

    Examples:
      matricula kept-grades
      matricula kept-grades --run 7 --to grades-7.csv
      matricula kept-grades --person "Ann Lee" --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        if plan is not None:
            hub.store.plans.get(plan)
        if run is not None:
            hub.store.runs.get(run)
        found = [
            each
            for each in hub.store.grades.find(plan=plan, run=run)
            if person.casefold() in each.person.casefold() or person == each.person_key
        ]
    if to is not None:
        write_new(to, _as_csv(found))
    if as_json:
        screen.json({"file": None if to is None else str(to), "kept": found})
    elif not found:
        screen.line("No grades were kept.")
    elif to is not None:
        screen.line(f"{counted(sum(len(each.grades) for each in found), 'grade')} in {to}.")
    else:
        rows = [(each.person, each.course, told_grades(each), _when(each), each.plan, each.run or "") for each in found]
        screen.table(("person", "course", "grades", "read", "plan", "run"), rows, numbers=("plan", "run"))


def _when(kept: KeptGrades) -> str:
    return moment(kept.at) if kept.at else ""


def _as_csv(found: Iterable[KeptGrades]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(row for kept in found for row in _rows(kept))
    return text.getvalue()


def _rows(kept: KeptGrades) -> Iterator[dict[str, Any]]:
    same = {name: value for name, value in asdict(kept).items() if name in COLUMNS}
    for grade in kept.grades:
        at = grade["graded_at"]
        told = {name: grade[name] for name in COLUMNS if name in grade}
        yield (
            same
            | told
            | {
                "item": item_name(grade),
                "graded_at": datetime.fromtimestamp(at, UTC).isoformat() if at else "",
                "at": kept.at.astimezone(UTC).isoformat(timespec="seconds") if kept.at else "",
            }
        )
