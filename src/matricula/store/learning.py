"""Learning data: what gradebooks and activities of a site hold, as it was last read.

Nothing that was read is deleted by reading again: a row that is no longer on the site gets the moment at which that was
noticed. Only purging and forgetting a person take rows out.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import polars as pl
from sqlalchemy import BigInteger, Connection, Float, Integer, Table, and_, func, literal_column, select, update

from matricula.store import schema
from matricula.store.columns import Moment
from matricula.store.database import Database
from matricula.store.frames import read_frame, upsert_rows

What = Literal["course", "module", "activity", "submission", "category", "item", "grade"]

TABLES: Final[Mapping[str, Table]] = {
    "course": schema.learnt_course,
    "module": schema.learnt_module,
    "activity": schema.learnt_activity,
    "submission": schema.learnt_submission,
    "category": schema.learnt_category,
    "item": schema.learnt_item,
    "grade": schema.learnt_grade,
}
MOMENT: Final = pl.Datetime("us", "UTC")
_FLAGS: Final = frozenset({"hidden", "locked", "overridden", "former", "visible"})
_SQLITE_MOMENT: Final = "%Y-%m-%d %H:%M:%S%.f"


def schema_of(what: What) -> dict[str, Any]:
    """Column names and types of the frames of one kind of record."""
    return {column.name: _type_of(column) for column in TABLES[what].c if column.name != "site"}


def _type_of(column: Any) -> Any:
    if column.name in _FLAGS:
        return pl.Boolean
    if isinstance(column.type, Moment):
        return MOMENT
    if isinstance(column.type, (BigInteger, Integer)):
        return pl.Int64
    return pl.Float64 if isinstance(column.type, Float) else pl.String


@dataclass(frozen=True)
class Gradebook:
    """The gradebook of one course as it was read: frames with the columns of `schema_of`, without our own moments.

    Args:
        categories: all categories.
        items: all items, those of totals among them.
        grades: one row for each person asked for and each item that they can have.
    """

    categories: pl.DataFrame
    items: pl.DataFrame
    grades: pl.DataFrame


@dataclass(frozen=True)
class Marks:
    """Where the next reading of a course goes on.

    Args:
        grades_at: when its gradebook was read, None where it was not.
        contents_at: the same of its contents.
        more: what the reading itself noted.
    """

    grades_at: datetime | None = None
    contents_at: datetime | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


class Learning:
    """Queries on learning data.

    Args:
        database: the state database.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def frame(
        self,
        what: What,
        site: str,
        courses: Collection[int] | None = None,
        *,
        gone: bool = False,
        users: Collection[int] | None = None,
    ) -> pl.DataFrame:
        """What is known of a site, by course and key.

        Args:
            what: kind of record.
            site: the site.
            courses: ids of courses; None for all.
            gone: whether what is no longer on the site is among it.
            users: of grades and submissions only those of these accounts; None for everybody's.

        Returns:
            a frame with the columns of `schema_of(what)`: flags as Boolean, moments as Datetime in UTC.
        """
        if (courses is not None and not courses) or (users is not None and not users):
            return pl.DataFrame(schema=schema_of(what))
        with self._database.reading() as connection:
            return _read(connection, what, site, courses, gone=gone, users=users)

    def graded(self, site: str, totals: Collection[str]) -> dict[int, int]:
        """How many grades were given in each course of a site; zero is one.

        Args:
            site: the site.
            totals: kinds of items that do not count, as they are sums of others.
        """
        grade, item = schema.learnt_grade, schema.learnt_item
        same = and_(grade.c.site == item.c.site, grade.c.item == item.c.item)
        given = (grade.c.site == site, grade.c.state == "graded", grade.c.gone_at.is_(None))
        counted = select(grade.c.course, func.count()).join_from(grade, item, same)
        counted = counted.where(*given, item.c.kind.not_in(list(totals)), item.c.gone_at.is_(None))
        with self._database.reading() as connection:
            rows = connection.execute(counted.group_by(grade.c.course))
            return {course: number for course, number in rows}  # noqa: C416 - a result has keys

    def marks(self, site: str) -> dict[int, Marks]:
        """Where the next reading of each course goes on; without courses that are gone."""
        rows = self.frame("course", site).select("course", "grades_at", "contents_at", "marks").iter_rows()
        return {course: Marks(grades, contents, json.loads(marks)) for course, grades, contents, marks in rows}

    def people(self, site: str, course: int) -> set[int]:
        """Accounts of whom grades are known in a course."""
        return set(self.frame("grade", site, [course])["user"].unique())

    def keep_courses(self, site: str, courses: pl.DataFrame, at: datetime, asked: Collection[int]) -> None:
        """Keep what courses are called and when they run.

        Args:
            site: the site.
            courses: `course`, `name`, `shortname`, `idnumber`, `start`, `end` of those that are there.
            at: when they were read.
            asked: those that were asked for; of these the ones that are not there are gone, with all that is in them.
        """
        ours = ["grades_at", "contents_at", "marks", "gone_at"]
        missing = sorted(set(asked) - set(courses["course"]))
        with self._database.writing() as connection:
            known = _read(connection, "course", site, None, gone=True)
            told = courses.join(known.select("course", *ours), on="course", how="left").with_columns(
                # What was in a course that is there again is read anew.
                grades_at=pl.when(pl.col("gone_at").is_null()).then("grades_at"),
                marks=pl.col("marks").fill_null("{}"),
                gone_at=pl.lit(None, MOMENT),
            )
            _write(connection, "course", site, _changed("course", known, told, ["course"]))
            for what in ("course", "module", "activity", "category", "item", "grade") if missing else ():
                _mark_gone(connection, TABLES[what], site, at, TABLES[what].c.course.in_(missing))

    def note(
        self,
        site: str,
        course: int,
        *,
        grades_at: datetime | None = None,
        contents_at: datetime | None = None,
        marks: Mapping[str, Any] | None = None,
    ) -> None:
        """Note when parts of a course were read, and marks for the next reading; what is not given stays."""
        given = {"grades_at": grades_at, "contents_at": contents_at}
        values: dict[str, Any] = {name: at for name, at in given.items() if at is not None}
        if marks is not None:
            values["marks"] = json.dumps(dict(marks), sort_keys=True)
        table = schema.learnt_course
        with self._database.writing(lasting=False) as connection:
            here = and_(table.c.site == site, table.c.course == course)
            connection.execute(update(table).where(here).values(**values))

    def keep_gradebook(self, site: str, course: int, read: Gradebook, at: datetime) -> int:
        """Keep one course's gradebook: all of it, or nothing where something fails.

        Categories and items that are not in it are gone, and so are grades of people who are in it, in items that are
        not. Of people who are not in it at all the last known grades stay, marked `former`.

        Args:
            site: the site.
            course: the course.
            read: the gradebook.
            at: when it was read.

        Returns:
            how many grades changed.
        """
        with self._database.writing(lasting=False) as connection:
            _replace(connection, "category", site, course, read.categories, at)
            _replace(connection, "item", site, course, read.items, at)
            known = _read(connection, "grade", site, [course], gone=True)
            away = _of_others(known, read, at)
            told = pl.concat([read.grades.with_columns(course=pl.lit(course, pl.Int64)), away], how="diagonal")
            changed = _changed("grade", known, told, ["item", "user"])
            moments = {"changed_at": pl.lit(at, MOMENT), "gone_at": pl.col("gone_at").cast(MOMENT)}
            _write(connection, "grade", site, changed.with_columns(**moments))
        return changed.height

    def keep_modules(self, site: str, course: int, modules: pl.DataFrame, at: datetime) -> None:
        """Keep all modules of a course; those that are not among them are gone."""
        with self._database.writing(lasting=False) as connection:
            _replace(connection, "module", site, course, modules, at)

    def keep_activities(
        self, site: str, module: str, activities: pl.DataFrame, at: datetime, courses: Collection[int]
    ) -> set[int]:
        """Keep activities of one kind.

        Args:
            site: the site.
            module: the kind, such as `assign`.
            activities: all that there are in the courses.
            at: when they were read.
            courses: the courses that were asked for and answered; what is known of them and not there is gone.

        Returns:
            the courses in which an activity is new, changed or gone.
        """
        with self._database.writing(lasting=False) as connection:
            known = _read(connection, "activity", site, courses or [0], gone=True).filter(module=module)
            return _put(connection, "activity", site, known, activities, at)

    def keep_submissions(self, site: str, submissions: pl.DataFrame) -> int:
        """Keep submissions, the newest attempt of each person; others that are known stay.

        Returns:
            how many are new or changed.
        """
        keys = _keys("submission")
        with self._database.writing(lasting=False) as connection:
            known = _read(connection, "submission", site, set(submissions["course"]) or [0], gone=True)
            changed = _changed("submission", known, submissions, keys)
            _write(connection, "submission", site, changed)
        return changed.height


