"""The reference pages hold every command, option and setting, and are those that the code makes today."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_origin

import pytest
import typer
from pydantic import BaseModel

from matricula.cli.main import COMMANDS, program
from matricula.cli.reference import DOCUMENTS, commands_under, main, pages
from matricula.profiles.documents.courses import LEVEL_NAMES
from matricula.profiles.documents.limits import REMOVALS
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS
from matricula.profiles.outline import bare, inner, is_model
from matricula.profiles.vocabulary import ENROLMENTS, PEOPLE

DOCS = Path(__file__).parents[2] / "docs"
KEPT = sorted(file.name for file in (DOCS / "reference").iterdir())


def parameters() -> Iterator[tuple[str, str, str | None]]:
    group: Any = typer.main.get_command(program())
    for name, command, _ in commands_under(group, typer.Context(group)):
        for each in command.params:
            for option in each.opts if each.param_type_name == "option" else [each.metavar]:
                yield name, option, each.help


def settings(model: type[BaseModel]) -> Iterator[tuple[str, str | None]]:
    for name, field in model.model_fields.items():
        yield name, field.description
        part, between = bare(field.annotation), ""
        while within := inner(part):
            part, between = within, between + ("[]" if get_origin(part) is tuple else ".NAME")
        if is_model(part):
            for below, description in settings(part):
                yield f"{name}{between}.{below}", description


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return pages()


@pytest.mark.parametrize("name", KEPT)
def test_the_page_is_up_to_date(name: str, made: dict[str, str]) -> None:
    kept = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert kept == made[name], "run ./dev docs"


def test_the_pages_are_written_into_a_folder(tmp_path: Path, made: dict[str, str]) -> None:
    main(tmp_path / "new")
    assert {file.name for file in (tmp_path / "new").iterdir()} == set(made) == set(KEPT)


def test_every_command_and_option_is_documented() -> None:
    page = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    for command, option, words in parameters():
        section = page.partition(f"## matricula {command}\n")[2].partition("\n## ")[0]
        assert f"`{option}" in section, f"{command} {option}"
        assert words, f"{command} {option} has no help"


def test_every_setting_is_documented() -> None:
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    for kind, (model, _) in DOCUMENTS.items():
        section = page.partition(f"## `kind: {kind}`\n")[2].partition("\n## ")[0]
        for path, description in settings(model):
            if path not in ("kind", "type"):
                assert f"| `{path}` |" in section, f"{kind} {path}"
                assert description, f"{kind} {path} has no description"


def test_every_word_of_a_setting_is_documented() -> None:
    page = (DOCS / "reference" / "settings.md").read_text(encoding="utf-8")
    properties = [name for vocabulary in (PEOPLE, ENROLMENTS) for name in vocabulary.properties]
    for name in (*USER_FIELDS, *COURSE_FIELDS, *LEVEL_NAMES, *REMOVALS, *properties):
        assert f"| `{name}` |" in page, name


def test_the_guide_names_every_command() -> None:
    guide = (DOCS / "commands.md").read_text(encoding="utf-8")
    group: Any = typer.main.get_command(program())
    names = [name for name, _, _ in commands_under(group, typer.Context(group))]
    assert set(COMMANDS) <= {name.split()[0] for name in names}
    assert not [name for name in names if f"`matricula {name}" not in guide]
