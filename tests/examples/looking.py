"""A home with an example's documents, and what the site holds after its plans, in words."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from matricula.hub import Home, Hub
from matricula.moodle import Moodle

if TYPE_CHECKING:
    from pathlib import Path

    from matricula.hub import Planned
    from matricula.sandbox import Running

ADDRESS = "https://moodle.lindenhof.example"
OWN = ("admin", "guest", "wsplain")


class Place:
    """An open home beside a sandbox.

    Args:
        example: the file of documents.
        folder: where the home and the roster are.
        site: the sandbox.
    """

    def __init__(self, example: Path, folder: Path, site: Running) -> None:
        self.home = Home.make(folder / "home")
        self.hub = Hub(self.home)
        self.site = site
        self.roster = folder / "roster"
        self.moodle = Moodle(site.url, site.tokens["admin"])
        text = example.read_text(encoding="utf-8").replace(ADDRESS, site.url)
        self.home.load(re.sub(r"(?m)^window: .*$", "", text), example.name, folder)
        self.home.keep_token("moodle", site.tokens["admin"])
        (self.profile,) = self.home.names("profile")
        self.zone = ZoneInfo(self.home.profile(self.profile).timezone)

    def close(self) -> None:
        self.moodle.close()
        self.home.store.close()

    def run(self) -> Planned:
        """Plan and apply, whatever holds the plan; everything must go through."""
        planned = self.hub.plan(self.profile)
        applied = self.hub.apply(planned.number, planned.words)
        assert applied.left == 0, self.home.store.journal.outcomes(applied.run)
        assert self.hub.plan(self.profile).changes.height == 0
        return planned

    def leave(self, table: str, *keys: str) -> None:
        """Take records out of the roster's file."""
        file = self.roster / f"{table}.csv"
        with file.open(encoding="utf-8", newline="") as text:
            rows = list(csv.DictReader(text))
        assert {row["sourcedId"] for row in rows} >= set(keys)
        with file.open("w", encoding="utf-8", newline="") as text:
            writer = csv.DictWriter(text, rows[0])
            writer.writeheader()
            writer.writerows(row for row in rows if row["sourcedId"] not in keys)

    def users(self, *fields: str) -> dict[str, tuple[Any, ...]]:
        """Fields of every account by user name, but those the site came with."""
        return {
            user.username: tuple(_value(user, field) for field in fields)
            for user in self.moodle.users.all()
            if user.username not in OWN
        }

    def categories(self) -> dict[str, str]:
        """ID numbers of categories by path, but the one the site came with."""
        there = {category.id: category for category in self.moodle.categories.all()}
        return {self._path(number, there): there[number].idnumber or "" for number in there if number != 1}

    def courses(self) -> dict[str, tuple[Any, ...]]:
        """Full name, ID number, category, visibility, first moment and last moment of courses by short name."""
        there = {category.id: category for category in self.moodle.categories.all()}
        return {
            course.shortname: (
                course.fullname,
                course.idnumber,
                self._path(course.category, there),
                bool(course.visible),
                self.day(course.start),
                self.day(course.end),
            )
            for course in self.moodle.courses.all()
        }

    def enrolments(self) -> set[tuple[str, ...]]:
        """User name, course, roles and, where it is so, `suspended`, of every enrolment."""
        names = {user.id: user.username for user in self.moodle.users.all()}
        courses = {course.id: course.shortname for course in self.moodle.courses.all()}
        return {
            (
                names[seen.user_id],
                courses[seen.course_id],
                *sorted({role.shortname for role in seen.roles}),
                *(["suspended"] if seen.suspended else []),
            )
            for seen in self.moodle.enrolments.of_courses(courses)
        }

    def groups(self) -> dict[tuple[str, str], list[str]]:
        """User names of the members of every group by course and group."""
        names = {user.id: user.username for user in self.moodle.users.all()}
        courses = {course.id: course.shortname for course in self.moodle.courses.all()}
        groups = [group for course in courses for group in self.moodle.groups.of_course(course)]
        members = self.moodle.groups.members([group.id for group in groups])
        return {
            (courses[group.course_id], group.name): sorted(names[user] for user in members.get(group.id, ()))
            for group in groups
        }

    def option(self, course: int, name: str) -> Any:
        """An option of a course's format."""
        told = "SELECT value FROM course_option WHERE courseid = ? AND name = ?"
        return self.site.state.value(told, course, name)

    def cohorts(self) -> dict[tuple[str, str], list[str]]:
        """User names of the members of every cohort by name and ID number."""
        names = {user.id: user.username for user in self.moodle.users.all()}
        cohorts = self.moodle.cohorts.all()
        members = self.moodle.cohorts.members([cohort.id for cohort in cohorts])
        return {
            (cohort.name, cohort.idnumber): sorted(names[user] for user in members.get(cohort.id, ()))
            for cohort in cohorts
        }

    def _path(self, number: int, there: dict[int, Any]) -> str:
        category = there[number]
        above = f"{self._path(category.parent, there)} / " if category.parent else ""
        return f"{above}{category.name}"

    def day(self, moment: int | None) -> str:
        """A moment in the profile's time zone; empty for none."""
        return f"{datetime.fromtimestamp(moment, self.zone):%Y-%m-%d %H:%M}" if moment else ""


def _value(user: Any, field: str) -> Any:
    if field.startswith("profile:"):
        return user.custom_fields.get(field.removeprefix("profile:"), "")
    return getattr(user, field)
