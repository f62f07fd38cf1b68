"""Gradebooks as a workbook that people read."""

from collections.abc import Collection
from pathlib import Path
from typing import Final, Literal, Self

import polars as pl
from pydantic import Field, field_validator

from matricula.roster.gradebook import KINDS, REFERENCES, Gradebook, fields_of
from matricula.sinks.faults import Fault
from matricula.sinks.files import one_writer
from matricula.sinks.judging import answered, judge, pointed
from matricula.sinks.protocol import Abilities, SinkSurroundings
from matricula.sinks.settings import SinkDocument
from matricula.sinks.spreadsheet import workbook

DECIMALS: Final = 5
"""Places after the point that Moodle keeps of a grade."""
LONGEST_CELL: Final = 32_767
"""So many characters a cell of Excel holds."""
_CHILDREN: Final = {parent: (kind, column) for kind, (column, parent) in REFERENCES.items()}


class SpreadsheetSinkSettings(SinkDocument):
    """A workbook (.xlsx) that people read: students by line, items by column, totals and final grades."""

    type: Literal["spreadsheet"] = Field("spreadsheet", description="Writes a workbook.")
    path: Path = Field(description="The file; its name ends in .xlsx.")
    sheets: Literal["class", "all"] = Field(
        "class", description="`class`: a sheet for each class. `all`: one sheet of all classes."
    )

    @field_validator("path")
    @classmethod
    def _is_workbook(cls, path: Path) -> Path:
        if path.suffix.casefold() != ".xlsx":
            raise ValueError("the name of the file ends in .xlsx")
        return path


class SpreadsheetSink:
    """A sink that writes a workbook.

    Args:
        settings: where it is, and what stands on a sheet.
        surroundings: gives the names of classes, students and sessions.
    """

    Settings = SpreadsheetSinkSettings

    def __init__(self, settings: SpreadsheetSinkSettings, surroundings: SinkSurroundings | None = None) -> None:
        self.settings = settings
        self._surroundings = surroundings or SinkSurroundings()

    @property
    def abilities(self) -> Abilities:
        """Everything, as long as it fits into a cell."""
        lengths = {
            f"{kind}.{name}": LONGEST_CELL
            for kind, schema in KINDS.items()
            for name, dtype in schema.items()
            if dtype == pl.String and name in ("title", "description", "comment", "text")
        }
        return Abilities(frozenset(KINDS), at_once=0, decimals=DECIMALS, lengths=lengths)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is no connection to end."""

    def read(self, classes: Collection[str]) -> Gradebook:
        """What the workbook holds of classes; see `Sink.read`."""
        wanted = pl.Series(list(classes), dtype=pl.String).implode()
        standing = _by_keys(workbook.read(self.settings.path))
        return Gradebook({kind: rows.filter(pl.col("class").is_in(wanted)) for kind, rows in standing.items()})

    def write(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Write the workbook anew with what changed; see `Sink.write`."""
        with one_writer(self.settings.path):
            frames = workbook.read(self.settings.path)
            standing = _by_keys(frames)
            parents = standing[REFERENCES[kind][1]] if kind in REFERENCES else None
            judged = judge(kind, rows, standing[kind], self.abilities, parents, also=_faults(kind, frames))
            # A key may be any text, and so may an id here.
            judged = judged.with_columns(id=pl.coalesce("id", "key"))
            writes = judged.filter(pl.col("state").is_null())
            if writes.height:
                self._surroundings.say(f"writing {self.settings.path}")
                changed = frames | {kind: _changed(kind, frames[kind], writes)}
                together = self.settings.sheets == "all"
                workbook.write(self.settings.path, changed, self._surroundings.names, together=together)
        return answered(judged)


def _by_keys(frames: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    named = {kind: rows.with_columns(key=pl.coalesce("key", "id")) for kind, rows in frames.items()}
    return {
        kind: pointed(kind, rows, named[REFERENCES[kind][1]] if kind in REFERENCES else None, by="id", to="key")
        for kind, rows in named.items()
    }


def _faults(kind: str, frames: dict[str, pl.DataFrame]) -> list[Fault]:
    new = pl.col("action") == "create"
    wrong: list[Fault] = [(new & pl.col("key").is_null(), "It has no key.")]
    if kind in _CHILDREN:
        child, column = _CHILDREN[kind]
        held = pl.col("id").is_in(frames[child][column].unique().implode())
        wrong.append(((pl.col("action") == "remove") & held, "Something still belongs to it."))
    return wrong


def _changed(kind: str, frame: pl.DataFrame, writes: pl.DataFrame) -> pl.DataFrame:
    """The records of a kind: where one was there already, its fields change and its key stays."""
    kept = writes.filter(pl.col("action") != "remove").select(*KINDS[kind])
    known = frame.select("id", pl.col("key").alias("_key"))
    kept = kept.join(known, on="id", how="left").with_columns(key=pl.coalesce("_key", "key")).drop("_key")
    rows = pl.concat([frame.join(writes, on="id", how="anti"), kept])
    return rows.sort("class", *fields_of(kind)[:1], "id", nulls_last=True)
