"""What a profile's mappings may name: the properties of people, classes and enrolments, each with its meaning.

A property is also the name of a column in the frames of `matricula.profiles.frames`. Where a property is OneRoster's
own, it bears OneRoster's name; `id` is the sourcedId.
"""

from collections.abc import Iterable
from typing import Literal

from matricula.profiles.mapping import Property, Vocabulary

Basis = Literal["group", "subject", "group-subject"]
Kind = Literal["text", "list", "date", "number", "boolean"]


def _text(prefix: str, **meanings: str) -> tuple[Property, ...]:
    return _of("text", prefix, meanings)


def _of(kind: Kind, prefix: str, meanings: dict[str, str]) -> tuple[Property, ...]:
    return tuple(Property(f"{prefix}.{name}", kind, meaning) for name, meaning in meanings.items())


def _vocabulary(*groups: Iterable[Property], open_ended: tuple[str, ...] = ()) -> Vocabulary:
    return Vocabulary({each.name: each for group in groups for each in group}, open_ended)


PERSON = (
    *_text(
        "person",
        id="sourcedId of the person.",
        username="User name in the school's system.",
        email="E-mail address.",
        identifier="Number of the person in the school's system.",
        givenName="Given name.",
        familyName="Family name.",
        middleName="Middle name.",
        preferredGivenName="Given name the person goes by (OneRoster 1.2).",
        preferredMiddleName="Middle name the person goes by (OneRoster 1.2).",
        preferredFamilyName="Family name the person goes by (OneRoster 1.2).",
        pronouns="Pronouns (OneRoster 1.2).",
        phone="Telephone number.",
        sms="Number for text messages.",
        masterIdentifier="Number that other systems know the person by (OneRoster 1.2).",
        role="OneRoster role; of several the first by alphabet.",
        kind="What the profile takes the person for: student, teacher, parent or employee.",
        grade="Grade (year group); of several the first.",
        form="Title of the homeroom class the person is enrolled in; of several the first by title.",
    ),
    *_of("list", "person", {"grades": "All grades.", "userIds": "Numbers in other systems, as {type:number}."}),
)
INSTITUTE = _text("institute", id="sourcedId of the school.", name="Name of the school.", code="Its identifier.")
GROUP = (
    *_text(
        "group",
        id="sourcedId of the class.",
        title="Title of the class.",
        code="Code of the class.",
        name="Title of the class, with the subject's before it where the two say different things.",
        type="scheduled or homeroom.",
        location="Where it is taught.",
        grade="Grade; of several the first.",
    ),
    *_of("list", "group", {"grades": "All grades.", "periods": "Periods of the timetable.", "subjects": "Subjects."}),
    *_of("date", "group", {"start": "First day of its terms.", "end": "Last day of its terms."}),
)
SUBJECT = (
    *_text(
        "subject",
        id="sourcedId of the course that the class is of; with basis group-subject the code of the subject.",
        title="Title of that course; with basis group-subject of the subject.",
        code="Code of that course; with basis group-subject of the subject.",
        grade="Grade; of several the first.",
    ),
    *_of("list", "subject", {"subjects": "Subjects that the course belongs to."}),
)
PLACE = (
    *_text("period", id="School year the course lies in, by the year it ends in.", title="Title of that year."),
    *_text("period", span="That year as 2026/27; empty where it has no number."),
    *_text("semester", id="sourcedId of its first term.", title="Title of its first term."),
    *_text("grade", id="Grade of the class, else of its course.", name="The same."),
    *_text("stream", id="sourcedId of the department its course belongs to.", name="Name of that department."),
    *_text("stream", code="Identifier of that department."),
    *_text("location", id="Location of the class.", name="The same."),
    *_of("date", "course", {"start": "First day of the course.", "end": "Last day of the course."}),
)
ENROLMENT = (
    *_text("enrolment", id="sourcedId of the enrolment.", role="OneRoster role in the class."),
    *_of("date", "enrolment", {"beginDate": "First day of the enrolment.", "endDate": "Last day of the enrolment."}),
    *_of("boolean", "enrolment", {"primary": "Whether the person is the main teacher of the class."}),
)

_EXTENDED = tuple(f"{prefix}.metadata." for prefix in ("group", "subject", "institute"))

PEOPLE = _vocabulary(PERSON, INSTITUTE, open_ended=("person.metadata.", "institute.metadata."))
"""What mappings of accounts and cohorts may name; `institute` is the school of the person's first role."""

COURSES: dict[Basis, Vocabulary] = {
    "group": _vocabulary(GROUP, SUBJECT, INSTITUTE, PLACE, open_ended=_EXTENDED),
    "subject": _vocabulary(
        SUBJECT, INSTITUTE, PLACE, open_ended=tuple(name for name in _EXTENDED if not name.startswith("group."))
    ),
    "group-subject": _vocabulary(GROUP, SUBJECT, INSTITUTE, PLACE, open_ended=_EXTENDED),
}
"""What mappings of courses and categories may name, by the profile's basis."""

CLASSES = COURSES["group"]
"""What conditions on classes may name."""

ENROLMENTS = _vocabulary(
    PERSON,
    ENROLMENT,
    GROUP,
    SUBJECT,
    INSTITUTE,
    PLACE,
    open_ended=("person.metadata.", "enrolment.metadata.", *_EXTENDED),
)
"""What mappings of enrolments and of groups in courses may name; `institute` is the school of the class."""
