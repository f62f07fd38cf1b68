"""What a learning tool of the sandbox holds, and the rules by which it changes."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
_FIRST_MOMENT = 1_735_689_600  # students are made one second after another from the first day of 2025 on
_STUDENT = ("email", "givenName", "familyName", "externalStudentId", "section")


class ToolRefusalError(Exception):
    """A call that is refused, with its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class ToolState:
    """The instance, its courses and their students.

    Attributes:
        instance: as ``GET /v2/instance`` answers.
        courses: courses by id.
        lessons: what an export of grades of a course holds, by the course's id.
        invitations: who was invited to which course: id and address, in order.
        invites: whether it invites whoever is added.
    """

    def __init__(self, fixture: str = "empty") -> None:
        self.lock = threading.RLock()
        self.instance: Row = {
            "instanceId": 7001,
            "displayName": "Brook School on kuraCloud",
            "gradingMode": "POINTS",
            "lmsEnabled": True,
        }
        self.courses: dict[int, Row] = {}
        self.lessons: dict[int, list[Row]] = {}
        self.invitations: list[tuple[int, str]] = []
        self.invites = True
        self._students: dict[int, dict[int, Row]] = {}
        self._deleted: set[int] = set()
        self._tasks: dict[str, int] = {}
        self._next = 100
        if fixture == "school":
            for name, code in (
                ("Biology 1", "BIO-1"),
                ("Biology 2", "BIO-2"),
                ("Chemistry 1", "CHE-1"),
                ("Physics 1", "PHY-1"),
            ):
                self.add_course(name, code)

    def add_course(self, name: str, code: str = "", *, enabled: bool = False) -> int:
        """Makes a course; gives its id."""
        with self.lock:
            number = self._number()
            self.courses[number] = {"courseId": number, "name": name, "courseCode": code, "lmsEnabled": enabled}
            self._students[number] = {}
            return number

    def remove_course(self, course: int) -> Row:
        """Takes a course out; gives what ``put_back`` takes."""
        with self.lock:
            return self.courses.pop(course)

    def put_back(self, course: Row) -> None:
        """Puts a course back that was taken out; its students were kept."""
        with self.lock:
            self.courses[course["courseId"]] = course

    def switch(self, course: int, *, enabled: bool) -> Row:
        """Lets a course be kept by a learning platform, or no longer."""
        found = self.course(course)
        found["lmsEnabled"] = enabled
        return dict(found)

    def course(self, course: int) -> Row:
        """A course by its id."""
        if course not in self.courses:
            raise ToolRefusalError(404, f"Course {course} does not exist.")
        return self.courses[course]

    def students(self, course: int, *, deleted: bool = False) -> list[Row]:
        """Students of a course: those in it, or those deleted."""
        self.course(course)
        return [dict(row) for key, row in self._students[course].items() if (key in self._deleted) is deleted]

    def add(self, course: int, rows: Sequence[Mapping[str, Any]], refused: Sequence[str] = ()) -> list[Row]:
        """Adds and invites students, all or none."""
        with self.lock:
            self._enabled(course)
            there = {row["email"].casefold() for row in self._students[course].values()}
            for row in rows:
                email = str(row.get("email") or "")
                if "@" not in email or email in refused:
                    raise ToolRefusalError(400, f"Invalid email address: {email!r}.")
                if email.casefold() in there:
                    raise ToolRefusalError(400, f"A student with the email address {email} already exists.")
                there.add(email.casefold())
            return [self._made(course, row) for row in rows]

    def edit(self, course: int, rows: Sequence[Mapping[str, Any]], refused: Sequence[str] = ()) -> list[Row]:
        """Writes whole students, all or none."""
        with self.lock:
            self._enabled(course)
            found = [self._student(course, row) for row in rows]
            for student, row in zip(found, rows, strict=True):
                missing = [name for name in _STUDENT if name not in row]
                if missing:
                    raise ToolRefusalError(400, f"A student lacks {', '.join(missing)}.")
                others = {each["email"].casefold() for each in self._students[course].values() if each is not student}
                if row["email"] in refused or row["email"].casefold() in others:
                    raise ToolRefusalError(400, f"The email address {row['email']} cannot be used.")
            for student, row in zip(found, rows, strict=True):
                student.update({name: row[name] for name in _STUDENT})
            return [dict(student) for student in found]

    def delete(self, course: int, rows: Sequence[Any]) -> None:
        """Deletes students, all or none."""
        self._each(course, rows, self._deleted.add)

    def restore(self, course: int, rows: Sequence[Any]) -> None:
        """Restores deleted students, all or none."""
        self._each(course, rows, self._deleted.discard)

    def begin_export(self, course: int) -> str:
        """Begins an export of grades; gives its task's token."""
        with self.lock:
            self.course(course)
            token = f"task-{self._number()}"
            self._tasks[token] = 0
            return token

    def poll(self, token: str) -> int:
        """How often a task had been asked for before."""
        with self.lock:
            if token not in self._tasks:
                raise ToolRefusalError(404, "There is no such task.")
            self._tasks[token] += 1
            return self._tasks[token] - 1

    def _each(self, course: int, rows: Sequence[Any], act: Callable[[int], None]) -> None:
        with self.lock:
            self._enabled(course)
            found = [self._student(course, row) for row in rows]
            for student in found:
                act(student["studentId"])

    def _student(self, course: int, row: Any) -> Row:
        if not isinstance(row, Mapping) or not isinstance(row.get("studentId"), int):
            raise ToolRefusalError(400, "Each student must be an object with a studentId.")
        if row["studentId"] not in self._students[course]:
            raise ToolRefusalError(400, f"Student {row['studentId']} does not exist.")
        return self._students[course][row["studentId"]]

    def _made(self, course: int, row: Mapping[str, Any]) -> Row:
        number = self._number()
        made: Row = {"studentId": number, "inviteComplete": False, "createdDate": _FIRST_MOMENT + number}
        made |= {name: str(row.get(name) or "") for name in _STUDENT}
        self._students[course][number] = made
        if self.invites:
            self.invitations.append((course, made["email"]))
        return dict(made)

    def _enabled(self, course: int) -> None:
        if not self.course(course)["lmsEnabled"]:
            raise ToolRefusalError(400, f"Course {course} is not enabled for a learning platform.")

    def _number(self) -> int:
        self._next += 1
        return self._next
