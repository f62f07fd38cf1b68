"""What was sent before, and which records of a sink are which of ours."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from matricula.roster.gradebook import KINDS, REFERENCES, Gradebook, fields_text

ID: Final = "id"
SINK: Final = "sink"
ADOPTED: Final = "adopted"
"""Beside the fields, the ledger's `written` holds the sink's id of a record, the name of the sink, and whether it is
one of the school's own that is only filled in and never altered itself."""
NATURAL: Final = {
    "grade-category": ("class", "title"),
    "line-item": (),
    "result": ("item", "student"),
    "final-grade": ("class", "student", "session"),
}
"""What can be there once alone: by this a record is met that was never sent. An item is found by the rules alone."""


def written_text(kind: str, rows: pl.DataFrame, sink: str, *, adopted: bool = False) -> pl.Series:
    """What the ledger is to remember of records: their fields, id and sink.

    Args:
        kind: one of `KINDS`.
        rows: the fields, and `id` (null where none is known yet).
        sink: the sink's name.
        adopted: whether they are the school's own.
    """
    more = [pl.lit(sink).alias(SINK), *([pl.lit(value=True).alias(ADOPTED)] if adopted else [])]
    tail = rows.select(pl.struct(ID, *more).struct.json_encode().alias("tail")).to_series()
    return _joined(fields_text(kind, rows), tail)


def with_id(written: str, found: str | None) -> str:
    """What the ledger remembers of a record whose id is known by now; a new one has none before it is written."""
    return written if found is None else written.replace(f'"{ID}":null,"{SINK}":', f'"{ID}":{_quoted(found)},"{SINK}":')


def sent_before(kind: str, ledger: pl.DataFrame, sink: str) -> pl.DataFrame:
    """What the ledger says of records of a sink.

    Args:
        kind: one of `KINDS`.
        ledger: all rows of the kind (`store.LEDGER_SCHEMA`).
        sink: the sink's name; what was sent to another one is left out.

    Returns:
        `key`, `id`, `origin`, `adopted` and the fields of records that are not removed.
    """
    schema = {name: pl.String() if isinstance(each, pl.Datetime) else each for name, each in KINDS[kind].items()}
    plain = pl.Struct(schema | {SINK: pl.String(), ADOPTED: pl.Boolean()})
    live = ledger.filter(~pl.col("removed"))
    read = live.select(pl.col("written").fill_null("{}").str.json_decode(plain).struct.unnest())
    moments = [name for name, each in KINDS[kind].items() if isinstance(each, pl.Datetime)]
    read = read.with_columns(
        pl.col(moments).str.to_datetime("%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", time_zone="UTC"),
        key=live["key"],
        origin=live["origin"],
        adopted=pl.col(ADOPTED).fill_null(value=False),
    )
    return read.filter(pl.col(SINK) == sink).select(*KINDS[kind], "origin", "adopted")


def ids_of(kind: str, ledger: pl.DataFrame, sink: str) -> pl.DataFrame:
    """`key` and `id` of the records of a kind that a sink is known to hold; parameters as of `sent_before`."""
    return sent_before(kind, ledger, sink).select("key", "id").filter(pl.col("id").is_not_null())


class Standing:
    """What stands in a sink, under our keys where records are ours or could be.

    Args:
        book: the gradebook as the sink tells it.
    """

    def __init__(self, book: Gradebook) -> None:
        self._book = book
        self._keys: dict[str, pl.DataFrame] = {}

    def of(
        self,
        kind: str,
        sent: pl.DataFrame,
        wanted: pl.DataFrame,
        adopted: pl.DataFrame | None = None,
        by: Sequence[str] | None = None,
    ) -> pl.DataFrame:
        """The records of a kind that are ours or could be; kinds that others refer to come first.

        Args:
            kind: one of `KINDS`.
            sent: what was sent before (`sent_before`).
            wanted: what should stand, in the columns of the kind.
            adopted: `key` of ours and `id` of a record of the school's own that it is to be; by default none.
            by: the fields by which records are met that have neither our key nor a known id; by default `NATURAL`.

        Returns:
            the columns of the kind with `key` and references in our keys, and `seen`: the fields as the sink told them.
        """
        raw = self._book.frames[kind]
        frame = raw.with_columns(seen=fields_text(kind, raw), theirs=pl.col("key"))
        frame = self.in_our_keys(kind, frame)
        ours = pl.concat([sent.select("key"), wanted.select("key")]).unique()
        by_id = sent.select(pl.col("id"), by_id="key").filter(pl.col("id").is_not_null()).unique("id", keep="any")
        own = pl.DataFrame(schema={"key": pl.String, "id": pl.String}) if adopted is None else adopted
        by_rule = own.select(pl.col("id"), by_rule="key").unique("id", keep="any")
        frame = (
            frame.join(by_id, on="id", how="left", maintain_order="left")
            .join(by_rule, on="id", how="left", maintain_order="left")
            .join(ours.select("key", by_key="key"), on="key", how="left", maintain_order="left")
            .with_columns(ours=pl.coalesce("by_id", "by_key", "by_rule"))
        )
        frame = _met(frame, wanted, list(NATURAL[kind] if by is None else by))
        self._keys[kind] = frame.filter(pl.col("ours").is_not_null()).select("theirs", key="ours")
        known = frame.filter(pl.col("ours").is_not_null()).with_columns(key="ours")
        return known.unique("key", keep="first", maintain_order=True).select(*KINDS[kind], "seen")

    def in_our_keys(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Records of a kind, as the sink told them, with references in our keys; those it refers to were asked for."""
        for name, other in _references(kind).items():
            if other in self._keys:  # else the sink has no place for those
                rows = _translated(rows, name, self._keys[other])
        return rows

    def holding(self, kind: str) -> pl.DataFrame:
        """How many records of a kind belong to each one above them: its key, `held`, and how many, `holds`."""
        name = REFERENCES[kind][0]
        return self.in_our_keys(kind, self._book.frames[kind]).group_by(held=name).agg(holds=pl.len())


def _met(frame: pl.DataFrame, wanted: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """With the keys of records that were never sent and are met by some fields; of several alike the nth is the nth."""
    if not by:
        return frame
    nth, free = pl.int_range(pl.len()).over(by), pl.col("ours").is_null()
    taken = frame.select(key="ours").drop_nulls()
    left = wanted.join(taken, on="key", how="anti").select(*by, met="key").with_columns(nth=nth)
    strange = frame.filter(free).with_columns(nth=nth)
    met = strange.join(left, on=[*by, "nth"], how="left", maintain_order="left", nulls_equal=True)
    return pl.concat([frame.filter(~free), met.with_columns(ours="met").select(frame.columns)])


def _references(kind: str) -> Mapping[str, str]:
    return {REFERENCES[kind][0]: REFERENCES[kind][1]} if kind in REFERENCES else {}


def _translated(frame: pl.DataFrame, name: str, keys: pl.DataFrame) -> pl.DataFrame:
    """A frame with a reference in our keys, where what it refers to is known by one."""
    renamed = keys.select(pl.col("theirs").alias(name), _ours="key")
    joined = frame.join(renamed, on=name, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("_ours", name).alias(name)).drop("_ours")


def _joined(fields: pl.Series, tail: pl.Series) -> pl.Series:
    frame = pl.DataFrame({"fields": fields, "tail": tail})
    told = pl.concat_str(pl.col("fields").str.strip_suffix("}"), pl.lit(","), pl.col("tail").str.strip_prefix("{"))
    return frame.select(told.alias("written")).to_series()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
