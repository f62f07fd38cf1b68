"""Academic sessions of a roster: the school year classes lie in, their days, and the year that a profile takes."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from matricula.errors import SettingError
from matricula.profiles.documents import Profile
from matricula.profiles.moodle_limits import tidy
from matricula.roster import Roster

#: The period of a profile that is the school year in which today lies.
CURRENT = "current"
_SCHOOL_YEAR = "schoolYear"
_SCHEMA = {
    "session": pl.String,
    "title": pl.String,
    "whole": pl.Boolean,
    "yearSession": pl.String,
    "year": pl.String,
    "span": pl.String,
    "startDate": pl.Date,
    "endDate": pl.Date,
}


def sessions(roster: Roster) -> pl.DataFrame:
    """Each academic session with the school year it lies in.

    A year is known by the number of the calendar year in which it ends, so that the sessions of several schools, and
    terms that name no parent, meet in one; a year without a number is known by its sourcedId.

    Returns:
        `session` (sourcedId), `title`, `whole` (whether it is a school year itself), `yearSession` (sourcedId of that
        year, where it is delivered), `year` (2027), `span` (2026/27, empty where the year has no number), `yearName`
        (title of the year, else its span), `startDate` and `endDate`.
    """
    rows = {row["sourcedId"]: row for row in roster.academicSessions.sort("sourcedId").iter_rows(named=True)}
    titles: dict[str, str] = {}
    told = []
    for row in rows.values():
        year = _school_year(rows, row)
        ends = str((year or row)["schoolYear"] or "")[-4:]
        span = f"{int(ends) - 1}/{ends[2:]}" if len(ends) == len("2027") and ends.isdecimal() else ""
        key = ends if span else str(year["sourcedId"]) if year else None
        if key and row is year and row["title"]:
            titles.setdefault(key, str(row["title"]))
        told.append(
            {"session": row["sourcedId"], "year": key, "span": span, "whole": row["type"] == _SCHOOL_YEAR}
            | {"yearSession": year["sourcedId"] if year else None}
            | {name: row[name] for name in ("title", "startDate", "endDate")}
        )
    named = pl.DataFrame(
        {"year": list(titles), "yearTitle": list(titles.values())},
        schema=dict.fromkeys(("year", "yearTitle"), pl.String),
    )
    frame = pl.DataFrame(told, schema=_SCHEMA).join(named, on="year", how="left", maintain_order="left")
    blank = tidy(pl.col("yearTitle")) == ""
    return frame.with_columns(yearName=pl.when(blank).then("span").otherwise("yearTitle")).drop("yearTitle")


def with_sessions(classes: pl.DataFrame, told: pl.DataFrame, period: pl.Series | None) -> pl.DataFrame:
    """Classes with the year and the first term of their terms, else of their course, and their first and last day.

    Args:
        classes: rows with `sourcedId`, `termSourcedIds` and `courseYear` (session of the course).
        told: what `sessions` gave.
        period: sessions that a profile takes; None for all.

    Returns:
        the classes with `year`, `yearName`, `span`, `first`, `last`, `semester`, `semesterTitle` and `inPeriod`
        (whether one of its sessions is taken; null where it has none that is known).
    """
    chosen = pl.lit(value=True) if period is None else pl.col("session").is_in(period.implode())
    told = told.with_columns(inPeriod=chosen)
    of_terms = classes.select("sourcedId", session="termSourcedIds").explode("session").join(told, on="session")
    without = classes.filter(~pl.col("sourcedId").is_in(of_terms["sourcedId"].implode()))
    of_courses = without.select("sourcedId", session="courseYear").join(told, on="session")
    term = pl.col("session", "title").filter(~pl.col("whole"))
    lasting = (
        pl.concat([of_terms, of_courses])
        .sort(pl.col("sourcedId"), ~pl.col("inPeriod"), pl.col("startDate"), pl.col("session"))
        .group_by("sourcedId", maintain_order=True)
        .agg(
            pl.col("year", "yearName", "span").drop_nulls().first(),
            term.first().name.map({"session": "semester", "title": "semesterTitle"}.__getitem__),
            pl.col("inPeriod").any(),
            first=pl.col("startDate").min(),
            last=pl.col("endDate").max(),
        )
    )
    return classes.join(lasting, on="sourcedId", how="left", maintain_order="left")


def sessions_of(profile: Profile, told: pl.DataFrame) -> pl.Series | None:
    """The sessions of the academic period that a profile takes; None where it takes all.

    Args:
        profile: the profile; its period and its time zone.
        told: what `sessions` gave.

    Raises:
        SettingError: the delivery has no such school year.
    """
    if profile.period is None:
        return None
    if profile.period == CURRENT:
        found = told.filter(pl.col("year").is_in(_current(told, today(profile.timezone)).implode()))
    else:
        found = told.filter(
            pl.any_horizontal(pl.col("yearSession", "year", "yearName", "span").fill_null("") == profile.period)
        )
    if found.is_empty():
        raise SettingError(
            f"The delivery has no school year “{profile.period}”."
            if profile.period != CURRENT
            else "Today lies in no school year of the delivery.",
            where=f"period in profile {profile.name}",
            remedy=f"Write one of {_offered(told)}, or leave it out to take all.",
            code="period-unknown",
        )
    return found["session"]


def today(zone: str) -> date:
    """The day that it is in a time zone."""
    return datetime.now(ZoneInfo(zone)).date()


def _current(told: pl.DataFrame, day: date) -> pl.Series:
    years = told.group_by("year").agg(pl.col("startDate").min(), pl.col("endDate").max())
    return years.filter((pl.col("startDate") <= day) & (pl.col("endDate") >= day))["year"]


def _offered(told: pl.DataFrame) -> str:
    years = told.filter(pl.col("year").is_not_null()).select("year", "yearName").unique().sort("year")
    return ", ".join(f"{year} ({name})" for year, name in years.iter_rows()) or "those of a complete delivery"


def _school_year(rows: Mapping[str, dict[str, Any]], session: dict[str, Any]) -> dict[str, Any] | None:
    """The session of type schoolYear that a session is or lies in, however the parents are tangled."""
    seen: set[str] = set()
    row: dict[str, Any] | None = session
    while row and row["type"] != _SCHOOL_YEAR and row["sourcedId"] not in seen:
        seen.add(row["sourcedId"])
        row = rows.get(row["parentSourcedId"])
    return row if row and row["type"] == _SCHOOL_YEAR else None
