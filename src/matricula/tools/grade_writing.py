"""Grades of a tool written to a course of Moodle: just those of a preview, each once, and read back."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from matricula.errors import MatriculaError, WaitError
from matricula.moodle import Moodle
from matricula.moodle.errors import InDoubt, Refused
from matricula.moodle.gradebook import FAILED, LOCKED, SEVERAL, WRITTEN, GradeCell, PersonGrades
from matricula.store import Store
from matricula.store.tool_previews import Preview, ToolOutcome
from matricula.tools import own_items
from matricula.tools.grading import OWN_COLUMN, PLACES, Activity, Cell, GradeChange, Place, idnumber_of

_NEAR: Final = 10.0**-PLACES / 2
_AT_ONCE: Final = 200
_PACKED_AT_ONCE: Final = 1_000
#: Form fields of a call beside those of its grades; each grade has two.
_OTHER_FIELDS: Final = 5
_TOLD: Final = {
    FAILED: "Moodle could not write to the activity's item; see whether the activity is graded at all.",
    SEVERAL: "Several items of the gradebook answer to the activity; choose another one.",
    LOCKED: "The item is locked in Moodle's gradebook; unlock it there.",
}


def as_rows(changes: Iterable[GradeChange]) -> list[dict[str, Any]]:
    """Changes as a preview keeps them."""
    return [
        {
            "lesson": each.place.lesson,
            "revision": each.place.revision,
            "title": each.title,
            "user": each.user,
            "person": each.person,
            "cmid": each.activity.cmid,
            "module": each.activity.module,
            "item": each.activity.item,
            "number": each.activity.number,
            "activity": each.activity.name,
            "maximum": each.activity.maximum,
            "before": each.before,
            "after": each.after,
            "reason": each.reason,
        }
        for each in changes
    ]


@dataclass(frozen=True)
class CourseGrades:
    """The gradebook of a course, as far as grades of tools are concerned.

    Args:
        activities: those that can take grades, by cmid.
        cells: what everybody has in them, by account and cmid.
        columns: columns of the gradebook that no activity has, by ID number.
    """

    activities: dict[int, Activity]
    cells: dict[tuple[int, int], Cell]
    columns: dict[str, Activity]


def read_course(moodle: Moodle, course: int, also: Iterable[int] = ()) -> CourseGrades:
    """Read what a course's activities have given (`gradereport_user_get_grade_items`).

    Args:
        moodle: the client.
        course: the course.
        also: accounts that must come, though they may be suspended; they are asked for one by one.

    Raises:
        MoodleError: one of the tree.
    """
    people = moodle.gradebooks.of_course(course)
    there = {each.user_id for each in people}
    people += [found for user in also if user not in there and (found := _alone(moodle, course, user))]
    activities: dict[int, Activity] = {}
    cells: dict[tuple[int, int], Cell] = {}
    columns: dict[str, Activity] = {}
    for person in people:
        for cell in person.cells:
            if cell.kind == "mod" and cell.cmid is not None and not cell.number:
                activities.setdefault(cell.cmid, _activity(cell, cell.cmid))
                cells[person.user_id, cell.cmid] = Cell(cell.raw, fixed=cell.overridden or cell.locked)
            elif cell.kind == OWN_COLUMN and cell.idnumber:
                column = columns.setdefault(cell.idnumber, own_items.column_of(cell))
                cells[person.user_id, column.cmid] = Cell(cell.raw, fixed=cell.overridden or cell.locked)
    return CourseGrades(activities, cells, columns)


class GradeWriter:
    """Writes a preview of grades.

    Args:
        store: the state; the preview has begun.
        moodle: the site.
        course: the course.
        preview: the preview.
    """

    def __init__(self, store: Store, moodle: Moodle, course: int, preview: Preview) -> None:
        self._store = store
        self._moodle = moodle
        self._course = course
        self._preview = preview
        self._columns: dict[str, int] = {}

    def write(self) -> None:
        """Write what has no outcome yet; what was on its way when somebody was cut off is settled by reading.

        Raises:
            MoodleError: the site cannot go on; what was written is known, and writing again goes on.
        """
        now = self._read(range(len(self._preview.changes)))
        self._unsend(self._settle(now))
        done = self._outcomes()
        pending = [number for number in range(len(self._preview.changes)) if number not in done]
        stale = [number for number in pending if not self._is_fresh(number, now)]
        self._end(stale, "stale", "The grade in Moodle is no longer as it was shown.")
        left = self._with_columns([number for number in pending if number not in set(stale)], now)
        doubtful = {number for numbers in self._batches(left) for number in self._send(numbers)}
        after = self._read(left)
        lost = [number for number in self._settle(after) if number in doubtful]
        self._unsend(lost)
        if lost:
            raise WaitError(
                f"{len(lost)} grades did not arrive: Moodle did not answer.",
                where=f"preview {self._preview.id}",
                remedy="Apply the preview again to go on; what arrived is known.",
                code="tool-grades-lost",
            )
        self._end(
            [number for number, each in self._outcomes().items() if each.state == "sent"],
            "refused",
            "Moodle took the grade and shows another one; look at the activity's settings and grade it there.",
        )

    def _read(self, numbers: Iterable[int]) -> CourseGrades:
        """The gradebook as it is now, with the people of some changes in any case."""
        now = read_course(self._moodle, self._course, {int(self._change(each)["user"]) for each in numbers})
        self._columns |= {number: column.item for number, column in now.columns.items()}
        return now

    def _with_columns(self, numbers: Sequence[int], now: CourseGrades) -> list[int]:
        """Changes that can be sent, after the columns that no activity has are made; the others are refused."""
        own = [number for number in numbers if self._is_own(number)]
        made, refused = own_items.make(self._moodle, self._course, map(self._change, own), now.columns)
        self._columns |= made
        for number in own:
            if why := refused.get(self._idnumber(number)):
                self._end([number], "refused", why)
        return [number for number in numbers if not (self._is_own(number) and self._idnumber(number) in refused)]

    def _send(self, numbers: Sequence[int]) -> Sequence[int]:
        """Send one call's grades; those of which it is not known whether they arrived."""
        first = self._change(numbers[0])
        if self._is_own(numbers[0]):
            return self._send_own(numbers)
        grades = {int(self._change(each)["user"]): float(self._change(each)["after"]) for each in numbers}
        self._store.tool_previews.sending(self._preview.id, numbers)
        try:
            code = self._moodle.gradebooks.write(
                self._course, first["module"], int(first["cmid"]), grades, item_number=int(first["number"])
            )
        except InDoubt:
            return numbers
        except Refused as error:
            self._end(numbers, "refused", str(error))
            return ()
        except MatriculaError:
            self._unsend(numbers)
            raise
        if code != WRITTEN:
            self._end(numbers, "refused", _TOLD.get(code, f"Moodle answered {code}."))
        return ()

    def _send_own(self, numbers: Sequence[int]) -> Sequence[int]:
        """The same for columns that no activity has: the plugin tells of each grade what became of it."""
        self._store.tool_previews.sending(self._preview.id, numbers)
        try:
            outcomes = own_items.write(self._moodle, self._course, list(map(self._change, numbers)), self._columns)
        except InDoubt:
            return numbers
        except Refused as error:
            self._end(numbers, "refused", str(error))
            return ()
        except MatriculaError:
            self._unsend(numbers)
            raise
        for number, outcome in zip(numbers, outcomes, strict=True):
            if not outcome.done:
                self._end([number], "refused", own_items.words_of(outcome))
        return ()

    def _settle(self, now: CourseGrades) -> list[int]:
        """Note what became of grades that were sent; gives those that the gradebook shows otherwise."""
        sent = [number for number, outcome in self._outcomes().items() if outcome.state == "sent"]
        there = [number for number in sent if _is_near(self._cell(number, now).points, self._change(number)["after"])]
        self._store.tool_grades.wrote(self._preview.mapping, map(self._written, there))
        self._end(there, "done", "")
        others = [number for number in sent if number not in set(there)]
        fixed = [number for number in others if self._cell(number, now).fixed]
        self._end(fixed, "refused", "A teacher overrode or locked the grade in Moodle's gradebook, which keeps it.")
        return [number for number in others if number not in set(fixed)]

    def _unsend(self, numbers: Sequence[int]) -> None:
        self._store.tool_previews.unsend(self._preview.id, numbers)

    def _outcomes(self) -> dict[int, ToolOutcome]:
        return self._store.tool_previews.outcomes(self._preview.id)

    def _end(self, numbers: Sequence[int], state: str, reason: str) -> None:
        if numbers:
            self._store.tool_previews.end(self._preview.id, dict.fromkeys(numbers, (state, reason)))

    def _batches(self, numbers: Sequence[int]) -> Iterator[list[int]]:
        own = [number for number in numbers if self._is_own(number)]
        for start in range(0, len(own), _PACKED_AT_ONCE):
            yield own[start : start + _PACKED_AT_ONCE]
        by_activity: dict[int, list[int]] = defaultdict(list)
        for number in numbers:
            if not self._is_own(number):
                by_activity[int(self._change(number)["cmid"])].append(number)
        most = min(_AT_ONCE, (self._moodle.form_fields - _OTHER_FIELDS) // 2) if by_activity else 0
        for group in by_activity.values():
            for start in range(0, len(group), most):
                yield group[start : start + most]

    def _is_fresh(self, number: int, now: CourseGrades) -> bool:
        return _is_near(self._cell(number, now).points, self._change(number)["before"])

    def _change(self, number: int) -> Mapping[str, Any]:
        return self._preview.changes[number]

    def _is_own(self, number: int) -> bool:
        """Whether a change goes to a column that no activity has."""
        return bool(self._change(number)["module"] == OWN_COLUMN)

    def _idnumber(self, number: int) -> str:
        change = self._change(number)
        return idnumber_of(Place(change["lesson"], change["revision"]))

    def _cmid(self, number: int) -> int:
        """Where a change goes: an activity's place in the course, or an own column's item with a minus."""
        if self._is_own(number):
            return -self._columns.get(self._idnumber(number), 0)
        return int(self._change(number)["cmid"])

    def _cell(self, number: int, now: CourseGrades) -> Cell:
        return now.cells.get((int(self._change(number)["user"]), self._cmid(number)), Cell(None))

    def _written(self, number: int) -> tuple[Place, int, int, float]:
        change = self._change(number)
        place = Place(change["lesson"], change["revision"])
        return place, int(change["user"]), self._cmid(number), float(change["after"])


def _is_near(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < _NEAR


def _alone(moodle: Moodle, course: int, user: int) -> PersonGrades | None:
    try:
        return moodle.gradebooks.of_person(course, user)
    except Refused:
        return None


def _activity(cell: GradeCell, cmid: int) -> Activity:
    maximum = None if cell.has_scale else cell.maximum
    return Activity(cmid, cell.module, cell.item_id, cell.number or 0, cell.name, maximum, cell.item_locked)
