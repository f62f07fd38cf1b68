"""Grades of a tool as points for activities of a Moodle course: worked out here, written elsewhere."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, NamedTuple

from matricula.roster import Finding
from matricula.tools.grading_rules import RULES
from matricula.tools.protocol import Lesson, Revision, StudentGrades

Scaling = Literal["proportional", "as-given"]
PLACES: Final = 5
"""So many places after the point are kept by Moodle's gradebook."""
_NEAR: Final = 10.0**-PLACES / 2
OWN_COLUMN: Final = "manual"
"""In the place of an activity's kind this says that it is a column of the gradebook that no activity has."""


class Place(NamedTuple):
    """Where a revision is in a tool: the ids of its lesson and of itself."""

    lesson: str
    revision: str


def idnumber_of(place: Place) -> str:
    """The ID number of the column of a revision, and its id for people."""
    return "-".join(place)


@dataclass(frozen=True)
class Activity:
    """An activity of the course that can take grades (an item of its gradebook with `itemtype` mod).

    Args:
        cmid: its place in the course (course-module id).
        module: its kind, as `assign`.
        item: the grade item's id.
        number: the item among those of the activity.
        name: its name.
        maximum: the most points that it gives; None where it is graded with words.
        locked: whether the item as a whole is locked.
    """

    cmid: int
    module: str
    item: int
    number: int
    name: str
    maximum: float | None
    locked: bool = False


@dataclass(frozen=True)
class Cell:
    """What somebody has in an activity now.

    Args:
        points: the grade; None where there is none.
        fixed: whether a teacher overrode or locked it in the gradebook, so that Moodle would leave it as it is.
    """

    points: float | None
    fixed: bool = False


@dataclass(frozen=True)
class Standing:
    """What is known of the Moodle side.

    Args:
        people: names by account, of those who are in the course.
        students: accounts by the tool's id of the student.
        activities: activities by their cmid.
        cells: what everybody has, by account and cmid.
        written: what was last written by us, by place and account.
        columns: columns that no activity has, by ID number; None where the site cannot have any of ours.
    """

    people: Mapping[int, str]
    students: Mapping[str, int]
    activities: Mapping[int, Activity]
    cells: Mapping[tuple[int, int], Cell]
    written: Mapping[tuple[Place, int], float]
    columns: Mapping[str, Activity] | None = None


@dataclass(frozen=True)
class GradeChange:
    """One grade that is to be written.

    Args:
        place: the lesson and revision.
        title: the revision's title.
        user: the account.
        person: the name.
        activity: the activity that takes it.
        before: what is there now; None for no grade.
        after: the points to be written.
        reason: in words, how they come about.
    """

    place: Place
    title: str
    user: int
    person: str
    activity: Activity
    before: float | None
    after: float
    reason: str


@dataclass(frozen=True)
class Graded:
    """What a tool's grades come to.

    Args:
        changes: grades to be written, by activity and name.
        findings: what was left out, and why.
        unchanged: how many are in Moodle already.
    """

    changes: tuple[GradeChange, ...]
    findings: tuple[Finding, ...]
    unchanged: int


def points_of(grades: StudentGrades, maximum: float) -> float | None:
    """The points of a student in a revision: questions and offset, never below zero or above the most.

    Args:
        grades: questions (None counts as 0) and offset.
        maximum: the most that the revision gives.

    Returns:
        None where nothing was answered and no offset was given.

    Raises:
        ValueError: one of the numbers is none, as NaN or infinite.
    """
    answered = [points for points in grades.questions.values() if points is not None]
    offset = grades.offset or 0.0
    if not answered and not offset:
        return None
    total = math.fsum([*answered, offset])
    if not math.isfinite(total):
        raise ValueError("the points are no number")
    return round(min(max(total, 0.0), maximum), PLACES)


def maximum_of(revision: Revision) -> float | None:
    """The most that a revision gives: the sum of its questions; None where one does not say, or it comes to nothing."""
    told = [each.maximum for each in revision.questions]
    if any(each is None or not math.isfinite(each) for each in told):
        return None
    total = math.fsum(each for each in told if each is not None)
    return total if total > 0 else None


def choose(
    lessons: Sequence[Lesson], activities: Iterable[Activity], chosen: Mapping[Place, int]
) -> dict[Place, Activity]:
    """Which activity takes which revision: as somebody chose, else the only one with just its name.

    A revision may be called as its lesson where it is the only one. An activity takes one revision alone.

    Args:
        lessons: the tool's lessons.
        activities: those that can take grades.
        chosen: cmids that somebody chose.
    """
    by_cmid = {each.cmid: each for each in activities}
    found = {place: by_cmid[cmid] for place, cmid in chosen.items() if cmid in by_cmid}
    free = [each for each in by_cmid.values() if each not in found.values()]
    titles = Counter(_folded(each.name) for each in free)
    named = {_folded(each.name): each for each in free if titles[_folded(each.name)] == 1}
    open_places = [(place, names) for place, names in _names(lessons) if place not in chosen]
    asked = Counter(name for _, names in open_places for name in names)
    for place, names in open_places:
        fitting = [named[name] for name in names if name in named and asked[name] == 1]
        if fitting and fitting[0] not in found.values():
            found[place] = fitting[0]
    return found


