"""Gradebooks as OneRoster CSV files, which the school's system takes in."""

from collections.abc import Collection
from pathlib import Path
from typing import Final, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from matricula.roster.gradebook import KINDS, REFERENCES, Gradebook
from matricula.sinks.faults import Fault, refused
from matricula.sinks.files import one_writer
from matricula.sinks.judging import answered, judge, pointed
from matricula.sinks.oneroster_csv.columns import FILES, Version
from matricula.sinks.oneroster_csv.package import Package
from matricula.sinks.oneroster_csv.rows import concerned, records_of, rows_of, sourced_ids
from matricula.sinks.protocol import Abilities, SinkSurroundings
from matricula.sinks.settings import SinkDocument

DECIMALS: Final = 5
"""Places after the point that Moodle keeps of a grade."""
_LARGEST: Final = 1e15
"""Beyond this a number would no longer be a plain decimal."""
_GUID: Final = r"^[0-9a-zA-Z.\-_/@]{1,255}$"
_CHILDREN: Final = {parent: (kind, column) for kind, (column, parent) in REFERENCES.items()}


class OneRosterCsvSinkSettings(SinkDocument):
    """Gradebooks as OneRoster CSV files 1.1 or 1.2, in a folder or a zip."""

    type: Literal["oneroster-csv"] = Field("oneroster-csv", description="Writes OneRoster CSV 1.1 or 1.2.")
    path: Path = Field(description="A folder for the package alone, or a file whose name ends in .zip.")
    version: Version = Field("1.2", description="Of OneRoster; 1.1 knows no weights and no letters.")
    school: str | None = Field(
        None, pattern=_GUID, description="sourcedId of the school; `version: 1.2` must name it with every item."
    )
    system_name: str = Field("Matricula", min_length=1, description="What the manifest says the package is from.")

    @model_validator(mode="after")
    def _school_is_there(self) -> Self:
        if self.version == "1.2" and not self.school:
            raise ValueError("OneRoster 1.2 names the school of every item: set school to its sourcedId")
        return self


