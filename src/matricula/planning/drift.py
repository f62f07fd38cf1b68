"""Drift: fields that Matricula keeps in step and that somebody edited in Moodle.

A field has drifted where the roster says what was last written and the site holds something else. The profile says of
each field whether it is put back, accepted or left.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl

from matricula.planning.as_written import rows_of
from matricula.planning.change import GONE, changes_frame, to_json
from matricula.planning.entity import LEFT, AsWritten, Entity, Fields
from matricula.planning.ground import Ground
from matricula.planning.observing import Kinds, make_sure, observed
from matricula.planning.shares import in_shares
from matricula.planning.watch import Edit

PUT_BACK = "edited in Moodle, put back: "
_Row = dict[str, Any]


@dataclass(frozen=True)
class Looked:
    """What came of looking at records that the plan does not change otherwise.

    Args:
        vanished: keys of records that are wanted and not on the site.
        changes: what is put back.
    """

    vanished: frozenset[str] = frozenset()
    changes: pl.DataFrame = field(default_factory=lambda: changes_frame([]))


def look(kinds: Kinds, entity: Entity, ground: Ground, known: pl.DataFrame, ledger: pl.DataFrame) -> Looked:
    """Look at the records whose turn it is: all of them, or a share and those that were found edited before.

    Args:
        kinds: every kind.
        entity: the kind.
        ground: profile, ledger and site; what is found edited is added to its watch.
        known: desired records that the ledger holds.
        ledger: the whole ledger of the kind; of those that are not desired the ones taken out of use are looked at.
    """
    again = {*ground.watch.again(entity.kind), *ground.looked.suspects.get(entity.kind, ())}
    whole = _is_whole(ground, entity.kind)
    if not (whole or ground.watch.shares_of(entity.kind) or again):
        return Looked()
    read = ground.watch.looked.get(entity.kind, set())
    wanted = _whose_turn(ground, entity.kind, known, read, again)
    gone = ledger.filter("removed", ~pl.col("origin").is_in(list(entity.left_alone)))
    gone = gone.join(known, on="key", how="anti").filter(_taken_back())
    gone = _whose_turn(ground, entity.kind, gone, read, again)
    if not wanted.height and not gone.height:
        _note_order(ground, entity.kind, whole=whole)
        return Looked()
    ground.say(f"looking at {wanted.height + gone.height} {entity.kind} records")
    right = _as_written(kinds, entity, ground, rows_of(wanted, gone))
    wanted, gone = (each.filter(~_among(right.keys)) if right.keys else each for each in (wanted, gone))
    both = [*wanted.iter_rows(named=True), *gone.iter_rows(named=True)]
    seen = observed(kinds, entity.kind, ground, [entity.known(ground, row) for row in both])
    odd = entity.inspect(ground, wanted, seen)
    rows = [row for row in wanted.iter_rows(named=True) if not row["removed"] and row["key"] not in odd]
    named = gone.filter(pl.col("key").is_in(pl.Series(list(seen), dtype=pl.String).implode()))
    if named.height:
        rows += entity.names(ground, named).iter_rows(named=True)
    back = noticed(entity, ground, rows, seen, right.proven)
    vanished = frozenset(wanted["key"].to_list()) - set(seen)
    ground.watch.looked.setdefault(entity.kind, set()).update(vanished, gone["key"])
    _note_order(ground, entity.kind, whole=whole and not vanished and not odd)
    concerned = [row | {"difference": back[row["key"]], "line": row.get("line")} for row in rows if row["key"] in back]
    allowed = entity.acceptable(ground, concerned)
    return Looked(vanished, changes_frame([_put_back(entity, row, seen[row["key"]]) for row in allowed]))


def noticed(
    entity: Entity,
    ground: Ground,
    rows: Iterable[_Row],
    observed: Mapping[str, Fields],
    proven: Iterable[str] = (),
) -> dict[str, Fields]:
    """Note what was edited in records that were read, and give what is to be put back, by key.

    Args:
        entity: their kind.
        ground: profile, ledger and site; the edits are added to its watch.
        rows: records of the ledger with `name`, and `fields` where they are desired.
        observed: what the site holds of them; those that are not there are passed over.
        proven: fields of which other records have shown that they come back as they were written.
    """
    found = _Found(entity, ground, proven)
    there = [row for row in rows if row["key"] in observed and row["origin"] not in entity.left_alone]
    for row in there:
        found.compare(row, entity.steady(observed[row["key"]]))
    ground.watch.looked.setdefault(entity.kind, set()).update(row["key"] for row in there)
    back: dict[str, Fields] = {}
    for row in there:
        seen, edited = observed[row["key"]], found.edited(row["key"])
        if not edited or entity.is_protected(ground, row["moodle_id"], seen):
            continue
        for name, value in edited.items():
            edit = Edit(entity.kind, row["key"], name, row["name"] or row["key"], value, seen[name])
            edit, puts_back = _decided(ground, edit)
            ground.watch.edits.append(edit)
            if puts_back:
                back.setdefault(row["key"], {})[name] = value
    return back


def note_as_found(entity: Entity, ground: Ground, matched: pl.DataFrame) -> None:
    """Note as accepted where a record that the plan matches differs from the roster: nobody edited it.

    Args:
        entity: the kind, whose records are matched as they are found.
        ground: profile, ledger and site; the differences are added to its watch.
        matched: changes that match records.
    """
    if not matched.height:
        return
    observed = entity.observe(ground, matched.select("key", "moodle_id").rows())
    ground.watch.looked.setdefault(entity.kind, set()).update(matched["key"])
    for key, name, written, after in matched.select("key", "name", "written", "after").iter_rows():
        told, seen = _fields(written), observed.get(key, {})
        for each in told.keys() & seen.keys() - _fields(after).keys():
            if told[each] is not None and told[each] != seen[each]:
                edit = Edit(entity.kind, key, each, name, told[each], seen[each], "accepted")
                ground.watch.edits.append(edit)


class _Found:
    """Records of one kind that were read, compared with what was last written to them."""

    def __init__(self, entity: Entity, ground: Ground, proven: Iterable[str]) -> None:
        self._entity = entity
        self._ground = ground
        self._ways = entity.writes(ground)
        self._differing: dict[str, Fields] = {}
        self._proven: set[str] = set(proven)
        self._kept: dict[tuple[str, str], Fields] = {}

    def compare(self, row: _Row, seen: Fields) -> None:
        texts = (row["written"], "" if row["removed"] else row["fields"])
        if texts not in self._kept:
            self._kept[texts] = self._in_step(
                _fields(row["written"]), None if row["removed"] else _fields(row["fields"])
            )
        kept = self._kept[texts]
        different = {name: value for name, value in kept.items() if name in seen and seen[name] != value}
        self._proven.update(name for name in kept.keys() & seen.keys() - different.keys() if kept[name] != "")
        if different:
            self._differing[row["key"]] = different

    def edited(self, key: str) -> Fields:
        """What was written to a record in the fields that hold something else now."""
        return {
            name: value
            for name, value in self._differing.get(key, {}).items()
            if not self._entity.is_uncertain(name) or (value != "" and name in self._proven)
        }

    def _in_step(self, written: Fields, wanted: Fields | None) -> Fields:
        """The fields that are to stay as they were written: those the roster still says so, or that a removal set."""
        if wanted is None:
            return {name: written[name] for name in written.get(LEFT, ()) if name != GONE}
        free = self._entity.may_update(self._ground, wanted)
        return {
            name: value
            for name, value in written.items()
            if value is not None
            and wanted.get(name) == value
            and name not in self._entity.marks
            and (free or name in self._entity.gone)
            and (self._ways.get(name, "in-step") == "in-step" or (self._ground.restore and name in self._entity.gone))
        }


def _decided(ground: Ground, edit: Edit) -> tuple[Edit, bool]:
    """An edit with what is known of it, and whether it is put back."""
    known = ground.watch.known.get(edit.place)
    state = known.state if known is not None and known.seen == edit.seen else "open"
    policy = ground.profile.drift.of(edit.kind, edit.field)
    if ground.restore:
        return edit.with_state("open"), True
    if state == "accepted" or (policy == "accept" and state == "open"):
        return edit.with_state("accepted"), False
    return edit.with_state(state), state == "put-back" or (policy == "put-back" and state == "open")


def _whose_turn(ground: Ground, kind: str, records: pl.DataFrame, read: set[str], again: Iterable[str]) -> pl.DataFrame:
    """Records that are to be looked at, without those that were read already."""
    if read:
        records = records.filter(~_among(read))
    if _is_whole(ground, kind):
        return records
    those = records.filter(_among(again))
    return pl.concat([in_shares(records, kind, ground.watch.shares_of(kind)), those]).unique("key", maintain_order=True)


def _as_written(kinds: Kinds, entity: Entity, ground: Ground, rows: pl.DataFrame) -> AsWritten:
    """Records that need no closer look: the site is asked for all of them at once, where it can be."""
    if ground.restore or not rows.height or not ground.moodle.plugin.there:
        return AsWritten()
    if entity.identity:  # of several records of the ledger that have one id just one can be there
        rows = rows.filter(~pl.col("moodle_id").is_duplicated())
    make_sure(kinds, ground, entity.needs(rows))
    right = entity.as_written(ground, rows)
    ground.watch.looked.setdefault(entity.kind, set()).update(right.keys)
    if entity.identity:
        same = rows.filter(_among(right.keys))
        # Lists are made many times faster than rows.
        pairs = zip(same["key"].to_list(), same["moodle_id"].to_list(), strict=True)
        ground.looked.same.setdefault(entity.kind, set()).update(pairs)
    return right


def _is_whole(ground: Ground, kind: str) -> bool:
    """Whether all records of a kind are looked at."""
    return ground.full or ground.restore or kind in ground.watch.whole


def _note_order(ground: Ground, kind: str, *, whole: bool) -> None:
    """Note that all of a kind was looked at and found in order: what has to be seen again is looked at again."""
    if whole and not ground.looked.has_lost(kind):
        ground.watch.in_order.add(kind)


def _among(keys: Iterable[str]) -> pl.Expr:
    return pl.col("key").is_in(pl.Series(list(keys), dtype=pl.String).implode())


def _taken_back() -> pl.Expr:
    """Whether records were taken out of use and are there still."""
    told = pl.col("written").str
    return told.json_path_match(f"$.{LEFT}").is_not_null() & (told.json_path_match(f"$.{GONE}") != "true").fill_null(
        value=True
    )


def _put_back(entity: Entity, row: _Row, seen: Fields) -> _Row:
    back = row["difference"]
    action, removes = entity.word_for(back)
    return {
        **row,
        "kind": entity.kind,
        "action": action,
        "person": row["name"] if entity.kind == "user" else row.get("person"),
        "course": row["name"] if entity.kind == "course" else row.get("title", row.get("course")),
        "before": to_json(entity.before(back, seen, _fields(row["written"]))),
        "after": to_json(back),
        "reason": PUT_BACK + ", ".join(back),
        "place": "",
        "removes": removes,
    }


@lru_cache(maxsize=1024)
def _fields(text: str) -> Fields:
    """Thousands of enrolments share a handful of texts; nobody writes to what is given."""
    fields: Fields = json.loads(text)
    return fields
