"""What listens for secrets hears them, wherever they are said."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from matricula import logs
from matricula.store import CHANGES_SCHEMA, PlanRecord, Store
from planted import PLANTED, Planted

LEAKING = """
import logging, subprocess, sys, warnings
import pytest
from matricula import logs
from matricula.cli import main
from matricula.errors import StopError

SECRET = "s3cr3t-of-the-{name}"

def test_it(monkeypatch):
    logs.hide(SECRET)
    {act}
"""
ACTS = {
    "print": "print(SECRET)",
    "command": "monkeypatch.setattr(main, '_done', lambda _: print('a', SECRET) or 0); assert main.run([]) == 0",
    "process": "subprocess.run([sys.executable, '-c', f'print({{SECRET!r}})'], capture_output=True, text=True)",
    "logging": "logging.getLogger('httpx2').warning('token %s', SECRET)",
    "warning": "warnings.warn(SECRET)",
    "error": "StopError('x', remedy=f'Enter {{SECRET}} again.')",
    "nothing": "print('all is well')",
}


@pytest.mark.long
def test_a_test_in_which_a_secret_is_heard_fails_without_repeating_it(tmp_path: Path) -> None:
    for name, act in ACTS.items():
        (tmp_path / f"test_{name}.py").write_text(LEAKING.format(name=name, act=act.format()))
    (tmp_path / "conftest.py").write_text((Path(__file__).parent / "conftest.py").read_text(encoding="utf-8"))
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "--tb=short", "-s", str(tmp_path)]
    paths = f"{Path(__file__).parent}:{Path(__file__).parents[1] / 'src'}"
    told = subprocess.run(command, cwd=tmp_path, env={"PYTHONPATH": paths}, capture_output=True, text=True, check=False)
    failed = {
        name for name in ACTS if f"ERROR test_{name}.py" in told.stdout or f"FAILED test_{name}.py" in told.stdout
    }
    assert failed == set(ACTS) - {"nothing", "print"}, told.stdout  # with -s pytest captures nothing


def test_what_pytest_captured_is_searched_and_wrapping_hides_nothing() -> None:
    planted = Planted()
    planted.know("a token of many letters")
    planted.hear("the screen", "it is: a token of ma")
    planted.hear("the screen", "\nny letters")
    assert planted.leaks([("captured stdout", "x a%20token%20of%20many%20letters")]) == [
        "the screen: a … (23 characters)",
        "captured stdout: a%… (31 characters)",
    ]
    assert planted.leaks() == []


def test_words_and_short_texts_are_no_secrets_and_keys_are_not_kept_for_later_tests() -> None:
    planted = Planted()
    for text in ("short", "password", "k" * 44):
        planted.know(text)
    planted.hear("the screen", f"short password {'k' * 44}")
    assert planted.leaks() == ["the screen: kk… (44 characters)"]
    planted.hear("the screen", "k" * 44)
    assert planted.leaks() == []


def test_people_may_stand_on_a_screen_and_not_in_a_log() -> None:
    heard = Planted()
    heard.meet(["Ann Leeson", None, "Ann"])
    for where in ("standard output", "the log of events", "the log httpx2", "a warning"):
        heard.hear(where, "creating Ann Leeson")
    assert [leak.partition(":")[0] for leak in heard.leaks()] == ["the log of events", "the log httpx2", "a warning"]
    assert heard.leaks() == []


def test_people_of_plans_are_known_and_events_are_heard_as_the_log_would_have_them(tmp_path: Path) -> None:
    row = {"name": "Ann Leeson", "person": "Ann Leeson", "kind": "user", "action": "create", "key": "u1"}
    changes = pl.DataFrame(
        [dict.fromkeys(CHANGES_SCHEMA, "") | {"number": 1, "moodle_id": None, "removes": False} | row],
        schema=CHANGES_SCHEMA,
    )
    record = PlanRecord(None, "default", "moodle", "test", datetime.now(UTC), "ready", "", {}, [])
    with Store.open(tmp_path / "state.db") as store:
        store.plans.add(record, changes, [])
    assert "Ann Leeson" in PLANTED.people
    logs.event("ends", profile="Ann Leeson", changes=1)
    assert PLANTED.texts[-1] == ("the log of events", '{"event": "ends", "changes": 1}')
