"""Schools, sessions, courses and classes, made of what the files told."""

from collections.abc import Sequence

import polars as pl

from matricula.roster import Draft
from matricula.roster.draft import LISTED
from matricula.roster.tables import LINE
from matricula.sources.tables import keys
from matricula.sources.tables.fields import CLASS, COURSE, NAMES, SCHOOL, SESSION
from matricula.sources.tables.ground import Ground, filled, first_of
from matricula.sources.tables.merging import FILE, ID, merge
from matricula.sources.tables.pointers import Target, resolve
from matricula.sources.tables.told import TABLES_OF, Told

_LINKS = {COURSE: (SCHOOL, SESSION), CLASS: (SCHOOL, SESSION, COURSE)}
"""The records to which records of a kind belong."""


def schools(ground: Ground) -> Draft | None:
    """The table `orgs`; None where nobody names a school."""
    telling = _identify(ground, SCHOOL)
    frame = ground.records[SCHOOL]
    if ground.settings.school and ground.school not in set(frame[ID]):
        meant = pl.DataFrame({ID: [ground.school], "name": [ground.settings.school.name]})
        frame = pl.concat([frame, meant], how="diagonal")
    if frame.is_empty() and not telling:
        return None
    frame = frame.with_columns(
        first_of(frame, "name", "identifier", ID).alias("name"), filled(frame, "type", "school").alias("type")
    )
    return ground.draft("orgs", frame, telling)


def sessions(ground: Ground) -> Draft | None:
    """The table `academicSessions`; None where nobody names one."""
    year = ground.settings.year
    for told in ground.told:
        if year and told.fields(SESSION) and "session.schoolYear" not in told.frame.columns:
            told.frame = told.frame.with_columns(pl.lit(ground.session).alias("session.schoolYear"))
    telling = _identify(ground, SESSION, after=["session.schoolYear"])
    frame = ground.records[SESSION]
    frame = frame.with_columns(first_of(frame, "title", ID).alias("title"), filled(frame, "type", "term").alias("type"))
    if year:
        days = {"startDate": year.start or None, "endDate": year.end or None}
        meant = {ID: ground.session, "title": year.title or ground.session, "type": "schoolYear"}
        own = pl.DataFrame(
            [{**meant, **days, "schoolYear": ground.session}], schema_overrides=dict.fromkeys(days, pl.String)
        )
        frame = frame.with_columns(filled(frame, "parentSourcedId", ground.session).alias("parentSourcedId"))
        frame = pl.concat([frame.filter(pl.col(ID) != ground.session), own], how="diagonal")
    if frame.is_empty() and not telling:
        return None
    return ground.draft("academicSessions", frame, telling)


def courses(ground: Ground) -> Draft | None:
    """The table `courses`; None where nobody names one."""
    telling = _identify(ground, COURSE, before=["school.id"])
    if not telling:
        return None
    frame = ground.records[COURSE]
    own_year = ground.plan.held(COURSE) and "session.id" in frame.columns
    frame = frame.with_columns(
        first_of(frame, "title", "courseCode", ID).alias("title"),
        ground.of_school(frame).alias("orgSourcedId"),
        filled(frame, "session.id" if own_year else "", ground.session).alias("schoolYearSourcedId"),
    )
    return ground.draft("courses", _without_blank(frame, "orgSourcedId", "schoolYearSourcedId"), telling)


def classes(ground: Ground) -> Draft | None:
    """The table `classes`; None where nobody names one."""
    for told in ground.told:
        # The class of next year is another class, and its course in Moodle another course.
        told.frame = told.frame.with_columns(filled(told.frame, "session.id", ground.session).alias("session.id"))
    telling = _identify(ground, CLASS, before=["school.id", "course.id"], after=["session.id"])
    if not telling:
        return None
    frame = ground.records[CLASS]
    course = ground.records[COURSE]
    titles = course.select(pl.col(ID).alias("course.id"), first_of(course, "title", "courseCode").alias("course title"))
    if "course.id" in frame.columns:
        frame = frame.join(titles, on="course.id", how="left", maintain_order="left")
        frame = frame.with_columns(pl.col("course.id").alias("courseSourcedId"))
    frame = frame.with_columns(
        first_of(frame, "title", "classCode", "course title", ID).alias("title"),
        filled(frame, "classType", "scheduled").alias("classType"),
        ground.of_school(frame).alias("schoolSourcedId"),
        pl.col("session.id").alias("termSourcedIds"),
    )
    return ground.draft(
        "classes", _without_blank(frame, "schoolSourcedId", "termSourcedIds", "courseSourcedId"), telling
    )


def _identify(ground: Ground, kind: str, before: Sequence[str] = (), after: Sequence[str] = ()) -> list[Told]:
    """Give every row the id of the record of a kind that it tells of or points to, as `kind.id`.

    What stands in columns of the same row belongs to the key: `7A` of one school is not `7A` of another.

    Returns:
        the files that tell of such records; `ground.records` has them.
    """
    telling = ground.tellers(kind)
    for told in telling:
        there = [name for name in before if name in told.frame.columns]
        behind = [name for name in after if name in told.frame.columns]
        if kind == CLASS and ground.plan.course_is_class(told.part):
            ids = keys.made(told.frame, ["course.id", *behind], 0)
        else:
            ids = keys.of_record(told.frame, kind, NAMES[kind], there, behind)
        told.frame = told.frame.with_columns(ids.alias(f"{kind}.id"))
        ground.note_blank(told, kind)
    frame = _merged(ground, kind, telling)
    _note_near(ground, kind, frame)
    ground.records[kind] = frame
    target = Target(kind, frame, NAMES[kind], [*before, *after])
    for told in ground.told:
        if told not in telling and told.fields(kind):
            told.frame = told.frame.with_columns(resolve(told, kind, target, ground.book).alias(f"{kind}.id"))
    return telling


def _merged(ground: Ground, kind: str, telling: Sequence[Told]) -> pl.DataFrame:
    frames = [
        told.frame.select(
            pl.col(f"{kind}.id").alias(ID),
            *(pl.col(f"{kind}.{name}").alias(name) for name in told.fields(kind) if name != "sourcedId"),
            *(f"{link}.id" for link in _LINKS.get(kind, ()) if f"{link}.id" in told.frame.columns),
            LINE,
            pl.lit(told.file).alias(FILE),
        )
        for told in telling
    ]
    if not frames:
        return pl.DataFrame(schema={ID: pl.String, LINE: pl.Int64, FILE: pl.String})
    rows = pl.concat(frames, how="diagonal")
    return merge(rows, TABLES_OF[kind][0], ground.book, lists=("session.id",)).frame


def _note_near(ground: Ground, kind: str, frame: pl.DataFrame) -> None:
    """Report records that differ in nothing but the capitals of what they are known by: often they are one."""
    near = (
        frame.group_by(pl.col(ID).str.to_lowercase().alias("folded"), maintain_order=True)
        .agg(pl.col(ID), pl.col(LINE), pl.col(FILE))
        .filter(pl.col(ID).list.len() > 1)
    )
    for ids, lines, files in near.drop("folded").head(LISTED).iter_rows():
        message = (
            f"{', '.join(f'“{each}”' for each in ids)} differ in capital letters alone; each is a {kind} of its own."
        )
        ground.book.add("keys-near", message, file=files[0], line=lines[0], value=ids[0], table=TABLES_OF[kind][0])


def _without_blank(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """The frame without those pointers that no record has: nobody is to be told that all of them are blank."""
    return frame.drop(name for name in names if name in frame.columns and frame[name].null_count() == frame.height)
