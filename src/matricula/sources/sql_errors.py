"""A database's refusals in words that tell a school what to do, with the tables and columns there are instead."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from matricula.errors import MatriculaError, SettingError, StopError, WaitError
from matricula.sources.sql_dialects import Dialect
from matricula.sources.sql_queries import Query
from matricula.sources.sql_troubles import Trouble, trouble_of

_SHOWN = 12
"""So many names of what there is are told."""
_SAID = 300
"""So many characters of what a driver says are repeated."""

_GRANT = "Ask the database's keeper to let this account read it: GRANT SELECT (docs/sources/sql.md has the statements)."
_LATER = "Nothing of this reading was used. Start it again later."

_WORDS: dict[Trouble, tuple[type[MatriculaError], str, str]] = {
    Trouble.UNREACHABLE: (
        WaitError,
        "The database's server cannot be reached",
        "See that it is running, that host and port of `url` are right, and that no firewall is between.",
    ),
    Trouble.LOST: (WaitError, "The connection to the database broke off", _LATER),
    Trouble.LOGIN: (
        SettingError,
        "The database does not let this account in",
        "Enter the password anew (`matricula source secret NAME password`); or the server refuses this machine.",
    ),
    Trouble.DATABASE: (SettingError, "There is no such database", "Mend the last part of `url`."),
    Trouble.TLS: (
        SettingError,
        "Server and Matricula do not agree on encryption",
        "See the options for TLS at the end of `url` (docs/sources/sql.md) and the server's certificate.",
    ),
    Trouble.BUSY: (WaitError, "The database is busy or holds a lock", _LATER),
    Trouble.TIME: (WaitError, "The database took longer than `timeout` allows", f"Set a longer `timeout`. {_LATER}"),
    Trouble.TABLE: (SettingError, "There is no such table", "Mend the query."),
    Trouble.COLUMN: (SettingError, "There is no such column", "Mend the query."),
    Trouble.DENIED: (SettingError, "This account may not read that", _GRANT),
    Trouble.WRITES: (SettingError, "The query would change something, and the reading is read-only", "Mend the query."),
    Trouble.SYNTAX: (SettingError, "The database does not understand the query", "Mend the query."),
    Trouble.VALUE: (
        StopError,
        "A value cannot be read as the type that its column or the query says",
        "Mend the record, or have the query hand the value over as text (CAST).",
    ),
    Trouble.DAMAGED: (
        StopError,
        "The file cannot be read as a database",
        "See that it is whole. If the program that writes it has crashed, start that program once.",
    ),
    Trouble.OTHER: (StopError, "The database failed", _LATER),
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


def explained(error: BaseException, asked: Asked, engine: Engine) -> MatriculaError:
    """Put a driver's error into words.

    Args:
        error: the driver's own error.
        asked: what was being asked.
        engine: the way to the database, to see what there is instead.
    """
    trouble = trouble_of(error, asked.dialect)
    if asked.query is None and trouble in (Trouble.LOST, Trouble.OTHER):
        trouble = Trouble.UNREACHABLE
    kind, what, remedy = _WORDS[trouble]
    there = _there_is(trouble, error, asked, engine) if trouble in (Trouble.TABLE, Trouble.COLUMN) else ""
    return kind(
        f"{what}: {_said(error, asked.secret)}.",
        where=asked.place,
        remedy=f"{remedy} {there}".strip(),
        code=f"sql-{trouble}",
    )


def _said(error: BaseException, secret: str) -> str:
    """The driver's first line."""
    words = error.args[-1] if error.args and isinstance(error.args[-1], str) else str(error)
    first = next((line.strip() for line in words.splitlines() if line.strip()), type(error).__name__)
    first = first.replace(secret, "…") if secret else first
    return first.rstrip(".")[:_SAID]


def _there_is(trouble: Trouble, error: BaseException, asked: Asked, engine: Engine) -> str:
    """The tables, or the columns of the query's tables, that this account sees, nearest first."""
    if asked.query is None:
        return ""
    try:
        with engine.connect() as connection:
            inspector = inspect(connection)
            named = _tables_of(asked.query.sql)
            schemas = {schema for schema, _ in named} | {None}
            tables = {(schema, name) for schema in schemas
                      for name in (*inspector.get_table_names(schema), *inspector.get_view_names(schema))}  # fmt: skip
            if trouble is Trouble.TABLE:
                shown = sorted(f"{schema}.{name}" if schema else name for schema, name in tables)
                return f"There are: {_nearest(_named_in(error), shown)}." if shown else "This account sees no tables."
            folded = {(schema or "", name.casefold()): (schema, name) for schema, name in tables}
            meant = [folded[key] for schema, name in named if (key := (schema or "", name.casefold())) in folded]
            columns = [column["name"] for schema, name in meant for column in inspector.get_columns(name, schema)]
    except SQLAlchemyError:
        return ""
    return f"There are: {_nearest(_named_in(error), sorted(set(columns)))}." if columns else ""


def _tables_of(sql: str) -> list[tuple[str | None, str]]:
    """Schema and name of what stands behind FROM and JOIN."""
    name = r'[`"\[]?([\w$]+)[`"\]]?'
    found = re.findall(rf"\b(?:from|join)\s+(?:{name}\.)?{name}", sql, re.IGNORECASE)
    return [(schema or None, table) for schema, table in found]


def _named_in(error: BaseException) -> str:
    """The name that a driver complains of, without what stands before a dot."""
    words = error.args[-1] if error.args and isinstance(error.args[-1], str) else str(error)
    patterns = (r"(?:column|relation) \"?([\w.\"$]+)\"? does not exist", r"no such (?:table|column): (\S+)",
                r"[Uu]nknown column '([^']+)'", r"Table '([^']+)' doesn't exist",
                r"Invalid (?:object|column) name '([^']+)'",
                r"([\w\".$]+):? invalid identifier")  # fmt: skip
    found = next((match[1] for pattern in patterns if (match := re.search(pattern, words))), "")
    return found.replace('"', "").rpartition(".")[2]


def _nearest(wanted: str, names: Iterable[str]) -> str:
    names = list(names)
    folded = {name.rpartition(".")[2].casefold(): name for name in reversed(names)}
    near = [folded[each] for each in get_close_matches(wanted.casefold(), folded, _SHOWN, 0.5)]
    told = [*near, *(name for name in names if name not in near)]
    more = len(told) - _SHOWN
    return ", ".join(told[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
