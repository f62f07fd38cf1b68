"""What a tool's course would have to change to have the people of a Moodle course. Nothing is read or written here.

A person is the student whose id is kept, then the one with the same e-mail address without regard to case; students who
are in the course come before those who were deleted from it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal, Self

from matricula.roster import Finding
from matricula.tools.people import LocalPerson
from matricula.tools.protocol import Abilities, NewStudent, Student
from matricula.tools.rules import RULES

Action = Literal["match", "add", "restore", "update", "delete"]
ORDER: Final[tuple[Action, ...]] = ("match", "add", "restore", "update", "delete")
"""The order in which changes are carried out; `match` sends nothing."""
FIELDS: Final = ("email", "given", "family", "number", "section")
"""What is compared and written of a student."""


@dataclass(frozen=True)
class RosterChange:
    """One named change of a tool's course.

    Args:
        action: what is done; a `match` only notes which student somebody is.
        name: whose it is, for people.
        reason: why, in one word: `new`, `known`, `returned`, `changed`, `address`, `suspended` or `left`.
        user: the account in Moodle; None where it is not known.
        student: the tool's id; empty for one who is added.
        before: the student as the tool has them, by field; None for one who is added.
        after: the student as they are to be; None for one who is deleted.
        invites: whether the tool sends an invitation.
        mailed: whether Matricula sends one.
        needs: the number of the change without which this one is left; None where it needs none.
    """

    action: Action
    name: str
    reason: str
    user: int | None = None
    student: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, str] | None = None
    invites: bool = False
    mailed: bool = False
    needs: int | None = None

    def stored(self) -> dict[str, Any]:
        """The change as a preview keeps it."""
        return asdict(self)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """A change out of a preview."""
        return cls(**stored)


@dataclass(frozen=True)
class RosterRules:
    """By which rules people and students are compared.

    Args:
        abilities: what the tool can do.
        suspended: `send`, `leave` or `delete`; see the tool's document.
        changed_email: `change` or `invite-again`.
        mails: whether Matricula invites people, in the place of the tool.
    """

    abilities: Abilities
    suspended: str = "delete"
    changed_email: str = "change"
    mails: bool = False

    @property
    def changes_address(self) -> bool:
        """Whether a student keeps their account when the address changes."""
        return self.changed_email == "change" and self.abilities.changes_email


def compare(
    people: Sequence[LocalPerson],
    active: Sequence[Student],
    deleted: Sequence[Student],
    known: Mapping[str, int],
    rules: RosterRules,
) -> tuple[tuple[RosterChange, ...], tuple[Finding, ...]]:
    """The changes, in the order in which they are carried out, and what was wrong by name.

    Args:
        people: who is in the Moodle course.
        active: students of the tool's course.
        deleted: students who were deleted from it.
        known: accounts by the ids of students, as they were kept when changes were carried out.
        rules: the rules.
    """
    return _Comparison(people, active, deleted, known, rules).result()


class _Comparison:
    def __init__(
        self,
        people: Sequence[LocalPerson],
        active: Sequence[Student],
        deleted: Sequence[Student],
        known: Mapping[str, int],
        rules: RosterRules,
    ) -> None:
        self._people = sorted(people, key=lambda each: (each.family.casefold(), each.given.casefold(), each.user))
        self._sent = [each for each in self._people if not (each.suspended and rules.suspended == "delete")]
        self._here = {each.user: each for each in self._sent}
        self._active = {each.id: each for each in active}
        self._deleted = {each.id: each for each in deleted if each.id not in self._active}
        self._known, self._rules = known, rules
        self._kept: set[str] = set()  # students who are not deleted
        self._changes: list[RosterChange] = []
        self._again: list[_Again] = []
        self._findings: list[Finding] = []
        self._by_user = _grouped((user, student) for student, user in known.items())
        self._by_email = _grouped((each.email.casefold(), each.id) for each in active if each.email)
        self._gone_by_email = _grouped((each.email.casefold(), each.id) for each in self._deleted.values())

    def result(self) -> tuple[tuple[RosterChange, ...], tuple[Finding, ...]]:
        addresses = Counter(each.email.casefold() for each in self._sent if each.email)
        for person in self._sent:
            if not person.email:
                self._leave("tool-email-missing", person, "")
            elif addresses[person.email.casefold()] > 1:
                self._leave("tool-email-shared", person, person.email)
            else:
                self._placed(person)
        self._remove_others()
        return self._numbered(), tuple(self._findings)

    def _placed(self, person: LocalPerson) -> None:
        own = self._by_user.get(person.user, set())
        there = sorted(self._by_email.get(person.email.casefold(), ()))
        gone = self._back(self._gone_by_email.get(person.email.casefold(), ()))
        for each in [*there, *gone]:
            other = self._here.get(self._known.get(each, -1))
            if other is not None and other.user != person.user:
                self._leave("tool-email-of-another", person, person.email, other.name)
                return
        mine = sorted(own & self._active.keys(), key=lambda each: (each not in there, each))
        if mine and (others := [each for each in there if each not in mine]):
            self._kept.update(others)
            self._leave("tool-two-students", person, mine[0], others[0])
            return
        found = [*mine, *there, *self._back(own & self._deleted.keys()), *gone]
        if found:
            self._kept.add(found[0])
        if person.suspended and self._rules.suspended == "leave":
            return
        if found:
            self._changed(person, self._active.get(found[0]) or self._deleted[found[0]], gone)
        else:
            self._add(person, "new")

    def _back(self, students: Collection[str]) -> list[str]:
        """Deleted students who can be brought back, the newest first."""
        if not self._rules.abilities.restores:
            return []
        return sorted(students, key=lambda each: (-(self._deleted[each].created or 0), each))

    def _changed(self, person: LocalPerson, student: Student, gone: Sequence[str]) -> None:
        after = _fields(person)
        same_address = student.email.casefold() == person.email.casefold()
        if same_address:
            after["email"] = student.email  # only the case differs, if anything
        elif not self._rules.changes_address:
            self._invite_again(person, student, gone)
            return
        returns = student.id in self._deleted
        if returns:
            self._restore(person, student)
        if after != _fields(student):
            reason = "changed" if same_address else "address"
            self._changes.append(
                RosterChange("update", person.name, reason, person.user, student.id, _fields(student), after)
            )
        elif not returns and self._known.get(student.id) != person.user:
            self._changes.append(
                RosterChange("match", person.name, "known", person.user, student.id, _fields(student), after)
            )

    def _invite_again(self, person: LocalPerson, student: Student, gone: Sequence[str]) -> None:
        """Another student takes the place of the one with the old address: one deleted before, or a new one."""
        if gone:
            self._changed(person, self._deleted[gone[0]], ())
        else:
            self._add(person, "address")
        if student.id in self._active:
            self._again.append(_Again(person, student))

    def _restore(self, person: LocalPerson, student: Student) -> None:
        seen = _fields(student)
        self._changes.append(
            RosterChange(
                "restore", person.name, "returned", person.user, student.id, seen, seen, mailed=self._rules.mails
            )
        )

    def _add(self, person: LocalPerson, reason: str) -> None:
        mails = self._rules.mails
        invites = self._rules.abilities.invites_itself and not mails
        self._changes.append(
            RosterChange("add", person.name, reason, person.user, after=_fields(person), invites=invites, mailed=mails)
        )

    def _remove_others(self) -> None:
        suspended = self._suspended_students()
        leaving = [each for each in self._active.values() if each.id not in self._kept]
        for student in leaving:
            name = f"{student.given} {student.family}".strip() or student.email
            reason = "suspended" if student.id in suspended else "left"
            user = self._known.get(student.id)
            self._changes.append(RosterChange("delete", name, reason, user, student.id, before=_fields(student)))
        if leaving and not self._people:
            self._find("tool-nobody", len(leaving))

    def _suspended_students(self) -> set[str]:
        users = {each.user for each in self._people if each.suspended}
        emails = {each.email.casefold() for each in self._people if each.suspended and each.email}
        return {
            each.id
            for each in self._active.values()
            if self._known.get(each.id) in users or each.email.casefold() in emails
        }

    def _leave(self, code: str, person: LocalPerson, value: object, other: str = "") -> None:
        """Leave somebody, and every student whom they could be, as they are."""
        self._kept.update(self._by_user.get(person.user, ()))
        if person.email:
            self._kept.update(
                each
                for each in self._by_email.get(person.email.casefold(), ())
                if self._known.get(each) in (None, person.user)
            )
        self._find(code, value, name=person.name, other=other)

    def _find(self, code: str, value: object, **told: object) -> None:
        self._findings.append(RULES[code].finding(sourced_id="", line=None, value=value, told=told))

    def _numbered(self) -> tuple[RosterChange, ...]:
        """All changes in their order; who is invited again is deleted only where that went through."""
        ordered = sorted(
            self._changes,
            key=lambda each: (ORDER.index(each.action), each.name.casefold(), each.user or 0, each.student),
        )
        instead = {each.user: number for number, each in enumerate(ordered) if each.action in ("add", "restore")}
        again = sorted(self._again, key=lambda each: (each.person.name.casefold(), each.person.user))
        return tuple(ordered) + tuple(
            RosterChange(
                "delete",
                each.person.name,
                "address",
                each.person.user,
                each.old.id,
                before=_fields(each.old),
                needs=instead[each.person.user],
            )
            for each in again
        )


@dataclass(frozen=True)
class _Again:
    person: LocalPerson
    old: Student


def _fields(person: NewStudent | LocalPerson) -> dict[str, str]:
    return {name: str(getattr(person, name)).strip() for name in FIELDS}


def _grouped(pairs: Any) -> dict[Any, set[str]]:
    found: dict[Any, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return found


def student_of(change: RosterChange, there: Student) -> Student:
    """The student that a change makes of the one who is there."""
    wanted: dict[str, Any] = dict(change.after or {})
    return replace(there, **wanted)


def is_as_seen(student: Student, seen: Mapping[str, Any] | None) -> bool:
    """Whether a student still is as a preview saw them."""
    return seen is not None and _fields(student) == {name: seen[name] for name in FIELDS}


def counts_of(changes: Collection[RosterChange]) -> dict[str, int]:
    """How many changes there are of each action, in their order."""
    counted = Counter(each.action for each in changes)
    return {action: counted[action] for action in ORDER if counted[action]}
