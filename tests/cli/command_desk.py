"""A person at the command line: calls commands and keeps everything that was printed."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matricula.cli.main import run


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
