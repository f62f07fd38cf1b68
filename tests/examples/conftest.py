"""The example profiles on a sandbox, from the files a reader finds to the records of the site."""

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from looking import Place

from matricula.sandbox import Running, running

#: 20 November 2026: in the examples' school year, before its second semester.
DAY = 1795132800
sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))
EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="session")
def site() -> Iterator[Running]:
    with running(fixture="empty") as site:
        yield site


@pytest.fixture
def place(site: Running, tmp_path: Path) -> Iterator[Callable[[str], Place]]:
    """Opens a home with an example's documents and a copy of its roster, beside a fresh site."""
    site.sandbox.reset()
    site.state.live_from(DAY)
    with site.state.transaction():
        site.state.insert("role", id=9, shortname="mentor", sortorder=9)
        for table, values in (("role_level", (9, 50)), ("role_allow", (1, 9))):
            site.state.run(f"INSERT INTO {table} VALUES (?, ?)", *values)
    shutil.copytree(EXAMPLES / "roster", tmp_path / "roster")
    opened: list[Place] = []

    def place_of(name: str) -> Place:
        opened.append(Place(EXAMPLES / f"{name}.yaml", tmp_path, site))
        return opened[-1]

    yield place_of
    for each in opened:
        each.close()
