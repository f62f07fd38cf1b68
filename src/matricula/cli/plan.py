"""`matricula plan`: what would change, by name."""

from typing import Annotated

import typer

from matricula.cli.desk import AsJson, Full, HomeDir, Only, ProfileName, ShowAll, open_hub, the_one
from matricula.cli.plan_view import print_plan
from matricula.cli.screen import Screen, counted
from matricula.hub.plan_file import plan_as_json, teller_for

HELD = 3


def plan(
    profile: ProfileName = None,
    *,
    only: Only = None,
    full: Full = False,
    adopt: Annotated[
        bool,
        typer.Option(
            "--adopt",
            help="What is on the site just as the roster wants it is Matricula's from now on: for a ledger that was "
            "lost or restored from a backup.",
        ),
    ] = False,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Show by name what would change; write nothing.

    Reads the roster and the site and keeps the plan for `matricula apply`. Exit status 3
    where the plan is held for a person. Plans of profiles that are disabled,
    queued or outside their window are made all the same, and say so.

    Examples:
      matricula plan
      matricula plan default --all
      matricula plan --full
      matricula plan --adopt
      matricula plan --only "Ann Lee" --only ENG-9
      matricula plan --json
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        planned = hub.plan(name, screen.status, full=full, only=only or (), adopt=adopt)
        obstacle, edited = hub.obstacle(name), hub.store.drift.waiting(name)
        if as_json:
            screen.json(plan_as_json(planned) | {"obstacle": obstacle.code if obstacle else None, "edited": edited})
        else:
            print_plan(screen, planned, teller_for(hub.home, name), everything=everything)
            if edited:
                screen.line(
                    f"{counted(edited, 'field was', 'fields were')} edited in Moodle: matricula drift", "yellow"
                )
            if obstacle:
                screen.line(f"It cannot be applied now. {obstacle.what}", "bold yellow")
                screen.line(obstacle.remedy)
    raise typer.Exit(HELD if planned.record.state == "held" else 0)
