"""`matricula purge`: what is older than the profiles want it kept, removed."""

from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir, open_hub
from matricula.cli.screen import Screen
from matricula.cli.tables_told import told_counts
from matricula.hub.retention import make_smaller
from matricula.hub.retention import purge as purge_state


def purge(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
    rewrite: Annotated[
        bool, typer.Option("--rewrite", help="Write the state's file anew, however little room is free in it.")
    ] = False,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Remove what is older than the profiles' retention.

    Changes, findings and journals of ended plans, kept grades, deliveries of
    sources that are no longer read, notices that are over. It is done once a day by itself after
    `apply` and `run`; this does it now, and gives the room back to the disk.
    Never removed: plans that wait, the last one applied, and what a run in
    doubt needs.

    Examples:
      matricula purge --dry-run
      matricula purge
    """
    screen = Screen(as_json=as_json)
    with open_hub(home) as hub:
        purged = purge_state(hub.home, dry_run=dry_run)
        smaller = not dry_run and make_smaller(hub.home, always=rewrite)
    if as_json:
        told = {
            "dry_run": dry_run,
            "profiles": purged.profiles,
            "deliveries": purged.deliveries,
            "notices": purged.notices,
            "copies": purged.copies,
            "counts": purged.counts,
        }
        screen.json(told | {"smaller": smaller})
        return
    word = "Would go" if dry_run else "Purged"
    for name, counts in purged.profiles.items():
        screen.line(f"{word} of profile {name}: {told_counts(counts)}.", hang=2)
    for source in purged.deliveries:
        screen.line(f"{word}: what was kept of source {source}; its next reading is a complete one.", hang=2)
    if purged.notices:
        screen.line(f"{word}: {told_counts(purged.notices)}.", hang=2)
    for copy in purged.copies:
        screen.line(f"{word}: {copy}, a copy of the state from before an upgrade or a restore.", hang=2)
    if not purged.counts and not purged.copies:
        screen.line("Nothing is older than it is to be kept.", "green")
    if smaller:
        screen.line("The state's file was written anew and is smaller.")
