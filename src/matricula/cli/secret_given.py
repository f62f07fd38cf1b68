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
