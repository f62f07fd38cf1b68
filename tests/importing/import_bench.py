"""Sites made by hand, homes with an import, and what is asked of them in tests."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from matricula.hub import Home
from matricula.hub.importing import ImportShown, import_settings, look_at_import, write_import
from matricula.importing import KINDS, School
from matricula.importing.package import files_in, write_package
from matricula.importing.school import school_from
from matricula.importing.site import SiteSeen
from matricula.moodle import Category, Course, CourseEnrolment, CourseRole, Grade, User
from matricula.profiles.documents import Import
from matricula.roster import Roster
from matricula.sandbox import Running
from matricula.sources import open_source
from matricula.store import ImportedRow

TODAY = date(2026, 11, 26)
ROLES = {"manager": 1, "editingteacher": 3, "teacher": 4, "student": 5}


def seconds(day: str) -> int:
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) if day else 0


def user(number: int, **given: Any) -> User:
    usual = {"username": f"user{number}", "firstname": "Given", "lastname": f"Family {number}"}
    return User(number, **{**usual, "email": f"user{number}@school.example", **given})


def course(number: int, start: str = "2026-09-01", end: str = "", **given: Any) -> Course:
    usual = {"shortname": f"C{number}", "fullname": f"Course {number}", "category": 1, "idnumber": "", "visible": True}
    whole = {**usual, "format": "topics", "summary": "", "lang": "", **given}
    return Course(id=number, start=seconds(start), end=seconds(end), **whole)


def category(number: int, name: str, parent: int = 0, idnumber: str = "") -> Category:
    path = f"/{parent}/{number}" if parent else f"/{number}"
    return Category(number, name, parent, idnumber, True, 0, path, "")


def place(where: int, who: int, *roles: str, suspended: bool = False) -> CourseEnrolment:
    return CourseEnrolment(where, who, tuple(CourseRole(ROLES[role], role) for role in roles), suspended)


def total(raw: float | None, **given: Any) -> Grade:
    usual: dict[str, Any] = {"item_id": 1, "name": "", "kind": "course", "module": "", "idnumber": "", "maximum": 100.0}
    usual |= {"formatted": "", "percentage": "", "feedback": "", "overridden": False, "locked": False, "hidden": False}
    return Grade(raw=raw, **{**usual, "graded_at": None, **given})


def site(
    users: Iterable[User] = (),
    courses: Iterable[Course] = (),
    places: Iterable[CourseEnrolment] = (),
    categories: Iterable[Category] = (category(1, "Main"),),
) -> SiteSeen:
    return SiteSeen(
        2,
        {each.id: each for each in users},
        {each.id: each for each in categories},
        {each.id: each for each in courses},
        tuple(places),
    )


def small() -> SiteSeen:
    """A teacher, two students, and a course of each of two years."""
    return site(
        [user(5, idnumber="T1"), user(6, idnumber="S1"), user(7)],
        [course(2, idnumber="ART"), course(3, start="2025-09-01", end="2026-06-30")],
        [
            *(place(number, 5, "editingteacher") for number in (2, 3)),
            *(place(number, who, "student") for number in (2, 3) for who in (6, 7)),
        ],
    )


def importing(
    seen: SiteSeen,
    told: Iterable[ImportedRow] = (),
    totals: Mapping[tuple[int, int], Grade] | None = None,
    today: date = TODAY,
    **settings: Any,
) -> School:
    return school_from(seen, of(**settings), told, lambda _: totals or {}, today=today)


def of(**settings: Any) -> Import:
    return Import(**{"name": "first", "site": "moodle", **settings})


def told_by(school: School) -> list[ImportedRow]:
    return [record.row for kind in KINDS for record in school.of(kind)]


def bodies(school: School, kind: Any) -> dict[str, dict[str, Any]]:
    return {record.key: record.body for record in school.of(kind)}


def codes(school: School) -> list[str]:
    return sorted(finding.code for finding in school.findings)


def as_roster(school: School, folder: Path, *, strict: bool = True, **settings: Any) -> Roster:
    """The package as the project's own source reads it, by the letter of the standard unless said otherwise."""
    write_package(school, of(**settings), folder)
    return open_source({"type": "oneroster-csv", "path": str(folder), "strict": strict}).deliver().roster()


def begins() -> str:
    """The first day of an academic year in which the sandbox's courses began, whichever day it is."""
    day = datetime.now(UTC).date() - timedelta(days=120)
    return f"{day.month:02}-{min(day.day, 28):02}"


def home_of(folder: Path, served: Running, **settings: Any) -> Home:
    """A home with a site and an import of it."""
    Home.make(folder).store.close()
    home = Home(folder)
    told = "".join(f"{name}: {value}\n" for name, value in ({"year_begins": f"'{begins()}'"} | settings).items())
    home.load(
        f"kind: site\nname: moodle\nurl: {served.url}\n---\nkind: import\nname: first\nsite: moodle\n{told}",
        "bench",
        folder,
    )
    home.keep_token("moodle", served.tokens["admin"])
    return home


def look(home: Home, **given: Any) -> ImportShown:
    return look_at_import(home, import_settings(home, "moodle", **given))


def written(home: Home, **given: Any) -> ImportShown:
    shown = look(home, **given)
    write_import(home, shown)
    return shown


def account_rows(school: School, **settings: Any) -> list[dict[str, str]]:
    """The lines of users.csv."""
    return list(csv.DictReader(files_in(school, of(**settings))["users.csv"].splitlines()))
