"""Problems: refused records, kept open until they are put right or gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import delete, select

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.frames import chunks_of

_table: Final = schema.problem
_KEYS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """A record that could not be entered in Moodle.

    Args:
        profile: whose roster it is in.
        kind: kind of record.
        key: the roster record's key.
        name: its name, for people.
        reason: why it was refused last, and what to do.
        run: the run that met it last.
        opened_at: when it was first met.
        seen_at: when it was last met.
    """

    profile: str
    kind: str
    key: str
    name: str
    reason: str
    run: int | None
    opened_at: datetime
    seen_at: datetime


class Problems:
    """Queries on problems.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, profile: str, kind: str, key: str, name: str, reason: str, run: int | None) -> None:
        """Open a problem, or renew one that is open: it keeps the moment it was first met.

        Many at once belong in one `Store.begin`.
        """
        now = datetime.now(UTC)
        statement = (
            self._database.insert(_table)
            .values(
                profile=profile,
                kind=kind,
                key=key,
                name=name,
                reason=reason,
                run=run,
                opened_at=now,
                seen_at=now,
            )
            .on_conflict_do_update(
                index_elements=["profile", "kind", "key"],
                set_={"name": name, "reason": reason, "run": run, "seen_at": now},
            )
        )
        with self._database.writing() as connection:
            connection.execute(statement)

    def close(self, profile: str, kind: str, keys: Iterable[str]) -> int:
        """Strike out problems that are no more; keys without one are passed over.

        Returns:
            The number of problems struck out.
        """
        count = 0
        with self._database.writing() as connection:
            for chunk in chunks_of(((key,) for key in keys), _KEYS_AT_ONCE):
                count += connection.execute(
                    delete(_table).where(
                        _table.c.profile == profile,
                        _table.c.kind == kind,
                        _table.c.key.in_([key for (key,) in chunk]),
                    )
                ).rowcount
        return count

    def all(self, profile: str) -> list[Problem]:
        """The open problems of a profile, by kind and name."""
        statement = (
            select(_table).where(_table.c.profile == profile).order_by(_table.c.kind, _table.c.name, _table.c.key)
        )
        with self._database.reading() as connection:
            return [Problem(**row._asdict()) for row in connection.execute(statement)]
