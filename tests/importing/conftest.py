"""Sandboxes to import from."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matricula.hub import Home
from matricula.sandbox import Running, running

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))

from import_bench import home_of


@pytest.fixture
def lived_in() -> Iterator[Running]:
    with running("school") as served:
        yield served


@pytest.fixture
def home(tmp_path: Path, lived_in: Running) -> Iterator[Home]:
    with home_of(tmp_path / "home", lived_in) as opened:
        yield opened
