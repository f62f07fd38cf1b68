"""`matricula run`: plan and apply in one go."""

import sys
from typing import Annotated

import typer

from matricula.cli.apply_view import REFUSED, applied_as_json, carry_out, left_over, print_applied
from matricula.cli.desk import AsJson, Full, HomeDir, Only, ProfileName, ShowAll, open_hub, the_one
from matricula.cli.plan import HELD
from matricula.cli.plan_view import print_plan
from matricula.cli.screen import Screen, counted
from matricula.errors import UsageError
from matricula.hub import Hub, Planned
from matricula.hub.plan_file import plan_as_json, teller_for


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
        raise typer.Exit(_go_on(hub, planned, screen, yes=yes, everything=everything))


def _go_on(hub: Hub, planned: Planned, screen: Screen, *, yes: bool, everything: bool) -> int:
    """From a plan to its end; returns the exit status."""
    left_out = any(finding.severity == "error" for finding in planned.findings)
    if planned.record.state == "held" or not planned.changes.height:
        if screen.as_json:
            screen.json(plan_as_json(planned) | {"applied": None})
        if planned.record.state == "held":
            return HELD
        return REFUSED if left_out else 0
    question = f"Write {counted(planned.changes.height, 'change')} to {planned.record.site}?"
    if not yes and not typer.confirm(question, err=True):
        screen.line(f"Nothing was written. The plan is kept: matricula apply {planned.number}")
        return 0
    applied = carry_out(hub, planned, "", screen)
    if screen.as_json:
        screen.json(plan_as_json(planned) | {"applied": applied_as_json(hub, planned, applied)})
    else:
        print_applied(screen, hub, planned, applied, everything=everything)
    return REFUSED if left_out or left_over(hub, planned).height else 0
