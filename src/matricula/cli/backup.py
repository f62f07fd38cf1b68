"""`matricula backup`: a copy of the state to put away, while everything goes on."""

from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen, counted
from matricula.hub.backups import back_up


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The file, or a folder in which it is named by its moment.")
    ],
    *,
    with_key: Annotated[bool, typer.Option("--with-key", help="Put the key of the secrets into it, too.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    keep: Annotated[
        int | None,
        typer.Option("--keep", metavar="N", min=1, help="In a folder: keep the newest N backups, delete older ones."),
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Write a backup of the state into one file, while runs and the console go on.

    It is of one moment, and readable by you alone. The key of the secrets is not
    in it unless you say so: keep a copy of the key apart. A state on PostgreSQL
    is backed up with pg_dump.

    Examples:
      matricula backup /mnt/backup --keep 14
      matricula backup before-summer.backup
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        done = back_up(hub.home, file.expanduser(), with_key=with_key, force=force, keep=keep)
    if as_json:
        screen.json(
            {
                "file": str(done.file),
                "bytes": done.size,
                "with_key": done.with_key,
                "deleted": [str(each) for each in done.deleted],
            }
        )
        return
    screen.line(f"Backed up: {done.file} ({done.size / 1e6:,.1f} MB).", "green")
    if done.with_key:
        screen.line("The key is in it: whoever has this file can use the tokens of your sites.", "yellow")
    else:
        screen.line(f"The key is not in it. Keep a copy of it apart ({done.key_place}).")
    if done.deleted:
        screen.line(f"Deleted: {counted(len(done.deleted), 'older backup')}.")
