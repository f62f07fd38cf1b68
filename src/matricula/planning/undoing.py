"""Undoing a run: for every change that it carried out the one that takes it back, as an ordinary plan.

Field by field what was there before is set again where the site still holds what the run set. What somebody has
changed since is left and told. What the run made is not deleted but suspended or hidden (decision 17).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from matricula.planning.change import GONE, REPLACES, Change, changes_frame, to_json
from matricula.planning.entity import LEFT, Entity, Fields
from matricula.planning.ground import Ground
from matricula.planning.limits import too_many
from matricula.planning.membership import Membership
from matricula.planning.observing import observed
from matricula.planning.own_method import METHOD
from matricula.planning.plan import ENTITIES, Draft, checksum, live_of, numbered, today_in
from matricula.planning.undo_rules import RULES
from matricula.profiles.enrolment_frame import SEPARATOR

Earlier = Mapping[tuple[str, str], Fields]
"""What the ledger held of records before the run, by kind and key; of those that an earlier run wrote."""

_STAYING = ("category", "group", "grouping", "cohort")
#: Fields whose values are keys of categories.
_CATEGORY_FIELDS = ("parent", "category")


def plan_undo(
    ground: Ground, run: int, done: Sequence[Change], earlier: Earlier, kept: Mapping[tuple[str, str], int]
) -> Draft:
    """Work out what takes a run back.

    Args:
        ground: profile, ledger and site; nothing is written to any of them.
        run: the run.
        done: the changes that it carried out, with the Moodle ids of what it made.
        earlier: what the ledger held before the run.
        kept: how many grades the run kept, by the keys of person and course.
    """
    undoing = _Undoing(ground, run, done, earlier, kept)
    rows: list[dict[str, Any]] = []
    for kind, entity in ENTITIES.items():
        rows += undoing.of_kind(entity, [change for change in done if change.kind == kind])
    changes = numbered(changes_frame(rows))
    held = too_many(changes, live_of(ground), ground.profile.limits, today_in(ground.profile.timezone))
    return Draft(changes, tuple(ground.findings), tuple(held), checksum(changes))


def needs_earlier(change: Change) -> bool:
    """Whether what a change says of the time before it is not enough to take it back."""
    if change.action == "create" or GONE in change.after:
        return False
    return bool(change.after.keys() - change.before.keys()) or change.action in ("revive", "show")


class _Undoing:
    def __init__(
        self, ground: Ground, run: int, done: Sequence[Change], earlier: Earlier, kept: Mapping[tuple[str, str], int]
    ) -> None:
        self._ground = ground
        self._run = run
        self._earlier = earlier
        self._kept = kept
        self._renamed = {
            change.written[REPLACES]: change.key
            for change in done
            if change.kind == "category" and REPLACES in change.written
        }
        self._anew: dict[str, set[str]] = {}

    def of_kind(self, entity: Entity, done: Sequence[Change]) -> list[dict[str, Any]]:
        moved = [change for change in done if METHOD in change.after]
        if moved:
            self._find("undo-moved", "", number=len(moved))
        wrote = [
            change
            for change in done
            if METHOD not in change.after and (change.after or self._went_along(entity, change))
        ]
        if not wrote:
            return []
        ledger = {row["key"]: row for row in self._ground.ledger(entity.kind).iter_rows(named=True)}
        ours = []
        for change in wrote:
            row = ledger.get(change.key)
            # An enrolment that was moved to the own method since has got an id.
            if row is None or change.moodle_id not in (None, row["moodle_id"]):
                self._tell("undo-elsewhere", change)
            else:
                ours.append((change, row))
        self._ground.say(f"reading {len(ours)} {entity.kind} records")
        known = [entity.known(self._ground, row) for _, row in ours]
        there = observed(ENTITIES, entity.kind, self._ground, known)
        rows = []
        for change, row in ours:
            seen = there.get(change.key)
            if self._ground.looked.other(entity.kind, change.key, row["moodle_id"]) is not None:
                self._tell("undo-elsewhere", change)
            elif seen is not None and entity.is_protected(self._ground, row["moodle_id"], seen):
                self._tell("undo-protected", change)
            elif undone := self._undone(entity, change, row, seen):
                rows.append(undone)
        self._anew[entity.kind] = {row["key"] for row in rows if row["action"] == "create"}
        return self._with_places(entity, rows)

    def _went_along(self, entity: Entity, change: Change) -> bool:
        """Whether a place went with an enrolment or a group that the run took away and that is made anew."""
        if not isinstance(entity, Membership) or GONE not in change.written:
            return False
        return any(key in self._anew.get(kind, ()) for kind, key in entity.ends(change.key).items())

    def _undone(
        self, entity: Entity, change: Change, row: dict[str, Any], seen: Fields | None
    ) -> dict[str, Any] | None:
        written: Fields = json.loads(row["written"] or "{}")
        if change.action == "create":
            return self._of_creation(entity, change, row, written, seen)
        if GONE in change.after or not change.after:
            return None if seen is not None else self._of_ending(entity, change, row, written)
        if seen is None:
            self._tell("undo-gone", change)
            return None
        return self._of_fields(entity, change, row, written, seen)

    def _of_creation(
        self, entity: Entity, change: Change, row: dict[str, Any], written: Fields, seen: Fields | None
    ) -> dict[str, Any] | None:
        """What the run made is taken out of use; places and links, which hold nothing, are taken away."""
        if seen is None:
            if entity.gone or entity.kind in _STAYING:
                self._tell("undo-gone", change)
            return None
        if entity.kind in _STAYING:
            self._tell("undo-stays", change)
            return None
        gone = entity.gone or {GONE: True}
        # Of an enrolment with dates the site does not tell whether it is suspended.
        after = {name: value for name, value in gone.items() if seen.get(name, written.get(name)) != value}
        if not after:
            return None
        shown = seen if GONE in after else {name: seen[name] for name in after if name in seen}
        action = entity.gone_action if entity.gone else "remove"
        told = f"undone: run {self._run} made it"
        return self._change(change, row, action, told, shown, after, written | gone | {LEFT: list(gone)}, removes=True)

    def _of_ending(self, entity: Entity, change: Change, row: dict[str, Any], written: Fields) -> dict[str, Any] | None:
        """What the run took off the site is made again, as far as that can be."""
        if entity.kind == "course":
            self._tell("undo-course-deleted", change)
            return None
        fields = {name: value for name, value in written.items() if name not in (GONE, LEFT, REPLACES)}
        if entity.kind == "enrolment":
            fields["role"] = fields.get("role") or change.before.get("role", "")
            fields["suspended"] = bool(change.before.get("suspended", False))
            if not fields["role"] or "," in fields["role"]:
                self._tell("undo-unknown", change, field="role", value="")
                return None
            self._tell_of_grades(change)
        words = {"unenrol": "ended it", "delete": "deleted it"}.get(change.action, "took it away")
        told = f"undone: run {self._run} {words}"
        return self._change(change, row, "create", told, {}, fields, fields)

    def _of_fields(
        self, entity: Entity, change: Change, row: dict[str, Any], written: Fields, seen: Fields
    ) -> dict[str, Any] | None:
        """Field by field what was before, where the site still holds what the run set."""
        after: Fields = {}
        for name, value in change.after.items():
            before = self._before(entity, change, name)
            now = seen.get(name, written.get(name))
            if before is not None and now == before:
                continue
            if now != value:
                self._tell("undo-edited", change, field=name, value=value, now=now)
            elif name not in seen and name in change.before:
                self._tell("undo-unseen", change, field=name)
            elif before is None:
                self._tell("undo-unknown", change, field=name, value=value)
            else:
                after[name] = before
        if not after:
            return None
        out = [name for name, value in entity.gone.items() if after.get(name) == value]
        back = [name for name in entity.gone if name in after and name not in out]
        action = entity.gone_action if out else entity.back_action if back else _word(change)
        remembered = written | after
        if back:
            remembered = {name: value for name, value in remembered.items() if name != LEFT}
        if out:
            remembered[LEFT] = self._earlier.get((entity.kind, change.key), {}).get(LEFT, out)
        told = f"undone: run {self._run} set it: {', '.join(after)}"
        shown = {name: seen[name] for name in after if name in seen}
        return self._change(change, row, action, told, shown, after, remembered, removes=bool(out))

    def _before(self, entity: Entity, change: Change, name: str) -> Any:
        """What a field was before the run; None where that is not known."""
        if name in change.before:
            value = change.before[name]
            return self._renamed.get(value, value) if name in _CATEGORY_FIELDS else value
        earlier = self._earlier.get((entity.kind, change.key), {})
        if name in earlier:
            return earlier[name]
        if name in entity.gone:
            return type(entity.gone[name])(not change.after[name])
        return None

    def _with_places(self, entity: Entity, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Without places that cannot be given back since what they were in is not there."""
        if not isinstance(entity, Membership):
            return rows
        containers = {entity.ends(row["key"])[entity.container] for row in rows if row["action"] == "create"}
        there = set(entity.there(self._ground, self._ground.ids(entity.container, containers))) if containers else set()
        there |= self._anew.get(entity.container, set())
        lost = {
            row["key"]
            for row in rows
            if row["action"] == "create" and entity.ends(row["key"])[entity.container] not in there
        }
        for row in rows:
            if row["key"] in lost:
                self._find("undo-place-gone", row["key"], name=row["name"], kind=entity.container)
        return [row for row in rows if row["key"] not in lost]

    def _change(
        self,
        change: Change,
        row: dict[str, Any],
        action: str,
        reason: str,
        before: Fields,
        after: Fields,
        written: Fields,
        *,
        removes: bool = False,
    ) -> dict[str, Any]:
        return {
            "kind": change.kind,
            "action": action,
            "key": change.key,
            "moodle_id": row["moodle_id"],
            "name": change.name,
            "person": change.person,
            "course": change.course,
            "before": to_json(before),
            "after": to_json(after),
            "written": to_json(written),
            "origin": row["origin"],
            "reason": reason,
            "place": "",
            "removes": removes,
        }

    def _tell_of_grades(self, change: Change) -> None:
        user, course = change.key.split(SEPARATOR, 1)
        if number := self._kept.get((user, course), 0):
            self._tell("undo-grades", change, number=number, run=self._run)

    def _tell(self, code: str, change: Change, **told: object) -> None:
        self._find(code, change.key, kind=change.kind, name=change.name, **told)

    def _find(self, code: str, key: str, **told: object) -> None:
        value = told.pop("value", None)
        told = {name: "" if each is None else each for name, each in told.items()}
        self._ground.findings.append(RULES[code].finding(sourced_id=key, line=None, value=value, told=told))


def _word(change: Change) -> str:
    return "move" if change.kind == "category" and change.action == "move" else "update"
