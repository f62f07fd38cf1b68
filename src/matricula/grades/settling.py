"""Settling what a transfer left open: calls to a sink whose answer never came."""

from collections.abc import Collection

import polars as pl

from matricula.grades.judging import ALONG, IDENTITY, unlike
from matricula.grades.sent import Standing, sent_before, with_id
from matricula.roster.gradebook import KINDS, REFERENCES, fields_frame, fields_of
from matricula.sinks import Sink
from matricula.store import Batch, LedgerRow, Outcome, Store


def recover(store: Store, place: str, sink: Sink, name: str) -> int:
    """Settle every transfer to a sink that ended without saying so.

    Args:
        store: the state.
        place: what the sink is called where sites are, as in plans.
        sink: the sink, open.
        name: its name.

    Returns:
        the number of calls that had been in doubt.

    Raises:
        MatriculaError: the sink cannot be read; nothing is lost, the next call of this goes on.
    """
    settled = 0
    while run := store.runs.unfinished(place):
        if doubtful := store.journal.in_doubt(run.id):
            changes = store.plans.changes(run.plan)
            for batch in doubtful:
                settle(store, run.profile, batch, changes.filter(pl.col("number").is_in(batch.changes)), sink, name)
                settled += 1
        store.runs.finish(run.id, "interrupted", summary_of(store, run.id))
    return settled


def settle(store: Store, profile: str, batch: Batch, changes: pl.DataFrame, sink: Sink, name: str) -> None:
    """Read the sink and note which changes of a batch in doubt took place; the others are pending again.

    Of a sink that cannot tell what it holds all are sent again: writing twice does there what writing once does.

    Args:
        store: the state.
        profile: whose transfer it is.
        batch: the batch.
        changes: its changes, of one kind.
        sink: the sink, open.
        name: its name.
    """
    outcomes, rows = [], []
    if sink.abilities.readable and changes.height:
        ids = _took_place(store, profile, changes, sink, name)
        for row in changes.filter(pl.col("number").is_in(list(ids))).iter_rows(named=True):
            outcomes.append(Outcome(row["number"], "done"))
            rows.append(ledger_row(row, ids[row["number"]]))
    store.journal.settled(batch.id, outcomes, rows)


def ledger_row(change: dict[str, object], found: str | None) -> LedgerRow:
    """What the ledger remembers of a change that was carried out.

    Args:
        change: the change, as a row of a plan.
        found: the id that the sink has for the record; None where it is known already.
    """
    return LedgerRow(
        kind=str(change["kind"]),
        key=str(change["key"]),
        moodle_id=None,
        origin="matched" if change["origin"] == "matched" else "made",
        written=with_id(str(change["written"]), found),
        removed=change["after"] == '{"gone":true}',
    )


def records_of(kind: str, changes: pl.DataFrame) -> pl.DataFrame:
    """The records that changes of a kind make or leave: its columns, with references in our keys, and `number`.

    An update sets what it shows, and leaves of all else what was seen.
    """
    fields = fields_frame(kind, changes["written"])
    seen = fields_frame(kind, changes["before"]).rename(lambda name: f"seen.{name}")
    same = {*IDENTITY[kind], *ALONG, *(REFERENCES[kind][:1] if kind in REFERENCES else ())}
    rows = changes.select("number", "key", "action", "after", pl.col("written").str.json_path_match("$.id").alias("id"))
    rows = rows.hstack(fields).hstack(seen)
    kept = [
        # Within a text quotes are escaped, so that this is found where it names a field alone.
        pl.when((pl.col("action") == "update") & ~pl.col("after").str.contains(f'"{name}":', literal=True))
        .then(f"seen.{name}")
        .otherwise(name)
        .alias(name)
        for name in fields.columns
        if name not in same
    ]
    return rows.with_columns(kept).select(*KINDS[kind], "number")


def summary_of(store: Store, run: int) -> dict[str, int]:
    """How many changes of a run ended in each state."""
    return dict(store.journal.outcomes(run)["state"].value_counts(sort=True).iter_rows())


def _took_place(store: Store, profile: str, changes: pl.DataFrame, sink: Sink, name: str) -> dict[int, str | None]:
    """Numbers of changes that the sink holds, with the ids of what was made."""
    kind = str(changes["kind"][0])
    wanted = records_of(kind, changes)
    standing = Standing(sink.read(_classes(wanted)))
    for each in _parents(kind):
        sent = sent_before(each, store.ledger.frame(profile, each), name)
        standing.of(each, sent, sent.select(*KINDS[each]).clear())
    sent = sent_before(kind, store.ledger.frame(profile, kind), name)
    now = standing.of(kind, sent, wanted, by=fields_of(kind))
    joined = wanted.join(
        now.rename({each: f"now.{each}" for each in now.columns if each != "key"}), on="key", how="left"
    )
    alike = ~pl.any_horizontal([unlike(each, f"now.{each}") for each in fields_of(kind)])
    there = pl.col("now.id").is_not_null()
    removes = pl.col("number").is_in(changes.filter(pl.col("action") == "remove")["number"].implode())
    held = joined.filter(pl.when(removes).then(~there).otherwise(there & alike))
    return dict(held.select("number", "now.id").iter_rows())


def _classes(wanted: pl.DataFrame) -> Collection[str]:
    return sorted(set(wanted["class"].drop_nulls()))


def _parents(kind: str) -> list[str]:
    """The kinds that a kind refers to, those first that others refer to."""
    if kind not in REFERENCES:
        return []
    other = REFERENCES[kind][1]
    return [*_parents(other), other]
