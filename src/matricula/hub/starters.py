"""What schools have, in their own words, and the source that each becomes: what its document says, what is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

Form = Literal["text", "number", "choice", "lines", "yaml"]


@dataclass(frozen=True)
class Asked:
    """One thing that is asked about what a school has.

    Args:
        path: the setting, as `url` or `parameters.school`.
        label: what it is called.
        says: what is to be entered, with an example.
        form: how it is asked for.
        value: what stands there at first.
        choices: what may be chosen.
        optional: whether it may be left blank.
    """

    path: str
    label: str
    says: str = ""
    form: Form = "text"
    value: str = ""
    choices: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True)
class Starter:
    """Something that a school has.

    Args:
        name: what it is called in addresses.
        title: what people call it.
        says: how to tell that one has it.
        type: the type of source.
        settings: what the document says that is not asked for.
        asked: what is asked for at first; all other settings stand below.
        files: whether it is files, which can be uploaded.
        page: the page of the documentation about it.
    """

    name: str
    title: str
    says: str
    type: str
    page: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    asked: tuple[Asked, ...] = ()
    files: bool = False


_SCHOOL = Asked("parameters.school", "Name of the school")
_MAP: Final = """\
- file: students.csv
  holds: people
  role: student
  columns:
    sourcedId: Number
    givenName: First name
    familyName: Surname
    email: E-mail
    class.title: Class
- file: staff.csv
  holds: people
  role: teacher
  columns:
    sourcedId: "staff-{Number}"
    givenName: First name
    familyName: Surname
    email: E-mail
"""
_PEOPLE: Final = """\
- base: OU=Staff,DC=school,DC=example
  role: teacher
- base: OU=Pupils,DC=school,DC=example
  role: student
