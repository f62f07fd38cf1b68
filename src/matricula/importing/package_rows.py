"""The rows of a OneRoster 1.2 package: which record becomes which line of which file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from matricula.importing.people import STUDENT, TEACHER
from matricula.importing.records import Record, School
from matricula.importing.years import Year
from matricula.profiles.documents import Import
from matricula.profiles.documents.importing import ROSTER_COLUMNS
from matricula.roster import TABLES

GRADEBOOK: Final[dict[str, tuple[str, ...]]] = {
    "categories": ("sourcedId", "status", "dateLastModified", "title", "weight"),
    "lineItems": (
        *("sourcedId", "status", "dateLastModified", "title", "description", "assignDate", "dueDate"),
        *("classSourcedId", "categorySourcedId", "academicSessionSourcedId", "resultValueMin", "resultValueMax"),
        "schoolSourcedId",
    ),
    "results": (
        *("sourcedId", "status", "dateLastModified", "lineItemSourcedId", "studentSourcedId", "scoreStatus", "score"),
        *("scoreDate", "comment", "textScore", "classSourcedId", "inProgress", "incomplete", "late", "missing"),
    ),
}
"""Columns of the gradebook's files (OneRoster CSV Binding 1.2.1)."""

METADATA: Final = "metadata."
_TOTAL: Final = "moodle-total"
_Row = Mapping[str, str]


def rows_of(school: School, settings: Import) -> dict[str, tuple[Sequence[str], Iterator[Sequence[str]]]]:
    """Header and lines of every file, by its name without `.csv`; the gradebook's only where there are results.

    In a complete (bulk) file status and dateLastModified stay blank.
    """
    told: dict[str, Iterable[_Row]] = {
        "academicSessions": _sessions(school),
        "orgs": _orgs(school, settings),
        "courses": _courses(school, settings),
        "classes": _classes(school, settings),
        "users": _users(school, settings),
        "roles": _roles(school, settings),
        "enrollments": _enrollments(school, settings),
    }
    headers: dict[str, Sequence[str]] = {name: [each.name for each in TABLES[name].of("1.2")] for name in told}
    headers["users"] = [*headers["users"], *_own_columns(school)]
    if school.of("result"):
        told |= {
            "categories": [{"sourcedId": _TOTAL, "title": "Course total"}],
            "lineItems": _line_items(school, settings),
            "results": _results(school),
        }
        headers |= GRADEBOOK
    return {name: (headers[name], _lines(headers[name], rows)) for name, rows in told.items()}


def session_of(year: int) -> str:
    """The sourcedId of the session that classes of a year lie in; the year itself is its parent."""
    return f"year-{year}-whole"


def score(value: float) -> str:
    """A number as people write it: 85.5, 90."""
    return f"{value:.5f}".rstrip("0").rstrip(".")


def _lines(header: Sequence[str], rows: Iterable[_Row]) -> Iterator[Sequence[str]]:
    return ([row.get(name, "") for name in header] for row in rows)


def _own_columns(school: School) -> list[str]:
    return list(dict.fromkeys(name for each in school.of("person") for name in each.body if name.startswith(METADATA)))


def _years(school: School) -> list[Year]:
    ends = {school.year.ends, *(int(each.body["year"]) for each in school.of("course"))}
    return [Year(each, school.year.begins) for each in sorted(ends)]


def _sessions(school: School) -> Iterator[_Row]:
    for year in _years(school):
        days = {"startDate": year.first.isoformat(), "endDate": year.last.isoformat(), "schoolYear": str(year.ends)}
        own = f"year-{year.ends}"
        yield {"sourcedId": own, "title": year.title, "type": "schoolYear"} | days
        whole = {"sourcedId": session_of(year.ends), "title": f"Whole year {year.title}", "type": "term"}
        yield whole | days | {"parentSourcedId": own}


def _orgs(school: School, settings: Import) -> Iterator[_Row]:
    yield {"sourcedId": settings.school_id, "name": settings.school, "type": "school"}
    for each in school.of("category"):
        yield {
            "sourcedId": each.key,
            "name": each.name,
            "type": "department",
            "identifier": each.body["identifier"],
            "parentSourcedId": each.body["parent"] or settings.school_id,
        }


