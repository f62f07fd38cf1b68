"""A database's refusals in words that tell a school what to do, with the tables and columns there are instead."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from matricula.errors import MatriculaError, SettingError, StopError, WaitError
from matricula.sources.sql.dialects import Dialect
from matricula.sources.sql.queries import Query
from matricula.sources.sql.troubles import Trouble, trouble_of

_SHOWN = 12
"""So many names of what there is are told."""
_SAID = 300
"""So many characters of what a driver says are repeated."""

_REFUSALS: dict[Trouble, Callable[[str, str], MatriculaError]] = {
    Trouble.UNREACHABLE: lambda said, _: WaitError(
        f"The database's server cannot be reached: {said}.",
        remedy="See that it is running, that host and port of `url` are right, and that no firewall is between.",
    ),
    Trouble.LOST: lambda said, _: WaitError(
        f"The connection to the database broke off: {said}.",
        remedy="Nothing of this reading was used. Start it again later.",
    ),
    Trouble.LOGIN: lambda said, _: SettingError(
        f"The database does not let this account in: {said}.",
        remedy="Enter the password anew (`matricula source secret NAME password`), or have this machine let in.",
    ),
    Trouble.DATABASE: lambda said, _: SettingError(
        f"There is no such database: {said}.", remedy="Mend the last part of `url`."
    ),
    Trouble.TLS: lambda said, _: SettingError(
        f"Server and Matricula do not agree on encryption: {said}.",
        remedy="See the server's certificate and the options at the end of `url` (docs/sources/sql.md).",
    ),
    Trouble.OPTION: lambda said, _: SettingError(
        f"The driver cannot use an option at the end of `url`: {said}.",
        remedy="Mend what stands behind the question mark (docs/sources/sql.md).",
    ),
    Trouble.BUSY: lambda said, _: WaitError(
        f"The database is busy or holds a lock: {said}.",
        remedy="Nothing of this reading was used. Start it again later.",
    ),
    Trouble.TIME: lambda said, _: WaitError(
        f"The database took longer than `timeout` allows: {said}.",
        remedy="Nothing of this reading was used. Start it again at a quieter hour, or set a longer `timeout`.",
    ),
    Trouble.TABLE: lambda said, there: SettingError(
        f"The query names a table that is not there: {said}.", remedy=f"Mend the query. {there}".strip()
    ),
    Trouble.COLUMN: lambda said, there: SettingError(
        f"The query names a column that is not there: {said}.", remedy=f"Mend the query. {there}".strip()
    ),
    Trouble.DENIED: lambda said, _: SettingError(
        f"This account may not read that: {said}.",
        remedy="Ask the database's keeper to let it: docs/sources/sql.md has the GRANT statements.",
    ),
    Trouble.WRITES: lambda said, _: SettingError(
        f"The query would change something, and the reading is read-only: {said}.", remedy="Write a query that reads."
    ),
    Trouble.SYNTAX: lambda said, _: SettingError(
        f"The database does not understand the query: {said}.", remedy="Mend the query."
    ),
    Trouble.VALUE: lambda said, _: StopError(
        f"A value cannot be read as what its column or the query says it is: {said}.",
        remedy="Mend the record, or have the query hand the value over as text (CAST).",
    ),
    Trouble.DAMAGED: lambda said, _: StopError(
        f"The file cannot be read as a database: {said}.",
        remedy="See that it is whole. If the program that writes it has crashed, start that program once.",
    ),
    Trouble.OTHER: lambda said, _: StopError(
        f"The database failed: {said}.", remedy="Nothing of this reading was used. Ask the database's keeper."
    ),
}


@dataclass
class Asked:
    """What was being asked when something went wrong.

    Args:
        dialect: SQLAlchemy's name of the dialect.
        where: the database's address without a password, for people.
        secret: the password, which no message may hold.
        query: the query; None while connecting.
    """

    dialect: str
    where: str
    secret: str = ""
    query: Query | None = None

    @property
    def place(self) -> str:
        """The address and the query, for people."""
        return ", ".join(part for part in (self.where, self.query.origin if self.query else "") if part)


def driver_missing(dialect: Dialect, where: str) -> SettingError:
    """The refusal where the database's driver is not installed."""
    return SettingError(
        f"The driver for {dialect.title} is not installed.",
        where=where,
        remedy=f"Install it: pip install '{dialect.package}'",
        code="sql-driver-missing",
    )


