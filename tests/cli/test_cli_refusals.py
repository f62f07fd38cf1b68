"""What a person is told when something is wrong: a clear message, the right status, no traceback, no secret."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socket import socket
from typing import Any

import pytest
import typer
from command_desk import Desk

from matricula.cli import main as cli_main
from matricula.cli.main import program
from matricula.cli.reference import commands_under
from matricula.sandbox import Running


@contextmanager
def other_program(status: int, headers: dict[str, str], body: bytes) -> Iterator[str]:
    """A web server that is no Moodle."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - the name that http.server looks for

        def log_message(self, *args: object) -> None:
            """Nothing is logged."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def point_at(desk: Desk, url: str, folder: Path) -> None:
    file = folder / "site.yaml"
    file.write_text(f"kind: site\nname: moodle\nurl: {url}\n", encoding="utf-8")
    assert desk("load", file).status == 0


ELSEWHERE = "http://127.0.0.1:1/login"


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (200, {"Content-Type": "text/html"}, b"<html><title>Welcome</title><body>Our school</body></html>"),
        (302, {"Location": ELSEWHERE}, b""),
        (404, {"Content-Type": "text/html"}, b"<html>Not found</html>"),
    ],
)
def test_an_address_that_is_no_moodle(
    ready: Desk, tmp_path: Path, status: int, headers: dict[str, str], body: bytes
) -> None:
    with other_program(status, headers, body) as url:
        point_at(ready, url, tmp_path)
        planned, checked = ready("plan"), ready("check")
    assert planned.status == checked.status == 1
    assert url in planned.err
    assert "FAIL" in checked.out
    assert "Not ready" in checked.out


def test_a_site_out_of_reach(ready: Desk, tmp_path: Path) -> None:
    with socket() as closed:
        closed.bind(("127.0.0.1", 0))
        point_at(ready, f"http://127.0.0.1:{closed.getsockname()[1]}", tmp_path)
        told = ready("plan", "--json")
    assert told.status == 1
    assert told.json["error"]["remedy"]
    assert told.err == ""


def test_a_wrong_token(ready: Desk, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("0123456789abcdef0123456789abcdef")
    ready("token", "--token-file", wrong)
    told = ready("plan")
    assert told.status == 1
    assert "token" in told.err.lower()
    assert "0123456789abcdef" not in told.all


@pytest.mark.parametrize(
    "command", [["plan"], ["show", 1], ["dump"], ["history"], ["problems"], ["why", "x"], ["check"]]
)
def test_no_home(desk: Desk, command: list[object]) -> None:
    told = desk(*command)
    assert told.status == 1
    assert str(desk.home) in told.words
    assert "matricula init" in told.err


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (["plan", "nobody"], "nobody"),
        (["check", "nowhere"], "nowhere"),
        (["token", "nowhere", "--token-file", "unread"], "nowhere"),
        (["show", 99], "99"),
        (["apply", 99], "99"),
        (["reject", 99], "99"),
        (["apply", "one"], "PLAN"),
        (["show", 1, "--kind", "cat"], "category"),
        (["show", 1, "--action", "eat"], "create"),
        (["dump", "cat"], "profile"),
        (["dump", "site", "nowhere"], "nowhere"),
        (["history", "nobody"], "nobody"),
        (["problems", "nobody"], "nobody"),
        (["plann"], "plan"),
        (["plan", "--colour"], "--colour"),
    ],
)
def test_wrong_usage_has_status_two_and_says_what_is_there(ready: Desk, command: list[object], word: str) -> None:
    told = ready(*command)
    assert told.status == 2
    assert word in told.err
    assert told.out == ""


def test_two_profiles_must_be_told_apart(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "more.yaml"
    file.write_text("kind: profile\nname: second\nsource: school\nsite: moodle\n", encoding="utf-8")
    ready("load", file)
    told = ready("plan")
    assert told.status == 2
    assert "default, second" in told.err


def test_errors_are_json_where_json_was_asked_for(ready: Desk) -> None:
    for command, status in ((["show", 99], 2), (["plan", "--bad"], 2), (["plan", "nobody"], 2)):
        told = ready(*command, "--json")
        assert told.status == status
        assert told.json["error"]["exit_status"] == status
        assert set(told.json["error"]) == {"code", "what", "where", "remedy", "exit_status"}


def test_a_document_with_faults_changes_nothing(ready: Desk, tmp_path: Path) -> None:
    before = ready("dump").out
    file = tmp_path / "bad.yaml"
    file.write_text(
        "kind: site\nname: new\nurl: http://x.example\n---\nkind: profile\nname: p\nsource: s\nsite: t\nuser: {}\n"
    )
    told = ready("load", file)
    assert told.status == 1
    assert "user" in told.err
    assert ready("dump").out == before
    assert ready("load", tmp_path / "missing.yaml").status == 2


def test_an_unexpected_exception_is_a_short_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(cli_main.typer.main, "get_command", broken)
    monkeypatch.delenv("MATRICULA_DEBUG")
    assert cli_main.run(["plan"]) == 1
    told = capsys.readouterr()
    assert "fault in matricula: RuntimeError" in told.err
    assert "secret detail" not in told.err
    monkeypatch.setenv("MATRICULA_DEBUG", "1")
    cli_main.run(["plan"])
    assert "Traceback" in capsys.readouterr().err


def test_names_cannot_steer_the_terminal(ready: Desk, tmp_path: Path) -> None:
    file = tmp_path / "roster" / "users.csv"
    text = file.read_text(encoding="utf-8")
    student = next(line for line in text.splitlines() if line.startswith("stu-"))
    given = student.split(",")[8]
    file.write_text(text.replace(student, student.replace(given, f"{given}\x1b[2J\u202e", 1)), encoding="utf-8")
    assert "\x1b" not in ready("plan", "--all").all


def test_the_plain_command_shows_the_three_steps(desk: Desk) -> None:
    told = desk()
    assert told.status == 0
    for step in ("matricula init", "matricula plan", "matricula apply 1", "matricula demo"):
        assert step in told.out
    assert max(map(len, told.out.splitlines())) <= 80


def commands() -> list[str]:
    """Full names of all commands that do something."""
    group: Any = typer.main.get_command(program())
    under = commands_under(group, typer.Context(group))
    return [name for name, command, _ in under if not hasattr(command, "commands")]


@pytest.mark.parametrize("command", commands())
def test_every_command_has_help_with_an_example(desk: Desk, command: str) -> None:
    told = desk(*command.split(), "--help")
    assert told.status == 0
    assert f"  matricula {command.removesuffix(' list')}" in told.out
    assert max(map(len, told.out.splitlines())) <= 80


@pytest.mark.parametrize("command", sorted({name.split()[0] for name in commands() if " " in name}))
def test_the_help_of_a_word_names_the_commands_under_it(desk: Desk, command: str) -> None:
    told = desk(command, "--help").out
    assert not [name for name in commands() if name.startswith(f"{command} ") and f"\n  {name.split()[1]} " not in told]
    assert max(map(len, told.splitlines())) <= 80


def test_version(desk: Desk) -> None:
    assert desk("--version").out.startswith("matricula 0.")


def test_no_colour_where_it_is_not_wanted(ready: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in ready("history").out + ready("plan").out
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    assert "\x1b[3" not in ready("plan").out


def test_the_token_never_comes_back(ready: Desk, site: Running) -> None:
    for command in (["dump"], ["check", "--json"], ["plan", "--json"], ["history", "--json"], ["show", 1, "--json"]):
        assert site.tokens["admin"] not in ready(*command).all
    assert site.tokens["admin"].encode() not in (ready.home / "matricula.db").read_bytes()
