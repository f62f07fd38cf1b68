"""Changes on the screen: counts, and names by kind and action."""

import polars as pl

from matricula.cli.screen import Screen
from matricula.hub.changes_told import TAKES_AWAY, Teller, groups, heading, many
from matricula.planning import ACTIONS, KINDS, read_changes

FEW = 10
"""So many names of a group are printed where not all are asked for."""

_CALM = {
    "create": "green",
    "match": "blue",
    "note": "dim",
    "suspend": "yellow",
    "hide": "yellow",
    "archive": "yellow",
    "remove": "yellow",
    "unenrol": "red",
    "delete": "red",
}


def print_counts(screen: Screen, changes: pl.DataFrame) -> None:
    """How many changes of which kind and action, as a table."""
    counts = {(kind, action): found.height for kind, action, found in groups(changes)}
    actions = [action for action in ACTIONS if any(found == action for _, found in counts)]
    rows = [
        [many(kind), *(f"{counts[kind, action]:,}" if (kind, action) in counts else "·" for action in actions)]
        for kind in KINDS
        if any(found == kind for found, _ in counts)
    ]
    screen.table(["", *actions], rows, numbers=actions)


def print_names(screen: Screen, changes: pl.DataFrame, teller: Teller, *, everything: bool) -> None:
    """Changes by name, grouped by kind and action."""
    for kind, action, found in groups(changes):
        screen.line()
        alike = found["reason"].n_unique() == 1
        why = f", {found['reason'][0]}" if action in TAKES_AWAY and alike else ""
        screen.line(heading(kind, action, found.height) + why, f"bold {_CALM.get(action, 'cyan')}")
        shown = found if everything or found.height <= FEW + 1 else found.head(FEW)
        for change in read_changes(shown):
            screen.line(teller.short(change, why=not alike), indent=2, hang=2)
        if shown.height < found.height:
            screen.line(f"… and {found.height - shown.height:,} more", "dim", indent=2)
