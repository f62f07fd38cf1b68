"""Reading learning data of a site: all of it, or what changed and a share of the rest.

Moodle tells in bulk only of assignments that were graded, and of activities that are there. Grades of quizzes, of
lessons and of columns made by hand change without a word, so each gradebook is read once within a set time, whether
anything tells of a change or not.
"""

import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final
from zlib import crc32

import polars as pl

from matricula.grades.course_reading import HALVED_MARK, WAITING_MARK, CourseReader, Purse
from matricula.grades.reading_rules import RULES
from matricula.moodle import (
    AccessRefused,
    Activity,
    Course,
    FunctionMissing,
    Moodle,
    MoodleError,
    Submission,
    TokenRefused,
)
from matricula.roster import Finding
from matricula.store import Marks, Store
from matricula.store.learning import What, schema_of

Say = Callable[[str], None]
SINCE_MARK: Final = "since"
_OVERLAP: Final = 60
"""Seconds for which changes are asked for twice: Moodle notes when saving began, not when it ended."""
_DAY: Final = 86_400
_IN_A_ROW: Final = 5
"""After so many courses in a row that failed the site is asked whether it serves at all."""
_MOST_MISSING: Final = 3


@dataclass
class Reading:
    """What a reading came to.

    Args:
        courses: how many courses were looked after.
        gradebooks: courses whose gradebook was read.
        contents: courses whose contents were read.
        changed: how many grades changed.
        submissions: how many submissions are new or changed.
        findings: what was wrong, course by course.
    """

    courses: int
    gradebooks: list[int] = field(default_factory=list)
    contents: list[int] = field(default_factory=list)
    changed: int = 0
    submissions: int = 0
    findings: list[Finding] = field(default_factory=list)


def read_learning(
    moodle: Moodle,
    store: Store,
    site: str,
    courses: Collection[int],
    *,
    full: bool = False,
    within_days: float = 2,
    contents: bool = False,
    expected: Mapping[int, Collection[int]] | None = None,
    say: Say = lambda _: None,
    now: datetime | None = None,
) -> Reading:
    """Read learning data into the state.

    Args:
        moodle: the site.
        store: the state.
        site: the site's name in the state.
        courses: ids of the courses to look after.
        full: whether every gradebook is read; else those never read, those of which something tells that they
            changed, and a share of the others.
        within_days: days within which every gradebook is read, if readings are made that often; 0 for never.
        contents: whether modules and links of the courses are read, too.
        expected: accounts that are known as students, by course: they are asked for where the site leaves them out.
        say: told in words what is being done.
        now: the time; by default this machine's.

    Raises:
        TokenRefused: the site does not know the token.
        FunctionMissing: the token's service lacks a function.
        MoodleError: the site cannot serve now; what was read by then is kept.
    """
    return _Site(moodle, store, site, now or datetime.now(UTC), say, full).read(
        courses, within_days, expected or {}, contents=contents
    )


