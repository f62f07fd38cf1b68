"""What kuraCloud's records are, read with care: whoever answers may be a proxy, a portal or a newer version."""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any, NoReturn

from matricula.errors import StopError
from matricula.tools.protocol import (
    Instance,
    Lesson,
    NewStudent,
    Question,
    Revision,
    Student,
    StudentGrades,
    ToolCourse,
)

Record = Mapping[str, Any]


def instance(came: Any, where: str) -> Instance:
    """`{instanceId, displayName, gradingMode, lmsEnabled}`."""
    row = _record(came, "an instance", where)
    return Instance(
        _id(row, "instanceId", where), _text(row, "displayName"), _flag(row, "lmsEnabled"), _text(row, "gradingMode")
    )


def courses(came: Any, where: str) -> list[ToolCourse]:
    """A list of courses."""
    return [course(row, where) for row in _records(came, "courses", where)]


def course(came: Any, where: str) -> ToolCourse:
    """`{courseId, name, courseCode, lmsEnabled}`."""
    row = _record(came, "a course", where)
    return ToolCourse(
        _id(row, "courseId", where), _text(row, "name"), _text(row, "courseCode"), _flag(row, "lmsEnabled")
    )


def students(came: Any, where: str) -> list[Student]:
    """A list of students, or one alone."""
    rows = [came] if isinstance(came, Mapping) else came
    return [_student(row, where) for row in _records(rows, "students", where)]


def new_student(student: NewStudent) -> dict[str, Any]:
    """A student to be added."""
    return {
        "givenName": student.given,
        "familyName": student.family,
        "externalStudentId": student.number,
        "section": student.section,
        "email": student.email,
    }


def whole_student(student: Student) -> dict[str, Any]:
    """A student as the service wants them for a change: whole."""
    return (
        by_id(student.id)
        | new_student(student)
        | {
            "inviteComplete": student.accepted,
            "createdDate": student.created,
        }
    )


def by_id(student: str) -> dict[str, Any]:
    """A student by the id alone."""
    return {"studentId": _wire(student)}


def task_token(came: Any, where: str) -> str:
    """The token of a task that was begun."""
    return _id(_record(came, "a task", where), "taskToken", where)


def task_status(came: Any, where: str) -> str:
    """The state of a task in capitals; empty where the answer has none."""
    return _text(_record(came, "a task", where), "status").upper()


def lessons(came: Any, where: str) -> tuple[Lesson, ...]:
    """Graded lessons with their revisions."""
    return tuple(
        Lesson(
            _id(row, "publishedLessonId", where),
            _text(row, "publishedContentId"),
            _text(row, "publishedLessonTitle"),
            tuple(
                _revision(each, where)
                for each in _records(row.get("gradedPublishedRevisions"), "gradedPublishedRevisions", where)
            ),
        )
        for row in _records(came, "lessons", where)
    )


def _revision(row: Record, where: str) -> Revision:
    questions = tuple(
        Question(_id(each, "questionId", where), _number(each, "maxGrade", where))
        for each in _records(row.get("questions"), "questions", where)
    )
    graded = tuple(
        StudentGrades(
            _id(each, "studentId", where),
            _number(each, "gradeOffset", where),
            {
                _id(one, "questionId", where): _number(one, "questionGrade", where)
                for one in _records(each.get("questionGrades"), "questionGrades", where)
            },
        )
        for each in _records(row.get("studentGrades"), "studentGrades", where)
    )
    return Revision(_id(row, "publishedRevisionId", where), _text(row, "publishedRevisionTitle"), questions, graded)


def _student(row: Record, where: str) -> Student:
    made = row.get("createdDate")
    return Student(
        email=_text(row, "email"),
        given=_text(row, "givenName"),
        family=_text(row, "familyName"),
        number=_text(row, "externalStudentId"),
        section=_text(row, "section"),
        id=_id(row, "studentId", where),
        accepted=_flag(row, "inviteComplete"),
        created=made if isinstance(made, int) and not isinstance(made, bool) else None,
    )


def _records(came: Any, what: str, where: str) -> Sequence[Record]:
    if not isinstance(came, list) or not all(isinstance(row, Mapping) for row in came):
        _unusable(f"The answer holds no list of {what}", where)
    return came


def _record(came: Any, what: str, where: str) -> Record:
    if not isinstance(came, Mapping):
        _unusable(f"The answer is not {what}", where)
    return came


def _id(row: Record, name: str, where: str) -> str:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        _unusable(f"A record has no {name}", where)
    return str(value)


def _text(row: Record, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _flag(row: Record, name: str) -> bool:
    return row.get(name) is True


def _number(row: Record, name: str, where: str) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        _unusable(f"What stands as {name} is no number", where)
    return float(value)


def _wire(student: str) -> int | str:
    """An id as the service writes it: a number, where it is one."""
    return int(student) if student.isdecimal() and str(int(student)) == student else student


def _unusable(what: str, where: str) -> NoReturn:
    raise StopError(
        f"{what}; it cannot be used.",
        where=where,
        remedy="Check that the address is that of the tool's service; else show the vendor this message.",
        code="tool-answer",
    )
