"""kuraCloud by its `/v2` API, as the block plugin `block_kuracloud` 1.1.1 spoke it.

Only the status 200 is success. Students are deleted and restored by `{studentId}`, however they were found: the plugin
sent bare numbers for some, which the service does not take.
"""

import time
from collections.abc import Callable, Generator, Sequence
from typing import Any, ClassVar, Final, Self
from urllib.parse import quote

import httpx2

from matricula import logs
from matricula.errors import SettingError, StopError
from matricula.sources.web.auth import ServiceAuth
from matricula.tools import kuracloud_records as records
from matricula.tools.protocol import (
    Abilities,
    Instance,
    Lesson,
    NewStudent,
    Outcome,
    RefusedError,
    Student,
    TaskError,
    ToolCourse,
    ToolSettings,
    ToolSurroundings,
)
from matricula.tools.service import ToolService

EXAMPLE: Final = "https://api.kuracloud.com"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0
_EXPORT: Final = "published/exportgrades.json"
_AT_WORK: Final = frozenset({"", "PENDING", "QUEUED", "RECEIVED", "STARTED", "RUNNING", "RETRY", "IN_PROGRESS"})
_SUCCEEDED: Final = "SUCCEEDED"


class KuraToken(ServiceAuth):
    """The token in the header `X-Kura-Token`.

    Args:
        token: the token.
        tool: the tool's name in commands.
    """

    credential = "the token"

    def __init__(self, token: str, tool: str) -> None:
        self._token = token
        self.advice = f"Get a token in kuraCloud and enter it with `matricula tool token {tool}`."

    def secrets(self) -> tuple[str, ...]:
        """What messages may not show."""
        return (self._token,)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send the token along."""
        request.headers["X-Kura-Token"] = self._token
        yield request


class KuraCloud:
    """One instance of kuraCloud; see `Tool`.

    Args:
        settings: how it is reached.
        surroundings: where its token comes from.

    Raises:
        SettingError: the address cannot be used, or no token is known.
    """

    abilities: ClassVar[Abilities] = Abilities()

    def __init__(self, settings: ToolSettings, surroundings: ToolSurroundings) -> None:
        token = logs.hide(surroundings.token().strip())
        if not token or not (token.isascii() and token.isprintable()):
            raise SettingError(
                "The token is empty, or holds letters that none has.",
                where=f"tool {settings.name}",
                remedy=f"Enter it again with `matricula tool token {settings.name}`.",
                code="tool-token-unusable",
            )
        self._service = ToolService(settings, KuraToken(token, settings.name), EXAMPLE)
        self._where = f"tool {settings.name}"
        self._say = surroundings.say
        self._pause: Callable[[float], None] = surroundings.pause or time.sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._service.__exit__(*error)

    def instance(self) -> Instance:
        """Who it is (GET /v2/instance)."""
        return records.instance(self._service.read("/v2/instance"), self._where)

    def courses(self, search: str = "") -> list[ToolCourse]:
        """Its courses, by name (GET /v2/course); the service knows no search."""
        found = records.courses(self._service.read("/v2/course"), self._where)
        wanted = search.casefold().strip()
        kept = [each for each in found if wanted in f"{each.name}\n{each.code}\n{each.id}".casefold()]
        return sorted(kept, key=lambda each: (each.name.casefold(), each.id))

    def enable(self, course: str) -> ToolCourse:
        """Let a course be kept by a learning platform (PUT /v2/course/{id})."""
        return self._switched(course, enabled=True)

    def disable(self, course: str) -> ToolCourse:
        """Let a course be kept by hand again (PUT /v2/course/{id})."""
        return self._switched(course, enabled=False)

    def students(self, course: str, *, deleted: bool = False) -> list[Student]:
        """Students of a course (GET /v2/course/{id}/student)."""
        came = self._service.read(_path(course, "student"), {"deleted": "true"} if deleted else None)
        return records.students(came, self._where)

    def add(self, course: str, students: Sequence[NewStudent]) -> list[Outcome]:
        """Add students and invite them (POST …/student); the answer is one student or a list of them."""
        if not students:
            return []
        try:
            came = self._service.do(_path(course, "student"), [records.new_student(each) for each in students])
            made = _by_email(records.students(came, self._where))
        except RefusedError as error:
            if len(students) == 1:
                return [Outcome("refused", reason=error.what)]
            there = _by_email(self.students(course))  # nothing says that a refused call did nothing at all
            return [
                Outcome("done", there[each.email.casefold()])
                if each.email.casefold() in there
                else self.add(course, [each])[0]
                for each in students
            ]
        except StopError as error:
            return [Outcome("doubt", reason=error.what) for _ in students]
        return [_told(made.get(each.email.casefold())) for each in students]

    def edit(self, course: str, students: Sequence[Student]) -> list[Outcome]:
        """Write whole students (POST …/student/edit)."""
        rows = [records.whole_student(each) for each in students]
        return self._each(_path(course, "student/edit"), rows)

    def delete(self, course: str, students: Sequence[str]) -> list[Outcome]:
        """Take students out (POST …/student/delete)."""
        return self._each(_path(course, "student/delete"), [records.by_id(each) for each in students])

    def restore(self, course: str, students: Sequence[str]) -> list[Outcome]:
        """Bring students back (POST …/student/restore)."""
        return self._each(_path(course, "student/restore"), [records.by_id(each) for each in students])

    def grades(self, course: str, patience: float) -> tuple[Lesson, ...]:
        """All graded lessons (POST …/published/exportgrades.json, then its task, then what it made)."""
        asked = self._service.do(_path(course, _EXPORT), repeatable=True)
        token = records.task_token(asked, self._where)
        task = _path(course, f"{_EXPORT}/{quote(token, safe='')}")
        self._wait_for(task, patience)
        return records.lessons(self._service.read(f"{task}/download"), self._where)

    def _wait_for(self, task: str, patience: float) -> None:
        end = time.monotonic() + patience
        pause = _FIRST_PAUSE
        while (status := records.task_status(self._service.read(task), self._where)) != _SUCCEEDED:
            if status not in _AT_WORK:
                raise TaskError(
                    f"The tool's export of grades failed; its state is {status}.",
                    where=self._where,
                    remedy="Try again; if it stays so, show the vendor this message.",
                    code="tool-task-failed",
                )
            left = end - time.monotonic()
            if left <= 0:
                raise TaskError(
                    f"The tool's export of grades was not ready after {patience:g} seconds.",
                    where=self._where,
                    remedy="Try again later, or set a longer `patience` in the tool's document.",
                    code="tool-task-endless",
                )
            self._say("waiting for the export of grades")
            self._pause(min(pause, left))
            pause = min(pause + _FIRST_PAUSE, _LONGEST_PAUSE)

    def _switched(self, course: str, *, enabled: bool) -> ToolCourse:
        came = self._service.store(_path(course), {"lmsEnabled": enabled})
        return records.course(came, self._where)

    def _each(self, path: str, rows: list[dict[str, Any]]) -> list[Outcome]:
        """Send rows of which each may be sent twice; a refused call is sent again row by row."""
        if not rows:
            return []
        try:
            self._service.do(path, rows, repeatable=True, answers=False)
        except RefusedError as error:
            if len(rows) == 1:
                return [Outcome("refused", reason=error.what)]
            return [self._each(path, [row])[0] for row in rows]
        return [Outcome("done") for _ in rows]


def _path(course: str, rest: str = "") -> str:
    return f"/v2/course/{quote(course, safe='')}{'/' if rest else ''}{rest}"


def _by_email(students: Sequence[Student]) -> dict[str, Student]:
    return {each.email.casefold(): each for each in students}


def _told(student: Student | None) -> Outcome:
    return Outcome("done", student) if student else Outcome("doubt", reason="The tool's answer does not name them.")
