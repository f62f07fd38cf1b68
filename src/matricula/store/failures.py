"""What a database driver's error means for the person in front of it."""

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from matricula.errors import MatriculaError, SettingError, StopError, WaitError

_BUSY: Final = (
    "The state database is busy: another process has been writing to it for too long.",
    "Wait until the other matricula command has ended, then start this one again.",
)
_READ_ONLY: Final = (
    "The state database cannot be written to.",
    "Give the user who runs matricula permission to write to this file and to the folder it is in.",
)
_FULL: Final = (
    "There is no room left for the state database, or the disk failed.",
    "Make room on the disk (or have it checked) and start again; nothing that was stored before is lost.",
)
_CANNOT_OPEN: Final = (
    "The state database cannot be opened.",
    "See that the path is right, is a file and not a folder, and may be read by the user who runs matricula.",
)
_NOT_OURS: Final = (
    "This file is not a database, or it is damaged.",
    "If the path is right, put back the last backup of the state (see docs/state.md).",
)
_UNREACHABLE: Final = (
    "The state database's server cannot be reached or ended the connection.",
    "See that PostgreSQL is running and that the address in the database URL is right, then start again.",
)
_REFUSED: Final = (
    "The state database's server does not let matricula in.",
    "See that user, password and name in the database URL are right and that the user may create tables there.",
)
_UNREADABLE_VALUE: Final = (
    "The state database refused a value.",
    "Look for a NUL character or a number out of range in the record concerned and mend it in the source.",
)

# SQLite's primary result codes (the low byte of an extended code): https://www.sqlite.org/rescode.html
_SQLITE: Final[dict[int, tuple[type[MatriculaError], tuple[str, str], str]]] = {
    sqlite3.SQLITE_BUSY: (WaitError, _BUSY, "state-busy"),
    sqlite3.SQLITE_LOCKED: (WaitError, _BUSY, "state-busy"),
    sqlite3.SQLITE_READONLY: (StopError, _READ_ONLY, "state-read-only"),
    sqlite3.SQLITE_PERM: (StopError, _READ_ONLY, "state-read-only"),
    sqlite3.SQLITE_FULL: (StopError, _FULL, "state-full"),
    sqlite3.SQLITE_IOERR: (StopError, _FULL, "state-full"),
    sqlite3.SQLITE_CANTOPEN: (StopError, _CANNOT_OPEN, "state-unopened"),
    sqlite3.SQLITE_NOTADB: (StopError, _NOT_OURS, "state-damaged"),
    sqlite3.SQLITE_CORRUPT: (StopError, _NOT_OURS, "state-damaged"),
}

# PostgreSQL's SQLSTATE, by its longest known beginning: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRES: Final[dict[str, tuple[type[MatriculaError], tuple[str, str], str]]] = {
    "08": (WaitError, _UNREACHABLE, "state-unreachable"),
    "57P": (WaitError, _UNREACHABLE, "state-unreachable"),
    "53": (WaitError, _UNREACHABLE, "state-unreachable"),
    "40": (WaitError, _BUSY, "state-busy"),
    "55P03": (WaitError, _BUSY, "state-busy"),
    "53100": (StopError, _FULL, "state-full"),
    "58": (StopError, _FULL, "state-full"),
    "25006": (StopError, _READ_ONLY, "state-read-only"),
    "28": (SettingError, _REFUSED, "state-refused"),
    "3D": (SettingError, _REFUSED, "state-refused"),
    "3F": (SettingError, _REFUSED, "state-refused"),
    "42501": (SettingError, _REFUSED, "state-refused"),
    "22": (StopError, _UNREADABLE_VALUE, "state-value"),
}

# Until a connection stands, libpq reports in words only.
_REFUSING_WORDS: Final = ("authentication failed", "does not exist", "no pg_hba.conf entry", "no password")


def explain(error: DBAPIError | PoolTimeoutError, where: str) -> MatriculaError:
    """Put a driver's error into words.

    Args:
        error: what SQLAlchemy raised.
        where: the path or the address of the database, without a password.

    Returns:
        The error to raise instead: `WaitError` where time mends it, `SettingError` where the address is wrong,
        `StopError` for all else. The driver's own words are left out where they could quote a record.
    """
    if isinstance(error, PoolTimeoutError):
        return WaitError(_BUSY[0], where=where, remedy=_BUSY[1], code="state-busy")
    found = _sqlite(error.orig) if isinstance(error.orig, sqlite3.Error) else _postgres(error)
    if found is None:
        return StopError(
            f"The state database failed with {type(error.orig).__name__}{_constraint(error)}.",
            where=where,
            remedy="Start again; if it happens again, report it with what was being done.",
            code="state-failed",
        )
    kind, (what, remedy), code = found
    return kind(what, where=where, remedy=remedy, code=code)


def _constraint(error: DBAPIError) -> str:
    if isinstance(error.orig, sqlite3.IntegrityError):
        return f" ({error.orig})"
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    return f" ({name})" if name else ""


def _sqlite(error: sqlite3.Error) -> tuple[type[MatriculaError], tuple[str, str], str] | None:
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else _SQLITE.get(code & 0xFF)


def _postgres(error: DBAPIError) -> tuple[type[MatriculaError], tuple[str, str], str] | None:
    state = getattr(error.orig, "sqlstate", None) or ""
    for length in (5, 3, 2):
        if state[:length] in _POSTGRES and len(state) >= length:
            return _POSTGRES[state[:length]]
    words = str(error.orig)
    if not state and any(word in words for word in _REFUSING_WORDS):
        return SettingError, _REFUSED, "state-refused"
    if "NUL" in words:
        return StopError, _UNREADABLE_VALUE, "state-value"
    if not state and type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout", "InterfaceError"):
        return WaitError, _UNREACHABLE, "state-unreachable"
    return None
