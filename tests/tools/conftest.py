"""A learning tool being served."""

import pytest

from matricula.sandbox.tools import running_tool


@pytest.fixture(scope="module")
def served():
    with running_tool() as running:
        yield running