def _of_others(known: pl.DataFrame, read: Gradebook, at: datetime) -> pl.DataFrame:
    """Known grades that did not come: of people who came they are gone, of others only with their item."""
    rest = known.filter(pl.col("gone_at").is_null()).join(read.grades, on=["item", "user"], how="anti")
    came = pl.col("user").is_in(read.grades["user"].unique().implode())
    gone = came | ~pl.col("item").is_in(read.items["item"].implode())
    return rest.with_columns(
        gone_at=pl.when(gone).then(pl.lit(at, MOMENT)).otherwise(None), former=pl.col("former") | ~came
    ).drop("changed_at")


def _read(
    connection: Connection,
    what: What,
    site: str,
    courses: Collection[int] | None,
    *,
    gone: bool,
    users: Collection[int] | None = None,
) -> pl.DataFrame:
    table, wanted = TABLES[what], schema_of(what)
    where = [table.c.site == site]
    where += [_among(table.c.course, courses)] if courses is not None else []
    where += [_among(table.c.user, users)] if users is not None else []
    where += [table.c.gone_at.is_(None)] if not gone and "gone_at" in table.c else []
    ordered = [table.c.course, *(table.c[name] for name in _keys(what) if name != "course")]
    statement = select(*(table.c[name] for name in wanted)).where(*where).order_by(*ordered)
    if connection.dialect.name != "sqlite":
        return read_frame(connection, statement, wanted)
    # SQLite keeps moments as texts, and rows in bulk do not pass SQLAlchemy's conversion.
    moments = [name for name, kind in wanted.items() if kind == MOMENT]
    frame = read_frame(connection, statement, wanted | dict.fromkeys(moments, pl.String))
    return frame.with_columns(pl.col(moments).str.to_datetime(_SQLITE_MOMENT, time_unit="us", time_zone="UTC"))


