"""The tables of a roster: columns, types, keys, enumerations and references, for OneRoster 1.1 and 1.2.

This is the one definition. Reading, checking, the frames' schemas and the documentation all follow it. Column
names, order, enumerations and what is required come from the IMS/1EdTech OneRoster CSV bindings 1.1 and 1.2.1.
"""

from dataclasses import dataclass
from enum import StrEnum

import polars as pl

VERSIONS = ("1.1", "1.2")

LINE = "line"
"""Name of the column that every frame carries beside OneRoster's own: the line in the file, from 1."""

EXTENSION_PREFIX = "ext:"
"""OneRoster 1.2 lets a sender add to an enumeration with values that start so."""


class Kind(StrEnum):
    """What the cells of a column hold."""

    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    LIST = "list"
    YEAR = "year"

    @property
    def dtype(self) -> pl.DataType:
        """The Polars type of such a column in a roster's frame."""
        return _DTYPES[self]


_DTYPES: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.DATE: pl.Date(),
    Kind.LIST: pl.List(pl.String()),
    Kind.YEAR: pl.String(),
}


class Need(StrEnum):
    """What a blank cell means."""

    KEY = "key"
    """The record is unusable without it and is left out."""
    REQUIRED = "required"
    """The binding wants it; the record is kept and the blank is reported."""
    OPTIONAL = "optional"


@dataclass(frozen=True)
class Enumeration:
    """The values a column may hold, by OneRoster version."""

    values: dict[str, tuple[str, ...]]

    def of(self, version: str) -> tuple[str, ...]:
        """The values legal in one version, `1.1` or `1.2`."""
        return self.values[version]

    def everywhere(self) -> tuple[str, ...]:
        """The values legal in any version, in a stable order."""
        return tuple(dict.fromkeys(value for version in VERSIONS for value in self.values[version]))


@dataclass(frozen=True)
class Column:
    """One column of one table.

    Args:
        name: OneRoster's own name.
        kind: what its cells hold.
        need: what a blank cell means.
        values: the enumeration, where there is one.
        refers: the table whose sourcedIds the cells hold, where there is one.
        versions: OneRoster versions whose files have the column.
        kept: whether it is read into the frame; secrets never are.
    """

    name: str
    kind: Kind = Kind.TEXT
    need: Need = Need.OPTIONAL
    values: Enumeration | None = None
    refers: str = ""
    versions: tuple[str, ...] = VERSIONS
    kept: bool = True


@dataclass(frozen=True)
class Table:
    """One table of the roster.

    Args:
        name: OneRoster's own name, also the file's without `.csv`.
        columns: in the order of the binding.
        one_of: columns of which at least one must be filled, else the record is unusable.
        versions: OneRoster versions that have the file.
    """

    name: str
    columns: tuple[Column, ...]
    one_of: tuple[str, ...] = ()
    versions: tuple[str, ...] = VERSIONS

    def of(self, version: str) -> tuple[Column, ...]:
        """The columns that a file of the version (`1.1` or `1.2`) has, in the binding's order."""
        return tuple(column for column in self.columns if version in column.versions)

    @property
    def schema(self) -> dict[str, pl.DataType]:
        """Names and types of the frame: every kept column of every version, then `line`."""
        kept = {column.name: column.kind.dtype for column in self.columns if column.kept}
        return kept | {LINE: pl.Int64()}

    def text(self) -> pl.DataFrame:
        """A frame with no rows as sources make them: every kept column as text, and `line`."""
        return self.empty().cast({name: pl.String() for name in self.schema if name != LINE})

    def empty(self) -> pl.DataFrame:
        """The frame with no rows."""
        return pl.DataFrame(schema=self.schema)


def _both(*values: str) -> Enumeration:
    return Enumeration(dict.fromkeys(VERSIONS, values))


STATUSES = _both("active", "tobedeleted")
ORG_TYPES = _both("department", "school", "district", "local", "state", "national")
SESSION_TYPES = _both("gradingPeriod", "semester", "schoolYear", "term")
CLASS_TYPES = _both("homeroom", "scheduled")
ROLE_TYPES = _both("primary", "secondary")
ENROLLMENT_ROLES = _both("administrator", "proctor", "student", "teacher")
USER_ROLES = Enumeration(
    {
        "1.1": (
            "administrator",
            "aide",
            "guardian",
            "parent",
            "proctor",
            "relative",
            "student",
            "teacher",
        ),
        "1.2": (
            "aide",
            "counselor",
            "districtAdministrator",
            "guardian",
            "parent",
            "principal",
            "proctor",
            "relative",
            "siteAdministrator",
            "student",
            "systemAdministrator",
            "teacher",
        ),
    }
)

