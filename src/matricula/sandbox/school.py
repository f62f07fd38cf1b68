"""An invented school, the same one for the same seed, to try everything on.

school = School.generate(seed=2026)
school.write(Path("monday"))
school, story = school.next_day()
school.write(Path("tuesday"))
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from random import Random
from typing import ClassVar

from matricula.sandbox.school_day import Day
from matricula.sandbox.school_names import NameGiver
from matricula.sandbox.school_package import Version, write_package
from matricula.sandbox.school_people import FIRST_STUDENT, all_staff, all_students, with_parents
from matricula.sandbox.school_records import Course, Person, SchoolClass
from matricula.sandbox.school_timetable import Shape, Timetable

__all__ = ["Course", "Person", "School", "SchoolClass"]


@dataclass(frozen=True, slots=True)
class School:
    """A secondary school on one day.

    Args:
        seed: all chance comes from here.
        day: 1 for the school as generated, one more for each `next_day`.
        year: the year in which the school year begins.
        courses: subjects by year group.
        classes: with their teachers and students.
        students: youngest form first, newcomers last.
        staff: teachers, administrators and aides.
        parents: of a few students, as in real exports.
        next_student: number the next newcomer gets.
    """

    NAME: ClassVar[str] = "Riverside School"
    DISTRICT_NAME: ClassVar[str] = "Riverside & Vale District"

    seed: int
    day: int
    year: int
    courses: tuple[Course, ...]
    classes: tuple[SchoolClass, ...]
    students: tuple[Person, ...]
    staff: tuple[Person, ...]
    parents: tuple[Person, ...]
    next_student: int

    @classmethod
    def generate(
        cls,
        seed: int = 2026,
        students: int = 600,
        staff: int = 60,
        classes: int = 80,
        year: int = 2026,
        enrolments_per_student: float | None = None,
    ) -> "School":
        """Invent a school.

        From ten students on, two have the same name, one has no e-mail address and one a user name with
        upper-case letters, as happens everywhere.

        Args:
            seed: the same seed and sizes give the same school, to the byte, on every Python.
            students: number of students.
            staff: number of staff, four in five of them teachers.
            classes: number of classes.
            year: the year in which the school year begins.
            enrolments_per_student: classes a student attends on average; left out, as many as fill the
                classes with 26 each, at most 10.

        Raises:
            ValueError: a number is below 1.
        """
        if min(students, staff, classes) < 1 or (enrolments_per_student or 1) < 1:
            raise ValueError("A school has at least one student, one teacher, one class, and a class for each.")
        chance = _chance(seed, day=1)
        shape = Shape.of(students, classes, enrolments_per_student)
        names = NameGiver(chance, set(), set())
        pupils = all_students(names, shape.forms)
        adults = all_staff(names, staff)
        teachers = [person for person in adults if person.role == "teacher"]
        courses, groups = Timetable(chance, shape, pupils, teachers, year).make()
        children, parents = with_parents(names, pupils)
        return cls(
            seed=seed,
            day=1,
            year=year,
            courses=courses,
            classes=groups,
            students=tuple(children),
            staff=tuple(adults),
            parents=tuple(parents),
            next_student=FIRST_STUDENT + students,
        )

    def people(self) -> Iterator[Person]:
        """Everybody with an account: staff, students, parents."""
        return chain(self.staff, self.students, self.parents)

    @property
    def enrolment_count(self) -> int:
        """Number of enrolments, teachers' included."""
        return sum(len(each.teachers) + len(each.students) for each in self.classes)

    def write(self, folder: Path, version: Version = "1.1") -> None:
        """Write the school as a complete OneRoster CSV package.

        Args:
            folder: made where it is missing; data files of an older package in it are replaced.
            version: of OneRoster.

        Raises:
            ValueError: the version is neither 1.1 nor 1.2.
        """
        write_package(self, folder, version)

    def next_day(self) -> tuple["School", tuple[str, ...]]:
        """Let one day pass: somebody leaves, somebody comes, classes change, a name is corrected.

        Returns:
            The school on the next day, and what happened in plain sentences. What a very small school has
            no room for does not happen.
        """
        chance = _chance(self.seed, self.day + 1)
        day = Day(chance, [*self.students], [*self.staff], [*self.parents], [*self.classes])
        names = NameGiver(
            chance,
            {person.username.lower() for person in self.people()},
            {(person.given, person.family) for person in self.people()},
        )
        day.somebody_leaves()
        day.somebody_comes(names, self.next_student)
        day.some_change_class()
        day.a_class_changes_teacher()
        day.a_name_is_corrected(names)
        tomorrow = replace(
            self,
            day=self.day + 1,
            classes=tuple(day.classes),
            students=tuple(day.students),
            parents=tuple(day.parents),
            next_student=self.next_student + 1,
        )
        return tomorrow, tuple(day.story)


def _chance(seed: int, day: int) -> Callable[[], float]:
    """Chance of its own for each day; `random()` alone answers the same on every version of Python."""
    return Random(seed * 10_000 + day).random  # noqa: S311 - an invented school holds no secrets
