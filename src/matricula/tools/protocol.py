"""What is asked of a learning tool, and what is known of its courses, students and grades.

Ids are texts: tools number what they have, or name it, and nothing is ever worked out with an id.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, Self

from matricula.errors import RowError, SettingError, WaitError

State = Literal["done", "refused", "doubt"]
"""What became of a row: done; refused by the tool; or in doubt, because no answer came to a call that writes."""


@dataclass(frozen=True)
class Abilities:
    """What a kind of tool can do.

    Args:
        writes_rosters: whether students can be added, changed and taken away.
        changes_email: whether the address of a student can be changed.
        restores: whether a student who was deleted can be brought back.
        invites_itself: whether the tool sends an invitation to everybody who is added.
        enables_courses: whether a course is made ready for a learning platform by a call.
        grades: whether it gives grades back.
        at_once: so many students in one call at most.
    """

    writes_rosters: bool = True
    changes_email: bool = True
    restores: bool = True
    invites_itself: bool = True
    enables_courses: bool = True
    grades: bool = True
    at_once: int = 100


@dataclass(frozen=True)
class Instance:
    """The school's part of a tool.

    Args:
        id: its id there.
        name: its name, for people.
        enabled: whether it may be used from a learning platform at all.
        grading: how it grades, in its own word; empty where it does not say.
    """

    id: str
    name: str
    enabled: bool = True
    grading: str = ""


@dataclass(frozen=True)
class ToolCourse:
    """A course of a tool.

    Args:
        id: its id.
        name: its name.
        code: its short code; empty where it has none.
        enabled: whether it is kept by a learning platform.
    """

    id: str
    name: str
    code: str = ""
    enabled: bool = False


@dataclass(frozen=True)
class NewStudent:
    """A student as Moodle has them.

    Args:
        email: the address, as it is written.
        given: first name.
        family: last name.
        number: the school's own number of them (Moodle's idnumber); empty where there is none.
        section: the group; empty where there is none.
    """

    email: str
    given: str
    family: str
    number: str = ""
    section: str = ""


@dataclass(frozen=True)
class Student(NewStudent):
    """A student of a tool's course.

    Args:
        id: the tool's id.
        accepted: whether an invitation was taken up.
        created: when the tool made them, as it says (Unix time); None where it does not.
    """

    id: str = ""
    accepted: bool = False
    created: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one row of a call that writes.

    Args:
        state: see `State`.
        student: the student as the tool has them now; None where it did not say.
        reason: why not, in words; empty where it is done.
    """

    state: State
    student: Student | None = None
    reason: str = ""


@dataclass(frozen=True)
class Question:
    """A question of a lesson, with the most it can give; None where the tool does not say."""

    id: str
    maximum: float | None


@dataclass(frozen=True)
class StudentGrades:
    """What a student has in a revision.

    Args:
        student: the tool's id of the student.
        offset: points that a teacher added or took away; None where nobody did.
        questions: points by the question's id; None where it was not answered or not graded.
    """

    student: str
    offset: float | None
    questions: Mapping[str, float | None]


@dataclass(frozen=True)
class Revision:
    """A published revision of a lesson, with its questions and what students have in it."""

    id: str
    title: str
    questions: tuple[Question, ...]
    students: tuple[StudentGrades, ...]


@dataclass(frozen=True)
class Lesson:
    """A published lesson and its graded revisions.

    Args:
        id: the lesson's id.
        content: the id of what was published; empty where the tool has none.
        title: its title.
        revisions: graded revisions, in the tool's order.
    """

    id: str
    content: str
    title: str
    revisions: tuple[Revision, ...]


@dataclass(frozen=True)
class ToolSettings:
    """How a tool is reached.

    Args:
        name: its name in commands, for messages.
        type: its kind, a key of `tools.TOOLS`.
        url: the address of its service, without the path of any call.
        timeout: seconds to wait for one answer.
        client_id: the client's id, where one signs in with id and secret.
        token_url: where an access token is fetched, where one signs in with id and secret.
    """

    name: str
    type: str
    url: str
    timeout: float = 60
    client_id: str = ""
    token_url: str = ""


@dataclass(frozen=True)
class ToolSurroundings:
    """What a tool's adapter may ask for.

    Args:
        token: gives the tool's token, or the secret of its client; raises SettingError where none is known.
        say: told in a few words what is being done.
        pause: waits so many seconds; for tests.
    """

    token: Callable[[], str]
    say: Callable[[str], None] = lambda _: None
    pause: Callable[[float], None] | None = None


class CourseGoneError(SettingError):
    """The tool has no such course, or no longer."""


class TaskError(WaitError):
    """A task of the tool failed, or did not end within the patience that was given."""


class RefusedError(RowError):
    """The tool does not take what was sent, and says why."""


class Tool(Protocol):
    """A learning tool. Use it as a context manager: connections end with it.

    Nothing is asked before a method is called. Every method raises SettingError where address or token are wrong,
    WaitError where the tool is out of reach or busy, and StopError where its answer cannot be used; methods on a course
    raise CourseGoneError where the tool has none with this id.

    Methods that write answer with one `Outcome` for each row, in their order: a row that is refused never keeps the
    others back, and none is sent twice. A row whose answer never came is in doubt; the caller looks before it goes on.
    """

    @property
    def abilities(self) -> Abilities:
        """What it can do."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def instance(self) -> Instance:
        """Who it is; the call by which a connection is tried."""
        ...

    def courses(self, search: str = "") -> list[ToolCourse]:
        """Its courses, by name.

        Args:
            search: only those in whose name, code or id this stands, in whatever case.
        """
        ...

    def enable(self, course: str) -> ToolCourse:
        """Let a course be kept by a learning platform; one that is so already stays so."""
        ...

    def disable(self, course: str) -> ToolCourse:
        """Let a course be kept by hand again; its students stay."""
        ...

    def students(self, course: str, *, deleted: bool = False) -> list[Student]:
        """Students of a course: those who are in it, or those who were and were deleted."""
        ...

    def add(self, course: str, students: Sequence[NewStudent]) -> list[Outcome]:
        """Add students; where the tool invites itself they get an invitation. What is done carries the student."""
        ...

    def edit(self, course: str, students: Sequence[Student]) -> list[Outcome]:
        """Write names, numbers, sections and, where the tool can, addresses of students by their ids."""
        ...

    def delete(self, course: str, students: Sequence[str]) -> list[Outcome]:
        """Take students out of a course, by their ids."""
        ...

    def restore(self, course: str, students: Sequence[str]) -> list[Outcome]:
        """Bring deleted students back, by their ids."""
        ...

    def grades(self, course: str, patience: float) -> tuple[Lesson, ...]:
        """All graded lessons of a course.

        Args:
            course: the course.
            patience: seconds to wait for a task of the tool to end.

        Raises:
            TaskError: the task failed, or had not ended by then.
        """
        ...