_V11 = ("1.1",)
_V12 = ("1.2",)


def _start() -> tuple[Column, ...]:
    return (
        Column("sourcedId", need=Need.KEY),
        Column("status", values=STATUSES),
        Column("dateLastModified"),
    )


ORGS = Table(
    "orgs",
    (
        *_start(),
        Column("name", need=Need.KEY),
        Column("type", need=Need.REQUIRED, values=ORG_TYPES),
        Column("identifier"),
        Column("parentSourcedId", refers="orgs"),
    ),
)

ACADEMIC_SESSIONS = Table(
    "academicSessions",
    (
        *_start(),
        Column("title", need=Need.KEY),
        Column("type", need=Need.REQUIRED, values=SESSION_TYPES),
        Column("startDate", Kind.DATE, Need.REQUIRED),
        Column("endDate", Kind.DATE, Need.REQUIRED),
        Column("parentSourcedId", refers="academicSessions"),
        Column("schoolYear", Kind.YEAR, Need.REQUIRED),
    ),
)

COURSES = Table(
    "courses",
    (
        *_start(),
        Column("schoolYearSourcedId", refers="academicSessions"),
        Column("title", need=Need.KEY),
        Column("courseCode"),
        Column("grades", Kind.LIST),
        Column("orgSourcedId", need=Need.REQUIRED, refers="orgs"),
        Column("subjects", Kind.LIST),
        Column("subjectCodes", Kind.LIST),
    ),
)

CLASSES = Table(
    "classes",
    (
        *_start(),
        Column("title", need=Need.KEY),
        Column("grades", Kind.LIST),
        Column("courseSourcedId", need=Need.REQUIRED, refers="courses"),
        Column("classCode"),
        Column("classType", need=Need.REQUIRED, values=CLASS_TYPES),
        Column("location"),
        Column("schoolSourcedId", need=Need.REQUIRED, refers="orgs"),
        Column("termSourcedIds", Kind.LIST, Need.REQUIRED, refers="academicSessions"),
        Column("subjects", Kind.LIST),
        Column("subjectCodes", Kind.LIST),
        Column("periods", Kind.LIST),
    ),
)

USERS = Table(
    "users",
    (
        *_start(),
        Column("enabledUser", Kind.BOOLEAN, Need.REQUIRED),
        Column("orgSourcedIds", Kind.LIST, Need.REQUIRED, refers="orgs", versions=_V11),
        Column("role", need=Need.KEY, values=USER_ROLES, versions=_V11),
        Column("username", need=Need.REQUIRED),
        Column("userIds", Kind.LIST),
        Column("givenName", need=Need.REQUIRED),
        Column("familyName", need=Need.REQUIRED),
        Column("middleName"),
        Column("identifier"),
        Column("email"),
        Column("sms"),
        Column("phone"),
        Column("agentSourcedIds", Kind.LIST, refers="users"),
        Column("grades", Kind.LIST),
        Column("password", kept=False),
        Column("userMasterIdentifier", versions=_V12),
        Column("preferredGivenName", versions=_V12),
        Column("preferredMiddleName", versions=_V12),
        Column("preferredFamilyName", versions=_V12),
        Column("primaryOrgSourcedId", refers="orgs", versions=_V12),
        Column("pronouns", versions=_V12),
    ),
    one_of=("username", "email", "identifier"),
)

ROLES = Table(
    "roles",
    (
        *_start(),
        Column("userSourcedId", need=Need.KEY, refers="users"),
        Column("roleType", need=Need.REQUIRED, values=ROLE_TYPES),
        Column("role", need=Need.KEY, values=USER_ROLES),
        Column("beginDate", Kind.DATE),
        Column("endDate", Kind.DATE),
        Column("orgSourcedId", need=Need.REQUIRED, refers="orgs"),
        Column("userProfileSourcedId"),
    ),
    versions=_V12,
)

ENROLLMENTS = Table(
    "enrollments",
    (
        *_start(),
        Column("classSourcedId", need=Need.KEY, refers="classes"),
        Column("schoolSourcedId", need=Need.REQUIRED, refers="orgs"),
        Column("userSourcedId", need=Need.KEY, refers="users"),
        Column("role", need=Need.KEY, values=ENROLLMENT_ROLES),
        Column("primary", Kind.BOOLEAN),
        Column("beginDate", Kind.DATE),
        Column("endDate", Kind.DATE),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table for table in (ORGS, ACADEMIC_SESSIONS, COURSES, CLASSES, USERS, ROLES, ENROLLMENTS)
}
"""The seven tables of a roster, each after those it refers to."""

CORE_TABLES = ("users", "classes", "enrollments")
"""Without these three a delivery says nothing about who belongs where."""
