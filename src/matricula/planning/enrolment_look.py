"""Enrolments that are on the site just as they were written, found at once by joining whole frames."""

import json
from typing import Any

import polars as pl

from matricula.moodle.seen_enrolments import COLUMNS, seen_enrolments
from matricula.planning.entity import AsWritten
from matricula.planning.ground import Ground
from matricula.profiles.enrolment_frame import SEPARATOR

_RULE = {
    "written": pl.String(),
    "expected": pl.String(),
    "want_role": pl.String(),
    "want_suspended": pl.Boolean(),
    "want_start": pl.Int64(),
    "want_end": pl.Int64(),
    "dated": pl.Boolean(),
}


def enrolments_as_written(ground: Ground, rows: pl.DataFrame) -> AsWritten:
    """Which enrolments are there with the role, suspension and dates that were written.

    Those that were only matched have to be there and no more. Of one that was made by hand's method and has dates
    Moodle does not tell whether it is suspended, as in `planning.enrolments`.

    Args:
        ground: ledger and site.
        rows: records of the ledger, in the columns `planning.as_written.ROWS`.
    """
    rules = pl.DataFrame(
        [_rule(ground, *texts) for texts in rows.select("written", "expected").unique().iter_rows()], schema=_RULE
    )
    pair = pl.col("key").str.splitn(SEPARATOR, 2).struct
    placed = (
        rows.with_columns(user=pair.field("field_0"), course=pair.field("field_1"))
        .join(_ids(ground, "user", "userid", rows, 0), on="user")
        .join(_ids(ground, "course", "courseid", rows, 1), on="course")
    )
    if not placed.height:
        return AsWritten()
    courses = placed["courseid"].unique().to_list()
    seen = seen_enrolments(ground.moodle.plugin.look("enrolment", COLUMNS, {"courseid": courses}))
    there = placed.join(seen.drop("methods").collect(), on=["courseid", "userid"]).join(
        rules, on=["written", "expected"]
    )
    own, none = pl.col("moodle_id").is_not_null(), pl.lit(value=True)
    roles = pl.concat_str(pl.lit(","), "roles", pl.lit(","))
    role = (
        pl.when(pl.col("want_role") == "")
        .then(pl.col("roles") == "")
        .otherwise(roles.str.contains(pl.col("want_role"), literal=True))
    )
    suspended = pl.when(own).then("own_suspended").when(~pl.col("dated")).then("suspended")
    dates = {"want_start": "own_start", "want_end": "own_end"}
    as_written = pl.all_horizontal(
        pl.col("want_role").is_null() | role,
        (pl.col("want_suspended") == suspended).fill_null(none),
        *(pl.col(want).is_null() | ~own | (pl.col(want) == pl.col(held)) for want, held in dates.items()),
    )
    same = ~own | (pl.col("own_id") == pl.col("moodle_id")).fill_null(value=False)
    return AsWritten(frozenset(there.filter(same & ((pl.col("origin") == "matched") | as_written))["key"].to_list()))


def _ids(ground: Ground, kind: str, column: str, rows: pl.DataFrame, place: int) -> pl.DataFrame:
    """Moodle ids of the people or courses of enrolments; those that are lost are left out."""
    keys = rows["key"].str.splitn(SEPARATOR, 2).struct.field(f"field_{place}").unique()
    known = ground.ids(kind, keys)
    return pl.DataFrame({kind: list(known), column: list(known.values())}, schema={kind: pl.String, column: pl.Int64})


def _rule(ground: Ground, written: str, expected: str) -> dict[str, Any]:
    """What has to be seen of enrolments of which these texts are told; null for what is not compared."""
    remembered, wanted = json.loads(written), json.loads(expected)
    role = wanted.get("role")
    return {
        "written": written,
        "expected": expected,
        "want_role": f",{ground.role_id(role)}," if role else role,
        "want_suspended": wanted.get("suspended"),
        "want_start": wanted.get("timestart"),
        "want_end": wanted.get("timeend"),
        "dated": bool(remembered.get("timestart") or remembered.get("timeend")),
    }
