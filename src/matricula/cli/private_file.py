"""Files that hold what only the one who asked for them may read."""

import os
from pathlib import Path

from matricula.errors import UsageError


def write_private(file: Path, text: str) -> None:
    """Write a new file that its owner alone can read.

    Raises:
        UsageError: there is such a file, or it cannot be made.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError(
            "There is such a file already; it is left as it is.",
            where=str(file),
            remedy="Name another one with --to, or delete it.",
            code="file-exists",
        ) from error
    except OSError as error:
        raise UsageError(
            f"The file cannot be made: {error.strerror}.",
            where=str(file),
            remedy="Name one in a folder that you may write to with --to.",
            code="file-not-writable",
        ) from error
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)
