"""Drift, what was looked at when, kept grades, acts on the state, and what columns a delivery filled.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    with op.batch_alter_table("delivery") as table:
        table.add_column(sa.Column("shape", sa.Text()))
    with op.batch_alter_table("site_lock") as table:
        table.add_column(sa.Column("uptime", sa.Float()))
    _drift()
    op.create_table(
        "observed_share",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("share", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("profile", "share", name=op.f("pk_observed_share")),
    )
    _kept_grade()
    _act()


def _act() -> None:
    op.create_table(
        "act",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_act")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_act_kind_at"), "act", ["kind", "at"])


def _drift() -> None:
    op.create_table(
        "drift",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("written", sa.Text(), nullable=False),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('open', 'accepted', 'put-back', 'in-vain')", name=op.f("ck_drift_state")),
        sa.PrimaryKeyConstraint("profile", "kind", "key", "field", name=op.f("pk_drift")),
    )


def _kept_grade() -> None:
    op.create_table(
        "kept_grade",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer()),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("person_key", sa.Text(), nullable=False),
        sa.Column("course_key", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("course", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("course_id", sa.BigInteger(), nullable=False),
        sa.Column("grades", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["plan"], ["plan.number"], name=op.f("fk_kept_grade_plan_plan")),
        sa.ForeignKeyConstraint(["run"], ["run.id"], name=op.f("fk_kept_grade_run_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_grade")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_kept_grade_plan"), "kept_grade", ["plan"])
    op.create_index(op.f("ix_kept_grade_run"), "kept_grade", ["run"])
