"""Tables of the service: jobs, schedules, and what people are told."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    text,
)

from matricula.store.columns import Moment, metadata

_WAITING = text("state = 'waiting'")
_AT_A_SITE = text("state = 'working' and site <> ''")


class JobColumns(TypedColumns):
    """Work that was asked for; `same` names what is asked, and is waiting at most once."""

    id = Column(Integer, primary_key=True)
    kind = Column(Text, nullable=False)
    site = Column(Text, nullable=False)
    profile = Column(Text, nullable=False)
    arguments = Column(Text, nullable=False)
    same = Column(Text, nullable=False)
    state = Column(
        Text,
        CheckConstraint("state in ('waiting', 'working', 'done', 'failed', 'cancelled')", name="state"),
        nullable=False,
    )
    asked_by = Column(Text, nullable=False)
    asked_at = Column(Moment, nullable=False)
    not_before = Column(Moment, nullable=False)
    began_at = Column(Moment)
    ended_at = Column(Moment)
    attempts = Column(Integer, nullable=False)
    worker = Column(Text)
    alive_at = Column(Moment)
    stop_asked = Column(Integer, CheckConstraint("stop_asked in (0, 1)", name="stop_asked"), nullable=False)
    step = Column(Text, nullable=False)
    done = Column(Integer, nullable=False)
    total = Column(Integer)
    plan = Column(Integer)
    run = Column(Integer)
    result = Column(Text, nullable=False)
    error = Column(Text)
    queued = Column(BigInteger)


class JobLineColumns(TypedColumns):
    """The log of a job, line by line."""

    job = Column(Integer, ForeignKey("job.id"), primary_key=True, autoincrement=False)
    number = Column(Integer, primary_key=True, autoincrement=False)
    at = Column(Moment, nullable=False)
    level = Column(Text, CheckConstraint("level in ('info', 'warning', 'error')", name="level"), nullable=False)
    text = Column(Text, nullable=False)


class DueColumns(TypedColumns):
    """Up to which moment each schedule has been served, and when it is due next."""

    schedule = Column(Text, primary_key=True)
    rule = Column(Text, nullable=False)
    served_at = Column(Moment, nullable=False)
    next_at = Column(Moment)


class WorkerColumns(TypedColumns):
    """Processes that work on jobs, and when each was last heard of."""

    name = Column(Text, primary_key=True)
    host = Column(Text, nullable=False)
    process_space = Column(Text, nullable=False)
    pid = Column(Integer, nullable=False)
    began_at = Column(Moment, nullable=False)
    alive_at = Column(Moment, nullable=False)


class WishColumns(TypedColumns):
    """People, classes and courses that somebody said have changed; joined into one job when it begins."""

    id = Column(Integer, primary_key=True)
    profile = Column(Text, nullable=False)
    whom = Column(Text, nullable=False)
    asked_by = Column(Text, nullable=False)
    asked_at = Column(Moment, nullable=False)
    job = Column(Integer, ForeignKey("job.id"))


class NoticeColumns(TypedColumns):
    """What people are told: one row for one cause, however often it is seen, until it is over.

    `mark` names what was seen last, as `plan 12`: the same again is not counted.
    """

    id = Column(Integer, primary_key=True)
    cause = Column(Text, nullable=False)
    mark = Column(Text, nullable=False)
    kind = Column(Text, nullable=False)
    site = Column(Text, nullable=False)
    profile = Column(Text, nullable=False)
    subject = Column(Text, nullable=False)
    body = Column(Text, nullable=False)
    link = Column(Text, nullable=False)
    state = Column(Text, CheckConstraint("state in ('open', 'over')", name="state"), nullable=False)
    times = Column(Integer, nullable=False)
    first_at = Column(Moment, nullable=False)
    last_at = Column(Moment, nullable=False)


class SendingColumns(TypedColumns):
    """Messages on their way out: an e-mail or a webhook each, tried again until it goes or is given up.

    `once` names what is told to whom, and is there at most once.
    """

    id = Column(Integer, primary_key=True)
    once = Column(Text, nullable=False, unique=True)
    notice = Column(Integer, ForeignKey("notice.id"))
    channel = Column(Text, nullable=False)
    target = Column(Text, nullable=False)
    body = Column(Text, nullable=False)
    state = Column(
        Text,
        CheckConstraint("state in ('waiting', 'sent', 'given-up', 'skipped')", name="state"),
        nullable=False,
    )
    asked_at = Column(Moment, nullable=False)
    attempts = Column(Integer, nullable=False)
    next_at = Column(Moment, nullable=False)
    sent_at = Column(Moment)
    error = Column(Text, nullable=False)


class ReceivedColumns(TypedColumns):
    """Requests of other systems that were taken, by the id that each carries: the same again starts nothing."""

    hook = Column(Text, primary_key=True)
    id = Column(Text, primary_key=True)
    digest = Column(Text, nullable=False)
    job = Column(Integer)
    at = Column(Moment, nullable=False)


job = Table(
    "job",
    metadata,
    JobColumns,
    Index("ix_job_same_waiting", "same", unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING),
    Index("ix_job_site_working", "site", unique=True, sqlite_where=_AT_A_SITE, postgresql_where=_AT_A_SITE),
    Index(None, "state", "not_before"),
    Index(None, "site", "state"),
    Index(None, "profile", "id"),
    sqlite_autoincrement=True,
)
job_line = Table("job_line", metadata, JobLineColumns, sqlite_with_rowid=False)
due = Table("due", metadata, DueColumns)
worker = Table("worker", metadata, WorkerColumns)
wish = Table(
    "wish", metadata, WishColumns, Index(None, "profile", "job"), Index(None, "job"), sqlite_autoincrement=True
)
notice = Table(
    "notice",
    metadata,
    NoticeColumns,
    Index(
        "ix_notice_cause_open",
        "cause",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    Index(None, "cause", "mark"),
    Index(None, "kind", "profile"),
    sqlite_autoincrement=True,
)
sending = Table(
    "sending",
    metadata,
    SendingColumns,
    Index(None, "state", "next_at"),
    Index(None, "notice"),
    sqlite_autoincrement=True,
)
received = Table("received", metadata, ReceivedColumns, Index(None, "at"), sqlite_with_rowid=False)
