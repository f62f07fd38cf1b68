"""A transfer before it is stored: numbered changes, what holds them, and findings."""

import json
from collections.abc import Iterator

import polars as pl

from matricula.grades.difference import Difference, Kept, differ
from matricula.grades.transfer_rules import RULES
from matricula.grades.wanted import Wanted
from matricula.planning import Draft, Hold, checksum
from matricula.planning.limits import count_of, exceeded
from matricula.planning.plan import numbered
from matricula.profiles.documents.grades import GradeLimits, GradeRules
from matricula.roster import Finding
from matricula.roster.gradebook import KINDS, Gradebook
from matricula.sinks import Abilities

CONFLICTS_TOLD = 100
"""So many conflicts are findings of their own; the others are counted."""

GRADES = ("result", "final-grade")


def draft_transfer(
    wanted: Wanted, standing: Gradebook | None, kept: Kept, abilities: Abilities, rules: GradeRules
) -> tuple[Draft, pl.DataFrame]:
    """Work out a transfer.

    Args:
        wanted: what should stand.
        standing: what stands; None where the sink cannot tell.
        kept: ledger, decisions and names.
        abilities: what the sink can take.
        rules: the profile's part on grades.

    Returns:
        the plan, and its conflicts (`difference.CONFLICTS` with `state`).
    """
    difference = differ(wanted, standing, kept, abilities, removes=rules.gone == "remove")
    changes = numbered(difference.changes)
    held = [*_empty(wanted, difference), *too_many(changes, difference.sent, rules.limits)]
    findings = (*wanted.findings, *_untaken(wanted, abilities, kept.sink), *_told(difference, kept.sink))
    return Draft(changes, findings, tuple(held), checksum(changes)), difference.conflicts


def too_many(changes: pl.DataFrame, sent: int, limits: GradeLimits) -> list[Hold]:
    """Why a transfer that changes or takes away more than the limits allow waits.

    Args:
        changes: its changes.
        sent: how many results and final grades were sent before.
        limits: the profile's limits.
    """
    grades = changes.filter(pl.col("kind").is_in(GRADES))
    counts = {
        "change": (grades.filter(pl.col("action") == "update").height, limits.changed, "too-many-grades-changed"),
        "remove": (grades.filter(pl.col("action") == "remove").height, limits.removed, "too-many-grades-removed"),
    }
    reasons = []
    for act, (number, allowance, code) in counts.items():
        if why := exceeded(number, sent, allowance):
            told = f"The transfer would {act} {number:,} of {count_of('grade', sent)} ({number / max(sent, 1):.0%})"
            words = f"{act} {count_of('grade', number)}".replace(",", "")
            reasons.append(Hold(code, f"{told}; {why} waits for a person.", words))
    return reasons


def _empty(wanted: Wanted, difference: Difference) -> list[Hold]:
    if difference.sent and not any(wanted.book.frames[kind].height for kind in GRADES):
        told = f"No grades at all were read, and {count_of('grade', difference.sent)} were sent before."
        return [Hold("no-grades", told, "no grades")]
    return []


def _untaken(wanted: Wanted, abilities: Abilities, sink: str) -> Iterator[Finding]:
    for kind in KINDS:
        frame = wanted.book.frames[kind]
        if frame.height and kind not in abilities.kinds:
            kinds = count_of(kind.replace("-", " "), 2).partition(" ")[2]
            yield finding("grade-kind-untaken", kind, sink=sink, kind=kinds, number=frame.height)
    results = wanted.book.frames["result"]
    lost = results.height - abilities.held("result", results).height if "result" in abilities.kinds else 0
    if lost:
        yield finding("grade-untaken", "result", sink=sink, number=lost)


def _told(difference: Difference, sink: str) -> Iterator[Finding]:
    waiting = difference.conflicts.filter(pl.col("state") == "open").sort("kind", "name", "key")
    for row in waiting.head(CONFLICTS_TOLD).iter_rows(named=True):
        sides = {side: side_in_words(row[side]) for side in ("ours", "theirs")}
        yield finding("grade-conflict", row["key"], name=row["name"], **sides)
    if waiting.height > CONFLICTS_TOLD:
        yield finding("grade-conflicts", "", number=waiting.height - CONFLICTS_TOLD)
    if difference.fixed:
        yield finding("grade-stays", "", number=difference.fixed, sink=sink)


def side_in_words(text: str) -> str:
    """One side of a conflict as people read it: `score 85`, `nothing`."""
    side = json.loads(text)
    if side.get("gone"):
        return "nothing"
    return ", ".join(f"{name} {_value_in_words(value)}" for name, value in side.items())


def finding(code: str, key: str, **told: object) -> Finding:
    """A finding of a transfer about a record."""
    return RULES[code].finding(sourced_id=key, line=None, value="", told=told)


def _value_in_words(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
