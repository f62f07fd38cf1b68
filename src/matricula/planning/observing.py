"""Looking at records by the ids that the ledger has for them, and seeing that they still are what they were.

Whatever is judged by or written to a record of the site goes through here: what has the id of another record is
taken for not being there, and so is whatever hangs on it.
"""

import json
from collections.abc import Collection, Iterable, Mapping

import polars as pl

from matricula.planning.change import Change
from matricula.planning.entity import Entity, Fields, Known
from matricula.planning.ground import Ground

Kinds = Mapping[str, Entity]


def observed(kinds: Kinds, kind: str, ground: Ground, records: Iterable[Known]) -> dict[str, Fields]:
    """The fields that the site holds now of records that still are what they were.

    Args:
        kinds: every kind of record.
        kind: that of the records.
        ground: where to look things up; it remembers what was seen.
        records: what is known of them.

    Returns:
        fields by key; records that are not there, or that are others by now, are left out.
    """
    entity, known = kinds[kind], list(records)
    make_sure(kinds, ground, entity.needs(_keys(each.key for each in known)))
    seen = entity.observe(ground, [(each.key, each.moodle_id) for each in known])
    return _sorted_out(entity, ground, known, seen)


def make_sure(kinds: Kinds, ground: Ground, needs: Mapping[str, Collection[str]]) -> None:
    """Look at the records that others hang on, each of them once.

    Those that this plan or run brings itself need no look. What is found gone, or another record by now, is no
    longer among the ground's ids; a plan has reason to look at it more closely.

    Args:
        kinds: every kind of record.
        ground: where to look things up.
        needs: keys by kind.
    """
    for kind, keys in needs.items():
        records = _unsure(kinds[kind], ground, keys)
        if not records:
            continue
        entity = kinds[kind]
        make_sure(kinds, ground, entity.needs(_keys(each.key for each in records)))
        seen = entity.glimpse(ground, [(each.key, each.moodle_id) for each in records])
        there = _sorted_out(entity, ground, records, seen)
        ground.looked.suspect(kind, {each.key for each in records} - set(there))


def known_of(ground: Ground, change: Change) -> Known:
    """What a change says of the record that it is about."""
    decided = change.action == "match" or change.key in ground.reaffirmed
    return Known(
        change.key,
        change.moodle_id,
        (change.before, change.after, change.written),
        change.origin,
        chosen=decided and ground.is_decided(change.key, change.moodle_id),
    )


def _unsure(entity: Entity, ground: Ground, keys: Collection[str]) -> list[Known]:
    """Records of the ledger that nobody has looked at yet."""
    coming = ground.expected.get(entity.kind, {})
    rows = ground.ledger(entity.kind).filter(
        pl.col("key").is_in(pl.Series(list(keys), dtype=pl.String).unique().implode()),
        pl.col("moodle_id").is_not_null() & pl.col("written").is_not_null(),
    )
    if ground.run is not None and "run" in rows.columns:
        rows = rows.filter((pl.col("run") != ground.run).fill_null(value=True))
    return [
        Known(key, number, (json.loads(written),), origin)
        for key, number, written, origin in rows.select("key", "moodle_id", "written", "origin").iter_rows()
        if key not in coming and not ground.looked.knows(entity.kind, key, number)
    ]


def _sorted_out(
    entity: Entity, ground: Ground, known: Collection[Known], seen: Mapping[str, Fields]
) -> dict[str, Fields]:
    looked, kind = ground.looked, entity.kind
    there: dict[str, Fields] = {}
    for each in known:
        fields = seen.get(each.key)
        if fields is not None and (each.chosen or entity.is_same(ground, each, fields)):
            there[each.key] = fields
        if each.moodle_id is None or not entity.identity:
            continue
        pair = (each.key, each.moodle_id)
        if each.key in there:
            looked.same.setdefault(kind, set()).add(pair)
        elif fields is None:
            looked.gone.setdefault(kind, set()).add(pair)
        else:
            looked.others.setdefault(kind, {})[pair] = fields
    return there


def _keys(keys: Iterable[str]) -> pl.DataFrame:
    return pl.DataFrame({"key": list(keys)}, schema={"key": pl.String})
