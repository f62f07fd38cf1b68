"""What a plan or a preview would do to a course, for the block: a line each, by name, with an act that it knows."""

from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl

from matricula.hub.changes_told import Teller, heading
from matricula.hub.tool_words import told_of
from matricula.planning import Change, read_changes
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.store import FindingRecord, Preview

MOST: Final = 500
"""So many lines are told; more of one course nobody reads."""
ACTIONS: Final = (
    *("suspend", "remove", "role", "add", "back", "dates", "keep"),
    *("account", "group", "course", "other"),
)
"""What a line can say is done, in the order in which lines are told."""
_ENROLMENT: Final = {
    "create": "add",
    "revive": "back",
    "suspend": "suspend",
    "unenrol": "remove",
    "match": "keep",
    "note": "keep",
}
_OTHERS: Final = {"user": "account", "course": "course", "group": "group", "group-member": "group"}


def lines_of_plan(changes: pl.DataFrame, zone: str) -> list[dict[str, str]]:
    """The changes of a plan.

    Args:
        changes: the changes.
        zone: the time zone in which moments are told.

    Returns:
        for each its `action` (`add`, `back`, `suspend`, `remove`, `role`, `dates`, `keep`, `account`, `group`, `course`
        or `other`), the `name` of whom or what it concerns, and `what` is done, in words.
    """
    teller = Teller(zone)
    told = [_line(change, teller) for change in read_changes(changes.head(MOST))]
    return sorted(told, key=lambda each: ACTIONS.index(each["action"]))


def lines_of_grades(preview: Preview) -> list[dict[str, str]]:
    """The grades of a preview, as `lines_of_plan` tells changes; the action is `grade`."""
    return [
        {"action": "grade", "name": str(each["person"]), "what": f"{each['title']}: {told_of(preview.kind, each)}"}
        for each in preview.changes[:MOST]
    ]


def left_out(findings: Iterable[FindingRecord], names: Mapping[str, str]) -> list[dict[str, str]]:
    """Who or what a plan for a course could not take as it is, and why.

    Args:
        findings: what was found when the plan was made.
        names: names of people by sourcedId.
    """
    found = [each for each in findings if each.subject and each.severity != "info"]
    return [
        {"name": names.get((each.subject or "").partition(SEPARATOR)[0], ""), "why": each.message}
        for each in found[:MOST]
    ]


def _line(change: Change, teller: Teller) -> dict[str, str]:
    if change.kind == "enrolment":
        action = _ENROLMENT.get(change.action) or ("role" if "role" in change.after else "dates")
        return {"action": action, "name": change.person or change.name, "what": _of_enrolment(change, action, teller)}
    action = _OTHERS.get(change.kind, "other")
    done = heading(change.kind, change.action, 1).replace(" 1 ", " ")
    fields = "; ".join(teller.fields(change)) if change.action in ("update", "revive", "show", "move") else ""
    return {"action": action, "name": change.name, "what": ": ".join(each for each in (done, fields) if each)}


def _of_enrolment(change: Change, action: str, teller: Teller) -> str:
    after = {name: value for name, value in change.after.items() if value not in (None, "", False)}
    if action == "add":
        return f"as {after['role']}" if after.get("role") else ""
    if action in ("role", "dates", "back"):
        return "; ".join(teller.fields(change))
    return change.reason
