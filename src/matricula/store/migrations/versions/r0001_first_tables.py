"""The first tables.

Revision: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make all tables."""
    _make_documents()
    _make_ledger()
    _make_plans()
    _make_runs()
    _make_journal()
    _make_notes()
    _tell_sqlite_what_to_expect()


def _make_documents() -> None:
    op.create_table(
        "document",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", "revision", name=op.f("pk_document")),
    )
    op.create_table(
        "secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secret")),
    )


def _make_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("moodle_id", sa.BigInteger(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=True),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.CheckConstraint("origin in ('made', 'matched')", name=op.f("ck_ledger_origin")),
        sa.CheckConstraint("removed in (0, 1)", name=op.f("ck_ledger_removed")),
        sa.PrimaryKeyConstraint("profile", "kind", "key", name=op.f("pk_ledger")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_ledger_profile_kind_moodle_id_removed"),
        "ledger",
        ["profile", "kind", "moodle_id", "removed"],
        unique=False,
        sqlite_where=sa.text("moodle_id IS NOT NULL"),
        postgresql_where=sa.text("moodle_id IS NOT NULL"),
    )


def _make_plans() -> None:
    op.create_table(
        "plan",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('ready', 'held', 'released', 'rejected', 'applied', 'superseded')", name=op.f("ck_plan_state")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_plan")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_plan_profile_number"), "plan", ["profile", "number"], unique=False)
    op.create_table(
        "change",
        sa.Column("plan", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("moodle_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("course", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("written", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("removes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan"], ["plan.number"], name=op.f("fk_change_plan_plan")),
        sa.PrimaryKeyConstraint("plan", "number", name=op.f("pk_change")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_change_plan_kind_action"), "change", ["plan", "kind", "action"], unique=False)
    op.create_table(
        "finding",
        sa.Column("plan", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("column", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["plan"], ["plan.number"], name=op.f("fk_finding_plan_plan")),
        sa.PrimaryKeyConstraint("plan", "position", name=op.f("pk_finding")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "plan_audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan"], ["plan.number"], name=op.f("fk_plan_audit_plan_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_audit")),
    )
    op.create_index(op.f("ix_plan_audit_plan"), "plan_audit", ["plan"], unique=False)


def _make_runs() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["plan"], ["plan.number"], name=op.f("fk_run_plan_plan")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_run_plan"), "run", ["plan"], unique=False)
    op.create_index(op.f("ix_run_profile_id"), "run", ["profile", "id"], unique=False)
    op.create_index(op.f("ix_run_site_finished_at"), "run", ["site", "finished_at"], unique=False)
    op.create_table(
        "site_lock",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("process_space", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_site_lock_run_run")),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_site_lock")),
    )


def _make_journal() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("function", sa.Text(), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("state in ('sent', 'answered', 'refused', 'settled')", name=op.f("ck_batch_state")),
        sa.ForeignKeyConstraint(["plan"], ["plan.number"], name=op.f("fk_batch_plan_plan")),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_batch_run_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_batch_run_state"), "batch", ["run", "state"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("plan", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("change", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("moodle_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('sent', 'done', 'refused', 'stale', 'skipped')", name=op.f("ck_outcome_state")),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name=op.f("fk_outcome_batch_batch")),
        sa.ForeignKeyConstraint(
            ["plan", "change"], ["change.plan", "change.number"], name=op.f("fk_outcome_plan_change_change")
        ),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_outcome_run_run")),
        sa.PrimaryKeyConstraint("plan", "change", name=op.f("pk_outcome")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_outcome_batch"), "outcome", ["batch"], unique=False)
    op.create_index(op.f("ix_outcome_run"), "outcome", ["run"], unique=False)


def _make_notes() -> None:
    op.create_table(
        "problem",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("profile", "kind", "key", name=op.f("pk_problem")),
    )
    op.create_table(
        "identity",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('open', 'settled')", name=op.f("ck_identity_state")),
        sa.PrimaryKeyConstraint("profile", "kind", "key", name=op.f("pk_identity")),
    )
    op.create_table(
        "observation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation")),
    )
    op.create_index(op.f("ix_observation_profile_kind_at"), "observation", ["profile", "kind", "at"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_profile_at"), "delivery", ["profile", "at"], unique=False)


def _tell_sqlite_what_to_expect() -> None:
    # Without statistics SQLite takes a plan for ten changes and reads through all of them where an index would find
    # the few that are wanted. Statistics written down once make its choices the same in every database; its own
    # ANALYZE may replace them (https://www.sqlite.org/lang_analyze.html).
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        return
    expected = [
        ("change", "change", "600000 20000 1"),
        ("change", "ix_change_plan_kind_action", "600000 20000 4000 1000"),
        ("ledger", "ledger", "600000 300000 100000 1"),
        ("ledger", "ix_ledger_profile_kind_moodle_id_removed", "600000 300000 100000 2 1"),
    ]
    connection.exec_driver_sql("ANALYZE change")
    connection.exec_driver_sql("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", expected)
    connection.exec_driver_sql("ANALYZE sqlite_schema")
