"""What of a roster is for people to do: where a tool lets its rosters only be read, a change becomes a finding."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from matricula.roster import Finding
from matricula.tools.roster import FIELDS, RosterChange
from matricula.tools.rules import RULES

_WORDS: Mapping[str, str] = {
    "email": "the address",
    "given": "the first name",
    "family": "the last name",
    "number": "the number",
    "section": "the group",
}


def by_hand(
    changes: Iterable[RosterChange], known: Mapping[str, int]
) -> tuple[tuple[RosterChange, ...], tuple[Finding, ...]]:
    """Divide changes into those that send nothing, which are kept, and what the tool has to take from elsewhere.

    Args:
        changes: as `roster.compare` gives them for a tool that can write.
        known: accounts by the ids of students, as they were kept before.

    Returns:
        changes that note which student somebody is, and one finding for each difference.
    """
    kept: list[RosterChange] = []
    findings: list[Finding] = []
    for each in changes:
        if each.action == "match" or (each.action == "update" and known.get(each.student) != each.user):
            kept.append(replace(each, action="match", reason="known", after=each.before))
        if (told := _told(each)) is not None:
            findings.append(
                RULES["tool-by-hand"].finding(sourced_id="", line=None, value=told, told={"name": each.name})
            )
    return tuple(kept), tuple(findings)


def _told(change: RosterChange) -> str | None:
    if change.action == "add":
        # Whoever has another address is told of once, by the student with the old one.
        return None if change.reason == "address" else "is not in the tool"
    if change.action == "delete":
        return "has another address in the tool" if change.reason == "address" else "is in the tool and not to be there"
    if change.action != "update" or change.before is None or change.after is None:
        return None
    other = [_WORDS[name] for name in FIELDS if change.before[name] != change.after[name] and name != "section"]
    return f"differs in the tool by {', '.join(other)}" if other else None
