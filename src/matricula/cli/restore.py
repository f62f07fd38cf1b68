"""`matricula restore`: a backup of the state put in force."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir
from matricula.cli.screen import Screen, moment
from matricula.errors import UsageError
from matricula.hub import default_home
from matricula.hub.backups import Restored
from matricula.hub.backups import restore as put_in_force

_KEY = {
    "same": "The key in the backup is the one in force.",
    "put": "The key was in the backup, and is in force again.",
    "replaced": "The key was in the backup, and is in force again; the other one is kept as {aside}.",
    "other": "The key in the backup is another one than that in force, and could not be put in its place: set "
    "MATRICULA_KEY or MATRICULA_KEY_FILE to the one that belongs to the backup.",
}

_NEXT = """\
What now:
  1. matricula verify        is every record still what the ledger says?
  2. matricula plan --full   look before anything is written: accounts and courses
                             made since show up as matched
  3. matricula plan --adopt  where enrolments made since are Matricula's own
See docs/operating/backup.md. Then start the service again."""


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `matricula backup` wrote.")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup of the state in force. What is there now is kept aside.

    The backup is checked from end to end first, and brought up to date where it
    is an older one; one of a newer Matricula is refused. Refused, too, while a
    service, a run or another command is at work. Everybody has to sign in again,
    and jobs that waited when the backup was made are dropped.

    Examples:
      matricula restore /mnt/backup/matricula-20260815T010000Z.backup
      matricula --home /srv/matricula restore before-summer.backup
    """
    screen = Screen(as_json=as_json)
    folder = home or default_home()
    if not yes:
        if as_json or not sys.stdin.isatty():
            raise UsageError(
                "Nobody is there to be asked before a backup is restored.",
                where="matricula restore",
                remedy="Add --yes.",
                code="yes-missing",
            )
        typer.confirm(f"Put this backup in the place of what is in {folder}?", err=True, abort=True)
    screen.status("checking the backup")
    done = put_in_force(folder, file.expanduser())
    if as_json:
        screen.json(_as_json(done))
    else:
        _print(screen, done, folder)


def _print(screen: Screen, done: Restored, folder: Path) -> None:
    made = done.manifest.made_at
    screen.line(f"Restored: {folder} is as of {moment(made) if made else 'the day of the copy'}.", "green")
    if done.aside:
        screen.line(f"What was there is kept as {done.aside}; delete it when you are sure: it holds names.", hang=2)
    if done.key:
        screen.line(_KEY[done.key].format(aside=done.key_aside), "yellow" if done.key == "other" else "", hang=2)
    if done.unreadable:
        screen.line(
            f"With the key that is here these secrets cannot be read: {', '.join(done.unreadable)}. Put back the key "
            "that belongs to the backup, or enter them again.",
            "yellow",
            hang=2,
        )
    screen.line()
    screen.line(_NEXT)


def _as_json(done: Restored) -> dict[str, object]:
    return {
        "made_at": done.manifest.made_at,
        "tables": done.manifest.tables,
        "aside": done.aside and str(done.aside),
        "key": done.key,
        "key_aside": done.key_aside and str(done.key_aside),
        "unreadable": done.unreadable,
    }
