"""Conflicts: grades that a person changed in the school's system after they were sent, and which of the two stands."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

import polars as pl
from sqlalchemy import Select, delete, func, select, tuple_, update

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import chunks_of, read_frame, upsert

ConflictState = Literal["open", "send", "keep"]

DECISIONS_SCHEMA: Final = pl.Schema(
    {"kind": pl.String, "key": pl.String, "state": pl.String, "ours": pl.String, "theirs": pl.String}
)
"""Columns of `Conflicts.decisions`."""

_table: Final = schema.grade_conflict
_ORDER: Final = (_table.c.profile, _table.c.kind, _table.c.name, _table.c.key)
_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record of the school's system that is neither as it was sent nor as it should be.

    Args:
        profile: whose transfer it is.
        kind: kind of record.
        key: the record.
        name: what people call it.
        ours: JSON of the fields in question as they should be; `{"gone":true}` where the record should not be.
        theirs: JSON of the same fields as they were found; `{"gone":true}` where the record is not there.
        state: `open`; `send`, where somebody decided that ours goes over theirs; `keep`, where theirs stays.
        by: who decided; None where nobody has.
        since: when it was first found so.
        at: when it was last found, or decided.
    """

    profile: str
    kind: str
    key: str
    name: str
    ours: str
    theirs: str
    state: str
    by: str | None
    since: datetime
    at: datetime


class Conflicts:
    """Queries on conflicts.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, profile: str | None = None, *, states: Collection[str] = ()) -> list[Conflict]:
        """Conflicts by profile, kind and name.

        Args:
            profile: only this profile's.
            states: only those in one of these states; by default in any.
        """
        return self._many(_narrowed(select(_table), None if profile is None else [profile], states).order_by(*_ORDER))

    def some(
        self, profiles: Collection[str], *, states: Collection[str] = (), limit: int, offset: int = 0
    ) -> list[Conflict]:
        """A part of the conflicts of profiles, in the order of `all`.

        Args:
            profiles: whose.
            states: only those in one of these states; by default in any.
            limit: at most so many.
            offset: so many stand before.
        """
        chosen = _narrowed(select(_table), profiles, states).order_by(*_ORDER)
        return self._many(chosen.limit(limit).offset(offset))

    def count(self, profiles: Collection[str], *, states: Collection[str] = ()) -> int:
        """How many `some` has in all."""
        with self._database.reading() as connection:
            statement = _narrowed(select(func.count()).select_from(_table), profiles, states)
            return int(connection.execute(statement).scalar_one())

    def counts(self, states: Collection[str] = ("open",)) -> dict[str, int]:
        """How many conflicts each profile has."""
        statement = _narrowed(select(_table.c.profile, func.count()), None, states).group_by(_table.c.profile)
        with self._database.reading() as connection:
            return {profile: number for profile, number in connection.execute(statement)}  # noqa: C416 - has keys

    def newest(self) -> dict[str, datetime]:
        """When the newest open conflict of each profile was first found."""
        statement = _narrowed(select(_table.c.profile, func.max(_table.c.since)), None, ("open",))
        with self._database.reading() as connection:
            rows = connection.execute(statement.group_by(_table.c.profile))
            return {profile: at for profile, at in rows}  # noqa: C416 - a result has keys

    def decisions(self, profile: str) -> pl.DataFrame:
        """What was decided, in the columns of `DECISIONS_SCHEMA`."""
        chosen = select(*(_table.c[name] for name in DECISIONS_SCHEMA))
        with self._database.reading() as connection:
            settled = chosen.where(_table.c.profile == profile, _table.c.state != "open")
            return read_frame(connection, settled, DECISIONS_SCHEMA)

    def replace(self, profile: str, found: Iterable[Conflict]) -> None:
        """Put what was found in the place of all that was known of a profile.

        Args:
            profile: the profile.
            found: what was found; one that is known with the same two sides keeps its first moment and its decision.
        """
        known = {(each.kind, each.key): each for each in self.all(profile)}
        rows = {(each.kind, each.key): _row(each, known.get((each.kind, each.key))) for each in found}
        self.strike(profile, known.keys() - rows.keys())
        with self._database.writing() as connection:
            for chunk in chunks_of(((row,) for row in rows.values()), _AT_ONCE):
                upsert(connection, _table, [row for (row,) in chunk])

    def strike(self, profile: str, places: Iterable[tuple[str, str]]) -> None:
        """Strike out conflicts that are no more, by kind and key."""
        here = tuple_(_table.c.kind, _table.c.key)
        with self._database.writing() as connection:
            for chunk in chunks_of(((place,) for place in places), _AT_ONCE):
                meant = here.in_([place for (place,) in chunk])
                connection.execute(delete(_table).where(_table.c.profile == profile, meant))

    def settle(self, conflicts: Iterable[Conflict], state: ConflictState, by: str, at: datetime) -> int:
        """Note what somebody decided.

        Args:
            conflicts: those that are meant.
            state: what was decided.
            by: who did.
            at: when.

        Returns:
            how many were there.
        """
        number = 0
        with self._database.writing() as connection:
            for each in conflicts:
                here = (_table.c.profile == each.profile, _table.c.kind == each.kind, _table.c.key == each.key)
                number += connection.execute(update(_table).where(*here).values(state=state, by=by, at=at)).rowcount
        return number

    def forget(self, profile: str) -> None:
        """Forget all conflicts of a profile."""
        with self._database.writing() as connection:
            connection.execute(delete(_table).where(_table.c.profile == profile))

    def _many(self, statement: Select[*tuple[Any, ...]]) -> list[Conflict]:
        with self._database.reading() as connection:
            return [Conflict(**row._asdict()) for row in connection.execute(statement)]


def _narrowed(
    statement: Select[*tuple[Any, ...]], profiles: Collection[str] | None, states: Collection[str]
) -> Select[*tuple[Any, ...]]:
    if profiles is not None:
        statement = statement.where(_table.c.profile.in_(profiles))
    return statement.where(_table.c.state.in_(states)) if states else statement


def _row(found: Conflict, known: Conflict | None) -> dict[str, Any]:
    row = {column.name: getattr(found, column.name) for column in _table.c}
    if known is not None and (known.ours, known.theirs) == (found.ours, found.theirs):
        row |= {"state": known.state, "by": known.by, "since": known.since}
    return row
