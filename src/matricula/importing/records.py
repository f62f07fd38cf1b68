"""Records of a first import: what each is, what was told of it before, and what is new."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from matricula.importing.years import Year
from matricula.roster import Finding
from matricula.store import ImportedRow

Kind = Literal["category", "person", "course", "enrolment", "result"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""Kinds of records, each after those it refers to."""

Body = dict[str, Any]
Action = Literal["add", "update"]


@dataclass(frozen=True)
class Record:
    """One record of the school.

    Args:
        kind: what it is.
        moodle_id: which record of Moodle it is, as text; of an enrolment and a result `COURSE:USER`.
        key: its sourcedId.
        name: what people call it.
        body: what is told of it, as JSON can hold it; it refers to others by their keys.
    """

    kind: Kind
    moodle_id: str
    key: str
    name: str
    body: Body

    @property
    def row(self) -> ImportedRow:
        """How it is remembered."""
        return ImportedRow(self.kind, self.moodle_id, self.key, to_json(self.body | {"name": self.name}))

    @classmethod
    def known(cls, row: ImportedRow) -> "Record":
        """The record as it was remembered."""
        body: Body = json.loads(row.body)
        kind = next(each for each in KINDS if each == row.kind)
        return cls(kind, row.moodle_id, row.key, body.pop("name"), body)


@dataclass(frozen=True)
class ImportChange:
    """What writing does to one record.

    Args:
        kind: what it is, or the table that it stands in.
        action: what is done.
        key: its key; empty where the school's system gives it one.
        name: what people call it.
        before: the fields that change, as they were told before; nothing where it is new.
        after: the fields that are told.
    """

    kind: str
    action: Action
    key: str
    name: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True)
class School:
    """What becomes of a site: everything that is told of it, and what of that is new.

    Args:
        year: the academic year that counts as the current one.
        records: all records by kind, those that are no longer in Moodle as they last were.
        changes: what differs from what was told before.
        gone: kind and Moodle id of records that are no longer in Moodle and stay.
        findings: what to look at.
    """

    year: Year
    records: Mapping[Kind, tuple[Record, ...]]
    changes: tuple[ImportChange, ...]
    gone: frozenset[tuple[str, str]]
    findings: tuple[Finding, ...]
    _by_key: dict[Kind, dict[str, Record]] = field(default_factory=dict)

    def of(self, kind: Kind) -> tuple[Record, ...]:
        """The records of a kind."""
        return self.records.get(kind, ())

    def there(self, kind: Kind) -> list[Record]:
        """The records of a kind that are in Moodle now."""
        return [record for record in self.of(kind) if (kind, record.moodle_id) not in self.gone]

    @property
    def vanished(self) -> dict[str, int]:
        """How many records are no longer in Moodle and stay, by kind."""
        counts = Counter(kind for kind, _ in self.gone)
        return {kind: counts[kind] for kind in KINDS if counts[kind]}

    def by_key(self, kind: Kind) -> dict[str, Record]:
        """The records of a kind by key."""
        if kind not in self._by_key:
            self._by_key[kind] = {record.key: record for record in self.of(kind)}
        return self._by_key[kind]


def with_known(year: Year, seen: Iterable[Record], known: Iterable[ImportedRow], findings: Iterable[Finding]) -> School:
    """Lay what was seen over what was told before.

    Args:
        year: the current academic year.
        seen: records as Moodle has them now.
        known: what was told before; rows of other kinds are passed over.
        findings: what to look at.
    """
    before = {(row.kind, row.moodle_id): row for row in known if row.kind in KINDS}
    now = {(record.kind, record.moodle_id): record for record in seen}
    gone = [Record.known(row) for place, row in before.items() if place not in now]
    every = sorted([*now.values(), *gone], key=lambda each: (KINDS.index(each.kind), natural(each.moodle_id)))
    records = {kind: tuple(each for each in every if each.kind == kind) for kind in KINDS}
    changes = tuple(
        change
        for record in every
        if (change := _change(record, before.get((record.kind, record.moodle_id)))) is not None
    )
    return School(year, records, changes, frozenset((each.kind, each.moodle_id) for each in gone), tuple(findings))


def _change(record: Record, before: ImportedRow | None) -> ImportChange | None:
    body = record.body | {"name": record.name}
    if before is None:
        return ImportChange(record.kind, "add", record.key, record.name, {}, record.body)
    told: Body = json.loads(before.body)
    differing = [name for name in {**told, **body} if told.get(name) != body.get(name)]
    if not differing:
        return None
    old, new = ({name: each.get(name) for name in differing} for each in (told, body))
    return ImportChange(record.kind, "update", record.key, record.name, old, new)


def natural(moodle_id: str) -> tuple[tuple[int, str], ...]:
    """An order in which 9 comes before 10."""
    return tuple((int(part), "") if part.isdecimal() else (0, part) for part in moodle_id.split(":"))


def to_json(value: Any) -> str:
    """JSON that is the same for the same value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def checksum(changes: Iterable[ImportChange]) -> str:
    """What tells whether the same would be written as was shown."""
    told = [[each.kind, each.action, each.key, each.name, each.before, each.after] for each in changes]
    return hashlib.sha256(to_json(told).encode()).hexdigest()
