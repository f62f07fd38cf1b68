"""What an invented school consists of, in OneRoster's words."""

from dataclasses import dataclass
from typing import Literal

YEAR_GROUPS = (7, 8, 9, 10, 11, 12, 13)
ANY_YEAR = 0
WHOLE_YEAR = (1, 2, 3)

Role = Literal["student", "teacher", "administrator", "aide", "parent"]


@dataclass(frozen=True, slots=True)
class Person:
    """Anybody the school has an account for.

    Args:
        sourced_id: stays the same from day to day.
        role: what the person is at the school.
        given: given name.
        family: family name.
        username: unique whatever its case.
        email: empty where the school knows none.
        identifier: number on the person's card; empty for parents.
        year_group: 7 to 13 for students, otherwise `ANY_YEAR`.
        form: `7B` for students, otherwise empty.
        agents: sourcedIds of a student's parents, or of a parent's children.
    """

    sourced_id: str
    role: Role
    given: str
    family: str
    username: str
    email: str
    identifier: str = ""
    year_group: int = ANY_YEAR
    form: str = ""
    agents: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"

    def __str__(self) -> str:
        return f"{self.name} (Year {self.year_group})" if self.year_group else self.name


@dataclass(frozen=True, slots=True)
class Course:
    """A subject as one year group has it.

    Args:
        sourced_id: stays the same from day to day.
        title: `Year 7 Mathematics`.
        code: `MAT07`.
        subject: `Mathematics`.
        year_group: 7 to 13, or `ANY_YEAR`.
    """

    sourced_id: str
    title: str
    code: str
    subject: str
    year_group: int


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """A group of students taught together.

    Args:
        sourced_id: stays the same from day to day.
        title: `7B Mathematics`.
        code: `7B/MAT`, unique in the school.
        kind: OneRoster's classType.
        course: what is taught.
        form: `7B` where the whole form attends, otherwise empty.
        room: where.
        terms: numbers of the terms, 1 to 3.
        teachers: sourcedIds, the responsible one first.
        students: sourcedIds.
    """

    sourced_id: str
    title: str
    code: str
    kind: Literal["homeroom", "scheduled"]
    course: Course
    form: str
    room: str
    terms: tuple[int, ...]
    teachers: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
