"""A plan as one page that needs nothing beside itself: for people who decide and never open a terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from jinja2 import Environment, PackageLoader, StrictUndefined

from matricula.hub.changes_told import Teller, field_in_words, groups, heading, named, place_of
from matricula.hub.storing import Planned
from matricula.hub.words import counted
from matricula.planning import Change, read_changes

#: A group of more changes than this is folded.
_OPEN = 40


@dataclass(frozen=True)
class _Line:
    """One change as the page shows it."""

    name: str
    fields: tuple[tuple[str, str | None, str], ...]
    reason: str
    place: str
    outcome: str
    why: str


def page_of(
    planned: Planned,
    changes: pl.DataFrame,
    outcomes: Mapping[int, Mapping[str, Any]],
    chosen_by: str,
    teller: Teller,
    made: str,
) -> str:
    """A plan as HTML.

    Args:
        planned: the plan.
        changes: the changes to be shown.
        outcomes: what became of them, by number.
        chosen_by: by what they were chosen, in words; empty where all are shown.
        teller: tells values in words.
        made: when it was made, in words.
    """
    pages = Environment(
        loader=PackageLoader("matricula.hub", "pages"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    record = planned.record
    return pages.get_template("plan.html").render(
        number=planned.number,
        record=record,
        made=made,
        total=counted(planned.changes.height, "change"),
        chosen_by=chosen_by,
        taken=counted(changes.filter("removes").height, "change"),
        takes=changes.filter("removes").height > 0,
        parts=[_part(kind, action, found, outcomes, teller) for kind, action, found in groups(changes)],
        findings=[
            {"severity": each.severity, "place": place_of(each), "message": each.message, "remedy": each.remedy or ""}
            for each in planned.findings
        ],
        words=planned.words,
    )


def _part(
    kind: str, action: str, found: pl.DataFrame, outcomes: Mapping[int, Mapping[str, Any]], teller: Teller
) -> dict[str, Any]:
    return {
        "heading": heading(kind, action, found.height),
        "takes": bool(found["removes"].any()),
        "open": found.height <= _OPEN,
        "lines": [_line(change, outcomes.get(change.number), teller) for change in read_changes(found)],
    }


def _line(change: Change, outcome: Mapping[str, Any] | None, teller: Teller) -> _Line:
    fields = tuple(
        (
            field_in_words(name),
            teller.value(name, change.before[name]) if name in change.before else None,
            teller.value(name, new),
        )
        for name, new in change.after.items()
    )
    state, why = (str(outcome["state"]), str(outcome["reason"])) if outcome else ("", "")
    return _Line(named(change), fields, change.reason, change.place, state, why)
