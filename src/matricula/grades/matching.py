"""Which item of Moodle is which item that the school's system has already, as Classter matches assessments."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from matricula.grades.rules import report
from matricula.grades.wanted import Wanted
from matricula.profiles.documents.grades import GradeRules, Matching
from matricula.roster import Finding
from matricula.roster.gradebook import Gradebook

_ITEM: Final = "line-item"
_BY: Final[Mapping[Matching, tuple[str, ...]]] = {
    "description": ("words",),
    "range-exact": ("minimum", "maximum"),
    "range-maximum": ("maximum",),
    "range-first": (),
}
"""What has to be the same, beside the class."""


@dataclass(frozen=True)
class Bindings:
    """Items of Moodle with the items of the school's system that they are.

    Args:
        ids: the id in the school's system by the key of the item: those that were bound before, and new ones.
        new: `key`, `id` and `by` of the new ones: the way of matching, or `key` where the school's system kept ours.
        findings: what was not clear.
    """

    ids: Mapping[str, str]
    new: pl.DataFrame
    findings: tuple[Finding, ...]


def bind(wanted: Wanted, standing: Gradebook, bound: Mapping[str, str], rules: GradeRules) -> Bindings:
    """Find the items that are in the school's system already.

    One item there is bound to one of Moodle and never to two. Items of Moodle are taken in the order of their numbers,
    those of the school's system in that of their ids, so that the order of rows is of no consequence.

    Args:
        wanted: what the gradebook should hold.
        standing: what it holds.
        bound: the ids of items bound before, by key; they stay, whether they are there or not.
        rules: the profile's part on grades, of which `match` counts.
    """
    names = wanted.names.filter(pl.col("kind") == _ITEM).select("key", "in")
    ours = wanted.book.frames[_ITEM].join(names, on="key", how="left")
    ours = ours.filter(~pl.col("key").is_in(list(bound))).with_columns(_words(pl.col("description")), _from_zero())
    order = [pl.col("key").str.extract(r"^i(\d+)", 1).cast(pl.Int64), "key"]
    ours = ours.sort(order, nulls_last=True)
    there = standing.frames[_ITEM].filter(pl.col("id").is_not_null() & ~pl.col("id").is_in(list(bound.values())))
    # An item that has no description of its own is known by its title.
    there = there.with_columns(_words(pl.coalesce(_filled("description"), "title")), _from_zero())
    there = there.unique("id", keep="first").sort(pl.col("id").str.len_chars(), "id")
    kept = ours.select("key").join(there.select("key", "id"), on="key").unique("key", keep="first", maintain_order=True)
    found = [kept.select("key", "id", by=pl.lit("key"))]
    findings: list[Finding] = []
    for way in rules.match:
        taken = pl.concat(found)
        free, open_ = there.join(taken, on="id", how="anti"), ours.join(taken, on="key", how="anti")
        pairs = _paired(open_, free, ("class", *_BY[way]))
        found.append(pairs.select("key", "id", by=pl.lit(way)))
        findings += _unclear(open_, free, pairs, way)
    new = pl.concat(found).sort("key")
    return Bindings({**bound, **dict(new.select("key", "id").iter_rows())}, new, tuple(findings))


def _paired(ours: pl.DataFrame, there: pl.DataFrame, same: Collection[str]) -> pl.DataFrame:
    """The first with the first, the second with the second, among those that have the same."""
    keys = [*same, "_place"]
    place = pl.int_range(pl.len()).over(list(same)).alias("_place")
    return (
        ours.with_columns(place)
        .join(there.with_columns(place).select("id", *keys), on=keys, suffix="_there")
        .select("key", id="id_there")
    )


def _unclear(ours: pl.DataFrame, there: pl.DataFrame, pairs: pl.DataFrame, way: Matching) -> list[Finding]:
    """Items whose description several have. With ranges this is usual, and says nothing."""
    if way != "description":
        return []
    counts = there.group_by("class", "words").agg(pl.len().alias("value"))
    told = ours.join(counts, on=["class", "words"])
    many = pl.len().over("class", "words")
    contested = told.with_columns(many=many).filter(pl.col("many") > pl.col("value")).join(pairs, on="key", how="anti")
    several = told.with_columns(many=many).filter(pl.col("many") < pl.col("value")).join(pairs, on="key", how="semi")
    return [*report(contested, "grade-item-match-contested"), *report(several, "grade-item-match-several")]


def _words(text: pl.Expr) -> pl.Expr:
    tidy = text.str.strip_chars()
    return pl.when(tidy != "").then(tidy).alias("words")


def _from_zero() -> pl.Expr:
    """Where no minimum is said it is 0."""
    return pl.col("minimum").fill_null(0.0)


def _filled(column: str) -> pl.Expr:
    return pl.when(pl.col(column).str.strip_chars() != "").then(column)
