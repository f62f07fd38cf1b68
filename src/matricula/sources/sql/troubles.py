"""What a driver's error means: each database has numbers or words of its own for the same few troubles."""

import re
import sqlite3
from collections.abc import Mapping
from enum import StrEnum


class Trouble(StrEnum):
    """What can go wrong with a database."""

    UNREACHABLE = "unreachable"
    LOST = "lost"
    LOGIN = "login"
    DATABASE = "database"
    TLS = "tls"
    OPTION = "option"
    BUSY = "busy"
    TIME = "time"
    TABLE = "table"
    COLUMN = "column"
    DENIED = "denied"
    WRITES = "writes"
    SYNTAX = "syntax"
    VALUE = "value"
    DAMAGED = "damaged"
    OTHER = "other"


_T = Trouble

# https://www.postgresql.org/docs/current/errcodes-appendix.html; the longest beginning counts.
_POSTGRESQL: Mapping[str, Trouble] = {
    "08": _T.LOST,
    "57P": _T.LOST,
    "57014": _T.TIME,
    "55P03": _T.BUSY,
    "53": _T.BUSY,
    "40": _T.BUSY,
    "28": _T.LOGIN,
    "3D": _T.DATABASE,
    "3F000": _T.TABLE,
    "42P01": _T.TABLE,
    "42703": _T.COLUMN,
    "42501": _T.DENIED,
    "25006": _T.WRITES,
    "42": _T.SYNTAX,
    "22": _T.VALUE,
}

# https://mariadb.com/kb/en/mariadb-error-code-reference/ and MySQL's own reference.
_MYSQL: Mapping[int, Trouble] = {
    1040: _T.BUSY,
    1044: _T.DENIED,
    1045: _T.LOGIN,
    1046: _T.DATABASE,
    1049: _T.DATABASE,
    1054: _T.COLUMN,
    1064: _T.SYNTAX,
    1130: _T.LOGIN,
    1142: _T.DENIED,
    1143: _T.DENIED,
    1146: _T.TABLE,
    1158: _T.LOST,
    1159: _T.LOST,
    1203: _T.BUSY,
    1205: _T.BUSY,
    1213: _T.BUSY,
    1226: _T.BUSY,
    1227: _T.DENIED,
    1317: _T.LOST,
    1356: _T.DENIED,
    1370: _T.DENIED,
    1412: _T.BUSY,
    1698: _T.LOGIN,
    1792: _T.WRITES,
    1927: _T.LOST,
    1969: _T.TIME,
    2002: _T.UNREACHABLE,
    2003: _T.UNREACHABLE,
    2005: _T.UNREACHABLE,
    2006: _T.LOST,
    2013: _T.LOST,
    2026: _T.TLS,
    3024: _T.TIME,
    3159: _T.TLS,
}

# https://www.sqlite.org/rescode.html, primary result codes.
_SQLITE: Mapping[int, Trouble] = {
    sqlite3.SQLITE_BUSY: _T.BUSY,
    sqlite3.SQLITE_LOCKED: _T.BUSY,
    sqlite3.SQLITE_INTERRUPT: _T.TIME,
    sqlite3.SQLITE_READONLY: _T.WRITES,
    sqlite3.SQLITE_AUTH: _T.DENIED,
    sqlite3.SQLITE_CANTOPEN: _T.DAMAGED,
    sqlite3.SQLITE_IOERR: _T.DAMAGED,
    sqlite3.SQLITE_NOTADB: _T.DAMAGED,
    sqlite3.SQLITE_CORRUPT: _T.DAMAGED,
}

# https://docs.oracle.com/error-help/db/ and python-oracledb's DPY codes.
_ORACLE: Mapping[str, Trouble] = {
    "ORA-00028": _T.LOST,
    "ORA-00054": _T.BUSY,
    "ORA-00904": _T.COLUMN,
    "ORA-00942": _T.TABLE,
    "ORA-01017": _T.LOGIN,
    "ORA-01031": _T.DENIED,
    "ORA-01456": _T.WRITES,
    "ORA-01555": _T.TIME,
    "ORA-01722": _T.VALUE,
    "ORA-03113": _T.LOST,
    "ORA-12505": _T.DATABASE,
    "ORA-12514": _T.DATABASE,
    "ORA-28000": _T.LOGIN,
    "ORA-28001": _T.LOGIN,
    "DPY-1001": _T.LOST,
    "DPY-4011": _T.LOST,
    "DPY-4024": _T.TIME,
    "DPY-6001": _T.DATABASE,
    "DPY-6003": _T.DATABASE,
    "DPY-6005": _T.UNREACHABLE,
    "ORA-009": _T.SYNTAX,
    "ORA-018": _T.VALUE,
}

# Drivers that give no number, and what is said before a connection stands.
_WORDS: tuple[tuple[str, Trouble], ...] = (
    (r"invalid connection option|invalid \w+ value", _T.OPTION),
    (r"certificate|\bssl\b|\btls\b|encryption", _T.TLS),
    (r"authentication failed|login failed|authorization spec|no pg_hba.conf entry|no password", _T.LOGIN),
    (r"role .* does not exist", _T.LOGIN),
    (r"database .* does not exist|cannot open database", _T.DATABASE),
    (r"invalid object name|no such table|table or view not found", _T.TABLE),
    (r"invalid column name|no such column|column not found", _T.COLUMN),
    (r"permission was denied|permission denied", _T.DENIED),
    (r"lock request time ?out", _T.BUSY),
    (r"query timeout|timeout expired$", _T.TIME),
    (r"too many clients|too many connections", _T.BUSY),
    (r"connection refused|could not translate|resolve|not found or not accessible|unreachable", _T.UNREACHABLE),
    (r"no route|timed? ?out|establish (?:a )?connection|no such file", _T.UNREACHABLE),
    (r"communication link|closed the connection|connection .*(?:lost|closed|reset)|server closed", _T.LOST),
    (r"incorrect syntax|syntax error|incomplete input|unrecognized token", _T.SYNTAX),
    (r"conversion failed|could not decode|out of range", _T.VALUE),
)  # fmt: skip


def trouble_of(error: BaseException, dialect: str) -> Trouble:
    """What a driver's error means.

    Args:
        error: the driver's own error.
        dialect: SQLAlchemy's name of the dialect.
    """
    found: Trouble | None = None
    if dialect == "postgresql":
        found = _longest(getattr(error, "sqlstate", None) or "", _POSTGRESQL)
    elif dialect in ("mysql", "mariadb"):
        number = error.args[0] if error.args else None
        found = _MYSQL.get(number) if isinstance(number, int) else None
        if found is Trouble.UNREACHABLE and _in_words(error) is Trouble.TLS:
            found = Trouble.TLS
    elif dialect == "sqlite":
        found = _SQLITE.get((getattr(error, "sqlite_errorcode", None) or 0) & 0xFF)
    elif dialect == "oracle":
        found = _longest(getattr(error.args[0] if error.args else None, "full_code", "") or "", _ORACLE)
    return found or _in_words(error)


def _longest(code: str, known: Mapping[str, Trouble]) -> Trouble | None:
    return next((known[code[:length]] for length in range(len(code), 1, -1) if code[:length] in known), None)


def _in_words(error: BaseException) -> Trouble:
    words = str(error)
    return next((trouble for pattern, trouble in _WORDS if re.search(pattern, words, re.IGNORECASE)), Trouble.OTHER)
