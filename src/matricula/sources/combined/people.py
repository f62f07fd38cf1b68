"""Joins the people of two sources, and tells who is on one side only."""

from dataclasses import dataclass

import polars as pl

from matricula.errors import StopError
from matricula.roster import TABLES, Draft, FindingBook
from matricula.roster.draft import LISTED
from matricula.roster.extensions import extensions_of
from matricula.roster.tables import LINE
from matricula.sources.combined.settings import TAKEN
from matricula.sources.combined.sides import KEY, Side

_NO = ("false", "0", "no")
_SHAPES = ((r"\p{Lu}", "A"), (r"\p{Ll}", "a"), (r"\p{N}", "9"))


@dataclass(frozen=True)
class Keys:
    """How the keys of both sides stand to each other.

    Args:
        both: keys that exactly one person of each side has.
        twice_people: keys that several people of the source of people have.
        twice_courses: keys that several people of the source of courses have.
    """

    both: pl.Series
    twice_people: pl.Series
    twice_courses: pl.Series

    @property
    def is_both(self) -> pl.Expr:
        """Whether a row's key joins it."""
        return pl.col(KEY).is_in(self.both.implode())

    @property
    def is_twice(self) -> pl.Expr:
        """Whether a row's key is ambiguous."""
        twice = pl.concat([self.twice_people, self.twice_courses])
        return pl.col(KEY).is_in(twice.implode()).fill_null(value=False)

    @property
    def is_blank(self) -> pl.Expr:
        """Whether a row has no key."""
        return pl.col(KEY).is_null()

    @property
    def is_alone(self) -> pl.Expr:
        """Whether nobody on the other side has a row's key."""
        return ~(self.is_blank | self.is_twice | self.is_both).fill_null(value=False)


def keys_of(people: pl.DataFrame, courses: pl.DataFrame, sides: tuple[Side, Side]) -> Keys:
    """Compare the keys.

    Args:
        people: rows of the source of people; the same row twice is one.
        courses: rows of the source of courses: people, or places of people; `sourcedId` tells who is who.
        sides: the source of people and that of courses, for messages.

    Raises:
        StopError: nobody is on both sides.
    """
    of_people = people.select(KEY).drop_nulls().get_column(KEY)
    of_courses = courses.select(KEY, "sourcedId").drop_nulls(KEY).unique().get_column(KEY)
    twice = [series.filter(series.is_duplicated()).unique() for series in (of_people, of_courses)]
    both = of_people.filter(of_people.is_in(of_courses.implode()) & ~of_people.is_in(pl.concat(twice).implode()))
    if both.is_empty():
        raise _nobody(sides, of_people, of_courses)
    return Keys(both, *twice)


def _nobody(sides: tuple[Side, Side], of_people: pl.Series, of_courses: pl.Series) -> StopError:
    people, courses = sides
    shapes = " and ".join(
        f"{side.key} looks like “{_shape(series)}” in {side.name}"
        for side, series in ((people, of_people), (courses, of_courses))
        if not series.is_empty()
    )
    return StopError(
        f"Nobody of {people.name} is in {courses.name}: {shapes} (A and a a letter, 9 a digit).",
        where="source, join",
        remedy="Join by a key that both sources hold in the same form.",
        code="combined-nobody",
    )


def _shape(series: pl.Series) -> str:
    shape = pl.Series([series[0]])
    for pattern, letter in _SHAPES:
        shape = shape.str.replace_all(pattern, letter)
    return str(shape[0])


def distinct(people: pl.DataFrame) -> pl.DataFrame:
    """Rows without those that are the same in every cell."""
    return people.unique(pl.exclude(LINE), keep="first", maintain_order=True)


def taken_over(courses: pl.DataFrame, people: pl.DataFrame, keys: Keys, take: tuple[str, ...] | None) -> pl.DataFrame:
    """The people of the source of courses with what the source of people knows better.

    Args:
        courses: rows with keys.
        people: rows with keys, distinct.
        keys: how the keys stand.
        take: columns to take; None takes all there are. What is blank there erases nothing, and who is disabled on
            either side is disabled.
    """
    offered = [name for name in people.columns if name in TAKEN or extensions_of(TABLES["users"], [name])]
    columns = [name for name in offered if take is None or name in take]
    theirs = people.filter(keys.is_both).select(KEY, *(pl.col(name).alias(f"their {name}") for name in columns))
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in columns if name not in courses.columns]
    joined = courses.with_columns(missing).join(theirs, on=KEY, how="left", maintain_order="left")
    merged = [_merged(name) for name in columns]
    return joined.with_columns(merged).drop(f"their {name}" for name in columns)


def _merged(name: str) -> pl.Expr:
    own, theirs = pl.col(name), pl.col(f"their {name}")
    value = pl.coalesce(theirs, own)
    if name == "enabledUser":
        off = pl.any_horizontal(each.str.to_lowercase().is_in(_NO).fill_null(value=False) for each in (own, theirs))
        value = pl.when(off).then(pl.lit("false")).otherwise(value)
    return value.alias(name)


def tell(book: FindingBook, code: str, frame: pl.DataFrame, draft: Draft, key: str, what: str) -> None:
    """List people by name, one finding each; beyond `LISTED` the rest is counted together.

    Args:
        book: where findings go.
        code: the kind of finding.
        frame: the people, or rows of `enrollments`, which name people by their key alone.
        draft: the table that they are of.
        key: the column of the key.
        what: what is said of each, after the name.
    """
    names = [name for name in ("givenName", "familyName") if name in frame.columns]
    who = pl.concat_str(*names, separator=" ", ignore_nulls=True) if names else pl.lit("")
    value = pl.col(key).fill_null(pl.col("sourcedId")) if key in frame.columns else pl.col("sourcedId")
    rows = frame.select(who.alias("who"), value.fill_null("").alias("value"), "sourcedId").unique(
        ["who", "value"], keep="first", maintain_order=True
    )
    file, table = draft.file, draft.table.name
    for name, text, sourced_id in rows.head(LISTED).iter_rows():
        told = f"{name} ({text})" if name.strip() and text else name.strip() or text
        book.add(code, f"{told} {what}.", file=file, column=key, value=text, table=table, sourced_id=sourced_id)
    if (rest := rows.height - LISTED) > 0:
        book.add(code, f"Of {rest} further people the same is true.", file=file, column=key, table=table, count=rest)
