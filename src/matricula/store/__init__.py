"""The state: everything that must survive the end of a process, and every query on it.

`Store` opens the state database; its attributes are the families of tables. Nothing outside this room writes SQL.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from matricula.store.acts import Act, Acts
from matricula.store.database import Database
from matricula.store.deliveries import Deliveries, Delivery, Observation, Observations
from matricula.store.documents import Document, Documents
from matricula.store.drift import Drift, Drifted
from matricula.store.forgetting import Forgetting, Person
from matricula.store.grades import GradesKept, KeptGrades
from matricula.store.identities import Identities, Identity
from matricula.store.journal import OUTCOMES_SCHEMA, Batch, Journal, Outcome
from matricula.store.kept import Kept, KeptDeliveries
from matricula.store.ledger import LEDGER_SCHEMA, Ledger, LedgerRow
from matricula.store.migrating import migrate
from matricula.store.plans import CHANGES_SCHEMA, FindingRecord, PlanMove, PlanRecord, Plans
from matricula.store.problems import Problem, Problems
from matricula.store.purging import Purging, Until
from matricula.store.rotation import Rotated
from matricula.store.runs import STALE_AFTER, Run, Runs
from matricula.store.secrets import Secrets, Vault

__all__ = [
    "CHANGES_SCHEMA",
    "LEDGER_SCHEMA",
    "OUTCOMES_SCHEMA",
    "STALE_AFTER",
    "Act",
    "Acts",
    "Batch",
    "Deliveries",
    "Delivery",
    "Document",
    "Documents",
    "Drift",
    "Drifted",
    "FindingRecord",
    "Forgetting",
    "GradesKept",
    "Identities",
    "Identity",
    "Journal",
    "Kept",
    "KeptDeliveries",
    "KeptGrades",
    "Ledger",
    "LedgerRow",
    "Observation",
    "Observations",
    "Outcome",
    "Person",
    "PlanMove",
    "PlanRecord",
    "Plans",
    "Problem",
    "Problems",
    "Purging",
    "Rotated",
    "Run",
    "Runs",
    "Secrets",
    "Store",
    "Until",
    "Vault",
]


class Store:
    """The state database, open. Use `Store.open`, best in a `with` statement.

    Args:
        database: a database whose tables are up to date.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.documents = Documents(database)
        self.secrets = Secrets(database)
        self.ledger = Ledger(database)
        self.plans = Plans(database)
        self.runs = Runs(database)
        self.journal = Journal(database, self.ledger)
        self.problems = Problems(database)
        self.identities = Identities(database)
        self.drift = Drift(database)
        self.observations = Observations(database)
        self.deliveries = Deliveries(database)
        self.kept = KeptDeliveries(database)
        self.acts = Acts(database)
        self.forgetting = Forgetting(database)
        self.purging = Purging(database)
        self.grades = GradesKept(database)

    @classmethod
    def open(cls, address: str | Path) -> Self:
        """Open a state database; make it, or bring its tables up to date, where needed.

        Args:
            address: a path (SQLite), or `postgresql://USER:PASSWORD@HOST:PORT/NAME`.

        Raises:
            SettingError: the address is wrong, or the database belongs to a newer matricula or another program.
            StopError: the database cannot be read or written, or is damaged.
            WaitError: the database's server cannot be reached, or another process has been writing too long.
        """
        database = Database(address)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def begin(self) -> AbstractContextManager[Connection]:
        """A transaction for several acts of this thread: all of them are stored at its end, or none."""
        return self._database.writing()

    def scrub(self, tables: Iterable[str]) -> bool:
        """Leave nothing of deleted rows in the files; returns whether that was possible at once."""
        return self._database.scrub(tables)

    def idle_share(self) -> float:
        """Which share of the state's file is free room."""
        return self._database.idle_share()

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
