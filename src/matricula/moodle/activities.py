"""Activities of courses, what was handed in, and what is in a course.

Traps that these calls respect: assignments of courses in which the token's user is not enrolled come only when asked
for with `includenotenrolledcourses`; courses and assignments out of reach answer a warning and are then simply missing;
`since` compares with the moment at which the *assignment* was graded, so that a grade written in the gradebook itself
is not told of.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from matricula.moodle.batches import fit
from matricula.moodle.family import Family, in_parts
from matricula.moodle.gradebook import points
from matricula.moodle.shapes import Record, flag, inner, number, optional_number, records, text

T = TypeVar("T")

GET_ASSIGNMENTS: Final = "mod_assign_get_assignments"
GET_QUIZZES: Final = "mod_quiz_get_quizzes_by_courses"
GET_LESSONS: Final = "mod_lesson_get_lessons_by_courses"
GET_SUBMISSIONS: Final = "mod_assign_get_submissions"
GET_ASSIGN_GRADES: Final = "mod_assign_get_grades"
GET_CONTENTS: Final = "core_course_get_contents"
#: Assignments of which one call asks at most.
_ASSIGNMENTS = 500


@dataclass(frozen=True, slots=True)
class Activity:
    """An assignment, a quiz or a lesson.

    Args:
        module: `assign`, `quiz` or `lesson`.
        instance: its id among those of its kind.
        cmid: its place in the course.
        course_id: the course.
        name: its name.
        opens, due, closes: seconds since 1970, 0 for none.
        maximum: points; None where it is graded with a scale or not at all.
    """

    module: str
    instance: int
    cmid: int
    course_id: int
    name: str
    opens: int
    due: int
    closes: int
    maximum: float | None


@dataclass(frozen=True, slots=True)
class Reached:
    """Activities of one kind, and which courses were answered for.

    Args:
        activities: the activities.
        missing: courses of which the site told nothing because they are out of reach.
    """

    activities: tuple[Activity, ...]
    missing: frozenset[int]


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody handed in, in the last attempt.

    Args:
        assignment: the assignment.
        user_id: who; 0 where a group did.
        attempt: from 0.
        status: `new`, `draft`, `submitted` or `reopened`.
        grading: `graded`, `notgraded`, or how far the marking workflow is.
        created, modified: seconds since 1970.
    """

    assignment: int
    user_id: int
    attempt: int
    status: str
    grading: str
    created: int
    modified: int


@dataclass(frozen=True, slots=True)
class AssignGrade:
    """That somebody's work was graded.

    Args:
        assignment: the assignment.
        user_id: whose work.
        modified: when, in seconds since 1970.
    """

    assignment: int
    user_id: int
    modified: int


@dataclass(frozen=True, slots=True)
class CourseModule:
    """Something in a course.

    Args:
        cmid: its id.
        section: name of the section that it is in.
        module: its kind, such as `url`.
        instance: its id among those of its kind.
        name: its name.
        url: its page.
        visible: whether students see it.
        links: addresses that it points to, other than files of the site.
    """

    cmid: int
    section: str
    module: str
    instance: int
    name: str
    url: str
    visible: bool
    links: tuple[str, ...]


