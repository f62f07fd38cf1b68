"""Changes of a tool's preview in words, for commands and pages alike."""

from collections.abc import Mapping
from typing import Any, Final

from matricula.tools.roster import FIELDS

TITLES: Final = {
    "match": "Known from now on; nothing is sent",
    "add": "Added",
    "restore": "Brought back",
    "update": "Changed",
    "delete": "Deleted",
}
"""What stands above the changes of each action."""
_FIELDS: Final = {
    "email": "e-mail",
    "given": "first name",
    "family": "last name",
    "number": "ID number",
    "section": "group",
}
_REASONS: Final = {"left": "no longer in the course", "suspended": "suspended", "address": "another e-mail address"}


def title_of(kind: str, change: Mapping[str, Any]) -> str:
    """What a change stands under: its activity for a grade, else what is done.

    Args:
        kind: `roster` or `grades`.
        change: the change as its preview keeps it.
    """
    return str(change["activity"]) if kind == "grades" else TITLES[change["action"]]


def name_of(kind: str, change: Mapping[str, Any]) -> str:
    """Whom a change is about; see `title_of`."""
    return str(change["person"] if kind == "grades" else change["name"])


def told_of(kind: str, change: Mapping[str, Any]) -> str:
    """What a change does with somebody; see `title_of`."""
    if kind == "grades":
        was = "no grade" if change["before"] is None else f"{change['before']:g}"
        return f"{was} → {change['after']:g} ({change['reason']})"
    before, after = change["before"] or {}, change["after"] or {}
    if change["action"] == "update":
        altered = [
            f"{_FIELDS[name]}: {before[name] or '–'} → {after[name] or '–'}"
            for name in FIELDS
            if before[name] != after[name]
        ]
        return "; ".join(altered)
    return ", ".join([str((after or before).get("email", "")), *_further(change)])


def _further(change: Mapping[str, Any]) -> list[str]:
    told = [_REASONS[change["reason"]]] if change["reason"] in _REASONS else []
    if change.get("mailed"):
        return [*told, "gets an invitation by Matricula's mail"]
    return [*told, "gets an invitation"] if change["invites"] else told
