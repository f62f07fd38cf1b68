"""The difference between what should be and what the ledger knows to be, with the site's own word on it.

A field changes when the roster's value differs from what was last written, so that an edit made in Moodle stands
until the school's system says something new. Only records concerned are read from the site.
"""

import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from matricula.planning.change import GONE, changes_frame, to_json
from matricula.planning.drift import PUT_BACK, look, note_as_found, noticed
from matricula.planning.entity import LEFT, Entity, Fields, Removal
from matricula.planning.ground import Ground
from matricula.planning.observing import Kinds, make_sure, observed
from matricula.planning.rules import RULES
from matricula.profiles.desired import Desired
from matricula.profiles.moodle_fields import Write


def differ(kinds: Kinds, kind: str, ground: Ground, desired: Desired) -> pl.DataFrame:
    """Changes of one kind.

    Args:
        kinds: every kind.
        kind: the kind.
        ground: profile, ledger and site.
        desired: what the site should hold.

    Returns:
        A frame of changes (`planning.change.SCHEMA`) without numbers.
    """
    entity, part, ledger = kinds[kind], desired.parts[kind], ground.ledger(kind)
    if not part.frame.height and not ledger.height:
        return changes_frame([])
    ground.say(f"comparing {entity.kind} records")
    joined = part.frame.join(ledger, on="key", how="left")
    known = pl.col("written").is_not_null()
    ours = ~pl.col("origin").is_in(list(entity.left_alone))
    moved = joined.filter(known & ours & ((pl.col("fields") != pl.col("written")) | pl.col("removed")))
    updates, vanished = _updates(kinds, entity, ground, moved)
    there = joined.filter(known)
    looked = look(kinds, entity, ground, there, ledger)
    vanished = list({*vanished, *entity.lost(ground, there), *looked.vanished})
    updates = pl.concat([updates, looked.changes])
    updates = updates.filter(~pl.col("key").is_in(pl.Series(vanished, dtype=pl.String).implode()))
    again = joined.filter(pl.col("key").is_in(pl.Series(vanished, dtype=pl.String).implode()))
    fresh = pl.concat([joined.filter(~known), again]).select(part.frame.columns)
    make_sure(kinds, ground, entity.needs(fresh))
    entered = entity.enter(ground, fresh, part.frame) if fresh.height else changes_frame([])
    entered = _told_again(
        ground, entered, ledger.filter(pl.col("key").is_in(pl.Series(vanished, dtype=pl.String).implode()))
    )
    ground.expect(entity.kind, entered)
    if entity.as_found:
        note_as_found(entity, ground, entered.filter(pl.col("action") == "match"))
    absent = ledger.filter(~pl.col("removed")).join(part.frame, on="key", how="anti")
    removals = _removals(kinds, entity, ground, desired, absent)
    leaving = removals.filter(pl.col("written").str.json_path_match(f"$.{GONE}") == "true")
    ground.leaving[entity.kind] = frozenset(leaving["key"])
    return pl.concat([entered, updates, removals])


def place_of(table: str) -> pl.Expr:
    """Where a row stands in the delivery, from its `line`."""
    line = pl.col("line").cast(pl.String)
    return pl.when(line.is_null()).then(pl.lit(table)).otherwise(pl.concat_str(pl.lit(f"{table}.csv line "), line))


