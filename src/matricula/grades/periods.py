"""The marking period of items and of final grades: which academic session of the roster is meant."""

from datetime import date
from typing import Final

import polars as pl

from matricula.errors import SettingError
from matricula.grades.rules import report
from matricula.profiles.sessions import sessions
from matricula.roster import Finding, Roster

BY_DATE: Final = "by-date"
CURRENT: Final = "current"
_SHOWN = 10


def placed_in_time(
    rows: pl.DataFrame, period: str, roster: Roster, today: date, where: str
) -> tuple[pl.DataFrame, list[Finding]]:
    """Rows with their `session`, without those that have none; and findings.

    Args:
        rows: with `class`, `day`, `title` and `in`.
        period: as `with_session` has it.
        roster: the classes and sessions.
        today: the day that it is.
        where: the setting, for people.

    Raises:
        SettingError: there is no session of that name.
    """
    if rows.is_empty():
        return rows.with_columns(session=pl.lit(None, pl.String)), []
    found = with_session(rows, period, roster, today, where)
    value = pl.coalesce(pl.col("day").cast(pl.String), pl.lit(period))
    none = found.filter(pl.col("session").is_null()).with_columns(value=value, sourcedId="class")
    several = found.filter(pl.col("sessions") > 1).with_columns(value="sessionTitle", sourcedId="class")
    return found.filter(pl.col("session").is_not_null()), [
        *report(none, "grade-period-none"),
        *report(several, "grade-period-several"),
    ]


def with_session(rows: pl.DataFrame, period: str, roster: Roster, today: date, where: str) -> pl.DataFrame:
    """Rows with the academic session that each falls into.

    Of the sessions of the school year that a class lies in, those that hold the day are looked at. Shorter sessions go
    before the school year itself, since OneRoster puts a line item into any session but a year; then come those that
    the class names or that lie in these; then the shortest.

    Args:
        rows: with `class` and `day`, which is null where there is none.
        period: `by-date`, `current`, or the title or sourcedId of a session.
        roster: the classes and sessions.
        today: the day taken where none is known, and for `current`.
        where: the setting, for people.

    Returns:
        the rows in their order with `session` (sourcedId; null where none fits), `sessionTitle` and `sessions`, how
        many fit equally well.

    Raises:
        SettingError: there is no session of that name.
    """
    offered = _offered(roster)
    if period not in (BY_DATE, CURRENT):
        offered = _named(offered, period, where)
        held = rows.select("class").unique().join(offered, on="class").with_columns(day=pl.lit(None, pl.Date))
        keys = ["class"]
    else:
        day = pl.lit(today) if period == CURRENT else pl.col("day").fill_null(today)
        rows = rows.with_columns(day=day)
        asked = rows.select("class", "day").unique()
        held = asked.join(offered, on="class").filter(pl.col("day").is_between("startDate", "endDate"))
        keys = ["class", "day"]
    rank = ["whole", pl.col("own").not_(), "span"]
    chosen = (
        held.with_columns(place=pl.struct(*rank).rank("dense").over(keys))
        .filter(pl.col("place") == 1)
        .sort("startDate", "session")
        .group_by(keys, maintain_order=True)
        .agg(pl.col("session").first(), pl.col("title").first().alias("sessionTitle"), pl.len().alias("sessions"))
    )
    return rows.join(chosen, on=keys, how="left", maintain_order="left")


def _offered(roster: Roster) -> pl.DataFrame:
    """For each class the sessions of its school years, and whether it names them or one that they lie in (`own`)."""
    told = sessions(roster).select("session", "title", "whole", "year", "startDate", "endDate")
    told = told.with_columns(span=pl.col("endDate") - pl.col("startDate"))
    parents = dict(roster.academicSessions.select("sourcedId", "parentSourcedId").iter_rows())
    within = [(inner, outer) for inner in parents for outer in _above(inner, parents)]
    below = pl.DataFrame(within, schema={"session": pl.String, "named": pl.String}, orient="row")
    terms = roster.classes.select(pl.col("sourcedId").alias("class"), named="termSourcedIds").explode("named")
    terms = terms.join(told.select("year", named="session"), on="named", how="left")
    own = terms.join(below, on="named").select("class", "session").unique().with_columns(own=pl.lit(value=True))
    years = terms.filter(pl.col("year").is_not_null()).select("class", "year").unique()
    placed = pl.concat([years.join(told, on="year").select("class", "session"), own.select("class", "session")])
    without = roster.classes.select(pl.col("sourcedId").alias("class")).filter(
        ~pl.col("class").is_in(placed["class"].implode())
    )
    everywhere = without.join(told.select("session"), how="cross")
    return (
        pl.concat([placed.unique(), everywhere])
        .join(told, on="session")
        .join(own, on=["class", "session"], how="left")
        .with_columns(pl.col("own").fill_null(value=False))
    )


def _above(session: str, parents: dict[str, str | None]) -> list[str]:
    """A session and those that it lies in, however they are tangled."""
    seen: list[str] = []
    here: str | None = session
    while here is not None and here not in seen:
        seen.append(here)
        here = parents.get(here)
    return seen


def _named(offered: pl.DataFrame, period: str, where: str) -> pl.DataFrame:
    found = offered.filter((pl.col("session") == period) | (pl.col("title") == period))
    if found.is_empty():
        titles = offered.filter(~pl.col("whole"))["title"].drop_nulls().unique().sort().to_list()
        told = ", ".join(titles[:_SHOWN]) or "those of a delivery with academicSessions"
        raise SettingError(
            f"The roster has no academic session “{period}” for any class.",
            where=where,
            remedy=f"Write {BY_DATE}, {CURRENT}, or one of {told}.",
            code="marking-period-unknown",
        )
    return found
