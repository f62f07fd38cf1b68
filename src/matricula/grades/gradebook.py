"""A gradebook as a site told it, turned into the rows that are kept."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from matricula.grades.excused import excused
from matricula.moodle import GradeCategory, GradeCell, PersonGrades
from matricula.store import Gradebook
from matricula.store.learning import What, schema_of

TOTALS = ("course", "category")
_PERCENT = 100.0


def gradebook_of(
    people: Sequence[PersonGrades], former: Collection[int], categories: Mapping[int, GradeCategory]
) -> Gradebook:
    """The rows of a gradebook.

    Args:
        people: everybody who was told of, at least one.
        former: accounts among them that the site told of only when they were asked for alone.
        categories: names and places of categories, as far as they are known.
    """
    return Gradebook(
        categories=_frame("category", _categories(people, categories)),
        items=_frame("item", _items(people)),
        grades=_frame("grade", _grades(people, former)),
    )


def category_ids(people: Iterable[PersonGrades]) -> set[int]:
    """The categories below the whole gradebook."""
    return {
        cell.instance for each in people for cell in each.cells if cell.kind == "category" and cell.instance is not None
    }


def told_of(people: Iterable[PersonGrades]) -> set[int]:
    """Accounts that have a grade or feedback in something else than a total."""
    return {
        each.user_id
        for each in people
        if any((cell.raw is not None or cell.feedback) and cell.kind not in TOTALS for cell in each.cells)
    }


def _categories(people: Sequence[PersonGrades], known: Mapping[int, GradeCategory]) -> Iterable[Mapping[str, object]]:
    weights = _weights(people)
    for cell in _every_item(people):
        if cell.kind in TOTALS and cell.instance is not None:
            named = known.get(cell.instance)
            yield {
                "category": cell.instance,
                "parent": named.parent if named else None,
                "item": cell.item_id,
                "name": named.name if named else "",
                "weight": weights.get(cell.item_id),
            }


def _items(people: Sequence[PersonGrades]) -> Iterable[Mapping[str, object]]:
    weights, hidden = _weights(people), _hidden(people)
    for place, cell in enumerate(_every_item(people), 1):
        yield {
            "item": cell.item_id,
            "category": cell.category,
            "position": place,
            "kind": cell.kind,
            "module": cell.module,
            "instance": cell.instance,
            "number": cell.number,
            "cmid": cell.cmid,
            "name": cell.name,
            "idnumber": cell.idnumber,
            "weight": weights.get(cell.item_id),
            "minimum": cell.minimum,
            "maximum": cell.maximum,
            "scale": (cell.scale_id or 0) if cell.has_scale else None,
            "hidden": cell.item_id in hidden,
            "locked": cell.item_locked,
        }


def _grades(people: Sequence[PersonGrades], former: Collection[int]) -> Iterable[Mapping[str, object]]:
    away = excused(people)
    for each in people:
        for cell in each.cells:
            without = (cell.item_id, each.user_id) in away
            given = cell.raw is not None
            yield {
                "item": cell.item_id,
                "user": each.user_id,
                "state": "excused" if without else "graded" if given else "none",
                "raw": cell.raw,
                "shown": cell.shown if given else "",
                "percentage": cell.percentage if given else "",
                "letter": cell.letter if given else "",
                "feedback": cell.feedback,
                "share": None if cell.weight is None else cell.weight * _PERCENT,
                "hidden": cell.hidden,
                "locked": cell.locked,
                "overridden": cell.overridden,
                "former": each.user_id in former,
                "submitted": cell.submitted_at,
                "graded": cell.graded_at,
            }


def _every_item(people: Sequence[PersonGrades]) -> list[GradeCell]:
    """One cell of each item, in the gradebook's order; that of a total with the highest maximum.

    What a total can come to depends on what counts for a person.
    """
    found: dict[int, GradeCell] = {}
    for each in sorted(people, key=lambda person: -len(person.cells)):
        for cell in each.cells:
            before = found.get(cell.item_id)
            if before is None or (cell.kind in TOTALS and (cell.maximum or 0) > (before.maximum or 0)):
                found[cell.item_id] = cell
    return list(found.values())


def _weights(people: Iterable[PersonGrades]) -> dict[int, float]:
    """The weight of each item in percent, as for the person in whose total most items count.

    Moodle tells the weights with which grades count for a person, and no others: what has no grade weighs nothing.
    """
    weights: dict[int, float] = {}
    for each in sorted(people, key=lambda person: -sum(bool(cell.weight) for cell in person.cells)):
        for cell in each.cells:
            if cell.weight:
                weights.setdefault(cell.item_id, cell.weight * _PERCENT)
    return weights


def _hidden(people: Sequence[PersonGrades]) -> set[int]:
    """Items of which everybody's grade is hidden: Moodle tells it of grades alone."""
    cells = [cell for each in people for cell in each.cells]
    return {cell.item_id for cell in cells if cell.hidden} - {cell.item_id for cell in cells if not cell.hidden}


def _frame(what: What, rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    wanted = {name: kind for name, kind in schema_of(what).items() if name not in ("course", "changed_at", "gone_at")}
    return pl.DataFrame(list(rows), schema=wanted)
