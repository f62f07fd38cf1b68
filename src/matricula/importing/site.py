"""What a first import reads of a Moodle."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial

from matricula.moodle import Category, Course, CourseEnrolment, Moodle, User
from matricula.moodle.grades import Grade

Say = Callable[[str], None]


@dataclass(frozen=True)
class SiteSeen:
    """A site at one moment.

    Args:
        own_id: the token's own account.
        users: all accounts that the token's user may see, by id.
        categories: all categories, by id.
        courses: all courses, by id.
        enrolments: who is in which course, with roles and status.
    """

    own_id: int
    users: Mapping[int, User]
    categories: Mapping[int, Category]
    courses: Mapping[int, Course]
    enrolments: tuple[CourseEnrolment, ...]


def read_site(moodle: Moodle, say: Say) -> SiteSeen:
    """Read accounts with their custom fields, categories, courses, and who is in which course.

    Args:
        moodle: the site.
        say: told in words what is being read.

    Raises:
        MoodleError: the site cannot be read.
    """
    own = moodle.site().user_id
    say("reading the accounts")
    users = {user.id: user for user in moodle.users.all()}
    say("reading categories and courses")
    categories = {category.id: category for category in moodle.categories.all()}
    courses = {course.id: course for course in moodle.courses.all()}
    say(f"reading who is in {len(courses):,} courses")
    enrolments = moodle.enrolments.of_courses(sorted(courses))
    return SiteSeen(own, users, categories, courses, tuple(enrolments))


def read_totals(moodle: Moodle, wanted: Mapping[int, Collection[int]], say: Say) -> dict[tuple[int, int], Grade]:
    """Read the totals of courses (`gradereport_user_get_grade_items`).

    Args:
        moodle: the site.
        wanted: the students of each course; those who are suspended in it are asked for one by one.
        say: told in words what is being read.

    Returns:
        the total by course and account; who has none is not named.

    Raises:
        MoodleError: the site cannot be read.
    """
    if not wanted:
        return {}
    say(f"reading the totals of {len(wanted):,} older courses")
    order = sorted(wanted)
    read = moodle.in_parallel([partial(moodle.grades.of_course, course, sorted(wanted[course])) for course in order])
    return {
        (course, user): grade
        for course, people in zip(order, read, strict=True)
        for user, graded in people.items()
        if user in wanted[course]
        for grade in graded.grades
        if grade.kind == "course" and grade.raw is not None
    }
