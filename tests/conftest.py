"""What holds for all tests: no secret is heard in any of them (`planted.py`), no example has a deadline, and in CI
random examples are the same each time, so that red means a change and not a draw."""

import gc
import os
import re
import uuid

# Tests run beside one another, on frames of a few rows: threads of Polars's own would only wake one another up.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

import quick_states
from matricula.store import migrating
from planted import PLANTED, listen

POSTGRES = os.environ.get("MATRICULA_TEST_POSTGRES", "")

ON_A_SERVER = re.compile(r"postgresql|mariadb")
"""In the name of a test: it does on a database's server what another one does on a file."""

listen()

# No test is lost to a stop-watch: on a busy machine any example may take long.
settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


def pytest_collection_modifyitems(items):
    """What was done on a file already is done on servers with the long tests, which CI runs, too."""
    for item in items:
        if ON_A_SERVER.search(item.name.partition("[")[2]):
            item.add_marker(pytest.mark.long)


def pytest_collection_finish():
    """What was collected stays until the end: it need not be looked through for what is not used any more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


@pytest.fixture(autouse=True)
def _quick_states(request, monkeypatch):
    if request.path.stem not in ("test_store_migrate", "test_store_upgrade"):
        monkeypatch.setattr(migrating, "_upgrade", quick_states.upgrade)


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
