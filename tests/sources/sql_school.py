"""A small school in a database, one table for each table of the roster."""

import os
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deliveries import ROSTER_11
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url

from matricula.roster import Delivery, Roster
from matricula.sources import Surroundings, open_source

QUERIES = {table: f"SELECT * FROM {table}" for table in ROSTER_11}
SERVERS = {"postgresql": "MATRICULA_TEST_POSTGRES", "mysql": "MATRICULA_TEST_MARIADB"}


@dataclass(frozen=True)
class Server:
    """A database of a test's own on a real server.

    Args:
        name: SQLAlchemy's name of the dialect.
        url: its address.
        engine: the way to it for the test itself.
    """

    name: str
    url: URL
    engine: Engine

    @property
    def reader(self) -> str:
        """Name of an account that a test may make; it goes with the database."""
        return f"{self.url.database}_r"

    def settings(self, **more: Any) -> dict[str, Any]:
        """Settings of a source that reads it."""
        return {"type": "sql", "url": str(self.url), "passwordless": True, "queries": QUERIES} | more

    def run(self, *statements: str) -> None:
        """Carry out statements and commit them."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


@contextmanager
def server(name: str) -> Iterator[Server]:
    """A database of its own on a server, dropped at the end; skips where no server is named."""
    address = os.environ.get(SERVERS[name])
    if not address:
        pytest.skip(f"{SERVERS[name]} names no server")
    own = f"matricula_{uuid.uuid4().hex[:12]}"
    keeper = create_engine(address, isolation_level="AUTOCOMMIT")
    url = make_url(address).set(database=own)
    engine = create_engine(url)
    try:
        with keeper.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {own}")
        yield Server(name, url, engine)
    finally:
        engine.dispose()
        with keeper.connect() as connection:
            force = " WITH (FORCE)" if name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP DATABASE {own}{force}")
            connection.exec_driver_sql(f"DROP {'ROLE' if name == 'postgresql' else 'USER'} IF EXISTS {own}_r")
        keeper.dispose()


def fill(connection: Connection, tables: Mapping[str, Any] = ROSTER_11) -> None:
    """Put a roster into the tables of a database, as text."""
    quote = connection.dialect.identifier_preparer.quote
    for table, rows in tables.items():
        names = list(dict.fromkeys(name for row in rows for name in row))
        columns = ", ".join(f"{quote(name)} VARCHAR(200)" for name in names)
        connection.exec_driver_sql(f"CREATE TABLE {quote(table)} ({columns})")
        for row in rows:
            cells = ", ".join(f"'{row[name]}'" if name in row else "NULL" for name in names)
            connection.exec_driver_sql(f"INSERT INTO {quote(table)} VALUES ({cells})")


def settings(folder: Path) -> dict[str, Any]:
    """The school in a SQLite file, and the settings that read it."""
    path = folder / "school.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        fill(connection)
    engine.dispose()
    return {"type": "sql", "path": str(path), "queries": QUERIES}


def sqlite_file(folder: Path, *statements: str) -> Path:
    """A SQLite file made by statements."""
    path = folder / "school.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    return path


def deliver(settings: Mapping[str, Any], password: str = "", say: Callable[[str], None] = lambda _: None) -> Delivery:
    """Read a source."""
    return open_source(settings, Surroundings(secret=lambda _: password, say=say)).deliver()


def read(settings: Mapping[str, Any]) -> Roster:
    """The checked roster of a source."""
    return deliver(settings).roster()


def users(path: Path, query: str, **more: Any) -> dict[str, Any]:
    """Settings that read users alone from a SQLite file."""
    return {"type": "sql", "path": str(path), "queries": {"users": query}} | more
