"""The settings of a sink of plain tables."""

from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from matricula.sinks.database.settings import DatabaseDocument
from matricula.sinks.sql.shapes import COLUMNS, NEEDED, OWN_ID, TABLES
from matricula.sources.sql.address import address_of

TableWord = Literal["categories", "line_items", "results", "finals"]


class TableThere(BaseModel):
    """A table that is there already."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, description="The table's name; `schema.table` where it stands in another schema.")
    columns: dict[str, str] = Field(
        description="The table's columns by Matricula's; only these are written and read. `id` is a column with a "
        "number that the database gives.",
    )


class SqlSinkSettings(DatabaseDocument):
    """Plain tables in PostgreSQL, MariaDB, MySQL, SQLite or Microsoft SQL Server."""

    type: Literal["sql"] = Field("sql", description="Writes plain tables of a database.")
    path: Path | None = Field(default=None, validate_default=True, description="A SQLite file, in the place of `url`.")
    prefix: str = Field(
        "matricula_",
        max_length=40,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="What the names of the tables begin with that Matricula makes.",
    )
    tables: dict[TableWord, TableThere] = Field(
        default_factory=dict, description="Tables that are there already, in the place of those that Matricula makes."
    )

    @field_validator("path")
    @classmethod
    def _is_one_of_two(cls, given: Path | None, info: ValidationInfo) -> Path | None:
        if "url" in info.data and (info.data["url"] is None) == (given is None):
            raise ValueError("one of url and path is needed: the address of a database, or a SQLite file")
        if info.data.get("url") and address_of(info.data["url"], "sink").get_backend_name() == "oracle":
            raise ValueError("Oracle can be read as a source; grades are not written to it")
        return given

    @field_validator("tables")
    @classmethod
    def _have_what_is_needed(cls, given: dict[TableWord, TableThere]) -> dict[TableWord, TableThere]:
        for word, table in given.items():
            kind = TABLES[word]
            known = [*COLUMNS[kind].values(), OWN_ID]
            if strange := [name for name in table.columns if name not in known]:
                near = get_close_matches(strange[0], known, 1) or known
                raise ValueError(f"{word} has no column {strange[0]}; it has {', '.join(near)}")
            needed = [COLUMNS[kind][field] for field in NEEDED[kind]]
            if missing := [name for name in needed if name not in table.columns]:
                raise ValueError(f"{word} needs a column for {missing[0]}")
            if len(set(table.columns.values())) != len(table.columns):
                raise ValueError(f"{word} names a column twice")
        return given
