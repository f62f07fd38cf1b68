"""`matricula sign-on`: what it tells, and the secret that it prints once."""

import json

import pytest
from typer.testing import CliRunner

from matricula.cli.main import program
from matricula.hub import Home
from matricula.hub.ticket_keys import OVERLAP, ticket_key, ticket_standing

SITE = """kind: site
name: moodle
url: https://moodle.school.example
sign_on: {by: ticket, match: email}
---
kind: service
name: service
address: https://matricula.school.example
"""


@pytest.fixture
def home(tmp_path):
    with Home.make(tmp_path / "home") as home:
        home.load(SITE, "test", tmp_path)
        yield home


@pytest.fixture
def command(home):
    def run(*words):
        return CliRunner().invoke(program(["sign-on"]), ["--home", str(home.folder), "sign-on", *words])

    return run


def test_it_tells_how_people_are_signed_on(command, home):
    told = json.loads(command("show", "moodle", "--json").stdout)
    assert {name: told[name] for name in ("by", "match", "link", "application")} == {
        "by": "ticket", "match": "email", "link": "https://matricula.school.example/go/moodle", "application": None,
    }  # fmt: skip
    secret = command("secret", "moodle").stdout.strip()
    shown = command("show")
    assert "matricula-moodle" in shown.stdout
    assert secret not in shown.stdout
    assert secret not in command("show", "--json").stdout


def test_the_secret_alone_is_printed(command, home):
    made = command("secret", "moodle")
    assert made.exit_code == 0, made.output
    standing = ticket_standing(home, "moodle")
    assert made.stdout == f"{ticket_key(home, 'moodle', standing.made_at).secret}\n"
    (noted,) = home.store.audit.find(act="sign-on.secret")
    assert (noted.subject, noted.site, noted.words) == ("site moodle", "moodle", "the first one")


def test_another_one_comes_into_use_after_a_day_or_at_once(command, home):
    first = command("secret", "moodle").stdout.strip()
    second = command("secret", "moodle", "--rotate").stdout.strip()
    at = ticket_standing(home, "moodle").made_at
    assert ticket_key(home, "moodle", at).secret == first
    assert ticket_key(home, "moodle", at + OVERLAP).secret == second
    third = command("secret", "moodle", "--rotate", "--at-once").stdout.strip()
    assert ticket_key(home, "moodle", ticket_standing(home, "moodle").made_at).secret == third


def test_none_is_replaced_unasked(command):
    command("secret", "moodle")
    assert command("secret", "moodle").exit_code != 0
