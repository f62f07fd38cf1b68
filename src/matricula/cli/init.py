"""`matricula init`: a home, and the three documents that a plain OneRoster export needs."""

from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import HomeDir
from matricula.cli.screen import Screen
from matricula.cli.token import TokenFile, read_token
from matricula.errors import SettingError, UsageError
from matricula.hub import Home, default_home
from matricula.hub.keys import beside_note

_DOCUMENTS = """\
# The Moodle that is written to. All settings: docs/reference/settings.md
kind: site
name: moodle
url: {url}
---
# Where the roster comes from: a folder or zip of OneRoster CSV files.
kind: source
name: school
type: oneroster-csv
path: {path}
---
# What the school wants. Everything not said here has a sensible default.
kind: profile
name: default
source: school
site: moodle
timezone: {timezone}
"""


def init(
    *,
    moodle: Annotated[str | None, typer.Option("--moodle", metavar="ADDRESS", help="Address of the Moodle.")] = None,
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="PATH", help="Folder or zip of the OneRoster CSV files.")
    ] = None,
    token_file: TokenFile = None,
    timezone: Annotated[
        str | None,
        typer.Option("--timezone", metavar="ZONE", help="The school's time zone; else this computer's own."),
    ] = None,
    home: HomeDir = None,
) -> None:
    """Make a home with the first documents.

    Asks for what is not given. The token is never given as an argument: it is
    read from --token-file, from the environment variable MATRICULA_TOKEN, or
    asked for without showing it. It is kept encrypted.

    Examples:
      matricula init
      matricula init --moodle moodle.school.example --roster /srv/oneroster
    """
    screen = Screen()
    folder = home or default_home()
    _refuse_another(folder)
    address = _address(moodle or _ask("Address of the Moodle", "--moodle"))
    path = _there(roster or Path(_ask("Folder or zip of the OneRoster CSV files", "--roster")))
    token = read_token(token_file, "Token (it is not shown)")
    text = _DOCUMENTS.format(url=_quoted(address), path=_quoted(str(path)), timezone=timezone or _own_timezone())
    with Home.make(folder) as made:
        saved = made.load(text, "matricula init", Path.cwd())
        made.keep_token("moodle", token)
    screen.line(f"Made {folder} with {', '.join(f'{each.kind} {each.name}' for each in saved)}.", "green")
    with Home(folder) as made:
        if note := beside_note(made):
            screen.line(note, "dim")
    screen.line("Next:")
    where = f" --home {home}" if home else ""
    for command, what in _NEXT:
        screen.line(f"matricula{where} {command}", "bold", indent=2)
        screen.line(what, indent=6)


_NEXT = (
    ("check", "whether this Moodle has everything a run needs"),
    ("plan", "what would change, by name; nothing is written"),
    ("dump", "the documents, to be changed and loaded again"),
)


def _refuse_another(folder: Path) -> None:
    try:
        with Home(folder) as there:
            names = [f"{kind} {name}" for kind in ("site", "source", "profile") for name in there.names(kind)]
    except SettingError as error:
        if error.code == "no-home":
            return
        raise
    if names:
        raise UsageError(
            f"There is a Matricula already, with {', '.join(names)}.",
            where=str(folder),
            remedy="Change its documents with `matricula dump` and `matricula load`, its token with `matricula "
            "token`; or name another folder with --home.",
            code="home-exists",
        )


def _ask(question: str, option: str) -> str:
    if not typer.get_text_stream("stdin").isatty():
        raise UsageError(
            f"{question}?",
            where="matricula init",
            remedy=f"Nobody is there to be asked: give it with {option}.",
            code="answer-missing",
        )
    return str(typer.prompt(question, err=True)).strip()


def _address(given: str) -> str:
    return given if "://" in given else f"https://{given}"


def _there(path: Path) -> Path:
    path = path.expanduser().resolve()
    if not path.exists():
        raise UsageError(
            "There is no such folder or file.",
            where=str(path),
            remedy="Name the folder that holds users.csv, classes.csv and the others, or the zip of them.",
            code="roster-missing",
        )
    return path


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _own_timezone() -> str:
    """This computer's time zone by its name, where that can be told."""
    parts = Path("/etc/localtime").resolve().parts
    return "/".join(parts[parts.index("zoneinfo") + 1 :]) if "zoneinfo" in parts else "UTC"
