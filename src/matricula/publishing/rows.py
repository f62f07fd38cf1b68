"""What the rows of all tables share: how they are worked out of what came and what stands in the table."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import polars as pl

from matricula.planning import ENTITIES
from matricula.profiles import Desired
from matricula.profiles.moodle_fields import Write
from matricula.publishing.shape import KEY
from matricula.roster import Finding

#: Stands behind the name of a column in that of what the table holds now.
NOW = " now"


@dataclass(frozen=True)
class Rows:
    """The rows of one table as they should be.

    Args:
        frame: rows to stand there, new or with all their values: the key, the table's columns, `name`, `person`,
            `course` and `place`. Rows of the table that are neither here nor removed stay as they are.
        removed: keys of rows that are to go, with the `reason`.
        left: keys of records that are in no table.
        refused: keys of records that were left out for an error.
        findings: records that could not be taken as they are.
    """

    frame: pl.DataFrame
    removed: pl.DataFrame
    left: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()


def joined(wanted: pl.DataFrame, current: pl.DataFrame) -> pl.DataFrame:
    """Wanted rows with what the table holds of them, in columns that end in ` now`; null where it holds none."""
    renamed = {name: f"{name}{NOW}" for name in current.columns if name != KEY}
    return wanted.join(current.rename(renamed), on=KEY, how="left", maintain_order="left")


def written(column: str, way: Write, updated: pl.Expr) -> pl.Expr:
    """The value that a column gets: as the profile has it written, and what stands there where nothing is known.

    Args:
        column: the column, of text.
        way: how the profile has the field written.
        updated: whether the record is kept in step.
    """
    # PostgreSQL has no place for NUL, and one such character would stop the publication.
    now, came = pl.col(f"{column}{NOW}"), pl.col(column).str.replace_all("\x00", "", literal=True)
    empty = now.fill_null("") == ""
    kept = {"in-step": pl.lit(value=False), "create-only": now.is_not_null(), "if-empty": ~empty}[way]
    kept = kept | (now.is_not_null() & ~updated)
    return pl.when(kept).then(now).otherwise(came).fill_null(now).fill_null("")


def among(column: str, values: Collection[str]) -> pl.Expr:
    """Whether a column holds one of some values; false where it holds none."""
    return pl.col(column).is_in(pl.Series(sorted(values), dtype=pl.String).implode()).fill_null(value=False)


def gone(desired: Desired, kind: str, current: pl.DataFrame) -> pl.DataFrame:
    """Rows of the table whose records left the roster, with the `reason`; none where absence says nothing.

    Args:
        desired: what the site should hold, and of which kinds all has come.
        kind: the kind.
        current: the table as it stands.
    """
    absent = current.rename({KEY: "key"}).join(desired.parts[kind].frame, on="key", how="anti")
    entity = ENTITIES[kind]
    found = entity.truly_gone(absent, desired) if kind in desired.complete else absent.clear()
    return found.rename({"key": KEY}).with_columns(reason=pl.lit(entity.absence))


def apart(rows: pl.DataFrame, others: pl.DataFrame, marks: Sequence[pl.Expr]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Rows that are to stand in the table, and those left out since they could be taken for others.

    A row that stands there stays; of new ones with the same mark none is taken.

    Args:
        rows: all rows that are to stand in the table, with the columns of `joined`.
        others: rows of other records that count, too.
        marks: what must differ between two rows; empty ones do not count.
    """
    now = next(name for name in rows.columns if name.endswith(NOW))
    named = [mark.alias(f"mark{number}") for number, mark in enumerate(marks)]
    every = pl.concat(
        [rows.select(KEY, *named, new=pl.col(now).is_null()), others.select(KEY, *named, new=pl.lit(value=False))]
    )
    shared = pl.any_horizontal(
        (pl.col(f"mark{n}") != "") & pl.col(f"mark{n}").is_duplicated() for n in range(len(marks))
    )
    refused = rows.join(every.filter(shared & pl.col("new")), on=KEY, how="semi", maintain_order="left")
    return rows.join(refused, on=KEY, how="anti", maintain_order="left"), refused
