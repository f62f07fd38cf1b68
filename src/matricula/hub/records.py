"""One person or one course as a profile knows it: from the rows that were delivered to the record in Moodle."""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import polars as pl

from matricula.errors import UsageError
from matricula.hub.home import Home
from matricula.hub.kept_roster import LEFT, UNUSABLE, USED, Entry, KeptRoster, SourceRow, kept_roster, left_entry
from matricula.hub.searching import moodle_address
from matricula.planning import GONE, REPLACES
from matricula.planning.entity import LEFT as LEFT_MARK
from matricula.profiles.enrolment_frame import SEPARATOR
from matricula.store import Drifted, Identity, KeptGrades, LedgerRow, PastChange, Problem

What = Literal["person", "course"]
KINDS: Final[dict[What, str]] = {"person": "user", "course": "course"}
_OF_PEOPLE: Final = ("enrolment", "group-member", "cohort-member")
_MARKS: Final = (LEFT_MARK, REPLACES, GONE)


@dataclass(frozen=True)
class Field:
    """One field of a record.

    Args:
        name: Moodle's name of it.
        wanted: what the rules make of the roster; None where they say nothing of it.
        written: what was last written; None where nothing was.
    """

    name: str
    wanted: Any
    written: Any


@dataclass(frozen=True)
class Record:
    """A person or a course.

    Args:
        kept: the roster that was last read, with the profile.
        what: `person` or `course`.
        key: the sourcedId, of a course its key.
        name: its name.
        state: `used`, `unusable` (its row in the delivery) or `left`.
        ledger: what the ledger holds; None where no run has written it.
        address: where it is in Moodle; empty where it is not.
        written_at: when it was last written; None where that is not known.
        fields: wanted and written, field by field.
        classes: of a course the sourcedIds of the classes that lead to it.
        problems: what Moodle refused of it and of what belongs to it.
        drift: what was edited in Moodle of it and of what belongs to it.
        identity: a person's place in the queue of identities.
    """

    kept: KeptRoster
    what: What
    key: str
    name: str
    state: str
    ledger: LedgerRow | None
    address: str
    written_at: datetime | None
    fields: tuple[Field, ...]
    classes: tuple[str, ...]
    problems: tuple[Problem, ...]
    drift: tuple[Drifted, ...]
    identity: Identity | None

    @property
    def kind(self) -> str:
        """The kind of record in plans and in the ledger."""
        return KINDS[self.what]

    @property
    def wanted(self) -> bool:
        """Whether the rules make it."""
        return self.kept.wanted(self.kind, self.key) is not None


@dataclass(frozen=True)
class Enrolled:
    """One person's place in one course.

    Args:
        key: the enrolment's key.
        person: the person's sourcedId.
        person_name: their name.
        course: the course's key.
        course_name: its name.
        wanted: the Moodle role that the rules give; None where the roster does not have it.
        role: the role that was last written; None where nothing was.
        state: `enrolled`, `suspended` (it left the roster), `ended`, `by others` (it was there before) or `waiting` (no
            run has written it).
        run: the run that wrote it last.
    """

    key: str
    person: str
    person_name: str
    course: str
    course_name: str
    wanted: str | None
    role: str | None
    state: str
    run: int | None


@dataclass(frozen=True)
class Placed:
    """A group or cohort that a person is in, or a group of a course.

    Args:
        kind: `group` or `cohort`.
        key: its key.
        name: its name.
        course: the course's key; empty for a cohort.
        course_name: the course's name.
        written: whether a run has made it so.
        wanted: whether the rules want it so.
    """

    kind: str
    key: str
    name: str
    course: str
    course_name: str
    written: bool
    wanted: bool


