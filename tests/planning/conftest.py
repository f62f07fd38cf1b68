"""A desk: a sandbox, a state, and rosters built by hand that are planned and applied."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matricula.sandbox import Running, running

sys.path.insert(0, str(Path(__file__).parents[1] / "profiles"))

from desk import Desk


@pytest.fixture(scope="session")
def site() -> Iterator[Running]:
    with running(fixture="empty") as site:
        yield site


@pytest.fixture
def desk(site: Running, tmp_path: Path) -> Iterator[Desk]:
    site.sandbox.reset()
    with Desk.open(tmp_path, site) as desk:
        yield desk


@pytest.fixture(scope="session")
def plugged_site() -> Iterator[Running]:
    with running(fixture="empty", plugins=True) as site:
        yield site


@pytest.fixture
def plugged(plugged_site: Running, tmp_path: Path) -> Iterator[Desk]:
    """A desk at a site that has the plugins."""
    plugged_site.sandbox.reset()
    with Desk.open(tmp_path, plugged_site) as desk:
        yield desk
