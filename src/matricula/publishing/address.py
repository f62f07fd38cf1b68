"""The address of a database to publish to: which it may be, and how it is called without its secrets."""

import re
from dataclasses import dataclass

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from matricula.errors import UsageError

PREFIX = "matricula_"
_POSTGRES = ("postgres", "postgresql", "postgresql+psycopg")
_MARIADB = ("mariadb", "mysql", "mariadb+pymysql", "mysql+pymysql")
_PREFIX = re.compile(r"^[a-z][a-z0-9_]{0,29}$")
_FORMS = "postgresql://USER@HOST/DATABASE or mariadb://USER@HOST/DATABASE"


@dataclass(frozen=True)
class Address:
    """Where tables are published.

    Args:
        url: the database, without a password.
        prefix: what the names of the tables begin with.
    """

    url: URL
    prefix: str

    @property
    def is_postgres(self) -> bool:
        """Whether it is PostgreSQL; else it is MariaDB."""
        return self.url.drivername.startswith("postgresql")

    @property
    def text(self) -> str:
        """The address as it may be shown and kept."""
        scheme = "postgresql" if self.is_postgres else "mariadb"
        return self.url.set(drivername=scheme).render_as_string()

    @property
    def name(self) -> str:
        """What the tables are called in plans, in the place of a site."""
        return f"{self.text}, tables {self.prefix}*"


def read_address(given: str, prefix: str = PREFIX) -> Address:
    """An address as somebody wrote it.

    Args:
        given: the URL.
        prefix: what the names of the tables begin with.

    Raises:
        UsageError: it is none, is one of another kind of database, or holds a password.
    """
    if not _PREFIX.match(prefix):
        raise UsageError(
            f"“{prefix}” cannot be the beginning of the names of tables.",
            where="--prefix",
            remedy="Use at most 30 small letters, digits and underscores, a letter first, as matricula_.",
            code="prefix",
        )
    try:
        url = make_url(given)
    except (ArgumentError, ValueError) as error:
        raise UsageError(
            "The address of the database cannot be read.", where="--to", remedy=f"Write {_FORMS}.", code="address"
        ) from error
    if url.drivername not in (*_POSTGRES, *_MARIADB):
        raise UsageError(
            f"Tables cannot be published to a database of the kind “{url.drivername}”.",
            where="--to",
            remedy=f"Moodle is to read PostgreSQL or MariaDB (MySQL): write {_FORMS}.",
            code="address-kind",
        )
    if url.password is not None or {"password", "passwd"} & set(url.query):
        raise UsageError(
            "The address holds a password, which others could read in the list of processes.",
            where="--to",
            remedy="Leave it out; give the password by --password-file FILE or MATRICULA_PUBLISH_PASSWORD, and change "
            "it if others could have seen it.",
            code="address-password",
        )
    if not url.database:
        raise UsageError(
            "The address names no database.", where="--to", remedy=f"Write {_FORMS}.", code="address-database"
        )
    driver = "postgresql+psycopg" if url.drivername in _POSTGRES else "mysql+pymysql"
    return Address(url.set(drivername=driver), prefix)
