"""The settings of tables of a school's own making: which files there are and which column is which field."""

import codecs
import re
from difflib import get_close_matches
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from matricula.roster import TABLES
from matricula.roster.extensions import METADATA, extensions_of
from matricula.sources.settings import SourceDocument
from matricula.sources.tables.fields import (
    CLASS,
    COURSE,
    ENROLMENT,
    HOLDS,
    NAMES,
    PERSON,
    PERSON_POINTERS,
    TEACHER,
    fields_of,
    full_name,
    is_field,
    names_for,
)

Holds = Literal["people", "schools", "sessions", "courses", "classes", "enrolments"]
Layout = Literal["none", "microsoft-sds-v1", "microsoft-sds-v2", "microsoft-sds-v2.1"]
Decimal = Literal[".", ","]

NAMED = re.compile(r"\{([^{}?]+)(\??)\}")
"""A column in a template: `{Nr}`, or `{Middle name?}` where it may be blank or missing."""
_TOKENS = {"YYYY": "%Y", "YY": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "M": "%m", "DD": "%d", "D": "%d"}
_TOKEN = re.compile("|".join(_TOKENS))


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    short_form: ClassVar[dict[str, Any] | None] = None


class Column(_Part):
    """What stands in a field: the cell of a column, a template of several, or the same value in every row."""

    short_form: ClassVar[dict[str, Any] | None] = {"type": "string"}

    column: tuple[str, ...] = Field((), description="Heading of the column; of several the first that is there.")
    template: str = Field("", description="Columns in braces with text around, as `{First} {Last}`.")
    value: str | None = Field(None, description="The same value in every row, instead of a column.")
    before: str = Field("", description="Take what stands before this mark in the cell.")
    after: str = Field("", description="Take what stands after this mark in the cell.")
    separator: str = Field("", description="What stands between several values in one cell.")
    values: dict[str, str] = Field(default_factory=dict, description="Words of the file, each with what it means.")
    other: str | None = Field(None, description="What words mean that `values` does not name; they stay where unset.")
    optional: bool = Field(False, description="The column need not be there.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"template": given} if NAMED.search(given) else {"column": (given,)}
        if isinstance(given, list | tuple):
            return {"column": given}
        if isinstance(given, dict):
            told = dict(given)
            if isinstance(told.get("column"), str):
                told["column"] = (told["column"],)
            told["value"] = _text(told["value"]) if "value" in told else None
            if isinstance(told.get("values"), dict):
                told["values"] = {_text(word): _text(meaning) for word, meaning in told["values"].items()}
            return told
        return given

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = [bool(self.column), bool(self.template), self.value is not None]
        if sum(given) != 1:
            raise ValueError("name one of `column`, `template` and `value`")
        if self.template and not NAMED.search(self.template):
            raise ValueError(f"“{self.template}” names no column; write columns in braces, as {{First}} {{Last}}")
        return self

    @property
    def headings(self) -> tuple[str, ...]:
        """The columns it names."""
        return self.column or tuple(name for name, _ in NAMED.findall(self.template))


class Part(_Part):
    """One file, or one sheet of a workbook, and what its rows are."""

    file: str = Field("", description="Name of the file, as `students.csv` or `students*.csv`; none if `path` is it.")
    sheet: str = Field("", description="Sheet of the workbook; needed where several visible ones hold something.")
    holds: Holds = Field(description="What each row is.")
    role: str = Field("", description="Role of the people in every row, where no column says it.")
    columns: dict[str, Column] = Field(description="Each field of the roster with the column that holds it.")
    optional: bool = Field(False, description="The file may be missing or without rows.")
    several: Literal["refuse", "all", "last"] = Field(
        "refuse", description="Where several files fit the name: read none, all, or the one whose name is the last."
    )
    header: int | None = Field(None, ge=1, description="Line of the headings, from 1; found by itself where unset.")
    skip_last: int = Field(0, ge=0, description="So many rows at the end are no records, such as totals.")
    fill_down: tuple[str, ...] = Field((), description="Columns whose blank cells hold the value of the row above.")
    only: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Columns with the values of the rows that are read; others are passed over."
    )
    leave_out: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Columns with the values of the rows that are passed over."
    )
    encoding: str = Field("", description="As `encoding` of the source, for this file.")
    delimiter: str = Field("", max_length=1, description="As `delimiter` of the source, for this file.")
    dates: tuple[str, ...] = Field((), description="As `dates` of the source, for this file.")
    decimal: Decimal | None = Field(None, description="As `decimal` of the source, for this file.")

    @field_validator("only", "leave_out", mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {
            name: tuple(str(each) for each in (value if isinstance(value, list | tuple) else (value,)))
            for name, value in given.items()
        }

    @field_validator("dates", "fill_down", mode="before")
    @classmethod
    def _one_is_several(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @field_validator("dates")
    @classmethod
    def _are_dates(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_known_date(each) for each in given)

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, given: str) -> str:
        return _known_encoding(given)

    @model_validator(mode="after")
    def _known_fields(self) -> Self:
        for field in self.columns:
            if not is_field(full_name(field, self.holds)):
                near = get_close_matches(field, names_for(self.holds), 1, 0.6)
                hint = f"; do you mean {near[0]}?" if near else f"; there are: {', '.join(names_for(self.holds)[:30])}"
                raise ValueError(f"there is no field {field} in a file of {self.holds}{hint}")
        if not self.columns:
            raise ValueError("name at least one column")
        for heading in (heading for column in self.columns.values() for heading in column.headings):
            if not extensions_of(TABLES["users"], [METADATA + re.sub(r"[^\w.-]", "_", heading)]):
                raise ValueError(f"“{heading}” speaks of a secret; passwords and the like are never read")
        self._need_names()
        return self

    def _need_names(self) -> None:
        kind = HOLDS[self.holds]
        if kind == ENROLMENT:
            _need(
                any(fields_of(self.mapped, each) for each in (PERSON, TEACHER)), "a person or teacher, as person.email"
            )
            _need(any(fields_of(self.mapped, each) for each in (CLASS, COURSE)), "a class or course, as class.title")
            return
        names = ("sourcedId", *(PERSON_POINTERS[1:4] if kind == PERSON else NAMES[kind]))
        listed = f"{', '.join(names[:-1])} or {names[-1]}"
        _need(bool(set(names) & set(fields_of(self.mapped, kind))), f"{listed}, by which one of {self.holds} is known")

    @property
    def mapped(self) -> dict[str, Column]:
        """The map, with full names of fields."""
        return {full_name(field, self.holds): column for field, column in self.columns.items()}


class School(_Part):
    """The school that is meant where no column names one."""

    short_form: ClassVar[dict[str, Any] | None] = {"type": "string"}

    name: str = Field(min_length=1, description="Its name.")
    id: str = Field("", description="By what it is known; made of its name where unset.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"name": given} if isinstance(given, str) else given


class Year(_Part):
    """The school year that is meant where no column names one."""

    short_form: ClassVar[dict[str, Any] | None] = {"type": "integer"}

    year: int = Field(ge=1900, le=2200, description="The year in which it ends.")
    title: str = Field("", description="Its name, as 2026/27; the year where unset.")
    start: str = Field("", pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="Its first day, as 2026-08-15.")
    end: str = Field("", pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="Its last day, as 2027-07-31.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, dict):
            return {name: value if name == "year" else str(value) for name, value in given.items()}
        return {"year": given}


class TablesSettings(SourceDocument):
    """CSV files and spreadsheets of a school's own making, read by a map of columns."""

    type: Literal["tables"] = Field("tables", description="Reads CSV files and spreadsheets by a map of columns.")
    path: Path = Field(description="The folder or zip that holds the files, or the one file.")
    layout: Layout = Field("none", description="A map that comes with Matricula; `files` adds to it.")
    files: tuple[Part, ...] = Field((), description="The files, each with its map of columns.")
    absent: tuple[str, ...] = Field((), description="Optional files, by name, that never come: nobody misses them.")
    school: School | None = Field(None, description="The school, where no column names one.")
    year: Year | None = Field(None, description="The school year, where no column names one.")
    encoding: str = Field("", description="Encoding of CSV files, as `windows-1252`; told from the file where unset.")
    delimiter: str = Field("", max_length=1, description="What stands between cells; told from the file where unset.")
    dates: tuple[str, ...] = Field((), description="How dates are written, as `DD/MM/YYYY`; YYYY-MM-DD where unset.")
    decimal: Decimal | None = Field(
        None, description="Decimal mark of numbers; where set, whole numbers lose their decimals (1234,0 is 1234)."
    )

    @field_validator("dates", mode="before")
    @classmethod
    def _one_is_several(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @field_validator("dates")
    @classmethod
    def _are_dates(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_known_date(each) for each in given)

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, given: str) -> str:
        return _known_encoding(given)

    @model_validator(mode="after")
    def _has_files(self) -> Self:
        if self.layout == "none" and not self.files:
            raise ValueError("name `files` with their columns, or a `layout`")
        people = [part for part in self.files if part.holds == "people"]
        if self.layout == "none" and people and not any(part.role or "role" in part.columns for part in people):
            raise ValueError("say what the people are: `role: student` in the part, or a column as `role`")
        return self


def _text(given: Any) -> Any:
    """What YAML takes for a number or a truth, as it was written."""
    if isinstance(given, bool):
        return str(given).lower()
    return str(given) if isinstance(given, int | float) else given


def _need(there: bool, what: str) -> None:  # noqa: FBT001 - it reads as a sentence
    if not there:
        raise ValueError(f"no column is {what}")


def strptime(written: str) -> str:
    """A form of dates as `DD/MM/YYYY` in the words of Polars: `%d/%m/%Y`."""
    return _TOKEN.sub(lambda found: _TOKENS[found[0]], written)


def _known_date(written: str) -> str:
    left = _TOKEN.sub("", written)
    kinds = {_TOKENS[found][1].lower() for found in _TOKEN.findall(written)}
    if re.search(r"[A-Za-z%]", left) or not {"d", "y"} <= kinds or not kinds & {"m", "b"}:
        raise ValueError(f"“{written}” is no form of dates; write one as DD/MM/YYYY, D.M.YY or YYYY-MM-DD")
    return written


def _known_encoding(name: str) -> str:
    try:
        return name and codecs.lookup(name).name
    except LookupError as error:
        raise ValueError(f"there is no encoding “{name}”; write one as utf-8, windows-1252 or mac-roman") from error