class Activities(Family):
    """Calls about activities."""

    def assignments(self, course_ids: Iterable[int]) -> Reached:
        """Assignments of courses (`mod_assign_get_assignments`), in as many calls as needed.

        Raises:
            MoodleError: one of the tree.
        """
        return self._of_courses(GET_ASSIGNMENTS, course_ids, _assignments)

    def quizzes(self, course_ids: Iterable[int]) -> Reached:
        """Quizzes of courses (`mod_quiz_get_quizzes_by_courses`); as `assignments`."""
        return self._of_courses(GET_QUIZZES, course_ids, _quizzes)

    def lessons(self, course_ids: Iterable[int]) -> Reached:
        """Lessons of courses (`mod_lesson_get_lessons_by_courses`); as `assignments`."""
        return self._of_courses(GET_LESSONS, course_ids, _lessons)

    def submissions(self, assignments: Iterable[int], *, since: int = 0) -> list[Submission]:
        """What was handed in or altered since a moment (`mod_assign_get_submissions`).

        Args:
            assignments: ids of assignments; those out of reach are missing.
            since: seconds since 1970; 0 for all.

        Raises:
            MoodleError: one of the tree.
        """
        return self._since(GET_SUBMISSIONS, assignments, since, _submissions)

    def graded(self, assignments: Iterable[int], *, since: int) -> list[AssignGrade]:
        """Whose work was graded since a moment (`mod_assign_get_grades`); as `submissions`."""
        return self._since(GET_ASSIGN_GRADES, assignments, since, _graded)

    def contents(self, course_id: int) -> list[CourseModule]:
        """What is in a course, section by section (`core_course_get_contents`).

        Raises:
            Refused: there is no such course, or the token's user may not enter it.
            MoodleError: one of the tree.
        """
        sections = records(self._moodle.read(GET_CONTENTS, {"courseid": course_id}), GET_CONTENTS)
        return [
            _module(text(section, "name"), row)
            for section in sections
            for row in records(section.get("modules"), GET_CONTENTS)
        ]

    def _of_courses(self, function: str, course_ids: Iterable[int], read: Callable[[Any], list[Activity]]) -> Reached:
        more = {"includenotenrolledcourses": 1} if function == GET_ASSIGNMENTS else {}

        def ask(part: Sequence[int]) -> list[tuple[list[Activity], set[int]]]:
            answer = self._moodle.read(function, {"courseids": part} | more)
            out = (optional_number(row, "itemid") for row in inner(answer, "warnings", function))
            return [(read(answer), {each for each in out if each is not None})]

        parts = in_parts(self._moodle, course_ids, ask, other=len(more))
        found = [each for activities, _ in parts for each in activities]
        return Reached(tuple(found), frozenset(each for _, missing in parts for each in missing))

    def _since(
        self, function: str, assignments: Iterable[int], since: int, read: Callable[[Record], list[T]]
    ) -> list[T]:
        wanted = list(dict.fromkeys(assignments))
        if not wanted:
            return []

        def ask(part: Sequence[int]) -> list[T]:
            answer = self._moodle.read(function, {"assignmentids": part, "since": since})
            return [each for row in inner(answer, "assignments", function) for each in read(row)]

        parts = fit(wanted, self._moodle.form_fields - 1, most=_ASSIGNMENTS)
        return [each for part in self._moodle.in_parallel([partial(ask, part) for part in parts]) for each in part]


def _assignments(answer: Any) -> list[Activity]:
    rows = [
        row
        for course in inner(answer, "courses", GET_ASSIGNMENTS)
        for row in records(course.get("assignments"), GET_ASSIGNMENTS)
    ]
    names = ("cmid", "allowsubmissionsfromdate", "duedate", "cutoffdate")
    return [_activity("assign", row, GET_ASSIGNMENTS, *names) for row in rows]


def _quizzes(answer: Any) -> list[Activity]:
    rows = inner(answer, "quizzes", GET_QUIZZES)
    return [_activity("quiz", row, GET_QUIZZES, "coursemodule", "timeopen", "", "timeclose") for row in rows]


def _lessons(answer: Any) -> list[Activity]:
    rows = inner(answer, "lessons", GET_LESSONS)
    return [_activity("lesson", row, GET_LESSONS, "coursemodule", "available", "", "deadline") for row in rows]


def _activity(module: str, row: Record, function: str, cmid: str, opens: str, due: str, closes: str) -> Activity:
    maximum = points(row.get("grade"))
    return Activity(
        module=module,
        instance=number(row, "id", function),
        cmid=number(row, cmid, function),
        course_id=number(row, "course", function),
        name=text(row, "name"),
        opens=optional_number(row, opens) or 0,
        due=optional_number(row, due) or 0,
        closes=optional_number(row, closes) or 0,
        # Moodle keeps a scale as a negative number in the place of the highest grade.
        maximum=maximum if maximum is not None and maximum > 0 else None,
    )


def _submissions(row: Record) -> list[Submission]:
    key = number(row, "assignmentid", GET_SUBMISSIONS)
    return [
        Submission(
            assignment=key,
            user_id=number(each, "userid", GET_SUBMISSIONS),
            attempt=optional_number(each, "attemptnumber") or 0,
            status=text(each, "status"),
            grading=text(each, "gradingstatus"),
            created=optional_number(each, "timecreated") or 0,
            modified=optional_number(each, "timemodified") or 0,
        )
        for each in records(row.get("submissions"), GET_SUBMISSIONS)
    ]


def _graded(row: Record) -> list[AssignGrade]:
    key = number(row, "assignmentid", GET_ASSIGN_GRADES)
    return [
        AssignGrade(key, number(each, "userid", GET_ASSIGN_GRADES), optional_number(each, "timemodified") or 0)
        for each in records(row.get("grades"), GET_ASSIGN_GRADES)
    ]


def _module(section: str, row: Record) -> CourseModule:
    contents = records(row.get("contents") or [], GET_CONTENTS)
    return CourseModule(
        cmid=number(row, "id", GET_CONTENTS),
        section=section,
        module=text(row, "modname"),
        instance=optional_number(row, "instance") or 0,
        name=text(row, "name"),
        url=text(row, "url"),
        visible=flag(row, "visible"),
        links=tuple(text(each, "fileurl") for each in contents if text(each, "type") == "url"),
    )
