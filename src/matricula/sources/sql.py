"""SQL: queries or views of any database that SQLAlchemy reaches, read in one snapshot without a lock."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationInfo, field_validator, model_validator
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from matricula.errors import SettingError
from matricula.roster import TABLES, Delivery, Draft, FindingBook, Marker
from matricula.sources.protocol import Surroundings
from matricula.sources.records import draft_of
from matricula.sources.settings import SourceDocument
from matricula.sources.sql_address import address_of, no_password_here
from matricula.sources.sql_dialects import DIALECTS, Begun
from matricula.sources.sql_errors import Asked, driver_missing, explained
from matricula.sources.sql_files import readable
from matricula.sources.sql_presets import TODAY, open_preset
from matricula.sources.sql_queries import Query, Value
from matricula.sources.sql_rows import frame_of_rows, names_of

TableName = Literal["orgs", "academicSessions", "courses", "classes", "users", "roles", "enrollments"]


class SqlSettings(SourceDocument):
    """Queries of a database: PostgreSQL, MariaDB, MySQL, SQLite, Microsoft SQL Server or Oracle."""

    NEUTRAL = frozenset({"timeout", "chunk", "passwordless"})

    type: Literal["sql"] = Field("sql", description="Reads queries or views of a database.")
    url: str | None = Field(
        default=None,
        description=(
            "The database's address, as mysql+pymysql://reader@db.school.example/sis, without a password: that is kept "
            "with `matricula source secret`."
        ),
    )
    path: Path | None = Field(default=None, description="A SQLite file, in the place of `url`.")
    passwordless: bool = Field(
        default=False, description="Whether the database lets the account of `url` in without a password."
    )
    preset: str | None = Field(default=None, description="Queries made for a school system, by their name.")
    queries: dict[TableName, str] = Field(
        default_factory=dict,
        validate_default=True,
        description="For each table of the roster one SELECT; it takes the place of the preset's.",
    )
    parameters: dict[str, Value] = Field(
        default_factory=dict,
        validate_default=True,
        description="Values that queries use as :name. Those of a preset are told on its page; :today is always there.",
    )
    columns: dict[TableName, dict[str, str]] = Field(
        default_factory=dict,
        description="For each table the query's names of columns by OneRoster's, where they differ.",
    )
    version: Literal["1.1", "1.2"] | None = Field(
        default=None,
        validate_default=True,
        description=(
            "OneRoster version whose columns the queries have; 1.1, where a user's role stands in users, unless the "
            "preset says otherwise."
        ),
    )
    complete: tuple[TableName, ...] | None = Field(
        default=None,
        description=(
            "Tables of which every record is there, so that one that is missing is gone; all that are read by a query "
            "of this document, and those of which the preset says so."
        ),
    )
    timezone: str = Field(default="UTC", description="The zone in which it is decided what day it is for :today.")
    timeout: int = Field(default=300, ge=1, le=86_400, description="Seconds that the database may take to answer.")
    chunk: int = Field(default=20_000, ge=1, le=1_000_000, description="Rows that are fetched at a time.")

    @model_validator(mode="before")
    @classmethod
    def _no_password(cls, given: Any) -> Any:
        no_password_here(given)
        return given

    @field_validator("preset")
    @classmethod
    def _is_a_preset(cls, given: str | None) -> str | None:
        if given is not None:
            open_preset(given)
        return given

    @field_validator("queries")
    @classmethod
    def _read_only(cls, given: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        dialect = address_of(info.data["url"]).get_backend_name() if info.data.get("url") else "sqlite"
        faults = [(table, Query(table, sql, "").fault(dialect)) for table, sql in given.items()]
        if told := [f"{table}: {fault}" for table, fault in faults if fault]:
            raise ValueError("\n".join(told))
        return given

    @field_validator("parameters")
    @classmethod
    def _are_parameters(cls, given: dict[str, Value], info: ValidationInfo) -> dict[str, Value]:
        preset, queries = info.data.get("preset"), info.data.get("queries", {})
        if preset:
            used = {name for sql in queries.values() for name in Query("", sql, "").parameters}
            declared = open_preset(preset).head
            declared.values(
                {name: value for name, value in given.items() if name in declared.parameters or name not in used}
            )
        return given

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, given: str) -> str:
        try:
            ZoneInfo(given)
        except (ValueError, OSError, KeyError) as error:
            raise ValueError("a time zone is needed, as Europe/London") from error
        return given

    @model_validator(mode="after")
    def _is_whole(self) -> "SqlSettings":
        if (self.url is None) == (self.path is None):
            raise ValueError("one of url and path is needed: the address of a database, or a SQLite file")
        if self.preset is None and not self.queries:
            raise ValueError("a preset or queries are needed: nothing says what is to be read")
        return self

    def secrets(self) -> tuple[str, ...]:
        """The password, where the address names an account that has one."""
        return ("password",) if self.url and address_of(self.url).username and not self.passwordless else ()


class Sql:
    """A source that reads queries of a database.

    Args:
        settings: the address and the queries.
        surroundings: where it gets the password from.
    """

    Settings = SqlSettings

    def __init__(self, settings: SqlSettings, surroundings: Surroundings | None = None) -> None:
        self.settings = settings
        self._surroundings = surroundings or Surroundings()
        self._preset = open_preset(settings.preset) if settings.preset else None

    def deliver(self, _: Marker | None = None) -> Delivery:
        """Read all tables in one snapshot.

        Raises:
            SettingError: address, password, query or parameter is wrong; the message names what there is instead.
            WaitError: the database is out of reach or busy, or took too long.
            StopError: what came cannot be used.
        """
        url = self._url()
        queries = self._queries(url.get_backend_name())
        reading = _Reading(self.settings, url, self._surroundings, self._values())
        version = self.settings.version or (self._preset.head.version if self._preset else "1.1")
        return reading.deliver(queries, version, self._complete(queries))

    def _url(self) -> URL:
        if self.settings.path is not None:
            return URL.create("sqlite+pysqlite", database=str(self.settings.path))
        url = address_of(self.settings.url or "")
        return url.set(password=self._surroundings.secret("password")) if self.settings.secrets() else url

    def _queries(self, dialect: str) -> list[Query]:
        preset = self._preset
        own = {str(table): Query(table, sql, f"queries, {table}") for table, sql in self.settings.queries.items()}
        given = preset.queries(dialect) if preset else {}
        queries = given | own
        for query in queries.values():
            if fault := query.fault(dialect):
                raise SettingError(f"The query is refused: {fault}.", where=query.origin, code="sql-not-a-reading")
        return [queries[table] for table in TABLES if table in queries]

    def _values(self) -> dict[str, Value | None]:
        today = datetime.now(ZoneInfo(self.settings.timezone)).date()
        given = self.settings.parameters
        head = self._preset.head if self._preset else None
        declared = {name: value for name, value in given.items() if head and name in head.parameters}
        return {TODAY: today} | given | (head.values(declared) if head else {})

    def _complete(self, queries: list[Query]) -> set[str]:
        if self.settings.complete is not None:
            return set(self.settings.complete)
        claimed = set(self._preset.head.complete) if self._preset else set()
        return {query.table for query in queries if query.table in self.settings.queries or query.table in claimed}


class _Reading:
    """One reading of a database."""

    def __init__(
        self, settings: SqlSettings, url: URL, surroundings: Surroundings, values: Mapping[str, Value | None]
    ) -> None:
        self._settings = settings
        self._url = url
        self._dialect = DIALECTS[url.get_backend_name()]
        self._surroundings = surroundings
        self._values = values
        self._where = url.database or "" if url.get_backend_name() == "sqlite" else url.render_as_string()
        self._asked = Asked(url.get_backend_name(), self._where, str(url.password or ""))

    def deliver(self, queries: list[Query], version: str, complete: set[str]) -> Delivery:
        """Ask all queries of one connection."""
        book = FindingBook()
        with self._connected() as (connection, begun):
            drafts = {query.table: self._draft(connection, query, version, book, complete) for query in queries}
        return Delivery(drafts, version, self._where, book, notes=begun.notes)

    @contextmanager
    def _connected(self) -> Iterator[tuple[Connection, Begun]]:
        with self._engine() as engine:
            try:
                with engine.connect() as connection:
                    begun = self._dialect.begin(connection, self._settings.timeout)
                    yield connection, begun
                    connection.rollback()
            except DBAPIError as error:
                raise explained(error.orig or error, self._asked, engine) from None
            finally:
                engine.dispose()

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        timeout = self._settings.timeout
        if self._url.get_backend_name() == "sqlite":
            with readable(Path(self._url.database or ""), timeout) as opened:
                yield create_engine("sqlite://", creator=opened, poolclass=NullPool)
            return
        try:
            options = dict(self._dialect.options(timeout))
            engine = create_engine(self._url, connect_args=options, poolclass=NullPool)
        except (ImportError, NoSuchModuleError) as error:
            raise driver_missing(self._dialect, self._where) from error
        yield engine

    def _draft(
        self, connection: Connection, query: Query, version: str, book: FindingBook, complete: set[str]
    ) -> Draft:
        table = TABLES[query.table]
        self._surroundings.say(f"reading {query.table}")
        self._asked.query = query
        statement = query.statement(self._values)
        chunk = self._settings.chunk
        result = connection.execution_options(stream_results=True, yield_per=chunk).execute(statement)
        given = list(result.keys())
        mapped = {str(name): columns for name, columns in self._settings.columns.items()}
        names = names_of(table, version, given, mapped.get(query.table, {}))
        frame = frame_of_rows(query.table, result.partitions(chunk), names)
        return draft_of(query.table, version, frame, query.origin, book, complete=query.table in complete)
