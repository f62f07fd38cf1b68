"""The whole way from a folder of CSV files to a site, for tests."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from matricula.hub import Home, Hub
from matricula.moodle import Course, Moodle
from matricula.sandbox.school import School

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from matricula.sandbox import Running

DOCUMENTS = """
kind: site
name: moodle
url: {url}
patience: {patience}
---
kind: source
name: school
type: oneroster-csv
path: {folder}
---
kind: profile
name: default
source: school
site: moodle
"""


class Corridor:
    """A home with a site, a source and a profile.

    Args:
        home: the home, open.
        folder: where the CSV files lie.
        url: the site.
        token: its token.
        sandbox: the sandbox, where the site is one of this process.
    """

    def __init__(self, home: Home, folder: Path, url: str, token: str, sandbox: Running | None) -> None:
        self.home = home
        self.hub = Hub(home)
        self.folder = folder
        self.url = url
        self.token = token
        self.sandbox = sandbox

    @classmethod
    @contextmanager
    def open(
        cls, place: Path, url: str, token: str, sandbox: Running | None = None, *, patience: float = 60, extra: str = ""
    ) -> Iterator[Corridor]:
        folder = place / "csv"
        with Home.make(place / "home") as home:
            home.load(DOCUMENTS.format(url=url, folder=folder, patience=patience) + extra, "test", place)
            home.keep_token("moodle", token)
            yield cls(home, folder, url, token, sandbox)

    def school(self, students: int = 60, *, seed: int = 5) -> School:
        school = School.generate(
            seed=seed, students=students, staff=max(6, students // 10), classes=max(8, students // 8)
        )
        school.write(self.folder)
        return school

    def plan(self) -> Any:
        return self.hub.plan("default")

    def moodle(self) -> Moodle:
        return Moodle(self.url, self.token, callers=2)


def picture(url: str, token: str) -> dict[str, list[Any]]:
    """Everything on a site that a run writes, without ids, so that two sites can be compared."""
    with Moodle(url, token, callers=2) as moodle:
        users = {user.id: user for user in moodle.users.all()}
        categories = {category.id: category for category in moodle.categories.all()}
        courses = {course.id: course for course in moodle.courses.all()}
        enrolments = moodle.enrolments.of_courses(courses)
        who = {number: user.username for number, user in users.items()}
        names = {number: category.idnumber or category.name for number, category in categories.items()}
        return {
            "users": sorted(
                (user.username, user.firstname, user.lastname, user.email, user.idnumber, user.suspended)
                for user in users.values()
            ),
            "categories": sorted((names[c.id], c.name, names.get(c.parent, "")) for c in categories.values()),
            "courses": sorted(
                (c.shortname, c.fullname, c.idnumber, names[c.category], c.visible, c.start, c.end)
                for c in courses.values()
            ),
            "enrolments": sorted(
                (
                    users[e.user_id].username,
                    courses[e.course_id].shortname,
                    tuple(sorted(role.shortname for role in e.roles)),
                    e.suspended,
                )
                for e in enrolments
            ),
            "groups": sorted(row for course in courses.values() for row in _groups_of(moodle, course, who)),
            "cohorts": _cohorts(moodle, who),
        }


def _groups_of(moodle: Moodle, course: Course, who: dict[int, str]) -> list[tuple[Any, ...]]:
    """Groups of a course with their members, and groupings with their groups."""
    groups = {group.id: group.name for group in moodle.groups.of_course(course.id)}
    groupings = {grouping.id: grouping.name for grouping in moodle.groups.groupings_of_course(course.id)}
    members = moodle.groups.members(groups)
    held = moodle.groups.of_groupings(groupings)
    return [
        *(("group", course.shortname, groups[key], sorted(who[user] for user in members[key])) for key in groups),
        *(
            ("grouping", course.shortname, groupings[key], sorted(groups[one] for one in held[key]))
            for key in groupings
        ),
    ]


def _cohorts(moodle: Moodle, who: dict[int, str]) -> list[tuple[Any, ...]]:
    cohorts = moodle.cohorts.all()
    members = moodle.cohorts.members([cohort.id for cohort in cohorts])
    return sorted((each.idnumber, each.name, sorted(who[user] for user in members[each.id])) for each in cohorts)
