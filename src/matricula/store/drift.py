"""Drift: fields that somebody edited in Moodle, as written and as seen; and when what was looked at."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, literal, select, update

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import chunks_of, upsert

_table: Final = schema.drift
_shares: Final = schema.observed_share
_AT_ONCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class Drifted:
    """A field that somebody edited in Moodle.

    Args:
        profile: whose ledger the record is in.
        kind: kind of record.
        key: the record.
        field: the field.
        name: the record's name.
        written: what was last written.
        seen: what the site holds.
        state: `open`, `accepted`, `put-back` (a person wants that) or `in-vain` (was put back and is so all the same).
        since: when it was first seen so.
        at: when it was last seen.
    """

    profile: str
    kind: str
    key: str
    field: str
    name: str
    written: Any
    seen: Any
    state: str
    since: datetime
    at: datetime

    @property
    def place(self) -> tuple[str, str, str]:
        """Kind, key and field."""
        return self.kind, self.key, self.field


class Drift:
    """Queries on drift.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, profile: str) -> list[Drifted]:
        """Everything that is known of a profile, by kind, name and field."""
        order = (_table.c.kind, _table.c.name, _table.c.key, _table.c.field)
        statement = select(_table).where(_table.c.profile == profile).order_by(*order)
        with self._database.reading() as connection:
            rows = [row._asdict() for row in connection.execute(statement)]
        return [Drifted(**row | {name: json.loads(row[name]) for name in ("written", "seen")}) for row in rows]

    def waiting(self, profile: str) -> int:
        """How many edits are not accepted."""
        statement = (
            select(func.count()).select_from(_table).where(_table.c.profile == profile, _table.c.state != "accepted")
        )
        with self._database.reading() as connection:
            return int(connection.execute(statement).scalar_one())

    def replace(self, profile: str, looked: Mapping[str, Collection[str]], found: Iterable[Drifted]) -> None:
        """Put what was found in the place of what was known of the records that were looked at.

        Args:
            profile: the profile.
            looked: keys of those records, by kind.
            found: what was found edited in them; what was seen before in the same way keeps its first moment.
        """
        known = {each.place: each for each in self.all(profile)}
        rows = {each.place: _row(_kept(each, known.get(each.place))) for each in found}
        over = [each for each in known.values() if each.key in looked.get(each.kind, ()) and each.place not in rows]
        with self._database.writing() as connection:
            for chunk in chunks_of(((row,) for row in rows.values()), _AT_ONCE):
                upsert(connection, _table, [row for (row,) in chunk])
        self.strike(over)

    def strike(self, over: Iterable[Drifted]) -> None:
        """Strike out edits that are no more."""
        with self._database.writing() as connection:
            for each in over:
                connection.execute(delete(_table).where(*_of(each)))

    def say(self, edits: Iterable[Drifted], state: str) -> None:
        """Note what was decided of edits."""
        with self._database.writing() as connection:
            for each in edits:
                connection.execute(update(_table).where(*_of(each)).values(state=state))

    def copy(self, profile_from: str, profile_to: str) -> None:
        """Copy what is accepted of one profile's records to another profile, whose ledger is a copy of its."""
        others = [column for column in _table.c if column.name != "profile"]
        accepted = select(literal(profile_to), *others).where(
            _table.c.profile == profile_from, _table.c.state == "accepted"
        )
        with self._database.writing() as connection:
            connection.execute(insert(_table).from_select(["profile", *(column.name for column in others)], accepted))

    def looked_at(self, profile: str) -> dict[int, datetime]:
        """When each share of a profile's records was last looked at."""
        statement = select(_shares.c.share, _shares.c.at).where(_shares.c.profile == profile)
        with self._database.reading() as connection:
            return {share: at for share, at in connection.execute(statement)}  # noqa: C416 - a result has keys

    def note_shares(self, profile: str, shares: Mapping[int, datetime]) -> None:
        """Note when shares were looked at."""
        if shares:
            with self._database.writing() as connection:
                rows = [{"profile": profile, "share": share, "at": at} for share, at in sorted(shares.items())]
                upsert(connection, _shares, rows)


def _kept(found: Drifted, known: Drifted | None) -> Drifted:
    same = known is not None and (known.seen, known.written) == (found.seen, found.written)
    return replace(found, since=known.since) if known is not None and same else found


def _row(each: Drifted) -> dict[str, Any]:
    plain = ("profile", "kind", "key", "field", "name", "state", "since", "at")
    told = {name: json.dumps(getattr(each, name), ensure_ascii=False) for name in ("written", "seen")}
    return {name: getattr(each, name) for name in plain} | told


def _of(each: Drifted) -> tuple[Any, ...]:
    return (
        _table.c.profile == each.profile,
        _table.c.kind == each.kind,
        _table.c.key == each.key,
        _table.c.field == each.field,
    )
