"""What comes of the settings of what is looked at, and of what becomes of edits made in Moodle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from setting_bench import EDITED, FIRST_DAY, Bench, Parts
from setting_looks import LEFT_OUT, NOON, Look, Setting, read

from matricula.planning.shares import SHARES, due

_WORDS = {"leave": "open", "accept": "accepted", "put-back": "planned"}


def edited(kind: str, field: str) -> Look:
    """Looks at what becomes of an edit that somebody made of a field."""

    def look(bench: Bench, parts: Parts) -> Any:
        desk = bench.edited
        desk.parts = EDITED | dict(parts)
        changes = desk.plan(FIRST_DAY, full=True).changes.rows(named=True)
        if any(row["kind"] == kind and f'"{field}"' in row["after"] for row in changes):
            return "planned"
        return next(edit.state for edit in desk.edits if (edit.kind, edit.field) == (kind, field))

    return look


def a_day_later(_: Bench, parts: Parts) -> int:
    """Looks at how many shares come a day after all were looked at."""
    return len(due(dict.fromkeys(range(SHARES), NOON), NOON + timedelta(days=1), read(parts).observe.within))


def of_kind(kind: str, field: str) -> Setting:
    return Setting(f"drift.{kind}", edited(kind, field), [({field: word}, came) for word, came in _WORDS.items()])


OF_DRIFT = [
    Setting("observe.within", a_day_later, [(LEFT_OUT, 4), (1, SHARES), (0, 0)]),
    Setting("drift.default", edited("user", "firstname"), list(_WORDS.items())),
    of_kind("category", "name"),
    of_kind("user", "firstname"),
    of_kind("course", "fullname"),
    of_kind("cohort", "name"),
    of_kind("group", "name"),
    of_kind("enrolment", "suspended"),
]
