"""Learning tools as commands print them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from matricula.cli.screen import Screen, counted
from matricula.hub.tool_grades import LessonSeen
from matricula.hub.tool_words import TITLES, name_of, title_of, told_of
from matricula.store import CourseMapping, Preview, ToolStanding
from matricula.tools.roster import RosterChange, counts_of

Outcomes = Mapping[int, tuple[str, str]]


def standing_as_json(standing: ToolStanding | None) -> dict[str, Any] | None:
    """How a connection stands."""
    return None if standing is None else asdict(standing)


def mapping_as_json(mapping: CourseMapping) -> dict[str, Any]:
    """Two mapped courses."""
    return asdict(mapping)


def preview_as_json(preview: Preview, mapping: CourseMapping, outcomes: Outcomes | None = None) -> dict[str, Any]:
    """A preview with what became of its changes."""
    changes = [
        {"number": number, **each}
        | ({"outcome": outcomes[number][0], "why": outcomes[number][1]} if outcomes and number in outcomes else {})
        for number, each in enumerate(preview.changes)
    ]
    return {
        "preview": preview.id,
        "kind": preview.kind,
        "state": preview.state,
        "mapping": mapping_as_json(mapping),
        "counts": {"grade": len(preview.changes)} if preview.kind == "grades" else counts_of(_read(preview)),
        "changes": changes,
        "findings": list(preview.findings),
    }


def lesson_as_json(lesson: LessonSeen) -> dict[str, Any]:
    """A lesson and where its grades go."""
    return {
        "id": "-".join(lesson.place),
        "title": lesson.item.title,
        "maximum": lesson.item.maximum,
        "state": lesson.item.state,
        "chosen": lesson.item.cmid is not None,
        "activity": asdict(lesson.activity) if lesson.activity else None,
    }


def print_preview(screen: Screen, preview: Preview, mapping: CourseMapping, outcomes: Outcomes | None = None) -> None:
    """A preview by name."""
    kind, tools = preview.kind, f"{mapping.remote_name} of {mapping.tool}"
    told = f"grades of {tools} to {mapping.course_name}" if kind == "grades" else f"{mapping.course_name} to {tools}"
    screen.line(f"Preview {preview.id}: {told}", "bold")
    counted_by = Counter(title_of(kind, each) for each in preview.changes)
    before = ""
    for number, change in enumerate(preview.changes):
        if (title := title_of(kind, change)) != before:
            before = title
            screen.line(f"{title}: {counted_by[title]}", "bold")
        ended = outcomes.get(number) if outcomes else None
        state = f" [{ended[0]}] {ended[1]}".rstrip() if ended else ""
        screen.line(f"{name_of(kind, change)}: {told_of(kind, change)}{state}", indent=2, hang=2)
    _print_end(screen, preview)


def _print_end(screen: Screen, preview: Preview) -> None:
    for finding in preview.findings:
        screen.line(f"{finding['message']} {finding['remedy']}", "yellow", hang=2)
    if not preview.changes:
        screen.line("Nothing to change.", "green")
    elif preview.state == "open":
        screen.line(f"Write exactly this: matricula tool apply {preview.id}")


def print_outcomes(screen: Screen, preview: Preview, outcomes: Outcomes) -> None:
    """What became of a preview: counts, and by name what did not go through."""
    if preview.kind == "grades":
        _print_grade_outcomes(screen, preview, outcomes)
        return
    changes = _read(preview)
    done = counts_of([changes[number] for number, (state, _) in outcomes.items() if state == "done"])
    told = ", ".join(f"{TITLES[action].partition(';')[0].lower()} {count}" for action, count in done.items())
    screen.line(f"Preview {preview.id} is applied: {told or 'nothing to change'}.", "green")
    invited = sum(changes[number].mailed for number, (state, _) in outcomes.items() if state == "done")
    if invited:
        screen.line(f"{counted(invited, 'invitation')} in the outbox: `matricula serve` or a worker sends them.")
    left = {number: each for number, each in outcomes.items() if each[0] != "done"}
    if left:
        screen.line(f"{counted(len(left), 'change')} did not go through:", "yellow")
    for number, (state, reason) in left.items():
        screen.line(f"{changes[number].name} ({changes[number].action}): {state}. {reason}", indent=2, hang=2)


def _print_grade_outcomes(screen: Screen, preview: Preview, outcomes: Outcomes) -> None:
    done = sum(state == "done" for state, _ in outcomes.values())
    screen.line(f"Preview {preview.id} is applied: {counted(done, 'grade')} written and read back.", "green")
    left = {number: each for number, each in outcomes.items() if each[0] != "done"}
    if left:
        screen.line(f"{counted(len(left), 'grade')} did not go through:", "yellow")
    for number, (state, reason) in left.items():
        change = preview.changes[number]
        screen.line(f"{change['person']}, {change['activity']}: {state}. {reason}", indent=2, hang=2)


def _read(preview: Preview) -> list[RosterChange]:
    return [RosterChange.read(each) for each in preview.changes] if preview.kind == "roster" else []
