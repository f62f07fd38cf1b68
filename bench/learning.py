"""Read learning data of a site: requests of a full reading, and of those after it."""

import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure
from bench.prepared import Size
from matricula.grades.reading import Reading, read_learning
from matricula.moodle import Moodle
from matricula.sandbox import Running, running
from matricula.sandbox.functions.course_state import add_course
from matricula.sandbox.functions.enrolment_state import enrol, manual_method
from matricula.sandbox.functions.gradebook import add_activity, add_column
from matricula.sandbox.state import State
from matricula.store import Store

SIZE = Size(people=3_000, classes=300, enrolments=30_000)
BESIDE = 20
"""Requests that a reading may take beside one for each gradebook: 320 for 300 courses."""
CHANGED = 5
_ITEMS = 10
_ASSIGNMENTS = 5
_LONG_AGO = 30 * 86_400


def measure(size: Size, rounds: int) -> list[Figure]:
    """Read everything, read again, and read after some courses changed.

    Args:
        size: of the school.
        rounds: not used: requests are counted.

    Raises:
        RuntimeError: something else was read than what there is.
    """
    del rounds
    now = datetime.now(UTC)
    with (
        TemporaryDirectory(prefix="matricula-bench-") as folder,
        running("empty") as site,
        Moodle(site.url, site.tokens["admin"]) as moodle,
        Store.open(Path(folder, "state.db")) as store,
    ):
        courses = _fill(site.state, size)
        turns: list[tuple[Reading, int, float]] = []
        for turn in range(3):
            if turn == 2:
                for course in courses[:CHANGED]:
                    _grade_one(site, moodle, course)
            site.faults.calls.clear()
            began = time.monotonic()
            moment = now + timedelta(minutes=10 * turn)
            site.state.live_from(int(moment.timestamp()))
            reading = read_learning(moodle, store, "moodle", courses, full=not turn, within_days=0, now=moment)
            turns.append((reading, site.faults.calls.total(), time.monotonic() - began))
        known = store.learning.frame("grade", "moodle").height
    expected = size.enrolments // size.classes * size.classes * (_ITEMS + 1)
    if known != expected or turns[0][0].findings:
        raise RuntimeError(f"{expected} grades were expected, with no findings; there are {known}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**30 if sys.platform == "darwin" else 2**20)
    named = ("full reading", "nothing changed", f"{CHANGED} courses changed")
    bounds = (size.classes + BESIDE, BESIDE, CHANGED + BESIDE)
    return [
        Figure(
            f"learning data, {name}",
            requests,
            bound,
            "requests",
            f"{len(reading.gradebooks)} gradebooks, {reading.changed:,} places in them new or changed, {seconds:.1f} s "
            f"with the site in this process, {memory:.2f} GiB at most",
        )
        for name, bound, (reading, requests, seconds) in zip(named, bounds, turns, strict=True)
    ]


def _fill(state: State, size: Size) -> list[int]:
    """Courses in which everybody has a grade in every item."""
    at = state.now() - _LONG_AGO
    people = [
        state.insert("user", username=f"p{number}", firstname="P", lastname=f"{number}", email=f"p{number}@x.example")
        for number in range(size.people)
    ]
    each = size.enrolments // size.classes
    courses = []
    for number in range(size.classes):
        named = {"fullname": f"Course {number}", "shortname": f"C{number}", "idnumber": f"c{number}"}
        course = add_course(state, named | {"category": 1, "format": "topics", "startdate": at}, {}, 2)
        courses.append(course)
        method = manual_method(state, course, enabled=True)
        if method is None:
            raise RuntimeError("a course has no manual enrolment")
        there = [people[(number * each + place) % size.people] for place in range(each)]
        for user in there:
            enrol(state, method, user, role=5)
        for item in range(_ITEMS):
            if item < _ASSIGNMENTS:
                add_activity(state, course, "assign", f"Essay {item}", 20)
            else:
                add_column(state, course, f"Part {item}", 10)
        _grade_all(state, course, there, at)
    return courses


def _grade_all(state: State, course: int, people: list[int], at: int) -> None:
    items = state.all("SELECT * FROM grade_items WHERE courseid = ? AND itemtype <> 'course'", course)
    for item in items:
        for user in people:
            grade = float((user * 7 + item["id"]) % int(item["grademax"] + 1))
            state.insert("grade_grades", itemid=item["id"], userid=user, finalgrade=grade, timemodified=at)
            if item["itemmodule"] == "assign":
                where = {"assignment": item["iteminstance"], "userid": user, "timecreated": at, "timemodified": at}
                state.insert("assign_submission", status="submitted", **where)
                state.insert("assign_grades", grader=2, grade=grade, **where)


def _grade_one(site: Running, moodle: Moodle, course: int) -> None:
    row = site.state.one(
        "SELECT g.userid, i.iteminstance FROM grade_grades g JOIN grade_items i ON i.id = g.itemid"
        " WHERE i.courseid = ? AND i.itemmodule = 'assign'",
        course,
    )
    if row is None:
        raise RuntimeError("a course has no assignment")
    grade = {"userid": row["userid"], "grade": 0.5, "attemptnumber": -1, "addattempt": 0, "workflowstate": ""}
    moodle.write("mod_assign_save_grade", {"assignmentid": row["iteminstance"], "applytoall": 0} | grade)
