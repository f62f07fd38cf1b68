"""Limits: when a plan waits for a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from matricula.profiles.desired import Desired
from matricula.profiles.documents import Allowance, Limits, Within
from matricula.profiles.documents.limits import REMOVALS

_MANY = {"category": "categories", "grade-category": "grade categories"}
_TABLES = {"user": "users", "course": "classes", "enrolment": "enrollments"}


@dataclass(frozen=True)
class Hold:
    """One reason why a plan waits.

    Args:
        code: `too-many-removals`, `course-emptied`, `category-emptied`, `empty-delivery`, `rows-down`,
            `column-blank` or `key-type-changed`.
        message: what was found and why it stops here.
        words: what a person has to repeat to release it.
    """

    code: str
    message: str
    words: str

    def as_dict(self) -> dict[str, Any]:
        """For the stored plan."""
        return {"code": self.code, "message": self.message, "words": self.words}


def holds(changes: pl.DataFrame, desired: Desired, live: dict[str, int], limits: Limits, today: date) -> list[Hold]:
    """Why a plan must wait for a person; empty where it need not.

    Args:
        changes: the plan's changes.
        desired: what the site should hold, with the rows that came.
        live: for each kind, how many records the ledger holds that are not removed; those that the plan matches
            count with them.
        limits: the profile's limits.
        today: the day, in the school's time zone, that decides whether a year's rollover is on.
    """
    return [*empty_delivery(desired, live), *too_many(changes, live, limits, today)]


def release_words(words: Iterable[str]) -> str:
    """What a person has to repeat to release a plan, from the words of each reason that holds it."""
    return ", ".join(dict.fromkeys(words))


def count_of(kind: str, number: int) -> str:
    """A number with its noun: `1 user`, `62 enrolments`."""
    return f"{number:,} {kind if number == 1 else _MANY.get(kind, f'{kind}s')}"


def empty_delivery(desired: Desired, live: dict[str, int]) -> list[Hold]:
    """Why a delivery that holds nothing, or nothing of a kind that was there, waits; parameters as in `holds`."""
    if not any(desired.counts.get(table) for table in _TABLES.values()):
        return [Hold("empty-delivery", "The delivery holds no users, no classes and no enrolments.", "empty delivery")]
    return [
        Hold(
            "empty-delivery",
            f"The delivery holds no {table}, and {count_of(kind, live[kind])} were delivered before.",
            f"no {table}",
        )
        for kind, table in _TABLES.items()
        if not desired.counts.get(table) and live.get(kind)
    ]


def taken_away(changes: pl.DataFrame) -> pl.DataFrame:
    """What changes take away, as limits count it: `kind`, `act` and `key`.

    A suspension that takes the role away as well is two acts, and a role that gives way to another one is taken away.
    """
    # A disabled person whose account is met for the first time is suspended by the match.
    usual = pl.col("kind").replace_strict({kind: acts[0] for kind, acts in REMOVALS.items()}, default=None)
    act = pl.when(pl.col("action").is_in(["match", "update"])).then(usual).otherwise("action")
    roles = changes.filter(pl.col("kind") == "enrolment", pl.col("action").is_in(["update", "revive", "suspend"]))
    before, after = (pl.col(side).str.json_path_match("$.role") for side in ("before", "after"))
    # One of several roles may be another's; those that a person has by hand are not ours to take away.
    single = (before != "") & ~before.str.contains(",", literal=True)
    return pl.concat(
        [
            changes.filter("removes").select("kind", act.alias("act"), "key"),
            roles.filter(after.is_not_null() & (single | (after == ""))).select(
                "kind", pl.lit("role").alias("act"), "key"
            ),
        ]
    )


def act_in_words(kind: str, act: str, number: int, of: int) -> tuple[str, str]:
    """What is done to a number of records, as a sentence goes on after `would`, and as it is released."""
    if act == "role":
        told = f"take the role away, or give another in its place, in {number:,} of {count_of(kind, of)}"
        return told, f"take {number} {'role' if number == 1 else 'roles'}"
    return f"{act} {number:,} of {count_of(kind, of)}", f"{act} {count_of(kind, number)}".replace(",", "")


def too_many(changes: pl.DataFrame, live: dict[str, int], limits: Limits, today: date) -> list[Hold]:
    """Why a plan that takes away more than the limits allow waits; parameters as in `holds`."""
    removed = _counted(taken_away(changes), "kind", "act")
    matched = _counted(changes.filter(pl.col("action") == "match"), "kind")
    reasons = []
    for kind, acts in REMOVALS.items():
        all_of_them = live.get(kind, 0) + matched.get((kind,), 0)
        for act in acts:
            number = removed.get((kind, act), 0)
            if why := exceeded(number, all_of_them, allowance_on(today, limits, kind, act)):
                told, words = act_in_words(kind, act, number, all_of_them)
                share = f"({number / max(all_of_them, 1):.0%})"
                message = f"The plan would {told} {share}; {why} waits for a person."
                reasons.append(Hold("too-many-removals", message, words))
    return reasons


def allowance_on(today: date, limits: Limits, kind: str, action: str) -> Allowance:
    """How much of a kind may be taken away unasked on a day.

    In the weeks of a year's rollover its allowance takes the place of the general one; what a profile says of single
    kinds and actions stays in force.
    """
    general = limits.of(kind, action)
    if limits.rollover is None or not limits.rollover.holds(today) or action in limits.kinds.get(kind, {}):
        return general
    return Allowance(share=limits.rollover.share, floor=general.floor, absolute=limits.rollover.absolute)


def allowance_within(today: date, limits: Limits, within: Within) -> Allowance:
    """How much one course or category may lose unasked on a day; in a year's rollover at least as much as a kind."""
    if limits.rollover is None or not limits.rollover.holds(today):
        return Allowance(share=within.share, floor=within.floor, absolute=within.absolute)
    return Allowance(share=max(within.share, limits.rollover.share), floor=within.floor, absolute=None)


def exceeded(number: int, of: int, allowance: Allowance) -> str:
    """Which limit a number of records to be taken away exceeds, in words; empty where none.

    Args:
        number: how many would be taken away.
        of: how many there are.
        allowance: how much may be taken away unasked.
    """
    if allowance.absolute is not None and number > allowance.absolute:
        return f"more than {allowance.absolute:,}"
    # Rounded, since 0.29 of 100 is a little less than 29 in floating point.
    share, floor = allowance.share, allowance.floor
    if share is not None and of >= (floor or 0) and number > round(share * of, 6):
        return f"more than {share:.0%}"
    return ""


def _counted(changes: pl.DataFrame, *by: str) -> dict[tuple[str, ...], int]:
    return {tuple(row[:-1]): row[-1] for row in changes.group_by(by).len().iter_rows()}
