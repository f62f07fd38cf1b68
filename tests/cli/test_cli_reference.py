"""The reference pages hold every command, option and setting, and are those that the code makes today."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from matricula.cli.main import COMMANDS, program
from matricula.cli.reference import DOCUMENTS, main, pages

DOCS = Path(__file__).parents[2] / "docs"


def parameters() -> Iterator[tuple[str, str, str | None]]:
    group: Any = typer.main.get_command(program())
    for name in COMMANDS:
        for each in group.commands[name].params:
            for option in each.opts if each.param_type_name == "option" else [each.metavar]:
                yield name, option, each.help


def settings(model: type[BaseModel]) -> Iterator[tuple[str, str | None]]:
    for name, field in model.model_fields.items():
        yield name, field.description
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            for inner, description in settings(field.annotation):
                yield f"{name}.{inner}", description


@pytest.mark.parametrize("name", pages())
def test_the_page_is_up_to_date(name: str) -> None:
    kept = (DOCS / "reference" / name).read_text(encoding="utf-8")
    assert kept == pages()[name], "run ./dev docs"


def test_the_pages_are_written_into_a_folder(tmp_path: Path) -> None:
    main(tmp_path / "new")
    assert {file.name for file in (tmp_path / "new").iterdir()} == set(pages())


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
            if path != "kind":
                assert f"| `{path}` |" in section, f"{kind} {path}"
                assert description, f"{kind} {path} has no description"


def test_the_guide_names_every_command() -> None:
    guide = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert not [name for name in COMMANDS if f"`matricula {name}" not in guide]