def _updates(kinds: Kinds, entity: Entity, ground: Ground, moved: pl.DataFrame) -> tuple[pl.DataFrame, list[str]]:
    writes = entity.writes(ground)
    rows = [
        row | {"difference": difference}
        for row in moved.with_columns(place=place_of(entity.table)).iter_rows(named=True)
        if (difference := _difference(entity, ground, row, writes))
    ]
    if not rows:
        return changes_frame([]), []
    ground.say(f"reading {len(rows)} changed {entity.kind} records")
    seen = observed(kinds, entity.kind, ground, [entity.known(ground, row) for row in rows])
    ground.watch.looked.setdefault(entity.kind, set()).update(row["key"] for row in rows)
    odd = entity.inspect(ground, moved, seen)
    rows = [row for row in rows if row["key"] not in odd]
    there = [row for row in rows if row["key"] in seen and _may_write(entity, ground, row, seen[row["key"]])]
    # Of a record that returns, too, what was edited meanwhile is put back at once.
    back = noticed(entity, ground, [row | {"removed": False} for row in there], seen)
    there = [row | {"difference": row["difference"] | back.get(row["key"], {})} for row in there]
    there = entity.acceptable(ground, there)
    changes = [_update(entity, row, seen[row["key"]], writes, back.get(row["key"], {})) for row in there]
    return changes_frame(changes), [row["key"] for row in rows if row["key"] not in seen]


def _may_write(entity: Entity, ground: Ground, row: dict[str, Any], seen: Fields) -> bool:
    if not entity.is_protected(ground, row["moodle_id"], seen):
        return True
    account = seen.get("username", "")
    ground.findings.append(
        RULES["account-protected"].finding(
            sourced_id=row["key"], line=row["line"], value=account, told={"name": row["name"], "account": account}
        )
    )
    return False


def _difference(entity: Entity, ground: Ground, row: dict[str, Any], writes: Mapping[str, Write]) -> Fields:
    fields, written = json.loads(row["fields"]), json.loads(row["written"])
    allowed = set(fields) if entity.may_update(ground, fields) else {*entity.gone, *entity.marks}
    changed = {
        name: value
        for name, value in fields.items()
        if name in allowed and value is not None and value != written.get(name) and writes.get(name) != "create-only"
    }
    left = written.get(LEFT, ()) if row["removed"] else ()
    return changed | {name: fields.get(name) for name in left if name == GONE or fields.get(name) is not None}


def _update(
    entity: Entity, row: dict[str, Any], seen: Fields, writes: Mapping[str, Write], back: Fields
) -> dict[str, Any]:
    after = {
        name: value
        for name, value in row["difference"].items()
        if name not in entity.marks
        and name != GONE
        and (name not in seen or seen[name] != value)
        and not (writes.get(name) == "if-empty" and seen.get(name, True))
    }
    action, removes = entity.word_for(after)
    return {
        **row,
        "kind": entity.kind,
        "action": action,
        "person": row["name"] if entity.kind == "user" else row.get("person"),
        "course": row["name"] if entity.kind == "course" else row.get("title"),
        "before": to_json(entity.before(after, seen, json.loads(row["written"]))),
        "after": to_json(after),
        "written": _remembered(row),
        "reason": _why(row, after, back),
        "removes": removes,
    }


def _why(row: dict[str, Any], after: Fields, back: Fields) -> str:
    why = "is in the roster again" if row["removed"] else "changed in the roster"
    told = ", ".join(name for name in after or row["difference"] if name not in back)
    if not after:
        return f"the site holds it already: {told}"
    restored = [name for name in back if name in after]
    return "; ".join([f"{why}: {told}"] * bool(told) + [PUT_BACK + ", ".join(restored)] * bool(restored))


def _remembered(row: dict[str, Any]) -> str:
    """The fields as they are to be written, where one is not known the value that was written before."""
    written = json.loads(row["written"])
    fields = json.loads(row["fields"])
    return to_json({name: written.get(name) if value is None else value for name, value in fields.items()})


