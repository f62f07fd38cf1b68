"""Moodle's fields in the words that Moodle's own pages use, and why some things cannot be mapped."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from matricula.profiles.moodle_fields import MoodleField

FIELD_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "username": "User name",
        "firstname": "First name",
        "lastname": "Last name",
        "email": "E-mail address",
        "idnumber": "ID number",
        "middlename": "Middle name",
        "alternatename": "Alternate name",
        "firstnamephonetic": "First name, phonetic",
        "lastnamephonetic": "Last name, phonetic",
        "phone1": "Phone",
        "phone2": "Mobile phone",
        "city": "City or town",
        "lang": "Language",
        "timezone": "Time zone",
        "calendartype": "Kind of calendar",
        "mailformat": "E-mail format",
        "maildisplay": "Who sees the e-mail address",
        "fullname": "Full name",
        "shortname": "Short name",
        "startdate": "First day",
        "enddate": "Last day",
        "numsections": "Number of sections",
        "hiddensections": "Hidden sections",
        "coursedisplay": "Course layout",
        "showreports": "Activity reports",
        "showgrades": "Gradebook shown to students",
        "enablecompletion": "Completion tracking",
        "newsitems": "Number of announcements",
        "maxbytes": "Largest upload (bytes)",
        "forcetheme": "Theme",
        "groupmode": "Group mode",
        "groupmodeforce": "Group mode for all activities",
    }
)
FIXED: Final[Mapping[str, str]] = MappingProxyType(
    {"locked": "Moodle needs it: it can be made of something else, not taken out."}
)
#: What a form cannot set, and why, by the part that people would look for it in.
NOT_MAPPED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        "users": (
            ("Moodle's own number (id)", "Moodle gives it, and it stays."),
            ("Suspended", "Follows “Suspend those who left”, and whether the roster says that a person is enabled."),
            ("Password", "Set once with the account, by “First password”; nobody can read it back."),
            ("Way of signing in (auth)", "Set once with the account, by the setting of that name."),
            ("Site roles, as administrator", "Matricula never gives them, and never touches such accounts."),
        ),
        "courses": (
            ("Moodle's own number (id)", "Moodle gives it, and it stays."),
            ("Category", "Follows the levels under Categories."),
            ("Contents", "Come once from the “Course to copy”, then belong to the teachers."),
        ),
        "enrolments": (
            ("Way of enrolling", "Manual enrolment, the one that other programs may use."),
            ("Enrolments made by hand", "They are never touched: Moodle does not tell whose they are."),
        ),
        "categories": (("Order of categories", "Moodle puts new ones at the end; move them as you like."),),
        "groups": (("Members put in by hand", "They are never taken out."),),
    }
)
_TAKES: Final = {
    "text": "Text",
    "prose": "Text of any length",
    "number": "A whole number",
    "boolean": "true or false",
    "date": "A day",
}


def takes(field: MoodleField) -> str:
    """What a field of Moodle holds, in words."""
    if field.choices:
        return f"One of {', '.join(field.choices)}."
    bound = f", at most {field.length} characters" if field.length else ""
    return f"{_TAKES[field.kind]}{bound}."
