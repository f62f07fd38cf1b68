"""Sources on the screen: how they stand, what a look at one showed, and what changed in one."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from matricula.cli.screen import Screen, counted, duration, moment
from matricula.hub.source_check import SourceSeen, TableSeen
from matricula.hub.source_diff import Differing, SourceDiff, TableDiff
from matricula.hub.sources import SourceStanding
from matricula.roster import Finding

FEW = 10
"""So many records of a table, or findings of a kind, are told where not all are asked for."""

_STYLES = {"gone": "yellow", "new": "green", "changed": "blue"}


def print_sources(screen: Screen, found: Sequence[SourceStanding]) -> None:
    """Sources as a table, with what each lacks below it."""
    rows = [
        (
            each.source,
            each.type,
            ", ".join(each.profiles) or "none",
            moment(each.read_at) if each.read_at else "never",
            ", ".join(f"{number:,} {table}" for table, number in each.counts.items() if table in _TOLD),
        )
        for each in found
    ]
    screen.table(("source", "type", "profiles", "last read", "held then"), rows)
    for each in found:
        for which in each.lacking:
            screen.line(f"{each.source} lacks its {which}: matricula source secret {each.source} {which}", "yellow")


_TOLD = ("users", "classes", "enrollments")


def print_check(screen: Screen, seen: SourceSeen, *, everything: bool) -> None:
    """What a look at a source showed."""
    screen.line(f"Source {seen.source} ({seen.type}) can be read.", "bold green")
    screen.line(f"from {seen.origin}, as OneRoster {seen.version}", "dim", hang=2)
    screen.line(f"read in {duration(seen.seconds)}, checked in {duration(seen.checking_seconds)}", "dim")
    for note in seen.notes:
        screen.line(note, "dim", hang=2)
    screen.line()
    rows = [(each.name, f"{each.rows:,}", f"{each.usable:,}", _claim(each), each.read_from) for each in seen.tables]
    screen.table(("table", "rows", "usable", "claims", "read from"), rows, numbers=("rows", "usable"))
    _print_missing(screen, seen)
    _print_findings(screen, seen.findings, everything=everything)
    for table in seen.tables:
        _print_samples(screen, table)
    screen.line()
    screen.line("What a profile makes of it: matricula profile preview")


def _claim(table: TableSeen) -> str:
    if table.changes:
        return "complete, by changes laid over it" if table.complete else "changes only"
    return "complete" if table.complete else "not complete"


def _print_samples(screen: Screen, table: TableSeen) -> None:
    if not table.samples:
        return
    screen.line()
    screen.line(f"{table.name}, the first rows; personal data is shortened", "bold")
    partly = [f"{name} {share:.0%}" for name, share in table.filled.items() if 0 < share < 1]
    blank = [name for name, share in table.filled.items() if not share]
    for what, names in (("filled in part: ", partly), ("blank in every row: ", blank)):
        if names:
            screen.line(what + ", ".join(names), "dim", indent=2, hang=2)
    for row in table.samples:
        screen.line(", ".join(f"{name}: {cell}" for name, cell in row.items()), indent=2, hang=4)


def _print_missing(screen: Screen, seen: SourceSeen) -> None:
    if seen.missing:
        screen.line()
        screen.line("Missing or blank:", "bold yellow")
        for sentence in seen.missing:
            screen.line(sentence, indent=2, hang=2)


def _print_findings(screen: Screen, findings: Sequence[Finding], *, everything: bool) -> None:
    if not findings:
        screen.line()
        screen.line("Nothing is wrong with any row.", "green")
        return
    screen.line()
    screen.line(f"Wrong with rows: {counted(len(findings), 'finding')}", "bold yellow")
    for finding in islice(findings, None if everything else FEW):
        style = "red" if finding.severity == "error" else ""
        screen.line(str(finding), style, indent=2, hang=2)
    if not everything and len(findings) > FEW:
        screen.line(f"… and {len(findings) - FEW:,} more; --all shows them", "dim", indent=2)


def print_diff(screen: Screen, diff: SourceDiff, *, everything: bool) -> None:
    """What changed in a source since it was last read."""
    if diff.since is None:
        screen.line(f"Source {diff.source} had never been read. This reading was kept; from now on changes are told.")
        return
    differing = [table for table in diff.tables if table.records]
    title = f"Source {diff.source} since {moment(diff.since)}"
    if not differing:
        screen.line(f"{title}: nothing changed.", "green")
        return
    screen.line(f"{title}:", "bold")
    states = ("gone", "new", "changed")
    rows = [
        (each.name, f"{each.before:,}", f"{each.after:,}", *(f"{each.count(state):,}" for state in states))
        for each in diff.tables
    ]
    screen.table(("table", "before", "now", *states), rows, numbers=("before", "now", *states))
    for table in differing:
        _print_table(screen, table, everything=everything)


def _print_table(screen: Screen, table: TableDiff, *, everything: bool) -> None:
    screen.line()
    screen.line(table.name, "bold")
    for state, style in _STYLES.items():
        records = [record for record in table.records if record.state == state]
        for record in islice(records, None if everything else FEW):
            screen.line(f"{state}: {_told(record)}", style, indent=2, hang=2)
        if not everything and len(records) > FEW:
            screen.line(f"… and {len(records) - FEW:,} more {state}; --all shows them", "dim", indent=2)


def _told(record: Differing) -> str:
    fields = "; ".join(
        f"{name} {before or '(blank)'} → {after or '(blank)'}" for name, (before, after) in record.fields.items()
    )
    return f"{record.name} [{record.sourced_id}]{': ' + fields if fields else ''}"


def diff_as_json(diff: SourceDiff) -> dict[str, Any]:
    """What changed, for machines."""
    tables = [
        {
            "table": each.name,
            "before_rows": each.before,
            "after_rows": each.after,
            "records": [
                {
                    "state": record.state,
                    "sourced_id": record.sourced_id,
                    "name": record.name,
                    "fields": {name: {"before": old, "after": new} for name, (old, new) in record.fields.items()},
                }
                for record in each.records
            ],
        }
        for each in diff.tables
    ]
    return {"source": diff.source, "since": diff.since, "tables": tables}