def _removals(kinds: Kinds, entity: Entity, ground: Ground, desired: Desired, absent: pl.DataFrame) -> pl.DataFrame:
    gone = _gone(entity, ground, desired, absent).filter(~pl.col("origin").is_in(list(entity.left_alone)))
    ordered = entity.removals(ground, gone, desired)
    gone = gone.filter(pl.col("key").is_in(pl.Series(list(ordered), dtype=pl.String).implode()))
    if not gone.height:
        return changes_frame([])
    ground.say(f"reading {gone.height} {entity.kind} records that left the roster")
    there = observed(kinds, entity.kind, ground, [entity.known(ground, row) for row in gone.iter_rows(named=True)])
    rows = [
        row
        for row in entity.names(ground, gone).iter_rows(named=True)
        if not entity.is_protected(ground, row["moodle_id"], there.get(row["key"], {}))
    ]
    staying = _ids_staying(entity, ground, absent)
    return changes_frame(
        [
            _removal(entity, ground, row, seen, ordered[row["key"]])
            for row in rows
            for spared in [row["moodle_id"] in staying or entity.vanishes_with(ground, row["key"])]
            for seen in [None if spared else there.get(row["key"])]
        ]
    )


def _gone(entity: Entity, ground: Ground, desired: Desired, absent: pl.DataFrame) -> pl.DataFrame:
    """Records that left the roster, and those that go by themselves with what the plan takes off the site.

    Of the latter it does not matter whether all that they are made of has come: they will not be there any more.
    """
    going = absent.filter(pl.col("key").is_in([key for key in absent["key"] if entity.vanishes_with(ground, key)]))
    if entity.kind not in desired.complete:
        return going
    return pl.concat([entity.truly_gone(absent, desired), going]).unique("key", maintain_order=True)


def _ids_staying(entity: Entity, ground: Ground, absent: pl.DataFrame) -> set[int | None]:
    """Ids that wanted records have, so that they go on though another record of the ledger has them and leaves."""
    if not entity.identity:
        return set()
    live = ground.ledger(entity.kind).filter(~pl.col("removed")).join(absent, on="key", how="anti")
    known = {*live["moodle_id"], *ground.expected.get(entity.kind, {}).values()}
    return known - {None}


def _removal(
    entity: Entity, ground: Ground, row: dict[str, Any], seen: Fields | None, removal: Removal
) -> dict[str, Any]:
    """A change that takes a record out of use; one that ceases to be shows all that was there."""
    after = {name: value for name, value in removal.fields.items() if seen is not None and seen.get(name) != value}
    shown = (seen if GONE in after else after) if seen else {}
    before = {name: seen[name] for name in shown if name in seen} if seen else {}
    return {
        **row,
        "kind": entity.kind,
        "action": removal.action if after else "note",
        "before": to_json(before),
        "after": to_json(after),
        "written": to_json(json.loads(row["written"]) | removal.fields | {LEFT: list(removal.fields)}),
        "reason": _why_removed(entity, ground, row, seen, after),
        "place": "",
        "removes": bool(after),
    }


def _why_removed(entity: Entity, ground: Ground, row: dict[str, Any], seen: Fields | None, after: Fields) -> str:
    if ground.looked.other(entity.kind, row["key"], row["moodle_id"]) is not None:
        return f"{entity.absence}; its id {row['moodle_id']} is another record's by now, which is left alone"
    if seen is None:
        return f"{entity.absence}, and no longer on the site"
    return entity.absence if after else f"{entity.absence}, and the site holds it so already"


def _told_again(ground: Ground, entered: pl.DataFrame, vanished: pl.DataFrame) -> pl.DataFrame:
    """Records that are made again carry the id of the one they replace, and say why."""
    returned = pl.lit("is in the roster again")
    lost = pl.lit(
        f"{'is not on the restored site' if ground.restore else 'was removed in Moodle'}, and the roster has it"
    )
    old = vanished.select("key", replaced="moodle_id", why=pl.when("removed").then(returned).otherwise(lost))
    again = pl.col("why").is_not_null() & (pl.col("action") == "create")
    return (
        entered.join(old, on="key", how="left")
        .with_columns(
            moodle_id=pl.when(again).then("replaced").otherwise("moodle_id"),
            reason=pl.when(again).then("why").otherwise("reason"),
        )
        .drop("replaced", "why")
    )
