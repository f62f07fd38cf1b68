"""Grades of a real Moodle: read, told apart, and taken to the school's files. Afterwards the site is as it was.

No web service of Moodle makes an activity, so that a course with one has to be there: with an assignment of 100 points
in it, and nothing else that is graded. `MATRICULA_LIVE_TEMPLATE` is its short name.
"""

import csv
from pathlib import Path

import pytest
from corridor import Corridor
from real_site import A_TEMPLATE, ON_A_REAL_SITE, TEMPLATE
from small_school import SmallSchool

from matricula.hub.learning_counts import grades_read
from matricula.hub.transfers import plan_transfer
from matricula.moodle.gradebook import WRITTEN

pytestmark = [
    *ON_A_REAL_SITE,
    pytest.mark.timeout(900),
    A_TEMPLATE,
]
PROFILE = """\
kind: profile
name: default
source: school
site: moodle
courses:
  template: {template}
grades:
  sink: files
---
kind: sink
name: files
type: oneroster-csv
path: {folder}
school: {mark}-org
"""


class Gradebook:
    """The gradebook of the first class, in which pupils 0, 4 and 8 are."""

    def __init__(self, corridor: Corridor, mark: str, folder: Path) -> None:
        self.corridor, self.folder = corridor, folder
        ledger = corridor.hub.store.ledger
        self.course = ledger.get("default", "course", f"{mark}-cl0").moodle_id
        self.users = {number: ledger.get("default", "user", f"{mark}-s{number}").moodle_id for number in (0, 4, 8)}
        self.numbers = {f"{mark}-s{number}": number for number in self.users}
        with corridor.moodle() as moodle:
            cells = moodle.gradebooks.of_course(self.course)[0].cells
        (self.essay,) = [each.cmid for each in cells if each.module == "assign"]

    def grade(self, points: dict[int, float]) -> None:
        with self.corridor.moodle() as moodle:
            told = {self.users[number]: each for number, each in points.items()}
            assert moodle.gradebooks.write(self.course, "assign", self.essay, told) == WRITTEN

    def hide(self) -> None:
        with self.corridor.moodle() as moodle:
            moodle.write(
                "core_courseformat_update_course",
                {"action": "cm_hide", "courseid": self.course, "ids": [self.essay]},
            )

    def read(self) -> dict[int, tuple[float | None, bool]]:
        """Points and whether they are hidden, by the pupil's number, as they were read last."""
        home, pupils = self.corridor.home, {user: number for number, user in self.users.items()}
        items = home.store.learning.frame("item", "moodle", [self.course])
        (item,) = [each["item"] for each in items.iter_rows(named=True) if each["kind"] == "mod"]
        rows = grades_read(home, "moodle", self.course, item, 0, 500)
        return {pupils[each["user"]]: (each["raw"], bool(each["hidden"])) for each in rows}

    def transfer(self) -> int:
        planned = plan_transfer(self.corridor.hub, "default", full=True)
        if planned.changes.height:
            assert self.corridor.hub.apply(planned.number, planned.words).left == 0
        return planned.changes.height

    def sent(self) -> dict[int, float]:
        """Scores in the school's files, by the pupil's number."""
        with (self.folder / "results.csv").open(encoding="utf-8", newline="") as file:
            rows = [each for each in csv.DictReader(file) if each["studentSourcedId"] in self.numbers]
        return {self.numbers[each["studentSourcedId"]]: float(each["score"]) for each in rows if each["score"]}


def test_zero_none_and_hidden_are_told_apart_and_go_into_files(corridor: Corridor, mark: str, tmp_path: Path) -> None:
    pupils = {number: name for number, name in SmallSchool(mark).students.items() if number in (0, 4, 8)}
    SmallSchool(mark, students=pupils).write(corridor.folder)
    for name in ("classes", "enrollments"):  # the copy of one course is enough
        file = corridor.folder / f"{name}.csv"
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        others = tuple(f"{mark}-cl{number}" for number in (1, 2, 3))
        file.write_text("".join(each for each in lines if not any(o in each for o in others)), encoding="utf-8")
    folder = tmp_path / "grades"
    corridor.home.load(PROFILE.format(template=TEMPLATE, folder=folder, mark=mark), "test", tmp_path)
    planned = corridor.plan()
    assert corridor.hub.apply(planned.number, planned.words).left == 0
    book = Gradebook(corridor, mark, folder)

    book.grade({0: 0.0, 4: 77.5})
    assert book.transfer()
    assert book.read() == {0: (0.0, False), 4: (77.5, False), 8: (None, False)}
    assert book.sent() == {0: 0.0, 4: 77.5}
    assert book.transfer() == 0

    book.hide()
    book.grade({4: 12.0})
    book.transfer()
    assert book.read()[4] == (12.0, True)
    assert book.sent() == {0: 0.0, 4: 77.5}, "what is hidden is nobody's yet, and what was sent stays"
