"""The log goes where it is told to, in the form asked for, and is put away without losing a line."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from matricula import logs
from matricula.cli.main import run
from matricula.logs import places

SEVERAL = """
import sys
from matricula import logs
for number in range(int(sys.argv[2])):
    logs.event("x", plan=int(sys.argv[1]), run=number)
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in (places.FORMAT_VARIABLE, places.ROTATE_VARIABLE, places.KEEP_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "log"
    monkeypatch.setenv(logs.VARIABLE, str(file))
    return file


def lines(*files: Path) -> list[dict[str, object]]:
    return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]


def test_processes_that_share_a_file_lose_and_tear_no_line_while_it_is_put_away(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(places.ROTATE_VARIABLE, "2kB")
    monkeypatch.setenv(places.KEEP_VARIABLE, "1000")
    processes = [subprocess.Popen([sys.executable, "-c", SEVERAL, str(n), "150"]) for n in range(4)]
    assert [each.wait(120) for each in processes] == [0] * 4
    files = [each for each in log.parent.glob("log*") if each.name != "log.lock"]
    assert len(files) > 5  # a process that is held up while it puts the file away lets others fill it further
    told = sorted((each["plan"], each["run"]) for each in lines(*files))
    assert told == [(plan, number) for plan in range(4) for number in range(150)]
    assert all(each.stat().st_mode & 0o777 == 0o600 for each in files)


def test_only_so_many_are_kept(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.ROTATE_VARIABLE, "1k")
    monkeypatch.setenv(places.KEEP_VARIABLE, "5")
    for number in range(200):
        logs.event("x", run=number)
    names = {each.name for each in log.parent.iterdir()} - {"log.lock"}
    assert names == {"log", "log.1", "log.2", "log.3", "log.4", "log.5"}
    assert all(each.stat().st_size <= 1000 for each in log.parent.iterdir())
    newest = [each["run"] for each in lines(*(log.with_name(f"log.{n}") for n in (5, 4, 3, 2, 1)), log)]
    assert newest == list(range(200 - len(newest), 200))
    monkeypatch.setenv(places.KEEP_VARIABLE, "2")
    for number in range(30):
        logs.event("x", run=number)
    assert {each.name for each in log.parent.iterdir()} == {"log", "log.1", "log.2", "log.lock"}


def test_each_day_has_its_own(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(places.ROTATE_VARIABLE, "daily,20MB")
    logs.event("x", run=1)
    logs.event("x", run=2)
    assert not log.with_name("log.1").exists()
    yesterday = time.time() - 24 * 3600
    os.utime(log, (yesterday, yesterday))
    logs.event("x", run=3)
    assert ([each["run"] for each in lines(log.with_name("log.1"))], lines(log)[0]["run"]) == ([1, 2], 3)


def test_who_renames_the_file_finds_the_next_line_in_a_new_one(log: Path) -> None:
    logs.event("x", run=1)
    log.rename(log.with_name("by-logrotate"))
    logs.event("x", run=2)
    assert [each["run"] for each in lines(log)] == [2]


def test_lines_for_people_and_on_standard_error(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(logs.VARIABLE, "-")
    monkeypatch.setenv(places.FORMAT_VARIABLE, "text")
    logs.event("request", route="/plans/{number}", method="GET", status=200, seconds=0.01234, name="Ann Lee")
    told = capsys.readouterr()
    assert told.out == ""
    moment, _, rest = told.err.strip().partition(" ")
    assert rest == "request route=/plans/{number} method=GET status=200 seconds=0.012"
    assert len(moment) == len("2026-08-15T01:00:00Z")
    assert moment.endswith("Z")
    assert not log.exists()


def test_a_service_logs_for_people_unless_the_environment_says_otherwise(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(places, "_served", [])
    logs.serve_by_default()
    logs.event("x", run=1)
    assert lines(log)[0]["run"] == 1
    monkeypatch.delenv(logs.VARIABLE)
    logs.event("x", run=2)
    assert capsys.readouterr().err.endswith("x run=2\n")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        (places.FORMAT_VARIABLE, "xml"),
        (places.ROTATE_VARIABLE, "weekly"),
        (places.ROTATE_VARIABLE, "20 apples"),
        (places.KEEP_VARIABLE, "0"),
        (places.KEEP_VARIABLE, "many"),
    ],
)
def test_a_setting_that_nobody_understands_is_refused(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert run(["profile", "schema"]) == 1
    assert f"{variable} takes" in " ".join(capsys.readouterr().err.split())


def test_a_route_may_hold_braces_and_nothing_of_a_query(log: Path) -> None:
    logs.event("request", route="/people/{key}?name=ann lee")
    logs.event("request", route="/api/v1/people/{key}", profile="/people/{key}")
    assert [set(each) - {"at"} for each in lines(log)] == [{"event"}, {"event", "route"}]
