"""A school with a Moodle and a gradebook of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from grade_desk import GradeDesk

from matricula.sandbox import running


@pytest.fixture
def grades(tmp_path: Path) -> Iterator[GradeDesk]:
    with running(fixture="empty") as sandbox, GradeDesk.open(tmp_path, sandbox) as desk:
        yield desk
