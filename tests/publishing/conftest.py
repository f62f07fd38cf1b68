"""Databases of the tests' own on the servers that are there, and rosters made by hand."""

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

for folder in ("profiles", "cli", "sources"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))

SERVERS = {"postgresql": "MATRICULA_TEST_POSTGRES", "mariadb": "MATRICULA_TEST_MARIADB"}
# Read once: the tests of the command line take all such variables away.
ADDRESSES = {kind: os.environ.get(variable, "") for kind, variable in SERVERS.items()}


@pytest.fixture(params=SERVERS)
def database(request: pytest.FixtureRequest) -> Iterator[URL]:
    """An empty database on a real server."""
    yield from _made(request.param)


@pytest.fixture
def mariadb() -> Iterator[URL]:
    yield from _made("mariadb")


@pytest.fixture
def postgres() -> Iterator[URL]:
    yield from _made("postgresql")


def _made(kind: str) -> Iterator[URL]:
    if not ADDRESSES[kind]:
        pytest.skip(f"{SERVERS[kind]} names no server to test on")
    name = f"t{uuid.uuid4().hex}"
    server = create_engine(make_url(ADDRESSES[kind]), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"create database {name}"))
    try:
        yield make_url(ADDRESSES[kind]).set(database=name)
    finally:
        with server.connect() as connection:
            force = " with (force)" if kind == "postgresql" else ""
            connection.execute(text(f"drop database {name}{force}"))
        server.dispose()
