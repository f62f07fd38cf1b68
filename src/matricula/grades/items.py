"""Items of Moodle's gradebooks as line items of classes, and what they are sorted into."""

from typing import Final

import polars as pl

from matricula.grades.numbers import PLACES, points_of, rounded
from matricula.grades.rules import report
from matricula.grades.titles import told_apart
from matricula.grades.wanted import Learnt
from matricula.grades.weights import WHOLE, categories_of
from matricula.profiles.conditions import like
from matricula.profiles.documents.grades import GradeItemRules, GradeRules, ItemKind
from matricula.roster import Finding

GRADED: Final = "graded"
"""The state of a grade that was given."""
TOTALS: Final = ("course", "category")
"""Kinds of items that follow from others."""
KIND_TITLES: Final[dict[ItemKind, str]] = {
    "assign": "Assignments",
    "quiz": "Quizzes",
    "lesson": "Lessons",
    "manual": "Columns made by hand",
    "other": "Other activities",
}
"""Titles of the categories of `categories: kind`."""
_MODULES: Final = ("assign", "quiz", "lesson")


def items_of(learnt: Learnt, rules: GradeRules, classes: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """The items that are transferred, one row for each class that shares their course.

    Args:
        learnt: what was read of the site.
        rules: the profile's part on grades.
        classes: `course`, `class` and `in`.

    Returns:
        `key`, `item`, `course`, `class`, `in`, `title`, `description`, `category` (key), `categoryTitle` (null where
        there is none of its own), `share` (percent of the course that the item counts, null where unknown), `whole`
        (the most that can be had in the course), `scaled` (whether a Moodle scale is behind it), `minimum`, `maximum`
        (as in Moodle), `low`, `high` (as sent), `assigned` and `due`; and findings.
    """
    every = learnt.items.filter(~pl.col("kind").is_in(TOTALS)).join(classes, on="course")
    every = every.with_columns(
        kind=_kind(),
        plain=pl.coalesce(_filled("name"), pl.format("Item {}", "item")),
        key=pl.format("i{}\t{}", "item", "class"),
    )
    every, shared = told_apart(every, "plain", pl.col("item"), "idnumber")
    every = every.with_columns(description="plain")
    there = every.filter(pl.col("gone_at").is_null() & _taken(rules.items))
    categories = categories_of(learnt)
    rows = _with_shares(_with_categories(_with_days(there, learnt), categories, rules), categories, learnt)
    rows = _with_range(rows, learnt, rules)
    usable = (pl.col("maximum") > pl.col("minimum")).fill_null(value=False) & pl.col("maximum").is_finite()
    findings = report(rows.filter(~usable).with_columns(value=_shown("maximum")), "grade-item-without-maximum")
    rows = rows.filter(usable)
    if rules.weighting == "moodle":
        # An item in which nobody has a grade has no weight in Moodle yet.
        graded = learnt.grades.filter((pl.col("state") == GRADED) & pl.col("gone_at").is_null()).select("item")
        unweighted = rows.filter(pl.col("share").is_null()).join(graded, on="item", how="semi")
        findings += report(unweighted.with_columns(value=pl.lit("")), "grade-item-without-weight")
        rows = rows.filter(pl.col("share") > 0)
    shared = shared.join(rows, on="key", how="semi")
    return rows, [*report(shared, "grade-item-name-shared", label="plain"), *findings]


def _kind() -> pl.Expr:
    module = pl.col("module")
    of_module = pl.when(module.is_in(_MODULES)).then(module).when(module.fill_null("") != "").then(pl.lit("other"))
    return pl.coalesce(of_module, pl.when(pl.col("kind") == "manual").then("kind"), pl.lit("other"))


def _taken(rules: GradeItemRules) -> pl.Expr:
    taken = pl.col("kind").is_in(rules.kinds)
    if rules.names:
        taken &= like(pl.col("plain"), rules.names)
    if rules.without:
        taken &= ~like(pl.col("plain"), rules.without)
    if rules.numbered:
        taken &= _filled("idnumber").is_not_null()
    return taken if rules.hidden else taken & (pl.col("hidden") == 0)


def _with_days(rows: pl.DataFrame, learnt: Learnt) -> pl.DataFrame:
    def day(name: str) -> pl.Expr:
        seconds = pl.when(pl.col(name) > 0).then(name)
        return pl.from_epoch(seconds * 1000, "ms").dt.replace_time_zone("UTC")

    days = learnt.activities.filter(pl.col("gone_at").is_null()).select(
        "module", "instance", assigned=day("opens"), due=pl.coalesce(day("due"), day("closes"))
    )
    days = days.unique(["module", "instance"], keep="first")
    return rows.join(days, on=["module", "instance"], how="left", maintain_order="left")


def _with_categories(rows: pl.DataFrame, categories: pl.DataFrame, rules: GradeRules) -> pl.DataFrame:
    """Rows with the category that each goes into, its own title, and `place`, the one that it has in Moodle."""
    named = pl.coalesce(_filled("name"), pl.format("Category {}", "category"))
    placed = categories.filter(~pl.col("root")).select("category", place="category", placeTitle=named)
    rows = rows.join(placed, on="category", how="left", maintain_order="left")
    if rules.categories == "moodle":
        key = pl.format("c{}:{}", "course", pl.col("place").cast(pl.String).fill_null(""))
        title = pl.col("placeTitle")
    elif rules.categories == "kind":
        key, title = pl.format("c:{}", "kind"), pl.col("kind").replace_strict(KIND_TITLES, return_dtype=pl.String)
    else:
        key, title = pl.lit("c:"), pl.lit(None, pl.String)
    return rows.with_columns(category=pl.format("{}\t{}", key, "class"), categoryTitle=title)


def _with_shares(rows: pl.DataFrame, categories: pl.DataFrame, learnt: Learnt) -> pl.DataFrame:
    """Rows with what an item counts in its course: its weight, times those of the categories that it stands in."""
    totals = learnt.items.filter((pl.col("kind") == "course") & (pl.col("maximum") > 0))
    whole = totals.select("course", whole="maximum").unique("course", keep="first")
    rows = rows.join(categories.select("path", place="category"), on="place", how="left")
    rows = rows.join(whole, on="course", how="left").sort("item", "class")
    above = pl.when(pl.col("place").is_null()).then(WHOLE).otherwise("path")
    return rows.with_columns(share=above * pl.col("weight") / WHOLE, whole=pl.col("whole").fill_null(WHOLE))


def _with_range(rows: pl.DataFrame, learnt: Learnt, rules: GradeRules) -> pl.DataFrame:
    """Rows with the range of their grades in Moodle, and with that in which they are sent."""
    rows = rows.with_columns(pl.col("minimum").fill_null(0.0), scaled=pl.col("scale").is_not_null())
    if rules.scales:
        words = learnt.grades.join(rows.filter("scaled").select("item").unique(), on="item", how="semi")
        words = words.filter(pl.col("state") == GRADED)
        numeric = words.group_by("item").agg(numeric=(points_of(pl.col("shown"), {}).is_not_null()).all())
        tabled = pl.col("scaled") & ~pl.col("numeric").fill_null(value=False)
        rows = rows.join(numeric, on="item", how="left", maintain_order="left").with_columns(
            minimum=pl.when(tabled).then(min(0.0, *rules.scales.values())).otherwise("minimum"),
            maximum=pl.when(tabled).then(max(rules.scales.values())).otherwise("maximum"),
        )
    low, high = pl.col("minimum"), pl.col("maximum")
    if rules.weighting == "moodle" and rules.scale != "letters":
        low, high = pl.lit(0.0), pl.col("share") * (pl.col("whole") / WHOLE if rules.scale == "points" else 1.0)
    elif rules.scale == "percent":
        low, high = pl.lit(0.0), pl.lit(WHOLE)
    return rows.with_columns(low=low, high=rounded(high, "none", PLACES))


def _filled(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)


def _shown(column: str) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null("none")
