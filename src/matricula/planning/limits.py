"""Limits: when a plan waits for a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from matricula.planning.change import KINDS
from matricula.profiles.desired import Desired
from matricula.profiles.documents import Limits

_MANY = {"category": "categories", "user": "users", "course": "courses", "enrolment": "enrolments"}
_TABLES = {"user": "users", "course": "classes", "enrolment": "enrollments"}


@dataclass(frozen=True)
class Hold:
    """One reason why a plan waits.

    Args:
        code: `too-many-removals` or `empty-delivery`.
        message: what was found and why it stops here.
        words: what a person has to repeat to release it.
    """

    code: str
    message: str
    words: str

    def as_dict(self) -> dict[str, Any]:
        """For the stored plan."""
        return {"code": self.code, "message": self.message, "words": self.words}


def holds(changes: pl.DataFrame, desired: Desired, live: dict[str, int], limits: Limits) -> list[Hold]:
    """Why a plan must wait for a person; empty where it need not.

    Args:
        changes: the plan's changes.
        desired: what the site should hold, with the rows that came.
        live: for each kind, how many records the ledger holds that are not removed; those that the plan matches
            count with them.
        limits: the profile's limits.
    """
    return [*_empty(desired, live), *_too_many(changes, live, limits)]


def release_words(words: Iterable[str]) -> str:
    """What a person has to repeat to release a plan, from the words of each reason that holds it."""
    return ", ".join(dict.fromkeys(words))


def count_of(kind: str, number: int) -> str:
    """A number with its noun: `1 user`, `62 enrolments`."""
    return f"{number:,} {kind if number == 1 else _MANY[kind]}"


def _empty(desired: Desired, live: dict[str, int]) -> list[Hold]:
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


def _too_many(changes: pl.DataFrame, live: dict[str, int], limits: Limits) -> list[Hold]:
    removed = _counted(changes.filter("removes"))
    matched = _counted(changes.filter(pl.col("action") == "match"))
    reasons = []
    for kind in KINDS:
        number, all_of_them = removed.get(kind, 0), live.get(kind, 0) + matched.get(kind, 0)
        # Rounded, since 0.29 of 100 is a little less than 29 in floating point.
        if all_of_them >= limits.floor and number > round(limits.share * all_of_them, 6):
            verb = "hide" if kind == "course" else "suspend"
            reasons.append(
                Hold(
                    "too-many-removals",
                    f"The plan would {verb} {number:,} of {count_of(kind, all_of_them)} "
                    f"({number / all_of_them:.0%}); more than {limits.share:.0%} waits for a person.",
                    f"{verb} {count_of(kind, number)}".replace(",", ""),
                )
            )
    return reasons


def _counted(changes: pl.DataFrame) -> dict[str, int]:
    return dict(changes.group_by("kind").len().iter_rows())
