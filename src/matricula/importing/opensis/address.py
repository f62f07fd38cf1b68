"""Where openSIS keeps its data, and what a database's error means for whoever imports."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from matricula.errors import MatriculaError, SettingError, StopError, UsageError, WaitError

_SCHEMES: Final = ("mariadb", "mysql", "mariadb+pymysql", "mysql+pymysql")
_WAIT: Final = 30

_Told = tuple[type[MatriculaError], str, str, str]
_REFUSED: Final[_Told] = (
    SettingError,
    "The database does not let matricula in: the user or the password is wrong, or may not come from here.",
    "Give the right one by --password-file FILE or MATRICULA_IMPORT_PASSWORD, or mend the user in the address.",
    "import-refused",
)
_NO_RIGHT: Final[_Told] = (
    SettingError,
    "The user may not do this in the database.",
    "Grant it the right to read, insert into and update openSIS's tables (see docs/first-import.md).",
    "import-no-right",
)
_MISSING: Final[_Told] = (
    SettingError,
    "There is no such database, or it is none of openSIS Classic 8 or 9.",
    "Mend the name of the database in the address.",
    "import-no-opensis",
)
_UNREACHABLE: Final[_Told] = (
    WaitError,
    "The database cannot be reached, or ended the connection.",
    "See that it runs and that host and port in the address are right, then start again; nothing is half written.",
    "import-unreachable",
)
_BUSY: Final[_Told] = (
    WaitError,
    "Somebody else holds rows of the tables.",
    "Try again in a moment; nothing was written.",
    "import-busy",
)
# MariaDB's numbers: https://mariadb.com/kb/en/mariadb-error-code-reference/
_NUMBERS: Final[dict[int, _Told]] = {
    **dict.fromkeys((1045, 1130, 1698), _REFUSED),
    **dict.fromkeys((1044, 1142, 1143, 1227, 1290), _NO_RIGHT),
    **dict.fromkeys((1049, 1146, 1054), _MISSING),
    **dict.fromkeys((2003, 2006, 2013), _UNREACHABLE),
    **dict.fromkeys((1205, 1213), _BUSY),
}


def is_address(to: str) -> bool:
    """Whether something stands for a database and not for a file."""
    return "://" in to


def read_address(to: str) -> URL:
    """The address of openSIS's database as somebody wrote it.

    Raises:
        UsageError: it is none, is one of another kind of database, or holds a password.
    """
    try:
        url = make_url(to)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _SCHEMES or not url.database:
        raise UsageError(
            "This is no address of a database of openSIS.",
            where="--to",
            remedy="Write mariadb://USER@HOST/DATABASE, or name a folder or a file that ends in .zip.",
            code="import-address",
        )
    if url.password is not None or {"password", "passwd"} & set(url.query):
        raise UsageError(
            "The address holds a password, which others could read in the list of processes.",
            where="--to",
            remedy="Take it out, and give it by --password-file FILE or in MATRICULA_IMPORT_PASSWORD.",
            code="import-address-password",
        )
    return url.set(drivername="mysql+pymysql")


def told(url: URL) -> str:
    """The address as it may be shown and kept."""
    return url.set(drivername="mariadb", password=None).render_as_string()


@contextmanager
def opened(url: URL, password: str) -> Iterator[Connection]:
    """A connection whose one transaction is undone unless it is committed.

    Args:
        url: the database.
        password: empty where the server asks for none.

    Raises:
        SettingError: the server refuses, or there is no such database.
        WaitError: it is out of reach, or somebody holds rows.
        StopError: it failed otherwise; nothing was written.
    """
    # openSIS's own rows hold days such as 0000-00-00, so that modes which forbid these are off; too long texts are not.
    modes = "SET SESSION sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_VALUE_ON_ZERO', innodb_lock_wait_timeout = 30"
    engine = create_engine(
        url.set(password=password or None),
        hide_parameters=True,
        isolation_level="REPEATABLE READ",
        connect_args={"connect_timeout": _WAIT, "charset": "utf8mb4", "init_command": modes},
    )
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as error:
        raise _explained(error, told(url)) from None
    finally:
        engine.dispose()


def _explained(error: DBAPIError, where: str) -> MatriculaError:
    """A driver's error in words; its own are left out, since they could quote a record."""
    number = error.orig.args[0] if error.orig and error.orig.args else None
    kind, what, remedy, code = _NUMBERS.get(number if isinstance(number, int) else 0) or (
        StopError,
        f"The database failed with {type(error.orig).__name__} ({number}).",
        "Nothing was written. Start again; if it happens again, report it with what was being done.",
        "import-failed",
    )
    return kind(what, where=where, remedy=remedy, code=code)
