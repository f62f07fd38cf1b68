"""Which rows of openSIS a school becomes.

Tables and columns: openSIS Classic 8.0 and 9.2. Rows refer to one another by `Ref`, since their numbers are openSIS's.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from matricula.importing.people import STUDENT, TEACHER
from matricula.importing.records import Record, School
from matricula.importing.rules import RULES
from matricula.importing.years import Year
from matricula.profiles.documents import Import
from matricula.roster import Finding

KEYS: Final[Mapping[str, str]] = {
    "history_marking_periods": "marking_period_id",
    "staff": "staff_id",
    "staff_school_info": "staff_school_info_id",
    "staff_school_relationship": "staff_id",
    "students": "student_id",
    "student_enrollment": "id",
    "login_authentication": "id",
    "course_subjects": "subject_id",
    "courses": "course_id",
    "course_periods": "course_period_id",
    "schedule": "id",
    "student_report_card_grades": "id",
}
"""The tables that are written, each after those it refers to, with the column of their number."""

_TEACHER_PROFILE, _STUDENT_PROFILE = 2, 3
_MAXIMUM_PERCENT: Final = 999.99


@dataclass(frozen=True)
class Ref:
    """The number that another row has in openSIS.

    Args:
        table: its table.
        ident: what it is known by here.
    """

    table: str
    ident: str


@dataclass(frozen=True)
class Wanted:
    """One row as it should be.

    Args:
        table: its table.
        ident: what it is known by here, within the table.
        name: what people call it.
        values: columns and what they hold.
        only_new: whether it is made with the record in `after` alone: nothing of somebody who was there is touched.
        after: the row that it hangs on.
    """

    table: str
    ident: str
    name: str
    values: Mapping[str, Any]
    only_new: bool = False
    after: Ref | None = None


@dataclass(frozen=True)
class OpenSisYear:
    """The school and its current year, as openSIS has them.

    Args:
        school: `schools.id`.
        syear: the calendar year in which the year begins.
        marking_period: its number (`school_years.marking_period_id`).
        first, last: its days.
        grades: numbers of grade levels by short name and title, without case.
        code: the enrolment code of type `Add` of the year.
        older: marking periods of older years that openSIS has, by syear.
    """

    school: int
    syear: int
    marking_period: int
    first: date
    last: date
    grades: Mapping[str, int] = field(default_factory=dict)
    code: int | None = None
    older: Mapping[int, int] = field(default_factory=dict)


class Rows:
    """The rows of a school.

    Args:
        school: what is told.
        settings: the import.
        year: the school and year in openSIS.
    """

    def __init__(self, school: School, settings: Import, year: OpenSisYear) -> None:
        self._school = school
        self._settings = settings
        self._year = year
        self._people = school.by_key("person")
        self._courses = school.by_key("course")
        self._seated = Counter(
            each.body["course"]
            for each in school.of("enrolment")
            if each.body["role"] == STUDENT and not each.body["ended"]
        )
        self.findings: list[Finding] = []

    def all(self) -> list[Wanted]:
        """Every row, in the order of `KEYS`."""
        rows = [*self._of_people(), *self._of_courses(), *self._of_enrolments(), *self._of_results()]
        order = list(KEYS)
        return sorted(rows, key=lambda row: order.index(row.table))

    def _of_people(self) -> Iterator[Wanted]:
        for person in self._school.of("person"):
            yield from self._student(person) if person.body["role"] == STUDENT else self._staff(person)

    def _student(self, person: Record) -> Iterator[Wanted]:
        body, year, ident = person.body, self._year, person.moodle_id
        names = {"first_name": body["givenName"], "last_name": body["familyName"]}
        own = {
            **names,
            "middle_name": body.get("middleName") or None,
            "common_name": body.get("preferredGivenName") or None,
            "alt_id": body["identifier"] or None,
            "email": body["email"] or None,
            "phone": body["phone"] or None,
            "is_disable": None if body["enabled"] else "Y",
        }
        yield Wanted("students", ident, person.name, own | self._custom(person, "students."))
        place = Ref("students", ident)
        enrolment = {
            "syear": year.syear,
            "school_id": year.school,
            "student_id": place,
            "grade_id": self._grade(person),
            "start_date": year.first,
            "enrollment_code": year.code,
            "next_school": year.school,
        }
        yield Wanted("student_enrollment", f"{ident}:{year.syear}", person.name, enrolment, after=place)
        yield self._login(person, place, _STUDENT_PROFILE)

    def _staff(self, person: Record) -> Iterator[Wanted]:
        body, year, ident = person.body, self._year, person.moodle_id
        teaches = body["role"] == TEACHER
        own = {
            "current_school_id": year.school,
            "first_name": body["givenName"],
            "last_name": body["familyName"],
            "middle_name": body.get("middleName") or None,
            "email": body["email"] or None,
            "phone": body["phone"] or None,
            "profile": "teacher" if teaches else None,
            "profile_id": _TEACHER_PROFILE if teaches else None,
            "alternate_id": body["identifier"] or None,
            "is_disable": None if body["enabled"] else "Y",
        }
        place = Ref("staff", ident)
        yield Wanted("staff", ident, person.name, own | self._custom(person, "staff."))
        belongs = {"staff_id": place, "school_id": year.school, "syear": year.syear, "start_date": year.first}
        yield Wanted("staff_school_relationship", f"{ident}:{year.syear}", person.name, belongs, after=place)
        info = {
            "staff_id": place,
            "category": "Teacher" if teaches else "Non Teaching Staff",
            "joining_date": year.first,
            "home_school": year.school,
            "opensis_access": "Y",
            "opensis_profile": str(_TEACHER_PROFILE) if teaches else None,
            "school_access": f",{year.school},",
        }
        yield Wanted("staff_school_info", ident, person.name, info, only_new=True, after=place)
        if teaches:
            yield self._login(person, place, _TEACHER_PROFILE)

    def _login(self, person: Record, place: Ref, profile: int) -> Wanted:
        """A login without a password: nobody signs in with it before somebody gives it one."""
        values = {"user_id": place, "profile_id": profile, "username": person.body["username"], "failed_login": 0}
        return Wanted("login_authentication", person.moodle_id, person.name, values, only_new=True, after=place)

    def _custom(self, person: Record, table: str) -> dict[str, Any]:
        return {
            name.removeprefix(table): value or None for name, value in person.body.items() if name.startswith(table)
        }

    def _grade(self, person: Record) -> int | None:
        told = str(person.body.get("grades", "")).split(",")[0].strip()
        number = self._year.grades.get(told.casefold())
        if told and number is None:
            self._note("import-grade-unknown", told, name=person.name)
        return number

    def _of_courses(self) -> Iterator[Wanted]:
        current = [each for each in self._school.of("course") if self._is_current(each)]
        used = {each.body["category"] for each in current}
        yield from self._subjects(used)
        teachers = self._teachers()
        for each in current:
            yield from self._course(each, teachers.get(each.key, []))

    def _subjects(self, used: set[str]) -> Iterator[Wanted]:
        own = {"syear": self._year.syear, "school_id": self._year.school}
        for each in self._school.of("category"):
            if each.key in used:
                values = own | {"title": each.name, "short_name": each.body["identifier"] or None}
                yield Wanted("course_subjects", self._with_year(each.moodle_id), each.name, values)
        if "" in used:
            values = own | {"title": self._settings.school, "short_name": None}
            yield Wanted("course_subjects", self._with_year("0"), self._settings.school, values)

    def _course(self, course: Record, teachers: list[Record]) -> Iterator[Wanted]:
        year, ident = self._year, self._with_year(course.moodle_id)
        own = {"syear": year.syear, "school_id": year.school}
        category = self._school.by_key("category").get(course.body["category"])
        subject = Ref("course_subjects", self._with_year(category.moodle_id if category else "0"))
        courses = own | {"subject_id": subject, "title": course.name, "short_name": course.body["code"]}
        yield Wanted("courses", ident, course.name, courses)
        if len(teachers) > 2:
            self._note("import-teachers-many", course.name, number=len(teachers))
        first, second = [*(Ref("staff", each.moodle_id) for each in teachers), None, None][:2]
        section = own | {
            "course_id": Ref("courses", ident),
            "title": course.name,
            "short_name": course.body["code"],
            "mp": "FY",
            "marking_period_id": year.marking_period,
            "begin_date": year.first,
            "end_date": year.last,
            "teacher_id": first,
            "secondary_teacher_id": second,
            "filled_seats": self._seated[course.key],
            "schedule_type": "FIXED",
            "parent_id": Ref("course_periods", ident),
            "modified_by": 1,
        }
        yield Wanted("course_periods", ident, course.name, section)

    def _teachers(self) -> dict[str, list[Record]]:
        """Who teaches each course, the main teacher first."""
        found: dict[str, list[tuple[bool, Record]]] = defaultdict(list)
        for each in self._school.of("enrolment"):
            person = self._people[each.body["person"]]
            if each.body["role"] == TEACHER and not each.body["ended"] and person.body["role"] != STUDENT:
                found[each.body["course"]].append((not each.body["primary"], person))
        return {
            key: [person for _, person in sorted(several, key=lambda pair: (pair[0], int(pair[1].moodle_id)))]
            for key, several in found.items()
        }

    def _of_enrolments(self) -> Iterator[Wanted]:
        year = self._year
        for each in self._school.of("enrolment"):
            course, person = self._courses[each.body["course"]], self._people[each.body["person"]]
            if each.body["role"] != STUDENT or not self._is_current(course):
                continue
            if person.body["role"] != STUDENT:
                self._note("import-staff-studies", course.name, name=person.name)
                continue
            ident, ended = self._with_year(course.moodle_id), each.body["ended"]
            values = {
                "syear": year.syear,
                "school_id": year.school,
                "student_id": Ref("students", person.moodle_id),
                "start_date": year.first,
                "end_date": date.fromisoformat(ended) if ended else year.last,
                "modified_by": "1",
                "course_id": Ref("courses", ident),
                "course_period_id": Ref("course_periods", ident),
                "mp": "FY",
                "marking_period_id": year.marking_period,
                "dropped": "Y" if ended else "N",
            }
            yield Wanted("schedule", self._with_year(each.moodle_id), each.name, values)

    def _of_results(self) -> Iterator[Wanted]:
        """Totals of older courses, as openSIS keeps those of another school: with a title and without a section."""
        periods: dict[int, Any] = dict(self._year.older)
        for each in self._school.of("result"):
            course, person = self._courses[each.body["course"]], self._people[each.body["person"]]
            if person.body["role"] != STUDENT:
                continue
            syear = self._syear(course)
            if syear not in periods:
                yield self._history(course, syear)
                periods[syear] = Ref("history_marking_periods", str(syear))
            maximum = each.body["maximum"]
            percent = round(100 * each.body["score"] / maximum, 2) if maximum else None
            values = {
                "syear": syear,
                "school_id": self._year.school,
                "student_id": Ref("students", person.moodle_id),
                "comment": each.body["comment"] or None,
                "grade_percent": None if percent is None else min(max(percent, -_MAXIMUM_PERCENT), _MAXIMUM_PERCENT),
                "marking_period_id": periods[syear],
                "grade_letter": each.body["letter"] or None,
                "course_code": course.body["code"],
                "course_title": course.name,
            }
            yield Wanted("student_report_card_grades", each.moodle_id, each.name, values)

    def _history(self, course: Record, syear: int) -> Wanted:
        year = Year(int(course.body["year"]), self._school.year.begins)
        values = {
            "parent_id": -1,
            "mp_type": "year",
            "name": year.title,
            "post_end_date": year.last,
            "school_id": self._year.school,
            "syear": syear,
        }
        return Wanted("history_marking_periods", str(syear), year.title, values)

    def _syear(self, course: Record) -> int:
        return Year(int(course.body["year"]), self._school.year.begins).first.year

    def _is_current(self, course: Record) -> bool:
        return int(course.body["year"]) == self._school.year.ends

    def _with_year(self, ident: str) -> str:
        """Sections, subjects and places belong to one year in openSIS: the next year's are others."""
        return f"{ident}:{self._year.syear}"

    def _note(self, code: str, value: str, **about: object) -> None:
        self.findings.append(RULES[code].finding(sourced_id="", line=None, value=value, told=about))
