"""`matricula block`: the secret with which the block inside a Moodle signs what it asks."""

import sys
from typing import Annotated

import typer

from matricula.cli.desk import HomeDir, SiteName, open_hub, the_one
from matricula.cli.screen import Screen, moment
from matricula.hub.audited import note_setting
from matricula.hub.blocks import block_standing, make_block_secret, remove_block_secret


def secret(
    site: SiteName = None,
    *,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="Take the earlier secret no more from now on; else it is for a day.")
    ] = False,
    home: HomeDir = None,
) -> None:
    """Make the secret of a site's block, in the place of an earlier one, and print it, once.

    Nothing else is printed on standard output. In Moodle it is entered under
    Site administration > Plugins > Local plugins > Matricula.

    Examples:
      matricula block secret
      matricula block secret moodle --at-once
    """
    screen = Screen()
    with open_hub(home) as hub:
        name = the_one(hub, "site", site)
        made = make_block_secret(hub.home, name, at_once=at_once)
        note_setting(hub.home, "block.secret", f"site {name}", site=name, words="at once" if at_once else "")
        until = block_standing(hub.home, name).before_until
    screen.note(f"The secret of the block of {name}; it is shown only this once.")
    if until is not None:
        screen.note(f"The one before it is good until {moment(until)}.")
    sys.stdout.write(f"{made}\n")


def remove(site: SiteName = None, *, home: HomeDir = None) -> None:
    """Take the secret of a site's block away: from now on it is answered nothing.

    Example:
      matricula block remove moodle
    """
    with open_hub(home) as hub:
        name = the_one(hub, "site", site)
        remove_block_secret(hub.home, name)
        note_setting(hub.home, "block.removed", f"site {name}", site=name)
    Screen().line(f"The block of {name} is answered nothing from now on.", "green")


block = {"secret": secret, "remove": remove}
"""The commands under `matricula block`."""
