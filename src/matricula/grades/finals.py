"""Totals of courses as final grades of report cards."""

from datetime import date
from typing import Final

import polars as pl

from matricula.grades.items import GRADED
from matricula.grades.numbers import rounded
from matricula.grades.periods import placed_in_time
from matricula.grades.places import Places
from matricula.grades.rules import report
from matricula.grades.scores import letter_of, numbers_of, plain_text, visible
from matricula.grades.wanted import Learnt
from matricula.grades.weights import WHOLE
from matricula.profiles.documents.grades import GradeRules
from matricula.roster import Finding, Roster
from matricula.roster.gradebook import FINALS

TITLE: Final = "Final grade"
_WHERE: Final = "grades.final.marking_period"
_COLUMNS: Final = pl.Schema(
    {name: kind for name, kind in FINALS.items() if name != "id"} | {"person": pl.String(), "in": pl.String()}
)


def sessions_of_finals(
    rules: GradeRules, where: Places, roster: Roster, today: date
) -> tuple[pl.DataFrame, list[Finding]]:
    """The session of the report cards of each class: `course`, `class` and `session`; and findings.

    Raises:
        SettingError: there is no session of the name that the profile has.
    """
    if rules.final is None:
        return pl.DataFrame(schema={"course": pl.Int64, "class": pl.String, "session": pl.String}), []
    classes = where.classes.with_columns(day=pl.lit(None, pl.Date), title=pl.lit(TITLE))
    found, findings = placed_in_time(classes, rules.final.marking_period, roster, today, _WHERE)
    return found.select("course", "class", "session"), findings


def finals_of(
    learnt: Learnt, rules: GradeRules, where: Places, sessions: pl.DataFrame
) -> tuple[pl.DataFrame, list[Finding]]:
    """The final grades.

    Args:
        learnt: what was read of the site.
        rules: the profile's part on grades.
        where: classes and students.
        sessions: what `sessions_of_finals` gave.

    Returns:
        the columns of `roster.gradebook.FINALS` but `id`, with `person` and `in`; and findings.
    """
    final = rules.final
    if final is None:
        return pl.DataFrame(schema=_COLUMNS), []
    totals = totals_of(learnt, rules).filter(pl.col("gone_at").is_null()).select("item", "minimum", "maximum")
    grades = learnt.grades.filter((pl.col("state") == GRADED) & pl.col("gone_at").is_null() & visible(rules))
    rows = (
        grades.join(totals, on="item")
        .join(where.students, on=["course", "user"])
        .join(sessions.select("course", "class", "session"), on=["course", "class"])
    )
    many = pl.len().over("class", "student", "session") > 1
    several = rows.filter(many).unique(["class", "student"])
    rows, findings = numbers_of(
        rows.filter(~many).with_columns(title=pl.lit(TITLE), minimum=pl.col("minimum").fill_null(0.0))
    )
    findings += report(several.select("person", "in", value=pl.lit("")), "grade-final-several", label="person")
    lacking = pl.col("fraction").is_null() | ~pl.col("fraction").is_finite()
    missing = rows.filter(lacking)
    findings += report(missing.select("title", "in", value="shown"), "grade-without-number")
    percent = rounded(pl.col("fraction") * WHOLE, final.rounding, final.decimals)
    rows = rows.filter(~lacking).with_columns(percent=percent)
    letter = letter_of(rules.letters) if final.scale == "letters" else pl.lit(None, pl.String)
    rows = rows.with_columns(mark=letter)
    if final.scale == "letters":
        bare = rows.filter(pl.col("mark").is_null())
        findings += report(bare.select("title", "in", value=pl.format("{} %", "percent")), "grade-without-letter")
    return (
        rows.select(
            "class",
            "student",
            "session",
            "percent",
            "person",
            "in",
            key=final_key(),
            letter="mark",
            comment=plain_text(pl.col("feedback")) if rules.comments else pl.lit(None, pl.String),
        ),
        findings,
    )


def totals_of(learnt: Learnt, rules: GradeRules) -> pl.DataFrame:
    """The items of whole courses, as far as students can see them or the profile takes hidden ones, too."""
    totals = learnt.items.filter(pl.col("kind") == "course")
    return totals if rules.items.hidden else totals.filter(pl.col("hidden") == 0)


def final_key() -> pl.Expr:
    """The key of a final grade: its course, class, session and student."""
    return pl.format("f{}\t{}\t{}\t{}", "course", "class", "session", "student")
