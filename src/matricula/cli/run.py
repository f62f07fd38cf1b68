"""`matricula run`: plan and apply in one go."""

import sys
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, Full, HomeDir, Only, ProfileName, ShowAll, open_hub, the_one
from matricula.cli.going_on import go_on
from matricula.cli.plan_view import print_plan
from matricula.cli.screen import Screen
from matricula.errors import UsageError
from matricula.hub.plan_file import teller_for


def run(
    profile: ProfileName = None,
    *,
    only: Only = None,
    full: Full = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before writing; for schedules.")] = False,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Plan, and apply the plan unless it is held for a person.

    Without --yes it asks before it writes. Exit status 3 where the plan is
    held, 4 where rows were refused or had to be left out.

    With --only it carries out just what concerns these people, classes or
    courses, and what that needs. Enrolments that begin before the profile's
    enrolments.since are made by it alone.

    Examples:
      matricula run
      matricula run default --yes
      matricula run --only ann.lee --only "Year 7 Science"
    """
    screen = Screen(as_json=as_json)
    if not yes and (as_json or not sys.stdin.isatty()):
        raise UsageError(
            "Nobody is there to be asked before Moodle is written to.",
            where="matricula run",
            remedy="Add --yes to write what the plan shows, or use `matricula plan` and `matricula apply`.",
            code="yes-missing",
        )
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        hub.ready_to_write(name)
        planned = hub.plan(name, screen.status, full=full, only=only or ())
        if not as_json:
            print_plan(screen, planned, teller_for(hub.home, name), everything=everything)
        raise typer.Exit(go_on(hub, planned, screen, yes=yes, everything=everything))
