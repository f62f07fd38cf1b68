"""The trials on a real Moodle share the corridor of the tests on the sandbox."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "applying"))

from corridor import Corridor
from real_site import TOKEN, URL, clean_up


@pytest.fixture
def mark() -> str:
    """What names of a trial begin with, so that no other trial has them."""
    return f"m{int(time.time() * 1000) % 10**10}"


@pytest.fixture
def corridor(tmp_path: Path) -> Iterator[Corridor]:
    """A home beside the real site, which afterwards is as it was."""
    with Corridor.open(tmp_path, URL, TOKEN) as corridor:
        try:
            yield corridor
        finally:
            clean_up(corridor)
