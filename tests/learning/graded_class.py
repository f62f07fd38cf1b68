"""Classes with grades on a sandbox, made behind the protocol as teachers make them on its pages."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from matricula.grades.reading import Reading, read_learning
from matricula.moodle import Moodle
from matricula.sandbox import Running
from matricula.sandbox.functions.course_state import add_course
from matricula.sandbox.functions.enrolment_state import enrol, manual_method
from matricula.sandbox.functions.gradebook import add_activity, add_column, set_grade
from matricula.store import Store

STUDENT = 5
LONG_AGO = 1_790_000_000


def make_class(state: Any, shortname: str, people: int = 4) -> tuple[int, list[int]]:
    """A course with students; their ids are in the order of their names."""
    named = {"fullname": f"Class {shortname}", "shortname": shortname, "idnumber": f"c-{shortname}"}
    record = named | {"category": 1, "format": "topics", "startdate": LONG_AGO}
    course = add_course(state, record, {}, 2)
    method = manual_method(state, course, enabled=True)
    users = []
    for number in range(people):
        name = f"{shortname}-{number:03}"
        email = f"{name}@school.example"
        users.append(state.insert("user", username=name.lower(), firstname="S", lastname=name, email=email))
        enrol(state, method, users[-1], role=STUDENT)
    return course, users


def suspend(state: Any, course: int, *users: int, status: int = 1) -> None:
    """Suspends enrolments."""
    for user in users:
        state.run(
            "UPDATE user_enrolments SET status = ? WHERE userid = ? AND enrolid IN"
            " (SELECT id FROM enrol WHERE courseid = ?)",
            status, user, course,
        )  # fmt: skip


@dataclass
class Desk:
    """A site, a state, and readings that follow one another hour by hour."""

    site: Running
    store: Store
    moodle: Moodle
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.state.live_from(int(self.now.timestamp()))

    @property
    def state(self) -> Any:
        return self.site.state

    def class_of(self, shortname: str = "7A", people: int = 4) -> tuple[int, list[int]]:
        return make_class(self.state, shortname, people)

    def column(self, course: int, name: str = "Part", **more: Any) -> int:
        return add_column(self.state, course, name, **{"highest": 10, **more})

    def grade(self, item: int, user: int, points: float | None, **more: Any) -> None:
        set_grade(self.state, item, user, points, **more)

    def essay(self, course: int, name: str = "Essay") -> int:
        """An assignment; returns its place in the course."""
        return add_activity(self.state, course, "assign", name, 20)

    def hand_in(self, cmid: int, user: int, at: int = LONG_AGO) -> None:
        where = {"assignment": self._instance(cmid), "userid": user, "timecreated": at, "timemodified": at}
        self.state.insert("assign_submission", status="submitted", **where)

    def grade_essay(self, cmid: int, user: int, points: float, at: int | None = None) -> None:
        """Grades work on the assignment's own page."""
        self.moodle.write(
            "mod_assign_save_grade",
            {
                "assignmentid": self._instance(cmid), "userid": user, "grade": points, "attemptnumber": -1,
                "addattempt": 0, "workflowstate": "", "applytoall": 0,
            },
        )  # fmt: skip
        if at is not None:
            self.state.run("UPDATE assign_grades SET timemodified = ? WHERE userid = ?", at, user)

    def read(self, *courses: int, hours: float = 1, **more: Any) -> Reading:
        """The next reading, by default an hour after the last one."""
        self.now += timedelta(hours=hours)
        self.state.live_from(int(self.now.timestamp()))
        self.site.faults.calls.clear()
        return read_learning(self.moodle, self.store, "moodle", courses, now=self.now, **more)

    @property
    def calls(self) -> dict[str, int]:
        """Calls since the last reading began, by function."""
        return dict(self.site.faults.calls)

    def known(self, what: Any, *columns: str, gone: bool = False) -> list[tuple[Any, ...]]:
        frame: pl.DataFrame = self.store.learning.frame(what, "moodle", gone=gone)
        return frame.select(columns).rows()

    def _instance(self, cmid: int) -> int:
        return int(self.state.value("SELECT instance FROM course_modules WHERE id = ?", cmid))
