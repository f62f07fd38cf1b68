"""The import document: how what a Moodle holds becomes a roster for the school."""

import re
from typing import Final, Literal

from pydantic import Field, field_validator, model_validator

from matricula.profiles.documents.base import Document, Name, PlainName, TimeZone

ROSTER_COLUMNS: Final = (
    "identifier",
    "middleName",
    "sms",
    "phone",
    "grades",
    "userMasterIdentifier",
    "preferredGivenName",
    "preferredMiddleName",
    "preferredFamilyName",
    "pronouns",
)
"""Columns of OneRoster's users that a custom profile field can become."""

_OWN: Final = re.compile(r"metadata\.[A-Za-z][A-Za-z0-9_]{0,62}")
_OPENSIS: Final = re.compile(r"(students|staff)\.[a-z][a-z0-9_]{0,62}")


class ImportField(Document):
    """A custom profile field of Moodle that becomes a field of the school's system."""

    moodle: str = Field(min_length=1, description="Short name of the custom profile field.")
    to: str = Field(
        min_length=1,
        description="Column of OneRoster's users (`phone`, `grades`, `identifier` …), `metadata.NAME` for a field of "
        "your own, or a column of openSIS as `students.COLUMN` or `staff.COLUMN`.",
    )

    @field_validator("to")
    @classmethod
    def _known(cls, to: str) -> str:
        if to in ROSTER_COLUMNS or _OWN.fullmatch(to):
            return to
        if _OPENSIS.fullmatch(to.casefold()):
            return to.casefold()
        raise ValueError(
            f"a profile field becomes one of {', '.join(ROSTER_COLUMNS)}, or metadata.NAME, students.COLUMN or "
            "staff.COLUMN"
        )


class Import(Document):
    """What a first import takes from a site, and as what."""

    kind: Literal["import"] = "import"
    name: Name = Field(description="What this import is called in commands.")
    site: Name = Field(description="The site to read.")
    to: str | None = Field(
        None,
        min_length=1,
        description="Where it goes: a folder, a file that ends in .zip, or a database of openSIS as "
        "mariadb://USER@HOST/DATABASE, without a password; by default a folder in Matricula's own.",
    )
    school: PlainName = Field("School", description="Name of the school that everything belongs to.")
    school_id: str = Field(
        "school",
        pattern=r"^[A-Za-z0-9._:@-]{1,100}$",
        description="Its sourcedId.",
    )
    opensis_school: int | None = Field(
        None, ge=1, description="Its number in openSIS (`schools.id`), where that has several schools."
    )
    year: int | None = Field(
        None, ge=2000, le=2200, description="Year in which the current academic year ends; by default today's."
    )
    year_begins: str = Field(
        "08-01",
        pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$",
        description="First day of an academic year, month-day; the 28th at the latest.",
    )
    timezone: TimeZone = Field("UTC", description="Time zone in which days begin, for example Europe/Berlin.")
    teachers: tuple[str, ...] = Field(
        ("editingteacher", "teacher"),
        min_length=1,
        description="Roles in courses, by short name, whose people become staff; the first is the main teacher's.",
    )
    students: tuple[str, ...] = Field(
        ("student",), min_length=1, description="Roles in courses, by short name, whose people become students."
    )
    without: tuple[str, ...] = Field(
        ("admin", "guest"),
        description="User names that are left out, beside the token's own account and the site's `never_touch`.",
    )
    unenrolled: Literal["leave", "staff", "students"] = Field(
        "leave",
        description="Accounts that have none of these roles in any course: they are left out, or taken as staff who "
        "do not teach, or as students.",
    )
    categories: Literal["departments", "none"] = Field(
        "departments", description="Whether course categories become departments of the school."
    )
    fields: tuple[ImportField, ...] = Field((), description="Custom profile fields and what they become.")
    history: bool = Field(True, description="Whether older courses are taken as history, with their grades.")

    @model_validator(mode="after")
    def _each_once(self) -> "Import":
        if both := sorted(set(self.teachers) & set(self.students)):
            raise ValueError(f"the role {', '.join(both)} stands under teachers and under students")
        targets = [field.to for field in self.fields]
        if twice := sorted({to for to in targets if targets.count(to) > 1}):
            raise ValueError(f"{', '.join(twice)} would be filled by two profile fields")
        return self
