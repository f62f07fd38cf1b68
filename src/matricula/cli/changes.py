"""Changes in words: what each one does, short for a plan and in full for a closer look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from matricula.cli.screen import Screen, counted
from matricula.planning import ACTIONS, KINDS, Change, read_changes

FEW = 10
"""So many names of a group are printed where not all are asked for."""

_ONE = {
    "group-member": "place in a group",
    "cohort-member": "place in a cohort",
    "grouping-member": "place of a group in a grouping",
}
_MANY = {
    "category": "categories",
    "group-member": "places in groups",
    "cohort-member": "places in cohorts",
    "grouping-member": "places of groups in groupings",
}
_MOMENTS = ("startdate", "enddate", "timestart", "timeend")
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


@dataclass(frozen=True)
class Teller:
    """Tells changes in words.

    Args:
        zone: the time zone in which moments are told.
    """

    zone: str = "UTC"

    def value(self, name: str, value: Any) -> str:
        """A field's value as people write it."""
        if name in _MOMENTS and isinstance(value, int):
            return f"{datetime.fromtimestamp(value, ZoneInfo(self.zone)):%Y-%m-%d %H:%M}" if value else "none"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "none" if value is None or value == "" else str(value)

    def fields(self, change: Change) -> list[str]:
        """What is set, a field each: `lastname: Low → Löw`."""
        return [
            f"{name}: {self.value(name, change.before[name])} → {self.value(name, new)}"
            if name in change.before
            else f"{name}: {self.value(name, new)}"
            for name, new in change.after.items()
        ]

    def short(self, change: Change, *, why: bool = False) -> str:
        """A change on one line.

        Args:
            change: the change.
            why: whether the reason of one that takes something away is told with it.
        """
        told = _ESSENCE.get((change.kind, change.action))
        if change.action in _GONE:
            detail = change.reason if why else ""
        elif told is not None:
            detail = ", ".join(str(change.after[name]) for name in told if change.after.get(name))
        elif change.action in ("update", "revive", "show", "move"):
            detail = ", ".join(self.fields(change))
        else:
            detail = change.reason
        return f"{change.name}: {detail}" if detail else change.name


_GONE = ("suspend", "hide", "archive", "remove", "unenrol", "delete")
_ESSENCE: dict[tuple[str, str], tuple[str, ...]] = {
    ("category", "create"): ("idnumber",),
    ("user", "create"): ("username", "email"),
    ("course", "create"): ("shortname",),
    ("enrolment", "create"): ("role",),
    ("group", "create"): ("idnumber",),
    ("cohort", "create"): ("idnumber", "category"),
} | {(kind, "create"): () for kind in ("grouping", "group-member", "grouping-member", "cohort-member", "meta-link")}


def groups(changes: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Changes by kind and action, in the order in which they are carried out."""
    for kind in KINDS:
        of_kind = changes.filter(pl.col("kind") == kind)
        for action in ACTIONS:
            found = of_kind.filter(pl.col("action") == action)
            if found.height:
                yield kind, action, found


def heading(kind: str, action: str, number: int) -> str:
    """The line above a group: `create 660 users`."""
    return f"{action} {counted(number, _ONE.get(kind, kind), many(kind))}"


def many(kind: str) -> str:
    """Many records of a kind: `users`, `places in groups`."""
    return _MANY.get(kind, f"{kind}s")


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
        why = f", {found['reason'][0]}" if action in _GONE and alike else ""
        screen.line(heading(kind, action, found.height) + why, f"bold {_CALM.get(action, 'cyan')}")
        shown = found if everything or found.height <= FEW + 1 else found.head(FEW)
        for change in read_changes(shown):
            screen.line(teller.short(change, why=not alike), indent=2, hang=2)
        if shown.height < found.height:
            screen.line(f"… and {found.height - shown.height:,} more", "dim", indent=2)


def change_as_json(change: Change) -> dict[str, Any]:
    """A change for machines."""
    names = ("number", "kind", "action", "key", "moodle_id", "name", "person", "course")
    return {name: getattr(change, name) for name in (*names, "before", "after", "reason", "place", "removes")}
