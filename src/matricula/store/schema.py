"""The tables of the state database.

Two habits hold throughout. Text that is JSON is kept as text, because the planner compares it as text and only a
person or the last step ever looks inside. Moments are timezone-aware in Python and UTC in the database.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    TypedColumns,
    text,
)

from matricula.store.columns import Moment, metadata
from matricula.store.schema_kept import act, drift, kept_delivery, kept_grade, kept_table, observed_share
from matricula.store.schema_learning import (
    grade_conflict,
    imported,
    learnt_activity,
    learnt_category,
    learnt_course,
    learnt_grade,
    learnt_item,
    learnt_module,
    learnt_submission,
    tool_course,
    tool_grade,
    tool_item,
    tool_outcome,
    tool_preview,
    tool_state,
    tool_student,
)
from matricula.store.schema_people import (
    account,
    account_role,
    answered,
    api_token,
    attempt,
    audited,
    one_time,
    recovery,
    session,
)
from matricula.store.schema_service import due, job, job_line, notice, received, sending, wish, worker
from matricula.store.schema_sign_on import (
    portal_session,
    seen_request,
    sign_on_client,
    sign_on_grant,
    signing_key,
    stamp,
)

__all__ = [
    "account",
    "account_role",
    "act",
    "answered",
    "api_token",
    "attempt",
    "audited",
    "drift",
    "due",
    "grade_conflict",
    "imported",
    "job",
    "job_line",
    "kept_delivery",
    "kept_grade",
    "kept_table",
    "learnt_activity",
    "learnt_category",
    "learnt_course",
    "learnt_grade",
    "learnt_item",
    "learnt_module",
    "learnt_submission",
    "metadata",
    "notice",
    "observed_share",
    "one_time",
    "portal_session",
    "received",
    "recovery",
    "seen_request",
    "sending",
    "session",
    "sign_on_client",
    "sign_on_grant",
    "signing_key",
    "stamp",
    "tool_course",
    "tool_grade",
    "tool_item",
    "tool_outcome",
    "tool_preview",
    "tool_state",
    "tool_student",
    "wish",
    "worker",
]


class DocumentColumns(TypedColumns):
    """Site, source and profile documents, one row per revision."""

    kind = Column(Text, primary_key=True)
    name = Column(Text, primary_key=True)
    revision = Column(Integer, primary_key=True, autoincrement=False)
    body = Column(Text, nullable=False)
    saved_at = Column(Moment, nullable=False)
    saved_by = Column(Text)


class SecretColumns(TypedColumns):
    """Ciphertext by name; the key is never in the database."""

    name = Column(Text, primary_key=True)
    ciphertext = Column(LargeBinary, nullable=False)
    saved_at = Column(Moment, nullable=False)


class LedgerColumns(TypedColumns):
    """Which roster record is which Moodle record, and what was last written to it."""

    profile = Column(Text, primary_key=True)
    kind = Column(Text, primary_key=True)
    key = Column(Text, primary_key=True)
    moodle_id = Column(BigInteger)
    origin = Column(Text, CheckConstraint("origin in ('made', 'matched')", name="origin"), nullable=False)
    written = Column(Text)
    removed = Column(Integer, CheckConstraint("removed in (0, 1)", name="removed"), nullable=False)
    run = Column(Integer)


class PlanColumns(TypedColumns):
    """Plans; everything but the state is as it was when the plan was made."""

    number = Column(Integer, primary_key=True)
    profile = Column(Text, nullable=False)
    site = Column(Text, nullable=False)
    source = Column(Text, nullable=False)
    created_at = Column(Moment, nullable=False)
    state = Column(
        Text,
        CheckConstraint("state in ('ready', 'held', 'released', 'rejected', 'applied', 'superseded')", name="state"),
        nullable=False,
    )
    checksum = Column(Text, nullable=False)
    summary = Column(Text, nullable=False)
    held = Column(Text, nullable=False)


class ChangeColumns(TypedColumns):
    """The changes of a plan, in the order the plan gives them."""

    plan = Column(Integer, ForeignKey("plan.number"), primary_key=True, autoincrement=False)
    number = Column(Integer, primary_key=True, autoincrement=False)
    kind = Column(Text, nullable=False)
    action = Column(Text, nullable=False)
    key = Column(Text, nullable=False)
    moodle_id = Column(BigInteger)
    name = Column(Text, nullable=False)
    person = Column(Text)
    course = Column(Text)
    before = Column(Text)
    after = Column(Text)
    written = Column(Text)
    origin = Column(Text, nullable=False)
    reason = Column(Text, nullable=False)
    place = Column(Text, nullable=False)
    removes = Column(Integer, nullable=False)


class FindingColumns(TypedColumns):
    """What was found wrong with the source when a plan was made."""

    plan = Column(Integer, ForeignKey("plan.number"), primary_key=True, autoincrement=False)
    position = Column(Integer, primary_key=True, autoincrement=False)
    code = Column(Text, nullable=False)
    severity = Column(Text, nullable=False)
    message = Column(Text, nullable=False)
    file = Column(Text)
    line = Column(Integer)
    column = Column(Text)
    value = Column(Text)
    remedy = Column(Text)
    subject = Column(Text)
    count = Column(Integer, nullable=False)


class AuditColumns(TypedColumns):
    """Who moved a plan from which state to which, when, and in what words."""

    id = Column(Integer, primary_key=True)
    plan = Column(Integer, ForeignKey("plan.number"), nullable=False)
    before = Column(Text)
    after = Column(Text, nullable=False)
    by = Column(Text, nullable=False)
    words = Column(Text, nullable=False)
    at = Column(Moment, nullable=False)


class RunColumns(TypedColumns):
    """Plans being applied, and those that were."""

    id = Column(Integer, primary_key=True)
    plan = Column(Integer, ForeignKey("plan.number"), nullable=False)
    profile = Column(Text, nullable=False)
    site = Column(Text, nullable=False)
    owner = Column(Text, nullable=False)
    host = Column(Text, nullable=False)
    pid = Column(Integer, nullable=False)
    started_at = Column(Moment, nullable=False)
    finished_at = Column(Moment)
    state = Column(Text, nullable=False)
    summary = Column(Text, nullable=False)


class SiteLockColumns(TypedColumns):
    """The run that may write to a site: at most one row per site."""

    site = Column(Text, primary_key=True)
    run = Column(Integer, ForeignKey("run.id"), nullable=False)
    owner = Column(Text, nullable=False)
    host = Column(Text, nullable=False)
    process_space = Column(Text, nullable=False)
    pid = Column(Integer, nullable=False)
    heartbeat_at = Column(Moment, nullable=False)
    uptime = Column(Float)


class BatchColumns(TypedColumns):
    """Calls to a site, noted before they are sent and after they are answered."""

    id = Column(Integer, primary_key=True)
    run = Column(Integer, ForeignKey("run.id"), nullable=False)
    plan = Column(Integer, ForeignKey("plan.number"), nullable=False)
    stage = Column(Text, nullable=False)
    function = Column(Text, nullable=False)
    lane = Column(Integer, nullable=False)
    changes = Column(Text, nullable=False)
    state = Column(
        Text,
        CheckConstraint("state in ('sent', 'answered', 'refused', 'settled')", name="state"),
        nullable=False,
    )
    sent_at = Column(Moment, nullable=False)
    answered_at = Column(Moment)
    error = Column(Text)


class OutcomeColumns(TypedColumns):
    """What became of a change; a change on its way to the site has the state `sent`.

    The primary key is the promise that no change is under way twice, done twice, or both.
    """

    plan = Column(Integer, primary_key=True, autoincrement=False)
    change = Column(Integer, primary_key=True, autoincrement=False)
    run = Column(Integer, ForeignKey("run.id"), nullable=False)
    batch = Column(Integer, ForeignKey("batch.id"))
    state = Column(
        Text,
        CheckConstraint("state in ('sent', 'done', 'refused', 'stale', 'skipped')", name="state"),
        nullable=False,
    )
    moodle_id = Column(BigInteger)
    reason = Column(Text, nullable=False)


class ProblemColumns(TypedColumns):
    """Refused records, kept until they are put right or gone."""

    profile = Column(Text, primary_key=True)
    kind = Column(Text, primary_key=True)
    key = Column(Text, primary_key=True)
    name = Column(Text, nullable=False)
    reason = Column(Text, nullable=False)
    run = Column(Integer)
    opened_at = Column(Moment, nullable=False)
    seen_at = Column(Moment, nullable=False)


class IdentityColumns(TypedColumns):
    """People of whom a person has to say which account is theirs, and what was said; candidates are JSON."""

    profile = Column(Text, primary_key=True)
    kind = Column(Text, primary_key=True)
    key = Column(Text, primary_key=True)
    name = Column(Text, nullable=False)
    code = Column(Text, nullable=False)
    message = Column(Text, nullable=False)
    candidates = Column(Text, nullable=False)
    state = Column(Text, CheckConstraint("state in ('open', 'settled')", name="state"), nullable=False)
    decision = Column(Text)
    by = Column(Text)
    at = Column(Moment, nullable=False)


class ObservationColumns(TypedColumns):
    """When a site was read, how fully, and how many records of each kind it held."""

    id = Column(Integer, primary_key=True)
    profile = Column(Text, nullable=False)
    kind = Column(Text, nullable=False)
    at = Column(Moment, nullable=False)
    counts = Column(Text, nullable=False)


class DeliveryColumns(TypedColumns):
    """How many records of each kind the source delivered, and when."""

    id = Column(Integer, primary_key=True)
    profile = Column(Text, nullable=False)
    at = Column(Moment, nullable=False)
    counts = Column(Text, nullable=False)
    shape = Column(Text)


document = Table("document", metadata, DocumentColumns)
secret = Table("secret", metadata, SecretColumns)
# The ledger is always read whole by profile and kind: on SQLite it is stored in that order.
ledger = Table(
    "ledger",
    metadata,
    LedgerColumns,
    # Enrolments have no id of their own, and are by far the most.
    Index(
        None,
        "profile",
        "kind",
        "moodle_id",
        "removed",
        sqlite_where=text("moodle_id IS NOT NULL"),
        postgresql_where=text("moodle_id IS NOT NULL"),
    ),
    sqlite_with_rowid=False,
)
_HELD = text("state = 'held'")
plan = Table(
    "plan",
    metadata,
    PlanColumns,
    Index(None, "profile", "number"),
    # What waits for a person is looked for all the time, and is little among many.
    Index("ix_plan_held", "profile", sqlite_where=_HELD, postgresql_where=_HELD),
    sqlite_autoincrement=True,
)
change = Table(
    "change",
    metadata,
    ChangeColumns,
    Index(None, "plan", "kind", "action"),
    sqlite_with_rowid=False,
)
finding = Table("finding", metadata, FindingColumns, sqlite_with_rowid=False)
plan_audit = Table("plan_audit", metadata, AuditColumns, Index(None, "plan"))
run = Table(
    "run",
    metadata,
    RunColumns,
    Index(None, "profile", "id"),
    Index(None, "site", "finished_at"),
    Index(None, "plan"),
    sqlite_autoincrement=True,
)
site_lock = Table("site_lock", metadata, SiteLockColumns)
batch = Table("batch", metadata, BatchColumns, Index(None, "run", "state"), sqlite_autoincrement=True)
outcome = Table(
    "outcome",
    metadata,
    OutcomeColumns,
    ForeignKeyConstraint(["plan", "change"], ["change.plan", "change.number"]),
    Index(None, "run"),
    Index(None, "batch"),
    sqlite_with_rowid=False,
)
problem = Table("problem", metadata, ProblemColumns)
identity = Table("identity", metadata, IdentityColumns)
observation = Table("observation", metadata, ObservationColumns, Index(None, "profile", "kind", "at"))
delivery = Table("delivery", metadata, DeliveryColumns, Index(None, "profile", "at"))
