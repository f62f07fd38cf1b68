"""A tiny school with its Moodle and its own gradebook in a database, and what people do to grades on both sides."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matricula.hub import Home, Hub
from matricula.hub.transfers import plan_transfer
from matricula.sandbox.functions.gradebook import add_activity, items, write_grade

sys.path.insert(0, str(Path(__file__).parents[1] / "applying"))

from corridor import DOCUMENTS
from tiny_school import TinySchool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matricula.hub import Planned
    from matricula.sandbox import Running

GRADES = """grades:
  sink: sis
  gone: remove
---
kind: sink
name: sis
type: sql
path: {file}
"""


class GradeDesk:
    """A home whose school is in Moodle, and a sink.

    Args:
        home: the home, open.
        sandbox: the Moodle.
        file: the school's gradebook, a SQLite file.
    """

    def __init__(self, home: Home, sandbox: Running, file: Path) -> None:
        self.home, self.sandbox, self.file = home, sandbox, file
        self.hub, self.store = Hub(home), home.store

    @classmethod
    @contextmanager
    def open(cls, place: Path, sandbox: Running) -> Iterator[GradeDesk]:
        """A desk with everybody in Moodle and two graded activities in the first class."""
        TinySchool(place / "csv").write()
        file = place / "sis.db"
        text = DOCUMENTS.format(url=sandbox.url, folder=place / "csv", patience=60) + GRADES.format(file=file)
        with Home.make(place / "home") as home:
            home.load(text, "test", place)
            home.keep_token("moodle", sandbox.tokens["admin"])
            desk = cls(home, sandbox, file)
            desk.hub.apply(desk.hub.plan("default").number)
            desk.course = desk.ids("course")["c1"]
            for name in ("Essay", "Test"):
                add_activity(sandbox.state, desk.course, "assign", name, 100)
            for student, points in (("u2", 80), ("u3", 0)):
                desk.grade(student, points)
            yield desk

    course = 0

    def ids(self, kind: str) -> dict[str, int]:
        """Moodle's ids by key."""
        return dict(self.store.ledger.frame("default", kind).select("key", "moodle_id").iter_rows())

    def grade(self, student: str, points: float | None, item: str = "Essay") -> None:
        """A teacher grades somebody in Moodle."""
        state = self.sandbox.state
        (row,) = [each for each in items(state, self.course) if each["itemname"] == item]
        write_grade(state, row, self.ids("user")[student], points)

    def plan(self, **how: Any) -> Planned:
        """A transfer, planned."""
        return plan_transfer(self.hub, "default", full=True, **how)

    def transfer(self) -> int:
        """A transfer, planned and written; the number of its run."""
        return self.hub.apply(self.plan().number).run

    def acts(self, planned: Planned) -> list[tuple[str, str]]:
        """What a plan would do: action and name, in the plan's order."""
        return planned.changes.select("action", "name").rows()

    def results(self, item: str = "Essay") -> dict[str, float | None]:
        """Scores by student, as they stand in the school's gradebook."""
        with closing(sqlite3.connect(self.file)) as database:
            told = (
                "select r.student_sourced_id, r.score from matricula_results r "
                "join matricula_line_items i on i.sourced_id = r.line_item_sourced_id"
            )
            return dict(database.execute(f"{told} where i.title = ?", [item]))

    def edit(self, student: str, score: float | None) -> None:
        """A secretary changes a score in the school's system."""
        self.sql(
            "update matricula_results set score = ? where student_sourced_id = ? and score is not null", score, student
        )

    def sql(self, statement: str, *values: object) -> list[Any]:
        """Something done in the school's database by hand."""
        with closing(sqlite3.connect(self.file)) as database, database:
            return database.execute(statement, values).fetchall()

    def set(self, before: str, after: str) -> None:
        """Change the profile's text."""
        body = self.store.documents.get("profile", "default").body
        assert before in body
        self.home.load(body.replace(before, after), "test", self.home.folder)
