"""The reference pages, made from the code: every command and option, every setting.

`python -m matricula.cli.reference docs/reference` writes them.
"""

import inspect
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import typer
from annotated_types import Ge, Gt, Le, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from matricula.cli.main import COMMANDS, program
from matricula.cli.reference_messages import messages_page
from matricula.profiles import Profile, Site
from matricula.sources import OneRosterCsvSettings

_MADE = "<!-- Made by `./dev docs` from the code; changes here are lost. -->"

_SETTINGS = (
    "Documents are YAML; each begins with its `kind`. `matricula dump` prints those there are, `matricula load` takes "
    "them in. A setting that is left out has its default; unknown ones are refused."
)

#: Kinds of documents with what stands above their settings.
DOCUMENTS: dict[str, tuple[type[BaseModel], str]] = {
    "site": (Site, "One Moodle. The token is not part of it: see `matricula token`."),
    "source": (
        OneRosterCsvSettings,
        "Where rosters come from. Further settings are `name` and `type`, which says how it is read.",
    ),
    "profile": (Profile, "What a school wants: which roster goes to which site, and by which rules."),
}


def pages() -> dict[str, str]:
    """The reference pages: file name and text."""
    return {"commands.md": commands_page(), "settings.md": settings_page(), "messages.md": messages_page(_MADE)}


def commands_page() -> str:
    """Every command with its arguments and options."""
    group = typer.main.get_command(program())
    context = typer.Context(group, info_name="matricula")
    parts = [
        _MADE,
        "# Commands",
        "What they print, their exit statuses and the keys of their JSON: see [Commands](../commands.md).",
        *_command("matricula", group, context),
    ]
    for name in COMMANDS:
        command = group.get_command(context, name)  # type: ignore[attr-defined]
        parts += _command(f"matricula {name}", command, typer.Context(command, info_name=name, parent=context))
    return "\n\n".join(parts) + "\n"


def settings_page() -> str:
    """Every setting of every kind of document with its default."""
    parts = [
        _MADE,
        "# Settings",
        _SETTINGS,
    ]
    for kind, (model, text) in DOCUMENTS.items():
        rows = [row for row in _settings(model, "") if row[0] != "`kind`"]
        parts += [f"## `kind: {kind}`", text, _table(("setting", "takes", "default", "what it is"), rows)]
    return "\n\n".join(parts) + "\n"


def _command(title: str, command: Any, context: typer.Context) -> Iterator[str]:
    yield f"## {title}"
    yield f"```\n{command.get_usage(context).removeprefix('Usage: ')}\n```"
    for paragraph in inspect.cleandoc(command.help).split("\n\n"):
        lines = paragraph.replace("\b\n", "").split("\n")
        if any(line.startswith("  ") for line in lines):
            plain = [line for line in lines if not line.startswith("  ")]
            code = [line.removeprefix("  ") for line in lines if line.startswith("  ")]
            yield "\n".join([*plain, "", "```", *code, "```"])
        else:
            yield " ".join(lines)
    rows = [_parameter(each) for each in command.params if not getattr(each, "hidden", False)]
    if rows:
        yield _table(("argument or option", "default", "what it is"), rows)


def _parameter(each: Any) -> tuple[str, str, str]:
    takes = "" if getattr(each, "is_flag", False) else f" {each.metavar}" if each.metavar else ""
    option = each.param_type_name == "option"
    name = ", ".join(f"`{opt}{takes}`" for opt in each.opts) if option else f"`{each.metavar or each.name}`"
    default = each.default
    told = (
        "" if default in (None, False, "", (), []) or callable(default) else f"`{getattr(default, 'value', default)}`"
    )
    if each.required:
        told = "required"
    return name, told, each.help or ""


def _settings(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str, str]]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield f"`{path}`", "settings, see below", "", field.description or ""
            yield from _settings(field.annotation, f"{path}.")
        else:
            yield f"`{path}`", _takes(field.annotation, field), _default(field), field.description or ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined:
        return "none"
    return f"`{json.dumps(value, ensure_ascii=False, default=str)}`"


def _takes(annotation: Any, field: FieldInfo | None = None) -> str:
    """A type in words."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in (UnionType, Union):
        return " or ".join(_takes(each) for each in inner if each is not NoneType)
    if origin is Annotated:
        return _takes(inner[0])
    if origin is tuple:
        return f"a list of {_takes(inner[0])}"
    if origin is dict:
        return f"a table of {_takes(inner[0])} to {_takes(inner[1])}"
    words = _WORDS.get(getattr(annotation, "__name__", ""), "text")
    return f"{words}{''.join(_bounds(field))}"


_WORDS = {"bool": "`true` or `false`", "int": "a whole number", "float": "a number", "Path": "a path"}
_WORDS |= {"AnyHttpUrl": "an address"}


def _bounds(field: FieldInfo | None) -> Iterator[str]:
    for bound in field.metadata if field else ():
        if isinstance(bound, Ge):
            yield f", at least {bound.ge}"
        elif isinstance(bound, Gt):
            yield f", more than {bound.gt}"
        elif isinstance(bound, Le):
            yield f", at most {bound.le}"
        elif isinstance(bound, MinLen):
            yield f", at least {bound.min_length} characters"


def _table(headers: tuple[str, ...], rows: list[Any]) -> str:
    lines = [headers, tuple("---" for _ in headers), *rows]
    return "\n".join(f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def main(folder: Path) -> None:
    """Write the pages into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
