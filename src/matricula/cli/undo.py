"""`matricula undo`: what takes a run back, as a plan."""

from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, ShowAll, open_hub
from matricula.cli.plan import HELD
from matricula.cli.plan_view import print_plan
from matricula.cli.screen import Screen
from matricula.hub import runs_of
from matricula.hub.plan_file import plan_as_json, teller_for


def undo(
    run: Annotated[
        int, typer.Argument(metavar="RUN", help="The run's number, as `matricula history` shows it.", min=1)
    ],
    *,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a plan that takes a run back; write nothing.

    Field by field it sets again what was there before the run, where nobody
    has changed it since. Accounts and enrolments that the run made become
    suspended, courses hidden. What cannot be brought back stands at the top.
    Write it with `matricula apply`, also where the profile is disabled. Exit
    status 3 where the plan is held for a person.

    Examples:
      matricula undo 7
      matricula undo 7 --all
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        planned = hub.undo(run, screen.status)
        if as_json:
            screen.json(plan_as_json(planned))
        else:
            print_plan(screen, planned, teller_for(hub.home, planned.record.profile), everything=everything)
            others = [each.id for each in runs_of(hub.store, hub.store.runs.get(run).plan) if each.id != run]
            if others:
                told = ", ".join(map(str, others))
                screen.line(f"The plan of run {run} was carried out by run {told}, too; undo each.", "yellow")
    raise typer.Exit(HELD if planned.record.state == "held" else 0)
