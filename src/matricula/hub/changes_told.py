"""Changes in words: what each one does, short for a list and in full for a closer look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from matricula.hub.words import counted
from matricula.planning import ACTIONS, KINDS, Change
from matricula.roster.findings import place_of as place_in
from matricula.roster.gradebook import KINDS as GRADEBOOK
from matricula.store import FindingRecord

_ONE = {
    "group-member": "place in a group",
    "cohort-member": "place in a cohort",
    "grouping-member": "place of a group in a grouping",
    "grade-category": "grade category",
    "line-item": "grade item",
    "final-grade": "final grade",
}
_MANY = {
    "category": "categories",
    "group-member": "places in groups",
    "cohort-member": "places in cohorts",
    "grouping-member": "places of groups in groupings",
    "grade-category": "grade categories",
    "line-item": "grade items",
    "final-grade": "final grades",
}
#: Fields in the words of people who do not know Moodle's; others are shown as they are called.
FIELD_WORDS = {
    "username": "user name",
    "firstname": "first name",
    "lastname": "last name",
    "email": "e-mail address",
    "idnumber": "ID number",
    "auth": "way of signing on",
    "fullname": "full name",
    "shortname": "short name",
    "startdate": "first day",
    "enddate": "last day",
    "timestart": "first day",
    "timeend": "last day",
    "method": "enrolment method",
}
_MOMENTS = ("startdate", "enddate", "timestart", "timeend")


@dataclass(frozen=True)
class Teller:
    """Tells changes in words.

    Args:
        zone: the time zone in which moments are told.
    """

    zone: str = "UTC"

    def value(self, name: str, value: Any) -> str:
        """A field's value as people write it."""
        if name in _MOMENTS and isinstance(value, int):
            return f"{datetime.fromtimestamp(value, ZoneInfo(self.zone)):%Y-%m-%d %H:%M}" if value else "none"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return "none" if value is None or value == "" else str(value)

    def fields(self, change: Change) -> list[str]:
        """What is set, a field each: `lastname: Low → Löw`."""
        return [
            f"{name}: {self.value(name, change.before[name])} → {self.value(name, new)}"
            if name in change.before
            else f"{name}: {self.value(name, new)}"
            for name, new in change.after.items()
        ]

    def short(self, change: Change, *, why: bool = False) -> str:
        """A change on one line.

        Args:
            change: the change.
            why: whether the reason of one that takes something away is told with it.
        """
        told = _ESSENCE.get((change.kind, change.action))
        if change.action in TAKES_AWAY:
            detail = change.reason if why else ""
        elif told is not None:
            detail = ", ".join(
                str(change.after[name]) for name in told if change.after.get(name) not in (None, "", False)
            ) or str(change.after.get("status", ""))
        elif change.action in ("update", "revive", "show", "move") and "method" not in change.after:
            detail = ", ".join(self.fields(change))
        else:
            detail = change.reason
        name = named(change)
        return f"{name}: {detail}" if detail else name


def named(change: Change) -> str:
    """What a change is about: every class has its “Essay”, so that what is of a gradebook is told with its class."""
    return f"{change.name} ({change.course})" if change.kind in GRADEBOOK and change.course else change.name


TAKES_AWAY = ("suspend", "hide", "archive", "remove", "unenrol", "delete")
_ESSENCE: dict[tuple[str, str], tuple[str, ...]] = {
    ("category", "create"): ("idnumber",),
    ("user", "create"): ("username", "email"),
    ("course", "create"): ("shortname",),
    ("enrolment", "create"): ("role",),
    ("group", "create"): ("idnumber",),
    ("cohort", "create"): ("idnumber", "category"),
    ("grade-category", "create"): ("weight",),
    ("line-item", "create"): ("maximum",),
    ("result", "create"): ("score", "text"),
    ("final-grade", "create"): ("percent", "letter"),
} | {(kind, "create"): () for kind in ("grouping", "group-member", "grouping-member", "cohort-member", "meta-link")}


def groups(changes: pl.DataFrame) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Changes by kind and action, in the order in which they are carried out."""
    for kind in KINDS:
        of_kind = changes.filter(pl.col("kind") == kind)
        for action in ACTIONS:
            found = of_kind.filter(pl.col("action") == action)
            if found.height:
                yield kind, action, found


def heading(kind: str, action: str, number: int) -> str:
    """The line above a group: `create 660 users`."""
    return f"{action} {counted(number, _ONE.get(kind, kind), many(kind))}"


def many(kind: str) -> str:
    """Many records of a kind: `users`, `places in groups`."""
    return _MANY.get(kind, f"{kind}s")


def change_as_json(change: Change) -> dict[str, Any]:
    """A change for machines."""
    names = ("number", "kind", "action", "key", "moodle_id", "name", "person", "course")
    return {name: getattr(change, name) for name in (*names, "before", "after", "reason", "place", "removes")}


def field_in_words(name: str) -> str:
    """What people who do not know Moodle call a field."""
    return FIELD_WORDS.get(name, name)


def place_of(finding: FindingRecord) -> str:
    """Where a finding is: `users.csv line 17, column role`."""
    return place_in(finding.file or "", finding.line, finding.subject or "", finding.column or "")
