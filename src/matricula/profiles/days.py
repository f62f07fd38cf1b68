"""Days as Moodle keeps them: Unix seconds of a moment in the school's time zone."""

import polars as pl


def midnight(day: pl.Expr, zone: str) -> pl.Expr:
    """Dates as Unix seconds of the moment they begin in a time zone: one o'clock where the clocks skip midnight."""
    begin = day.cast(pl.Datetime("us"))
    hours = (begin, begin.dt.offset_by("1h"))
    there = (hour.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null") for hour in hours)
    return pl.coalesce(*there).dt.epoch("s")


def day_of(text: pl.Expr) -> pl.Expr:
    """Dates from texts such as 2026-08-15; null for any other text."""
    return text.str.strip_chars().str.to_date("%Y-%m-%d", strict=False)