def record_of(home: Home, profile: str, what: What, key: str) -> Record:
    """A person or a course, by its key.

    Args:
        home: the home.
        profile: the profile.
        what: `person` or `course`.
        key: the person's sourcedId, the course's key or the sourcedId of a class that leads to no course.

    Raises:
        UsageError: there is no such profile, or neither roster nor state knows the record.
    """
    kept, kind, store = kept_roster(home, profile), KINDS[what], home.store
    row = store.ledger.get(profile, kind, key)
    identity = next((each for each in store.identities.all(profile) if what == "person" and each.key == key), None)
    problems = tuple(each for each in store.problems.all(profile) if _belongs(what, key, each.kind, each.key))
    entry = _entry_of(kept, what, key, row) or _named_elsewhere(key, identity, problems)
    if entry is None:
        raise UsageError(
            f"Profile {profile} knows no {what} “{key}”.",
            where=f"profile {profile}",
            remedy="Look for it under People and courses.",
            code=f"{what}-unknown",
        )
    run = store.runs.get(row.run) if row is not None and row.run is not None else None
    number = row.moodle_id if row is not None else None
    return Record(
        kept=kept,
        what=what,
        key=key,
        name=entry.name,
        state=entry.state,
        ledger=row,
        address=moodle_address(home.site(kept.profile.site).url, kind, number) if number is not None else "",
        written_at=run.started_at if run else None,
        fields=tuple(_fields(kept.wanted(kind, key), row)),
        classes=_classes_of(kept, what, key),
        problems=problems,
        drift=tuple(each for each in store.drift.all(profile) if _belongs(what, key, each.kind, each.key)),
        identity=identity,
    )


def rows_of(record: Record, limit: int = 100) -> list[SourceRow]:
    """The rows that a record was delivered in, from all tables.

    Args:
        record: the person or course.
        limit: at most so many rows of enrolments.
    """
    kept, key = record.kept, record.key
    if record.what == "person":
        own = kept.rows("users", "sourcedId", [key])
        return [*own, *kept.rows("roles", "userSourcedId", [key]), *kept.rows("enrollments", "userSourcedId", [key])]
    classes = kept.rows("classes", "sourcedId", record.classes)
    courses = kept.rows("courses", "sourcedId", _cells(classes, "courseSourcedId") or [key])
    sessions = kept.rows("academicSessions", "sourcedId", _cells(classes, "termSourcedIds"))
    orgs = kept.rows("orgs", "sourcedId", _cells(classes, "schoolSourcedId"))
    enrolled = kept.rows("enrollments", "classSourcedId", record.classes)[:limit]
    return [*classes, *courses, *sessions, *orgs, *enrolled]


def enrolments_of(home: Home, record: Record) -> list[Enrolled]:
    """The enrolments of a person or in a course, those that are wanted and those that the ledger holds, by name."""
    profile, side = record.kept.profile.name, "user" if record.what == "person" else "course"
    frame = record.kept.desired.parts["enrolment"].frame
    wanted = {row["key"]: row["role"] for row in frame.filter(pl.col(side) == record.key).iter_rows(named=True)}
    ledger = home.store.ledger
    rows = (
        ledger.beginning(profile, ["enrolment"], record.key)
        if record.what == "person"
        else ledger.ending(profile, "enrolment", record.key)
    )
    known = {row.key: row for row in rows}
    names = _Names(home, record.kept)
    found = [_enrolled(key, wanted.get(key), known.get(key), names) for key in {**wanted, **known}]
    of_person = record.what == "person"
    return sorted(found, key=lambda each: ((each.course_name if of_person else each.person_name).casefold(), each.key))


def groups_of(home: Home, record: Record) -> list[Placed]:
    """The groups and cohorts that a person is in, or the groups of a course, by name."""
    names, kept, ledger = _Names(home, record.kept), record.kept, home.store.ledger
    profile = kept.profile.name
    kinds = ("group-member", "cohort-member") if record.what == "person" else ("group",)
    found: dict[tuple[str, str], tuple[bool, bool]] = {}
    for row in ledger.beginning(profile, kinds, record.key):
        found[row.kind, row.key] = (not row.removed, False)
    for kind in kinds:
        keys = kept.desired.parts[kind].frame["key"]
        for key in keys.filter(keys.str.starts_with(f"{record.key}{SEPARATOR}")):
            found[kind, key] = (found.get((kind, key), (False, False))[0], True)
    placed = [
        _placed(kind, key, names, written=written, wanted=wanted)
        for (kind, key), (written, wanted) in found.items()
        if written or wanted
    ]
    return sorted(placed, key=lambda each: (each.course_name.casefold(), each.name.casefold()))


def grades_of(home: Home, record: Record) -> list[KeptGrades]:
    """Grades of a person, or of a course, that were kept before they were destroyed."""
    profile = record.kept.profile.name
    if record.what == "person":
        return home.store.grades.find(profile=profile, person_key=record.key)
    return home.store.grades.find(profile=profile, course_key=record.key)


def history_of(home: Home, record: Record, *, limit: int, offset: int = 0) -> list[PastChange]:
    """What plans did or would do to a record, newest first; parameters as in `store.History.of`."""
    return home.store.history.of(record.kept.profile.name, record.kind, record.key, limit=limit, offset=offset)


