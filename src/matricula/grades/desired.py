"""What was read of a Moodle turned into what the school's gradebook should hold."""

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from matricula.grades.finals import TITLE, final_key, finals_of, sessions_of_finals
from matricula.grades.items import TOTALS, items_of
from matricula.grades.numbers import PLACES, rounded
from matricula.grades.periods import placed_in_time
from matricula.grades.places import Places, places
from matricula.grades.rules import report
from matricula.grades.scores import results_of
from matricula.grades.titles import told_apart
from matricula.grades.wanted import GONE, NAMES, Known, Learnt, Wanted
from matricula.grades.weights import WHOLE, categories_of, left_at_top
from matricula.profiles.documents.grades import GradeRules
from matricula.roster import Finding, Roster
from matricula.roster.gradebook import KINDS, Gradebook

_WHERE: Final = "grades.marking_period"


def desired_gradebook(learnt: Learnt, rules: GradeRules, known: Known, roster: Roster, today: date) -> Wanted:
    """Work out what the school's gradebook should hold.

    Args:
        learnt: what was read of the site.
        rules: the profile's part on grades.
        known: which record of Moodle is which of the school.
        roster: the school's people, classes, enrolments and academic sessions.
        today: the day that it is in the profile's time zone.

    Raises:
        SettingError: there is no academic session of the name that the rules have.
    """
    where = places(learnt, known, roster)
    items, of_items = items_of(learnt, rules, where.classes)
    # Where an item has no day of its own, it falls into the session of today.
    day = pl.coalesce("due", "assigned").dt.convert_time_zone(ZoneInfo(known.zone).key).dt.date()
    items, of_time = placed_in_time(items.with_columns(day=day), rules.marking_period, roster, today, _WHERE)
    categories, of_categories = _categories(items, learnt, rules)
    results, of_results = results_of(learnt.grades, items, where.students, rules)
    sessions, of_sessions = sessions_of_finals(rules, where, roster, today)
    finals, of_finals = finals_of(learnt, rules, where, sessions)
    frames = {
        "grade-category": categories,
        "line-item": items.with_columns(minimum="low", maximum="high"),
        "result": results.with_columns(name="person", of="title"),
        "final-grade": finals.with_columns(name="person", of=pl.lit(TITLE)),
    }
    return Wanted(
        book=Gradebook({kind: _shaped(frame, kind) for kind, frame in frames.items()}),
        names=pl.concat([_named(frame, kind) for kind, frame in frames.items()]),
        gone=_gone(learnt, known, where, sessions),
        findings=(*where.findings, *of_items, *of_time, *of_categories, *of_results, *of_sessions, *of_finals),
    )


def _shaped(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Records in the columns of their kind, in the order of their keys."""
    return (
        frame.with_columns(id=pl.lit(None, pl.String))
        .select(pl.col(name).cast(of) for name, of in KINDS[kind].items())
        .sort("key")
    )


def _named(frame: pl.DataFrame, kind: str) -> pl.DataFrame:
    """What people call records, in the columns of `NAMES`."""
    own = frame.columns
    return frame.select(
        "key",
        "class",
        "in",
        kind=pl.lit(kind),
        name="name" if "person" in own else "title",
        item="of" if "person" in own else pl.lit(None, pl.String),
    ).select(NAMES.names())


def _categories(items: pl.DataFrame, learnt: Learnt, rules: GradeRules) -> tuple[pl.DataFrame, list[Finding]]:
    """The categories that items go into, with what they count in percent of the class's grade."""
    rows = items.group_by("category", "class", "in").agg(
        pl.col("course", "place", "categoryTitle").first(), counted=_sum_of_known("share")
    )
    own = pl.col("categoryTitle").fill_null(rules.category)
    rows = rows.with_columns(plain=own.replace(rules.category_titles), number=pl.col("place").fill_null(0))
    rows, shared = told_apart(rows, "plain", pl.col("number"))
    if rules.categories == "moodle":
        rows = rows.join(categories_of(learnt).select("own", place="category"), on="place", how="left")
        rows = rows.join(left_at_top(learnt).rename({"own": "top"}), on="course", how="left")
        top = pl.when(pl.col("place").is_null()).then(pl.col("top").fill_null(WHOLE))
        weight = pl.coalesce("own", top)
    else:
        weight = pl.col("counted") if rules.categories == "kind" else pl.lit(WHOLE)
    # What is weighted in Moodle already must not be weighted once more.
    told = rules.weights and rules.weighting == "sis"
    sent = rounded(weight, "none", PLACES) if told else pl.lit(None, pl.Float64)
    return rows.with_columns(key="category", weight=sent), report(shared, "grade-item-name-shared", label="plain")


def _sum_of_known(column: str) -> pl.Expr:
    return pl.when(pl.col(column).is_not_null().any()).then(pl.col(column).sum())


def _gone(learnt: Learnt, known: Known, where: Places, sessions: pl.DataFrame) -> pl.DataFrame:
    """Records that may have been sent and are positively no longer in Moodle, for every class they may have been in."""
    lost = pl.col("gone_at").is_not_null()
    every = pl.concat([where.classes, where.gone]).select("course", "class")
    ended = pl.col("course").is_in(where.gone["course"].implode())
    items = learnt.items.filter((lost | ended) & ~pl.col("kind").is_in(TOTALS)).join(every, on="course")
    categories = learnt.categories.filter(lost | ended).join(every, on="course")
    without = pl.col("item").is_in(learnt.items.filter(lost)["item"].implode())
    people = known.people.select("user", student="key")
    grades = learnt.grades.filter(lost | ended | without).join(people, on="user").join(every, on="course")
    totals = learnt.items.filter(pl.col("kind") == "course").select("item")
    results = grades.join(learnt.items.filter(~pl.col("kind").is_in(TOTALS)).select("item"), on="item", how="semi")
    finals = grades.join(totals, on="item", how="semi").join(sessions, on=["course", "class"])
    told = {
        "grade-category": categories.select(key=pl.format("c{}:{}\t{}", "course", "category", "class")),
        "line-item": items.select(key=pl.format("i{}\t{}", "item", "class")),
        "result": results.select(key=pl.format("i{}\t{}\t{}", "item", "class", "student")),
        "final-grade": finals.select(key=final_key()),
    }
    return pl.concat([frame.select(kind=pl.lit(kind), key="key") for kind, frame in told.items()]).cast(GONE)
