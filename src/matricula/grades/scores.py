"""Grades of Moodle as results: what was given, in the numbers and letters that are sent."""

from typing import Final

import polars as pl

from matricula.grades.items import GRADED
from matricula.grades.numbers import points_of, rounded, share_of, shown_number
from matricula.grades.rules import report
from matricula.grades.weights import WHOLE
from matricula.profiles.documents.grades import GradeRules, Letter
from matricula.roster import Finding

EXCUSED: Final = "excused"
_NO_LETTER: Final = ("", "-", "–")
#: Above the maximum by less than this is a matter of how floats are counted.
_NOISE: Final = 1e-7


def results_of(
    grades: pl.DataFrame, items: pl.DataFrame, students: pl.DataFrame, rules: GradeRules
) -> tuple[pl.DataFrame, list[Finding]]:
    """The results of items.

    Args:
        grades: `learnt_grade`.
        items: what `items_of` gave.
        students: `course`, `class`, `user`, `student` and `person`.
        rules: the profile's part on grades.

    Returns:
        the columns of `roster.gradebook.RESULTS` but `id`, with `person`, `title` and `in`; and findings.
    """
    columns = ("item", "course", "class", "in", "key", "title", "scaled", "minimum", "maximum", "share", "whole")
    there = grades.filter(pl.col("gone_at").is_null() & visible(rules)).drop("course", "share")
    if not rules.excused:
        there = there.filter(pl.col("state") != EXCUSED)
    rows = there.join(items.select(columns), on="item").join(
        students.select("course", "class", "user", "student", "person"), on=["course", "class", "user"]
    )
    rows, findings = _numbered(rows, rules)
    fraction = pl.col("fraction")
    percent = rounded(fraction * WHOLE, rules.rounding, rules.decimals)
    rows = rows.with_columns(score=rounded(_score(rules), rules.rounding, rules.decimals), percent=percent)
    text = pl.lit(None, pl.String)
    if rules.scale == "letters":
        text = pl.when(pl.col("state") == GRADED).then(letter_of(rules.letters))
    rows = rows.with_columns(text=text)
    if rules.scale == "letters":
        bare = rows.filter((pl.col("state") == GRADED) & pl.col("text").is_null())
        findings += report(_told(bare, _percent_shown()), "grade-without-letter")
    handed_in = pl.when(pl.col("submitted") > 0).then(pl.lit("submitted")).otherwise(pl.lit("not submitted"))
    status = pl.col("state").replace_strict({GRADED: "fully graded", EXCUSED: "exempt"}, default=None)
    seconds = pl.when((pl.col("state") == GRADED) & (pl.col("graded") > 0)).then("graded")
    return (
        rows.select(
            item="key",
            student="student",
            status=pl.coalesce(status, handed_in),
            score="score",
            text="text",
            comment=plain_text(pl.col("feedback")) if rules.comments else pl.lit(None, pl.String),
            scored=pl.from_epoch(seconds * 1000, "ms").dt.replace_time_zone("UTC"),
            person="person",
            title="title",
            key=pl.concat_str("key", "student", separator="\t"),
            **{"class": pl.col("class"), "in": pl.col("in")},
        ),
        findings,
    )


