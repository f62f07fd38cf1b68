"""The service: jobs, schedules, who may do what, what was done by whom, and what people are told.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _account()
    _answered()
    _attempt()
    _audited()
    _due()
    _job()
    _notice()
    _worker()
    _account_role()
    _api_token()
    _job_line()
    _one_time()
    _received()
    _recovery()
    _sending()
    _session()
    _wish()
    held = sa.text("state = 'held'")
    op.create_index("ix_plan_held", "plan", ["profile"], sqlite_where=held, postgresql_where=held)
    op.add_column("document", sa.Column("saved_by", sa.Text()))


def _account() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("secret", sa.LargeBinary()),
        sa.Column("secret_step", sa.Integer()),
        sa.Column("subject", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state in ('active', 'closed')", name=op.f("ck_account_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("name", name=op.f("uq_account_name")),
        sa.UniqueConstraint("subject", name=op.f("uq_account_subject")),
        sqlite_autoincrement=True,
    )


def _answered() -> None:
    op.create_table(
        "answered",
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", sa.Text()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("who", "key", name=op.f("pk_answered")),
    )
    op.create_index(op.f("ix_answered_at"), "answered", ["at"])


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_attempt_counted_at"), "attempt", ["counted", "at"])


def _audited() -> None:
    op.create_table(
        "audited",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audited")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audited_at"), "audited", ["at"])
    op.create_index(op.f("ix_audited_site_id"), "audited", ["site", "id"])
    op.create_index(op.f("ix_audited_subject_id"), "audited", ["subject", "id"])


def _due() -> None:
    op.create_table(
        "due",
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("served_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("schedule", name=op.f("pk_due")),
    )


def _job() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False),
        sa.Column("same", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text()),
        sa.Column("alive_at", sa.DateTime(timezone=True)),
        sa.Column("stop_asked", sa.Integer(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("plan", sa.Integer()),
        sa.Column("run", sa.Integer()),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("queued", sa.BigInteger()),
        sa.CheckConstraint("state in ('waiting', 'working', 'done', 'failed', 'cancelled')", name=op.f("ck_job_state")),
        sa.CheckConstraint("stop_asked in (0, 1)", name=op.f("ck_job_stop_asked")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_job_profile_id"), "job", ["profile", "id"])
    op.create_index(
        "ix_job_same_waiting",
        "job",
        ["same"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_job_site_working",
        "job",
        ["site"],
        unique=True,
        sqlite_where=sa.text("state = 'working' and site <> ''"),
        postgresql_where=sa.text("state = 'working' and site <> ''"),
    )
    op.create_index(op.f("ix_job_site_state"), "job", ["site", "state"])
    op.create_index(op.f("ix_job_state_not_before"), "job", ["state", "not_before"])


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('open', 'over')", name=op.f("ck_notice_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_notice_cause_open",
        "notice",
        ["cause"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_notice_cause_mark"), "notice", ["cause", "mark"])
    op.create_index(op.f("ix_notice_kind_profile"), "notice", ["kind", "profile"])


def _worker() -> None:
    op.create_table(
        "worker",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("process_space", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("alive_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_worker")),
    )


def _account_role() -> None:
    op.create_table(
        "account_role",
        sa.Column("account", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_account_role_account_account")),
        sa.CheckConstraint("role in ('owner', 'operator', 'approver', 'viewer')", name=op.f("ck_account_role_role")),
        sa.PrimaryKeyConstraint("account", "role", "site", name=op.f("pk_account_role")),
    )


def _api_token() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("roles", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True)),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_api_token_account_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_token_digest")),
        sqlite_autoincrement=True,
    )


def _job_line() -> None:
    op.create_table(
        "job_line",
        sa.Column("job", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name=op.f("fk_job_line_job_job")),
        sa.CheckConstraint("level in ('info', 'warning', 'error')", name=op.f("ck_job_line_level")),
        sa.PrimaryKeyConstraint("job", "number", name=op.f("pk_job_line")),
        sqlite_with_rowid=False,
    )


def _one_time() -> None:
    op.create_table(
        "one_time",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("account", sa.Integer()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose in ('password', 'sign-on')", name=op.f("ck_one_time_purpose")),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_one_time_account_account")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_one_time")),
    )
    op.create_index(op.f("ix_one_time_account"), "one_time", ["account"])


def _received() -> None:
    op.create_table(
        "received",
        sa.Column("hook", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("job", sa.Integer()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hook", "id", name=op.f("pk_received")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_received_at"), "received", ["at"])


def _recovery() -> None:
    op.create_table(
        "recovery",
        sa.Column("account", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_recovery_account_account")),
        sa.PrimaryKeyConstraint("account", "digest", name=op.f("pk_recovery")),
    )


def _sending() -> None:
    op.create_table(
        "sending",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("notice", sa.Integer()),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["notice"], ["notice.id"], name=op.f("fk_sending_notice_notice")),
        sa.CheckConstraint("state in ('waiting', 'sent', 'given-up', 'skipped')", name=op.f("ck_sending_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sending")),
        sa.UniqueConstraint("once", name=op.f("uq_sending_once")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_sending_notice"), "sending", ["notice"])
    op.create_index(op.f("ix_sending_state_next_at"), "sending", ["state", "next_at"])


def _session() -> None:
    op.create_table(
        "session",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("complete", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["account.id"], name=op.f("fk_session_account_account")),
        sa.Column("renew", sa.Integer(), nullable=False),
        sa.CheckConstraint("complete in (0, 1)", name=op.f("ck_session_complete")),
        sa.CheckConstraint("renew in (0, 1)", name=op.f("ck_session_renew")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_session")),
    )
    op.create_index(op.f("ix_session_account"), "session", ["account"])


def _wish() -> None:
    op.create_table(
        "wish",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job", sa.Integer()),
        sa.ForeignKeyConstraint(["job"], ["job.id"], name=op.f("fk_wish_job_job")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_wish_job"), "wish", ["job"])
    op.create_index(op.f("ix_wish_profile_job"), "wish", ["profile", "job"])
