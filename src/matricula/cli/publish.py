"""`matricula publish`: tables for Moodle's External database plugins."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, ProfileName, ShowAll, open_hub, the_one
from matricula.cli.going_on import go_on
from matricula.cli.plan_view import print_plan
from matricula.cli.screen import Screen
from matricula.errors import UsageError
from matricula.hub import Target
from matricula.hub.plan_file import teller_for


def publish(
    profile: ProfileName = None,
    *,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="URL",
            help="The database, without a password: postgresql://USER@HOST/DATABASE or mariadb://USER@HOST/DATABASE.",
        ),
    ],
    prefix: Annotated[
        str, typer.Option("--prefix", metavar="TEXT", help="What the names of the tables begin with.")
    ] = "matricula_",
    password_file: Annotated[
        Path | None,
        typer.Option("--password-file", metavar="FILE", help="A file that holds the password and nothing else."),
    ] = None,
    renamed: Annotated[
        list[str] | None,
        typer.Option(
            "--renamed",
            metavar="USERNAME",
            help="A user name that an account was given, or freed of, in Moodle by hand; may be given several times.",
        ),
    ] = None,
    plan_only: Annotated[bool, typer.Option("--plan-only", help="Show and keep the plan; write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before writing; for schedules.")] = False,
    everything: ShowAll = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Publish courses, enrolments and people as tables in a database.

    For a Moodle that reads them by its plugins "External database" (enrolments and
    authentication). Moodle itself is not asked. What is written is shown first and
    kept as a plan, which `matricula show`, `apply`, `reject` and `history` know; one
    that would remove much, or comes from an empty delivery, waits for a person.

    The password is read from --password-file or from the environment variable
    MATRICULA_PUBLISH_PASSWORD. Without --yes it asks before it writes. Exit status
    3 where the plan is held, 4 where rows had to be left out.

    Examples:
      matricula publish --to postgresql://writer@db.school.example/moodle_ext
      matricula publish default --to mariadb://writer@db/moodle_ext --yes
    """
    screen = Screen(as_json=as_json)
    if not (yes or plan_only) and (as_json or not sys.stdin.isatty()):
        raise UsageError(
            "Nobody is there to be asked before the tables are written.",
            where="matricula publish",
            remedy="Add --yes to write what the plan shows, or --plan-only to see it first.",
            code="yes-missing",
        )
    target = Target(to, prefix, password_file)
    with open_hub(home) as hub:
        name = the_one(hub, "profile", profile)
        if not plan_only:
            hub.ready_to_write(name)
        planned = hub.plan_publication(name, target, screen.status, renamed=renamed or ())
        if not as_json:
            print_plan(screen, planned, teller_for(hub.home, name), everything=everything)
        status = go_on(hub, planned, screen, yes=yes, everything=everything, write=not plan_only, thing="row")
        raise typer.Exit(status)
