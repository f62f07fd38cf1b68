"""How people begin: init with questions, documents, tokens, the sandbox and the demo."""

import json
import os
import pty
import signal
import subprocess
import sys
import termios
import threading
from pathlib import Path
from urllib.request import urlopen

import pytest
from command_desk import Desk

from matricula.sandbox import Running
from matricula.sandbox.school import School

HIDDEN = ("Token",)
TOKEN = "feedfacefeedfacefeedfacefeedface"


@pytest.fixture
def roster(tmp_path: Path, school: School) -> Path:
    school.write(tmp_path / "roster")
    return tmp_path / "roster"


def converse(answers: dict[str, str], *arguments: object) -> tuple[int, str]:
    """Runs a command on a terminal and answers its questions; returns its status and all that was shown."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "matricula", *map(str, arguments)],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    shown, waiting = "", dict(answers)
    while True:
        try:
            shown += os.read(master, 4096).decode(errors="replace")
        except OSError:
            break
        for question in [question for question in waiting if question in shown]:
            while question in HIDDEN and termios.tcgetattr(master)[3] & termios.ECHO:
                threading.Event().wait(0.01)  # what is typed before the echo is off is thrown away
            os.write(master, f"{waiting.pop(question)}\n".encode())
    os.close(master)
    return process.wait(timeout=30), shown


def test_init_asks_and_never_shows_the_token(desk: Desk, roster: Path) -> None:
    answers = {"Address": "moodle.school.example", "Folder or zip": str(roster), "Token": TOKEN}
    status, shown = converse(answers, "init", "--home", desk.home)
    assert status == 0, shown
    assert TOKEN not in shown
    assert "Next:" in shown
    dumped = desk("dump").out
    assert "https://moodle.school.example" in dumped
    assert str(roster) in dumped
    assert desk.home.stat().st_mode & 0o077 == 0


def test_run_asks_on_a_terminal_and_writes_nothing_without_a_yes(ready: Desk, site: Running) -> None:
    status, shown = converse({"Write ": "n"}, "run", "--home", ready.home)
    assert status == 0
    assert "Nothing was written" in shown
    assert site.faults.calls["core_user_create_users"] == 0
    status, shown = converse({"Write ": "y"}, "run", "--home", ready.home)
    assert status == 0
    assert "is applied" in shown


def test_init_takes_the_token_from_the_environment(
    desk: Desk, roster: Path, site: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATRICULA_TOKEN", site.tokens["admin"])
    assert desk("init", "--moodle", site.url, "--roster", roster).status == 0
    monkeypatch.delenv("MATRICULA_TOKEN")
    assert desk("check").status == 0


@pytest.mark.parametrize("missing", ["--moodle", "--roster", "--token-file"])
def test_init_without_a_terminal_says_which_option_is_missing(
    desk: Desk, roster: Path, tmp_path: Path, missing: str
) -> None:
    token = tmp_path / "token"
    token.write_text(TOKEN)
    given = {"--moodle": "https://moodle.school.example", "--roster": roster, "--token-file": token}
    told = desk("init", *(part for name, value in given.items() if name != missing for part in (name, value)))
    assert told.status == 2
    assert missing in told.err
    assert not desk.home.exists()


@pytest.mark.parametrize("content", ["", "two words", "\xff\xfe"])
def test_a_token_file_that_holds_no_token(desk: Desk, roster: Path, tmp_path: Path, content: str) -> None:
    token = tmp_path / "token"
    token.write_bytes(content.encode("latin-1"))
    told = desk("init", "--moodle", "https://m.example", "--roster", roster, "--token-file", token)
    assert told.status == 2
    assert "two" not in told.err


def test_init_leaves_a_home_that_is_in_use_alone(ready: Desk, roster: Path, token_file: Path) -> None:
    before = ready("dump").out
    told = ready("init", "--moodle", "https://other.example", "--roster", roster, "--token-file", token_file)
    assert told.status == 2
    assert "already" in told.err
    assert ready("dump").out == before


def test_init_wants_a_roster_that_is_there(desk: Desk, tmp_path: Path, token_file: Path) -> None:
    told = desk("init", "--moodle", "https://m.example", "--roster", tmp_path / "gone", "--token-file", token_file)
    assert told.status == 2
    assert "gone" in told.words


def test_documents_go_out_and_come_in_with_their_comments(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text(ready("dump").out.replace("kind: site", "# our Moodle\nkind: site"), encoding="utf-8")
    loaded = ready("load", file, "--json").json["documents"]
    assert {(each["kind"], each["name"]) for each in loaded} == {
        ("site", "moodle"), ("source", "school"), ("profile", "default"),
    }  # fmt: skip
    assert "# our Moodle" in ready("dump", "site").out
    assert "kind: profile" not in ready("dump", "site", "moodle").out


def test_the_home_is_taken_from_the_environment_and_from_either_place(
    ready: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MATRICULA_HOME", str(ready.home))
    assert Desk(tmp_path / "none")("dump").status == 1
    assert Desk(tmp_path / "none")("dump", "--home", ready.home).status == 0


def test_sandbox_prints_one_line_of_json_and_serves(desk: Desk) -> None:
    process = desk.start("sandbox", "--fixture", "contract", "--moodle", "4.5", "--fault", "max_input_vars=1234")
    assert process.stdout is not None
    line = json.loads(process.stdout.readline())
    assert set(line) == {"url", "tokens"}
    assert {"admin", "few", "plain"} <= set(line["tokens"])
    with urlopen(f"{line['url']}/sandbox/faults") as answer:
        assert json.load(answer)["max_input_vars"] == 1234
    process.send_signal(signal.SIGINT)
    told = desk.end(process)
    assert told.out == ""
    assert "Traceback" not in told.err


def test_sandbox_refuses_a_port_that_is_taken(desk: Desk, site: Running) -> None:
    told = desk("sandbox", "--port", site.url.rpartition(":")[2])
    assert told.status == 1
    assert "port" in told.err


def test_sandbox_refuses_faults_it_does_not_have(desk: Desk) -> None:
    assert desk("sandbox", "--fault", "earthquake=1").status == 2
    assert desk("sandbox", "--fault", "latency_ms").status == 2


def test_demo_goes_through_both_days_and_keeps_its_folder(desk: Desk, tmp_path: Path) -> None:
    told = desk("demo", "--students", "40", "--seed", "3", "--home", tmp_path / "demo")
    assert told.status == 0
    for said in ("Is this Moodle ready?", "Plan 1 is applied", "left the school", "Plan 2 is applied", "Nothing to do"):
        assert said in told.out
    assert max(map(len, told.out.splitlines())) <= 80
    kept = Desk(tmp_path / "demo" / "home")
    assert [plan["state"] for plan in kept("history", "--json").json["plans"]] == ["ready", "applied", "applied"]
    assert desk("demo", "--home", tmp_path / "demo").status == 2


def test_demo_fails_where_the_third_plan_is_not_empty(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matricula.planning.difference.json.loads", lambda _: {"firstname": "Never the same"})
    assert desk("demo", "--students", "20").status == 1
