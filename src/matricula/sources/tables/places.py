"""Enrolments: who is in which class, and as what."""

import polars as pl

from matricula.roster import Draft
from matricula.roster.tables import LINE
from matricula.sources.tables import keys
from matricula.sources.tables.fields import CLASS, ENROLMENT, PERSON, TEACHER
from matricula.sources.tables.ground import Ground, first_of
from matricula.sources.tables.merging import FILE, ID, merge
from matricula.sources.tables.told import Told

_PLACE = ("userSourcedId", "classSourcedId", "role", "unmet")
_OTHER = ("primary", "beginDate", "endDate")
_ADMINISTRATORS = ("administrator", "siteAdministrator", "districtAdministrator", "principal", "systemAdministrator")

_ID = pl.coalesce("own id", keys.joined("classSourcedId", "userSourcedId", "role"))


def enrolments(ground: Ground) -> Draft | None:
    """The table `enrollments`; None where no file names people and classes together."""
    telling = ground.tellers(ENROLMENT)
    if not telling:
        return None
    frames = []
    for told in telling:
        if ground.plan.places(told.part):
            frames.append(_rows(ground, told, PERSON))
        if ground.plan.teaches(told.part):
            # Every pupil's row names the teacher of the class again.
            frames.append(_rows(ground, told, TEACHER).unique(_PLACE, keep="first", maintain_order=True))
    rows = pl.concat(frames, how="diagonal")
    unmet = rows.filter("unmet")
    rows = rows.filter(
        ~pl.col("unmet") & pl.col("userSourcedId").is_not_null() & pl.col("classSourcedId").is_not_null()
    )
    rows = rows.drop("unmet").with_columns(_ID.alias(ID)).drop("own id")
    merged = merge(rows, "enrollments", ground.book).frame
    if merged["schoolSourcedId"].null_count() == merged.height:
        merged = merged.drop("schoolSourcedId")
    draft = ground.draft("enrollments", merged, telling)
    _remember(draft, unmet)
    return draft


def _rows(ground: Ground, told: Told, kind: str) -> pl.DataFrame:
    """The places that a file names; `unmet` where a person or class is named and it is not known who or which."""
    frame = told.frame
    unmet = pl.any_horizontal(
        pl.any_horizontal(pl.col([f"{each}.{field}" for field in told.fields(each)]).is_not_null())
        & pl.col(f"{each}.id").is_null()
        for each in (kind, CLASS)
        if told.fields(each)
    )
    role = _role(told, kind)
    return frame.select(
        pl.col(f"{kind}.id").alias("userSourcedId"),
        pl.col(f"{CLASS}.id").alias("classSourcedId"),
        role.alias("role"),
        *(pl.col(f"{ENROLMENT}.{name}").alias(name) for name in _OTHER if f"{ENROLMENT}.{name}" in frame.columns),
        *(
            pl.col(name).alias(name.partition(".")[2])
            for name in frame.columns
            if name.startswith("enrolment.metadata.")
        ),
        first_of(frame, "enrolment.sourcedId").alias("own id"),
        ground.of_school(frame).alias("schoolSourcedId"),
        unmet.alias("unmet"),
        LINE,
        pl.lit(told.file).alias(FILE),
    )


def _role(told: Told, kind: str) -> pl.Expr:
    if kind == TEACHER:
        return pl.lit("teacher")
    fixed = pl.lit(told.part.role or None, dtype=pl.String)
    said = pl.coalesce(first_of(told.frame, f"{ENROLMENT}.role", f"{PERSON}.role"), fixed, pl.lit("student"))
    return pl.when(said.is_in(_ADMINISTRATORS)).then(pl.lit("administrator")).otherwise(said)


def _remember(draft: Draft, unmet: pl.DataFrame) -> None:
    """Nobody's place is taken away because of rows of which it is not known whose they are, or of which class."""
    for user, of_class, role in unmet.select("userSourcedId", "classSourcedId", "role").unique().iter_rows():
        draft.lost_pairs.add((user or "", of_class or ""))
        draft.lost.add("/".join(("?", of_class or "", user or "", role)))
    if draft.lost_unknown:
        draft.lost_pairs.add(("", ""))
