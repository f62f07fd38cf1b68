"""What holds for all tests: no secret is heard in any of them (`planted.py`), and in CI random examples are the same
each time, so that red means a change and not a draw."""

import os
import uuid

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from planted import PLANTED, listen

POSTGRES = os.environ.get("MATRICULA_TEST_POSTGRES", "")

listen()

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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A test fails in which a secret was heard."""
    report = yield
    if call.when == "teardown":
        leaks = PLANTED.leaks((f"captured {name}", text) for _, name, text in item._report_sections)
        if leaks:
            report.outcome, report.longrepr = "failed", "A secret was heard:\n" + "\n".join(leaks)
    return report
