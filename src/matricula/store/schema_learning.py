"""Tables of learning data: what gradebooks and activities of a site hold, grades in dispute, tools, and first imports.

A record that is no longer on the site keeps its row, with the moment at which that was noticed in `gone_at`.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    TypedColumns,
    text,
)

from matricula.store.columns import Moment, metadata


class LearntCourseColumns(TypedColumns):
    """Courses whose learning data is read, when each part was read last, and marks for the next reading as JSON."""

    site = Column(Text, primary_key=True)
    course = Column(BigInteger, primary_key=True, autoincrement=False)
    name = Column(Text, nullable=False)
    shortname = Column(Text, nullable=False)
    idnumber = Column(Text, nullable=False)
    start = Column(BigInteger, nullable=False)
    end = Column(BigInteger, nullable=False)
    grades_at = Column(Moment)
    contents_at = Column(Moment)
    marks = Column(Text, nullable=False)
    gone_at = Column(Moment)


class LearntModuleColumns(TypedColumns):
    """Modules of a course and their links (`core_course_get_contents`)."""

    site = Column(Text, primary_key=True)
    cmid = Column(BigInteger, primary_key=True, autoincrement=False)
    course = Column(BigInteger, nullable=False)
    section = Column(Text, nullable=False)
    position = Column(Integer, nullable=False)
    module = Column(Text, nullable=False)
    instance = Column(BigInteger, nullable=False)
    name = Column(Text, nullable=False)
    url = Column(Text, nullable=False)
    visible = Column(Integer, CheckConstraint("visible in (0, 1)", name="visible"), nullable=False)
    links = Column(Text, nullable=False)
    gone_at = Column(Moment)


class LearntActivityColumns(TypedColumns):
    """Assignments, quizzes and lessons; days are seconds since 1970, 0 for none."""

    site = Column(Text, primary_key=True)
    module = Column(Text, primary_key=True)
    instance = Column(BigInteger, primary_key=True, autoincrement=False)
    course = Column(BigInteger, nullable=False)
    cmid = Column(BigInteger, nullable=False)
    name = Column(Text, nullable=False)
    opens = Column(BigInteger, nullable=False)
    due = Column(BigInteger, nullable=False)
    closes = Column(BigInteger, nullable=False)
    maximum = Column(Float)
    gone_at = Column(Moment)


class LearntSubmissionColumns(TypedColumns):
    """Who handed what in, and how it stands."""

    site = Column(Text, primary_key=True)
    module = Column(Text, primary_key=True)
    instance = Column(BigInteger, primary_key=True, autoincrement=False)
    user = Column(BigInteger, primary_key=True, autoincrement=False)
    course = Column(BigInteger, nullable=False)
    attempt = Column(Integer, nullable=False)
    status = Column(Text, nullable=False)
    grading = Column(Text, nullable=False)
    created = Column(BigInteger, nullable=False)
    modified = Column(BigInteger, nullable=False)


class LearntCategoryColumns(TypedColumns):
    """Categories of a gradebook; `item` is the grade item of its total, `weight` in percent of what stands above."""

    site = Column(Text, primary_key=True)
    category = Column(BigInteger, primary_key=True, autoincrement=False)
    course = Column(BigInteger, nullable=False)
    parent = Column(BigInteger)
    item = Column(BigInteger)
    name = Column(Text, nullable=False)
    weight = Column(Float)
    gone_at = Column(Moment)


class LearntItemColumns(TypedColumns):
    """Grade items: activities, columns made by hand, and totals (`course`, `category`)."""

    site = Column(Text, primary_key=True)
    item = Column(BigInteger, primary_key=True, autoincrement=False)
    course = Column(BigInteger, nullable=False)
    category = Column(BigInteger)
    position = Column(Integer, nullable=False)
    kind = Column(Text, nullable=False)
    module = Column(Text, nullable=False)
    instance = Column(BigInteger)
    number = Column(Integer)
    cmid = Column(BigInteger)
    name = Column(Text, nullable=False)
    idnumber = Column(Text, nullable=False)
    weight = Column(Float)
    minimum = Column(Float)
    maximum = Column(Float)
    scale = Column(BigInteger)
    hidden = Column(Integer, CheckConstraint("hidden in (0, 1)", name="hidden"), nullable=False)
    locked = Column(Integer, CheckConstraint("locked in (0, 1)", name="locked"), nullable=False)
    gone_at = Column(Moment)


class LearntGradeColumns(TypedColumns):
    """What somebody has in an item: no grade, a grade (zero is one), or excused; hidden is a matter of its own.

    `shown`, `percentage` and `letter` are as the site shows them; `share` is the weight with which the grade counts in
    the total, in percent; `former` says that the person was suspended in the course when it was read.
    """

    site = Column(Text, primary_key=True)
    item = Column(BigInteger, primary_key=True, autoincrement=False)
    user = Column(BigInteger, primary_key=True, autoincrement=False)
    course = Column(BigInteger, nullable=False)
    state = Column(Text, CheckConstraint("state in ('none', 'graded', 'excused')", name="state"), nullable=False)
    raw = Column(Float)
    shown = Column(Text, nullable=False)
    percentage = Column(Text, nullable=False)
    letter = Column(Text, nullable=False)
    feedback = Column(Text, nullable=False)
    share = Column(Float)
    hidden = Column(Integer, CheckConstraint("hidden in (0, 1)", name="hidden"), nullable=False)
    locked = Column(Integer, CheckConstraint("locked in (0, 1)", name="locked"), nullable=False)
    overridden = Column(Integer, CheckConstraint("overridden in (0, 1)", name="overridden"), nullable=False)
    former = Column(Integer, CheckConstraint("former in (0, 1)", name="former"), nullable=False)
    submitted = Column(BigInteger)
    graded = Column(BigInteger)
    changed_at = Column(Moment, nullable=False)
    gone_at = Column(Moment)


class GradeConflictColumns(TypedColumns):
    """Grades that a person changed in the school's system; `ours` and `theirs` are JSON."""

    profile = Column(Text, primary_key=True)
    kind = Column(Text, primary_key=True)
    key = Column(Text, primary_key=True)
    name = Column(Text, nullable=False)
    ours = Column(Text, nullable=False)
    theirs = Column(Text, nullable=False)
    state = Column(Text, CheckConstraint("state in ('open', 'send', 'keep')", name="state"), nullable=False)
    by = Column(Text)
    since = Column(Moment, nullable=False)
    at = Column(Moment, nullable=False)


