"""What the contract of sinks asks of a world with one sink in it."""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

import polars as pl

from matricula.roster.gradebook import KINDS, REFERENCES, Gradebook, fields_text
from matricula.sinks import Sink, SinkSurroundings, open_sink

Row = Mapping[str, Any]


class SinkBench(Protocol):
    """A world in which one empty sink stands, seen from outside."""

    classes: tuple[str, ...]
    """sourcedIds of two classes that there are."""
    students: tuple[str, ...]
    """sourcedIds of four students of both classes."""
    sessions: tuple[str, ...]
    """sourcedIds of two academic sessions, at least."""
    settings: Mapping[str, Any]
    """The settings that write to it."""
    surroundings: SinkSurroundings

    def clear(self) -> None:
        """Take every record away; classes and students stay."""

    def seen(self, kind: str) -> list[Row]:
        """Records as anybody sees them, read without the sink: `id` and those of the kind's fields that are held."""

    def alter(self, kind: str, sourced_id: str, **fields: Any) -> None:
        """Somebody changes fields of a record: `title` of a category or an item, `score` of a result."""

    def lose(self, kind: str, sourced_id: str) -> None:
        """Somebody takes a record away, and nothing else."""


class Writer:
    """Writes frames to a sink as a transfer does, kind by kind, references by the ids that came back."""

    def __init__(self, bench: SinkBench) -> None:
        self.bench = bench

    def open(self) -> Sink:
        return open_sink(self.bench.settings, self.bench.surroundings)

    @property
    def abilities(self):
        return self.open().abilities

    def read(self, classes: Collection[str] | None = None) -> Gradebook:
        with self.open() as sink:
            return sink.read(self.bench.classes if classes is None else classes)

    def write(self, kind: str, rows: pl.DataFrame, action: str = "create", before: pl.Series | None = None):
        """What came of rows, by their number; rows are numbered from 1 on."""
        seen = pl.Series("before", ["{}"] * rows.height, pl.String) if before is None else before.alias("before")
        numbers = pl.Series("number", range(1, rows.height + 1), pl.Int64)
        asked = rows.with_columns(numbers, pl.lit(action).alias("action"), seen)
        with self.open() as sink:
            most = sink.abilities.at_once or max(asked.height, 1)
            parts = [sink.write(kind, asked.slice(start, most)) for start in range(0, max(asked.height, 1), most)]
        return pl.concat(parts).sort("number")

    def fill(self, frames: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Write a gradebook whose references are keys; returns the rows as they were written, with their ids."""
        written: dict[str, pl.DataFrame] = {}
        for kind in KINDS:
            if kind not in frames or kind not in self.abilities.kinds:
                continue
            rows = self.abilities.held(kind, frames[kind])
            if kind in REFERENCES:
                rows = translated(kind, rows, written, "key", "id")
            told = self.write(kind, rows)
            assert set(told["state"]) <= {"done"}, told
            written[kind] = rows.with_columns(told["id"])
        return written


def translated(kind: str, rows: pl.DataFrame, frames: Mapping[str, pl.DataFrame], by: str, to: str) -> pl.DataFrame:
    """Rows whose reference is told by `id` and no longer by `key`, or the other way."""
    column, parent = REFERENCES[kind]
    if parent not in frames:
        return rows
    names = dict(zip(frames[parent][by], frames[parent][to], strict=True))
    return rows.with_columns(pl.col(column).replace(names))


def texts(kind: str, rows: pl.DataFrame) -> pl.Series:
    return fields_text(kind, rows)


def by_id(kind: str, frames: Mapping[str, pl.DataFrame], also: Collection[str] = ()) -> list[dict[str, Any]]:
    """Records of a kind by their id, without keys, references as ids: what can be compared whoever keeps what."""
    rows = translated(kind, frames[kind], frames, "key", "id") if kind in REFERENCES else frames[kind]
    return rows.drop("key").sort("id").to_dicts()
