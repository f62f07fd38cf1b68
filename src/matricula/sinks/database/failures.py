"""What a database's error means to somebody who writes grades: for one row, or for all of them."""

import sqlite3
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import DatabaseError, DataError, DBAPIError, IntegrityError

from matricula.errors import MatriculaError, SettingError, StopError, WaitError
from matricula.sources.sql.troubles import Trouble, trouble_of

_TWICE = "Another record there has the same key."
_BLANK = "A column of the table must be filled, and there is nothing to fill it with."
_DANGLING = "It belongs to a record that is not there, or others belong to it."
_RULE = "A rule of the table forbids it."
_LONG = "A text is longer than its column."
_LARGE = "A number is larger than its column allows."
_UNFIT = "A value is not of the kind that its column holds."

# PostgreSQL's SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html
_STATES: Final = {
    "23505": _TWICE,
    "23502": _BLANK,
    "23503": _DANGLING,
    "23514": _RULE,
    "P0001": _RULE,
    "22001": _LONG,
    "22003": _LARGE,
}
# https://mariadb.com/kb/en/mariadb-error-code-reference/ and, for 3819, MySQL's own reference.
_NUMBERS: Final = {
    1062: _TWICE,
    1048: _BLANK,
    1364: _BLANK,
    1451: _DANGLING,
    1452: _DANGLING,
    1644: _RULE,
    3819: _RULE,
    4025: _RULE,
    1406: _LONG,
    1264: _LARGE,
    1265: _UNFIT,
    1292: _UNFIT,
    1366: _UNFIT,
}
# https://www.sqlite.org/rescode.html, extended result codes.
_SQLITE: Final = {
    sqlite3.SQLITE_CONSTRAINT_UNIQUE: _TWICE,
    sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY: _TWICE,
    sqlite3.SQLITE_CONSTRAINT_NOTNULL: _BLANK,
    sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY: _DANGLING,
    sqlite3.SQLITE_CONSTRAINT_CHECK: _RULE,
    sqlite3.SQLITE_CONSTRAINT_TRIGGER: _RULE,
    sqlite3.SQLITE_MISMATCH: _UNFIT,
}


def reason_of(error: DatabaseError) -> str | None:
    """Why one row was refused; None where the error concerns more than a row.

    The driver's own words are left out: they could quote a record.
    """
    dialect = _dialect(error)
    known: str | None = None
    if dialect == "postgresql":
        known = _STATES.get(getattr(error.orig, "sqlstate", None) or "")
    elif dialect == "sqlite":
        known = _SQLITE.get(getattr(error.orig, "sqlite_errorcode", None) or 0)
    elif dialect == "mysql" and error.orig is not None and error.orig.args:
        known = _NUMBERS.get(error.orig.args[0])
    if known is not None:
        return known
    if isinstance(error, IntegrityError):
        return _RULE
    return _UNFIT if isinstance(error, DataError) else None


def explained(error: DBAPIError, where: str, *, connecting: bool = False) -> MatriculaError:
    """Put an error that concerns more than a row into words.

    Args:
        error: what SQLAlchemy raised.
        where: the database's address without a password.
        connecting: whether no connection stood yet.

    Returns:
        the error to raise in its place.
    """
    dialect = _dialect(error)
    trouble = trouble_of(error.orig or error, dialect)
    if connecting and trouble in (Trouble.LOST, Trouble.TIME, Trouble.OTHER) and dialect != "sqlite":
        trouble = Trouble.UNREACHABLE
    refusal = _TOLD[trouble]()
    refusal.where, refusal.code = where, f"sink-database-{trouble}"
    return refusal


def _dialect(error: DBAPIError) -> str:
    driver = type(error.orig).__module__.partition(".")[0]
    return {"sqlite3": "sqlite", "pymysql": "mysql", "psycopg": "postgresql"}.get(driver, "mssql")


_TOLD: Final[dict[Trouble, Callable[[], MatriculaError]]] = {
    Trouble.UNREACHABLE: lambda: WaitError(
        "The database's server cannot be reached.",
        remedy="See that it is running, that host and port of `url` are right, and that no firewall is between.",
    ),
    Trouble.LOST: lambda: WaitError(
        "The connection to the database broke off.",
        remedy="Nothing of this call was written. Start the transfer again later.",
    ),
    Trouble.LOGIN: lambda: SettingError(
        "The database does not let this account in.",
        remedy="Enter the password anew with `matricula grades secret NAME password`, or have this machine let in.",
    ),
    Trouble.DATABASE: lambda: SettingError(
        "There is no such database.",
        remedy="Mend the last part of `url`.",
    ),
    Trouble.TLS: lambda: SettingError(
        "Server and Matricula do not agree on encryption.",
        remedy="See the server's certificate and the options at the end of `url` (docs/sources/sql.md).",
    ),
    Trouble.OPTION: lambda: SettingError(
        "The driver cannot use an option at the end of `url`.",
        remedy="Mend what stands behind the question mark (docs/sources/sql.md).",
    ),
    Trouble.BUSY: lambda: WaitError(
        "The database is busy, or somebody else holds these rows.",
        remedy="Nothing of this call was written. Start the transfer again later.",
    ),
    Trouble.TIME: lambda: WaitError(
        "The database took longer than `timeout` allows.",
        remedy="Nothing of this call was written. Start again at a quieter hour, or set a longer `timeout`.",
    ),
    Trouble.TABLE: lambda: SettingError(
        "A table that is needed is not there.",
        remedy="See whether somebody altered the tables; the page of this kind of sink says what they must hold.",
    ),
    Trouble.COLUMN: lambda: SettingError(
        "A column that is needed is not there.",
        remedy="See whether somebody altered the tables; the page of this kind of sink says what they must hold.",
    ),
    Trouble.DENIED: lambda: SettingError(
        "This account may not do that in the database.",
        remedy="Ask the database's keeper for the rights: the page of this kind of sink has the GRANT statements.",
    ),
    Trouble.WRITES: lambda: SettingError(
        "The database, or the file, may only be read.",
        remedy="Ask the database's keeper for the rights: the page of this kind of sink has the GRANT statements.",
    ),
    Trouble.SYNTAX: lambda: StopError(
        "The database does not understand what it was asked.",
        remedy="See whether somebody altered the tables; the page of this kind of sink says what they must hold.",
    ),
    Trouble.VALUE: lambda: StopError(
        "A value is not what its column says.",
        remedy="See whether somebody altered the tables; the page of this kind of sink says what they must hold.",
    ),
    Trouble.DAMAGED: lambda: StopError(
        "The file cannot be used as a database.",
        remedy="See that it is whole, and that Matricula's account may write it and its folder.",
    ),
    Trouble.OTHER: lambda: StopError(
        "The database failed.",
        remedy="Nothing of this call was written. Ask the database's keeper.",
    ),
}
