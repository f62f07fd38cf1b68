"""`matricula secret` and `matricula notify`."""

import sys
from pathlib import Path

import pytest

from matricula.hub import Home

sys.path.insert(0, str(Path(__file__).parents[1] / "service"))

from post_office import mail_server, receiver

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SETTINGS = """
kind: service
name: service
mail: {{host: localhost, port: {port}, security: none, sender: m@school.example}}
told: [{{to: [head@school.example, nobody@school.example]}}]
hooks_out: [{{name: helpdesk, url: "{url}", secret: hook, this_machine: true}}]
"""


@pytest.fixture
def made(desk):
    with Home.make(desk.home):
        return desk


def settle(desk, tmp_path, port=9, url="http://localhost:9/"):
    file = tmp_path / "service.yaml"
    file.write_text(SETTINGS.format(port=port, url=url), encoding="utf-8")
    assert desk("load", file).status == 0


def test_a_secret_comes_from_a_file_and_is_never_shown(made, tmp_path):
    settle(made, tmp_path)
    told = made("secret", "list", "--json").json["secrets"]
    assert told == [{"name": "hook", "kept_at": None, "used_for": ["hooks_out helpdesk"]}]
    assert "missing" in made("secret").out
    file = tmp_path / "hook"
    file.write_text(SECRET + "\n", encoding="utf-8")
    assert made("secret", "set", "hook", "--file", file).status == 0
    assert "missing" not in made("secret").out
    with Home(made.home) as home:
        assert home.secret("hook") == SECRET
    assert made("key", "rotate").status == 0
    with Home(made.home) as home:
        assert home.secret("hook") == SECRET, "a new key reads what the old one kept"
    assert made("secret", "remove", "hook").status == 0
    assert made("secret", "remove", "hook").status == 2
    assert all(SECRET not in heard for heard in made.heard)


def test_a_secret_comes_from_the_environment_or_standard_input(made, monkeypatch):
    monkeypatch.setenv("MATRICULA_SECRET", SECRET)
    assert made("secret", "set", "hook").status == 0
    monkeypatch.delenv("MATRICULA_SECRET")
    monkeypatch.setattr(sys, "stdin", (Path(made.home) / "nothing").open("w+"))
    told = made("secret", "set", "hook")
    assert (told.status, "No secret was given" in told.words) == (2, True)
    assert made("secret", "set", "hook", "--file", "/nowhere/at/all").status == 2


def test_a_test_message_says_what_the_server_answered(made, tmp_path):
    file = tmp_path / "hook"
    file.write_text(SECRET, encoding="utf-8")
    with mail_server() as box, receiver() as told:
        settle(made, tmp_path, box.port, told.url)
        made("secret", "set", "hook", "--file", file)
        one = made("notify", "test", "--to", "head@school.example")
        assert (one.status, one.out.strip()) == (0, "head@school.example: 250 queued as 77")
        every = made("notify", "test")
        assert every.status == 1
        assert "550 no such mailbox" in every.words
        assert "helpdesk: HTTP 204" in every.words
        as_json = made("notify", "test", "--hook", "helpdesk", "--json").json
        assert as_json == {"tried": [{"target": "helpdesk", "went": True, "answer": "HTTP 204"}]}
        assert made("notify", "test", "--hook", "other").status == 1
    assert [mail["subject"] for mail in box.mails] == ["Matricula: a test"] * 2


def test_what_waits_is_listed(made):
    assert "Nothing waits for a person." in made("notify").out
    assert made("notify", "list", "--json").json == {"open": [], "given_up": []}
    assert made("notify", "test").status == 2
