"""What happens at a school from one day to the next."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from matricula.sandbox.school_names import NameGiver
from matricula.sandbox.school_people import new_student
from matricula.sandbox.school_records import Person, SchoolClass

_Choice = TypeVar("_Choice")
MOVERS = 3
SPOKEN = {1: "One student", 2: "Two students", 3: "Three students"}


@dataclass
class Day:
    """Lets one day pass. Each event changes the people and classes held here and adds to the story.

    Args:
        chance: answers a number from 0 up to but excluding 1.
        students: yesterday's students.
        staff: yesterday's staff.
        parents: yesterday's parents.
        classes: yesterday's classes.
        story: one sentence for each thing that happened.
    """

    chance: Callable[[], float]
    students: list[Person]
    staff: list[Person]
    parents: list[Person]
    classes: list[SchoolClass]
    story: list[str] = field(default_factory=list)
    _touched: set[str] = field(default_factory=set)

    def somebody_leaves(self) -> None:
        """Take a student out of the school and of all classes, and parents who have nobody left there."""
        leaver = self._pick(self.students)
        if leaver is None:
            return
        gone = leaver.sourced_id
        self.students.remove(leaver)
        for i, each in enumerate(self.classes):
            if gone in each.students:
                self.classes[i] = replace(each, students=_without(each.students, {gone}))
        left_behind = [replace(parent, agents=_without(parent.agents, {gone})) for parent in self.parents]
        self.parents[:] = [parent for parent in left_behind if parent.agents]
        self.story.append(f"{leaver} left the school.")

    def somebody_comes(self, names: NameGiver, number: int) -> None:
        """Put a new student, who gets this number, into a form and all its classes."""
        home = self._pick([each for each in self.classes if each.form])
        if home is None:
            return
        person = new_student(names, names.name(), number, home.form, home.course.year_group)
        self.students.append(person)
        for i, each in enumerate(self.classes):
            if each.form == home.form:
                self.classes[i] = replace(each, students=(*each.students, person.sourced_id))
        self._touched.add(person.sourced_id)
        self.story.append(f"{person.name} joined the school in form {person.form}.")

    def some_change_class(self) -> None:
        """Move a few students from a form's class to the same year group's class in another form."""
        parallel: dict[str, list[SchoolClass]] = {}
        for each in self.classes:
            if each.form and each.kind == "scheduled":
                parallel.setdefault(each.course.sourced_id, []).append(each)
        group = self._pick([group for group in parallel.values() if len(group) > 1])
        if group is None:
            return
        start = int(self.chance() * len(group))
        origin, target = group[start - 1], group[start]
        movers = [who for who in origin.students if who not in self._touched and who not in target.students]
        self._move(movers[:MOVERS], origin, target)

    def _move(self, movers: Sequence[str], origin: SchoolClass, target: SchoolClass) -> None:
        if not movers:
            return
        gone = set(movers)
        self._swap(origin, replace(origin, students=_without(origin.students, gone)))
        self._swap(target, replace(target, students=(*target.students, *movers)))
        self._touched.update(movers)
        names = ", ".join(person.name for person in self.students if person.sourced_id in gone)
        self.story.append(f"{SPOKEN[len(movers)]} moved from {origin.title} to {target.title}: {names}.")

    def a_class_changes_teacher(self) -> None:
        """Give a class another teacher in place of the responsible one."""
        each = self._pick(self.classes)
        teachers = [who for who in self.staff if who.role == "teacher"]
        fresh = self._pick([who for who in teachers if each and who.sourced_id not in each.teachers])
        if each is None or fresh is None:
            return
        old = next(who for who in teachers if who.sourced_id == each.teachers[0])
        self._swap(each, replace(each, teachers=(fresh.sourced_id, *each.teachers[1:])))
        self.story.append(f"{each.title} is now taught by {fresh.name} instead of {old.name}.")

    def a_name_is_corrected(self, names: NameGiver) -> None:
        """Give a student the second half of a family name; the user name stays, as it does in real life."""
        person = self._pick(
            [each for each in self.students if each.sourced_id not in self._touched and each.family.isalpha()]
        )
        if person is None:
            return
        _, second = names.name()
        corrected = replace(person, family=f"{person.family}-{second.partition('-')[0]}")
        self.students[self.students.index(person)] = corrected
        self.story.append(f"The name of {person} was corrected to {corrected.name}.")

    def _swap(self, old: SchoolClass, new: SchoolClass) -> None:
        self.classes[self.classes.index(old)] = new

    def _pick(self, choices: Sequence[_Choice]) -> _Choice | None:
        return choices[int(self.chance() * len(choices))] if choices else None


def _without(everybody: Iterable[str], gone: set[str]) -> tuple[str, ...]:
    return tuple(who for who in everybody if who not in gone)
