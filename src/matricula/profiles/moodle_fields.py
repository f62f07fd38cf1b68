"""The fields of Moodle's users and courses that a profile can set: what each holds and how it is set by default.

Source: the parameters of `core_user_create_users`, `core_user_update_users`, `core_course_create_courses` and
`core_course_update_courses`, and the column lengths of Moodle's tables `user` and `course`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Write = Literal["in-step", "create-only", "if-empty"]
Kind = Literal["text", "prose", "number", "boolean", "date", "choice"]


@dataclass(frozen=True)
class MoodleField:
    """One field.

    Args:
        kind: what it holds; `text` is one line without tags, `prose` is taken as it comes, a `date` is sent as Unix
            seconds of the day's beginning.
        write: how it is written where the profile does not say: kept in step, set once with the record, or filled in
            where the site has nothing.
        length: characters it holds at most, where that is limited.
        locked: whether a profile may map it otherwise but not take it out.
        choices: words that stand for its values, where it is a `choice`.
        closing: whether a `date` is the last day: the moment sent is the end of it.
        option: whether it is an option of the course format (`courseformatoptions`).
        seen: whether Moodle tells it when a record is read; telephone numbers only to some tokens.
    """

    kind: Kind = "text"
    write: Write = "in-step"
    length: int | None = None
    locked: bool = False
    choices: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    closing: bool = False
    option: bool = False
    seen: bool = True

    def way(self, asked: Write | None) -> Write:
        """How the field is written where a profile asks for a way, or for none.

        Switches, choices and numbers are never empty: what stands there may be somebody's choice.
        """
        way = asked or self.write
        return "create-only" if way == "if-empty" and self.kind in ("boolean", "choice", "number") else way


def _choice(*words: str, option: bool = False) -> MoodleField:
    numbered = MappingProxyType({word: number for number, word in enumerate(words)})
    return MoodleField("choice", "create-only", choices=numbered, option=option)


_SWITCH = MoodleField("boolean", "create-only")
_NUMBER = MoodleField("number", "create-only")

USER_FIELDS: Mapping[str, MoodleField] = MappingProxyType(
    {
        "username": MoodleField(length=100, locked=True),
        "firstname": MoodleField(length=100, locked=True),
        "lastname": MoodleField(length=100, locked=True),
        "email": MoodleField(length=100, locked=True),
        "idnumber": MoodleField(length=255, locked=True),
        "middlename": MoodleField(length=255, seen=False),
        "alternatename": MoodleField(length=255, seen=False),
        "firstnamephonetic": MoodleField(length=255, seen=False),
        "lastnamephonetic": MoodleField(length=255, seen=False),
        "institution": MoodleField(length=255),
        "department": MoodleField(length=255),
        "phone1": MoodleField(length=20, seen=False),
        "phone2": MoodleField(length=20, seen=False),
        "address": MoodleField(length=255),
        "city": MoodleField(length=120),
        "country": MoodleField(length=2),
        "lang": MoodleField(length=30, write="create-only"),
        "timezone": MoodleField(length=100, write="create-only"),
        "theme": MoodleField(length=50, write="create-only"),
        "calendartype": MoodleField(length=30, write="create-only", seen=False),
        "mailformat": MoodleField("choice", "create-only", choices=MappingProxyType({"plain": 0, "html": 1})),
        "maildisplay": MoodleField(
            "choice",
            "create-only",
            choices=MappingProxyType({"hidden": 0, "everyone": 1, "course": 2}),
            seen=False,
        ),
        "description": MoodleField("prose", "create-only"),
        "interests": MoodleField("prose", "create-only"),
    }
)
"""Fields of an account by Moodle's own names."""

COURSE_FIELDS: Mapping[str, MoodleField] = MappingProxyType(
    {
        "fullname": MoodleField(length=254, locked=True),
        "shortname": MoodleField(length=255, locked=True, write="create-only"),
        "idnumber": MoodleField(length=100, locked=True, write="if-empty"),
        "startdate": MoodleField("date"),
        "enddate": MoodleField("date", closing=True),
        "summary": MoodleField("prose", "create-only"),
        "visible": _SWITCH,
        "format": MoodleField(length=21, write="create-only"),
        "numsections": MoodleField("number", "create-only", option=True),
        "hiddensections": _choice("collapsed", "invisible", option=True),
        "coursedisplay": _choice("all", "one", option=True),
        "showreports": _SWITCH,
        "showgrades": _SWITCH,
        "enablecompletion": _SWITCH,
        "newsitems": _NUMBER,
        "maxbytes": _NUMBER,
        "lang": MoodleField(length=30, write="create-only"),
        "forcetheme": MoodleField(length=50, write="create-only"),
        "groupmode": _choice("none", "separate", "visible"),
        "groupmodeforce": _SWITCH,
    }
)
"""Fields of a course by Moodle's own names; `coursedisplay` is the course layout, `showreports` activity reports."""


CUSTOM = MoodleField("prose")
"""A custom field, of which a profile does not know the kind: taken as it comes and kept in step."""

PREFERENCE = MoodleField("prose", "create-only", seen=False)
"""A user preference."""