class ToolStateColumns(TypedColumns):
    """How the connection with a tool stands, as it was when it was last looked at."""

    tool = Column(Text, primary_key=True)
    instance = Column(Text, nullable=False)
    display = Column(Text, nullable=False)
    state = Column(Text, CheckConstraint("state in ('ok', 'wrong')", name="state"), nullable=False)
    message = Column(Text, nullable=False)
    checked_at = Column(Moment, nullable=False)


class ToolCourseColumns(TypedColumns):
    """Which course of a tool is which course of Moodle; removed mappings keep their row."""

    id = Column(Integer, primary_key=True)
    tool = Column(Text, nullable=False)
    remote = Column(Text, nullable=False)
    remote_name = Column(Text, nullable=False)
    site = Column(Text, nullable=False)
    course = Column(BigInteger, nullable=False)
    course_name = Column(Text, nullable=False)
    state = Column(
        Text,
        CheckConstraint("state in ('ok', 'course-gone', 'tool-course-gone', 'disabled', 'removed')", name="state"),
        nullable=False,
    )
    message = Column(Text, nullable=False)
    made_at = Column(Moment, nullable=False)
    made_by = Column(Text, nullable=False)
    checked_at = Column(Moment)
    removed_at = Column(Moment)


class ToolStudentColumns(TypedColumns):
    """Which student of a tool's course is which account of Moodle."""

    tool = Column(Text, primary_key=True)
    remote = Column(Text, primary_key=True)
    student = Column(Text, primary_key=True)
    site = Column(Text, nullable=False)
    user = Column(BigInteger, nullable=False)
    email = Column(Text, nullable=False)
    at = Column(Moment, nullable=False)


class ToolPreviewColumns(TypedColumns):
    """Changes of a tool's roster or of Moodle's grades as they were shown; what is confirmed is exactly this."""

    id = Column(Integer, primary_key=True)
    mapping = Column(Integer, ForeignKey("tool_course.id"), nullable=False)
    kind = Column(Text, CheckConstraint("kind in ('roster', 'grades')", name="kind"), nullable=False)
    state = Column(
        Text,
        CheckConstraint("state in ('open', 'applying', 'applied', 'superseded')", name="state"),
        nullable=False,
    )
    changes = Column(Text, nullable=False)
    findings = Column(Text, nullable=False)
    checksum = Column(Text, nullable=False)
    made_at = Column(Moment, nullable=False)
    made_by = Column(Text, nullable=False)
    applied_at = Column(Moment)
    applied_by = Column(Text)
    host = Column(Text)
    process_space = Column(Text)
    pid = Column(Integer)


