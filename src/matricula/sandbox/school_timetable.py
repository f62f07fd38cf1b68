"""Who is taught what with whom: forms, courses and classes of an invented school."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from math import ceil
from string import ascii_uppercase

from matricula.sandbox.school_records import ANY_YEAR, WHOLE_YEAR, YEAR_GROUPS, Course, Person, SchoolClass

TUTOR_GROUP = ("Tutor Group", "TUT")
WITH_THE_FORM = (
    TUTOR_GROUP,
    ("Mathematics", "MAT"),
    ("English", "ENG"),
    ("Science", "SCI"),
    ("History", "HIS"),
    ("Geography", "GEO"),
    ("French", "FRE"),
    ("Physical Education", "PHE"),
    ("Computing", "CMP"),
    ("Religious Studies", "RST"),
    ("Art & Design", "ART"),
    ("Music", "MUS"),
    ("Citizenship", "CIT"),
)
CHOSEN = (
    ("Drama", "DRA"),
    ("Spanish", "SPA"),
    ("German", "GER"),
    ("Economics", "ECO"),
    ("Food Technology", "FOO"),
    ("Photography", "PHO"),
    ("Latin", "LAT"),
    ("Psychology", "PSY"),
    ("Media Studies", "MED"),
    ("Statistics", "STA"),
)
CLUBS = (("Q&A Club", "QA"), ("Chamber Choir", "CC"), ("Debating Society", "DS"))
TERMS_OF_CHOSEN = (WHOLE_YEAR, WHOLE_YEAR, (1,), (2, 3))
# The sixth form (12 and 13) is smaller: some leave school after year 11.
YEAR_SHARES = (20, 20, 20, 20, 20, 16, 14)
USUAL_CLASS = 26
MOST_CLASSES = 10
CHOSEN_PER_STUDENT = 1.2
SECOND_TEACHER = 0.12


def apportion(total: int, shares: Sequence[int]) -> list[int]:
    """Divide a number of things by shares, the largest remainders getting what is left over."""
    whole = sum(shares)
    parts = [total * share // whole for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (-(total * shares[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


@dataclass(frozen=True, slots=True)
class Form:
    """Students of a year group who have most classes together.

    Args:
        name: `7B`.
        year_group: 7 to 13.
        first: position of its first student among all students.
        end: position after its last student.
    """

    name: str
    year_group: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Shape:
    """How a school of a size divides into classes.

    Args:
        forms: all forms, youngest first.
        with_the_form: how many subjects every form has as a form.
        chosen: number of classes that students choose in their year group.
        clubs: number of classes open to everybody.
        seats: enrolments of students in chosen classes and clubs together.
    """

    forms: tuple[Form, ...]
    with_the_form: int
    chosen: int
    clubs: int
    seats: int

    @classmethod
    def of(cls, students: int, classes: int, enrolments_per_student: float | None) -> "Shape":
        """Divide so many students into so many classes.

        Args:
            students: number of students, at least 1.
            classes: number of classes, at least 1.
            enrolments_per_student: classes a student attends on average; left out, as many as make classes
                of 26, at most 10.
        """
        each = enrolments_per_student or min(MOST_CLASSES, USUAL_CLASS * classes / students)
        forms = max(1, min(round(classes / max(each, 1)), students, classes))
        with_the_form = max(1, min(ceil(each - CHOSEN_PER_STUDENT), classes // forms, len(WITH_THE_FORM)))
        left = classes - forms * with_the_form
        clubs = min(len(CLUBS), ceil(left / 8))
        seats = max(0, round(each * students) - with_the_form * students)
        return cls(_forms(students, forms), with_the_form, left - clubs, clubs, seats)


def _forms(students: int, count: int) -> tuple[Form, ...]:
    """Name the forms and share the students out to them, every year group having at least one if it can."""
    years = YEAR_GROUPS[:count]
    of_year = [1 + more for more in apportion(count - len(years), YEAR_SHARES[: len(years)])]
    names = [(f"{year}{_letters(i)}", year) for year, number in zip(years, of_year, strict=True) for i in range(number)]
    borders = pairwise(accumulate(apportion(students, [1] * count), initial=0))
    return tuple(Form(name, year, first, end) for (name, year), (first, end) in zip(names, borders, strict=True))


def _letters(number: int) -> str:
    """Count in letters: A, B, … Z, AA, AB and so on."""
    before = _letters(number // 26 - 1) if number >= 26 else ""
    return before + ascii_uppercase[number % 26]


@dataclass
class Timetable:
    """Makes the courses and classes of a school.

    Args:
        chance: answers a number from 0 up to but excluding 1.
        shape: how the school divides.
        students: in the order of the shape's forms.
        teachers: at least one.
        year: the year in which the school year begins.
    """

    chance: Callable[[], float]
    shape: Shape
    students: Sequence[Person]
    teachers: Sequence[Person]
    year: int
    _courses: dict[str, Course] = field(default_factory=dict)

    def make(self) -> tuple[tuple[Course, ...], tuple[SchoolClass, ...]]:
        """Make all classes with their teachers and students, and the courses they teach."""
        classes = [*self._of_forms(), *self._chosen(), *self._clubs()]
        taught = tuple(self._with_teachers(classes))
        return tuple(self._courses.values()), taught

    def _course(self, subject: str, code: str, year_group: int) -> Course:
        title, code = (f"Year {year_group} {subject}", f"{code}{year_group:02}") if year_group else (subject, code)
        if code not in self._courses:
            self._courses[code] = Course(f"crs-{code.lower()}", title, code, subject, year_group)
        return self._courses[code]

    def _class(self, title: str, code: str, course: Course, students: Sequence[Person], form: str = "") -> SchoolClass:
        return SchoolClass(
            sourced_id=f"cls-{self.year}-{code.lower().replace('/', '-')}",
            title=title,
            code=code,
            kind="homeroom" if course.subject == TUTOR_GROUP[0] else "scheduled",
            course=course,
            form=form,
            room=f"Room {101 + int(self.chance() * 60)}",
            terms=WHOLE_YEAR,
            students=tuple(student.sourced_id for student in students),
        )

    def _of_forms(self) -> Iterator[SchoolClass]:
        for subject, code in WITH_THE_FORM[: self.shape.with_the_form]:
            for form in self.shape.forms:
                course = self._course(subject, code, form.year_group)
                members = self.students[form.first : form.end]
                yield self._class(f"{form.name} {subject}", f"{form.name}/{code}", course, members, form.name)

    def _chosen(self) -> Iterator[SchoolClass]:
        """Make each year group's own classes; those who choose two are never twice in the same one."""
        groups = self._year_groups()
        sizes = [len(members) for members in groups.values()]
        numbers = apportion(self.shape.chosen, sizes)
        seats = apportion(self.shape.seats - self._club_seats(), sizes)
        for (year_group, everybody), number, places in zip(groups.items(), numbers, seats, strict=True):
            order = self._shuffled(everybody)
            members: list[list[Person]] = [[] for _ in range(number)]
            for place in range(min(places, number * len(order))):
                turn, position = divmod(place, len(order))
                members[(position + turn) % number].append(order[position])
            for i in range(number):
                yield self._chosen_class(year_group, i, members[i])

    def _chosen_class(self, year_group: int, number: int, members: Sequence[Person]) -> SchoolClass:
        group, subject_number = divmod(number, len(CHOSEN))
        subject, code = CHOSEN[(subject_number + year_group) % len(CHOSEN)]
        course = self._course(subject, code, year_group)
        title = f"{course.title} {group + 1}" if group else course.title
        made = self._class(title, f"{year_group}/{code}{group + 1}", course, members)
        return replace(made, terms=TERMS_OF_CHOSEN[number % len(TERMS_OF_CHOSEN)])

    def _clubs(self) -> Iterator[SchoolClass]:
        if not self.shape.clubs:
            return
        course = self._course("Clubs", "CLB", ANY_YEAR)
        order = self._shuffled(self.students)
        size = self._club_seats() // self.shape.clubs
        for i, (title, code) in enumerate(CLUBS[: self.shape.clubs]):
            yield self._class(title, f"CLB/{code}", course, order[i * size : (i + 1) * size])

    def _club_seats(self) -> int:
        """Clubs are as full as the other classes that students choose."""
        places = self.shape.clubs * self.shape.seats // max(1, self.shape.clubs + self.shape.chosen)
        return min(places, len(self.students))

    def _with_teachers(self, classes: Sequence[SchoolClass]) -> Iterator[SchoolClass]:
        """Give each class a teacher; classes of a subject stand together, so most teach one subject."""
        staff = len(self.teachers)
        tutors = len(self.shape.forms)
        for i, each in enumerate(classes):
            # Everybody teaches; tutor groups, which come first, are shared out apart from the lessons.
            own = i * staff // tutors if i < tutors else (i - tutors) * staff // (len(classes) - tutors)
            both = (own, (own + 1) % staff) if self.chance() < SECOND_TEACHER and staff > 1 else (own,)
            yield replace(each, teachers=tuple(self.teachers[j].sourced_id for j in both))

    def _year_groups(self) -> dict[int, list[Person]]:
        groups: dict[int, list[Person]] = {}
        for student in self.students:
            groups.setdefault(student.year_group, []).append(student)
        return groups

    def _shuffled(self, people: Sequence[Person]) -> list[Person]:
        """Shuffle by `chance` alone: the standard library's own shuffle may change between versions."""
        return sorted(people, key=lambda _: self.chance())
