"""Rows in bulk, past SQLAlchemy's own handling of each row.

SQLAlchemy writes the statements and owns the transactions; here only the rows take the short way, because half a
million of them are read for every plan.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any, Final

import polars as pl
from sqlalchemy import Connection, Select, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import Insert

READ_ROWS: Final = 2_000
"""Rows held as Python objects at a time when a frame is read."""

WRITE_ROWS: Final = 10_000
"""Rows sent to the database at a time."""

Row = tuple[Any, ...]


def read_frame(connection: Connection, statement: Select[*tuple[Any, ...]], schema: Mapping[str, Any]) -> pl.DataFrame:
    """Read what a statement selects into a frame, in chunks of `READ_ROWS`.

    Args:
        connection: any connection.
        statement: selects the columns of `schema`, in that order.
        schema: column names and types of the frame; a Boolean column is read from 0 and 1.
    """
    names = list(schema)
    flags = [name for name in names if schema[name] == pl.Boolean]
    raw: dict[str, Any] = {name: pl.Int8 if name in flags else kind for name, kind in schema.items()}
    chunks = [pl.DataFrame(schema=raw)]
    with closing(_open_cursor(connection, statement)) as cursor:
        while rows := cursor.fetchmany(READ_ROWS):
            chunks.append(pl.DataFrame(rows, schema=raw, orient="row"))
    return pl.concat(chunks, rechunk=False).with_columns(pl.col(flags).cast(pl.Boolean))


def _open_cursor(connection: Connection, statement: Select[*tuple[Any, ...]]) -> Any:
    compiled = statement.compile(dialect=connection.dialect)
    driver = connection.connection.driver_connection
    if driver is None:
        raise TypeError("the connection is closed")
    sqlite_used = connection.dialect.name == "sqlite"
    # Without a name psycopg would fetch the whole result at once.
    cursor = driver.cursor() if sqlite_used else driver.cursor(name="matricula_frame")
    values = compiled.construct_params()
    with _driver_errors(connection, str(compiled)):
        cursor.execute(str(compiled), [values[name] for name in compiled.positiontup or ()] or values)
    return cursor


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
        rows: plain values; of rows with the same key the last one holds.

    Returns:
        The number of rows given.
    """
    statement = _replacing(connection, table, columns)
    text = _compiled(connection, statement, columns) if connection.dialect.name == "sqlite" else ""
    count = 0
    for chunk in chunks_of(rows):
        if text:
            connection.exec_driver_sql(text, chunk)
        else:
            connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in chunk])
        count += len(chunk)
    return count


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
    keys = [column.name for column in table.primary_key]
    insert = dialect.insert(table)
    replacing: Insert = insert.on_conflict_do_update(
        index_elements=keys, set_={name: insert.excluded[name] for name in columns if name not in keys}
    )
    return replacing


def _compiled(connection: Connection, insert: Insert, columns: Sequence[str]) -> str:
    compiled = insert.compile(dialect=connection.dialect, column_keys=list(columns))
    if getattr(compiled, "positiontup", None) != list(columns):
        raise ValueError("rows must follow the order of the table's columns")
    return str(compiled)


def _copy_rows(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Row]) -> None:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(name) for name in columns)
    driver = connection.connection.driver_connection
    if driver is None:
        raise TypeError("the connection is closed")
    statement = f"COPY {quote(table.name)} ({names}) FROM STDIN"
    with _driver_errors(connection, statement), driver.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
