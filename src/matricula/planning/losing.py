"""Changes that destroy grades: which grades these are, read before anything is destroyed."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from functools import partial

import polars as pl

from matricula.moodle import AccessRefused, FunctionMissing, Graded, MoodleError, Refused
from matricula.planning.change import GONE, Change, read_changes
from matricula.planning.ground import Ground
from matricula.planning.rules import RULES
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.store import KeptGrades

_DESTROYING = (("enrolment", "unenrol"), ("course", "delete"))

#: What says that these grades cannot be read; whatever else goes wrong concerns the whole site.
_OF_GRADES = (Refused, AccessRefused, FunctionMissing)

Found = dict[int, Graded | MoodleError]


@dataclass(frozen=True)
class Losses:
    """What changes would destroy.

    Args:
        grades: by the change's key the people who have grades, with these.
        unreadable: by the change's key why its grades cannot be read.
    """

    grades: dict[str, list[KeptGrades]]
    unreadable: dict[str, MoodleError]


def destroys(change: Change) -> bool:
    """Whether a change destroys grades where there are any."""
    return (change.kind, change.action) in _DESTROYING and bool(change.after.get(GONE))


def losses(ground: Ground, changes: Sequence[Change]) -> Losses:
    """The grades that changes of one kind would destroy.

    Args:
        ground: where to look things up.
        changes: unenrolments, or deletions of courses.

    Raises:
        MoodleError: the site cannot serve now, or does not know the token.
    """
    if not changes:
        return Losses({}, {})
    if changes[0].kind == "course":
        return _of_courses(ground, changes)
    return _of_enrolments(ground, changes)


def with_losses(ground: Ground, changes: pl.DataFrame) -> tuple[pl.DataFrame, tuple[KeptGrades, ...]]:
    """A plan's changes, those that destroy grades with how many in their reasons; and these grades.

    Args:
        ground: where to look things up; what cannot be read is reported to its findings.
        changes: all changes of the plan.
    """
    kept: list[KeptGrades] = []
    told: dict[tuple[str, str], str] = {}
    for kind, action in _DESTROYING:
        found = [each for each in read_changes(changes.filter(kind=kind, action=action)) if destroys(each)]
        lost = losses(ground, found)
        for change in found:
            people = lost.grades.get(change.key, [])
            kept += people
            if change.key in lost.unreadable:
                told[kind, change.key] = "; its grades cannot be read, so that it will be refused"
                _report(ground, change, lost.unreadable[change.key])
            elif count := sum(map(given, people)):
                who = f" of {_counted(len(people), 'person', 'people')}" if kind == "course" else ""
                told[kind, change.key] = f"; {_counted(count, 'grade')}{who} would be lost"
    if not told:
        return changes, tuple(kept)
    rows = [(kind, key, text) for (kind, key), text in told.items()]
    more = pl.DataFrame(rows, schema=["kind", "key", "more"], orient="row")
    reason = pl.concat_str("reason", pl.col("more").fill_null(""))
    joined = changes.join(more, on=["kind", "key"], how="left", maintain_order="left")
    return joined.with_columns(reason=reason).drop("more"), tuple(kept)


def given(kept: KeptGrades) -> int:
    """How many grades were given to a person in a course; totals follow from them."""
    return sum(1 for each in kept.grades if each["kind"] not in ("course", "category") or each["overridden"])


def unreadable_words(error: MoodleError) -> str:
    """Why a change that would destroy grades is not carried out."""
    return (
        f"Its grades could not be read before they are destroyed, so that it was left as it is. {error.what} Needed "
        "are the function gradereport_user_get_grade_items in the token's service, and gradereport/user:view and "
        "moodle/grade:viewall for the token's user in the course."
    )


def _of_enrolments(ground: Ground, changes: Sequence[Change]) -> Losses:
    pairs = {change.key: tuple(change.key.split(SEPARATOR, 1)) for change in changes}
    users = ground.ids("user", {user for user, _ in pairs.values()})
    courses = ground.ids("course", {course for _, course in pairs.values()})
    wanted: dict[int, set[int]] = defaultdict(set)
    for user, course in pairs.values():
        if user in users and course in courses:
            wanted[courses[course]].add(users[user])
    ground.say(f"reading grades in {len(wanted)} courses")
    tasks = [partial(_of_people, ground, course, people) for course, people in wanted.items()]
    found = dict(zip(wanted, ground.moodle.in_parallel(tasks), strict=True))
    result = Losses({}, {})
    for change in changes:
        user, course = pairs[change.key]
        if user not in users or course not in courses:
            continue
        graded = found[courses[course]][users[user]]
        if isinstance(graded, MoodleError):
            result.unreadable[change.key] = graded
        elif graded.grades:
            names = (change.person or graded.name, change.course or "")
            result.grades[change.key] = [_kept((user, course), names, courses[course], graded)]
    return result


def _of_courses(ground: Ground, changes: Sequence[Change]) -> Losses:
    ground.say(f"reading the grades of {len(changes)} courses")
    found = ground.moodle.in_parallel([partial(_of_everybody, ground, change.moodle_id or 0) for change in changes])
    ledger = ground.ledger("user").filter(pl.col("moodle_id").is_not_null())
    keys = dict(ledger.select("moodle_id", "key").iter_rows())
    result = Losses({}, {})
    for change, graded in zip(changes, found, strict=True):
        if isinstance(graded, MoodleError):
            result.unreadable[change.key] = graded
            continue
        result.grades[change.key] = [
            _kept((keys.get(user, ""), change.key), (each.name, change.name), change.moodle_id or 0, each)
            for user, each in graded.items()
            if each.grades
        ]
    return result


def _of_people(ground: Ground, course: int, users: Collection[int]) -> Found:
    """Grades of people in a course; where these cannot be read of all at once, each is asked for alone."""
    grades = ground.moodle.grades
    try:
        return dict(grades.of_course(course, users))
    except _OF_GRADES as error:
        _see_that_it_serves(ground, error)
        if len(users) == 1:
            return dict.fromkeys(users, error)
    return {user: graded for each in users for user, graded in _of_people(ground, course, [each]).items()}


def _of_everybody(ground: Ground, course: int) -> dict[int, Graded] | MoodleError:
    try:
        people = [user.id for user in ground.moodle.enrolments.of_course(course, fields=("id",))]
        return ground.moodle.grades.of_course(course, people)
    except _OF_GRADES as error:
        _see_that_it_serves(ground, error)
        return error


def _see_that_it_serves(ground: Ground, error: MoodleError) -> None:
    """Raise what is wrong with the whole site: Moodle says the same of an expired token as of a missing right."""
    if isinstance(error, AccessRefused):
        ground.moodle.see_that_it_serves()


def _kept(keys: tuple[str, str], names: tuple[str, str], course_id: int, graded: Graded) -> KeptGrades:
    return KeptGrades(*keys, *names, graded.user_id, course_id, [asdict(grade) for grade in graded.grades])


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _report(ground: Ground, change: Change, error: MoodleError) -> None:
    told = {"kind": change.kind, "name": change.name, "why": error.what}
    ground.findings.append(RULES["grades-unreadable"].finding(sourced_id=change.key, line=None, value=None, told=told))