class OneRosterCsvSink:
    """A sink that writes OneRoster CSV files.

    What is written is the package that stands with what changed in it: always a complete one (“bulk”).

    Args:
        settings: where it is, and of which version.
        surroundings: told what is being done.
    """

    Settings = OneRosterCsvSinkSettings

    def __init__(self, settings: OneRosterCsvSinkSettings, surroundings: SinkSurroundings | None = None) -> None:
        self.settings = settings
        self._say = (surroundings or SinkSurroundings()).say
        self._package = Package(settings.path, settings.version, settings.system_name)

    @property
    def abilities(self) -> Abilities:
        """What a version has columns for."""
        newer = self.settings.version == "1.2"
        return Abilities(frozenset(FILES), weights=newer, letters=newer, at_once=0, decimals=DECIMALS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """There is no connection to end."""

    def read(self, classes: Collection[str]) -> Gradebook:
        """What the package holds of classes; see `Sink.read`."""
        files = self._package.read()
        standing = self._standing(files)
        wanted = pl.Series(list(classes), dtype=pl.String).implode()
        of_classes = {kind: rows.filter(pl.col("class").is_in(wanted)) for kind, rows in standing.items()}
        return Gradebook({kind: of_classes.get(kind, pl.DataFrame(schema=schema)) for kind, schema in KINDS.items()})

    def write(self, kind: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Write the package anew with what changed; see `Sink.write`."""
        if kind not in FILES:
            return refused(rows, "OneRoster CSV has no place for it.")
        with one_writer(self.settings.path):
            files = self._package.read()
            # Of a large package hardly any row is concerned, and telling what all are takes longer than writing them.
            about = files | {kind: concerned(kind, files[kind], rows)}
            judged = self._judged(kind, rows, self._standing(about, kind), files)
            writes = judged.filter(pl.col("state").is_null())
            if writes.height:
                self._say(f"writing {self.settings.path}")
                changed = self._changed(kind, files[kind], writes)
                self._package.write(kind, {each: [text] for each, text in files.items()} | {kind: changed})
        return answered(judged)

    def _standing(self, files: dict[str, pl.DataFrame], of: str | None = None) -> dict[str, pl.DataFrame]:
        """Records of the files as `read` gives them: of a kind and of what it refers to, or of all kinds."""
        version = self.settings.version
        wanted = [kind for kind in FILES if of is None or kind == of or kind == REFERENCES.get(of, ("", ""))[1]]
        texts = dict(files) | (
            {} if of is None else {kind: text.clear() for kind, text in files.items() if kind not in wanted}
        )
        records = {kind: records_of(kind, version, text) for kind, text in texts.items()}
        if "grade-category" in wanted:
            items = records_of("line-item", version, files["line-item"])
            records["grade-category"] = _with_class(records["grade-category"], "id", items.select("category", "class"))
        if version == "1.1":
            items = records["line-item"].select(pl.col("id").alias("item"), "class")
            records["result"] = _with_class(records["result"], "item", items)
        return {
            kind: pointed(kind, rows, records[REFERENCES[kind][1]] if kind in REFERENCES else None, by="id", to="key")
            for kind, rows in records.items()
        }

    def _judged(
        self, kind: str, rows: pl.DataFrame, standing: dict[str, pl.DataFrame], files: dict[str, pl.DataFrame]
    ) -> pl.DataFrame:
        parents = standing[REFERENCES[kind][1]] if kind in REFERENCES else None
        judged = judge(kind, rows, standing[kind], self.abilities, parents, also=self._faults(kind, files))
        new = pl.col("state").is_null() & (pl.col("action") == "create")
        return judged.with_columns(id=pl.when(new).then(sourced_ids(judged["key"].fill_null(""))).otherwise("id"))

    def _faults(self, kind: str, files: dict[str, pl.DataFrame]) -> list[Fault]:
        """What a row may lack for a row of OneRoster's."""
        keeps = pl.col("action") != "remove"
        wrong = [((pl.col("action") == "create") & pl.col("key").is_null(), "It has no key.")]
        wrong += [
            (keeps & (pl.col(name).abs() >= _LARGEST), f"Its {name} is too large.")
            for name, dtype in KINDS[kind].items()
            if dtype == pl.Float64
        ]
        if kind == "line-item":
            wrong += [
                (keeps & pl.col("category").is_null(), "In OneRoster an item has a category."),
                (keeps & pl.col("session").is_null(), "In OneRoster an item has a marking period."),
            ]
            if self.settings.version == "1.1":
                bound = pl.any_horizontal(pl.col("minimum", "maximum").is_null())
                wrong.append((keeps & bound, "In OneRoster 1.1 an item has a minimum and a maximum."))
        if kind in _CHILDREN:
            child, column = _CHILDREN[kind]
            pointers = files[child][{"category": "categorySourcedId", "item": "lineItemSourcedId"}[column]]
            wrong.append((~keeps & pl.col("id").is_in(pointers.unique().implode()), "Something still belongs to it."))
        return wrong

    def _changed(self, kind: str, text: pl.DataFrame, writes: pl.DataFrame) -> list[pl.DataFrame]:
        """The rows of a file: those that stay as they were, then those that are new or other than before."""
        kept = writes.filter(pl.col("action") != "remove")
        rows = rows_of(kind, self.settings.version, kept, self.settings.school or "")
        if text.is_empty():
            return [rows]
        others = [name for name in text.columns if name not in rows.columns]
        rows = rows.join(text.select("sourcedId", *others), on="sourcedId", how="left").select(text.columns)
        return [text.filter(~pl.col("sourcedId").is_in(writes["id"].implode())), rows]


def _with_class(records: pl.DataFrame, by: str, classes: pl.DataFrame) -> pl.DataFrame:
    """Records without a class get that of what they belong to, or of what belongs to them."""
    if not records["class"].null_count():
        return records
    found = classes.rename({classes.columns[0]: by, "class": "_class"}).drop_nulls().unique(by, keep="first")
    joined = records.join(found, on=by, how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("class", "_class").alias("class")).drop("_class")
