"""`matricula key`: where the key of the secrets is, a new one in its place, and away from the database."""

from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen, counted
from matricula.hub.keys import beside_note, move_key, rotate_key

by_itself = "where"
"""The command that `matricula key` alone stands for."""


def where(*, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Say where the key is, and how many secrets are encrypted with it. Keys are never printed.

    Example:
      matricula key where
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        vault = hub.home.vault
        keys, secrets = len(vault.keys()), len(hub.store.secrets.all())
        note = beside_note(hub.home)
    if as_json:
        screen.json({"place": vault.place, "keys": keys, "secrets": secrets, "beside_state": bool(note)})
        return
    screen.line(f"{vault.place}: {counted(keys, 'key')} for {counted(secrets, 'secret')}.")
    if keys > 1:
        screen.line("A rotation was cut off, or old keys were left: `matricula key rotate` ends it.", "yellow")
    if note:
        screen.line(note, "yellow")


def rotate(
    *,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="A new file for the keys, where they come from MATRICULA_KEY."),
    ] = None,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Make a new key, encrypt every secret with it, and drop the old one.

    Cut off at any moment, nothing is lost; the same command ends it. Passwords
    of accounts stay the same. Other machines that share the state need the new
    key file before their next command.

    Examples:
      matricula key rotate
      matricula key rotate --to /run/keys/matricula.new
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        done = rotate_key(hub.home, to)
    if as_json:
        screen.json(
            {"place": done.place, "secrets": done.secrets, "old": done.old, "file": done.written and str(done.written)}
        )
    elif done.written:
        screen.line(
            f"{done.written} holds a new key and those in force. Set MATRICULA_KEY to what stands in it, or take that "
            f"away and set MATRICULA_KEY_FILE={done.written}; then: matricula key rotate",
            "yellow",
        )
    else:
        screen.line(f"{counted(done.secrets, 'secret')} encrypted with a new key ({done.place}).", "green")
        if done.old:
            screen.line(
                f"Take the old {counted(done.old, 'key')} out of {done.place} now: all but the first.", "yellow"
            )
        else:
            screen.line(
                "Keep a copy of the new key, apart from backups of the state, and destroy those of the old one."
            )


def move(
    to: Annotated[Path, typer.Argument(metavar="FILE", help="The new file, best on another disk.")],
    *,
    home: HomeDir = None,
) -> None:
    """Move the key file away from the database.

    Afterwards MATRICULA_KEY_FILE has to name it, for every command.

    Example:
      matricula key move /etc/matricula/key
    """
    path = to.expanduser().absolute()
    with open_hub(home) as hub:
        move_key(hub.home, path)
    screen = Screen()
    screen.line(f"The key is in {path}.", "green")
    screen.line(f"Set for every command: MATRICULA_KEY_FILE={path}")


key = {"where": where, "rotate": rotate, "move": move}
"""The commands under `matricula key`."""
