"""`matricula provider courses`: what is entered in the Moodles whose courses people may go on to."""

import json

import pytest
from typer.testing import CliRunner

from matricula.cli.main import program
from matricula.hub import Home

SERVICE = """kind: service
name: service
address: https://matricula.school.example
"""
COURSES = """portal:
  published:
    - {name: chess, title: Chess, moodle: "https://far.example", resource: 0b}
    - {name: choir, title: Choir, moodle: "https://far.example", resource: 0c}
"""


@pytest.fixture
def command(tmp_path):
    with Home.make(tmp_path / "home") as home:

        def run(document, *words):
            home.load(document, "test", tmp_path)
            return CliRunner().invoke(program(["provider"]), ["--home", str(home.folder), "provider", *words])

        yield run


def test_all_that_is_entered_is_told(command):
    said = command(SERVICE + COURSES, "courses").stdout
    assert "In https://far.example, under" in said
    for line in (
        "Platform ID: https://matricula.school.example",
        "Client ID: matricula-lti-",
        "Authentication request URL: https://matricula.school.example/provider/launch",
        "Public keyset URL: https://matricula.school.example/provider/keys",
        "Deployment ID: 1",
        "Chess: https://matricula.school.example/lti/chess",
        "Choir: https://matricula.school.example/lti/choir",
    ):
        assert f"  {line}" in said
    assert said.count("Platform ID") == 1


def test_the_same_is_told_to_machines(command):
    (told,) = json.loads(command(SERVICE + COURSES, "courses", "--json").stdout)
    assert told["moodle"] == "https://far.example"
    assert told["courses"] == {
        "https://matricula.school.example/lti/chess": "chess",
        "https://matricula.school.example/lti/choir": "choir",
    }


def test_where_there_is_none_it_says_where_to_name_one(command):
    said = command(SERVICE, "courses")
    assert said.exit_code == 0
    assert "portal.published" in said.stdout
    assert json.loads(command(SERVICE, "courses", "--json").stdout) == []


def test_without_an_address_it_says_what_to_set(command):
    said = command("kind: service\nname: service\n" + COURSES, "courses")
    assert said.exit_code != 0
    assert "Set address in the service document" in " ".join(str(said.exception.remedy).split())
