"""`matricula passwords`: the passwords of accounts that a run made, as a file."""

from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.private_file import write_private
from matricula.cli.screen import Screen, counted
from matricula.hub.passwords import passwords_of_run


def passwords(
    run: Annotated[
        int, typer.Argument(metavar="RUN", help="The run's number, as `matricula history` shows it.", min=1)
    ],
    *,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="The file to write; else passwords-RUN.csv here.")
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Write the passwords of the accounts that a run made into a file.

    Name, user name, e-mail address, kind of person and password of each, as
    CSV. The file can be read by you alone; one that is there is never
    replaced. Passwords are kept nowhere: they are worked out when you ask.
    Who has changed theirs since is in it with the first one.

    Examples:
      matricula passwords 7
      matricula passwords 7 --to /media/stick/first-day.csv
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        found = passwords_of_run(hub.home, run)
    file = to or Path(f"passwords-{run}.csv")
    if found.height:
        write_private(file, found.write_csv())
    if as_json:
        screen.json({"run": run, "file": str(file) if found.height else None, "accounts": found.height})
    elif found.height:
        screen.line(f"{counted(found.height, 'password')} in {file}. Hand them out and delete the file.")
    else:
        screen.line(f"Run {run} made no account that got a password from Matricula.")
