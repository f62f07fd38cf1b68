"""A home, an invented school, and a sandbox for tests of the command line."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import stamina
from command_desk import Desk

from matricula.sandbox import Running, running
from matricula.sandbox.school import School


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MATRICULA_")]:
        if name != "MATRICULA_SHARED":
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("MATRICULA_DEBUG", "1")


@pytest.fixture(autouse=True)
def _retries_without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=4):
        yield


@pytest.fixture
def site() -> Iterator[Running]:
    with running("empty") as served:
        yield served


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


@pytest.fixture(scope="session")
def school() -> School:
    return School.generate(seed=5, students=40, staff=6, classes=6)


@pytest.fixture
def token_file(site: Running, tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text(site.tokens["admin"] + "\n")
    return file


@pytest.fixture
def ready(desk: Desk, site: Running, school: School, tmp_path: Path, token_file: Path) -> Iterator[Desk]:
    """A home whose documents point at the sandbox and the school's first day."""
    school.write(tmp_path / "roster")
    assert desk("init", "--moodle", site.url, "--roster", tmp_path / "roster", "--token-file", token_file).status == 0
    yield desk
    assert all(site.tokens["admin"] not in told for told in desk.heard), "a token was printed"


@pytest.fixture
def deliver(tmp_path: Path) -> Callable[[School], None]:
    """Puts another day's package in the place of the roster."""

    def put(school: School) -> None:
        school.write(tmp_path / "roster")

    return put


@pytest.fixture
def cut_users(tmp_path: Path) -> Callable[[], None]:
    """Cuts the students' half off the list of users, as a broken export does."""

    def cut() -> None:
        file = tmp_path / "roster" / "users.csv"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        file.write_text("".join(lines[:20]), encoding="utf-8")

    return cut
