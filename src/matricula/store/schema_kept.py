"""Tables of what was read: deliveries of sources, and what a site was seen to hold; and acts on the state itself."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    TypedColumns,
)

from matricula.store.columns import Moment, metadata


class DriftColumns(TypedColumns):
    """Fields that somebody edited in Moodle and that Matricula keeps in step; values are JSON."""

    profile = Column(Text, primary_key=True)
    kind = Column(Text, primary_key=True)
    key = Column(Text, primary_key=True)
    field = Column(Text, primary_key=True)
    name = Column(Text, nullable=False)
    written = Column(Text, nullable=False)
    seen = Column(Text, nullable=False)
    state = Column(
        Text, CheckConstraint("state in ('open', 'accepted', 'put-back', 'in-vain')", name="state"), nullable=False
    )
    since = Column(Moment, nullable=False)
    at = Column(Moment, nullable=False)


class ObservedShareColumns(TypedColumns):
    """When each share of a profile's records was last looked at on the site."""

    profile = Column(Text, primary_key=True)
    share = Column(Integer, primary_key=True, autoincrement=False)
    at = Column(Moment, nullable=False)


class KeptGradeColumns(TypedColumns):
    """Grades of a person in a course, read before a change that destroys them; as JSON."""

    id = Column(Integer, primary_key=True)
    plan = Column(Integer, ForeignKey("plan.number"), nullable=False)
    run = Column(Integer, ForeignKey("run.id"))
    profile = Column(Text, nullable=False)
    person_key = Column(Text, nullable=False)
    course_key = Column(Text, nullable=False)
    person = Column(Text, nullable=False)
    course = Column(Text, nullable=False)
    user_id = Column(BigInteger, nullable=False)
    course_id = Column(BigInteger, nullable=False)
    grades = Column(Text, nullable=False)
    at = Column(Moment, nullable=False)


class KeptDeliveryColumns(TypedColumns):
    """The last delivery of each source: where it came from, and where the next reading goes on."""

    source = Column(Text, primary_key=True)
    at = Column(Moment, nullable=False)
    origin = Column(Text, nullable=False)
    version = Column(Text, nullable=False)
    settings = Column(Text, nullable=False)
    marker = Column(Text, nullable=False)
    findings = Column(Text, nullable=False)


class KeptTableColumns(TypedColumns):
    """The tables of those deliveries, as Parquet."""

    source = Column(Text, primary_key=True)
    name = Column(Text, primary_key=True)
    file = Column(Text, nullable=False)
    rows = Column(Integer, nullable=False)
    told = Column(Text, nullable=False)
    digest = Column(Text, nullable=False)
    body = Column(LargeBinary, nullable=False)


class ActColumns(TypedColumns):
    """What was done to the state itself: people forgotten, old records purged, keys changed. It names nobody."""

    id = Column(Integer, primary_key=True)
    kind = Column(Text, nullable=False)
    by = Column(Text, nullable=False)
    at = Column(Moment, nullable=False)
    counts = Column(Text, nullable=False)


act = Table("act", metadata, ActColumns, Index(None, "kind", "at"), sqlite_autoincrement=True)
drift = Table("drift", metadata, DriftColumns)
observed_share = Table("observed_share", metadata, ObservedShareColumns)
kept_grade = Table(
    "kept_grade", metadata, KeptGradeColumns, Index(None, "plan"), Index(None, "run"), sqlite_autoincrement=True
)
kept_delivery = Table("kept_delivery", metadata, KeptDeliveryColumns)
kept_table = Table("kept_table", metadata, KeptTableColumns)
