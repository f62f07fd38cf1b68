"""The settings of a source that reads queries."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator

from matricula.roster import TABLES
from matricula.roster.extensions import is_extension_name
from matricula.roster.tables import VERSIONS
from matricula.sources.settings import SourceDocument
from matricula.sources.sql.address import address_of, no_password_here
from matricula.sources.sql.presets import TODAY, open_preset
from matricula.sources.sql.queries import Query, Value

TableName = Literal["orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments"]


class SqlSettings(SourceDocument):
    """Queries of a database: PostgreSQL, MariaDB, MySQL, SQLite, Microsoft SQL Server or Oracle."""

    NEUTRAL = frozenset({"timeout", "chunk", "passwordless"})

    type: Literal["sql"] = Field("sql", description="Reads queries or views of a database.")
    url: str | None = Field(
        default=None,
        description=(
            "The database's address, as mysql://reader@db.school.example/sis, without a password: that is kept apart, "
            "as the secret `password`."
        ),
    )
    path: Path | None = Field(default=None, validate_default=True, description="A SQLite file, in the place of `url`.")
    passwordless: bool = Field(
        default=False, description="Whether the database lets the account of `url` in without a password."
    )
    preset: str | None = Field(default=None, description="Queries made for a school system, by the preset's name.")
    queries: dict[TableName, str] = Field(
        default_factory=dict,
        validate_default=True,
        description=(
            "For each table of the roster one SELECT, or the name of a view or table of which everything is read; it "
            "takes the place of the preset's query."
        ),
    )
    version: Literal["1.1", "1.2"] | None = Field(
        default=None,
        validate_default=True,
        description=(
            "OneRoster version whose columns the queries have: 1.1, where a user's role stands in users, unless the "
            "preset or this setting says otherwise."
        ),
    )
    parameters: dict[str, Value] = Field(
        default_factory=dict,
        validate_default=True,
        description=(
            "Values that queries use as :name. Those of a preset are told on its page; :today, the day of the reading, "
            "is always there."
        ),
    )
    columns: dict[TableName, dict[str, str]] = Field(
        default_factory=dict,
        description="For each table the query's names of columns by OneRoster's, where they differ.",
    )
    complete: tuple[TableName, ...] | None = Field(
        default=None,
        description=(
            "Tables of which every record is there, so that one that is missing is gone. Where it is not set: all that "
            "are read by a query of this document, and those of which the preset says so."
        ),
    )
    timezone: str = Field(default="UTC", description="The zone by which :today is the day that it is.")
    timeout: int = Field(default=300, ge=1, le=86_400, description="Seconds that the database may take for an answer.")
    chunk: int = Field(default=20_000, ge=1, le=1_000_000, description="Rows that are fetched at a time.")

    @model_validator(mode="before")
    @classmethod
    def _no_password(cls, given: Any) -> Any:
        no_password_here(given)
        return given

    @field_validator("path")
    @classmethod
    def _is_one_of_two(cls, given: Path | None, info: ValidationInfo) -> Path | None:
        if "url" in info.data and (info.data["url"] is None) == (given is None):
            raise ValueError("one of url and path is needed: the address of a database, or a SQLite file")
        return given

    @field_validator("preset")
    @classmethod
    def _is_a_preset(cls, given: str | None) -> str | None:
        if given is not None:
            open_preset(given)
        return given

    @field_validator("queries")
    @classmethod
    def _only_read(cls, given: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if not given and "preset" in info.data and info.data["preset"] is None:
            raise ValueError("a preset or queries are needed: nothing says what is to be read")
        dialect = address_of(info.data["url"]).get_backend_name() if info.data.get("url") else "sqlite"
        faults = [(table, Query(table, sql).fault(dialect)) for table, sql in given.items()]
        if told := [f"{table}: {fault}" for table, fault in faults if fault]:
            raise ValueError("\n".join(told))
        return given

    @field_validator("version", mode="before")
    @classmethod
    def _with_quotes_or_without(cls, given: Any) -> Any:
        return str(given) if isinstance(given, float) else given

    @field_validator("version")
    @classmethod
    def _fits(cls, given: str | None, info: ValidationInfo) -> str | None:
        preset, queries = info.data.get("preset"), info.data.get("queries", {})
        of_preset = open_preset(preset).head.version if preset else VERSIONS[0]
        if preset and given not in (None, of_preset):
            raise ValueError(f"the preset {preset} is of version {of_preset}; leave the setting out")
        if strange := [name for name in queries if (given or of_preset) not in TABLES[name].versions]:
            raise ValueError(f'OneRoster {given or of_preset} has no table {strange[0]}; set version: "1.2"')
        return given

    @field_validator("parameters")
    @classmethod
    def _are_known(cls, given: dict[str, Value], info: ValidationInfo) -> dict[str, Value]:
        preset, queries = info.data.get("preset"), info.data.get("queries")
        if "preset" not in info.data or queries is None:
            return given
        used = {name for table, sql in queries.items() for name in Query(table, sql).parameters}
        if preset:
            head = open_preset(preset).head
            head.values({name: value for name, value in given.items() if name in head.parameters or name not in used})
            used |= set(head.parameters)
        if TODAY in given:
            raise ValueError(f"{TODAY} is the day of the reading and cannot be set; give a day of another name")
        if unused := [name for name in given if name not in used]:
            raise ValueError(f"no query uses {', '.join(unused)}; they use {', '.join(sorted(used)) or 'none'}")
        if missing := sorted(used - {TODAY} - set(given) - set(head.parameters if preset else ())):
            raise ValueError(f"the queries use :{missing[0]}, which is not set; write \\: where a colon is meant")
        return given

    @field_validator("columns")
    @classmethod
    def _are_columns(cls, given: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        for table, names in given.items():
            known = [column.name for column in TABLES[table].columns if column.kept]
            for name in names:
                if name not in known and not is_extension_name(name):
                    near = get_close_matches(name, known, 1) or known
                    raise ValueError(f"{table} has no column {name}; it has {', '.join(near)}, and metadata.NAME")
        return given

    @field_validator("complete")
    @classmethod
    def _are_read(cls, given: tuple[str, ...] | None, info: ValidationInfo) -> tuple[str, ...] | None:
        preset = info.data.get("preset")
        read = {*info.data.get("queries", ()), *(open_preset(preset).head.tables if preset else ())}
        if unread := [table for table in given or () if table not in read]:
            raise ValueError(f"no query reads {', '.join(unread)}")
        return given

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, given: str) -> str:
        try:
            ZoneInfo(given)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError("a time zone is needed, as Europe/London") from error
        return given

    def secrets(self) -> tuple[str, ...]:
        """The password, where the address names an account that has one."""
        return ("password",) if self.url and address_of(self.url).username and not self.passwordless else ()
