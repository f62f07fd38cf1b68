"""`matricula check`: whether a site has everything that a run needs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, SiteName, open_hub, the_one
from matricula.cli.screen import Screen, counted
from matricula.errors import SettingError
from matricula.moodle import Check
from matricula.planning.functions import functions_for

_MARKS = {"ok": ("ok  ", "green"), "warn": ("note", "yellow"), "fail": ("FAIL", "bold red")}


def check(
    site: SiteName = None,
    *,
    functions: Annotated[
        bool,
        typer.Option("--functions", help="Print the web-service functions to add in Moodle, one a line, and stop."),
    ] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Look whether a site has all that a run needs.

    Nothing is written. What is needed depends on the profiles: a function that
    only groups need is asked for only where a profile makes groups. Exit
    status 1 where anything fails.

    Examples:
      matricula check
      matricula check --functions
      matricula check moodle --json
    """
    screen = Screen(as_json=as_json)
    if functions:
        _functions(screen, site, home)
        return
    with open_hub(home) as hub:
        name = the_one(hub, "site", site)
        screen.status(f"looking at {hub.home.site(name).url}")
        checks = hub.check(name)
    failed = sum(each.state == "fail" for each in checks)
    if as_json:
        screen.json({"site": name, "ready": not failed, "checks": checks})
    else:
        print_checks(screen, checks)
    raise typer.Exit(1 if failed else 0)


def print_checks(screen: Screen, checks: list[Check]) -> None:
    """One line for each check, with what mends it below."""
    for each in checks:
        mark, style = _MARKS[each.state]
        screen.line(f"{mark}  {each.name}: {each.message}", style if each.state == "fail" else "", hang=6)
        if each.remedy:
            screen.line(each.remedy, "cyan", indent=6)
    failed = sum(each.state == "fail" for each in checks)
    screen.line()
    if failed:
        screen.line(f"Not ready: {counted(failed, 'thing')} to mend first.", "bold red")
    else:
        screen.line("Ready. Next: matricula plan", "bold green")


def _functions(screen: Screen, site: str | None, home: Path | None) -> None:
    try:
        with open_hub(home) as hub:
            needed = hub.functions(site)
    except SettingError as error:
        if error.code != "no-home":
            raise
        needed = functions_for(())  # it is asked for before there is a home, to set Moodle up
    if screen.as_json:
        screen.json({"functions": needed})
    else:
        sys.stdout.write("".join(f"{name}\n" for name in needed))
