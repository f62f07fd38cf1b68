"""Services and databases of schools on this machine, shared by the tests that read them."""

from collections.abc import Iterator

import pytest
import stamina
from opensis_school import MariaSchool, School, SqliteSchool, mariadb
from rest_services import Service, serving


@pytest.fixture(scope="session")
def one_service() -> Iterator[Service]:
    with serving() as service:
        yield service


@pytest.fixture
def service(one_service: Service) -> Iterator[Service]:
    """A service that knows nothing yet; calls are repeated as often as ever, without pauses between."""
    one_service.answer(lambda _request, _form: None)
    with stamina.set_testing(True, attempts=5, cap=True):
        yield one_service


@pytest.fixture(scope="session")
def maria_80() -> Iterator[MariaSchool]:
    with mariadb("8.0") as school:
        yield school


@pytest.fixture(scope="session")
def maria_92() -> Iterator[MariaSchool]:
    with mariadb("9.2") as school:
        yield school


@pytest.fixture(params=["sqlite", "mariadb"])
def opensis_80(request, tmp_path) -> Iterator[School]:
    """openSIS 8.0: 15 students in the years 2020 and 2021, 4 staff, 26 parents, 10 sections a year."""
    yield from _school("8.0", request, tmp_path)


@pytest.fixture(params=["sqlite", "mariadb"])
def opensis_92(request, tmp_path) -> Iterator[School]:
    """openSIS 9.2: 15 students in 2025, 7 staff of whom two have the same name and one no login, 4 sections."""
    yield from _school("9.2", request, tmp_path)


def _school(version: str, request, folder) -> Iterator[School]:
    if request.param == "sqlite":
        yield SqliteSchool(version, folder)
        return
    school: MariaSchool = request.getfixturevalue(f"maria_{version.replace('.', '')}")
    yield school
    school.mend()
