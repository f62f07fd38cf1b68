"""A home, a sandbox, and a small school written as a OneRoster package."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from corridor import Corridor

from matricula.sandbox import running


@pytest.fixture(params=["5.1"])
def corridor(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Corridor]:
    with (
        running(fixture="empty", moodle=request.param) as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        yield corridor
