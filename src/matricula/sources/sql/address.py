"""Addresses of databases: which there are, and that no password stands in them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from matricula.errors import SettingError
from matricula.sources.sql.dialects import DIALECTS

_SECRET = ("password", "passwd", "pwd", "sslpassword", "ssl_key_password", "secret", "token")
_KEPT = {
    "source": "`matricula source secret NAME password`, NAME being the source's",
    "sink": "`matricula grades secret NAME password`, NAME being the sink's",
}


def no_password_here(document: object, kind: str = "source") -> None:
    """See that a document as it came holds no password and an address that can be understood.

    It is refused before anything of it could be repeated in a message.

    Args:
        document: as it came.
        kind: `source` or `sink`: what kind of document it is.

    Raises:
        SettingError: there is one, or the address cannot be used.
    """
    if not isinstance(document, Mapping):
        return
    if "password" in document:
        raise _password(kind, "password")
    if document.get("url") is not None:
        address_of(document["url"], kind)


def address_of(written: Any, kind: str = "source") -> URL:
    """An address with the driver that Matricula uses for it.

    Args:
        written: as `mysql://reader@db.school.example/sis`.
        kind: `source` or `sink`: in what kind of document it stands.

    Raises:
        SettingError: it is no such address, names a database that is not known, or holds a password.
    """
    try:
        url = make_url(written)
    except (ArgumentError, ValueError) as error:
        raise _refused(kind, "This is no address of a database.") from error
    if url.password is not None or any(name.casefold() in _SECRET for name in url.query):
        raise _password(kind, "url")
    backend = url.get_backend_name()
    if backend not in DIALECTS:
        raise _refused(kind, f"“{backend}” is no database that Matricula reads.")
    dialect = DIALECTS[backend]
    driver = dialect.driver.partition("+")[2]
    if url.drivername not in (backend, f"{backend}+{driver}"):
        other = url.drivername.partition("+")[2]
        raise _refused(kind, f"Matricula reads {dialect.title} with {driver}, not with {other}.")
    if backend == "sqlite" and not (url.database or "").startswith("/"):
        raise SettingError(
            "The address of a SQLite file must be the whole path, from /.",
            where=f"{kind}, url",
            remedy="Set `path` in the place of `url`: it may be relative to the folder of the document.",
            code="sql-url",
        )
    return url.set(drivername=f"{backend}+{driver}")


def _password(kind: str, setting: str) -> SettingError:
    return SettingError(
        "A password must not stand in the document.",
        where=f"{kind}, {setting}",
        remedy=f"Take it out and keep it with {_KEPT[kind]}.",
        code="sql-password-in-document",
    )


def _refused(kind: str, what: str) -> SettingError:
    return SettingError(
        what,
        where=f"{kind}, url",
        remedy=f"Write it as mysql://reader@db.school.example/sis; it begins with one of {', '.join(DIALECTS)}.",
        code="sql-url",
    )
