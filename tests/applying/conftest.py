"""A home, a sandbox, and a small school written as a OneRoster package."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matricula.sandbox import running

sys.path.insert(0, str(Path(__file__).parents[1] / "profiles"))
sys.path.insert(0, str(Path(__file__).parents[1] / "planning"))

from corridor import Corridor


@pytest.fixture(params=["5.1"])
def corridor(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Corridor]:
    with (
        running(fixture="empty", moodle=request.param) as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        yield corridor
