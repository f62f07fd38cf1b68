"""Rows in bulk, past SQLAlchemy's own handling of each row.

SQLAlchemy writes the statements and owns the transactions; here only the rows take the short way, because half a
million of them are read for every plan.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache, lru_cache
from itertools import islice
from typing import Any, Final

import polars as pl
from sqlalchemy import Column, Connection, Dialect, MetaData, Select, Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import Insert

READ_ROWS: Final = {"sqlite": 2_000, "postgresql": 20_000}
"""Rows held as Python objects at a time when a frame is read; from a server each turn costs a round trip."""

WRITE_ROWS: Final = 10_000
"""Rows sent to the database at a time."""

COPY_FROM: Final = 1_000
"""From so many rows on PostgreSQL's COPY beats single inserts."""

Row = tuple[Any, ...]


def read_frame(
    connection: Connection,
    statement: Select[*tuple[Any, ...]],
    schema: Mapping[str, Any],
    values: Mapping[str, Any] | None = None,
) -> pl.DataFrame:
    """Read what a statement selects into a frame, a chunk at a time (`READ_ROWS`).

    Args:
        connection: any connection.
        statement: selects the columns of `schema`, in that order.
        schema: column names and types of the frame; a Boolean column is read from 0 and 1.
        values: what its bound parameters stand for, by name, where the statement is the same each time; its text is
            then kept.
    """
    names = list(schema)
    flags = [name for name in names if schema[name] == pl.Boolean]
    raw: dict[str, Any] = {name: pl.Int8 if name in flags else kind for name, kind in schema.items()}
    chunks = [pl.DataFrame(schema=raw)]
    with _open_cursor(connection, statement, values) as cursor:
        while rows := cursor.fetchmany(READ_ROWS[connection.dialect.name]):
            chunks.append(pl.DataFrame(rows, schema=raw, orient="row"))
    return pl.concat(chunks, rechunk=False).with_columns(pl.col(flags).cast(pl.Boolean))


@contextmanager
def _open_cursor(
    connection: Connection, statement: Select[*tuple[Any, ...]], told: Mapping[str, Any] | None
) -> Iterator[Any]:
    compiled = statement.compile(dialect=connection.dialect) if told is None else _kept(statement, connection.dialect)
    values = compiled.construct_params(told)
    with _driver_errors(connection, str(compiled)):
        if connection.dialect.name == "sqlite":
            cursor = _driver(connection).cursor()
            parameters: Any = [values[name] for name in compiled.positiontup or ()]
        else:
            # Without a name psycopg would fetch the whole result at once; and PostgreSQL must be told that all rows
            # will be wanted, or it plans for the first few.
            connection.exec_driver_sql("set local cursor_tuple_fraction = 1")
            cursor = _driver(connection).cursor(name="matricula_frame")
            parameters = values
        with closing(cursor):
            cursor.execute(str(compiled), parameters)
            yield cursor


@lru_cache(maxsize=32)
def _kept(statement: Select[*tuple[Any, ...]], dialect: Dialect) -> SQLCompiler:
    return statement.compile(dialect=dialect)


def _driver(connection: Connection) -> Any:
    driver = connection.connection.driver_connection
    if driver is None:
        raise TypeError("the connection is closed")
    return driver


@contextmanager
def _driver_errors(connection: Connection, statement: str) -> Iterator[None]:
    """Give the driver's errors the form in which SQLAlchemy raises them."""
    base: type[Exception] = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        raise DBAPIError.instance(statement, None, error, base, hide_parameters=True) from error


def chunks_of(rows: Iterable[Row], size: int = WRITE_ROWS) -> Iterator[list[Row]]:
    """Cut rows into lists of at most `size`."""
    rest = iter(rows)
    while chunk := list(islice(rest, size)):
        yield chunk


def insert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows that are all new.

    Args:
        connection: a writing connection.
        table: where to.
        columns: the columns that each row has values for, in the row's order.
        rows: plain values; moments and other converted types are not for this function.
    """
    if connection.dialect.name != "sqlite":
        _copy_rows(connection, table, columns, rows)
        return
    statement = _compiled(connection, sqlite.insert(table), columns)
    for chunk in chunks_of(rows):
        connection.exec_driver_sql(statement, chunk)


def upsert_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Insert rows, and where a row with the same primary key is there, put the new values in its place.

    Args:
        connection: a writing connection.
        table: where to; its primary key must be among `columns`.
        columns: the columns that each row has values for, in the row's order.
        rows: plain values, each key once.

    Returns:
        The number of rows given.
    """
    text = _replacing_text(table, tuple(columns)) if connection.dialect.name == "sqlite" else ""
    count = 0
    for chunk in chunks_of(rows):
        if text:
            connection.exec_driver_sql(text, chunk)
        elif len(chunk) < COPY_FROM:
            values = [dict(zip(columns, row, strict=True)) for row in chunk]
            connection.execute(_replacing(connection, table, columns), values)
        else:
            _copy_and_replace(connection, table, columns, chunk)
        count += len(chunk)
    return count


def _copy_and_replace(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    incoming = Table(f"incoming_{table.name}", MetaData(), *(Column(name, table.c[name].type) for name in columns))
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {incoming.name} (LIKE {table.name}) ON COMMIT DELETE ROWS"
    )
    connection.execute(incoming.delete())
    _copy_rows(connection, incoming, columns, rows)
    insert = postgresql.insert(table).from_select(list(columns), select(*incoming.c))
    connection.execute(_on_conflict(insert, table, columns))


def upsert(connection: Connection, table: Table, values: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace a few rows, with SQLAlchemy's conversion of moments and the like.

    Args:
        connection: a writing connection.
        table: where to.
        values: one mapping of column names for each row, all with the same columns.
    """
    connection.execute(_replacing(connection, table, list(values[0])), list(values))


def _replacing(connection: Connection, table: Table, columns: Sequence[str]) -> Insert:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    return _on_conflict(dialect.insert(table), table, columns)


def _on_conflict(insert: sqlite.Insert | postgresql.Insert, table: Table, columns: Sequence[str]) -> Insert:
    keys = [column.name for column in table.primary_key]
    replacing: Insert = insert.on_conflict_do_update(
        index_elements=keys, set_={name: insert.excluded[name] for name in columns if name not in keys}
    )
    return replacing


@cache
def _replacing_text(table: Table, columns: tuple[str, ...]) -> str:
    return _text(sqlite.dialect(), _on_conflict(sqlite.insert(table), table, columns), columns)


def _compiled(connection: Connection, insert: Insert, columns: Sequence[str]) -> str:
    return _text(connection.dialect, insert, columns)


def _text(dialect: Dialect, insert: Insert, columns: Sequence[str]) -> str:
    compiled = insert.compile(dialect=dialect, column_keys=list(columns))
    if getattr(compiled, "positiontup", None) != list(columns):
        raise ValueError("rows must follow the order of the table's columns")
    return str(compiled)


def _copy_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    statement = f"COPY {quote(table.name)} ({names}) FROM STDIN"
    with _driver_errors(connection, statement), _driver(connection).cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
