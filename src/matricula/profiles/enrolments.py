"""The enrolments of a roster as Moodle enrolments: one for each person and course."""

from datetime import date

import polars as pl

from matricula.profiles.days import day_of, midnight
from matricula.profiles.documents import Dated, Profile
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.profiles.fields import text_of
from matricula.profiles.parts import Part, as_json, report
from matricula.profiles.vocabulary import ENROLMENTS
from matricula.roster import Finding

PAIR = ("user", "course")


def desire_enrolments(rows: pl.DataFrame, profile: Profile) -> Part:
    """Enrolments as they should be.

    Args:
        rows: what `enrolment_frame.enrolment_rows` gave, with the properties that the mappings of the first and the
            last day name.
        profile: the profile; its part on enrolments, its tables and its time zone.

    Returns:
        Rows with `key`, `user`, `course`, `name`, `person`, `title`, `role`, `fields`, `line` and `early` (whether it
        begins before `enrolments.since`). A person is enrolled once in a course, whatever classes lead there; of
        several roles the one named last in the profile is taken.
    """
    days = {name: rule for name, rule in (("start", profile.enrolments.start), ("end", profile.enrolments.end)) if rule}
    rows = rows.with_columns(early=begins_before(profile.enrolments.since))
    rows, findings = _with_days(rows, days, profile)
    # Few have several rows, and looking for them costs far less than treating everybody so.
    several = rows.select(pl.struct(PAIR).is_duplicated()).to_series()
    alone = rows.filter(~several).with_columns(torn=pl.lit(value=False))
    rows = pl.concat([alone, _one_of_several(rows.filter(several), profile.enrolments.roles, list(days))])
    told = {"label": pl.col("person")}
    findings += report(rows.filter("torn").select("sourcedId", "line", value="role", **told), "two-roles-in-a-class")
    rows = _timed(rows, days, profile.timezone)
    if len(days) > 1:
        turned = rows.filter((pl.col("timeend") > 0) & (pl.col("timeend") <= pl.col("timestart")))
        findings += report(
            turned.select("sourcedId", "line", value=pl.col("end").cast(pl.String), **told), "enrolment-dates-reversed"
        )
        rows = _straight(rows)
    return Part(_frame(rows, profile, [f"time{name}" for name in days]), tuple(findings))


def begins_before(since: date | None) -> pl.Expr:
    """Whether enrolments, by their `beginDate`, begin before a day; those of which no first day is known do not."""
    return pl.lit(value=False) if since is None else (pl.col("beginDate") < since).fill_null(value=False)


def _with_days(rows: pl.DataFrame, days: dict[str, Dated], profile: Profile) -> tuple[pl.DataFrame, list[Finding]]:
    """Rows with `start` and `end` as the profile maps them, null where there is none, and what could not be used."""
    findings: list[Finding] = []
    for name, rule in days.items():
        spared = pl.col("role").is_in(rule.not_for) | pl.col("rule").is_in(rule.not_for)
        came = pl.when(~spared).then(text_of(rule.value, ENROLMENTS, profile)).otherwise(pl.lit(""))
        rows = rows.with_columns(came=came).with_columns(day_of(pl.col("came")).alias(name))
        unusable = rows.filter(pl.col(name).is_null() & (pl.col("came").str.strip_chars() != ""))
        findings += report(unusable.select("sourcedId", "line", value="came", label="person"), "enrolment-day-unusable")
    return rows.drop("came", strict=False), findings


def _one_of_several(rows: pl.DataFrame, roles: dict[str, str], days: list[str]) -> pl.DataFrame:
    """One row for each person and course: in the role named last, from its earliest first to its latest last day."""
    ranks = pl.DataFrame(
        {"rule": list(roles), "given": list(roles.values())}, schema=dict.fromkeys(("rule", "given"), pl.String)
    ).with_row_index("rank")
    rows = rows.join(ranks, on="rule").sort("rank", "sourcedId", "class", descending=[True, False, False])
    stay = (*PAIR, "rule")
    whole = {
        name: pl.when(pl.col(name).is_not_null().all().over(stay)).then(
            (pl.col(name).min() if name == "start" else pl.col(name).max()).over(stay)
        )
        for name in days
    }
    return (
        rows.with_columns(
            **whole, early=pl.col("early").all().over(PAIR), torn=pl.col("given").n_unique().over(PAIR) > 1
        )
        .unique(PAIR, keep="first", maintain_order=True)
        .drop("rank", "given")
    )


def _timed(rows: pl.DataFrame, days: dict[str, Dated], zone: str) -> pl.DataFrame:
    """Rows with `timestart` and `timeend`, the end of the last day; 0 where there is none."""
    moments = {
        f"time{name}": midnight(pl.col(name) if name == "start" else pl.col(name).dt.offset_by("1d"), zone)
        for name in days
    }
    return rows.with_columns(**{name: moment.fill_null(0) for name, moment in moments.items()})


def _straight(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of which none ends before it begins."""
    turned = (pl.col("timeend") > 0) & (pl.col("timeend") <= pl.col("timestart"))
    return rows.with_columns(pl.when(turned).then(0).otherwise(pl.col("timestart", "timeend")).name.keep())


def _frame(rows: pl.DataFrame, profile: Profile, times: list[str]) -> pl.DataFrame:
    roles = profile.enrolments.roles
    given = pl.DataFrame(
        {"rule": list(roles), "given": list(roles.values())}, schema=dict.fromkeys(("rule", "given"), pl.String)
    )
    rows = rows.join(given, on="rule", maintain_order="left").with_columns(role="given", suspended=pl.lit(value=False))
    return rows.select(
        key=pl.concat_str("user", "course", separator=SEPARATOR),
        user="user",
        course="course",
        name=pl.concat_str("person", pl.lit(" in "), "title"),
        person="person",
        title="title",
        role="role",
        fields=as_json("role", "suspended", *times),
        line="line",
        early="early",
    )