class ToolOutcomeColumns(TypedColumns):
    """What became of a change of a preview; one on its way has the state `sent`."""

    preview = Column(Integer, ForeignKey("tool_preview.id"), primary_key=True, autoincrement=False)
    number = Column(Integer, primary_key=True, autoincrement=False)
    state = Column(
        Text, CheckConstraint("state in ('sent', 'done', 'refused', 'stale', 'skipped')", name="state"), nullable=False
    )
    reason = Column(Text, nullable=False)
    at = Column(Moment, nullable=False)


class ToolGradeColumns(TypedColumns):
    """Grades of a tool that were written to Moodle: into which item, and what was last written."""

    mapping = Column(Integer, ForeignKey("tool_course.id"), primary_key=True, autoincrement=False)
    lesson = Column(Text, primary_key=True)
    revision = Column(Text, primary_key=True)
    user = Column(BigInteger, primary_key=True, autoincrement=False)
    item = Column(Text, nullable=False)
    written = Column(Float)
    at = Column(Moment, nullable=False)


class ToolItemColumns(TypedColumns):
    """Into which activity of the course a lesson's revision is graded, as somebody chose."""

    mapping = Column(Integer, ForeignKey("tool_course.id"), primary_key=True, autoincrement=False)
    lesson = Column(Text, primary_key=True)
    revision = Column(Text, primary_key=True)
    title = Column(Text, nullable=False)
    maximum = Column(Float)
    cmid = Column(BigInteger)
    state = Column(Text, CheckConstraint("state in ('there', 'vanished')", name="state"), nullable=False)
    at = Column(Moment, nullable=False)


class ImportedColumns(TypedColumns):
    """Which record of a Moodle became which record of the school, and what was last told of it as JSON."""

    name = Column(Text, primary_key=True)
    kind = Column(Text, primary_key=True)
    moodle_id = Column(Text, primary_key=True)
    key = Column(Text, nullable=False)
    body = Column(Text, nullable=False)
    first_at = Column(Moment, nullable=False)
    at = Column(Moment, nullable=False)


_MAPPED = text("state <> 'removed'")
learnt_course = Table("learnt_course", metadata, LearntCourseColumns)
learnt_module = Table("learnt_module", metadata, LearntModuleColumns, Index(None, "site", "course"))
learnt_activity = Table("learnt_activity", metadata, LearntActivityColumns, Index(None, "site", "course"))
learnt_submission = Table(
    "learnt_submission", metadata, LearntSubmissionColumns, Index(None, "site", "course"), Index(None, "site", "user")
)
learnt_category = Table("learnt_category", metadata, LearntCategoryColumns, Index(None, "site", "course"))
learnt_item = Table("learnt_item", metadata, LearntItemColumns, Index(None, "site", "course"))
learnt_grade = Table(
    "learnt_grade",
    metadata,
    LearntGradeColumns,
    Index(None, "site", "course"),
    Index(None, "site", "user"),
    sqlite_with_rowid=False,
)
grade_conflict = Table("grade_conflict", metadata, GradeConflictColumns)
tool_state = Table("tool_state", metadata, ToolStateColumns)
tool_course = Table(
    "tool_course",
    metadata,
    ToolCourseColumns,
    Index(
        "ix_tool_course_mapped", "tool", "site", "course", unique=True, sqlite_where=_MAPPED, postgresql_where=_MAPPED
    ),
    Index("ix_tool_course_remote", "tool", "remote", unique=True, sqlite_where=_MAPPED, postgresql_where=_MAPPED),
    sqlite_autoincrement=True,
)
tool_student = Table(
    "tool_student", metadata, ToolStudentColumns, Index(None, "tool", "remote", "user"), Index(None, "site", "user")
)
tool_preview = Table(
    "tool_preview", metadata, ToolPreviewColumns, Index(None, "mapping", "id"), sqlite_autoincrement=True
)
tool_outcome = Table("tool_outcome", metadata, ToolOutcomeColumns)
tool_grade = Table("tool_grade", metadata, ToolGradeColumns)
tool_item = Table("tool_item", metadata, ToolItemColumns)
imported = Table("imported", metadata, ImportedColumns, Index(None, "name", "kind", "key"))
