"""Backups of a state database in SQLite: a copy with a table that says what it is."""

import json
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import delete, update

from matricula import logs
from matricula.errors import SettingError, StopError
from matricula.store import schema
from matricula.store.copying import copy_to
from matricula.store.database import Database
from matricula.store.migrating import HEAD, VERSION_TABLE, known_versions, migrate

_MANIFEST: Final = "matricula_backup"
_RESTORED: Final = {
    "code": "restored",
    "what": "It waited when the backup was made that is in force now.",
    "where": "",
    "remedy": "Ask for it again.",
}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself.

    Args:
        tables: the version of its tables.
        made_at: when it was made; None where the file is a plain copy of a state.
        program: the version of matricula that made it.
        keys: the keys of its secrets, where they were to be in it.
    """

    tables: str
    made_at: datetime | None
    program: str = ""
    keys: tuple[str, ...] = field(default=(), repr=False)


def back_up(database: Database, to: Path, manifest: Manifest) -> None:
    """Write a backup of one moment, while others read and write.

    Args:
        database: the state, in SQLite.
        to: the file; one that is there is replaced at the end.
        manifest: what the backup says of itself.

    Raises:
        StopError: the file cannot be written.
    """
    told = {"tables": manifest.tables, "program": manifest.program, "key": "yes" if manifest.keys else "no"}
    told |= {"made_at": manifest.made_at.isoformat()} if manifest.made_at else {}
    told |= {"keys": " ".join(manifest.keys)} if manifest.keys else {}

    def describe(copy: sqlite3.Connection) -> None:
        copy.execute(f"CREATE TABLE {_MANIFEST} (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        copy.executemany(f"INSERT INTO {_MANIFEST} VALUES (?, ?)", list(told.items()))  # noqa: S608 - our own name

    database.copy_to(to, describe)


def stage(file: Path, beside: Path) -> Manifest:
    """Make of a backup a state that could be put in force, without touching the one that is.

    It is copied, checked from end to end, brought up to date, and made fit for another day: nobody is signed in, no
    job waits and nothing is about to be sent, since all that was so when the backup was made and not since.

    Args:
        file: the backup, or any copy of a state.
        beside: where the state is made; whoever calls takes it away when this fails.

    Returns:
        what the backup says of itself.

    Raises:
        SettingError: it is no backup of matricula, or one of a newer one.
        StopError: it is damaged, cannot be read, or there is no room.
    """
    manifest = _copied(file, beside)
    if manifest.tables not in known_versions():
        raise SettingError(
            f"The backup was made by a newer matricula: its tables are of version {manifest.tables}, this matricula "
            f"knows them up to {HEAD}.",
            where=str(file),
            remedy="Install that matricula, or a newer one, and restore with it.",
            code="backup-newer",
        )
    with closing(Database(beside)) as database:
        migrate(database, keep=False)
        _begin_anew(database)
    return manifest


def _copied(file: Path, beside: Path) -> Manifest:
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as source:
            source.execute("PRAGMA schema_version").fetchone()
            manifest = _manifest_of(source, file)
            copy_to(source, beside, lambda copy: _check(copy, file))
    except sqlite3.OperationalError as error:
        raise StopError(
            f"The backup cannot be read: {error}.",
            where=str(file),
            remedy="See that the path is right, and that the user who runs matricula may read the file.",
            code="backup-unread",
        ) from error
    except sqlite3.DatabaseError as error:
        raise _damaged(file, str(error)) from error
    return manifest


def _manifest_of(source: sqlite3.Connection, file: Path) -> Manifest:
    names = {name for (name,) in source.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    version = source.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone() if VERSION_TABLE in names else None  # noqa: S608 - our own name
    if version is None:
        raise SettingError(
            "This file is no backup of matricula.",
            where=str(file),
            remedy="Name a file that `matricula backup` wrote, or a copy of matricula.db.",
            code="backup-strange",
        )
    if _MANIFEST not in names:
        return Manifest(version[0], None)
    told = dict(source.execute(f"SELECT name, value FROM {_MANIFEST}").fetchall())  # noqa: S608 - our own name
    made = None
    with suppress(ValueError, KeyError):
        made = datetime.fromisoformat(told["made_at"])
    keys = tuple(logs.hide(key) for key in told.get("keys", "").split())
    return Manifest(version[0], made, told.get("program", ""), keys)


def _check(copy: sqlite3.Connection, file: Path) -> None:
    # The key is for the key file alone, and what is deleted here is overwritten.
    copy.execute(f"DROP TABLE IF EXISTS {_MANIFEST}")
    found = [str(row[0]) for row in copy.execute("PRAGMA integrity_check(5)")]
    if found != ["ok"]:
        raise _damaged(file, found[0].partition("\n")[0])


def _damaged(file: Path, told: str) -> StopError:
    return StopError(
        f"The backup is damaged: {told}.",
        where=str(file),
        remedy="Take another one. Nothing was changed.",
        code="backup-damaged",
    )


def _begin_anew(database: Database) -> None:
    now = datetime.now(UTC)
    job, sending = schema.job, schema.sending
    with database.writing() as connection:
        connection.execute(delete(schema.session))
        connection.execute(delete(schema.portal_session))
        connection.execute(delete(schema.sign_on_grant))
        connection.execute(delete(schema.answered))
        connection.execute(delete(schema.worker))
        connection.execute(delete(schema.due))
        connection.execute(
            update(job)
            .where(job.c.state.in_(("waiting", "working")))
            .values(state="cancelled", ended_at=now, error=json.dumps(_RESTORED))
        )
        connection.execute(
            update(sending).where(sending.c.state == "waiting").values(state="given-up", error=_RESTORED["what"])
        )
        connection.execute(delete(schema.wish).where(schema.wish.c.job.is_(None)))
