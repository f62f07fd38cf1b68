"""What a job for a course has come to, as the block shows it: the preview by name, or what became of it."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from matricula.hub import outcomes_of, stored_plan
from matricula.hub.block_course import BlockCourse, why_not_now
from matricula.hub.block_told import MOST, left_out, lines_of_grades, lines_of_plan
from matricula.hub.kept_roster import kept_roster
from matricula.hub.tools import stored_preview
from matricula.hub.words import counted
from matricula.service.approving import words_wanted
from matricula.service.service import Service
from matricula.store import Job

_STATES: Final = {"done": "done", "refused": "refused by Moodle", "stale": "left alone", "skipped": "not tried"}


@dataclass(frozen=True)
class Told:
    """What is told of a job beside its state.

    Args:
        preview: what would be done, once that is known; None before, and of a job that writes.
        outcome: how many changes have which outcome, and those that were not done by name; None of a preview.
    """

    preview: dict[str, Any] | None = None
    outcome: dict[str, Any] | None = None


def told_of_plan(service: Service, course: BlockCourse, number: int) -> dict[str, Any]:
    """A plan for a course, by name."""
    planned = stored_plan(service.store, number)
    record, kept = planned.record, kept_roster(service.home, course.profile.name)
    names = {key: entry.name for key, entry in kept.people.items()} if planned.findings else {}
    return {
        "plan": number,
        "state": record.state,
        "lines": lines_of_plan(planned.changes, course.profile.timezone),
        "more": max(0, planned.changes.height - MOST),
        "agree": words_wanted(service.store, record) if record.state == "ready" else "",
        "held": [str(hold["message"]) for hold in record.held],
        "left": left_out(planned.findings, names),
        "obstacle": why_not_now(service.home, course.profile),
    }


def outcome_of_plan(service: Service, number: int) -> dict[str, Any]:
    """What became of the changes of a plan."""
    ended = outcomes_of(service.store, number)
    counts = Counter(ended["state"].to_list())
    runs = service.store.runs.all(plan=number, limit=1)
    left = service.store.views.left_over(runs[0].id, limit=MOST) if runs else []
    return {"counts": dict(counts), "left": [{"name": each.name, "why": each.reason} for each in left]}


def told_of_grades(service: Service, number: int) -> dict[str, Any]:
    """A preview of grades, by name."""
    preview, mapping = stored_preview(service.home, number)
    found = [f"{each['message']} {each.get('remedy', '')}".strip() for each in preview.findings]
    return {
        "preview": number,
        "tool": mapping.tool,
        "state": preview.state,
        "lines": lines_of_grades(preview),
        "more": max(0, len(preview.changes) - MOST),
        "agree": "",
        "held": [],
        "left": [{"name": "", "why": each} for each in found],
        "obstacle": "",
    }


def outcome_of_grades(service: Service, number: int) -> dict[str, Any]:
    """What became of the grades of a preview."""
    preview, _ = stored_preview(service.home, number)
    ended = service.store.tool_previews.outcomes(number)
    counts = Counter(each.state for each in ended.values())
    left = [
        {"name": str(preview.changes[each.number]["person"]), "why": each.reason}
        for each in ended.values()
        if each.state not in ("done", "sent")
    ]
    return {"counts": dict(counts), "left": left}


def job_in_words(job: Job, told: Told, *, ahead: bool) -> str:
    """How a job stands, in a sentence or two.

    Args:
        job: the job.
        told: what it has come to.
        ahead: whether other work on the site is being done.
    """
    if job.state == "waiting":
        waits = "Other work on this Moodle comes first." if ahead else "It waits for its turn."
        return f"{job.error['what']} It is tried again by itself." if job.error else waits
    if job.state == "working":
        return f"{job.step[:1].upper()}{job.step[1:]}." if job.step else "It is being worked on."
    if job.state == "failed":
        error = job.error or {}
        return f"{error.get('what', 'It failed.')} {error.get('remedy', '')}".strip()
    if job.state == "cancelled":
        return "Somebody cancelled it in Matricula."
    return _ended(told)


def _ended(told: Told) -> str:
    if told.preview is not None:
        number = len(told.preview["lines"]) + told.preview["more"]
        return f"{counted(number, 'change')}." if number else "Everything is in step; there is nothing to do."
    counts = told.outcome["counts"] if told.outcome else {}
    if not counts:
        return "It is done."
    return f"{', '.join(f'{counts[state]:,} {word}' for state, word in _STATES.items() if counts.get(state))}."
