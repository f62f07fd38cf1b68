"""Who is excused from an item, as far as a site tells.

Moodle's report says `dropped` of an excluded grade and of one that a category drops as the lowest, alike (seen on 5.1,
and in `grade_category::aggregate_grades`). What tells them apart is that a category drops by a rule, and so for
everybody: the lowest so many grades of each person (“drop the lowest”), or all but the highest so many (“keep the
highest”). Where the dropped grades of a category cannot come from such a rule somebody excluded them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from matricula.moodle import GradeCell, PersonGrades

_DROPPED = "dropped"


@dataclass
class _Part:
    """One person's grades in one category.

    Args:
        kept: shares of the maximum that count.
        dropped: those that do not.
    """

    kept: list[float] = field(default_factory=list)
    dropped: list[float] = field(default_factory=list)


def excused(people: Sequence[PersonGrades]) -> set[tuple[int, int]]:
    """Item and user of those who are excused.

    Args:
        people: everybody in a gradebook.
    """
    found = {(cell.item_id, each.user_id) for each in people for cell in each.cells if cell.status == "excluded"}
    ruled = _dropping_by_rule(people)
    found |= {
        (cell.item_id, each.user_id)
        for each in people
        for cell in each.cells
        if cell.status == _DROPPED and cell.category not in ruled
    }
    return found


def _dropping_by_rule(people: Sequence[PersonGrades]) -> set[int | None]:
    """Categories whose dropped grades can all come from a rule of the category."""
    parts: dict[int | None, dict[int, _Part]] = defaultdict(lambda: defaultdict(_Part))
    for each in people:
        for cell in each.cells:
            if cell.status in ("used", _DROPPED) or (cell.raw is not None and cell.status == ""):
                part = parts[cell.category][each.user_id]
                (part.dropped if cell.status == _DROPPED else part.kept).append(_share(cell))
    return {category for category, of_people in parts.items() if _by_rule(of_people.values())}


def _by_rule(parts: Iterable[_Part]) -> bool:
    every = list(parts)
    concerned = [part for part in every if part.dropped]
    if not all(_lowest(part) for part in concerned):
        return False
    several = [part for part in every if len(part.kept) + len(part.dropped) > 1]
    drops_lowest = bool(several) and all(part.dropped for part in several)
    most = max(len(part.kept) for part in every)
    keeps_highest = most > 0 and all(len(part.kept) == most for part in concerned)
    return drops_lowest or keeps_highest


def _lowest(part: _Part) -> bool:
    return not part.kept or max(part.dropped) <= min(part.kept)


def _share(cell: GradeCell) -> float:
    low, high = cell.minimum or 0.0, cell.maximum or 0.0
    return ((cell.raw or 0.0) - low) / (high - low) if high > low else 0.0
