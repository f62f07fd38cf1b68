"""A fresh state database for each test, on each backend that is there."""

import pytest

from matricula.store import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, tmp_path):
    if request.param == "postgresql":
        return request.getfixturevalue("postgres_address")
    return str(tmp_path / "state.db")


@pytest.fixture
def store(address):
    with Store.open(address) as opened:
        yield opened
