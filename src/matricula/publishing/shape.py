"""The tables: what Moodle's External database plugins read, column by column.

Source of the columns: `enrol_database` (`enrol/database/lib.php`, `sync_courses` and `sync_enrolments`) and `auth_db`
(`auth/db/auth.php`, `db_attributes`) of Moodle 5.1. Both put names of columns into their queries without quotation
marks, so that names here are small letters and no word of SQL's own (`user`, for one, is one in PostgreSQL).
"""

import re
from collections.abc import Mapping
from typing import Any

import polars as pl
from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table, Text, text

from matricula.errors import SettingError
from matricula.profiles import Profile
from matricula.profiles.documents import PersonField
from matricula.profiles.documents.users import PROFILE_PREFIX
from matricula.profiles.moodle_fields import COURSE_FIELDS, USER_FIELDS

#: Kinds of records that have a table, in the order in which they depend on one another.
KINDS = ("user", "course", "enrolment")
#: The table of the user names of people who left. No plugin reads it.
FORMER = "former"
#: Roster record that a row stands for.
KEY = "matricula_key"
#: What the profile took a person for when the row was last written.
PERSON_KIND = "matricula_kind"
#: By this Matricula knows the tables that it made.
COMMENT = "Made by Matricula: what is changed here by hand is undone by the next publication."

#: Fields of an account that `auth_db` can read (`auth_plugin_base::$userfields`), beside the user name.
AUTH_FIELDS = (
    "firstname",
    "lastname",
    "email",
    "idnumber",
    "institution",
    "department",
    "phone1",
    "phone2",
    "address",
    "city",
    "country",
    "lang",
    "description",
    "firstnamephonetic",
    "lastnamephonetic",
    "middlename",
    "alternatename",
)
#: Days of a course, in Unix seconds; 0 where there is none.
DAYS = ("startdate", "enddate")
#: Two keys of OneRoster, a subject's and a class's, and a person's, with what stands between them; InnoDB has room for
#: this many characters of four bytes in a key.
_KEY_LENGTH = 767
_SHORT_NAME = re.compile(r"^[A-Za-z0-9_]{1,50}$")


def user_columns(profile: Profile) -> dict[str, str]:
    """Columns of the user table with the Moodle field that each holds, custom ones as `profile:…`.

    Raises:
        SettingError: the short name of a custom field can be no column.
    """
    mapped = profile.users.mapped()
    columns = {"username": "username"} | {name: name for name in AUTH_FIELDS if name in mapped}
    for name in mapped:
        if not name.startswith(PROFILE_PREFIX):
            continue
        short = name.removeprefix(PROFILE_PREFIX)
        column = f"profile_{short.lower()}"
        if not _SHORT_NAME.match(short) or column in columns:
            raise SettingError(
                f"The custom profile field “{short}” can be no column of a table.",
                where=f"profile {profile.name}, users.profile_fields",
                remedy="Give the field in Moodle a short name of at most 50 letters, digits and underscores that "
                "differs from others in more than capitals, and write it here.",
                code="column-name",
            )
        columns[column] = name
    return columns


def values_of(profile: Profile) -> dict[str, tuple[str, ...]]:
    """The columns of each table that hold values, the key not among them."""
    return {
        "user": (*user_columns(profile), PERSON_KIND),
        "course": ("idnumber", "shortname", "fullname", "category", *DAYS),
        "enrolment": ("course_idnumber", "course_shortname", "user_idnumber", "username", "role"),
    }


def schema_of(kind: str, profile: Profile) -> dict[str, pl.DataType]:
    """The columns of a table as a Polars frame has them."""
    if kind == FORMER:
        return {KEY: pl.String(), "username": pl.String()}
    numbers = DAYS if kind == "course" else ()
    return {KEY: pl.String()} | {
        name: pl.Int64() if name in numbers else pl.String() for name in values_of(profile)[kind]
    }


def tables_of(profile: Profile, prefix: str, collation: str) -> tuple[dict[str, Table], Table]:
    """The tables by kind, with that of former people, and the one that remembers publications.

    Args:
        profile: the profile; its fields of people.
        prefix: what the names of the tables begin with.
        collation: MariaDB's, in which texts that differ in a letter's case or accent differ.
    """
    metadata = MetaData()
    options: Mapping[str, Any] = {
        "comment": COMMENT,
        "mysql_engine": "InnoDB",
        "mysql_row_format": "DYNAMIC",
        "mysql_charset": "utf8mb4",
        "mysql_collate": collation,
    }
    # The plugins ask for rows by these columns.
    asked_for = {
        "user": ("username",),
        "course": ("shortname",),
        "enrolment": ("course_idnumber", "course_shortname", "user_idnumber", "username"),
    }
    tables = {
        kind: Table(
            f"{prefix}{kind}",
            metadata,
            Column(KEY, String(_KEY_LENGTH), primary_key=True),
            *(_column(kind, name, profile, index=name in asked_for[kind]) for name in names),
            **options,
        )
        for kind, names in values_of(profile).items()
    }
    tables[FORMER] = Table(
        f"{prefix}{FORMER}",
        metadata,
        Column(KEY, String(_KEY_LENGTH), primary_key=True),
        _column("user", "username", profile, index=False),
        **options,
    )
    publication = Table(
        f"{prefix}publication",
        metadata,
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("token", String(64), nullable=False, unique=True),
        Column("plan", Integer, nullable=False),
        Column("profile", String(63), nullable=False),
        Column("roster", Text, nullable=False),
        Column("changes", Integer, nullable=False),
        Column("published_by", String(255), nullable=False),
        Column("published_at", DateTime, nullable=False),
        **options,
    )
    return tables, publication


def _column(kind: str, name: str, profile: Profile, *, index: bool) -> Column[Any]:
    if kind == "course" and name in DAYS:
        return Column(name, BigInteger, nullable=False, server_default=text("0"))
    length = _length(kind, name, profile)
    default = text("('')") if length is None else text("''")
    takes = Text().with_variant(_long_text(), "mysql", "mariadb") if length is None else String(length)
    return Column(name, takes, nullable=False, server_default=default, index=index)


def _long_text() -> Any:
    from sqlalchemy.dialects.mysql import MEDIUMTEXT

    return MEDIUMTEXT()


def _length(kind: str, name: str, profile: Profile) -> int | None:
    """Characters that a column holds; None where they are not limited."""
    if kind == "user":
        field = user_columns(profile).get(name)
        return 20 if field is None else USER_FIELDS[field].length if field in USER_FIELDS else None
    if kind == "course":
        return 100 if name == "category" else COURSE_FIELDS[name].length
    lengths = {"course_idnumber": COURSE_FIELDS["idnumber"], "course_shortname": COURSE_FIELDS["shortname"]}
    lengths |= {"user_idnumber": USER_FIELDS["idnumber"], "username": USER_FIELDS["username"]}
    return lengths[name].length if name in lengths else 100


def ways_of_users(profile: Profile) -> dict[str, PersonField]:
    """The mapping of each column of the user table."""
    mapped = profile.users.mapped()
    return {column: mapped[field] for column, field in user_columns(profile).items()}
