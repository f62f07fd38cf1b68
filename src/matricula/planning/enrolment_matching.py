"""Enrolments that are on a site before Matricula knows them, and those that are there under another id."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from matricula.moodle import CourseEnrolment
from matricula.planning import own_method
from matricula.planning.change import to_json
from matricula.planning.entity import Fields
from matricula.planning.ground import Ground
from matricula.planning.rules import RULES
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.roster import Finding

#: So many enrolments that are there already, and so large a part of all, are worth a word.
_MANY: Final = 10
_MANY_OF: Final = 0.2


def matched_with(ground: Ground, row: dict[str, Any], seen: Fields, found: CourseEnrolment) -> dict[str, Any]:
    """An enrolment that was there before may be a teacher's own: it is remembered and left as it is.

    Where a person said that what is there is Matricula's, one that is just as the roster wants it is.
    """
    ours = ground.adopt and left_as_it_is(row, seen) is None and own_method.may_be_ours(found)
    return {
        **row,
        "action": "match",
        "moodle_id": found.own.id if ours and found.own else None,
        "person": row["person"],
        "course": row["title"],
        "before": to_json(seen),
        "after": "{}",
        "origin": "made" if ours else "matched",
        "reason": "is enrolled as the roster wants it; kept in step from now on"
        if ours
        else "is enrolled already; left as it is",
    }


def back_again(ground: Ground, found: Mapping[str, CourseEnrolment]) -> dict[str, Fields]:
    """What makes changes of enrolments that Matricula made and that are there under another id, by key.

    One of the own method is Matricula's whatever its id. When Moodle restores a course whose plugin is not there it
    makes enrolments by hand of them.
    """
    live = ground.ledger("enrolment").filter(
        pl.col("key").is_in(pl.Series(list(found), dtype=pl.String).implode()),
        ~pl.col("removed") & (pl.col("origin") == "made") & pl.col("moodle_id").is_not_null(),
    )
    again = {kind: ground.matched_again(kind) for kind in ("user", "course")} if live.height else {}
    changes = {}
    for row in live.iter_rows(named=True):
        own = found[row["key"]].own
        user, course = row["key"].split(SEPARATOR, 1)
        if own is None and user not in again["user"] and course not in again["course"]:
            continue
        changes[row["key"]] = {
            "action": "match",
            "moodle_id": own.id if own else None,
            "before": "{}",
            "after": "{}",
            "written": row["written"],
            "origin": "made",
            "reason": f"is there, no longer with the id {row['moodle_id']}",
        }
    return changes


def tell_of_many(ground: Ground, matched: list[dict[str, Any]], wanted: int) -> None:
    """Report that many enrolments are there which the ledger does not know: perhaps it was lost."""
    number = sum(row["origin"] == "matched" for row in matched)
    if number >= _MANY and number > _MANY_OF * wanted:
        told = {"number": number, "wanted": wanted}
        ground.findings.append(
            RULES["enrolments-there-already"].finding(sourced_id="", line=None, value=number, told=told)
        )


def left_as_it_is(row: dict[str, Any], seen: Fields) -> Finding | None:
    """What the roster says of an enrolment that was there before and that differs from it."""
    told = []
    if row["role"] not in seen["role"].split(","):
        told.append(f"as {seen['role'] or 'nothing'} where the roster says {row['role']}")
    if seen.get("suspended"):
        told.append("suspended where the roster says active")
    if not told:
        return None
    return RULES["enrolment-left-alone"].finding(
        sourced_id=row["key"],
        line=row["line"],
        value=row["role"],
        told={"name": row["name"], "told": " and ".join(told)},
    )
