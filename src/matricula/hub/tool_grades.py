"""Grades of learning tools as the hub knows them: previewed, written to Moodle, and where each lesson's go."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

from matricula.errors import StopError, UsageError
from matricula.hub.deliveries import Say, silent
from matricula.hub.home import Home
from matricula.hub.persons import person
from matricula.hub.tools import apply_roster_preview, opened_site, opened_tool, preview_roster, stored_preview
from matricula.moodle import Moodle
from matricula.profiles.documents import Tool as ToolDocument
from matricula.roster import Finding
from matricula.store import CourseMapping, Preview, ToolItem
from matricula.tools import own_items
from matricula.tools.applying import Applied, application
from matricula.tools.grade_writing import CourseGrades, GradeWriter, as_rows, read_course
from matricula.tools.grading import (
    Activity,
    Place,
    Standing,
    choose,
    grade,
    idnumber_of,
    maximum_of,
    own_column,
    vanished,
)
from matricula.tools.grading_rules import RULES
from matricula.tools.mapping import mapping_of
from matricula.tools.people import people_of
from matricula.tools.protocol import Lesson, Question, Revision

_ROSTER_FIRST: Final = ("add", "restore", "delete")


@dataclass(frozen=True)
class LessonSeen:
    """A revision of a lesson that is known, and where its grades go.

    Args:
        place: its ids in the tool.
        item: what is known of it.
        activity: the activity, or the column of the gradebook, that takes its grades; None where there is none.
    """

    place: Place
    item: ToolItem
    activity: Activity | None


def preview_grades(home: Home, name: str, course: str, say: Say = silent, *, replace: bool = False) -> Preview:
    """Work out which grades of a tool would be written to Moodle, and keep it. Nothing is written.

    Args:
        home: the home.
        name: the tool.
        course: the mapped course, by Moodle's id or name, or the tool's.
        say: told in a few words what is being done.
        replace: whether grades that somebody else gave in Moodle give way.

    Raises:
        UsageError: there is no such tool, or no such course is mapped.
        StopError: people are to be added, brought back or deleted in the tool first.
        MatriculaError: the tool or the site cannot be read.
    """
    document = home.tool(name)
    mapping = mapping_of(home.store, name, course)
    with opened_tool(home, name, say) as tool:
        if tool.abilities.writes_rosters:
            _roster_first(home, mapping, say)
        say("waiting for the tool's grades")
        lessons = tool.grades(mapping.remote, document.patience)
    with opened_site(home, mapping.site) as moodle:
        say("reading the gradebook of the course")
        standing = _standing(home, moodle, document, mapping)
    known = home.store.tool_grades.items(mapping.id)
    chosen = {Place(*key): item.cmid for key, item in known.items() if item.cmid is not None}
    graded = grade(lessons, standing, chosen, scaling=document.points, replace=replace)
    gone = vanished(lessons, [Place(*key) for key in known])
    findings = (*graded.findings, *_gone_findings(known, gone))
    home.store.tool_grades.saw(
        mapping.id,
        {(lesson.id, each.id): (each.title, maximum_of(each)) for lesson in lessons for each in lesson.revisions},
    )
    told = [asdict(each) for each in findings]
    return home.store.tool_previews.add(mapping.id, "grades", as_rows(graded.changes), told, person())


def apply_grades(home: Home, preview: Preview, mapping: CourseMapping) -> Applied:
    """Write a preview of grades to Moodle: exactly what was shown, and read back.

    Raises:
        UsageError: it was applied before, or another one took its place.
        WaitError: it is being applied elsewhere, or the site is out of reach; calling this again goes on with it.
        MatriculaError: the site cannot be written to.
    """
    with (
        application(home.store, mapping, preview, person(), "grades"),
        opened_site(home, mapping.site) as moodle,
    ):
        GradeWriter(home.store, moodle, mapping.course, preview).write()
        home.store.tool_previews.applied(preview.id)
    outcomes = home.store.tool_previews.outcomes(preview.id)
    return Applied(preview.id, {number: (each.state, each.reason) for number, each in outcomes.items()})


def apply_preview(home: Home, number: int, say: Say = silent) -> Applied:
    """Carry out a preview, of a roster or of grades; raises as `apply_roster` and `apply_grades`."""
    preview, mapping = stored_preview(home, number)
    if preview.kind == "grades":
        return apply_grades(home, preview, mapping)
    return apply_roster_preview(home, preview, mapping, say)


def lessons_of(home: Home, name: str, course: str) -> list[LessonSeen]:
    """Lessons that were seen at the last preview of grades, and where the grades of each go."""
    mapping = mapping_of(home.store, name, course)
    with opened_site(home, mapping.site) as moodle:
        grades = read_course(moodle, mapping.course)
        offered = own_items.offered(moodle)
    return _lessons(home, mapping, grades, own_columns=offered)


def _lessons(home: Home, mapping: CourseMapping, grades: CourseGrades, *, own_columns: bool) -> list[LessonSeen]:
    """Lessons that are known, and which of the course's activities or columns take their grades."""
    columns = grades.columns if own_columns else None
    known = home.store.tool_grades.items(mapping.id)
    there = [_as_lesson(Place(*key), item) for key, item in known.items() if item.state == "there"]
    chosen = {Place(*key): item.cmid for key, item in known.items() if item.cmid is not None}
    into = choose(there, grades.activities.values(), chosen)
    return [
        LessonSeen(place, item, into.get(place) or own_column(place, item.title, item.maximum, columns))
        for place, item in ((Place(*key), item) for key, item in known.items())
    ]


