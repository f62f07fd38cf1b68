"""Many rows that tell of the same record, made one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import polars as pl

from matricula.roster import FindingBook
from matricula.roster.draft import LISTED
from matricula.roster.findings import shortened
from matricula.roster.tables import LINE
from matricula.sources.tables.fields import LISTS

ID, FILE, ROWS = "id", "file", "rows"
_BESIDE = (ID, LINE, FILE, ROWS)
_FOLDED = frozenset({"username", "email"})


@dataclass
class Merged:
    """The records.

    Args:
        frame: a row for each, with `id`, the fields, and `line` and `file` of the first row.
        lost: ids of the records whose rows contradict each other in what a person is known by.
    """

    frame: pl.DataFrame
    lost: set[str] = field(default_factory=set)


def merge(
    rows: pl.DataFrame, table: str, book: FindingBook, identity: Collection[str] = (), lists: Collection[str] = ()
) -> Merged:
    """Make one record of all rows with the same id.

    A blank cell contradicts nothing. Values of lists are put together. Of other values that differ the one of most
    rows is taken and said; records that differ in their identity are left out.

    Args:
        rows: `id`, fields, `line` and `file`; rows without an id are passed over.
        table: the roster's table, for findings.
        book: where findings go.
        identity: fields that tell who somebody is.
        lists: fields that hold lists beside those that always do.
    """
    distinct = different(rows)
    fields = [name for name in rows.columns if name not in _BESIDE]
    if distinct[ID].n_unique() == distinct.height:
        return Merged(distinct.select(ID, *fields, LINE, FILE))
    listed = [name for name in fields if name in LISTS or name in lists]
    plain = [name for name in fields if name not in listed]
    merged = distinct.group_by(ID, maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in plain),
        *(_together(name) for name in listed),
        *(_kinds(name).alias(f"{name} kinds") for name in plain),
        pl.col(LINE).first(),
        pl.col(FILE).first(),
    )
    lost: set[str] = set()
    for name in plain:
        differing = merged.filter(pl.col(f"{name} kinds") > 1)[ID]
        if differing.is_empty():
            continue
        values = _values(distinct.filter(pl.col(ID).is_in(differing.implode())), name)
        if name in identity:
            lost.update(differing)
            _note(values, merged, table, name, "rows-contradict", book)
        else:
            _note(values, merged, table, name, "rows-differ", book)
            taken = values.group_by(ID, maintain_order=True).agg(pl.col(name).first().alias("taken"))
            merged = merged.join(taken, on=ID, how="left", maintain_order="left")
            merged = merged.with_columns(pl.coalesce("taken", name).alias(name)).drop("taken")
    return Merged(merged.filter(~pl.col(ID).is_in(sorted(lost))).select(ID, *fields, LINE, FILE), lost)


def different(rows: pl.DataFrame) -> pl.DataFrame:
    """One row of those that say the same, with `line` and `file` of the first and in `rows` how many there are."""
    rows = rows.filter(pl.col(ID).is_not_null())
    if ROWS not in rows.columns:
        rows = rows.with_columns(pl.lit(1, dtype=pl.UInt32).alias(ROWS))
    if rows[ID].hash().n_unique() == rows.height:
        return rows
    return (
        rows.group_by(name for name in rows.columns if name not in (LINE, FILE, ROWS))
        .agg(pl.col(LINE).min(), pl.col(FILE).first(), pl.col(ROWS).sum())
        .sort(LINE, ID)
    )


def _kinds(name: str) -> pl.Expr:
    cell = pl.col(name).drop_nulls()
    return (cell.str.to_lowercase() if name in _FOLDED else cell).n_unique()


def _together(name: str) -> pl.Expr:
    return (
        pl.col(name).drop_nulls().str.split(",").explode().drop_nulls().unique().sort().str.join(",").replace("", None)
    )


def _values(distinct: pl.DataFrame, name: str) -> pl.DataFrame:
    """The different values of one field, of each record the one of most rows first."""
    return (
        distinct.filter(pl.col(name).is_not_null())
        .group_by(ID, name, maintain_order=True)
        .agg(pl.col(ROWS).sum(), pl.col(LINE).first(), pl.col(FILE).first())
        .sort(ID, -pl.col(ROWS).cast(pl.Int64), name)
    )


def _note(values: pl.DataFrame, merged: pl.DataFrame, table: str, name: str, code: str, book: FindingBook) -> None:
    ids = values[ID].unique(maintain_order=True)
    shown = values.filter(pl.col(ID).is_in(ids.head(LISTED).implode()))
    for (key,), group in shown.group_by([ID], maintain_order=True):
        told = ", ".join(
            f"“{shortened(value)}” ({file} line {line})"
            for value, line, file in group.select(name, LINE, FILE).head(4).iter_rows()
        )
        who = _who(merged, str(key))
        end = "the record was left out" if code == "rows-contradict" else f"“{shortened(group[name][0])}” was taken"
        message = f"Rows of {who} differ in {name}: {told}; {end}."
        book.add(code, message, file=group[FILE][0], line=group[LINE][0], column=name, table=table, sourced_id=str(key))
    if ids.len() > LISTED:
        book.add(
            code,
            f"Rows of {ids.len() - LISTED} further records differ in {name}.",
            column=name,
            table=table,
            count=ids.len() - LISTED,
        )


def _who(merged: pl.DataFrame, key: str) -> str:
    row: Sequence[dict[str, str | None]] = merged.filter(pl.col(ID) == key).to_dicts()
    names = [row[0].get(field) for field in ("givenName", "familyName", "title", "name")] if row else []
    name = " ".join(each for each in names if each)
    return f"“{name}” ({key})" if name else f"“{key}”"
