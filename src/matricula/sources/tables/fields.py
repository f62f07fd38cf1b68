"""What a map of columns may name: the fields of each kind of record, in OneRoster's own words.

Bare names are fields of the record that a file holds; a prefix (`class.title`) means another record that
the row tells of.
"""

from collections.abc import Iterable

from matricula.roster.extensions import METADATA, is_extension_name

PERSON, TEACHER, AGENT = "person", "teacher", "agent"
SCHOOL, SESSION, COURSE, CLASS, ENROLMENT = "school", "session", "course", "class", "enrolment"

HOLDS = {
    "people": PERSON,
    "schools": SCHOOL,
    "sessions": SESSION,
    "courses": COURSE,
    "classes": CLASS,
    "enrolments": ENROLMENT,
}
"""What stands as `holds`, with the kind of record that each row then is."""

PERSON_POINTERS = ("sourcedId", "identifier", "username", "email", "name")
"""By what a person may be pointed to, the surest first; `name` is the full name in either order."""

_PERSON = (
    *PERSON_POINTERS,
    *("givenName", "familyName", "middleName", "preferredGivenName", "preferredMiddleName", "preferredFamilyName"),
    *("phone", "sms", "grades", "userIds", "enabledUser", "userMasterIdentifier", "pronouns"),
    *("role", "roleType", "beginDate", "endDate"),
)
FIELDS: dict[str, tuple[str, ...]] = {
    PERSON: _PERSON,
    TEACHER: _PERSON,
    AGENT: PERSON_POINTERS,
    SCHOOL: ("sourcedId", "name", "identifier", "type", "parentSourcedId"),
    SESSION: ("sourcedId", "title", "type", "startDate", "endDate", "schoolYear", "parentSourcedId"),
    COURSE: ("sourcedId", "title", "courseCode", "grades", "subjects", "subjectCodes"),
    CLASS: (
        "sourcedId",
        "title",
        "classCode",
        "classType",
        "location",
        "grades",
        "subjects",
        "subjectCodes",
        "periods",
    ),
    ENROLMENT: ("sourcedId", "role", "primary", "beginDate", "endDate"),
}
"""The fields of each kind of record."""

NAMES: dict[str, tuple[str, ...]] = {
    SCHOOL: ("identifier", "name"),
    SESSION: ("title",),
    COURSE: ("courseCode", "title"),
    CLASS: ("classCode", "title"),
}
"""By what a record is known where it has no sourcedId, and by what it may be pointed to: codes before names."""

EXTENDED = (PERSON, SCHOOL, SESSION, COURSE, CLASS, ENROLMENT)
"""Kinds of records that may have fields of the school's own, such as `metadata.house`."""

LISTS = frozenset({"grades", "subjects", "subjectCodes", "periods", "userIds"})
DATES = frozenset({"beginDate", "endDate", "startDate"})
NUMBERS = frozenset({"sourcedId", "identifier", "username", "grades", "courseCode", "classCode", "schoolYear"})
"""Fields in which a number is one without decimals."""


def full_name(field: str, holds: str) -> str:
    """A field with the kind of its record in front: `title` in a file of classes is `class.title`.

    Args:
        field: as written in the map.
        holds: what the file holds, a word of `HOLDS`.
    """
    prefix, dot, _ = field.partition(".")
    return field if dot and prefix in FIELDS else f"{HOLDS[holds]}.{field}"


def is_field(name: str) -> bool:
    """Whether a full name is one of a field that there is."""
    kind, _, field = name.partition(".")
    if field.startswith(METADATA):
        return kind in EXTENDED and is_extension_name(field)
    return field in FIELDS.get(kind, ())


def names_for(holds: str) -> list[str]:
    """Every name that may stand in the map of a file, without extensions; for messages."""
    own = HOLDS[holds]
    return [*FIELDS[own], *(f"{kind}.{field}" for kind, fields in FIELDS.items() if kind != own for field in fields)]


def fields_of(names: Iterable[str], kind: str) -> list[str]:
    """The fields of one kind of record among full names, without the kind."""
    return [name.removeprefix(f"{kind}.") for name in names if name.startswith(f"{kind}.")]
