"""The reference pages, made from the code: every command and option, every setting, the JSON Schema of profiles.

`python -m matricula.cli.reference docs/reference` writes them.
"""

import inspect
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from matricula.cli.main import program
from matricula.cli.reference_messages import messages_page
from matricula.cli.reference_routes import permissions_page
from matricula.cli.reference_settings import WORDS, rows_of
from matricula.grades.rules import RULES as GRADE_RULES
from matricula.profiles import Profile, Site
from matricula.profiles.documents import Import, ServiceSettings
from matricula.profiles.structure import profile_schema
from matricula.roster import CODES
from matricula.sinks import SINKS
from matricula.sources import SOURCES

_MADE = "<!-- Made by `./dev docs` from the code; changes here are lost. -->"

_SETTINGS = (
    "Documents are YAML; each begins with its `kind`. `matricula dump` prints those there are, `matricula load` takes "
    "them in. A setting that is left out has its default; unknown ones are refused."
)

#: Kinds of documents with what stands above their settings.
DOCUMENTS: dict[str, tuple[type[BaseModel], str]] = {
    "site": (Site, "One Moodle. The token is not part of it: see `matricula token`."),
    **{
        f"source`, `type: {kind}": (
            source.Settings,
            f"{inspect.cleandoc(source.Settings.__doc__)} Further settings are `name` and `type`.",
        )
        for kind, source in SOURCES.items()
    },
    **{
        f"sink`, `type: {kind}": (
            sink.Settings,
            f"{inspect.cleandoc(sink.Settings.__doc__)} Further settings are `name` and `type`.",
        )
        for kind, sink in SINKS.items()
    },
    "profile": (Profile, "What a school wants: which roster goes to which site, and by which rules."),
    "import": (Import, "What a first import takes from a site, and as what: [first import](../first-import.md)."),
    "service": (
        ServiceSettings,
        "How the service is reached, signed on to, and tells people. There is at most one, named `service`.",
    ),
}


@cache
def pages() -> dict[str, str]:
    """The reference pages: file name and text."""
    return {
        "commands.md": commands_page(),
        "settings.md": settings_page(),
        "messages.md": messages_page(_MADE),
        "findings.md": findings_page(),
        "permissions.md": permissions_page(_MADE),
        "profile.schema.json": json.dumps(profile_schema(), ensure_ascii=False, indent=2) + "\n",
    }


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
    for name, command, within in commands_under(group, context):
        parts += _command(f"matricula {name}", command, within)
    return "\n\n".join(parts) + "\n"


def commands_under(group: Any, context: typer.Context) -> Iterator[tuple[str, Any, typer.Context]]:
    """Every command under another one with its full name and context, those that stand under a word of theirs, too."""
    for name, command in group.commands.items():
        within = typer.Context(command, info_name=name, parent=context)
        yield name, command, within
        if hasattr(command, "commands"):
            for below, inner, its in commands_under(command, within):
                yield f"{name} {below}", inner, its


def settings_page() -> str:
    """Every setting of every kind of document with its default."""
    parts = [
        _MADE,
        "# Settings",
        _SETTINGS,
    ]
    for kind, (model, text) in DOCUMENTS.items():
        rows = [row for row in rows_of(model) if row[0] not in ("`kind`", "`type`")]
        parts += [f"## `kind: {kind}`", text, _table(("setting", "takes", "default", "what it is"), rows)]
    for title, (headers, rows_of_words) in WORDS.items():
        parts += [f"## {title}", _table(headers, rows_of_words)]
    return "\n\n".join(parts) + "\n"


def findings_page() -> str:
    """Every kind of finding that reading a roster, and working out a school's gradebook, can have."""
    headers = ("code", "gravity", "what was found, and what was done", "what mends it")
    tables = [
        _table(headers, [(f"`{each.code}`", each.severity, each.meaning, each.remedy) for each in codes.values()])
        for codes in (CODES, GRADE_RULES)
    ]
    text = "What reading a delivery can find wrong. An error means that something of it could not be used."
    of_grades = "What can be wrong with grades that are to go to the school: see [grades](../grades.md)."
    parts = [_MADE, "# Findings", text, tables[0], "## In transfers of grades", of_grades, tables[1]]
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
