"""Copies of a state database in SQLite: of one moment, whole, and for their owner alone."""

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from matricula.errors import StopError

PART: Final = ".part"
"""What the name of a copy ends in until it is complete."""


def copy_pages(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Put what one database holds in the place of what another one holds, at once or not at all.

    In one step: a copy in several would begin anew with each commit of a run that is at work meanwhile. Writers do not
    wait for it, as SQLite in WAL mode lets them append.
    """
    target.execute("PRAGMA synchronous = FULL")
    source.backup(target, pages=-1)


def copy_to(
    source: sqlite3.Connection, to: Path, finish: Callable[[sqlite3.Connection], None] = lambda _: None
) -> None:
    """Write a copy into a file of its own, beside it first, so that the file is the whole copy or is not there.

    Args:
        source: a connection to the database.
        to: the file; one that is there is replaced.
        finish: puts more into the copy before it gets its name.

    Raises:
        StopError: the file cannot be written.
        sqlite3.DatabaseError: the database is damaged.
    """
    beside = to.with_name(to.name + PART)
    try:
        beside.unlink(missing_ok=True)
        os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            with closing(sqlite3.connect(beside, isolation_level=None)) as target:
                copy_pages(source, target)
                # Without this the copy would need a second file beside it whenever it is read.
                target.execute("PRAGMA journal_mode = DELETE")
                target.execute("PRAGMA secure_delete = ON")
                finish(target)
            _to_disk(beside)
            os.replace(beside, to)  # noqa: PTH105 - the word says what is meant
            sync_folder(to.parent)
        finally:
            beside.unlink(missing_ok=True)
    except sqlite3.OperationalError as error:
        raise _unwritable(to, str(error)) from error
    except OSError as error:
        raise _unwritable(to, error.strerror or type(error).__name__) from error


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk; Windows does that by itself and opens no folders."""
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(to: Path, told: str) -> StopError:
    return StopError(
        f"The copy of the state cannot be written: {told}.",
        where=str(to),
        remedy="Make room there, or name a folder that is there and that the user who runs matricula may write to.",
        code="copy-unwritable",
    )
