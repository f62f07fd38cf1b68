"""A change: one named, reasoned act on one record, with its before and after."""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import polars as pl

#: Kinds of records in the order in which they depend on one another.
KINDS = (
    "category",
    "user",
    "course",
    "cohort",
    "group",
    "grouping",
    "grouping-member",
    "enrolment",
    "group-member",
    "cohort-member",
    "meta-link",
    "grade-category",
    "line-item",
    "result",
    "final-grade",
)

#: What a change does. `note` and `match` alone may leave the site as it is and only enter the ledger.
ACTIONS = (
    "create",
    "match",
    "update",
    "move",
    "revive",
    "show",
    "suspend",
    "hide",
    "archive",
    "remove",
    "unenrol",
    "delete",
    "note",
)

#: In `after` this stands for a record that is to be on the site no longer.
GONE = "gone"
#: In `written` this holds the key that a record of the ledger had before.
REPLACES = "replaces"

#: Columns of a plan's changes. `before`, `after` and `written` are JSON objects as text: what the site held, what
#: is to be set, and what the ledger will remember.
SCHEMA: dict[str, pl.DataType] = {
    "number": pl.Int64(),
    "kind": pl.String(),
    "action": pl.String(),
    "key": pl.String(),
    "moodle_id": pl.Int64(),
    "name": pl.String(),
    "person": pl.String(),
    "course": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
    "written": pl.String(),
    "origin": pl.String(),
    "reason": pl.String(),
    "place": pl.String(),
    "removes": pl.Boolean(),
}

_DEFAULTS: dict[str, Any] = {"origin": "made", "removes": False}


_NOTHING: Mapping[str, Any] = MappingProxyType({})


def holds(after: Mapping[str, Any], seen: Mapping[str, Any] | None) -> bool:
    """Whether a record is as a change would make it.

    Args:
        after: what the change sets.
        seen: the record's fields on the site; None where it is not there.
    """
    if after.get(GONE):
        return seen is None
    return seen is not None and all(seen.get(name) == value for name, value in after.items())


class Change(NamedTuple):
    """One change of a stored plan, its JSON columns read.

    Arguments are the columns of `SCHEMA`, and `written_text`, which is `written` as it was stored.
    """

    number: int
    kind: str
    action: str
    key: str
    moodle_id: int | None
    name: str
    person: str | None
    course: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    written: Mapping[str, Any]
    origin: str
    reason: str
    place: str
    removes: bool
    written_text: str = "{}"


def read_changes(frame: pl.DataFrame) -> list[Change]:
    """The rows of a plan's frame as changes."""
    columns = frame.select(*SCHEMA).to_dict(as_series=False)
    texts = [text or "{}" for text in columns["written"]]
    for name in ("before", "after", "written"):
        columns[name] = [_read_text(text) if text else _NOTHING for text in columns[name]]
    return [Change(*values) for values in zip(*columns.values(), texts, strict=True)]


@lru_cache(maxsize=1024)
def _read_text(text: str) -> Mapping[str, Any]:
    """Thousands of enrolments share a handful of texts."""
    return MappingProxyType(json.loads(text))


def changes_frame(rows: pl.DataFrame | list[dict[str, Any]], **same: Any) -> pl.DataFrame:
    """Changes from rows that have some of the columns, with the rest equal for all or empty.

    Args:
        rows: a frame, or dictionaries, with columns of `SCHEMA`; others are dropped.
        same: values for columns that all rows share.
    """
    if isinstance(rows, list):
        if not rows:
            return pl.DataFrame(schema=SCHEMA)
        columns = {name: SCHEMA[name] for name in SCHEMA if any(name in row for row in rows)}
        rows = pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=columns)
    given = _DEFAULTS | same
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(given.get(name))).cast(dtype).alias(name)
        for name, dtype in SCHEMA.items()
    )


def to_json(fields: Mapping[str, Any]) -> str:
    """Fields as the JSON text that frames hold."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
