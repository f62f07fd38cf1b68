"""The sheets that people read: students by line, items by column.

Above the names of the items stand their classes, categories and greatest points, and in a hidden line their ids, by
which a cell that somebody changed is known again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

MARK: Final = "matricula"
"""Stands in the first cell of the hidden line."""
EXCUSED: Final = "excused"
LINES_ABOVE: Final = 5
"""Lines above those of students: ids (hidden), class, category, item, points."""

Cell = str | float | None
Names = Callable[[str, Collection[str]], Mapping[str, str]]
"""Gives the names of `class`, `student` or `session` records by their sourcedIds; those without one are left out."""


@dataclass(frozen=True)
class Column:
    """A column of one item, of a total or of a final grade.

    Args:
        id: of the item; empty where it is of none.
        above: class, category, name and greatest points.
        cells: what stands there, by sourcedId of the student.
    """

    id: str
    above: tuple[Cell, Cell, Cell, Cell]
    cells: Mapping[str, Cell]


def table_of(classes: Sequence[str], frames: Mapping[str, pl.DataFrame], names: Names) -> list[list[Cell]]:
    """The lines of a sheet.

    Args:
        classes: those that stand on it.
        frames: records of all kinds, whose references are ids.
        names: gives names to classes, students and sessions.
    """
    columns = [column for class_ in classes for column in _of_class(class_, frames, names)]
    students = {student for column in columns for student in column.cells}
    called = names("student", students)
    ordered = sorted(students, key=lambda student: (called.get(student, student).casefold(), student))
    titles = ("Class", "Category", "Item", "Points at most")
    lines: list[list[Cell]] = [[MARK, None, *(column.id or None for column in columns)]]
    lines += [[title, None, *(column.above[number] for column in columns)] for number, title in enumerate(titles)]
    lines += [[called.get(each), each, *(column.cells.get(each) for column in columns)] for each in ordered]
    return lines


def shown(status: str, score: float | None, text: str | None) -> Cell:
    """What a cell shows of a result: its points or its letter, or that somebody is excused; nothing for no score."""
    if status == "exempt":
        return EXCUSED
    return score if score is not None else text


def cells_of(grid: Sequence[Sequence[str | None]]) -> Iterator[tuple[str, str, str]]:
    """The cells of a sheet as somebody left them: id of the item, sourcedId of the student, what stands there.

    Args:
        grid: the lines of any sheet, as text; one of another kind has no such cells.
    """
    if not grid or len(grid) < LINES_ABOVE or (grid[0] or [None])[0] != MARK:
        return
    for line in grid[LINES_ABOVE:]:
        for item, cell in zip(grid[0][2:], line[2:], strict=False):
            if item and line[1]:
                yield item, line[1], cell or ""


def _of_class(class_: str, frames: Mapping[str, pl.DataFrame], names: Names) -> Iterator[Column]:
    title = names("class", [class_]).get(class_, class_)
    own = {kind: frame.filter(pl.col("class") == class_) for kind, frame in frames.items()}
    categories = {row["id"]: _weighted(row) for row in own["grade-category"].to_dicts()}
    items = sorted(own["line-item"].to_dicts(), key=lambda row: _place(row, list(categories)))
    results = own["result"].partition_by("item", as_dict=True)
    points: dict[str, float] = {}
    most: dict[str, float] = {}
    for item in items:
        rows = results[(item["id"],)].to_dicts() if (item["id"],) in results else []
        for row in rows:
            if row["score"] is not None and row["status"] != "exempt":
                points[row["student"]] = points.get(row["student"], 0.0) + row["score"]
                most[row["student"]] = most.get(row["student"], 0.0) + (item["maximum"] or 0.0)
        above = (title, categories.get(item["category"]), item["title"], item["maximum"])
        yield Column(
            item["id"], above, {row["student"]: shown(row["status"], row["score"], row["text"]) for row in rows}
        )
    yield Column("", (title, None, "Points", None), points)
    yield Column("", (title, None, "of", None), most)
    yield from _finals(title, own["final-grade"], names)


def _finals(title: str, finals: pl.DataFrame, names: Names) -> Iterator[Column]:
    called = names("session", finals["session"].drop_nulls().unique().to_list())
    for (session,), rows in sorted(finals.partition_by("session", as_dict=True).items(), key=lambda each: str(each[0])):
        name = f"Final {called.get(str(session), session)}" if session else "Final"
        yield Column("", (title, None, name, None), {row["student"]: _final(row) for row in rows.to_dicts()})


def _final(row: Mapping[str, Any]) -> Cell:
    percent: float | None = row["percent"]
    letter: str | None = row["letter"]
    if percent is not None and letter:
        return f"{percent:.10g} % {letter}"
    return percent if percent is not None else letter


def _weighted(row: Mapping[str, Any]) -> str:
    weight = row["weight"]
    return row["title"] if weight is None else f"{row['title']} ({weight:.10g} %)"


def _place(item: Mapping[str, Any], categories: list[str]) -> tuple[Any, ...]:
    category, due = item["category"], item["due"]
    known = categories.index(category) if category in categories else len(categories)
    return known, due is None, due or 0, item["title"], item["id"]
