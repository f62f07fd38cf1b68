"""Identities: people of whom a person has to say which account is theirs, and what was said."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import delete, insert, literal, select, update

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import upsert

_table: Final = schema.identity


@dataclass(frozen=True, slots=True)
class Identity:
    """A person in the queue.

    Args:
        profile: whose roster they are in.
        kind: kind of record, `user`.
        key: the person's sourcedId.
        name: their name.
        code: the finding that says why it is unclear.
        message: its sentence.
        candidates: accounts that could be theirs: `id`, `username`, `name`, `email`, `idnumber` of each.
        state: `open` while the last plan found it unclear, else `settled`.
        decision: what a person said: `account:ID`, `new` or `leave`; None until then.
        by: who said it.
        at: when it was said, else when the last plan found it unclear.
    """

    profile: str
    kind: str
    key: str
    name: str
    code: str
    message: str
    candidates: Sequence[Mapping[str, Any]] = ()
    state: str = "open"
    decision: str | None = None
    by: str | None = None
    at: datetime | None = None


class Identities:
    """Queries on the queue of identities.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, profile: str, kind: str, found: Iterable[Identity], anew: Collection[str] = ()) -> None:
        """Bring the queue in line with a plan, which looked at everybody.

        People whom it did not find unclear leave the queue, or count as settled where something was said of them.

        Args:
            profile: the profile.
            kind: kind of record.
            found: people whom the plan found unclear; what was said of them stays in force.
            anew: codes about which nothing that was said before they came up says anything.
        """
        now = datetime.now(UTC)
        known = {each.key: each for each in self.all(profile) if each.kind == kind}
        rows = [_row(each, known.get(each.key), now, anew) for each in found]
        keys = {row["key"] for row in rows}
        absent = [each for each in known.values() if each.key not in keys]
        with self._database.writing() as connection:
            if rows:
                upsert(connection, _table, rows)
            for each in absent:
                here = _of(profile, kind, each.key)
                if each.decision is None:
                    connection.execute(delete(_table).where(*here))
                elif each.state != "settled":
                    connection.execute(update(_table).where(*here).values(state="settled"))

    def say(self, profile: str, kind: str, key: str, decision: str | None, by: str) -> bool:
        """Note what a person said of somebody in the queue; None takes it back.

        Returns:
            whether there is such a person in the queue.
        """
        state = "open" if decision is None else "settled"
        with self._database.writing() as connection:
            count: int = connection.execute(
                update(_table)
                .where(*_of(profile, kind, key))
                .values(decision=decision, by=by, at=datetime.now(UTC), state=state)
            ).rowcount
        return count > 0

    def decisions(self, profile: str, kind: str) -> dict[str, str]:
        """What persons said, by key."""
        return {each.key: each.decision for each in self.all(profile) if each.kind == kind and each.decision}

    def copy(self, profile_from: str, profile_to: str) -> int:
        """Copy what persons said of one profile's people to another profile.

        Returns:
            the number of decisions copied.
        """
        others = [column for column in _table.c if column.name != "profile"]
        said = select(literal(profile_to), *others).where(
            _table.c.profile == profile_from, _table.c.decision.is_not(None)
        )
        statement = insert(_table).from_select(["profile", *(column.name for column in others)], said)
        with self._database.writing() as connection:
            return connection.execute(statement.execution_options(preserve_rowcount=True)).rowcount

    def all(self, profile: str) -> list[Identity]:
        """Everybody in the queue of a profile, those settled too, by name."""
        statement = select(_table).where(_table.c.profile == profile).order_by(_table.c.name, _table.c.key)
        with self._database.reading() as connection:
            rows = [row._asdict() for row in connection.execute(statement)]
        return [Identity(**row | {"candidates": tuple(json.loads(row["candidates"]))}) for row in rows]


def _of(profile: str, kind: str, key: str) -> tuple[Any, ...]:
    return _table.c.profile == profile, _table.c.kind == kind, _table.c.key == key


def _row(found: Identity, known: Identity | None, now: datetime, anew: Collection[str]) -> dict[str, Any]:
    stands = known is not None and known.decision is not None and (found.code == known.code or found.code not in anew)
    decided = known if stands else None
    return {
        "profile": found.profile,
        "kind": found.kind,
        "key": found.key,
        "name": found.name,
        "code": found.code,
        "message": found.message,
        "candidates": json.dumps(list(found.candidates), ensure_ascii=False),
        "state": "open",
        "decision": decided.decision if decided else None,
        "by": decided.by if decided else None,
        "at": decided.at if decided else now,
    }
