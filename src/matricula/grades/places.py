"""Where grades belong: the classes that a course stands for, and the class that each student of it is in."""

from dataclasses import dataclass

import polars as pl

from matricula.grades.rules import report
from matricula.grades.wanted import Known, Learnt
from matricula.roster import Finding, Roster

_STUDENT = "student"


@dataclass(frozen=True)
class Places:
    """Classes and students.

    Args:
        classes: `course` (Moodle's id), `class` and `in` (the title of the class); a row for each class of a course
            that is on the site.
        gone: the same for courses that are no longer there.
        students: `course`, `class`, `in`, `user`, `student` (sourcedId) and `person` (name) of those who have grades.
        findings: courses and people that belong nowhere.
    """

    classes: pl.DataFrame
    gone: pl.DataFrame
    students: pl.DataFrame
    findings: tuple[Finding, ...]


def places(learnt: Learnt, known: Known, roster: Roster) -> Places:
    """Find the classes of courses, and the students in them.

    Args:
        learnt: what was read of the site.
        known: which record of Moodle is which of the school.
        roster: the school's people, classes and enrolments.
    """
    title = pl.coalesce(_filled("title"), _filled("classCode"), "sourcedId")
    there = roster.classes.select(pl.col("sourcedId").alias("class"), title.alias("in"))
    courses = learnt.courses.select("course", "name", gone=pl.col("gone_at").is_not_null())
    leads = (
        courses.join(known.courses.select("course", "key"), on="course")
        .join(known.classes.select("class", key="course"), on="key")
        .join(there, on="class")
        .unique(["course", "class"])
        .sort("course", "class")
    )
    classes = leads.filter(~pl.col("gone")).select("course", "class", "in")
    stray = courses.filter(~pl.col("gone")).join(classes, on="course", how="anti")
    findings = report(stray.select(title="name", value=pl.lit(""), **{"in": pl.lit("")}), "grade-course-without-class")
    students, found = _students(learnt, known, roster, classes)
    gone = leads.filter("gone").select("course", "class", "in")
    return Places(classes, gone, students, (*findings, *found))


def _students(
    learnt: Learnt, known: Known, roster: Roster, classes: pl.DataFrame
) -> tuple[pl.DataFrame, list[Finding]]:
    here = classes.group_by("course").agg(pl.len().alias("classes"))
    names = learnt.courses.select("course", title="name")
    graded = learnt.grades.filter(pl.col("gone_at").is_null()).select("course", "user").unique()
    graded = graded.join(here, on="course").join(names, on="course", how="left")
    people = known.people.select("user", student="key", person="name").join(
        roster.users.select(student="sourcedId"), on="student", how="semi"
    )
    placed = graded.join(people, on="user", how="left")
    stray = placed.filter(pl.col("student").is_null()).select("title", value="user", **{"in": pl.lit("")})
    findings = report(stray, "grade-person-unknown")
    placed = placed.filter(pl.col("student").is_not_null())
    alone = placed.filter(pl.col("classes") == 1).join(classes, on="course")
    alone = alone.join(_only_teaching(roster), on=["class", "student"], how="anti")
    shared, found = _of_shared(placed.filter(pl.col("classes") > 1), classes, roster)
    columns = ["course", "class", "in", "user", "student", "person"]
    return pl.concat([alone.select(columns), shared.select(columns)]), [*findings, *found]


def _of_shared(placed: pl.DataFrame, classes: pl.DataFrame, roster: Roster) -> tuple[pl.DataFrame, list[Finding]]:
    """Students of courses that several classes share, each in the class that they came to last."""
    enrolled = roster.enrollments.select(
        "role", "beginDate", student="userSourcedId", **{"class": pl.col("classSourcedId")}
    )
    rows = placed.join(classes, on="course").join(enrolled, on=["student", "class"], how="inner")
    others = placed.join(rows, on=["course", "student"], how="anti")
    lost = others.select(title="person", value="title", sourcedId="student", **{"in": pl.lit("")})
    learning = rows.filter(pl.col("role") == _STUDENT).unique(["course", "class", "student"], keep="first")
    many = learning.filter(pl.len().over("course", "student") > 1).unique(["course", "student"])
    several = many.select(title="person", value="title", sourcedId="student", **{"in": pl.lit("")})
    chosen = learning.sort("beginDate", "class", descending=[True, False], nulls_last=True).unique(
        ["course", "student"], keep="first", maintain_order=True
    )
    return chosen, [
        *report(lost, "grade-student-without-class"),
        *report(several, "grade-student-in-several-classes"),
    ]


def _only_teaching(roster: Roster) -> pl.DataFrame:
    """Who is in a class as something else than a student: what they have in Moodle is a trial."""
    role = roster.enrollments.select(
        student="userSourcedId", learns=pl.col("role") == _STUDENT, **{"class": pl.col("classSourcedId")}
    )
    told = role.group_by("class", "student").agg(pl.col("learns").any())
    return told.filter(~pl.col("learns").fill_null(value=True)).select("class", "student")


def _filled(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    return pl.when(text != "").then(text)
