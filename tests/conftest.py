"""What holds for all tests: in CI the same random examples each time, so that red means a change and not a draw."""

import os
import uuid

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

POSTGRES = os.environ.get("MATRICULA_TEST_POSTGRES", "")

settings.register_profile("ci", derandomize=True, print_blob=True)
if os.environ.get("CI"):
    settings.load_profile("ci")


@pytest.fixture
def postgres_address():
    """The address of a schema of PostgreSQL that is there for one test alone."""
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
