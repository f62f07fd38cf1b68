"""Many records of a site at once, as frames: what the plugin local_matricula packs into columns."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from matricula.moodle.family import Caller
from matricula.moodle.plugin_calls import COLUMNS, FILTERED, GET_SNAPSHOT, Kind, type_of
from matricula.moodle.shapes import Record, number, record, text, unexpected

Where = Mapping[str, Collection[int] | Collection[str]]
"""A condition: one column and the values it may have, such as `{"courseid": [4, 7]}`."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Records of one kind as they stood.

    Args:
        frame: one row each, in the order of their ids.
        now: the site's clock at the last call, in seconds since 1970; 0 where nothing was asked.
    """

    frame: pl.DataFrame
    now: int


def read_snapshot(moodle: Caller, kind: Kind, fields: Sequence[str] = (), where: Where | None = None) -> Snapshot:
    """Reads records of one kind (`local_matricula_get_snapshot`), page by page.

    Args:
        moodle: the client.
        kind: kind of records.
        fields: the columns wanted, in their order; all that the site has where none is named.
        where: which records; all where it is None. One without values finds nothing.

    Raises:
        Refused: there is no such column on the site.
        NotMoodle: something else than columns came.
        MoodleError: one of the tree.
    """
    frames, now = [], 0
    for part in _parts(where):
        for frame, told in _pages(moodle, kind, fields, part):
            frames.append(frame)
            now = told
    found = pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
    if not found.width:
        found = pl.DataFrame(schema={name: type_of(kind, name) or pl.String() for name in fields or COLUMNS[kind]})
    return Snapshot(found.unique("id", maintain_order=True) if len(frames) > 1 and "id" in found else found, now)


def unpack(answer: Record, key: str, function: str, *, wrote: bool = False) -> Any:
    """The packed value of an answer.

    Raises:
        NotMoodle: it is missing or no JSON.
        InDoubt: likewise, after a write.
    """
    value = answer.get(key)
    try:
        return json.loads(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, RecursionError):
        raise unexpected(f"a packed value named {key}", value, function, wrote=wrote) from None


def pack(value: Any) -> str:
    """A value as it travels in one form field."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parts(where: Where | None) -> Iterator[str]:
    if where is None:
        yield ""
        return
    ((column, values),) = where.items()
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), FILTERED):
        yield pack({column: wanted[start : start + FILTERED]})


def _pages(moodle: Caller, kind: Kind, fields: Sequence[str], where: str) -> Iterator[tuple[pl.DataFrame, int]]:
    after = 0
    while True:
        values = {"kind": kind, "fields": pack(list(fields)) if fields else "", "filter": where, "after": after}
        answer = record(moodle.read(GET_SNAPSHOT, values), GET_SNAPSHOT)
        count, following = number(answer, "count", GET_SNAPSHOT), number(answer, "next", GET_SNAPSHOT)
        yield _frame(kind, fields, answer, count), number(answer, "now", GET_SNAPSHOT)
        if not following:
            return
        if following <= after:
            raise unexpected("a later page", text(answer, "next"), GET_SNAPSHOT)
        after = following


def _frame(kind: Kind, fields: Sequence[str], answer: Record, count: int) -> pl.DataFrame:
    columns = unpack(answer, "columns", GET_SNAPSHOT)
    if not columns and not count:
        columns = {name: [] for name in fields or COLUMNS[kind]}
    if not isinstance(columns, dict) or not all(isinstance(each, list) for each in columns.values()):
        raise unexpected("columns", columns, GET_SNAPSHOT)
    if any(len(values) != count for values in columns.values()):
        raise unexpected(f"columns of {count} values", columns, GET_SNAPSHOT)
    if missing := [name for name in fields if name not in columns]:
        raise unexpected(f"the column {missing[0]}", columns, GET_SNAPSHOT)
    names = fields or columns
    typed = {name: dtype for name in names if (dtype := type_of(kind, name)) is not None}
    return pl.DataFrame([_series(name, columns[name], dtype) for name, dtype in typed.items()])


def _series(name: str, values: list[Any], dtype: pl.DataType) -> pl.Series:
    """One column in its type; databases may tell numbers as texts, and PHP texts of digits as numbers."""
    try:
        return pl.Series(name, values, dtype=dtype)
    except (TypeError, pl.exceptions.PolarsError):
        pass
    try:
        told = pl.Series(name, [None if each is None else _plain(each) for each in values], dtype=pl.String)
        return told.cast(dtype)
    except pl.exceptions.PolarsError:
        raise unexpected(f"numbers in the column {name}", values, GET_SNAPSHOT) from None


def _plain(value: Any) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