def _courses(school: School, settings: Import) -> Iterator[_Row]:
    for each in school.of("course"):
        yield {
            "sourcedId": course_of(each.key),
            "schoolYearSourcedId": f"year-{each.body['year']}",
            "title": each.name,
            "courseCode": each.body["code"],
            "orgSourcedId": each.body["category"] or settings.school_id,
        }


def course_of(key: str) -> str:
    """The sourcedId of the OneRoster course of a class: a course of Moodle is both."""
    return f"course-{key}"


def _classes(school: School, settings: Import) -> Iterator[_Row]:
    for each in school.of("course"):
        yield {
            "sourcedId": each.key,
            "title": each.name,
            "courseSourcedId": course_of(each.key),
            "classCode": each.body["code"],
            "classType": "scheduled",
            "schoolSourcedId": settings.school_id,
            "termSourcedIds": session_of(each.body["year"]),
        }


def _users(school: School, settings: Import) -> Iterator[_Row]:
    columns = ("username", "givenName", "familyName", "identifier", "email", "phone", "sms")
    for each in school.of("person"):
        body: dict[str, Any] = each.body
        own = {name: str(body[name]) for name in (*columns, *ROSTER_COLUMNS) if body.get(name)}
        extra = {name: str(value) for name, value in body.items() if name.startswith(METADATA)}
        yield (
            own
            | extra
            | {
                "sourcedId": each.key,
                "enabledUser": _truth(value=body["enabled"]),
                "primaryOrgSourcedId": settings.school_id,
            }
        )


def _roles(school: School, settings: Import) -> Iterator[_Row]:
    studying = {each.body["person"] for each in school.of("enrolment") if each.body["role"] == STUDENT}
    for each in school.of("person"):
        own = {"userSourcedId": each.key, "orgSourcedId": settings.school_id}
        yield own | {"sourcedId": f"role-{each.key}", "roleType": "primary", "role": each.body["role"]}
        if each.key in studying and each.body["role"] != STUDENT:
            yield own | {"sourcedId": f"role-{each.key}-student", "roleType": "secondary", "role": STUDENT}


def _enrollments(school: School, settings: Import) -> Iterator[_Row]:
    courses = school.by_key("course")
    for each in school.of("enrolment"):
        body = each.body
        primary = _truth(value=body["primary"]) if body["role"] == TEACHER else ""
        yield {
            "sourcedId": each.key,
            "classSourcedId": body["course"],
            "schoolSourcedId": settings.school_id,
            "userSourcedId": body["person"],
            "role": body["role"],
            "primary": primary,
            "endDate": body["ended"] or _end_of(courses[body["course"]], school),
        }


def _end_of(course: Record, school: School) -> str:
    """The last day of an older course's year; empty for those of this year."""
    ends = int(course.body["year"])
    return "" if ends >= school.year.ends else Year(ends, school.year.begins).last.isoformat()


def _line_items(school: School, settings: Import) -> Iterator[_Row]:
    courses = school.by_key("course")
    for key, results in _by_course(school).items():
        year = Year(int(courses[key].body["year"]), school.year.begins)
        maxima = [each.body["maximum"] for each in results if each.body["maximum"] is not None]
        yield {
            "sourcedId": f"{_TOTAL}-{key}",
            "title": "Course total",
            "assignDate": year.first.isoformat(),
            "dueDate": year.last.isoformat(),
            "classSourcedId": key,
            "categorySourcedId": _TOTAL,
            "academicSessionSourcedId": session_of(year.ends),
            "resultValueMin": "0",
            "resultValueMax": score(max(maxima)) if maxima else "",
            "schoolSourcedId": settings.school_id,
        }


def _results(school: School) -> Iterator[_Row]:
    courses = school.by_key("course")
    for each in school.of("result"):
        body = each.body
        yield {
            "sourcedId": each.key,
            "lineItemSourcedId": f"{_TOTAL}-{body['course']}",
            "studentSourcedId": body["person"],
            "scoreStatus": "fully graded",
            "score": score(body["score"]),
            "scoreDate": body["graded"] or _last_day(courses[body["course"]], school).isoformat(),
            "comment": body["comment"],
            "textScore": body["letter"],
            "classSourcedId": body["course"],
        }


def _last_day(course: Record, school: School) -> date:
    return Year(int(course.body["year"]), school.year.begins).last


def _by_course(school: School) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for each in school.of("result"):
        found.setdefault(each.body["course"], []).append(each)
    return found


def _truth(*, value: object) -> str:
    return "true" if value else "false"
