"""Records that the site holds just as they were written, found at once by comparing whole frames.

Where nothing was edited, which is nearly everywhere, the exact and slow comparison record by record would find nothing.
It is left for those that differ in anything here. The plugin local_matricula reads what is compared with one call.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final

import polars as pl

from matricula.moodle import Refused
from matricula.moodle.plugin_calls import Kind
from matricula.planning.change import GONE, to_json
from matricula.planning.entity import LEFT, AsWritten
from matricula.planning.ground import Ground
from matricula.profiles.moodle_fields import Write

#: Columns of the rows that are compared: what is remembered of a record, and what the site is to hold of it.
ROWS: Final = ("key", "moodle_id", "origin", "written", "expected")
_ID: Final = "moodle_id"


def rows_of(wanted: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """The records that can be compared so, in the columns `ROWS`.

    Args:
        wanted: desired records that the ledger holds. Those of which the roster says something else than was written
            are left out.
        gone: records that left the roster and are there still: of them the fields that their removal set count.
    """
    live = wanted.filter(~pl.col("removed"), pl.col("fields") == pl.col("written")).with_columns(expected="written")
    left = gone.with_columns(expected=pl.col("written").map_elements(_left, return_dtype=pl.String))
    return pl.concat([live.select(ROWS), left.select(ROWS)])


def _left(written: str) -> str:
    fields = json.loads(written)
    return to_json({name: fields[name] for name in fields.get(LEFT, ()) if name != GONE})


def in_step_names(rows: pl.DataFrame, marks: Collection[str], writes: Mapping[str, Write]) -> list[str]:
    """The fields that are compared: all that was written and is kept in step.

    Rows of desired records have the same fields all, since what is desired equals what was written.

    Args:
        rows: in the columns `ROWS`.
        marks: fields that are remembered and never sent.
        writes: how single fields are written.
    """
    named = rows["expected"].head(1).to_list()
    fields = json.loads(named[0]) if named else {}
    return [name for name in fields if name not in marks and writes.get(name, "in-step") == "in-step"]


def read(
    ground: Ground,
    kind: Kind,
    columns: Iterable[str],
    ids: Collection[int],
    told: Callable[[pl.DataFrame], pl.DataFrame],
) -> pl.DataFrame | None:
    """Columns of records as the site holds them now; None where it cannot tell one of them.

    Args:
        ground: the site.
        kind: kind of record.
        columns: by the plugin's names for them.
        ids: the records.
        told: gives the columns the names and forms that profiles have for them.
    """
    try:
        frame = ground.moodle.plugin.snapshot(kind, list(dict.fromkeys(("id", *columns))), {"id": ids})
    except Refused:  # a custom field that is mapped and that the site does not have
        return None
    return told(frame)


def compared(rows: pl.DataFrame, seen: pl.DataFrame, names: Collection[str], telling: Collection[str]) -> AsWritten:
    """The records that hold what was written.

    Args:
        rows: in the columns `ROWS`.
        seen: what the site holds: `id`, and a column for each of the names that it tells; null where it tells nothing.
        names: fields that are kept in step; the others are not compared.
        telling: fields by which a record is recognised; one at least has to be there, and what it was.
    """
    there = [name for name in dict.fromkeys((*names, *telling)) if name in seen.columns]
    schema = {name: seen.schema[name] for name in there}
    written, expected = _decoded(rows, "written", schema), _decoded(rows, "expected", schema)
    if written is None or expected is None:
        return AsWritten()
    told = seen.rename({name: f"seen:{name}" for name in there}).rename({"id": _ID})
    both = pl.concat([rows.select("key", _ID), written, expected], how="horizontal").join(told, on=_ID)
    compare = [name for name in there if name in names]
    equal = {name: pl.col(f"expected:{name}") == pl.col(f"seen:{name}") for name in compare}
    untold = {name: pl.col(f"expected:{name}").is_null() | pl.col(f"seen:{name}").is_null() for name in compare}
    same = pl.any_horizontal(
        *[
            (pl.col(f"written:{name}") == pl.col(f"seen:{name}")).fill_null(value=False)
            & (pl.col(f"seen:{name}") != "")
            for name in telling
            if name in there
        ],
        pl.lit(value=False),
    )
    kept = both.filter(
        same & pl.all_horizontal(*[(equal[name] | untold[name]) for name in compare], pl.lit(value=True))
    )
    proofs = {
        name: ((equal[name]).fill_null(value=False) & _is_something(f"expected:{name}", schema[name])).any()
        for name in compare
    }
    proven = kept.select(**proofs).row(0, named=True) if proofs and kept.height else {}
    return AsWritten(frozenset(kept["key"].to_list()), frozenset(name for name, proved in proven.items() if proved))


def _is_something(column: str, dtype: pl.DataType) -> pl.Expr:
    return pl.col(column) != "" if dtype == pl.String else pl.lit(value=True)


def _decoded(rows: pl.DataFrame, column: str, schema: Mapping[str, Any]) -> pl.DataFrame | None:
    """The fields of JSON texts as columns; None where a text holds another type of value than the site tells."""
    try:
        told = rows[column].str.json_decode(pl.Struct(schema))
    except pl.exceptions.PolarsError:
        return None
    return told.struct.unnest().rename({name: f"{column}:{name}" for name in schema})
