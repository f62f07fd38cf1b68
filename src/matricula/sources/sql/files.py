"""SQLite files: read without holding up the program that writes them, and without leaving anything beside them."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from matricula.errors import SettingError, StopError, WaitError
from matricula.sources.sql.errors import Asked, explained

_MAGIC = b"SQLite format 3\0"
_WRITE_VERSION = 18
_WAL = 2
_PAGES = 4096


@contextmanager
def readable(path: Path, seconds: int, asked: Asked) -> Iterator[Callable[[], sqlite3.Connection]]:
    """What opens a file for a reading of one moment.

    In WAL mode a reader never keeps a writer waiting, so the file is read where it is. In the other modes a read
    transaction would: the file is copied by SQLite's backup first. A file in WAL mode that no program has open is
    copied too, because opening it would make files beside it that belong to the account that runs Matricula.

    Args:
        path: the file.
        seconds: how long is waited for a writer.
        asked: what is being asked, for the words where it goes wrong.

    Raises:
        SettingError: there is no such file, or it is no SQLite database.
        StopError: it cannot be read.
        WaitError: it was being written to all the time.
    """
    head = _head(path)
    wal = head[_WRITE_VERSION] == _WAL
    if wal and path.with_name(f"{path.name}-wal").exists():
        yield lambda: _opened(path, seconds)
        return
    with TemporaryDirectory(prefix="matricula-") as folder:
        copy = Path(folder) / "copy.sqlite"
        if wal:
            _copy_closed(path, copy)
        else:
            try:
                _back_up(path, copy, seconds)
            except sqlite3.Error as error:
                raise explained(error, asked) from None
        yield lambda: _opened(copy, seconds)


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise SettingError(
            "There is no such file.",
            where=str(path),
            remedy="Set `path` to the SQLite file; a relative one is meant from the folder of the document.",
            code="sql-no-file",
        ) from error
    except OSError as error:
        raise StopError(
            f"The file cannot be read: {error.strerror}.",
            where=str(path),
            remedy="Let the account that runs Matricula read the file; `path` must be a file and no folder.",
            code="sql-file-unreadable",
        ) from error
    if not head.startswith(_MAGIC):
        raise SettingError(
            "This is no SQLite database.",
            where=str(path),
            remedy="Set `path` to the SQLite file itself, not to an export or a backup in another format.",
            code="sql-not-sqlite",
        )
    return head


def _opened(path: Path, seconds: int) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=seconds, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA query_only = 1")
    return connection


def _copy_closed(path: Path, copy: Path) -> None:
    """Copy a file that no program has open, and see that it stayed so."""
    before = path.stat()
    copyfile(path, copy)
    after = path.stat()
    same = (before.st_mtime_ns, before.st_size) == (after.st_mtime_ns, after.st_size)
    if not same or path.with_name(f"{path.name}-wal").exists():
        raise _written_to(path)


def _back_up(path: Path, copy: Path, seconds: int) -> None:
    until = time.monotonic() + seconds

    def go_on(*_: int) -> None:
        if time.monotonic() > until:
            raise _written_to(path)

    source = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=1)
    with closing(source), closing(sqlite3.connect(copy)) as target:
        source.backup(target, pages=_PAGES, progress=go_on, sleep=0.05)


def _written_to(path: Path) -> WaitError:
    return WaitError(
        "Another program was writing to the file all the time.",
        where=str(path),
        remedy="Read it at another hour, or set a longer `timeout`.",
        code="sql-busy",
    )
