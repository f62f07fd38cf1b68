"""What becomes of rows where a sink knows what stands: they are written, done already, stale or refused."""

from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from matricula.roster.gradebook import KINDS, REFERENCES, fields_frame, fields_of
from matricula.sinks.faults import Fault, faults_of, orphans, told
from matricula.sinks.protocol import WRITTEN, Abilities

NATURAL: Final = {"result": ("item", "student"), "final-grade": ("class", "student", "session")}
"""What can be there once alone, whatever its id."""

_CHANGED: Final = "It is no longer as it was seen."
_THERE: Final = "There is one already that was not seen."
_GONE: Final = "It is no longer there."
_TWICE: Final = "It stands twice among what was to be written."
_FALSE: Final = pl.lit(False)
_NO_REASON: Final = pl.lit(None, pl.String)


def judge(
    kind: str,
    rows: pl.DataFrame,
    standing: pl.DataFrame,
    abilities: Abilities,
    parents: pl.DataFrame | None = None,
    *,
    also: Iterable[Fault] = (),
) -> pl.DataFrame:
    """Judge rows by what stands.

    Args:
        kind: one of `roster.gradebook.KINDS`.
        rows: as `Sink.write` gets them.
        standing: records of that kind, as `Sink.read` gives them; at least those that the rows are about.
        abilities: what the sink can take.
        parents: records that the rows may refer to, as `Sink.read` gives them; None where the kind refers to none.
        also: what else can be wrong with a row for this sink.

    Returns:
        the rows, not always in their order: columns of the kind, `number` and `action`, `state` (null for those to be
        written, else one of those of `WRITTEN`) and `reason`. `id` is that of the record that stands, where one does.
    """
    now = _by_ids(kind, standing, parents)
    new = pl.col("action") == "create"
    judged = pl.concat([_judge_new(kind, rows.filter(new), now), _judge_known(kind, rows.filter(~new), now)])
    kept = pl.col("action") != "remove"
    faults = [(kept & each, sentence) for each, sentence in (*orphans(kind, parents), *faults_of(kind, abilities))]
    fault = told(judged, [(_twice(kind, judged), _TWICE), *faults, *also])
    if fault.null_count() == judged.height:
        return judged
    refused = fault.is_not_null()
    return judged.with_columns(
        state=pl.when(refused).then(pl.lit("refused")).otherwise("state"),
        reason=pl.when(refused).then(fault).otherwise("reason"),
    )


def answered(judged: pl.DataFrame) -> pl.DataFrame:
    """What came of judged rows, when those without a state have been written.

    Args:
        judged: rows with `number`, `state`, `id` and `reason`.

    Returns:
        one row for each, in the columns of `WRITTEN`.
    """
    return judged.select("number", pl.col("state").fill_null("done"), "id", "reason").cast(dict(WRITTEN))  # type: ignore[arg-type]


def pointed(kind: str, records: pl.DataFrame, parents: pl.DataFrame | None, *, by: str, to: str) -> pl.DataFrame:
    """Records whose reference is told by another name of what it leads to.

    Args:
        kind: one of `roster.gradebook.KINDS`.
        records: records of that kind.
        parents: what they refer to, with `key` and `id`.
        by: `key` or `id`, by which the reference is told now.
        to: `id` or `key`, by which it is to be told; one that leads nowhere stays as it is.
    """
    if kind not in REFERENCES or parents is None or records.is_empty():
        return records
    column = REFERENCES[kind][0]
    names = parents.select(pl.col(by).alias(column), pl.col(to).alias("_to")).unique(column, keep="first")
    joined = records.join(names, on=column, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("_to", column).alias(column)).drop("_to")


def _by_ids(kind: str, standing: pl.DataFrame, parents: pl.DataFrame | None) -> pl.DataFrame:
    """What stands, its references by id, as columns `now.…`, and its fields as they were read, as `read.…`."""
    now = pointed(kind, standing, parents, by="key", to="id").rename(lambda name: f"now.{name}")
    return now.hstack(standing.select(fields_of(kind)).rename(lambda name: f"read.{name}"))


def _judge_new(kind: str, rows: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    if now.is_empty():
        return _verdicts(kind, rows.with_columns(id=pl.lit(None, pl.String)), _FALSE, _NO_REASON)
    by_key = now.select(pl.col("now.key").alias("key"), pl.col("now.id").alias("_by_key")).unique("key")
    met = rows.join(by_key, on="key", how="left", maintain_order="left").with_columns(id=pl.col("_by_key"))
    if kind in NATURAL:
        names = [pl.col(f"now.{name}").alias(name) for name in NATURAL[kind]]
        by_pair = now.select(*names, pl.col("now.id").alias("_by_pair")).unique(NATURAL[kind], keep="first")
        met = met.join(by_pair, on=NATURAL[kind], how="left", nulls_equal=True, maintain_order="left")
        met = met.with_columns(id=pl.coalesce("_by_key", "_by_pair"))
    met = met.join(now, left_on="id", right_on="now.id", how="left").with_columns(there=pl.col("id").is_not_null())
    done = pl.col("there") & _equal(kind, "", "now.")
    return _verdicts(kind, met, done, pl.when("there").then(pl.lit(_THERE)))


def _judge_known(kind: str, rows: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    if rows.is_empty():
        return _verdicts(kind, rows, _FALSE, _NO_REASON)
    seen = fields_frame(kind, rows["before"]).rename(lambda name: f"seen.{name}")
    met = rows.hstack(seen).join(now.with_columns(there=True), left_on="id", right_on="now.id", how="left")
    there, gone_is_wanted = pl.col("there").is_not_null(), pl.col("action") == "remove"
    done = pl.when(gone_is_wanted).then(~there).otherwise(there & _equal(kind, "", "now."))
    stale = pl.when(~there).then(pl.lit(_GONE)).when(~_equal(kind, "seen.", "read.")).then(pl.lit(_CHANGED))
    return _verdicts(kind, met, done, stale)


def _verdicts(kind: str, met: pl.DataFrame, done: pl.Expr, stale: pl.Expr) -> pl.DataFrame:
    met = met.with_columns(_done=done, reason=stale)
    state = pl.when("_done").then(pl.lit("done")).when(pl.col("reason").is_not_null()).then(pl.lit("stale"))
    reason = pl.when(~pl.col("_done")).then("reason")
    return met.with_columns(state=state, reason=reason).select(*KINDS[kind], "number", "action", "state", "reason")


def _twice(kind: str, judged: pl.DataFrame) -> pl.Expr:
    """Which rows are about a record that an earlier row is about."""
    new = pl.col("action") == "create"
    twice = _repeated(judged, (pl.coalesce("id", pl.format("key {}", "key")),), pl.coalesce("id", "key"))
    if kind in NATURAL:
        pair = [pl.col(name) for name in NATURAL[kind]]
        twice |= new & _repeated(judged, pair, pl.concat_str(pair, ignore_nulls=True))
    return twice


def _repeated(judged: pl.DataFrame, names: Sequence[pl.Expr], rough: pl.Expr) -> pl.Expr:
    """Which rows repeat an earlier one in what names them; `rough` is told faster and equal wherever names are."""
    if judged.select(rough.hash().n_unique()).item() == judged.height:
        return pl.lit(False)
    return pl.struct(names).is_first_distinct().not_()


def _equal(kind: str, one: str, other: str) -> pl.Expr:
    return pl.all_horizontal(pl.col(f"{one}{name}").eq_missing(pl.col(f"{other}{name}")) for name in fields_of(kind))
