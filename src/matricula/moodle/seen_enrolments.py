"""Who is in which course, worked out of a snapshot: one row a person and course, as Moodle's own calls tell it."""

from typing import Final

import polars as pl

from matricula.moodle.snapshot import Snapshot

OWN: Final = "matricula"
"""The enrolment method of the plugin enrol_matricula."""

COLUMNS: Final = (
    "id", "courseid", "userid", "method", "status", "enabled", "timestart", "timeend", "roles",
)  # fmt: skip
"""What is read of every enrolment."""

SEEN: Final = (
    "courseid", "userid", "roles", "suspended", "methods", "own_id", "own_suspended", "own_start", "own_end",
)  # fmt: skip
"""What is known of every person in a course; the last four are null where there is no enrolment by the own method."""


def seen_enrolments(snapshot: Snapshot) -> pl.LazyFrame:
    """Persons in courses, one row each.

    Nobody is suspended who has one enrolment that counts now: active, by a method that is switched on in the course,
    and within its dates. Moodle rounds its clock to hundreds of seconds there (`get_enrolled_join`).

    Args:
        snapshot: enrolments with `COLUMNS`.

    Returns:
        the columns `SEEN`, each worked out only if it is wanted.
    """
    now = (snapshot.now + 50) // 100 * 100
    counts = (
        (pl.col("status") == 0)
        & (pl.col("enabled") == 1)
        & (pl.col("timestart") < now)
        & ((pl.col("timeend") == 0) | (pl.col("timeend") > now))
    )
    own = pl.col("method") == OWN
    return (
        snapshot.frame.lazy()
        .group_by("courseid", "userid")
        .agg(
            pl.col("roles").first().fill_null(""),
            (~counts.any()).alias("suspended"),
            pl.col("method").unique().sort().alias("methods"),
            pl.col("id").filter(own).first().alias("own_id"),
            (pl.col("status").filter(own).first() != 0).alias("own_suspended"),
            pl.col("timestart").filter(own).first().alias("own_start"),
            pl.col("timeend").filter(own).first().alias("own_end"),
        )
    )
