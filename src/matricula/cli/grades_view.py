"""Grades that were kept before they were destroyed, for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from matricula.cli.changes import FEW
from matricula.cli.screen import Screen, counted
from matricula.planning.losing import given
from matricula.store import KeptGrades

_TOTALS = {"course": "course total", "category": "category total"}


def print_grades(screen: Screen, kept: Sequence[KeptGrades], *, everything: bool) -> None:
    """The grades that a plan's changes destroy, by person and course."""
    if not kept:
        return
    screen.line()
    screen.line(f"Grades that go with these changes: {counted(sum(map(given, kept)), 'grade')}", "bold red")
    shown = kept if everything or len(kept) <= FEW + 1 else kept[:FEW]
    for each in shown:
        screen.line(f"{each.person} in {each.course}: {told_grades(each)}", indent=2, hang=2)
    if len(shown) < len(kept):
        screen.line(f"… and {len(kept) - len(shown):,} more; --all shows them", "dim", indent=2)


def told_grades(kept: KeptGrades) -> str:
    """The grades of a person in a course on one line."""
    return ", ".join(f"{item_name(grade)} {grade['formatted'] or '-'}" for grade in kept.grades)


def item_name(grade: Mapping[str, Any]) -> str:
    """What a grade is for."""
    return str(grade["name"] or _TOTALS.get(grade["kind"], f"item {grade['item_id']}"))
