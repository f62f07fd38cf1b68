"""Where the plugins for Moodle stand, and what PHP tells of them."""

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(path.parent for path in (ROOT / "moodle-plugins").glob("*/version.php"))
FILES = sorted(path for folder in FOLDERS for path in folder.rglob("*.php"))


def named(path: Path) -> str:
    """A file or folder as a test names it."""
    return str(path.relative_to(ROOT / "moodle-plugins"))


def php(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run PHP, or skip where there is none."""
    program = shutil.which("php")
    if program is None:
        pytest.skip("there is no PHP on this machine")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


@cache
def described(folder: Path) -> dict[str, Any]:
    """Functions and services of a plugin."""
    told = php(str(Path(__file__).with_name("describe.php")), str(folder))
    assert told.returncode == 0, told.stdout + told.stderr
    found: dict[str, Any] = json.loads(told.stdout)
    return found
