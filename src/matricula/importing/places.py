"""Categories as departments, courses of this year and older ones, and who is in which."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from matricula.importing.keys import Keys
from matricula.importing.people import STUDENT, TEACHER, clean
from matricula.importing.records import Body, Record
from matricula.importing.rules import RULES
from matricula.importing.site import SiteSeen
from matricula.importing.years import Standing, Year, day_of, standing_of
from matricula.moodle import Course, CourseEnrolment
from matricula.moodle.grades import Grade
from matricula.profiles.documents import Import
from matricula.roster import Finding

Known = Mapping[str, tuple[str, Body]]
"""Key and body of the records of a kind that were told before, by Moodle id."""


class Places:
    """Categories, courses and enrolments of a site.

    Args:
        site: what was read.
        settings: the import.
        year: the current academic year.
        today: the day it is.
    """

    def __init__(self, site: SiteSeen, settings: Import, year: Year, today: date) -> None:
        self._site = site
        self._settings = settings
        self._year = year
        self._today = today
        self._standing = {number: standing_of(course, year, settings) for number, course in site.courses.items()}
        self.findings: list[Finding] = []

    def is_taken(self, course: int) -> bool:
        """Whether a course is taken: one of this year, or an older one where history is wanted."""
        standing = self._standing[course][0]
        return standing == "current" or (standing == "history" and self._settings.history)

    def standing(self, course: int) -> Standing:
        """Whether a course is of this year, older, or later."""
        return self._standing[course][0]

    def categories(self, known: Known) -> list[Record]:
        """Categories, each after the one it stands in."""
        if self._settings.categories == "none":
            return []
        there = self._site.categories
        keys = Keys("category", "orgs", _keys_of(known), [self._settings.school_id])
        given = keys.give((each.id, each.idnumber or "", each.name) for each in there.values())
        self.findings += keys.findings
        return [
            Record(
                "category",
                str(each.id),
                given[each.id],
                clean(each.name),
                {"identifier": clean(each.idnumber or ""), "parent": given.get(each.parent, "")},
            )
            for each in sorted(there.values(), key=lambda each: each.path)
        ]

    def courses(self, known: Known, categories: Iterable[Record]) -> list[Record]:
        """Courses that are taken."""
        places = {int(each.moodle_id): each.key for each in categories}
        taken = [course for course in self._site.courses.values() if self._takes(course)]
        keys = Keys("course", "classes", _keys_of(known))
        given = keys.give((course.id, course.idnumber or "", course.fullname) for course in taken)
        self.findings += keys.findings
        return [
            Record(
                "course",
                str(course.id),
                given[course.id],
                clean(course.fullname) or clean(course.shortname),
                self._body(course, places.get(course.category, ""), known.get(str(course.id))),
            )
            for course in sorted(taken, key=lambda course: course.id)
        ]

    def enrolments(self, known: Known, people: Iterable[Record], courses: Iterable[Record]) -> list[Record]:
        """Who is in which course as what, where both are taken."""
        persons = {int(each.moodle_id): each for each in people}
        places = {int(each.moodle_id): each for each in courses}
        main: dict[int, int] = {}
        for each in sorted(self._site.enrolments, key=lambda each: each.user_id):
            if self._settings.teachers[0] in self._roles(each) and each.user_id in persons and not each.suspended:
                main.setdefault(each.course_id, each.user_id)
        found = [
            self._enrolment(each, persons, places, main, known)
            for each in self._site.enrolments
            if each.course_id in places and self._role(each)
        ]
        return [each for each in found if each is not None]

    def students_of_history(self, people: Iterable[Record]) -> dict[int, set[int]]:
        """The students of each older course whose totals are wanted."""
        if not self._settings.history:
            return {}
        known = {int(each.moodle_id) for each in people}
        wanted: dict[int, set[int]] = defaultdict(set)
        for each in self._site.enrolments:
            if self.standing(each.course_id) == "history" and self._role(each) == STUDENT and each.user_id in known:
                wanted[each.course_id].add(each.user_id)
        return dict(wanted)

    def results(
        self, totals: Mapping[tuple[int, int], Grade], people: Iterable[Record], courses: Iterable[Record]
    ) -> Iterator[Record]:
        """Totals of older courses; hidden ones are told and left out, and who has none has no record."""
        persons = {int(each.moodle_id): each for each in people}
        places = {int(each.moodle_id): each for each in courses}
        for (course, user), grade in sorted(totals.items()):
            place, person = places[course], persons[user]
            if grade.hidden:
                told = {"name": person.name}
                self._note("import-total-hidden", place.name, told, sourced_id=person.key)
            elif grade.raw is not None and isfinite(grade.raw):
                yield Record("result", f"{course}:{user}", f"moodle-total-{course}-{user}", f"{person.name} in "
                             f"{place.name}", _result(grade, place.key, person.key))  # fmt: skip

    def _takes(self, course: Course) -> bool:
        if self._standing[course.id][0] == "later":
            self._note("import-course-later", course.fullname, {})
        return self.is_taken(course.id)

    def _body(self, course: Course, category: str, before: tuple[str, Body] | None) -> Body:
        standing, year = self._standing[course.id]
        zone = self._settings.timezone
        # A course that ran on for years is history of the last year in which it was told.
        ends = int(before[1]["year"]) if before and standing == "history" else year.ends
        return {
            "code": clean(course.shortname),
            "identifier": clean(course.idnumber or ""),
            "category": category,
            "year": ends,
            "start": day_of(course.start, zone).isoformat() if course.start else "",
            "end": day_of(course.end, zone).isoformat() if course.end else "",
            "visible": course.visible is not False,
        }

    def _enrolment(
        self,
        each: CourseEnrolment,
        persons: Mapping[int, Record],
        places: Mapping[int, Record],
        main: Mapping[int, int],
        known: Known,
    ) -> Record | None:
        course, person = places[each.course_id], persons.get(each.user_id)
        if person is None:
            self._note("import-person-unseen", course.name, {})
            return None
        place = f"{each.course_id}:{each.user_id}"
        before = known.get(place)
        ended = ""
        if each.suspended and self.standing(each.course_id) == "current":
            self._note("import-enrolment-suspended", course.name, {"name": person.name}, sourced_id=person.key)
            if before is None:
                return None
            ended = str(before[1]["ended"]) or self._today.isoformat()
        role = self._role(each)
        primary = main.get(each.course_id) == each.user_id if role == TEACHER else None
        body = {"course": course.key, "person": person.key, "role": role, "primary": primary, "ended": ended}
        key = before[0] if before else f"moodle-enrolment-{each.course_id}-{each.user_id}"
        return Record("enrolment", place, key, f"{person.name} in {course.name}", body)

    def _role(self, each: CourseEnrolment) -> str:
        """What somebody is in a course; empty where they have no role that counts. Who teaches it does not study it."""
        names = self._roles(each)
        if names & set(self._settings.teachers):
            return TEACHER
        return STUDENT if names & set(self._settings.students) else ""

    def _roles(self, each: CourseEnrolment) -> set[str]:
        return {role.shortname for role in each.roles}

    def _note(self, code: str, value: str, told: Mapping[str, Any], sourced_id: str = "") -> None:
        self.findings.append(RULES[code].finding(sourced_id=sourced_id, line=None, value=value, told=told))


def _result(grade: Grade, course: str, person: str) -> Body:
    letter = grade.formatted if grade.formatted and not any(sign.isdecimal() for sign in grade.formatted) else ""
    graded = datetime.fromtimestamp(grade.graded_at, UTC).date().isoformat() if grade.graded_at else ""
    maximum = grade.maximum if grade.maximum is not None and isfinite(grade.maximum) else None
    return {
        "course": course,
        "person": person,
        "score": grade.raw,
        "maximum": maximum,
        "letter": "" if letter in ("-", "–") else clean(letter),
        "comment": clean(grade.feedback),
        "graded": graded,
    }


def _keys_of(known: Known) -> dict[str, str]:
    return {number: key for number, (key, _) in known.items()}
