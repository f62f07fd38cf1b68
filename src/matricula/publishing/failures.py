"""What a database's error means for the person who publishes."""

from typing import Final

from sqlalchemy.exc import DBAPIError

from matricula.errors import MatriculaError, SettingError, StopError, WaitError

_Told = tuple[type[MatriculaError], str, str, str]

_REFUSED: Final[_Told] = (
    SettingError,
    "The database does not let matricula in: the user or the password is wrong, or may not come from here.",
    "Give the right one by --password-file FILE or MATRICULA_PUBLISH_PASSWORD, or mend the user in the address.",
    "publish-refused",
)
_NO_DATABASE: Final[_Told] = (
    SettingError,
    "There is no such database.",
    "Make an empty database for the tables, or mend its name in the address.",
    "publish-no-database",
)
_NO_RIGHT: Final[_Told] = (
    SettingError,
    "The user may not do this in the database.",
    "Grant it the right to create, alter, read and write tables there (see docs/publish.md).",
    "publish-no-right",
)
_UNREACHABLE: Final[_Told] = (
    WaitError,
    "The database cannot be reached, or ended the connection.",
    "See that it runs and that host and port in the address are right, then start again; nothing is half written.",
    "publish-unreachable",
)
_BUSY: Final[_Told] = (
    WaitError,
    "Somebody else holds rows of the tables.",
    "Try again in a moment; nothing was written.",
    "publish-busy",
)
_FULL: Final[_Told] = (
    StopError,
    "The database has no room left.",
    "Make room on its disk and start again; nothing was written.",
    "publish-full",
)
_VALUE: Final[_Told] = (
    StopError,
    "The database refused a value as too long or as no text.",
    "See whether somebody altered the tables; if not, report it. Nothing was written.",
    "publish-value",
)

# PostgreSQL's SQLSTATE, by its longest known beginning: https://www.postgresql.org/docs/current/errcodes-appendix.html
_STATES: Final[dict[str, _Told]] = {
    "28": _REFUSED,
    "3D": _NO_DATABASE,
    "42501": _NO_RIGHT,
    "25006": _NO_RIGHT,
    "3F": _NO_RIGHT,
    "40": _BUSY,
    "55P03": _BUSY,
    "53100": _FULL,
    "53": _UNREACHABLE,
    "57": _UNREACHABLE,
    "08": _UNREACHABLE,
    "22": _VALUE,
}
# Until a connection stands, libpq reports in words only.
_WORDS: Final[dict[str, _Told]] = {
    "authentication failed": _REFUSED,
    "no password": _REFUSED,
    "no pg_hba.conf entry": _REFUSED,
    'role "': _REFUSED,
    'database "': _NO_DATABASE,
}
# MariaDB's numbers: https://mariadb.com/kb/en/mariadb-error-code-reference/
_NUMBERS: Final[dict[int, _Told]] = {
    1044: _NO_RIGHT,
    1045: _REFUSED,
    1049: _NO_DATABASE,
    1130: _REFUSED,
    1698: _REFUSED,
    1142: _NO_RIGHT,
    1143: _NO_RIGHT,
    1227: _NO_RIGHT,
    1290: _NO_RIGHT,
    1021: _FULL,
    1114: _FULL,
    1205: _BUSY,
    1213: _BUSY,
    1366: _VALUE,
    1406: _VALUE,
    2003: _UNREACHABLE,
    2006: _UNREACHABLE,
    2013: _UNREACHABLE,
}


def explain(error: DBAPIError, where: str) -> MatriculaError:
    """Put a driver's error into words.

    Args:
        error: what SQLAlchemy raised.
        where: the address of the database, without a password.

    Returns:
        the error to raise instead; the driver's own words are left out, since they could quote a record.
    """
    kind, what, remedy, code = _told(error) or (
        StopError,
        f"The database failed with {type(error.orig).__name__}{_number(error)}.",
        "Nothing was written. Start again; if it happens again, report it with what was being done.",
        "publish-failed",
    )
    return kind(what, where=where, remedy=remedy, code=code)


def _told(error: DBAPIError) -> _Told | None:
    state = getattr(error.orig, "sqlstate", None) or ""
    for length in (5, 2):
        if len(state) >= length and state[:length] in _STATES:
            return _STATES[state[:length]]
    number = error.orig.args[0] if error.orig and error.orig.args else None
    if isinstance(number, int):
        return _NUMBERS.get(number)
    words = str(error.orig)
    found = next((told for word, told in _WORDS.items() if word in words), None)
    if found is None and not state and type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout"):
        return _UNREACHABLE
    return found


def _number(error: DBAPIError) -> str:
    known = getattr(error.orig, "sqlstate", None) or (error.orig.args[0] if error.orig and error.orig.args else "")
    return f" ({known})" if isinstance(known, int) or (known and len(str(known)) == 5) else ""
