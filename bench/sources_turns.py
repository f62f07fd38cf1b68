"""Reads a school by a source and bare, in turns, and prints the seconds of each as JSON.

    python -m bench.sources_turns csv|sqlite|postgresql FOLDER PEOPLE CLASSES ENROLMENTS ROUNDS

Both read the same six tables of a OneRoster 1.1 package: the source to the end, a checked roster of typed frames; the
bare read to Polars frames of what the library gives, `polars.read_csv` and `polars.read_database`.
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy.engine import make_url

from bench.prepare import school
from bench.prepared import Size
from bench.sources import POSTGRES
from matricula.roster import TABLES
from matricula.roster.tables import ROLES, Kind
from matricula.sources import open_source

SCHEMA = "matricula_bench"
NAMES = [name for name in TABLES if name != ROLES.name]
TYPES: Mapping[Kind, Any] = dict.fromkeys(Kind, pl.String) | {Kind.BOOLEAN: pl.Boolean, Kind.DATE: pl.Date}
_SQL_TYPES = {Kind.BOOLEAN: "boolean", Kind.DATE: "date"}

Frames = Mapping[str, pl.DataFrame]


def main(kind: str, folder: str, people: str, classes: str, enrolments: str, rounds: str) -> None:
    """Do it; the first turn of each is not counted."""
    package = Path(folder, "roster")
    school(Size(int(people), int(classes), int(enrolments))).write(package)
    with _KINDS[kind](package) as (settings, bare):
        sides = {"source": lambda: _roster(settings), "bare": bare}
        counts = {name: {table: frame.height for table, frame in read().items()} for name, read in sides.items()}
        if counts["source"] != counts["bare"]:
            raise RuntimeError(f"the source and the bare read do not give the same: {counts}")
        turns = [{name: _seconds(read) for name, read in sides.items()} for _ in range(int(rounds))]
    told: dict[str, Any] = {name: [turn[name] for turn in turns] for name in sides}
    told |= {"rows": counts["bare"]["enrollments"], "all": sum(counts["bare"].values())}
    print(json.dumps(told))


def _seconds(read: Callable[[], Frames]) -> float:
    start = time.perf_counter()
    read()
    return time.perf_counter() - start


def _roster(settings: Mapping[str, Any]) -> Frames:
    roster = open_source(settings).deliver().roster()
    if roster.findings:
        raise RuntimeError(f"the school is not whole: {roster.findings[0]}")
    return {name: roster.table(name) for name in NAMES}


Prepared = tuple[Mapping[str, Any], Callable[[], Frames]]


@contextmanager
def _csv(package: Path) -> Iterator[Prepared]:
    files = {name: package / f"{name}.csv" for name in NAMES}
    settings = {"type": "oneroster-csv", "path": str(package)}
    yield settings, lambda: {name: pl.read_csv(file, infer_schema=False) for name, file in files.items()}


@contextmanager
def _sqlite(package: Path) -> Iterator[Prepared]:
    path = package.parent / "school.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, columns, rows in _tables(package):
            connection.execute(f'CREATE TABLE "{name}" ({", ".join(columns)})')
            connection.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(columns))})', rows)

    def bare() -> Frames:
        with closing(sqlite3.connect(path)) as connection:
            return {name: _read(name, f'"{name}"', connection, dict.fromkeys(TYPES, pl.String)) for name in NAMES}

    yield {"type": "sql", "path": str(path), "queries": {name: name for name in NAMES}}, bare


@contextmanager
def _postgresql(package: Path) -> Iterator[Prepared]:
    import psycopg

    url = make_url(os.environ[POSTGRES])
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}".encode())
        for name, columns, rows in _tables(package):
            connection.execute(f'CREATE TABLE {SCHEMA}."{name}" ({", ".join(columns)})'.encode())
            with connection.cursor().copy(f'COPY {SCHEMA}."{name}" FROM STDIN'.encode()) as copy:
                for row in rows:
                    copy.write_row(row)

    def bare() -> Frames:
        with psycopg.connect(address) as connection:
            return {name: _read(name, f'{SCHEMA}."{name}"', connection, TYPES) for name in NAMES}

    queries = {name: f'{SCHEMA}."{name}"' for name in NAMES}
    settings = {"type": "sql", "url": str(url), "passwordless": True, "queries": queries}
    try:
        yield settings, bare
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE".encode())


def _read(name: str, table: str, connection: Any, types: Mapping[Kind, Any]) -> pl.DataFrame:
    """A table as a library reads it that is told the types, so that it need not look at all rows to find them."""
    overrides = {column.name: types[column.kind] for column in TABLES[name].columns}
    return pl.read_database(f"SELECT * FROM {table}", connection, schema_overrides=overrides)


def _tables(package: Path) -> Iterator[tuple[str, list[str], list[tuple[Any, ...]]]]:
    """Name, columns with their types, and rows of each table."""
    for name in NAMES:
        frame = pl.read_csv(package / f"{name}.csv", infer_schema=False)
        kinds = {column.name: column.kind for column in TABLES[name].columns}
        columns = [f'"{column}" {_SQL_TYPES.get(kinds[column], "text")}' for column in frame.columns]
        yield name, columns, frame.rows()


_KINDS = {"csv": _csv, "sqlite": _sqlite, "postgresql": _postgresql}

if __name__ == "__main__":
    main(*sys.argv[1:])