def numbers_of(rows: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """Grades with their number (`value`) and how far it is between minimum and maximum (`fraction`).

    A grade without a raw number is read off what the site shows. Grades that are not finite are left out.

    Args:
        rows: with `raw`, `shown`, `percentage`, `minimum`, `maximum`, `state`, `title` and `in`.
    """
    given = pl.col("state") == GRADED
    infinite = given & ~pl.col("raw").is_finite().fill_null(value=True)
    findings = report(_told(rows.filter(infinite), pl.col("raw").cast(pl.String)), "grade-not-finite")
    value = pl.when(given).then(pl.coalesce("raw", shown_number(pl.col("shown"))))
    rows = rows.filter(~infinite).with_columns(value=value)
    shown = pl.when(given).then(shown_number(pl.col("percentage")) / WHOLE)
    return rows.with_columns(
        fraction=pl.coalesce(share_of(pl.col("value"), pl.col("minimum"), pl.col("maximum")), shown)
    ), findings


def letter_of(table: tuple[Letter, ...]) -> pl.Expr:
    """The letter for `percent`; by a table, else the one that Moodle shows (`letter`); null where there is none."""
    if not table:
        shown = pl.col("letter").str.strip_chars()
        return pl.when(~shown.is_in(_NO_LETTER)).then(shown)
    found = pl.lit(None, pl.String)
    for each in sorted(table, key=lambda letter: letter.from_percent):
        found = pl.when(pl.col("percent") >= each.from_percent).then(pl.lit(each.letter)).otherwise(found)
    return found


def plain_text(html: pl.Expr) -> pl.Expr:
    """Feedback without its HTML; null where nothing is left."""
    lines = html.str.replace_all(r"(?i)<br\s*/?>|</(?:p|div|li|h[1-6])>", "\n")
    bare = lines.str.replace_all(r"<[^>]*>", "").str.replace_many(_ENTITIES).str.replace_all("&amp;", "&", literal=True)
    tidy = bare.str.replace_all(r"[ \t\u00a0]+", " ").str.replace_all(r"\s*\n\s*", "\n").str.strip_chars()
    return pl.when(tidy != "").then(tidy)


_ENTITIES: Final = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&#039;": "'", "&#39;": "'", "&nbsp;": " "}


def visible(rules: GradeRules) -> pl.Expr:
    """Whether a profile takes a grade: hidden ones and those of former people only where it says so."""
    taken = pl.lit(value=True)
    if not rules.items.hidden:
        taken &= pl.col("hidden") == 0
    if not rules.former:
        taken &= pl.col("former") == 0
    return taken


def _numbered(rows: pl.DataFrame, rules: GradeRules) -> tuple[pl.DataFrame, list[Finding]]:
    """Grades with their numbers, those of scales by the words of these; without rows that lack what is to be sent."""
    rows, findings = numbers_of(rows)
    words = pl.when((pl.col("state") == GRADED) & pl.col("scaled")).then(points_of(pl.col("shown"), rules.scales))
    value = pl.when("scaled").then(words).otherwise("value")
    own = share_of(words, pl.col("minimum"), pl.col("maximum"))
    rows = rows.with_columns(value=value, fraction=pl.when("scaled").then(own).otherwise("fraction"))
    needed = "fraction" if rules.scale == "percent" or rules.weighting == "moodle" else "value"
    lacking = (pl.col("state") == GRADED) & pl.col(needed).is_null()
    if rules.scale == "letters":
        lacking &= _lettered(rules).not_()
    missing = rows.filter(lacking)
    above = rows.filter(pl.col("value") > pl.col("maximum") + _NOISE)
    return rows.filter(~lacking), [
        *findings,
        *_scales_told(missing.filter("scaled")),
        *report(_told(missing.filter(~pl.col("scaled")), pl.col("shown")), "grade-without-number"),
        *report(_told(above, pl.format("{} of {}", "value", "maximum")), "grade-above-maximum"),
    ]


def _lettered(rules: GradeRules) -> pl.Expr:
    """Whether Moodle's own letter is sent, for which no number is needed."""
    return letter_of(()).is_not_null() if not rules.letters else pl.lit(value=False)


def _scales_told(rows: pl.DataFrame) -> list[Finding]:
    return report(_told(rows, pl.col("shown")), "grade-scale-without-points")


def _score(rules: GradeRules) -> pl.Expr:
    if rules.weighting == "moodle" and rules.scale != "letters":
        whole = pl.col("whole") / WHOLE if rules.scale == "points" else 1.0
        return pl.col("fraction") * pl.col("share") * whole
    return pl.col("fraction") * WHOLE if rules.scale == "percent" else pl.col("value")


def _percent_shown() -> pl.Expr:
    return pl.coalesce(pl.format("{} %", pl.col("percent")), pl.lit("no percentage"))


def _told(rows: pl.DataFrame, value: pl.Expr) -> pl.DataFrame:
    return rows.select("title", "in", value=value)
