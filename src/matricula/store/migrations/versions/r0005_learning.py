"""Learning data: what gradebooks hold, grades in dispute, learning tools, and first imports.

Revision: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _grade_conflict()
    _imported()
    _learnt_activity()
    _learnt_category()
    _learnt_course()
    _learnt_grade()
    _learnt_item()
    _learnt_module()
    _learnt_submission()
    _tool_course()
    _tool_state()
    _tool_student()
    _tool_grade()
    _tool_item()
    _tool_preview()
    _tool_outcome()


def _grade_conflict() -> None:
    op.create_table(
        "grade_conflict",
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("ours", sa.Text(), nullable=False),
        sa.Column("theirs", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("by", sa.Text()),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('open', 'send', 'keep')", name=op.f("ck_grade_conflict_state")),
        sa.PrimaryKeyConstraint("profile", "kind", "key", name=op.f("pk_grade_conflict")),
    )


def _imported() -> None:
    op.create_table(
        "imported",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("moodle_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "kind", "moodle_id", name=op.f("pk_imported")),
    )
    op.create_index(op.f("ix_imported_name_kind_key"), "imported", ["name", "kind", "key"])


def _learnt_activity() -> None:
    op.create_table(
        "learnt_activity",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("instance", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("cmid", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opens", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("closes", sa.BigInteger(), nullable=False),
        sa.Column("maximum", sa.Float()),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("site", "module", "instance", name=op.f("pk_learnt_activity")),
    )
    op.create_index(op.f("ix_learnt_activity_site_course"), "learnt_activity", ["site", "course"])


def _learnt_category() -> None:
    op.create_table(
        "learnt_category",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("category", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("parent", sa.BigInteger()),
        sa.Column("item", sa.BigInteger()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("weight", sa.Float()),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("site", "category", name=op.f("pk_learnt_category")),
    )
    op.create_index(op.f("ix_learnt_category_site_course"), "learnt_category", ["site", "course"])


def _learnt_course() -> None:
    op.create_table(
        "learnt_course",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("course", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shortname", sa.Text(), nullable=False),
        sa.Column("idnumber", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("grades_at", sa.DateTime(timezone=True)),
        sa.Column("contents_at", sa.DateTime(timezone=True)),
        sa.Column("marks", sa.Text(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("site", "course", name=op.f("pk_learnt_course")),
    )


def _learnt_grade() -> None:
    op.create_table(
        "learnt_grade",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("item", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("raw", sa.Float()),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("percentage", sa.Text(), nullable=False),
        sa.Column("letter", sa.Text(), nullable=False),
        sa.Column("feedback", sa.Text(), nullable=False),
        sa.Column("share", sa.Float()),
        sa.Column("hidden", sa.Integer(), nullable=False),
        sa.Column("locked", sa.Integer(), nullable=False),
        sa.Column("overridden", sa.Integer(), nullable=False),
        sa.Column("former", sa.Integer(), nullable=False),
        sa.Column("submitted", sa.BigInteger()),
        sa.Column("graded", sa.BigInteger()),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("former in (0, 1)", name=op.f("ck_learnt_grade_former")),
        sa.CheckConstraint("hidden in (0, 1)", name=op.f("ck_learnt_grade_hidden")),
        sa.CheckConstraint("locked in (0, 1)", name=op.f("ck_learnt_grade_locked")),
        sa.CheckConstraint("overridden in (0, 1)", name=op.f("ck_learnt_grade_overridden")),
        sa.CheckConstraint("state in ('none', 'graded', 'excused')", name=op.f("ck_learnt_grade_state")),
        sa.PrimaryKeyConstraint("site", "item", "user", name=op.f("pk_learnt_grade")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_learnt_grade_site_course"), "learnt_grade", ["site", "course"])
    op.create_index(op.f("ix_learnt_grade_site_user"), "learnt_grade", ["site", "user"])


def _learnt_item() -> None:
    op.create_table(
        "learnt_item",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("item", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("category", sa.BigInteger()),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("instance", sa.BigInteger()),
        sa.Column("number", sa.Integer()),
        sa.Column("cmid", sa.BigInteger()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("idnumber", sa.Text(), nullable=False),
        sa.Column("weight", sa.Float()),
        sa.Column("minimum", sa.Float()),
        sa.Column("maximum", sa.Float()),
        sa.Column("scale", sa.BigInteger()),
        sa.Column("hidden", sa.Integer(), nullable=False),
        sa.Column("locked", sa.Integer(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("hidden in (0, 1)", name=op.f("ck_learnt_item_hidden")),
        sa.CheckConstraint("locked in (0, 1)", name=op.f("ck_learnt_item_locked")),
        sa.PrimaryKeyConstraint("site", "item", name=op.f("pk_learnt_item")),
    )
    op.create_index(op.f("ix_learnt_item_site_course"), "learnt_item", ["site", "course"])


def _learnt_module() -> None:
    op.create_table(
        "learnt_module",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("cmid", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("instance", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("visible", sa.Integer(), nullable=False),
        sa.Column("links", sa.Text(), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("visible in (0, 1)", name=op.f("ck_learnt_module_visible")),
        sa.PrimaryKeyConstraint("site", "cmid", name=op.f("pk_learnt_module")),
    )
    op.create_index(op.f("ix_learnt_module_site_course"), "learnt_module", ["site", "course"])


def _learnt_submission() -> None:
    op.create_table(
        "learnt_submission",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("instance", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("grading", sa.Text(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("site", "module", "instance", "user", name=op.f("pk_learnt_submission")),
    )
    op.create_index(op.f("ix_learnt_submission_site_course"), "learnt_submission", ["site", "course"])
    op.create_index(op.f("ix_learnt_submission_site_user"), "learnt_submission", ["site", "user"])


def _tool_course() -> None:
    op.create_table(
        "tool_course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("remote", sa.Text(), nullable=False),
        sa.Column("remote_name", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("course", sa.BigInteger(), nullable=False),
        sa.Column("course_name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True)),
        sa.Column("removed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "state in ('ok', 'course-gone', 'tool-course-gone', 'disabled', 'removed')",
            name=op.f("ck_tool_course_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_course")),
        sqlite_autoincrement=True,
    )
    mapped = sa.text("state <> 'removed'")
    op.create_index(
        "ix_tool_course_mapped",
        "tool_course",
        ["tool", "site", "course"],
        unique=True,
        sqlite_where=mapped,
        postgresql_where=mapped,
    )
    op.create_index(
        "ix_tool_course_remote",
        "tool_course",
        ["tool", "remote"],
        unique=True,
        sqlite_where=mapped,
        postgresql_where=mapped,
    )


def _tool_state() -> None:
    op.create_table(
        "tool_state",
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("instance", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('ok', 'wrong')", name=op.f("ck_tool_state_state")),
        sa.PrimaryKeyConstraint("tool", name=op.f("pk_tool_state")),
    )


def _tool_student() -> None:
    op.create_table(
        "tool_student",
        sa.Column("tool", sa.Text(), nullable=False),
        sa.Column("remote", sa.Text(), nullable=False),
        sa.Column("student", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("user", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tool", "remote", "student", name=op.f("pk_tool_student")),
    )
    op.create_index(op.f("ix_tool_student_site_user"), "tool_student", ["site", "user"])
    op.create_index(op.f("ix_tool_student_tool_remote_user"), "tool_student", ["tool", "remote", "user"])


def _tool_grade() -> None:
    op.create_table(
        "tool_grade",
        sa.Column("mapping", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("user", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("written", sa.Float()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["mapping"], ["tool_course.id"], name=op.f("fk_tool_grade_mapping_tool_course")),
        sa.PrimaryKeyConstraint("mapping", "lesson", "revision", "user", name=op.f("pk_tool_grade")),
    )


def _tool_item() -> None:
    op.create_table(
        "tool_item",
        sa.Column("mapping", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lesson", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("maximum", sa.Float()),
        sa.Column("cmid", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('there', 'vanished')", name=op.f("ck_tool_item_state")),
        sa.ForeignKeyConstraint(["mapping"], ["tool_course.id"], name=op.f("fk_tool_item_mapping_tool_course")),
        sa.PrimaryKeyConstraint("mapping", "lesson", "revision", name=op.f("pk_tool_item")),
    )


def _tool_preview() -> None:
    op.create_table(
        "tool_preview",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("applied_by", sa.Text()),
        sa.CheckConstraint("kind in ('roster', 'grades')", name=op.f("ck_tool_preview_kind")),
        sa.CheckConstraint(
            "state in ('open', 'applying', 'applied', 'superseded')", name=op.f("ck_tool_preview_state")
        ),
        sa.ForeignKeyConstraint(["mapping"], ["tool_course.id"], name=op.f("fk_tool_preview_mapping_tool_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tool_preview")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_tool_preview_mapping_id"), "tool_preview", ["mapping", "id"])


def _tool_outcome() -> None:
    op.create_table(
        "tool_outcome",
        sa.Column("preview", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state in ('sent', 'done', 'refused', 'stale', 'skipped')", name=op.f("ck_tool_outcome_state")
        ),
        sa.ForeignKeyConstraint(["preview"], ["tool_preview.id"], name=op.f("fk_tool_outcome_preview_tool_preview")),
        sa.PrimaryKeyConstraint("preview", "number", name=op.f("pk_tool_outcome")),
    )
