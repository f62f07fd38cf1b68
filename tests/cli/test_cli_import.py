"""`matricula import` at the command line."""

from collections.abc import Callable
from pathlib import Path

import pytest
from command_desk import Desk
from test_cli_json_documented import JSON, keys

from matricula.cli import import_
from matricula.sandbox import Running
from matricula.sandbox.school import School


@pytest.fixture
def filled(ready: Desk, school: School) -> Desk:
    """A home whose Moodle holds the invented school."""
    assert ready("run", "--yes").status == 0
    return ready


@pytest.fixture
def year(school: School) -> int:
    return school.year + 1


def test_it_is_shown_by_name_and_nothing_is_written(filled: Desk, school: School, year: int) -> None:
    told = filled("import", "--year", year)
    assert told.status == 0
    assert f"Import of moodle · academic year {school.year}/{year % 100}" in told.out
    assert school.students[0].given in filled("import", "--year", year, "--all").out
    assert "Nothing was written. To write this: add --write." in told.words
    assert not (filled.home / "imports").exists()


def test_written_it_says_where_and_then_nothing_is_new(filled: Desk, year: int, tmp_path: Path) -> None:
    told = filled("import", "moodle", "--year", year, "--to", tmp_path / "out", "--write")
    assert told.status == 0
    assert "Written: 8 files to" in told.words
    assert (tmp_path / "out" / "manifest.csv").is_file()
    assert "Nothing is new." in filled("import", "--year", year, "--to", tmp_path / "out").words


def test_a_profile_that_leads_back_has_an_empty_plan(filled: Desk, year: int) -> None:
    told = filled("import", "--year", year, "--write", "--profile", "back")
    assert "New: source and profile back." in told.words
    assert "matricula plan back" in told.words
    assert "Nothing to do: Moodle holds what the roster says." in filled("plan", "back").words
    again = filled("import", "--year", year, "--write", "--profile", "back")
    assert "The profile back was there." in again.words


def test_with_a_document(filled: Desk, year: int, tmp_path: Path) -> None:
    file = tmp_path / "import.yaml"
    file.write_text(
        f"kind: import\nname: oak\nsite: moodle\nschool: Oak School\nyear: {year}\n"
        "fields: [{moodle: housename, to: metadata.house}]\n"
    )
    assert filled("load", file).status == 0
    for given in ([], ["moodle"], ["--with", "oak"]):
        assert filled("import", *given, "--json").json["import"] == "oak"
    assert filled("import", "--name", "other", "--json").json["import"] == "other"
    assert "housename" in filled("import").words


def test_on_a_terminal_it_asks(filled: Desk, year: int, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(question: str, **_: object) -> bool:
        asked.append(question)
        return len(asked) > 1

    monkeypatch.setattr(import_.sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(import_.typer, "confirm", answer)
    assert "Nothing was written" in filled("import", "--year", year).words
    assert "Written: 8 files" in filled("import", "--year", year).words
    assert asked == [f"Write this to {filled.home / 'imports' / 'moodle'}?"] * 2


def test_every_key_of_its_json_is_in_the_guide(filled: Desk, year: int) -> None:
    told = filled("import", "--year", year, "--write", "--profile", "back", "--json")
    assert told.status == 0
    assert [name for name in sorted(set(keys(told.json))) if f"`{name}`" not in JSON] == []
    assert told.json["counts"]["person"]["add"] == len(told.json["changes"]) - sum(
        each["add"] for kind, each in told.json["counts"].items() if kind != "person"
    )


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nowhere"], "site-unknown"),
        (["--with", "nothing"], "import-unknown"),
        (["--to", "postgresql://a@b/c"], "import-address"),
        (["--to", "mariadb://a:secret@b/c"], "import-address-password"),
        (["--to", "mariadb://nobody@127.0.0.1:1/c"], "import-unreachable"),
        (["--password-file", "/nowhere/at/all"], "password-file"),
        (["--name", "Ö"], "document-refused"),
    ],
)
def test_what_it_refuses(ready: Desk, arguments: list[str], code: str) -> None:
    told = ready("import", *arguments, "--json")
    assert told.status != 0
    assert told.json["error"]["code"] == code
    assert "secret" not in told.all


def test_what_is_there_already_is_left(filled: Desk, year: int, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    told = filled("import", "--year", year, "--to", tmp_path / "mine", "--write")
    assert (told.status, (tmp_path / "mine" / "letter.txt").read_text()) == (1, "mine")
    assert "Something is there that no import wrote." in told.words


def test_the_log_holds_no_name(
    filled: Desk, school: School, year: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATRICULA_LOG", str(tmp_path / "log"))
    filled("import", "--year", year, "--write")
    told = (tmp_path / "log").read_text()
    assert '"imported"' in told
    assert [each.family for each in school.students if each.family in told] == []


def test_moodle_is_only_read(filled: Desk, site: Running, year: int, deliver: Callable[[School], None]) -> None:
    before = site.sandbox.state.one("SELECT max(id) AS last, sum(timemodified) AS changed FROM user")
    filled("import", "--year", year, "--write", "--profile", "back")
    assert site.sandbox.state.one("SELECT max(id) AS last, sum(timemodified) AS changed FROM user") == before
