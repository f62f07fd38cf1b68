"""Presets: queries for a known school system, kept as a folder of package data.

A preset is a folder below `presets/` with `preset.yaml`, described by `Preset`, and one `.sql` file for each table. A
file `STEM.DIALECT.sql` takes the place of `STEM.sql` where a database of that dialect needs other words. What several
queries share, or what alone has to be said otherwise, stands in `NAME.part.sql` and comes in the place of a line
`-- part: NAME`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from importlib.resources import files
from importlib.resources.abc import Traversable
from textwrap import indent
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from ruamel.yaml import YAML

from matricula.roster import TABLES
from matricula.sources.sql.queries import Query, Scalar, Value

TODAY = "today"
"""A parameter that every query may use without its being given: the day of the reading."""

_FOLDER = "presets"
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_PART = re.compile(r"^(?P<blanks> *)-- part: (?P<name>[a-z_]+)$", re.MULTILINE)


class Parameter(BaseModel):
    """One parameter of a preset."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    description: str = Field(description="What it is, for the person who sets it.")
    kind: Literal["text", "number", "day", "choice", "list"] = Field("text", description="What may be given.")
    required: bool = Field(default=False, description="Whether it must be given.")
    default: Value | None = Field(default=None, description="What holds where it is not given; none is NULL.")
    choices: tuple[str, ...] = Field(default=(), description="What may be given where the kind is `choice`.")

    @model_validator(mode="after")
    def _is_whole(self) -> "Parameter":
        if self.required and self.default is not None:
            raise ValueError("a parameter that is required has no default")
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("choices go with the kind “choice”")
        if self.default is not None:
            self.value(self.default)
        return self

    def value(self, given: Value) -> Value:
        """What was given, as its kind.

        Raises:
            ValueError: it is of another kind; the message says what may be given.
        """
        if self.kind == "list":
            return [str(each) for each in given] if isinstance(given, list) else [str(given)]
        if isinstance(given, list):
            raise ValueError(f"{_NEEDED[self.kind]}, not a list")  # noqa: TRY004 - Pydantic takes no TypeError
        if self.kind == "number":
            return _number(given)
        if self.kind == "day":
            return _day(given)
        if self.kind == "choice" and str(given) not in self.choices:
            raise ValueError(f"may be {' or '.join(self.choices)}")
        return str(given)


class Preset(BaseModel):
    """The head of a preset, `preset.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(description="The school system, as people call it, with the versions it fits.")
    about: str = Field(description="What it reads, in a few sentences.")
    version: Literal["1.1", "1.2"] = Field(description="OneRoster version whose columns the queries have.")
    parameters: dict[str, Parameter] = Field(default_factory=dict, description="What the queries may be told.")
    dialects: tuple[str, ...] = Field(description="Dialects it was tried on, in SQLAlchemy's names.")
    tables: dict[str, str] = Field(description="For each table of the roster the stem of its query's file.")
    complete: tuple[str, ...] = Field(description="Tables of which every record is there.")

    @model_validator(mode="after")
    def _knows_its_tables(self) -> "Preset":
        if unknown := set(self.tables) - set(TABLES):
            raise ValueError(f"the roster has no tables {', '.join(sorted(unknown))}; it has {', '.join(TABLES)}")
        if unread := set(self.complete) - set(self.tables):
            raise ValueError(f"no query reads {', '.join(sorted(unread))}")
        if TODAY in self.parameters:
            raise ValueError(f"{TODAY} is always there and is not declared")
        return self

    def values(self, given: Mapping[str, Value]) -> dict[str, Value | None]:
        """The value of every parameter.

        Args:
            given: values by name of the parameter.

        Raises:
            ValueError: one is missing, unknown or of another kind; the message says so of each.
        """
        faults = [f"there is no parameter {name}{_nearest(name, self.parameters)}"
                  for name in given if name not in self.parameters]  # fmt: skip
        values: dict[str, Value | None] = {}
        for name, parameter in self.parameters.items():
            if name not in given:
                values[name] = parameter.default if parameter.default is None else parameter.value(parameter.default)
                if parameter.required:
                    faults.append(f"{name} is needed: {parameter.description}")
                continue
            try:
                values[name] = parameter.value(given[name])
            except ValueError as error:
                faults.append(f"{name}: {error}")
        if faults:
            raise ValueError("\n".join(faults))
        return values


@dataclass(frozen=True)
class PresetFolder:
    """A preset and where its queries are.

    Args:
        name: its name.
        head: what `preset.yaml` says.
        folder: where its files are.
    """

    name: str
    head: Preset
    folder: Traversable

    def queries(self, dialect: str) -> dict[str, Query]:
        """The queries by table.

        Args:
            dialect: SQLAlchemy's name of the dialect.
        """
        return {table: self._query(table, stem, dialect) for table, stem in self.head.tables.items()}

    def _query(self, table: str, stem: str, dialect: str) -> Query:
        name = self._file(stem, dialect)
        return Query(table, self._text(name, dialect), f"{self.name}/{name}")

    def _file(self, stem: str, dialect: str) -> str:
        """The file in the words of a dialect, where it needs its own."""
        own = f"{stem}.{dialect}.sql"
        return own if (self.folder / own).is_file() else f"{stem}.sql"

    def _text(self, name: str, dialect: str) -> str:
        """A file's text, each line `-- part: NAME` replaced by what stands in the part's own file."""

        def part(line: re.Match[str]) -> str:
            text = self._text(self._file(f"{line['name']}.part", dialect), dialect)
            return indent(text.rstrip("\n"), line["blanks"])

        return _PART.sub(part, (self.folder / name).read_text(encoding="utf-8"))


def preset_names() -> list[str]:
    """The names of the presets there are."""
    root = files("matricula.sources") / _FOLDER
    if not root.is_dir():
        return []
    return sorted(entry.name for entry in root.iterdir() if (entry / "preset.yaml").is_file())


def open_preset(name: str) -> PresetFolder:
    """A preset by its name.

    Raises:
        ValueError: there is none of that name; the message names those there are.
    """
    names = preset_names()
    if name not in names or not _NAME.fullmatch(name):
        raise ValueError(f"there is no preset “{name}”; there are: {', '.join(names) or 'none'}")
    return read_preset(name, files("matricula.sources") / _FOLDER / name)


def read_preset(name: str, folder: Traversable) -> PresetFolder:
    """A preset from its folder."""
    content = YAML(typ="safe").load((folder / "preset.yaml").read_text(encoding="utf-8"))
    return PresetFolder(name, Preset.model_validate(content), folder)


_NEEDED = {
    "text": "a text is needed",
    "number": "a number is needed",
    "day": "a day is needed, as 2026-08-15",
    "choice": "one value is needed",
}


def _number(given: Scalar) -> int | float:
    if isinstance(given, bool | date):
        raise ValueError(_NEEDED["number"])  # noqa: TRY004 - Pydantic takes no TypeError
    try:
        return given if isinstance(given, int | float) else int(given)
    except ValueError as error:
        raise ValueError(_NEEDED["number"]) from error


def _day(given: Scalar) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        raise ValueError(_NEEDED["day"]) from error


def _nearest(name: str, known: Mapping[str, object]) -> str:
    near = get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}?" if near else f"; known are {', '.join(known) or 'none'}"
