"""Files that commands write for people: new ones, which their owner alone can read."""

import os
from pathlib import Path

from matricula.errors import UsageError


def write_new(file: Path, text: str, option: str = "--to") -> None:
    """Write a new file that its owner alone can read; one that is there is never replaced.

    Args:
        file: where.
        text: what.
        option: the option that names it, for messages.

    Raises:
        UsageError: there is such a file, or it cannot be made.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(
            "There is such a file already; it is left as it is.",
            where=str(file),
            remedy=f"Name another one with {option}, or delete it.",
            code="file-exists",
        ) from error
    except OSError as error:
        raise UsageError(
            f"The file cannot be made: {error.strerror}.",
            where=str(file),
            remedy=f"Name one in a folder that you may write to with {option}.",
            code="file-not-writable",
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as opened:
        opened.write(text)
