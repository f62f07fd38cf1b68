"""The log and what accompanies a command hold no names, values or secrets; an engineer can be sent them."""

import json
import logging
import sys
from pathlib import Path

import pytest
from command_desk import Desk

from matricula import logs
from matricula.hub import Home
from matricula.sandbox import Running

sys.path.insert(0, str(Path(__file__).parents[1] / "hub"))

from leaving import KEY, USERNAME, found_in, leave, plant


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "log"
    monkeypatch.setenv(logs.VARIABLE, str(file))
    return file


def lines(log: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_the_main_job_leaves_no_name_in_the_log_or_beside_the_results(
    ready: Desk, site: Running, tmp_path: Path, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    plant(tmp_path / "roster")
    site.faults.set(refuse_users=[USERNAME])
    told = [ready("plan"), ready("apply", 1), ready("problems"), ready("plan")]
    site.faults.clear()
    told += [ready("run", "--yes"), ready("show", 2), ready("history"), ready("apply", 99)]
    leave(tmp_path / "roster")
    told += [ready("run", "--yes"), ready("forget", KEY, "--yes"), ready("purge"), ready("key", "rotate")]
    assert [each.status for each in told] == [0, 4, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]
    assert found_in("".join(each.out for each in told)) != []  # results are for persons
    beside = "".join(each.err for each in told)
    assert found_in(beside) == []
    assert found_in(log.read_text(encoding="utf-8")) == []
    assert found_in(caplog.text) == []
    assert site.tokens["admin"] not in caplog.text + beside + log.read_text(encoding="utf-8")
    with Home(ready.home) as home:
        runs = home.store.runs.all()
        assert found_in(str([run.summary for run in runs])) == []
        errors = [batch.error for run in runs for batch in home.store.journal.batches(run.id) if batch.error]
    assert errors
    assert all(" " not in error or error.split()[1].isalnum() for error in errors)


def test_the_log_tells_commands_calls_counts_and_errors(ready: Desk, log: Path) -> None:
    ready("run", "--yes")
    ready("apply", 99)
    told = lines(log)
    assert [(each["event"], each.get("command")) for each in told if "command" in each] == [
        ("begins", "run"),
        ("ends", "run"),
        ("begins", "apply"),
        ("ends", "apply"),
    ]
    called = {each["function"]: each["calls"] for each in told if each["event"] == "called"}
    assert called["core_user_create_users"] > 0
    assert {each["state"] for each in told if each["event"] == "outcomes"} == {"done"}
    assert [each["code"] for each in told if each["event"] == "failed"] == ["plan-unknown"]
    assert [each["status"] for each in told if each["event"] == "ends"] == [0, 2]
    assert log.stat().st_mode & 0o777 == 0o600


def test_nothing_but_plain_words_and_numbers_gets_in_and_known_secrets_are_replaced(log: Path) -> None:
    logs.hide("hush-hush-hush")
    logs.event(
        "x", plan=3, code="a-code", profile="hush-hush-hush", site="Ann Lee", name="ann", rows_change=2, rows="2"
    )
    (told,) = lines(log)
    del told["at"]
    assert told == {"event": "x", "plan": 3, "code": "a-code", "profile": logs.HIDDEN, "rows_change": 2}


def test_without_a_file_nothing_is_logged_and_one_that_cannot_be_written_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ready: Desk
) -> None:
    monkeypatch.delenv(logs.VARIABLE, raising=False)
    logs.event("x", plan=3)
    monkeypatch.setenv(logs.VARIABLE, str(tmp_path / "nowhere" / "log"))
    assert ready("history").status == 0
    assert "structlog" in sys.modules
    assert not (tmp_path / "nowhere").exists()
