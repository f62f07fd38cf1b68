"""`matricula sign-on`: signing people on to a site: its secret, and where a person would get to."""

import sys
from datetime import timedelta
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, SiteName, open_hub, the_one
from matricula.cli.screen import Screen, moment
from matricula.hub.audited import note_setting

by_itself = "show"
"""The command that `matricula sign-on` alone stands for."""


def show(site: SiteName = None, *, home: HomeDir = None, as_json: AsJson = False) -> None:
    """Tell how people are signed on to a site, and what is to be entered in Moodle. The secret is not shown.

    Example:
      matricula sign-on show moodle
    """
    from matricula.hub.ticket_keys import ticket_standing

    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        name = the_one(hub, "site", site)
        how, standing = hub.home.site(name).sign_on, ticket_standing(hub.home, name)
        address = hub.home.service().address
    issuer = "" if address is None else str(address).rstrip("/")
    told = {
        "site": name,
        "by": None if how is None else how.by,
        "match": None if how is None else how.match,
        "address": issuer or None,
        "link": f"{issuer}/go/{name}" if issuer else None,
        "application": None if standing is None else standing.application,
        "secret_made_at": None if standing is None else standing.made_at,
        "former_until": None if standing is None else standing.former_until,
    }
    if as_json:
        screen.json(told)
    elif how is None:
        screen.line(f"Nobody is signed on to {name}. Set sign_on in its document; see docs/sign-on.md.")
    else:
        rows = [(name.replace("_", " "), _said(value)) for name, value in told.items() if value is not None]
        screen.table(("what", "value"), rows)


def secret(
    site: SiteName = None,
    *,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Put another secret in the place of the one there is, a day from now.")
    ] = False,
    at_once: Annotated[
        bool, typer.Option("--at-once", help="With --rotate: the former secret is known to others, use it no more.")
    ] = False,
    home: HomeDir = None,
) -> None:
    """Make the secret that tickets for a site are signed with, and print it, once.

    Nothing else is printed on standard output. With --rotate, tickets go on
    to be signed with the former secret for 24 hours: enter the new one in
    Moodle before; the plugin then takes both for a day. With --at-once
    nobody is signed on until the new one stands in Moodle.

    Examples:
      matricula sign-on secret moodle
      matricula sign-on secret moodle --rotate
    """
    from matricula.hub.ticket_keys import OVERLAP, make_ticket_key

    screen = Screen()
    with open_hub(home) as hub:
        name = the_one(hub, "site", site)
        overlap = timedelta() if at_once else OVERLAP
        made = make_ticket_key(hub.home, name, rotate=rotate, overlap=overlap)
        words = "another one" if rotate else "the first one"
        note_setting(hub.home, "sign-on.secret", f"site {name}", site=name, words=words)
    screen.note(f"Application id: {made.application}. Enter it and the secret in the plugin's settings in Moodle.")
    screen.note("The secret is printed only now.")
    sys.stdout.write(f"{made.secret}\n")


def _said(value: object) -> str:
    return value if isinstance(value, str) else moment(value)  # type: ignore[arg-type]


sign_on = {"show": show, "secret": secret}
"""The commands under `matricula sign-on`."""
