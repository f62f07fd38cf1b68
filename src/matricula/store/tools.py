"""Learning tools: how connections stand, which courses are mapped, which student is which account."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from matricula.store import schema_learning as schema
from matricula.store.database import Database
from matricula.store.frames import upsert

_state: Final = schema.tool_state
_course: Final = schema.tool_course
_student: Final = schema.tool_student

MappingState = Literal["ok", "course-gone", "tool-course-gone", "disabled", "removed"]


@dataclass(frozen=True, slots=True)
class ToolStanding:
    """How the connection with a tool stands.

    Args:
        tool: its name.
        instance: the id of its instance; empty where it never answered.
        display: the instance's name, for people.
        state: `ok` or `wrong`.
        message: what is wrong; empty where nothing is.
        checked_at: when that was looked at.
    """

    tool: str
    instance: str
    display: str
    state: str
    message: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class CourseMapping:
    """One course of Moodle and one of a tool that are kept together.

    Args:
        id: its number.
        tool: the tool's name.
        remote: the id of the tool's course.
        remote_name: its name, for people.
        site: the site's name.
        course: the course's id in Moodle.
        course_name: its name, for people.
        state: one of `MappingState`.
        message: what is wrong; empty where nothing is.
        made_at: when it was made.
        made_by: who made it.
        checked_at: when its courses were last looked at; None where that was never.
        removed_at: when it was removed.
    """

    id: int
    tool: str
    remote: str
    remote_name: str
    site: str
    course: int
    course_name: str
    state: str
    message: str
    made_at: datetime
    made_by: str
    checked_at: datetime | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownStudent:
    """That a student of a tool's course is an account of Moodle.

    Args:
        tool: the tool's name.
        remote: the id of its course.
        student: the id of the student there.
        site: the site.
        user: the account's id.
        email: the address that was last sent.
        at: since when that is known.
    """

    tool: str
    remote: str
    student: str
    site: str
    user: int
    email: str
    at: datetime | None = None


class Tools:
    """Queries on tools.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def stand(self, tool: str, state: str, message: str = "", *, instance: str = "", display: str = "") -> ToolStanding:
        """Note how a connection was seen to stand. A name that is not known now stays the one that was known."""
        before = self.standing(tool)
        now = ToolStanding(
            tool,
            instance or (before.instance if before else ""),
            display or (before.display if before else ""),
            state,
            message,
            datetime.now(UTC),
        )
        values = {name: getattr(now, name) for name in ToolStanding.__slots__}
        with self._database.writing() as connection:
            upsert(connection, _state, [values])
        return now

    def standing(self, tool: str) -> ToolStanding | None:
        """How a connection stands; None where nobody looked yet."""
        with self._database.reading() as connection:
            row = connection.execute(select(_state).where(_state.c.tool == tool)).first()
        return ToolStanding(**row._asdict()) if row else None

    def standings(self) -> dict[str, ToolStanding]:
        """How all connections stand, by the tool's name."""
        with self._database.reading() as connection:
            found = [ToolStanding(**row._asdict()) for row in connection.execute(select(_state))]
        return {each.tool: each for each in found}

    def map(
        self, tool: str, remote: str, remote_name: str, site: str, course: int, course_name: str, by: str
    ) -> CourseMapping:
        """Keep two courses together; the tables refuse a course that is mapped already."""
        values = {
            "tool": tool,
            "remote": remote,
            "remote_name": remote_name,
            "site": site,
            "course": course,
            "course_name": course_name,
            "state": "ok",
            "message": "",
            "made_at": datetime.now(UTC),
            "made_by": by,
        }
        with self._database.writing() as connection:
            number = connection.execute(insert(_course).returning(_course.c.id), values).scalar_one()
        return self._one(_course.c.id == number)

    def mapping(self, number: int) -> CourseMapping:
        """A mapping by its number; raises LookupError where there is none."""
        return self._one(_course.c.id == number)

    def mappings(self, tool: str | None = None, *, site: str | None = None) -> list[CourseMapping]:
        """Mappings that are not removed, by tool and course.

        Args:
            tool: only of this tool.
            site: only of this site.
        """
        wanted = [_course.c.state != "removed"]
        wanted += [_course.c.tool == tool] if tool is not None else []
        wanted += [_course.c.site == site] if site is not None else []
        statement = select(_course).where(*wanted).order_by(_course.c.tool, _course.c.course_name, _course.c.id)
        with self._database.reading() as connection:
            return [CourseMapping(**row._asdict()) for row in connection.execute(statement)]

    def saw(
        self,
        mapping: int,
        state: MappingState,
        message: str = "",
        *,
        remote_name: str | None = None,
        course_name: str | None = None,
    ) -> None:
        """Note how a mapping was seen to stand.

        Args:
            mapping: its number.
            state: see `MappingState`.
            message: what is wrong.
            remote_name: the tool's course as it is called now; None where that was not seen.
            course_name: Moodle's course as it is called now; None where that was not seen.
        """
        now = datetime.now(UTC)
        values = {"state": state, "message": message, "checked_at": now}
        values |= {"remote_name": remote_name} if remote_name is not None else {}
        values |= {"course_name": course_name} if course_name is not None else {}
        values |= {"removed_at": now} if state == "removed" else {}
        with self._database.writing() as connection:
            connection.execute(
                update(_course).where(_course.c.id == mapping, _course.c.state != "removed").values(**values)
            )

    def students(self, tool: str, remote: str) -> dict[str, KnownStudent]:
        """Who the students of a tool's course are, by the tool's id."""
        statement = select(_student).where(_student.c.tool == tool, _student.c.remote == remote)
        with self._database.reading() as connection:
            found = [KnownStudent(**row._asdict()) for row in connection.execute(statement)]
        return {each.student: each for each in found}

    def know(self, known: Iterable[KnownStudent]) -> None:
        """Keep who students are; what was known of them before is replaced."""
        now = datetime.now(UTC)
        rows = [{name: getattr(each, name) for name in KnownStudent.__slots__} | {"at": now} for each in known]
        if rows:
            with self._database.writing() as connection:
                upsert(connection, _student, rows)

    def forget(self, tool: str) -> None:
        """Forget how a connection stands and who its students are; removed mappings keep their rows."""
        with self._database.writing() as connection:
            connection.execute(delete(_state).where(_state.c.tool == tool))
            connection.execute(delete(_student).where(_student.c.tool == tool))
            connection.execute(
                update(_course)
                .where(_course.c.tool == tool, _course.c.state != "removed")
                .values(state="removed", message="", removed_at=datetime.now(UTC))
            )

    def count(self, tool: str) -> int:
        """How many courses are mapped to a tool's."""
        statement = (
            select(func.count()).select_from(_course).where(_course.c.tool == tool, _course.c.state != "removed")
        )
        with self._database.reading() as connection:
            return int(connection.execute(statement).scalar_one())

    def _one(self, condition: ColumnElement[bool]) -> CourseMapping:
        with self._database.reading() as connection:
            row = connection.execute(select(_course).where(condition)).first()
        if row is None:
            raise LookupError("no such mapping")
        return CourseMapping(**row._asdict())
