"""What categories of Moodle's gradebooks count in their course."""

from typing import Final

import polars as pl

from matricula.grades.wanted import Learnt

WHOLE: Final = 100.0
"""A whole course, in percent."""


def categories_of(learnt: Learnt) -> pl.DataFrame:
    """The categories that are there, with what they count.

    Moodle's categories stand in one another, those of a school's system side by side. So of a category counts what its
    own items count: its weight times those of the categories above it, less what the categories in it take. A category
    in which nobody has a grade yet has no weight in Moodle, and takes nothing.

    Args:
        learnt: what was read of the site; weights are in percent of the category above.

    Returns:
        `category`, `course`, `name`, `root` (whether it is the course itself), `path` (percent of the course that it
        counts with all that is in it) and `own` (percent that its own items count); null where a weight is not known.
    """
    there = learnt.categories.filter(pl.col("gone_at").is_null()).with_columns(root=_is_root(learnt))
    # Top categories name the root, nothing, or one that was not read.
    known = there.filter(~pl.col("root")).select(known="category")
    there = there.join(known, left_on="parent", right_on="known", how="left", coalesce=False).with_columns(
        above=pl.col("known")
    )
    paths = _paths(there)
    taken = there.filter(~pl.col("root")).group_by("above").agg(taken=pl.col("weight").sum())
    inner = paths.join(taken, left_on="category", right_on="above", how="left")
    inner = inner.with_columns(held=pl.col("category").is_in(taken["above"].drop_nulls().implode()))
    left = pl.when("held").then(WHOLE - pl.col("taken")).otherwise(WHOLE).clip(lower_bound=0.0)
    return inner.select("category", "course", "name", "root", "path", own=pl.col("path") * left / WHOLE)


def left_at_top(learnt: Learnt) -> pl.DataFrame:
    """What items count that stand in no category: `course` and `own`, for courses that have categories."""
    tops = (
        categories_of(learnt)
        .filter(~pl.col("root"))
        .join(learnt.categories.select("category", "parent", "weight"), on="category")
    )
    inner = tops.filter(~pl.col("parent").is_in(tops["category"].implode()).fill_null(value=False))
    return inner.group_by("course").agg(own=(WHOLE - pl.col("weight").sum()).clip(lower_bound=0.0))


def _is_root(learnt: Learnt) -> pl.Expr:
    """Whether a category is the one that a course's total stands for."""
    totals = learnt.items.filter(pl.col("kind") == "course")
    by_item = pl.col("item").is_in(totals["item"].implode())
    by_number = pl.col("category").is_in(totals["instance"].drop_nulls().implode())
    return by_item.fill_null(value=False) | by_number


def _paths(there: pl.DataFrame) -> pl.DataFrame:
    """Categories with what they count with all that is in them, level by level."""
    top = pl.when("root").then(WHOLE).otherwise("weight")
    done = there.filter(pl.col("above").is_null()).with_columns(path=top)
    found, waiting = [done], there.filter(pl.col("above").is_not_null())
    while not done.is_empty() and not waiting.is_empty():
        outer = done.select(above="category", outer="path")
        done = waiting.join(outer, on="above").with_columns(path=pl.col("outer") * pl.col("weight") / WHOLE)
        done = done.drop("outer")
        found.append(done)
        waiting = waiting.join(outer, on="above", how="anti")
    return pl.concat([*found, waiting.with_columns(path=pl.lit(None, pl.Float64))])