class _Site:
    """One reading of a site."""

    def __init__(self, moodle: Moodle, store: Store, site: str, at: datetime, say: Say, full: bool) -> None:  # noqa: FBT001
        self._moodle, self._store, self._site, self._at = moodle, store, site, at
        self._say, self._full = say, full
        self._found = Reading(0)
        self._lock = threading.Lock()
        self._failed_in_a_row = 0

    def read(
        self, courses: Collection[int], within: float, expected: Mapping[int, Collection[int]], *, contents: bool
    ) -> Reading:
        if not courses:
            return self._found
        self._say(f"reading {len(courses):,} courses")
        there = self._courses(courses)
        self._found.courses = len(there)
        since = int(self._at.timestamp() + (self._moodle.site().clock_difference or 0)) - _OVERLAP
        marks = {key: mark for key, mark in self._store.learning.marks(self._site).items() if key in there}
        new = {
            key for key, mark in marks.items() if self._full or mark.grades_at is None or SINCE_MARK not in mark.more
        }
        assignments, altered = self._activities(list(there))
        told = self._handed_in(marks, new, assignments)
        wanted = new | told | altered | {key for key, mark in marks.items() if _is_due(key, mark, self._at, within)}
        self._gradebooks(sorted(wanted), there, marks, expected, since)
        with self._store.begin():
            for key in marks.keys() - wanted:
                self._store.learning.note(self._site, key, marks={**marks[key].more, SINCE_MARK: since})
        if contents:
            self._contents(there)
        return self._found

    def _courses(self, wanted: Collection[int]) -> dict[int, Course]:
        there = {course.id: course for course in self._moodle.courses.by_ids(wanted)}
        missing = sorted(set(wanted) - set(there))
        for key in missing:
            self._report("course-not-there", key)
        told = [
            {
                "course": each.id,
                "name": each.fullname,
                "shortname": each.shortname,
                "idnumber": each.idnumber or "",
                "start": each.start,
                "end": each.end,
            }
            for each in there.values()
        ]
        # A token that may enter no course any more must not take the grades of all of them away.
        many = len(missing) > _MOST_MISSING and len(missing) * 2 > len(wanted)
        asked = list(there) if many else wanted
        self._store.learning.keep_courses(self._site, _frame("course", told), self._at, asked)
        return there

    def _activities(self, courses: Collection[int]) -> tuple[dict[int, int], set[int]]:
        """Keep the activities; the course of each assignment, and courses in which one is not as it was known."""
        calls = self._moodle.activities
        found = self._moodle.in_parallel(
            [partial(calls.assignments, courses), partial(calls.quizzes, courses), partial(calls.lessons, courses)]
        )
        altered: set[int] = set()
        for module, reached in zip(("assign", "quiz", "lesson"), found, strict=True):
            rows = _frame("activity", [_activity(each) for each in reached.activities])
            answered = set(courses) - reached.missing
            altered |= self._store.learning.keep_activities(self._site, module, rows, self._at, answered)
        return {each.instance: each.course_id for each in found[0].activities}, altered

    def _handed_in(self, marks: Mapping[int, Marks], new: Collection[int], assignments: Mapping[int, int]) -> set[int]:
        """Keep submissions; the courses in which an assignment was graded since the last reading."""
        old = [key for key, course in assignments.items() if course not in new]
        sinces = {course: int(mark.more[SINCE_MARK]) for course, mark in marks.items() if course not in new}
        since = min((sinces[assignments[key]] for key in old), default=0)
        self._say("asking what was handed in and graded")
        graded = [
            each
            for each in self._moodle.activities.graded(old, since=since)
            if each.modified >= sinces[assignments[each.assignment]]
        ]
        again = {each.assignment for each in graded}
        whole = self._moodle.activities.submissions([*(set(assignments) - set(old)), *again])
        lately = self._moodle.activities.submissions([key for key in old if key not in again], since=since)
        rows = [_submission(each, assignments) for each in (*whole, *lately) if each.user_id]
        self._found.submissions = self._store.learning.keep_submissions(self._site, _frame("submission", rows))
        return {assignments[key] for key in again}

    def _gradebooks(
        self,
        wanted: Collection[int],
        there: Mapping[int, Course],
        marks: Mapping[int, Marks],
        expected: Mapping[int, Collection[int]],
        since: int,
    ) -> None:
        self._say(f"reading {len(wanted):,} gradebooks of {len(there):,}")
        reader = CourseReader(self._moodle, self._store, self._site, self._at, self._full, Purse())

        def read(course: int) -> None:
            result = reader.read(course, there[course].fullname, marks[course], expected.get(course, ()))
            if result.marks is not None:
                more = {SINCE_MARK: since, **result.marks}
                self._store.learning.note(self._site, course, grades_at=self._at, marks=more)
            with self._lock:
                self._found.gradebooks.append(course)
                self._found.changed += result.changed
                self._found.findings += result.findings

        self._each(wanted, there, read)
        self._found.gradebooks.sort()

    def _contents(self, there: Mapping[int, Course]) -> None:
        self._say(f"reading the contents of {len(there):,} courses")

        def read(course: int) -> None:
            rows = [
                {
                    "cmid": each.cmid,
                    "section": each.section,
                    "position": place,
                    "module": each.module,
                    "instance": each.instance,
                    "name": each.name,
                    "url": each.url,
                    "visible": each.visible,
                    "links": json.dumps(each.links),
                }
                for place, each in enumerate(self._moodle.activities.contents(course), 1)
            ]
            self._store.learning.keep_modules(self._site, course, _frame("module", rows), self._at)
            self._store.learning.note(self._site, course, contents_at=self._at)
            with self._lock:
                self._found.contents.append(course)

        self._each(sorted(there), there, read)
        self._found.contents.sort()

    def _each(self, courses: Iterable[int], there: Mapping[int, Course], read: Callable[[int], None]) -> None:
        """Read courses side by side; what fails in one of them costs that one alone."""

        def one(course: int) -> None:
            try:
                read(course)
            except (TokenRefused, FunctionMissing):
                raise
            except MoodleError as error:
                self._missed(course, there[course].fullname, error)
            else:
                self._failed_in_a_row = 0

        self._moodle.in_parallel([partial(one, course) for course in courses])

    def _missed(self, course: int, name: str, error: MoodleError) -> None:
        with self._lock:
            self._failed_in_a_row += 1
            many = self._failed_in_a_row % _IN_A_ROW == 0
        if many or isinstance(error, AccessRefused):  # Moodle says the same of an expired token as of a missing right
            self._moodle.see_that_it_serves()
        with self._lock:
            self._report("gradebook-unread", course, name=name, why=error.what)

    def _report(self, code: str, course: int, **told: object) -> None:
        self._found.findings.append(RULES[code].finding(sourced_id="", line=None, value=course, told=told))


def _is_due(course: int, marks: Marks, now: datetime, within: float) -> bool:
    """Whether a gradebook is to be read though nothing tells of a change.

    Each course has a moment of its own in every stretch of `within` days, so that all of them are spread over it and
    none waits for longer than that, whenever readings are made.
    """
    if marks.more.get(WAITING_MARK) or marks.more.get(HALVED_MARK):
        return True
    if not within or marks.grades_at is None:
        return False
    place = crc32(str(course).encode()) / 2**32
    turns = [moment.timestamp() / (within * _DAY) - place for moment in (marks.grades_at, now)]
    return int(turns[1]) > int(turns[0])


def _activity(each: Activity) -> dict[str, object]:
    names = ("module", "instance", "cmid", "name", "opens", "due", "closes", "maximum")
    return {"course": each.course_id} | {name: getattr(each, name) for name in names}


def _submission(each: Submission, courses: Mapping[int, int]) -> dict[str, object]:
    names = ("attempt", "status", "grading", "created", "modified")
    where = {"module": "assign", "instance": each.assignment, "user": each.user_id}
    return where | {"course": courses[each.assignment]} | {name: getattr(each, name) for name in names}


def _frame(what: What, rows: list[dict[str, Any]]) -> pl.DataFrame:
    ours = ("grades_at", "contents_at", "marks", "gone_at", *(("course",) if what == "module" else ()))
    return pl.DataFrame(rows, schema={name: kind for name, kind in schema_of(what).items() if name not in ours})