def own_column(
    place: Place, title: str, maximum: float | None, columns: Mapping[str, Activity] | None
) -> Activity | None:
    """The column of the gradebook that a revision has for itself, made or not; it gives as many points as the lesson.

    Args:
        place: the revision.
        title: its title.
        maximum: the most that it gives; without one it has no column.
        columns: those that are there; None where the site cannot have any of ours.
    """
    if columns is None or maximum is None:
        return None
    there = columns.get(idnumber_of(place))
    return replace(there, maximum=maximum) if there else Activity(0, OWN_COLUMN, 0, 0, title, maximum)


def grade(
    lessons: Sequence[Lesson],
    standing: Standing,
    chosen: Mapping[Place, int],
    *,
    scaling: Scaling = "proportional",
    replace: bool = False,
) -> Graded:
    """Work out which grades are to be written; nothing is ever taken away.

    Args:
        lessons: what the tool gave.
        standing: what is known of the Moodle side.
        chosen: activities that somebody chose for revisions.
        scaling: whether points are scaled to the activity's maximum or written as they are.
        replace: whether grades that somebody else gave meanwhile give way.
    """
    into = choose(lessons, standing.activities.values(), chosen)
    changes: list[GradeChange] = []
    findings: list[Finding] = []
    unchanged = 0
    for lesson in lessons:
        for revision in lesson.revisions:
            if not _is_answered(revision):
                continue
            place = Place(lesson.id, revision.id)
            maximum = maximum_of(revision)
            target = into.get(place) or own_column(place, revision.title, maximum, standing.columns)
            if obstacle := _obstacle(target, maximum):
                findings.append(_finding(obstacle, revision, name=target.name if target else revision.title))
                continue
            assert target is not None and maximum is not None  # noqa: S101, PT018 — told by the obstacle
            for each in revision.students:
                came = _one(place, revision, each, target, maximum, standing, scaling, replace=replace)
                if isinstance(came, GradeChange):
                    changes.append(came)
                elif isinstance(came, Finding):
                    findings.append(came)
                else:
                    unchanged += came
    ordered = sorted(changes, key=lambda each: (each.activity.name, each.activity.cmid, each.person, each.user))
    return Graded(tuple(ordered), tuple(dict.fromkeys(findings)), unchanged)


def vanished(lessons: Iterable[Lesson], known: Iterable[Place]) -> list[Place]:
    """Revisions that were graded before and that the tool no longer tells of; their grades stay."""
    there = {Place(lesson.id, revision.id) for lesson in lessons for revision in lesson.revisions}
    return [each for each in known if each not in there]


def _is_answered(revision: Revision) -> bool:
    return any(points is not None for each in revision.students for points in (each.offset, *each.questions.values()))


def _obstacle(target: Activity | None, maximum: float | None) -> str:
    """The code of what keeps a whole revision back; empty where nothing does."""
    if maximum is None:
        return "tool-lesson-without-maximum"
    if target is None:
        return "tool-lesson-unplaced"
    if target.locked:
        return "tool-item-locked"
    return "" if target.maximum else "tool-item-in-words"


def _one(
    place: Place,
    revision: Revision,
    grades: StudentGrades,
    target: Activity,
    maximum: float,
    standing: Standing,
    scaling: Scaling,
    *,
    replace: bool,
) -> GradeChange | Finding | int:
    """What comes of one student's grades: a change, a finding, or how many are in Moodle already (0 or 1)."""
    user = standing.students.get(grades.student)
    person = standing.people.get(user, "") if user is not None else ""
    if user is None or not person:
        return _finding("tool-student-unknown", revision, student=grades.student)
    try:
        points = points_of(grades, maximum)
    except ValueError:
        return _finding("tool-grade-no-number", revision, name=person)
    if points is None:
        return 0
    most = target.maximum or maximum
    after = round(points * most / maximum, PLACES) if scaling == "proportional" else min(points, most)
    cell = standing.cells.get((user, target.cmid), Cell(None))
    if cell.points is not None and abs(cell.points - after) < _NEAR:
        return 1
    if cell.fixed:
        return _finding("tool-grade-fixed", revision, name=person)
    if cell.points is not None and not replace and not _is_ours(standing.written.get((place, user)), cell.points):
        return _finding("tool-grade-changed", revision, name=person)
    reason = f"{_number(points)} of {_number(maximum)} in the tool"
    return GradeChange(place, revision.title, user, person, target, cell.points, after, reason)


def _is_ours(written: float | None, points: float) -> bool:
    return written is not None and abs(written - points) < _NEAR


def _names(lessons: Iterable[Lesson]) -> Iterator[tuple[Place, list[str]]]:
    for lesson in lessons:
        for revision in lesson.revisions:
            names = [revision.title, lesson.title] if len(lesson.revisions) == 1 else [revision.title]
            yield Place(lesson.id, revision.id), list(dict.fromkeys(_folded(name) for name in names if name.strip()))


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _number(points: float) -> str:
    return f"{points:.{PLACES}f}".rstrip("0").rstrip(".")


def _finding(code: str, revision: Revision, **told: str) -> Finding:
    return RULES[code].finding(
        sourced_id=told.get("student", ""), line=None, value="", told={"title": revision.title, **told}
    )
