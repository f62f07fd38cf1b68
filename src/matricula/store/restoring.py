"""A restored state put in the place of the one in force, when nobody is at work on it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import select

from matricula.errors import MatriculaError, StopError, WaitError
from matricula.store import schema
from matricula.store.copying import copy_pages, copy_to, sync_folder
from matricula.store.database import Database
from matricula.store.migrating import is_current
from matricula.store.runs import STALE_AFTER, Runs
from matricula.store.workers import Workers

_WAIT_SECONDS: Final = 2
_IN_USE: Final = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NO_DATABASE: Final = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def put(staged: Path, current: Path, aside: Path) -> bool:
    """Put a state in the place of the one in force, which is kept aside; cut off anywhere, either is in force whole.

    Args:
        staged: the new state; it is gone afterwards.
        current: the file of the state in force, which need not be there, and may be damaged.
        aside: where what was there is kept.

    Returns:
        whether something was there.

    Raises:
        WaitError: a service, a run or another command is at work on it.
        StopError: there is no room for both.
    """
    if not current.exists():
        os.replace(staged, current)  # noqa: PTH105 - the word says what is meant
        sync_folder(current.parent)
        return False
    _refuse_at_work(current)
    try:
        with closing(sqlite3.connect(current, timeout=_WAIT_SECONDS, isolation_level=None)) as now:
            _take_alone(now)
            copy_to(now, aside)
            # Into the file and not over it: who opens it meanwhile waits, instead of writing into the old one.
            with closing(sqlite3.connect(staged)) as new:
                now.execute("PRAGMA secure_delete = ON")
                copy_pages(new, now)
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in _IN_USE:
            raise _at_work(current, "another process has it open") from error
        if code not in _NO_DATABASE:
            raise StopError(
                f"The state cannot be replaced: {error}.",
                where=str(current),
                remedy="Make room, or see that the user who runs matricula may write there; it is as it was.",
                code="restore-unwritable",
            ) from error
        _exchange(staged, current, aside)
    staged.unlink(missing_ok=True)
    return True


def _take_alone(connection: sqlite3.Connection) -> None:
    """Take the file for this connection alone; every process that has it open holds a share in it, also an idle one."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("COMMIT")


def _exchange(staged: Path, current: Path, aside: Path) -> None:
    """Rename files where the one in force is no database any more, so that nobody can be at work on it."""
    for ending in ("-wal", "-shm"):
        beside = current.with_name(current.name + ending)
        if beside.exists():
            os.replace(beside, aside.with_name(aside.name + ending))  # noqa: PTH105 - the word says what is meant
    os.replace(current, aside)  # noqa: PTH105 - the word says what is meant
    os.replace(staged, current)  # noqa: PTH105 - the word says what is meant
    sync_folder(current.parent)


def _refuse_at_work(current: Path) -> None:
    """Say who is at work, as far as the state itself knows; that nobody is, only the lock on the file can prove."""
    try:
        with closing(Database(current)) as database:
            told = _told_at_work(database) if is_current(database) else ""
    except WaitError as error:
        raise _at_work(current, "another process is writing to it") from error
    except MatriculaError:
        return  # it is damaged, or no state: what it says of itself does not count
    if told:
        raise _at_work(current, told)


def _told_at_work(database: Database) -> str:
    runs, workers = Runs(database), Workers(database)
    with database.reading() as connection:
        sites = connection.execute(select(schema.site_lock.c.site)).scalars().all()
    for site in sites:
        live = runs.live(site)
        if live is not None:
            return f"run {live.id} is writing to {site} (process {live.pid} on {live.host})"
    dead = workers.dead()
    for each in workers.all():
        if each not in dead:
            return f"a worker is at work (process {each.pid} on {each.host})"
    return ""


def _at_work(current: Path, told: str) -> WaitError:
    return WaitError(
        f"The state is in use: {told}.",
        where=str(current),
        remedy="Stop the service (`systemctl stop matricula`) and wait until runs have ended, then restore again. A "
        f"worker on a machine that failed is taken for gone after {STALE_AFTER.seconds} seconds.",
        code="restore-in-use",
    )
