"""Whether the ground of a change has moved since the plan saw it.

A change whose record is no longer as the plan saw it is not carried out: somebody did something since, and the next
plan will show it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from matricula.planning import ENTITIES, Change, Ground, holds, known_of, make_sure, observed
from matricula.store import Outcome


@dataclass
class Checked:
    """Changes by what is to be done about them.

    Args:
        todo: as the plan saw them.
        there: already as the change would make them: only the ledger is to learn it.
        stale: outcomes of those whose ground has moved.
    """

    todo: list[Change] = field(default_factory=list)
    there: list[Change] = field(default_factory=list)
    stale: list[Outcome] = field(default_factory=list)


def check(ground: Ground, kind: str, changes: Sequence[Change]) -> Checked:
    """Look at the records concerned once more.

    Args:
        ground: profile, ledger and site.
        kind: the kind of all the changes.
        changes: changes without an outcome.
    """
    checked = Checked()
    known = dict(ground.ledger(kind).select("key", "moodle_id").iter_rows())
    makes = ENTITIES[kind].makes
    moved = _moved_already(ground, kind, [change for change in changes if change.action in makes - {"create"}])
    writing = [change for change in changes if change.after and change.action != "create"]
    seen = observed(ENTITIES, kind, ground, [known_of(ground, change) for change in writing])
    make_sure(ENTITIES, ground, _needs(kind, [change for change in changes if change.after]))
    meanwhile = _made_meanwhile(ground, kind, [change for change in changes if change.action == "create"])
    for change in changes:
        if change.action == "create":
            _sort_new(
                change,
                checked,
                entered=known.get(change.key, change.moodle_id) != change.moodle_id,
                seen=meanwhile.get(change.key),
            )
        elif change.number in moved:
            checked.there.append(change._replace(moodle_id=moved[change.number]))
        elif change.moodle_id is None and change.action != "match" and known.get(change.key) is not None:
            told = "Another plan has moved it to Matricula's own method since. Plan again."
            checked.stale.append(Outcome(change.number, "stale", None, told))
        elif change.after:
            other = ground.looked.other(kind, change.key, change.moodle_id)
            _sort(change, checked, seen.get(change.key), is_other=other is not None)
        else:
            checked.there.append(change)
    return checked


def _made_meanwhile(ground: Ground, kind: str, creations: list[Change]) -> dict[str, dict[str, Any]]:
    """Records that somebody made since the plan where Moodle would not refuse to double them.

    Nobody can have put anything into what this run itself has made.
    """
    entity = ENTITIES[kind]
    if not entity.doubled or not creations:
        return {}
    found = (pl.col("run") != ground.run).fill_null(value=True) | (pl.col("origin") == "matched")
    old = {kind: set(ground.ledger(kind).filter(found)["key"]) for kind in entity.references(creations[0])}
    if not all(old.values()):
        return {}
    concerned = [
        (change.key, None)
        for change in creations
        if all(end in old[kind] for kind, end in entity.references(change).items())
    ]
    return entity.observe(ground, concerned)


def _moved_already(ground: Ground, kind: str, changes: list[Change]) -> dict[int, int | None]:
    """Records that have got already what a change would give them, by its number, with their ids."""
    return ENTITIES[kind].find_made(ground, changes) if changes else {}


def _sort_new(change: Change, checked: Checked, *, entered: bool, seen: dict[str, Any] | None) -> None:
    if entered:
        checked.stale.append(Outcome(change.number, "stale", None, "Another plan has made it since. Plan again."))
    elif seen is not None:
        checked.stale.append(
            Outcome(change.number, "stale", None, "Somebody made it in Moodle since the plan. Plan again.")
        )
    else:
        checked.todo.append(change)


def _needs(kind: str, changes: Sequence[Change]) -> dict[str, set[str]]:
    """Records that Moodle is told by id when these are written."""
    entity, needs = ENTITIES[kind], dict[str, set[str]]()
    for change in changes:
        for each, key in entity.references(change).items():
            needs.setdefault(each, set()).add(key)
    keys = pl.DataFrame({"key": [change.key for change in changes]}, schema={"key": pl.String})
    for each, more in entity.needs(keys).items():
        needs.setdefault(each, set()).update(more)
    return needs


def _sort(change: Change, checked: Checked, seen: dict[str, Any] | None, *, is_other: bool) -> None:
    if is_other:
        told = f"The id {change.moodle_id} is another record's by now. Plan again."
        checked.stale.append(Outcome(change.number, "stale", change.moodle_id, told))
    elif holds(change.after, seen):
        checked.there.append(change)
    elif seen is None:
        checked.stale.append(
            Outcome(change.number, "stale", change.moodle_id, "It is no longer on the site. Plan again.")
        )
    elif moved := [
        name for name, value in change.before.items() if seen.get(name) not in (value, change.after.get(name, value))
    ]:
        told = "; ".join(f"{name} was “{change.before[name]}” and is “{seen.get(name)}”" for name in moved)
        checked.stale.append(
            Outcome(
                change.number, "stale", change.moodle_id, f"Somebody changed it since the plan: {told}. Plan again."
            )
        )
    else:
        checked.todo.append(change)