def option_refused(error: Exception, asked: Asked) -> MatriculaError:
    """The refusal of an option of the address that the driver cannot use, such as a file that is not there."""
    return _refusal(Trouble.OPTION, str(error), "", asked)


def explained(error: BaseException, asked: Asked, engine: Engine | None = None) -> MatriculaError:
    """Put a driver's error into words.

    Args:
        error: the driver's own error.
        asked: what was being asked.
        engine: the way to the database, to see what there is instead.
    """
    trouble = trouble_of(error, asked.dialect)
    if asked.query is None and trouble in (Trouble.LOST, Trouble.TIME, Trouble.OTHER) and asked.dialect != "sqlite":
        trouble = Trouble.UNREACHABLE
    there = ""
    if engine is not None and asked.query is not None and trouble in (Trouble.TABLE, Trouble.COLUMN):
        there = _there_is(trouble, _words(error), asked.query, engine)
    return _refusal(trouble, _words(error), there, asked)


def nearest(wanted: str, names: Iterable[str]) -> str:
    """Some of the names there are, those most like the wanted one first."""
    names = list(names)
    folded = {name.rpartition(".")[2].casefold(): name for name in reversed(names)}
    near = [folded[each] for each in get_close_matches(wanted.casefold(), folded, _SHOWN, 0.5)]
    told = [*near, *(name for name in names if name not in near)]
    more = len(told) - _SHOWN
    return ", ".join(told[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _refusal(trouble: Trouble, words: str, there: str, asked: Asked) -> MatriculaError:
    first = next((line.strip() for line in words.splitlines() if line.strip()), "it does not say why")
    first = first.replace(asked.secret, "…") if asked.secret else first
    refusal = _REFUSALS[trouble](first.rstrip(".")[:_SAID], there)
    refusal.where, refusal.code = asked.place, f"sql-{trouble}"
    return refusal


def _words(error: BaseException) -> str:
    """What a driver says, without the names of its own classes and numbers."""
    if isinstance(error, UnicodeError):
        return "it holds bytes that are no letters of the database's character set"
    if own := getattr(error, "ddbc_error", ""):
        return str(own)
    return error.args[-1] if error.args and isinstance(error.args[-1], str) else str(error) or type(error).__name__


def _there_is(trouble: Trouble, words: str, query: Query, engine: Engine) -> str:
    """The tables, or the columns of the query's tables, that this account sees, nearest first."""
    try:
        with engine.connect() as connection:
            inspector = inspect(connection)
            schemas = {schema or None for schema, _ in query.tables} | {None}
            tables = {(schema, name) for schema in schemas
                      for name in (*inspector.get_table_names(schema), *inspector.get_view_names(schema))}  # fmt: skip
            if trouble is Trouble.TABLE:
                shown = sorted(f"{schema}.{name}" if schema else name for schema, name in tables)
                return f"There are: {nearest(_named_in(words), shown)}." if shown else "This account sees no tables."
            folded = {(schema or "", name.casefold()): (name, schema) for schema, name in tables}
            meant = [folded[each] for schema, name in query.tables if (each := (schema, name.casefold())) in folded]
            columns = {column["name"] for table in meant for column in inspector.get_columns(*table)}
    except SQLAlchemyError:
        return ""
    return f"There are: {nearest(_named_in(words), sorted(columns))}." if columns else ""


_NAMES = (
    r"(?:column|relation) \"?([\w.\"$]+)\"? does not exist",
    r"no such (?:table|column): (\S+)",
    r"[Uu]nknown column '([^']+)'",
    r"Table '([^']+)' doesn't exist",
    r"Invalid (?:object|column) name '([^']+)'",
    r"([\w\".$]+):? invalid identifier",
)


def _named_in(words: str) -> str:
    """The name that a driver complains of, without what stands before a dot."""
    found = next((match[1] for pattern in _NAMES if (match := re.search(pattern, words))), "")
    return found.replace('"', "").rpartition(".")[2]