class _Names:
    """Names of people, courses and groups by key: by the roster, else by what was last written."""

    def __init__(self, home: Home, kept: KeptRoster) -> None:
        self._home = home
        self._kept = kept

    def person(self, key: str) -> str:
        return self._kept.people[key].name if key in self._kept.people else self._written("user", key)

    def course(self, key: str) -> str:
        return self._kept.courses[key].name if key in self._kept.courses else self._written("course", key)

    def other(self, kind: str, key: str) -> str:
        """A group or cohort."""
        row = self._kept.wanted(kind, key)
        return str(row["label"]) if row and row.get("label") else self._written(kind, key)

    def _written(self, kind: str, key: str) -> str:
        row = self._home.store.ledger.get(self._kept.profile.name, kind, key)
        if row is None:
            return key.rpartition(SEPARATOR)[2]
        fields = json.loads(row.written or "{}")
        return str(fields.get("name") or left_entry(key, row.written or "{}").name)


def _entry_of(kept: KeptRoster, what: What, key: str, row: LedgerRow | None) -> Entry | None:
    there = kept.people if what == "person" else {**kept.classes, **kept.courses}
    if key in there:
        return there[key]
    return left_entry(key, row.written or "{}") if row is not None else None


def _named_elsewhere(key: str, identity: Identity | None, problems: Iterable[Problem]) -> Entry | None:
    """The entry of a record of which only a queue knows the name."""
    name = identity.name if identity else next((each.name for each in problems if each.key == key), None)
    return None if name is None else Entry(key, name, (), LEFT, (), "", frozenset(), "")


def _fields(wanted: dict[str, Any] | None, row: LedgerRow | None) -> Iterator[Field]:
    want: dict[str, Any] = json.loads(wanted["fields"]) if wanted else {}
    wrote: dict[str, Any] = json.loads(row.written or "{}") if row else {}
    for name in {**want, **wrote}:
        if name not in _MARKS:
            yield Field(name, want.get(name), wrote.get(name))


def _classes_of(kept: KeptRoster, what: What, key: str) -> tuple[str, ...]:
    if what == "person":
        return ()
    leads = kept.desired.classes.filter(pl.col("course") == key)["class"].unique().sort().to_list()
    return tuple(leads) or ((key,) if key in kept.classes else ())


def _belongs(what: What, key: str, kind: str, of: str) -> bool:
    """Whether a record of a kind is a person's or course's own, or hangs on it."""
    if kind == KINDS[what]:
        return of == key
    parts = of.split(SEPARATOR)
    if what == "person":
        return kind in _OF_PEOPLE and parts[0] == key
    return (kind in ("group", "grouping") and parts[0] == key) or (kind == "enrolment" and parts[-1] == key)


def _cells(rows: Iterable[SourceRow], column: str) -> list[str]:
    cells = [cell for row in rows for cell in row.cells.get(column, "").split(",")]
    return [cell.strip() for cell in dict.fromkeys(cells) if cell.strip()]


def _enrolled(key: str, wanted: str | None, row: LedgerRow | None, names: _Names) -> Enrolled:
    person, course = key.split(SEPARATOR, 1)
    written: dict[str, Any] = json.loads(row.written or "{}") if row else {}
    return Enrolled(
        key=key,
        person=person,
        person_name=names.person(person),
        course=course,
        course_name=names.course(course),
        wanted=wanted,
        role=written.get("role") or None,
        state=_state(row, written),
        run=row.run if row else None,
    )


def _state(row: LedgerRow | None, written: Collection[str]) -> str:
    if row is None:
        return "waiting"
    if row.removed:
        return "ended" if GONE in written else "suspended"
    return "by others" if row.origin == "matched" else "enrolled"


def _placed(kind: str, key: str, names: _Names, *, written: bool, wanted: bool) -> Placed:
    if kind == "cohort-member":
        cohort = key.split(SEPARATOR, 1)[1]
        return Placed("cohort", cohort, names.other("cohort", cohort), "", "", written, wanted)
    group = key.split(SEPARATOR, 1)[1] if kind == "group-member" else key
    course = group.split(SEPARATOR, 1)[0]
    return Placed("group", group, names.other("group", group), course, names.course(course), written, wanted)


__all__ = [
    "KINDS",
    "UNUSABLE",
    "USED",
    "Enrolled",
    "Field",
    "Placed",
    "Record",
    "What",
    "enrolments_of",
    "grades_of",
    "groups_of",
    "history_of",
    "record_of",
    "rows_of",
]
