"""The classes of a roster as Moodle courses."""

from collections.abc import Mapping

import polars as pl

from matricula.profiles.categories import UNSORTED, desire_categories, named_by, placed
from matricula.profiles.class_frame import every_class
from matricula.profiles.documents import Profile
from matricula.profiles.documents.mapped import Mapped
from matricula.profiles.fields import CAME, findings_of, name_of, not_delivered, properties, with_fields
from matricula.profiles.moodle_fields import COURSE_FIELDS
from matricula.profiles.moodle_limits import LENGTHS, folded, with_unique_ids
from matricula.profiles.parts import Part, as_json, report
from matricula.profiles.vocabulary import COURSES
from matricula.roster import Finding, Roster

#: Text fields that Moodle has no empty value for.
_NEVER_EMPTY = ("format", "lang")


def desire_courses(roster: Roster, profile: Profile) -> tuple[Part, Part]:
    """Courses for the classes of a roster, and the categories that hold them.

    Args:
        roster: the roster.
        profile: the profile; its basis, period, parts on courses and categories and its time zone.

    Returns:
        The categories (see `desire_categories`), and the courses: rows with `key`, `name`, `fullname`, `shortname`,
        `idnumber`, `category` (key), `template` (short name of the course that new ones are copied of, empty for
        none), `fields`, `line`. In `fields` the category is null where a level of it is unknown: nothing is moved
        for that.

    Raises:
        SettingError: the delivery has no such period.
    """
    mapped = profile.courses.mapped(profile.basis)
    templates = [each.value for each in mapped.values()]
    named = (*properties(*templates, profile.courses.template), *named_by(profile.categories))
    every = every_class(roster, profile, named)
    first = every.filter("taken").sort("class", "course").unique("course", keep="first", maintain_order=True)
    came = with_fields(first, mapped, COURSE_FIELDS, COURSES[profile.basis], profile, not_delivered(roster, named))
    came = came.with_columns(sourcedId="class", label="fullname")
    worked = _made_fit(came, mapped)
    wrong = {
        "class-without-title": ((pl.col("fullname") == "") | (pl.col("shortname") == ""), "class"),
        "course-idnumber-shared": ((pl.col("idnumber") != "") & pl.col("idnumber").is_duplicated(), "idnumber"),
    }
    unclear = every.filter("unclear").with_columns(sourcedId="class", label="class")
    findings = _report(unclear, "class-unclear", pl.lit(value=True), "class")
    findings += [found for code, (caught, value) in wrong.items() for found in _report(worked, code, caught, value)]
    bad = pl.any_horizontal(caught for caught, _ in wrong.values())
    good = placed(_told_apart(worked.filter(~bad)), profile)
    findings += _warnings(good, profile)
    others = {name: each for name, each in mapped.items() if name != "fullname"}
    findings += findings_of(came.join(good, on="course", how="semi"), others, COURSE_FIELDS, "course")
    held = frozenset(worked.filter(bad)["course"]) | frozenset(unclear["course"])
    return desire_categories(good, profile), Part(_frame(good, mapped, profile), tuple(findings), held)


def _made_fit(worked: pl.DataFrame, mapped: Mapping[str, Mapped]) -> pl.DataFrame:
    """Courses with days in order and no value that Moodle cannot take."""
    for name in ("startdate", "enddate"):
        if name not in mapped:
            worked = worked.with_columns(pl.lit(None, pl.Int64).alias(name))
    turned = (pl.col("enddate") <= pl.col("startdate")).fill_null(value=False)
    return worked.with_columns(reversed=turned).with_columns(
        *(pl.when(pl.col(name) != "").then(name).alias(name) for name in _NEVER_EMPTY if name in mapped),
        enddate=pl.when(~pl.col("reversed") & pl.col("startdate").is_not_null()).then("enddate"),
        visible=pl.col("visible").fill_null(1) if "visible" in mapped else pl.lit(1, pl.Int64),
    )


def _told_apart(courses: pl.DataFrame) -> pl.DataFrame:
    """Short names are unique on a whole Moodle: courses that share one all get their ID number added, or their key.

    Many databases compare them without case and accents, so these do not tell them apart.
    """
    blank = pl.col("idnumber") == ""
    identified = with_unique_ids(courses.filter(~blank), "idnumber", "course.idnumber")
    keyed = with_unique_ids(courses.filter(blank).with_columns(mark="course"), "mark", "course.idnumber")
    marked = pl.concat([identified.with_columns(mark="idnumber"), keyed]).sort("class", "course")
    code = pl.col("shortname")
    start = code.str.slice(0, LENGTHS["shortname"] - LENGTHS["course.idnumber"] - 3).str.strip_chars_end()
    return marked.with_columns(code=code, shared=folded(code).is_duplicated()).with_columns(
        shortname=pl.when("shared").then(pl.format("{} ({})", start, "mark")).otherwise(code)
    )


def _warnings(good: pl.DataFrame, profile: Profile) -> list[Finding]:
    came = pl.col(f"{CAME}fullname").str.strip_chars()
    unsorted = (pl.col("category") == UNSORTED) & pl.lit(bool(profile.categories.levels))
    findings = _report(good, "course-name-cleaned", pl.col("fullname") != came, f"{CAME}fullname")
    findings += _report(good, "shortname-shared", pl.col("shared"), "code")
    findings += _report(good, "course-unsorted", unsorted, "school")
    return findings + _report(good, "course-dates-reversed", pl.col("reversed"), "fullname")


def _report(frame: pl.DataFrame, code: str, caught: pl.Expr, value: str) -> list[Finding]:
    rows = frame.filter(caught)
    return report(rows.select("sourcedId", "line", "label", pl.col(value).alias("value")), code)


def _frame(good: pl.DataFrame, mapped: Mapping[str, Mapped], profile: Profile) -> pl.DataFrame:
    template = profile.courses.template
    copied = pl.lit("") if template is None else name_of(template, COURSES[profile.basis], profile).str.strip_chars()
    known = pl.when("placed").then("category").alias("category")
    others = [name for name in mapped if name not in ("fullname", "shortname", "idnumber", "visible")]
    return good.select(
        pl.col("course").alias("key"),
        pl.col("fullname").alias("name"),
        "fullname",
        "shortname",
        "idnumber",
        "category",
        copied.alias("template"),
        as_json("fullname", "shortname", "idnumber", known, "visible", *others),
        "line",
    )
