"""`matricula token`: a site's token, read so that nobody sees it and kept encrypted."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import HomeDir, SiteName, open_hub, the_one
from matricula.cli.screen import Screen
from matricula.errors import UsageError
from matricula.hub.audited import note_setting

VARIABLE = "MATRICULA_TOKEN"

TokenFile = Annotated[
    Path | None, typer.Option("--token-file", metavar="FILE", help="A file that holds the token and nothing else.")
]


def token(site: SiteName = None, *, token_file: TokenFile = None, home: HomeDir = None) -> None:
    """Keep a site's token, encrypted.

    It is read from --token-file, from the environment variable
    MATRICULA_TOKEN, or asked for without showing it.

    Examples:
      matricula token
      matricula token moodle --token-file /run/secrets/moodle
    """
    with open_hub(home) as hub:
        name = the_one(hub, "site", site)
        hub.home.site(name)
        hub.home.keep_token(name, read_token(token_file, f"Token of {name} (it is not shown)"))
        note_setting(hub.home, "site.token", f"site {name}", site=name)
        Screen().line(f"The token of {name} is kept. Try it with: matricula check {name}", "green")


def read_token(file: Path | None, question: str) -> str:
    """A token from a file, else from MATRICULA_TOKEN, else from the person at the terminal.

    Args:
        file: the file, where one was named.
        question: what the person is asked.

    Raises:
        UsageError: the file cannot be read or holds none, or nobody is there to be asked.
    """
    if file is not None:
        return _from_file(file)
    if os.environ.get(VARIABLE, "").strip():
        return os.environ[VARIABLE].strip()
    if not sys.stdin.isatty():
        raise UsageError(
            "No token was given.",
            remedy=f"Name a file with --token-file or set {VARIABLE}. Moodle shows tokens under Site "
            "administration > Server > Web services > Manage tokens.",
            code="token-missing",
        )
    return str(typer.prompt(question, hide_input=True, err=True)).strip()


def _from_file(file: Path) -> str:
    try:
        found = file.read_text(encoding="utf-8-sig").split()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "The token cannot be read from this file.",
            where=str(file),
            remedy="See that the file is there, that you may read it, and that it is plain text.",
            code="token-file",
        ) from error
    if len(found) != 1:
        raise UsageError(
            "The file holds no token." if not found else "The file holds more than a token.",
            where=str(file),
            remedy="It should hold one line: the token that Moodle shows.",
            code="token-file",
        )
    return found[0]
