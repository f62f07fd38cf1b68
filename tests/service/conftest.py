"""A service on a home with a sandbox, on each backend that is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from matricula.hub.home import DATABASE_VARIABLE
from matricula.sandbox import running
from matricula.service import Service

sys.path.insert(0, str(Path(__file__).parents[1] / "applying"))

from corridor import Corridor

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The kind of state that the test's home has."""
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_VARIABLE, request.getfixturevalue("postgres_address"))
    return request.param


@pytest.fixture
def corridor(engine: str, tmp_path: Path) -> Iterator[Corridor]:
    with (
        running(fixture="empty") as site,
        Corridor.open(tmp_path, site.url, site.tokens["admin"], site) as corridor,
    ):
        yield corridor


@pytest.fixture
def service(corridor: Corridor) -> Iterator[Service]:
    """Asks for jobs and works on none until it is started."""
    service = Service(corridor.home)
    yield service
    service.stop()
