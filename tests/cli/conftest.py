"""A person at the command line: a home, an invented school, a sandbox, and everything that was printed."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import stamina

from matricula.cli.main import run
from matricula.sandbox import Running, running
from matricula.sandbox.school import School


@dataclass(frozen=True)
class Told:
    """What a command said and how it ended."""

    status: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err

    @property
    def words(self) -> str:
        """Everything on one line, so that wrapping does not matter."""
        return " ".join(self.all.split())

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Desk:
    """Calls commands in this process or, where a test kills them, in another one."""

    home: Path
    heard: list[str] = field(default_factory=list)

    def __call__(self, *arguments: object) -> Told:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = run(["--home", str(self.home), *map(str, arguments)])
        assert "Traceback" not in err.getvalue(), err.getvalue()
        return self._heard(Told(status, out.getvalue(), err.getvalue()))

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "matricula", "--home", str(self.home), *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def end(self, process: subprocess.Popen[str]) -> Told:
        out, err = process.communicate(timeout=60)
        return self._heard(Told(process.returncode, out, err))

    def _heard(self, told: Told) -> Told:
        self.heard.append(told.all)
        return told


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
    assert desk("init", "--url", site.url, "--roster", tmp_path / "roster", "--token-file", token_file).status == 0
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