def place_lesson(home: Home, name: str, course: str, lesson: str, cmid: int | None) -> LessonSeen:
    """Choose the activity that takes the grades of a lesson, or leave it to its name again.

    Args:
        home: the home.
        name: the tool.
        course: the mapped course.
        lesson: the revision, by its id, `LESSON-REVISION`, or its title.
        cmid: the activity's id in the course (as in the address of its page); None for the one with its name.

    Raises:
        UsageError: there is no such lesson or activity, or the activity takes another lesson already.
    """
    mapping = mapping_of(home.store, name, course)
    with opened_site(home, mapping.site) as moodle:
        grades = read_course(moodle, mapping.course)
        offered = own_items.offered(moodle)
    seen = _lessons(home, mapping, grades, own_columns=offered)
    found = _the_one(seen, lesson, name, course)
    if cmid is not None:
        _refuse_activity(grades, seen, found, cmid)
    home.store.tool_grades.place(mapping.id, found.place, cmid)
    return next(each for each in _lessons(home, mapping, grades, own_columns=offered) if each.place == found.place)


def forget_lesson(home: Home, name: str, course: str, lesson: str) -> LessonSeen:
    """Forget a lesson that the tool no longer tells of; the grades that it gave stay in Moodle.

    Raises:
        UsageError: there is no such lesson, or the tool still tells of it.
    """
    found = _the_one(lessons_of(home, name, course), lesson, name, course)
    if found.item.state != "vanished":
        raise UsageError(
            f"The tool still tells of “{found.item.title}”.",
            where=f"tool {name}",
            remedy="Only what has vanished can be forgotten; look again with `matricula tool grades`.",
            code="tool-lesson-there",
        )
    home.store.tool_grades.forget(mapping_of(home.store, name, course).id, found.place)
    return found


def _roster_first(home: Home, mapping: CourseMapping, say: Say) -> None:
    preview = preview_roster(home, mapping.tool, str(mapping.course), say)
    counts = {word: sum(each["action"] == word for each in preview.changes) for word in _ROSTER_FIRST}
    if any(counts.values()):
        told = ", ".join(f"{number} to {word}" for word, number in counts.items() if number)
        raise StopError(
            f"The people of the two courses are not the same: {told}.",
            where=f"tool {mapping.tool}, {mapping.course_name}",
            remedy=f"See preview {preview.id} (`matricula tool show {preview.id}`) and write it with "
            f"`matricula tool apply {preview.id}`; then ask for the grades again.",
            code="tool-roster-first",
        )


def _standing(home: Home, moodle: Moodle, document: ToolDocument, mapping: CourseMapping) -> Standing:
    people = {each.user: each.name for each in people_of(moodle, mapping.course, document.roles)}
    students = {each.student: each.user for each in home.store.tools.students(mapping.tool, mapping.remote).values()}
    course = read_course(moodle, mapping.course, {user for user in students.values() if user in people})
    written = {
        (Place(*key), user): points for (key, user), points in home.store.tool_grades.written(mapping.id).items()
    }
    columns = course.columns if own_items.offered(moodle) else None
    return Standing(people, students, course.activities, course.cells, written, columns)


def _gone_findings(known: Mapping[tuple[str, str], ToolItem], gone: Sequence[Place]) -> list[Finding]:
    return [
        RULES["tool-lesson-vanished"].finding(sourced_id="", line=None, value="", told={"title": known[each].title})
        for each in gone
    ]


def _as_lesson(place: Place, item: ToolItem) -> Lesson:
    revision = Revision(place.revision, item.title, (Question("", item.maximum),), ())
    return Lesson(place.lesson, "", item.title, (revision,))


def _the_one(seen: list[LessonSeen], wanted: str, name: str, course: str) -> LessonSeen:
    word = wanted.strip().casefold()
    by_id = [each for each in seen if word == idnumber_of(each.place).casefold()]
    found = by_id or [each for each in seen if word in (each.place.revision.casefold(), each.item.title.casefold())]
    if len(found) != 1:
        raise UsageError(
            f"{'Several lessons are' if found else 'No lesson is'} called “{wanted}”.",
            where=f"tool {name}",
            remedy=f"`matricula tool lessons {name} {course}` lists them with their ids; those are known that the last "
            "preview of grades saw.",
            code="tool-lesson-unknown",
        )
    return found[0]


def _refuse_activity(there: CourseGrades, seen: list[LessonSeen], found: LessonSeen, cmid: int) -> None:
    if cmid not in there.activities:
        listed = ", ".join(f"{each.name} ({each.cmid})" for each in there.activities.values())
        raise UsageError(
            f"The course has no graded activity {cmid}.",
            where="--activity",
            remedy=f"It has: {listed or 'none yet; make one in Moodle'}.",
            code="tool-activity-unknown",
        )
    taken = next((each for each in seen if each.item.cmid == cmid and each.place != found.place), None)
    if taken is not None:
        raise UsageError(
            f"“{there.activities[cmid].name}” takes the grades of “{taken.item.title}” already.",
            where="--activity",
            remedy="Choose another activity, or leave the other lesson to its name first.",
            code="tool-activity-taken",
        )
