"""Processes that work on jobs: which there are, and which of them have died."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select, update

from matricula.store import schema
from matricula.store.database import Database
from matricula.store.processes import Process, is_gone, this_process

SILENT_AFTER: Final = timedelta(seconds=60)
"""A worker that was not heard of for so long is taken for dead. Beat at least every 10 seconds."""

_table: Final = schema.worker


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that works on jobs.

    Args:
        name: its name, unique over all machines.
        host: the machine it runs on.
        process_space: where its pid means something.
        pid: its process there.
        began_at: since when it works.
        alive_at: when it was last heard of.
    """

    name: str
    host: str
    process_space: str
    pid: int
    began_at: datetime
    alive_at: datetime


class Workers:
    """Queries on workers.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def register(self, name: str) -> None:
        """Note that this process works on jobs under a name."""
        process = this_process()
        with self._database.writing() as connection:
            now = self._database.now(connection)
            values = {"name": name, "host": process.host, "process_space": process.space, "pid": process.pid}
            connection.execute(insert(_table).values(**values, began_at=now, alive_at=now))

    def beat(self, name: str) -> None:
        """Show that a worker lives; one that was taken for dead meanwhile is known again."""
        with self._database.writing(lasting=False) as connection:
            now = self._database.now(connection)
            found = connection.execute(update(_table).where(_table.c.name == name).values(alive_at=now))
            if found.rowcount:
                return
        self.register(name)

    def forget(self, name: str) -> None:
        """Strike a worker out that has ended, or is dead."""
        with self._database.writing() as connection:
            connection.execute(delete(_table).where(_table.c.name == name))

    def all(self) -> list[Worker]:
        """All that are known, by name."""
        with self._database.reading() as connection:
            return [Worker(**row._asdict()) for row in connection.execute(select(_table).order_by(_table.c.name))]

    def dead(self, after: timedelta = SILENT_AFTER) -> list[Worker]:
        """Those that have surely ended, or were silent for too long.

        Args:
            after: how long is too long.
        """
        with self._database.reading() as connection:
            now = self._database.now(connection)
        return [each for each in self.all() if _is_dead(each, now, after)]


def _is_dead(worker: Worker, now: datetime, after: timedelta) -> bool:
    # A sign of life from the future comes from before the clock was set back; a live worker renews it soon.
    return is_gone(Process(worker.host, worker.process_space, worker.pid)) or abs(now - worker.alive_at) > after