def _among(column: Any, ids: Collection[int]) -> Any:
    return column.in_([literal_column(str(int(each))) for each in sorted(ids)])


def _keys(what: What) -> list[str]:
    return [column.name for column in TABLES[what].primary_key if column.name != "site"]


def _replace(connection: Connection, what: What, site: str, course: int, frame: pl.DataFrame, at: datetime) -> None:
    """Put all rows of a course in the place of those known; what is not among them is gone."""
    known = _read(connection, what, site, [course], gone=True)
    _put(connection, what, site, known, frame.with_columns(course=pl.lit(course, pl.Int64)), at)


def _put(
    connection: Connection, what: What, site: str, known: pl.DataFrame, frame: pl.DataFrame, at: datetime
) -> set[int]:
    """Write what differs from what is known; the courses in which something does."""
    keys = _keys(what)
    missing = known.filter(pl.col("gone_at").is_null()).join(frame, on=keys, how="anti")
    gone = missing.with_columns(gone_at=pl.lit(at, MOMENT))
    told = frame.with_columns(gone_at=pl.lit(None, MOMENT))
    changed = _changed(what, known, told, keys)
    _write(connection, what, site, changed)
    _write(connection, what, site, gone)
    return {*changed["course"], *gone["course"]}


def _changed(what: What, known: pl.DataFrame, told: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Rows that are new or not as they were known."""
    wanted = schema_of(what)
    names = [name for name in wanted if name in told.columns and name != "changed_at"]
    given = told.select(pl.col(name).cast(wanted[name]) for name in names)
    values = [name for name in names if name not in keys]
    both = given.join(known.select(*keys, *values, known=True), on=list(keys), how="left", suffix=" before")
    differs = pl.any_horizontal(
        pl.col("known").is_null(), *(pl.col(name).ne_missing(pl.col(f"{name} before")) for name in values)
    )
    return both.filter(differs).select(names)


def _write(connection: Connection, what: What, site: str, frame: pl.DataFrame) -> None:
    """Insert rows or put them in the place of those with the same key; columns that are not given stay."""
    if not frame.height:
        return
    names = [name for name in schema_of(what) if name in frame.columns]
    told = frame.select(names)
    if connection.dialect.name == "sqlite":
        moments = [name for name in names if told.schema[name] == MOMENT]
        told = told.with_columns(pl.col(moments).dt.strftime("%Y-%m-%d %H:%M:%S%.6f"))
    told = told.with_columns(pl.col(pl.Boolean).cast(pl.Int8))
    table = TABLES[what]
    columns = [column.name for column in table.c if column.name in {"site", *names}]
    rows = told.with_columns(site=pl.lit(site)).select(columns).iter_rows()
    upsert_rows(connection, table, columns, rows)


def _mark_gone(connection: Connection, table: Table, site: str, at: datetime, where: Any) -> None:
    values: dict[str, Any] = {"gone_at": at} | ({"changed_at": at} if "changed_at" in table.c else {})
    connection.execute(update(table).where(table.c.site == site, table.c.gone_at.is_(None), where).values(**values))


def forget_in_marks(connection: Connection, site: str, accounts: Collection[int]) -> None:
    """Take accounts out of the marks of courses, where they stand in lists of those to be asked for alone."""
    table = schema.learnt_course
    rows = connection.execute(select(table.c.course, table.c.marks).where(table.c.site == site)).all()
    for course, text in rows:
        marks = json.loads(text)
        left = {
            name: [each for each in value if each not in accounts] if isinstance(value, list) else value
            for name, value in marks.items()
        }
        if left != marks:
            here = and_(table.c.site == site, table.c.course == course)
            connection.execute(update(table).where(here).values(marks=json.dumps(left, sort_keys=True)))
