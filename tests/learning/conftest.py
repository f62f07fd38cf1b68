"""A site with classes whose gradebooks are filled, a client of it and a state."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina
from graded_class import Desk

from matricula.moodle import Moodle
from matricula.sandbox import Running, running
from matricula.store import Store


@pytest.fixture(scope="session")
def site() -> Iterator[Running]:
    with running(fixture="empty") as site:
        yield site


@pytest.fixture
def desk(site: Running, tmp_path: Path) -> Iterator[Desk]:
    site.sandbox.reset()
    with (
        stamina.set_testing(True, attempts=2),
        Store.open(tmp_path / "state.db") as store,
        Moodle(site.url, site.tokens["admin"], callers=2, form_fields=900) as moodle,
    ):
        yield Desk(site, store, moodle)
