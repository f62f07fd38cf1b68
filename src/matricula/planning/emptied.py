"""Emptied courses and categories: a loss that is small in a big school and all there is in one place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from matricula.planning.ground import Ground
from matricula.planning.limits import Hold, allowance_within, count_of, exceeded, taken_away
from matricula.profiles.documents import Allowance, Limits
from matricula.profiles.enrolment_frame import SEPARATOR

#: So many courses or categories are named in a message.
NAMED = 5

_COURSE = pl.col("key").str.splitn(SEPARATOR, 2).struct.field("field_1")


@dataclass(frozen=True)
class Stock:
    """What a plan may take something away from.

    Args:
        enrolments: those that are in force and that Matricula may end: `key`.
        courses: those that are in use: `key`, `name` and `category` (key).
        categories: `key`, `name` and `parent` (key; empty at the top).
    """

    enrolments: pl.DataFrame
    courses: pl.DataFrame
    categories: pl.DataFrame


def stock_of(ground: Ground) -> Stock:
    """What the ledger holds. Enrolments that were there before Matricula are not counted: it never ends them."""
    written = pl.col("written").str
    live = ~pl.col("removed")
    return Stock(
        enrolments=ground.ledger("enrolment")
        .lazy()
        .filter(live & (pl.col("origin") == "made"))
        .select("key")
        .collect(),
        courses=ground.ledger("course")
        .filter(live)
        .select("key", name=written.json_path_match("$.fullname"), category=written.json_path_match("$.category")),
        categories=ground.ledger("category").select(
            "key", name=written.json_path_match("$.name"), parent=written.json_path_match("$.parent").fill_null("")
        ),
    )


def emptied(changes: pl.DataFrame, staying: pl.Series, stock: Stock, limits: Limits, today: date) -> list[Hold]:
    """Why a plan that takes much away from one course or category waits.

    A course whose class leaves the roster goes as a whole: it counts in its category, and its enrolments do not.

    Args:
        changes: the plan's changes.
        staying: keys of the courses that the roster wants.
        stock: what was there before.
        limits: the profile's limits.
        today: the day, in the school's time zone, that decides whether a year's rollover is on.
    """
    acts = taken_away(changes).unique(["kind", "key"])
    leaving = acts.filter(pl.col("kind") == "course").select("key").join(stock.courses, on="key", how="semi")
    lost = (
        acts.filter(pl.col("kind") == "enrolment")
        .group_by(course=_COURSE)
        .agg(lost=pl.len())
        .filter(pl.col("course").is_in(staying.implode()))
        .join(leaving, left_on="course", right_on="key", how="anti")
    )
    in_course, in_category = (allowance_within(today, limits, each) for each in (limits.in_course, limits.in_category))
    enough = min(map(_least, (in_course, in_category)))
    if not lost["lost"].sum() > enough and not leaving.height > enough:
        return []
    held = stock.enrolments.group_by(course=_COURSE).agg(held=pl.len())
    table = stock.courses.join(held, left_on="key", right_on="course", how="left").join(
        lost, left_on="key", right_on="course", how="left"
    )
    table = table.with_columns(
        pl.col("held", "lost").fill_null(0),
        leaves=pl.col("key").is_in(leaving["key"].implode()),
        name=pl.coalesce("name", "key"),
    )
    over = [exceeded(lost, held, in_course) != "" for lost, held in table.select("lost", "held").iter_rows()]
    table = table.with_columns(over=pl.Series(over, dtype=pl.Boolean))
    return [*_courses(table), *_categories(table, stock.categories, in_category)]


def _least(allowance: Allowance) -> float:
    """Fewer than this exceed nothing."""
    share = (allowance.share or 0) * (allowance.floor or 0)
    return share if allowance.absolute is None else min(share, allowance.absolute)


def _courses(table: pl.DataFrame) -> list[Hold]:
    some = table.filter("over").select("name", "lost", "held").sort("name", "lost")
    found = [f"{name} ({lost:,} of {held:,})" for name, lost, held in some.iter_rows()]
    if not found:
        return []
    number = count_of("course", len(found))
    return [
        Hold(
            "course-emptied",
            f"The plan would take away many or all enrolments of {number} whose class stays in the roster: "
            f"{_some(found)}; so many in one course wait for a person.",
            f"empty {number}".replace(",", ""),
        )
    ]


def _categories(table: pl.DataFrame, categories: pl.DataFrame, allowance: Allowance) -> list[Hold]:
    parents = {key: parent for key, _, parent in categories.iter_rows()}
    names = {key: name for key, name, _ in categories.iter_rows()}
    # A category that holds all there is is judged by the limits of the kind.
    counted = _counted(table, parents).filter(pl.col("courses") < table.height)
    found: dict[str, list[str]] = {}
    for lost, of, noun in (("leaves", "courses", "courses"), ("lost", "held", "enrolments")):
        over = {
            place: f"{number:,} of {total:,} {noun}"
            for place, number, total in counted.select("place", lost, of).iter_rows()
            if exceeded(number, total, allowance)
        }
        for place, numbers in over.items():
            if not any(higher in over for higher in _above(place, parents)[1:]):
                found.setdefault(place, []).append(numbers)
    if not found:
        return []
    number = count_of("category", len(found))
    told = [f"{names.get(place) or place} ({' and '.join(each)})" for place, each in found.items()]
    return [
        Hold(
            "category-emptied",
            f"The plan would take away much or all of what is in {number}: {_some(told)}; so much in one category "
            "waits for a person.",
            f"empty {number}".replace(",", ""),
        )
    ]


def _counted(table: pl.DataFrame, parents: Mapping[str, str]) -> pl.DataFrame:
    """For each category and all below it its courses and those that leave, and the enrolments of those that stay."""
    above = {key: _above(key, parents) for key in table["category"].unique().drop_nulls()}
    chains = pl.DataFrame(
        {"category": list(above), "place": list(above.values())},
        schema={"category": pl.String, "place": pl.List(pl.String)},
    )
    # The enrolments of a course that leaves go with it, and those of an emptied one are told of already.
    counts = ~pl.col("leaves") & ~pl.col("over")
    return (
        table.join(chains, on="category")
        .explode("place")
        .group_by("place")
        .agg(pl.len().alias("courses"), pl.col("leaves").sum(), pl.col("lost", "held").filter(counts).sum())
        .sort("place")
    )


def _above(key: str, parents: Mapping[str, str]) -> list[str]:
    """A category and those that it lies in, the nearest first."""
    chain = [key]
    while (parent := parents.get(chain[-1])) and parent not in chain:
        chain.append(parent)
    return chain


def _some(told: Iterable[str]) -> str:
    every = list(told)
    more = f" and {len(every) - NAMED:,} more" if len(every) > NAMED else ""
    return ", ".join(every[:NAMED]) + more
