"""Reading the gradebook of one course: everybody at once, and those alone whom the site then leaves out."""

import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from matricula.grades.gradebook import category_ids, gradebook_of, told_of
from matricula.grades.reading_rules import RULES
from matricula.moodle import GradeCategory, Moodle, PersonGrades, Refused
from matricula.roster import Finding
from matricula.store import Gradebook, Marks, Store

ALONE_OF_COURSE: Final = 25
"""So many people of a course are asked for one by one in one reading; the others in the next."""
ALONE: Final = 200
"""So many people are asked for one by one in one reading of a site."""
_FEW: Final = 6
"""From so many people or items on an answer with less than half of them is not believed at once."""
ALONE_MARK, WAITING_MARK, HALVED_MARK = "alone", "waiting", "halved"


@dataclass
class Purse:
    """How many more people may be asked for one by one.

    Args:
        left: so many.
    """

    left: int = ALONE
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, wanted: int) -> int:
        """Take up to `wanted` out, and say how many that were."""
        with self._lock:
            taken = min(wanted, self.left, ALONE_OF_COURSE)
            self.left -= taken
            return taken


@dataclass(frozen=True)
class CourseRead:
    """What came of reading a course.

    Args:
        changed: how many grades changed.
        marks: for the next reading; None where it was not believed and what was known stays.
        findings: what was wrong.
    """

    changed: int
    marks: dict[str, Any] | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class CourseReader:
    """Reads gradebooks of one site.

    Args:
        moodle: the site.
        store: the state.
        site: the site's name.
        at: the time.
        full: whether those are asked for again who were told of alone before.
        purse: how many people may be asked for alone.
    """

    moodle: Moodle
    store: Store
    site: str
    at: datetime
    full: bool
    purse: Purse

    def read(self, course: int, name: str, marks: Marks, expected: Collection[int]) -> CourseRead:
        """Read a gradebook and keep it.

        Args:
            course: the course.
            name: its name.
            marks: those of the last reading.
            expected: accounts that are known to be in it as students.

        Raises:
            MoodleError: it cannot be read; what was known stays.
        """
        people = self.moodle.gradebooks.of_course(course)
        came = {each.user_id for each in people}
        known = self.store.learning.frame("grade", self.site, [course])
        here = set(known.filter(~known["former"])["user"].unique())
        items = set(known["item"].unique())
        told = {cell.item_id for each in people for cell in each.cells}
        sign = [len(came), len(told)]
        halved = _halved(here, came) or (bool(people) and _halved(items, told))
        if halved and marks.more.get(HALVED_MARK) != sign:
            counts: dict[str, Any] = {"people": len(came), "items": len(told), "known": f"{len(here)} and {len(items)}"}
            self.store.learning.note(self.site, course, marks={**marks.more, HALVED_MARK: sign})
            return CourseRead(0, None, (_finding("gradebook-halved", course, name, **counts),))
        asked_before = set() if self.full else set(marks.more.get(ALONE_MARK, ()))
        wanted = (here | set(expected) | set(marks.more.get(WAITING_MARK, ()))) - came - asked_before
        if self.full:
            wanted |= set(known["user"].unique()) - came
        ordered = sorted(wanted)
        now = ordered[: self.purse.take(len(ordered))]
        alone = [each for each in self._alone(course, now) if each.user_id in told_of([each])]
        everybody = [*people, *alone]
        changed = self._keep(course, name, everybody, {each.user_id for each in alone})
        more = {
            ALONE_MARK: sorted(asked_before - came | set(now)),
            WAITING_MARK: ordered[len(now) :],
        }
        return CourseRead(
            changed, {key: value for key, value in more.items() if value}, _unreadable(everybody, course, name)
        )

    def _alone(self, course: int, users: Sequence[int]) -> Iterable[PersonGrades]:
        for user in users:
            try:
                found = self.moodle.gradebooks.of_person(course, user)
            except Refused:  # a suspended or deleted account: the last known grades stay
                continue
            if found is not None:
                yield found

    def _keep(self, course: int, name: str, people: Sequence[PersonGrades], former: Collection[int]) -> int:
        learning = self.store.learning
        if people:
            book = gradebook_of(people, former, self._categories(course, name, people))
        else:  # nobody is told of, and so no item: nothing is known to be gone, and who was here has left
            book = Gradebook(
                categories=learning.frame("category", self.site, [course]).drop("gone_at"),
                items=learning.frame("item", self.site, [course]).drop("gone_at"),
                grades=learning.frame("grade", self.site, []).drop("changed_at", "gone_at"),
            )
        return learning.keep_gradebook(self.site, course, book, self.at)

    def _categories(self, course: int, name: str, people: Sequence[PersonGrades]) -> dict[int, GradeCategory]:
        """Names and places of categories, which take a call of their own; a plain gradebook has none."""
        below = category_ids(people)
        top = {cell.instance for each in people for cell in each.cells if cell.kind == "course"} - {None}
        whole = {key: GradeCategory(key, None, name) for key in top if key is not None}
        if not below:
            return whole
        rows = self.store.learning.frame("category", self.site, [course]).select("category", "parent", "name")
        known = {key: GradeCategory(key, parent, told) for key, parent, told in rows.iter_rows() if told}
        if not self.full or not below <= set(known):
            known = {each.id: each for each in self.moodle.gradebooks.categories(course, people[0].user_id)}
        return known | whole


def _halved(known: Collection[int], came: Collection[int]) -> bool:
    return len(known) >= _FEW and len(set(known) & set(came)) * 2 < len(known)


def _unreadable(people: Iterable[PersonGrades], course: int, name: str) -> tuple[Finding, ...]:
    count = sum(cell.unreadable for each in people for cell in each.cells)
    return (_finding("points-unreadable", course, name, count),) if count else ()


def _finding(code: str, course: int, name: str, count: int = 1, **told: object) -> Finding:
    given = {"name": name, **told}
    return RULES[code].finding(sourced_id="", line=None, value=course, told=given, count=count)
