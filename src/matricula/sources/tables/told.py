"""Which files tell of which records, and which only point to them."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from matricula.sources.tables.fields import CLASS, COURSE, ENROLMENT, HOLDS, PERSON, TEACHER, fields_of
from matricula.sources.tables.settings import Part

OF_ROLES = frozenset({"role", "roleType", "beginDate", "endDate"})
"""Fields of people that say what they are in a school."""

TABLES_OF = {
    "school": ("orgs",),
    "session": ("academicSessions",),
    "course": ("courses",),
    "class": ("classes",),
    "person": ("users", "roles"),
    "enrolment": ("enrollments",),
}
"""The roster's tables in which each kind of record stands."""


@dataclass
class Told:
    """What one file told.

    Args:
        part: the part of the map.
        file: the file, for people.
        frame: a column for each field by its full name, and `line`.
        lost: how many of its rows could not be read.
        blank: how many rows name no record of the kind that the file holds.
    """

    part: Part
    file: str
    frame: pl.DataFrame
    lost: int = 0
    blank: int = 0

    def fields(self, kind: str) -> list[str]:
        """The fields of a kind of record that the file has."""
        return [name for name in fields_of(self.frame.columns, kind) if name != "id"]


class Plan:
    """Who tells of what, by the parts of a map alone.

    Where a part holds a kind of record, it tells of it and all other parts point to it. Where none does, every part
    tells of the records that it names.

    Args:
        parts: the parts.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        self._held = {HOLDS[part.holds] for part in parts}

    def held(self, kind: str) -> bool:
        """Whether a part holds the kind of record."""
        return kind in self._held

    def tells(self, part: Part, kind: str) -> bool:
        """Whether a part tells of a kind of record (else it points to it, or does not name it)."""
        if kind == ENROLMENT:
            return self.places(part) or self.teaches(part)
        if kind == PERSON and self.held(PERSON):
            # Rows that say nothing but whose child somebody is point to people; they do not tell of them.
            return HOLDS[part.holds] == PERSON and set(fields_of(part.mapped, PERSON)) != {"sourcedId"}
        if self.held(kind):
            return HOLDS[part.holds] == kind
        if kind == PERSON:
            return any(fields_of(part.mapped, each) for each in (PERSON, TEACHER))
        if kind == CLASS and self.course_is_class(part):
            return True
        return bool(fields_of(part.mapped, kind))

    def course_is_class(self, part: Part) -> bool:
        """Whether people stand in courses and nothing is said of classes: each course is one class then."""
        mapped = part.mapped
        return (
            not self.held(CLASS)
            and not fields_of(mapped, CLASS)
            and bool(fields_of(mapped, COURSE))
            and any(fields_of(mapped, each) for each in (PERSON, TEACHER))
        )

    def places(self, part: Part) -> bool:
        """Whether rows put a person into a class."""
        return self._names_class(part) and bool(fields_of(part.mapped, PERSON))

    def teaches(self, part: Part) -> bool:
        """Whether rows name the teacher of a class."""
        return self._names_class(part) and bool(fields_of(part.mapped, TEACHER))

    def _names_class(self, part: Part) -> bool:
        return bool(fields_of(part.mapped, CLASS)) or self.course_is_class(part)

    def tables(self, part: Part) -> frozenset[str]:
        """The roster's tables whose records may be missing where the file of a part is."""
        told = {table for kind, tables in TABLES_OF.items() if self.tells(part, kind) for table in tables}
        person = set(fields_of(part.mapped, PERSON)) - {"sourcedId"}
        if self.held(PERSON) and person <= OF_ROLES:
            told.discard("users")
        return frozenset(told)
