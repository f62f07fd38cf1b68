"""The state: everything that must survive the end of a process, and every query on it.

`Store` opens the state database; its attributes are the families of tables. Nothing outside this room writes SQL.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection

from matricula.store.accounts import Accounts, Sessions
from matricula.store.acts import Act, Acts
from matricula.store.answered import Answered
from matricula.store.attempts import Attempts
from matricula.store.audited import Audit, Audited
from matricula.store.backup import Manifest, back_up
from matricula.store.conflicts import Conflict, Conflicts
from matricula.store.database import Database
from matricula.store.deliveries import Deliveries, Delivery, Observation, Observations
from matricula.store.documents import Document, Documents
from matricula.store.drift import Drift, Drifted
from matricula.store.dues import Due, Dues
from matricula.store.erasing import Erasing
from matricula.store.factors import Factors
from matricula.store.forgetting import Forgetting, Person
from matricula.store.grades import GradesKept, KeptGrades
from matricula.store.history import History, PastChange
from matricula.store.identities import Identities, Identity
from matricula.store.imported import Imported, ImportedRow
from matricula.store.job import Job, JobLine
from matricula.store.jobs import JobTable
from matricula.store.journal import OUTCOMES_SCHEMA, Batch, Journal, Outcome
from matricula.store.kept import Kept, KeptDeliveries
from matricula.store.learning import Gradebook, Learning, Marks
from matricula.store.ledger import LEDGER_SCHEMA, Ledger, LedgerRow
from matricula.store.measures import EndedRun, Figures, Measuring, Seen
from matricula.store.migrating import HEAD, migrate
from matricula.store.notices import Cause, Notice, Notices
from matricula.store.plans import CHANGES_SCHEMA, FindingRecord, PlanMove, PlanRecord, Plans
from matricula.store.portal_sessions import PortalSession, PortalSessions
from matricula.store.problems import Problem, Problems
from matricula.store.purging import Purging, Until
from matricula.store.queue_tables import QueueTables
from matricula.store.rotation import Rotated
from matricula.store.runs import STALE_AFTER, Run, Runs
from matricula.store.secrets import Secrets, Vault
from matricula.store.seen_requests import SeenRequests
from matricula.store.sendings import Sending, Sendings
from matricula.store.series import Counted, Ran, Series
from matricula.store.sign_on_clients import SignOnClient, SignOnClients
from matricula.store.sign_on_grants import SignOnGrant, SignOnGrants
from matricula.store.signing_keys import SigningKey, SigningKeys
from matricula.store.stamps import Stamps
from matricula.store.stream import Happened, Stream
from matricula.store.tokens import ApiToken, ApiTokens, OneTimes
from matricula.store.tool_grades import ToolGrades, ToolItem
from matricula.store.tool_previews import Preview, ToolOutcome, ToolPreviews
from matricula.store.tools import CourseMapping, KnownStudent, Tools, ToolStanding
from matricula.store.views import ChangeEnd, LeftOver, Tallied, Views, Wanted
from matricula.store.waiting import WaitingCounts
from matricula.store.watching import Ended, EndedJob, LastRun, Watching
from matricula.store.wishes import Received, Wishes
from matricula.store.workers import Worker, Workers

__all__ = [
    "CHANGES_SCHEMA",
    "LEDGER_SCHEMA",
    "OUTCOMES_SCHEMA",
    "STALE_AFTER",
    "Act",
    "Acts",
    "ApiToken",
    "Audit",
    "Audited",
    "Batch",
    "Cause",
    "ChangeEnd",
    "Conflict",
    "Conflicts",
    "Counted",
    "CourseMapping",
    "Deliveries",
    "Delivery",
    "Document",
    "Documents",
    "Drift",
    "Drifted",
    "Due",
    "Dues",
    "Ended",
    "EndedJob",
    "EndedRun",
    "Figures",
    "FindingRecord",
    "Forgetting",
    "Gradebook",
    "GradesKept",
    "Happened",
    "History",
    "Identities",
    "Identity",
    "Imported",
    "ImportedRow",
    "Job",
    "JobLine",
    "JobTable",
    "Journal",
    "Kept",
    "KeptDeliveries",
    "KeptGrades",
    "KnownStudent",
    "LastRun",
    "Learning",
    "Ledger",
    "LedgerRow",
    "LeftOver",
    "Manifest",
    "Marks",
    "Measuring",
    "Notice",
    "Notices",
    "Observation",
    "Observations",
    "Outcome",
    "PastChange",
    "Person",
    "PlanMove",
    "PlanRecord",
    "Plans",
    "PortalSession",
    "PortalSessions",
    "Preview",
    "Problem",
    "Problems",
    "Purging",
    "QueueTables",
    "Ran",
    "Received",
    "Rotated",
    "Run",
    "Runs",
    "Secrets",
    "Seen",
    "SeenRequests",
    "Sending",
    "Sendings",
    "Series",
    "SignOnClient",
    "SignOnClients",
    "SignOnGrant",
    "SignOnGrants",
    "SigningKey",
    "SigningKeys",
    "Stamps",
    "Store",
    "Stream",
    "Tallied",
    "ToolGrades",
    "ToolItem",
    "ToolOutcome",
    "ToolPreviews",
    "ToolStanding",
    "Tools",
    "Until",
    "Vault",
    "Views",
    "WaitingCounts",
    "Wanted",
    "Watching",
    "Wishes",
    "Worker",
    "Workers",
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
        self.history = History(database)
        self.drift = Drift(database)
        self.conflicts = Conflicts(database)
        self.observations = Observations(database)
        self.deliveries = Deliveries(database)
        self.kept = KeptDeliveries(database)
        self.acts = Acts(database)
        self.answered = Answered(database)
        self.audit = Audit(database)
        self.accounts = Accounts(database)
        self.sessions = Sessions(database)
        self.portal_sessions = PortalSessions(database)
        self.factors = Factors(database)
        self.signing_keys = SigningKeys(database)
        self.sign_on_clients = SignOnClients(database)
        self.sign_on_grants = SignOnGrants(database)
        self.tokens = ApiTokens(database)
        self.tools = Tools(database)
        self.tool_previews = ToolPreviews(database)
        self.tool_grades = ToolGrades(database)
        self.tool_previews = ToolPreviews(database)
        self.one_times = OneTimes(database)
        self.attempts = Attempts(database)
        self.forgetting = Forgetting(database)
        self.purging = Purging(database)
        self.erasing = Erasing(database)
        self.grades = GradesKept(database)
        self.learning = Learning(database)
        self.measuring = Measuring(database)
        self.notices = Notices(database)
        self.sendings = Sendings(database)
        self.wishes = Wishes(database)
        self.watching = Watching(database)
        self.waiting = WaitingCounts(database)
        self.jobs = JobTable(database)
        self.workers = Workers(database)
        self.dues = Dues(database)
        self.stamps = Stamps(database)
        self.views = Views(database)
        self.stream = Stream(database)
        self.series = Series(database)
        self.queue_tables = QueueTables(database)
        self.imported = Imported(database)
        self.seen_requests = SeenRequests(database)

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

    def back_up(self, to: Path, keys: tuple[str, ...] = ()) -> Manifest:
        """Write a backup of this moment into a file, while others read and write (SQLite).

        Args:
            to: the file; one that is there is replaced at the end.
            keys: the keys of the secrets, where they are to be in it.

        Raises:
            StopError: the file cannot be written.
        """
        manifest = Manifest(HEAD, datetime.now(UTC), version("matricula"), keys)
        back_up(self._database, to, manifest)
        return manifest

    @property
    def is_file(self) -> bool:
        """Whether the state is a file, and no server's."""
        return self._database.is_sqlite

    @property
    def where(self) -> str:
        """The path or the address of the state, without a password."""
        return self._database.where

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
