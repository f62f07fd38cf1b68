"""A plan carried out in front of a person: how far it is, what became of it, and how to go on."""

from typing import Any

import polars as pl

from matricula.applying import Applied
from matricula.cli.changes import FEW
from matricula.cli.progress import progress_on
from matricula.cli.screen import Screen, counted, duration
from matricula.cli.stopping import stop_on_signals
from matricula.errors import MatriculaError
from matricula.hub import Hub, Planned, is_transfer, outcomes_of, runs_of

REFUSED = 4
_STATES = {
    "refused": "{place} refused {}:",
    "stale": "No longer as the plan saw them, and left alone, {}:",
    "skipped": "Not tried, because something they need is missing, {}:",
}


def carry_out(hub: Hub, planned: Planned, words: str, screen: Screen) -> Applied:
    """Apply a plan and tell how far it is.

    Raises:
        MatriculaError: as `Hub.apply`; where the run had begun, its remedy says how to go on.
    """
    number = planned.number
    before = len(runs_of(hub.store, number))
    try:
        with progress_on(screen) as progress, stop_on_signals() as stop:
            return hub.apply(number, words, progress, stop)
    except MatriculaError as error:
        error.remedy = f"{error.remedy} {_how_to_go_on(hub, planned, before)}".strip()
        raise


def _how_to_go_on(hub: Hub, planned: Planned, runs_before: int) -> str:
    """What is done of a run that broke off, and the command that goes on; nothing where none had begun."""
    command = f"To go on: matricula apply {planned.number}"
    try:
        if len(runs_of(hub.store, planned.number)) == runs_before:
            return ""
        done = outcomes_of(hub.store, planned.number).height
    except MatriculaError:  # the state itself is what failed; what was done is noted in it
        return command
    return f"Done or settled, and staying so: {done:,} of {counted(planned.changes.height, 'change')}. {command}"


def print_applied(screen: Screen, hub: Hub, planned: Planned, applied: Applied, *, everything: bool) -> None:
    """What became of a plan, with every record that was not written and why."""
    left, transfer = left_over(hub, planned), is_transfer(planned.record)
    run = hub.store.runs.get(applied.run)
    took = duration((run.finished_at - run.started_at).total_seconds()) if run.finished_at else "a moment"
    done = planned.changes.height - left.height
    style = "bold yellow" if left.height else "bold green"
    screen.line(f"Plan {planned.number} is applied: {counted(done, 'change')} done in {took}.", style)
    for state, title in _STATES.items():
        found = left.filter(pl.col("state") == state)
        if not found.height:
            continue
        screen.line()
        screen.line(
            title.format(counted(found.height, "change"), place="The sink" if transfer else "Moodle"), "bold red"
        )
        shown = found if everything or found.height <= FEW + 1 else found.head(FEW)
        for row in shown.iter_rows(named=True):
            screen.line(f"{row['action']} {row['kind']} {row['name']}", indent=2, hang=2)
            screen.line(row["why"], indent=4, hang=2)
        if shown.height < found.height:
            screen.line(f"… and {found.height - shown.height:,} more; --all shows them", "dim", indent=2)
    if left.height:
        screen.line()
        again = "matricula grades plan" if transfer else "matricula plan"
        screen.line(f"All others went through. When these are mended, plan again: {again}")


def left_over(hub: Hub, planned: Planned) -> pl.DataFrame:
    """The changes of a plan that were not carried out: `state`, `kind`, `action`, `key`, `name`, `why`."""
    outcomes = outcomes_of(hub.store, planned.number).filter(pl.col("state") != "done")
    outcomes = outcomes.select("state", "run", number="change", why="reason")
    chosen = planned.changes.select("number", "kind", "action", "key", "name")
    return chosen.join(outcomes, on="number", how="inner").sort("number")


def applied_as_json(hub: Hub, planned: Planned, applied: Applied) -> dict[str, Any]:
    """What became of a plan, for machines."""
    run = hub.store.runs.get(applied.run)
    left = left_over(hub, planned)
    states = outcomes_of(hub.store, planned.number)["state"].value_counts()
    return {
        "plan": planned.number,
        "run": applied.run,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "outcomes": dict(sorted(states.iter_rows())),
        "left": left.rename({"why": "reason"}).to_dicts(),
    }
