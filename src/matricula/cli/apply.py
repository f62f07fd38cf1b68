"""`matricula apply`: a stored plan written to its site."""

from typing import Annotated

import typer

from matricula.cli.apply_view import REFUSED, applied_as_json, carry_out, left_over, print_applied
from matricula.cli.desk import AsJson, HomeDir, PlanNumber, ShowAll, open_hub
from matricula.cli.screen import Screen
from matricula.hub import stored_plan


def apply(
    number: PlanNumber,
    *,
    release: Annotated[
        str, typer.Option("--release", metavar="WORDS", help="The words that release a plan held for a person.")
    ] = "",
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Write exactly what a stored plan shows to Moodle.

    Records that have changed since the plan was made are left alone and told.
    Ctrl-C or SIGTERM stops cleanly; the same command goes on where it stopped,
    also after a crash. Exit status 4 where some rows were not written, 3 where
    the plan is held, 1 where the run could not go on.

    Examples:
      matricula apply 3
      matricula apply 4 --release "suspend 62 users"
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        planned = stored_plan(hub.store, number)
        applied = carry_out(hub, planned, release, screen)
        if as_json:
            screen.json(applied_as_json(hub, planned, applied))
        else:
            print_applied(screen, hub, planned, applied, everything=everything)
        raise typer.Exit(REFUSED if left_over(hub, planned).height else 0)
