"""`matricula load`: documents taken in from YAML files."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from matricula.cli.desk import AsJson, HomeDir
from matricula.cli.screen import Screen
from matricula.errors import UsageError
from matricula.hub import Home, default_home
from matricula.hub.audited import note_setting


def load(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="YAML files; - reads standard input.")],
    *,
    home: HomeDir = None,
    as_json: AsJson = False,
) -> None:
    """Take documents in from YAML files.

    Of a file all documents are taken in or, where one has a fault, none. The
    home is made where there is none. Relative paths in a source are meant
    from the folder of the file.

    Examples:
      matricula load school.yaml
      matricula dump > school.yaml      (edit it, then)
      matricula load school.yaml
    """
    screen = Screen(as_json=as_json)
    with Home.make(home or default_home()) as opened:
        saved = [each for file in files for each in opened.load(*_read(file))]
        for each in saved:
            note_setting(
                opened,
                "document.loaded",
                f"{each.kind} {each.name}",
                site=each.name if each.kind == "site" else "",
                profile=each.name if each.kind == "profile" else "",
                words=f"revision {each.revision}",
            )
        unmet = {each.name: opened.unmet(each.name) for each in saved if each.kind == "profile"}
    if as_json:
        screen.json({"documents": saved})
    for each in [] if as_json else saved:
        screen.line(f"{each.kind} {each.name}, revision {each.revision}")
    for name, missing in unmet.items():
        if missing:
            screen.note(f"profile {name} names what is not there yet: {', '.join(missing)}. Load it before planning.")


def _read(file: Path) -> tuple[str, str, Path]:
    """A file's text, its name for messages, and the folder its relative paths are meant from."""
    if str(file) == "-":
        return sys.stdin.read(), "standard input", Path.cwd()
    try:
        return file.read_text(encoding="utf-8-sig"), str(file), file.resolve().parent
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "This file cannot be read as text.",
            where=str(file),
            remedy="See that the file is there and that it is YAML in UTF-8.",
            code="file-unreadable",
        ) from error
