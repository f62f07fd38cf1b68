"""Up to which moment each schedule has been served, so that no process serves one twice and none is left out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select, update

from matricula.store import schema
from matricula.store.database import Database

_table: Final = schema.due


@dataclass(frozen=True, slots=True)
class Due:
    """One schedule.

    Args:
        schedule: its name.
        rule: what it says; another rule is another schedule, which owes nothing for the time before.
        served_at: moments up to this one are served.
        next_at: the next moment; None where there is none.
    """

    schedule: str
    rule: str
    served_at: datetime
    next_at: datetime | None


class Dues:
    """Queries on what is due.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Due]:
        """All schedules that were seen, by name."""
        with self._database.reading() as connection:
            return {row.schedule: Due(**row._asdict()) for row in connection.execute(select(_table))}

    def begin(self, due: Due) -> None:
        """Take a schedule in, or another rule for one; where another process was faster, nothing is altered."""
        values = {"rule": due.rule, "served_at": due.served_at, "next_at": due.next_at}
        statement = self._database.insert(_table).values(schedule=due.schedule, **values)
        with self._database.writing() as connection:
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["schedule"], set_=values, where=_table.c.rule != due.rule
                )
            )

    def serve(self, due: Due, at: datetime, next_at: datetime | None) -> bool:
        """Note that a schedule is served up to a moment.

        Args:
            due: the schedule as it was seen.
            at: the moment.
            next_at: the next one.

        Returns:
            Whether it still was as it was seen: of several processes one alone hears that it was.
        """
        seen = (_table.c.schedule == due.schedule, _table.c.rule == due.rule, _table.c.served_at == due.served_at)
        with self._database.writing() as connection:
            return connection.execute(update(_table).where(*seen).values(served_at=at, next_at=next_at)).rowcount == 1

    def forget(self, schedule: str) -> None:
        """Strike out a schedule that is no more."""
        with self._database.writing() as connection:
            connection.execute(delete(_table).where(_table.c.schedule == schedule))
