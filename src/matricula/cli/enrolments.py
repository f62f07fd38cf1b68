"""`matricula enrolments`: the method by which people are in courses."""

import typer

from matricula.cli.desk import AsJson, HomeDir, ProfileName, ShowAll, open_hub, the_one
from matricula.cli.plan import HELD
from matricula.cli.plan_view import print_plan
from matricula.cli.screen import Screen
from matricula.hub.plan_file import plan_as_json, teller_for


def move(
    profile: ProfileName = None, *, everything: ShowAll = False, home: HomeDir = None, as_json: AsJson = False
) -> None:
    """Make a plan that moves enrolments to Matricula's own method; write nothing.

    For sites that got the plugins local_matricula and enrol_matricula after
    Matricula had enrolled people. Status, dates, roles, groups and grades
    stay as they are; enrolments that teachers made stay theirs. Written with
    `matricula apply`; it may be repeated, and broken off anywhere.

    Examples:
      matricula enrolments move
      matricula enrolments move default --all
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        planned = hub.move_enrolments(the_one(hub, "profile", profile), screen.status)
        if as_json:
            screen.json(plan_as_json(planned))
        else:
            print_plan(screen, planned, teller_for(hub.home, planned.record.profile), everything=everything)
    raise typer.Exit(HELD if planned.record.state == "held" else 0)


enrolments = {"move": move}
