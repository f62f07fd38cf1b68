"""How a secret comes in: from a file, from the environment, from standard input, or asked for without showing it."""

import os
import sys
from getpass import getpass
from pathlib import Path

from matricula.errors import UsageError


def read_secret(file: Path | None, question: str, variable: str = "") -> str:
    """A secret.

    Args:
        file: the file, where one was named.
        question: what the person at the terminal is asked.
        variable: an environment variable that may hold it, before standard input is looked at.

    Raises:
        UsageError: the file cannot be read, or what came is not one line.
    """
    if file is not None:
        try:
            given = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                "The secret cannot be read from this file.",
                where=str(file),
                remedy="See that the file is there, that you may read it, and that it is plain text.",
                code="secret-file",
            ) from error
    elif variable and os.environ.get(variable, "").strip():
        given = os.environ[variable]
    else:
        given = getpass(f"{question}: ") if sys.stdin.isatty() else sys.stdin.read()
    lines = given.rstrip("\r\n").splitlines()
    if len(lines) != 1 or not lines[0].strip():
        raise UsageError(
            "No secret was given." if not given.strip() else "More than one line was given.",
            where=str(file or "standard input"),
            remedy="Give one line: the secret alone.",
            code="secret-file",
        )
    return lines[0]


def which_secret(kind: str, name: str, which: str | None, needed: tuple[str, ...]) -> str:
    """The secret of a document that is meant; the only one where none is said.

    Args:
        kind: kind of document, `source` or `sink`.
        name: its name.
        which: the secret that was said.
        needed: the secrets that it needs.

    Raises:
        UsageError: none was said where there are several, or one that it does not need.
    """
    if which is None and len(needed) == 1:
        return needed[0]
    if which is None or which not in needed:
        raise UsageError(
            f"It needs no secret “{which}”." if which else "Say which secret is meant." if needed else "It needs none.",
            where=f"{kind} {name}",
            remedy=f"It needs: {', '.join(needed)}." if needed else "There is nothing to enter.",
            code="secret-unknown",
        )
    return which
