"""Learning data in numbers: which courses of a site were read and when, and what each item of a course holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from matricula.errors import UsageError
from matricula.hub.home import Home
from matricula.hub.learning_shown import name_of, names_of_accounts

_OF_GRADE = (
    *("item", "user", "state", "raw", "shown", "percentage", "letter", "feedback"),
    *("hidden", "locked", "overridden", "former", "changed_at"),
)
_TOTALS = {"course": "Course total", "category": "Category total"}


@dataclass(frozen=True)
class CourseRead:
    """A course whose learning data is kept.

    Args:
        course: its id in Moodle.
        name: its name.
        shortname: its short name.
        grades_at: when its gradebook was read; None where it was not.
        contents_at: the same of its modules.
        items: how many grade items it has, without totals.
        graded: how many grades were given in them, zero among them.
    """

    course: int
    name: str
    shortname: str
    grades_at: datetime | None
    contents_at: datetime | None
    items: int
    graded: int


@dataclass(frozen=True)
class ItemRead:
    """A grade item, and how many people have what in it.

    Args:
        item: its id in Moodle.
        name: its name; of a total, what it is the total of.
        kind: `mod`, `manual`, `course` or `category`, as Moodle says it.
        category: the category that it stands in; the outermost is called as the course; empty for totals of courses.
        weight: its weight in percent of what stands above; None where Moodle tells none.
        maximum: most points; None for a scale.
        hidden: whether the item as a whole is hidden from students.
        graded: people with a grade; zero is one.
        none: people without a grade.
        excused: people who are excused.
        hidden_grades: people whose grade is hidden from them.
    """

    item: int
    name: str
    kind: str
    category: str
    weight: float | None
    maximum: float | None
    hidden: bool
    graded: int
    none: int
    excused: int
    hidden_grades: int


def courses_read(home: Home, site: str) -> list[CourseRead]:
    """The courses of a site whose learning data is kept, by name.

    Raises:
        UsageError: there is no such site.
    """
    return sorted(_courses(home, site, None), key=lambda each: (each.name.casefold(), each.course))


def course_read(home: Home, site: str, course: int) -> CourseRead:
    """One course whose learning data is kept.

    Raises:
        UsageError: there is no such site, or nothing is kept of the course.
    """
    found = _courses(home, site, [course])
    if not found:
        raise UsageError(
            f"Nothing is known of a course {course} of {site}.",
            where=f"site {site}",
            remedy="Read its learning data first, or choose one of those that are listed.",
            code="course-unknown",
        )
    return found[0]


def items_read(home: Home, site: str, course: int) -> list[ItemRead]:
    """The grade items of a course in the order of its gradebook, totals among them.

    Raises:
        UsageError: there is no such site, or nothing is kept of the course.
    """
    course_read(home, site, course)
    learning = home.store.learning
    categories = dict(learning.frame("category", site, [course]).select("category", "name").iter_rows())
    grades = learning.frame("grade", site, [course])
    states = grades.group_by("item", "state").len().iter_rows()
    counts = {(item, state): number for item, state, number in states}
    hidden = dict(grades.filter(pl.col("hidden")).group_by("item").len().iter_rows())
    return [
        ItemRead(
            item=row["item"],
            name=_title(row["kind"], row["name"], categories.get(row["instance"], "")),
            kind=row["kind"],
            category=categories.get(row["category"], ""),
            weight=row["weight"],
            maximum=row["maximum"],
            hidden=row["hidden"],
            graded=counts.get((row["item"], "graded"), 0),
            none=counts.get((row["item"], "none"), 0),
            excused=counts.get((row["item"], "excused"), 0),
            hidden_grades=hidden.get(row["item"], 0),
        )
        for row in learning.frame("item", site, [course]).sort("position", "item").iter_rows(named=True)
    ]


def grades_read(home: Home, site: str, course: int, item: int | None, begin: int, limit: int) -> list[dict[str, Any]]:
    """What everybody has in the items of a course, by item and account, with names as far as they are known.

    Args:
        home: the home.
        site: the site.
        course: the course's id in Moodle.
        item: only in this item; None for all.
        begin: how many are left out before.
        limit: at most so many.

    Raises:
        UsageError: there is no such site, or nothing is kept of the course.
    """
    course_read(home, site, course)
    grades = home.store.learning.frame("grade", site, [course])
    chosen = grades if item is None else grades.filter(item=item)
    page = chosen.sort("item", "user").slice(begin, limit)
    names = names_of_accounts(home, site)
    return [
        {name: row[name] for name in _OF_GRADE} | {"name": name_of(row["user"], names)}
        for row in page.iter_rows(named=True)
    ]


def _courses(home: Home, site: str, wanted: list[int] | None) -> list[CourseRead]:
    home.site(site)
    learning = home.store.learning
    items = learning.frame("item", site, wanted).filter(~pl.col("kind").is_in(list(_TOTALS)))
    number, graded = dict(items.group_by("course").len().iter_rows()), learning.graded(site, _TOTALS)
    rows = learning.frame("course", site, wanted).select("course", "name", "shortname", "grades_at", "contents_at")
    return [
        CourseRead(**row, items=number.get(row["course"], 0), graded=graded.get(row["course"], 0))
        for row in rows.iter_rows(named=True)
    ]


def _title(kind: str, name: str, category: str) -> str:
    told = name or _TOTALS.get(kind, "")
    return f"{told}: {category}" if kind == "category" and category else told
