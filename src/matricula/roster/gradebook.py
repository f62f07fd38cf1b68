"""The gradebook in OneRoster's terms: categories, line items, results, and final grades.

Four things are told apart everywhere: a score of zero, no score yet, one that the student is excused from, and one
that is there and hidden. The first has a `score` of 0. Of the second and third there is no score, and the `status` says
which. The last is a property of its own in what is read of a Moodle, and never reaches a gradebook unless a profile
says so.

Text is never blank: what has none is null. Numbers are finite. A result that is `exempt` or `not submitted` has neither
a score nor a letter, and one that is `fully graded` has one of them.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

Status = Literal["fully graded", "partially graded", "submitted", "not submitted", "exempt"]
STATUSES: Final[tuple[Status, ...]] = ("fully graded", "partially graded", "submitted", "not submitted", "exempt")
"""OneRoster's `scoreStatus`: `exempt` is excused, `not submitted` is no score."""

CATEGORIES: Final = pl.Schema(
    {"key": pl.String(), "id": pl.String(), "class": pl.String(), "title": pl.String(), "weight": pl.Float64()}
)
"""`key` is ours, `id` the one that the school's system has for it; `weight` in percent, null where none is said."""

LINE_ITEMS: Final = pl.Schema(
    {
        "key": pl.String(),
        "id": pl.String(),
        "class": pl.String(),
        "category": pl.String(),
        "session": pl.String(),
        "title": pl.String(),
        "description": pl.String(),
        "assigned": pl.Datetime("ms", "UTC"),
        "due": pl.Datetime("ms", "UTC"),
        "minimum": pl.Float64(),
        "maximum": pl.Float64(),
    }
)
"""`category` is a `key` of `CATEGORIES`, `class` and `session` are sourcedIds of the roster."""

RESULTS: Final = pl.Schema(
    {
        "key": pl.String(),
        "id": pl.String(),
        "item": pl.String(),
        "class": pl.String(),
        "student": pl.String(),
        "status": pl.String(),
        "score": pl.Float64(),
        "text": pl.String(),
        "comment": pl.String(),
        "scored": pl.Datetime("ms", "UTC"),
    }
)
"""`item` is a `key` of `LINE_ITEMS`, `student` a sourcedId; `status` one of `STATUSES`; `text` a letter."""

FINALS: Final = pl.Schema(
    {
        "key": pl.String(),
        "id": pl.String(),
        "class": pl.String(),
        "student": pl.String(),
        "session": pl.String(),
        "percent": pl.Float64(),
        "letter": pl.String(),
        "comment": pl.String(),
    }
)
"""Grades of report cards: one for a student, a class and a marking period."""

KINDS: Final = {"grade-category": CATEGORIES, "line-item": LINE_ITEMS, "result": RESULTS, "final-grade": FINALS}
"""The kinds of records by their name in plans, in the order in which they depend on one another."""

REFERENCES: Final = {"line-item": ("category", "grade-category"), "result": ("item", "line-item")}
"""The field of a kind that names another record, and the kind of that."""

NO_FIELDS: Final = ("key", "id")
"""Columns that name a record; all others are its fields."""


def fields_of(kind: str) -> tuple[str, ...]:
    """The fields of a kind of record."""
    return tuple(name for name in KINDS[kind] if name not in NO_FIELDS)


def fields_text(kind: str, rows: pl.DataFrame) -> pl.Series:
    """The fields of records as JSON, for each record one text; equal records have equal texts.

    Args:
        kind: one of `KINDS`.
        rows: records with at least the fields of that kind.

    Returns:
        the texts, named `fields`. Moments stand in them as `2026-01-31T08:00:00.000Z`.
    """
    told = [
        pl.col(name).dt.strftime(_MOMENT) if isinstance(dtype, pl.Datetime) else pl.col(name)
        for name, dtype in _fields_schema(kind).items()
    ]
    return rows.select(pl.struct(told).struct.json_encode().alias("fields")).to_series()


def fields_frame(kind: str, texts: pl.Series) -> pl.DataFrame:
    """Records of their JSON, as `fields_text` makes it; a field that is not in a text is null.

    Args:
        kind: one of `KINDS`.
        texts: the texts.

    Returns:
        one row for each text, with the fields of that kind.

    Raises:
        polars.exceptions.ComputeError: a text is no JSON of such fields.
    """
    schema = _fields_schema(kind)
    plain = pl.Struct({name: pl.String if isinstance(each, pl.Datetime) else each for name, each in schema.items()})
    read = texts.str.json_decode(plain).struct.unnest()
    moments = [name for name, each in schema.items() if isinstance(each, pl.Datetime)]
    return read.with_columns(pl.col(moments).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", time_zone="UTC"))


_MOMENT: Final = "%Y-%m-%dT%H:%M:%S%.3fZ"


def _fields_schema(kind: str) -> dict[str, pl.DataType]:
    return {name: dtype for name, dtype in KINDS[kind].items() if name not in NO_FIELDS}


def empty(kind: str) -> pl.DataFrame:
    """A frame of a kind without records."""
    return pl.DataFrame(schema=KINDS[kind])


@dataclass(frozen=True)
class Gradebook:
    """A gradebook as it stands or should stand.

    Args:
        frames: one frame for each of `KINDS`.
        students: who is known in which class (`class`, `student`), where the gradebook's keeper can tell; else None.
    """

    frames: dict[str, pl.DataFrame] = field(default_factory=lambda: {kind: empty(kind) for kind in KINDS})
    students: pl.DataFrame | None = None
