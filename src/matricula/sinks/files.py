"""Files that are written whole or not at all, by one writer at a time."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from matricula.errors import StopError, WaitError

PART = ".part"
PATIENCE = 60.0
"""Seconds that a writer waits for another."""


def replace_whole(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file beside its place and give it its name when it is whole and on the disk.

    Args:
        path: the file; one that is there is replaced.
        write: writes the file at the path it is given.

    Raises:
        StopError: it cannot be written; what was there stands.
    """
    beside = path.with_name(f".{path.name}{PART}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.unlink(missing_ok=True)
        try:
            os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_RDWR, _mode_of(path)))
            write(beside)
            _to_disk(beside)
            os.replace(beside, path)  # noqa: PTH105 - the word says what is meant
            _sync_folder(path.parent)
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def one_writer(path: Path) -> Iterator[None]:
    """Let nobody else who asks likewise write to a place meanwhile.

    Args:
        path: a file or folder; the lock is a file beside it.

    Raises:
        WaitError: somebody else has been writing for longer than is waited.
        StopError: nothing can be written there.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        _lock(handle, path)
        yield
    finally:
        # The lock ends with its handle; its file stays, since whoever waits for it holds that very file.
        os.close(handle)


def _lock(handle: int, path: Path) -> None:
    patience = time.monotonic() + PATIENCE
    while not _locked(handle):
        if time.monotonic() > patience:
            raise WaitError(
                "Somebody else is writing there.",
                where=str(path),
                remedy="Try again when that has ended.",
                code="sink-busy",
            )
        time.sleep(0.05)


def _locked(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _mode_of(path: Path) -> int:
    """The permissions of a file; one that is new may be read by its owner and group, since grades are nobody else's."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return 0o640


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unwritable(path: Path, error: OSError) -> StopError:
    return StopError(
        f"It cannot be written: {error.strerror or type(error).__name__}.",
        where=str(path),
        remedy="Let the account that runs Matricula write there, and see that the disk is not full.",
        code="sink-unwritable",
    )