"""
_QUERIES: Final = """\
users: select id as sourcedId, kind as role, first_name as givenName, last_name as familyName, mail as email from people
classes: select id as sourcedId, name as title from classes
enrollments: select id as sourcedId, class_id as classSourcedId, person_id as userSourcedId, kind as role from members
"""
_ALL = (
    Starter(
        "oneroster-files",
        "Files that the school's system exports (OneRoster)",
        "A zip, or files named users.csv, classes.csv, enrollments.csv. Most school systems can export this.",
        "oneroster-csv",
        "oneroster-csv.md",
        files=True,
    ),
    Starter(
        "spreadsheet",
        "Spreadsheets or lists of our own",
        "Excel, LibreOffice or CSV files with a heading above each column. You say once which column is what.",
        "tables",
        "tables.md",
        asked=(
            Asked("school", "Name of the school", "Where no column says it."),
            Asked("year", "School year", "The year in which it ends, as 2027.", "number"),
            Asked(
                "files",
                "Files and their columns",
                "On the left what Matricula calls it, on the right the heading in your file.",
                "yaml",
                _MAP,
            ),
        ),
        files=True,
    ),
    Starter(
        "microsoft-sds",
        "Microsoft School Data Sync files",
        "The CSV files that the school's system makes for Microsoft Teams or Education.",
        "tables",
        "microsoft-sds.md",
        asked=(
            Asked(
                "layout",
                "Format",
                "V2.1 has orgs.csv and roles.csv; V2 has orgs.csv; V1 has School.csv and Section.csv.",
                "choice",
                "microsoft-sds-v2.1",
                ("microsoft-sds-v2.1", "microsoft-sds-v2", "microsoft-sds-v1"),
            ),
            Asked("year", "School year", "The year in which it ends, as 2027.", "number"),
            Asked("absent", "Files that never come", "As user.csv; one a line.", "lines", optional=True),
        ),
        files=True,
    ),
    Starter(
        "isams",
        "iSAMS",
        "Its REST API; whoever administers iSAMS makes a client under Control Panel > API Services.",
        "rest",
        "isams.md",
        settings={"recipe": "isams"},
        asked=(
            Asked("parameters.address", "Address of iSAMS", "As https://isams.school.example."),
            Asked("parameters.client_id", "Client id", "As iSAMS shows it under API Services."),
            _SCHOOL,
            Asked("parameters.school_year", "School year as iSAMS counts it", "As 2026.", "number"),
            Asked("parameters.ends_in", "Year in which it ends", "As 2027.", "number"),
        ),
    ),
    Starter(
        "opensis",
        "openSIS",
        "Its database, read by an account that can change nothing.",
        "sql",
        "opensis.md",
        settings={"preset": "opensis"},
        asked=(
            Asked(
                "url",
                "Address of the database",
                "As mysql+pymysql://matricula@sis.school.example/opensis; the password is asked for below.",
            ),
            Asked("timezone", "Time zone", "In which it is decided what day it is, as America/New_York."),
        ),
    ),
    Starter(
        "classter",
        "Classter",
        "Its Consumer API. Only students are read until the other calls are filled in.",
        "rest",
        "classter.md",
        settings={"recipe": "classter"},
        asked=(
            Asked("parameters.tenant", "Tenant", "The institute's GUID, as Classter gave it."),
            Asked("parameters.period", "Period", "The code of the period, as 1.", "number"),
            _SCHOOL,
        ),
    ),
    Starter(
        "oneroster-service",
        "A OneRoster service",
        "The school's system answers at an address of its own (OneRoster REST 1.1 or 1.2).",
        "oneroster-rest",
        "oneroster-rest.md",
        asked=(
            Asked("url", "Address of the service", "As https://sis.school.example/ims/oneroster/v1p1."),
            Asked("version", "OneRoster version", "", "choice", "1.1", ("1.1", "1.2")),
            Asked(
                "auth.method",
                "Signing in",
                "client-credentials: client id and secret with a token address. oauth1: consumer key and secret. "
                "bearer: one fixed token.",
                "choice",
                "client-credentials",
                ("client-credentials", "oauth1", "bearer"),
            ),
            Asked("auth.client_id", "Client id", "For client-credentials alone.", optional=True),
            Asked("auth.token_url", "Token address", "For client-credentials alone.", optional=True),
            Asked("auth.consumer_key", "Consumer key", "For oauth1 alone.", optional=True),
        ),
    ),
    Starter(
        "directory",
        "A directory (Active Directory, OpenLDAP)",
        "People, and groups as classes. Often it is the people's half of a combined source.",
        "ldap",
        "ldap.md",
        asked=(
            Asked("url", "Address", "As ldaps://dc1.school.example."),
            Asked("bind_dn", "Account to read with", "Its distinguished name; the password is asked for below."),
            Asked(
                "directory",
                "Kind of directory",
                "",
                "choice",
                "active-directory",
                ("active-directory", "openldap", "389-directory"),
            ),
            Asked("school.name", "Name of the school"),
            Asked(
                "users", "Where people stand", "The places below which they are, and what they are.", "yaml", _PEOPLE
            ),
        ),
    ),
    Starter(
        "database",
        "Another database",
        "PostgreSQL, MariaDB, MySQL, SQL Server or Oracle, by queries that somebody writes once.",
        "sql",
        "sql.md",
        asked=(
            Asked(
                "url", "Address of the database", "As postgresql://reader@db.school.example/sis, without a password."
            ),
            Asked("queries", "Queries", "One SELECT for each table, with OneRoster's names.", "yaml", _QUERIES),
        ),
    ),
    Starter(
        "combined",
        "Two of these together",
        "People from one, classes from another. Add the two first.",
        "combined",
        "combined.md",
        asked=(
            Asked("courses", "Source of classes", "The name of a source that is there."),
            Asked("people", "Source of people", "The name of another one."),
            Asked("join", "Joined by", "The column by which people of both are known, as email or username."),
        ),
    ),
)

STARTERS: Final = MappingProxyType({each.name: each for each in _ALL})
"""What schools have, by name, the most common first."""


def starter_of(content: Mapping[str, Any]) -> Starter | None:
    """What a source that is there was started from; None where it is none of these.

    Args:
        content: its document's values.
    """
    kind = content.get("type", "oneroster-csv")
    if kind == "tables":
        return STARTERS["microsoft-sds" if content.get("layout", "none") != "none" else "spreadsheet"]
    fitting = [each for each in _ALL if each.type == kind]
    exact = [each for each in fitting if all(content.get(name) == value for name, value in each.settings.items())]
    return next((each for each in exact if each.settings), next((each for each in exact if not each.settings), None))
