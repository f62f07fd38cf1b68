"""A fresh state database for each test, on each backend that is there."""

import os
import uuid

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from matricula.store import Store

POSTGRES = os.environ.get("MATRICULA_TEST_POSTGRES", "")


@pytest.fixture
def postgres_address():
    if not POSTGRES:
        pytest.skip("MATRICULA_TEST_POSTGRES names no PostgreSQL to test on")
    schema = f"t{uuid.uuid4().hex}"
    engine = create_engine(make_url(POSTGRES))
    with engine.begin() as connection:
        connection.execute(text(f"create schema {schema}"))
    url = make_url(POSTGRES).update_query_dict({"options": f"-csearch_path={schema}"})
    yield url.render_as_string(hide_password=False)
    with engine.begin() as connection:
        connection.execute(text(f"drop schema {schema} cascade"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_address")
    return str(tmp_path / "state.db")


@pytest.fixture
def store(address):
    with Store.open(address) as opened:
        yield opened
