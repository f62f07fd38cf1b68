"""Cells that point to records told of in other rows: by sourcedId, code, e-mail or name. Never the first of several."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from matricula.roster import FindingBook
from matricula.roster.draft import LISTED
from matricula.roster.findings import LINES_NAMED, shortened
from matricula.roster.tables import LINE
from matricula.sources.tables.fields import PERSON_POINTERS
from matricula.sources.tables.merging import ID
from matricula.sources.tables.told import Told

_FOLDED = ("username", "email", "name", "title", "courseCode", "classCode", "identifier")
_STUDENTS = ("student", "parent", "guardian", "relative")


@dataclass(frozen=True)
class Target:
    """Records that may be pointed to.

    Args:
        kind: what they are, for people: `person`.
        frame: `id` and fields.
        by: the fields by which they may be pointed to beside the sourcedId, the surest first.
        within: columns of the target that must agree beside the field, where the pointing rows have them.
    """

    kind: str
    frame: pl.DataFrame
    by: Sequence[str]
    within: Sequence[str] = ()


def resolve(told: Told, prefix: str, target: Target, book: FindingBook) -> pl.Series:
    """The ids that the rows of a file point to.

    Args:
        told: the rows.
        prefix: whose fields point, such as `teacher`.
        target: what they point to.
        book: where findings go.

    Returns:
        the ids, null where the cell is blank, leads nowhere or could mean several records.
    """
    frame = told.frame
    if f"{prefix}.sourcedId" in frame.columns:
        # The roster itself finds pointers by sourcedId that lead nowhere, and says so.
        return frame[f"{prefix}.sourcedId"]
    field = next((each for each in target.by if f"{prefix}.{each}" in frame.columns), "")
    if not field:
        return pl.Series([None] * frame.height, dtype=pl.String)
    within = [each for each in target.within if each in frame.columns and each in target.frame.columns]
    pointers = frame.select(pl.col(f"{prefix}.{field}").alias("value"), *within, LINE)
    found = _found(pointers, field, within, target, teachers=prefix == "teacher")
    _note(found, told.file, prefix, field, target, book)
    return found["found"]


def full_names(people: pl.DataFrame) -> pl.DataFrame:
    """The names by which people may be meant: given name and family name in either order, as comparisons need them.

    Args:
        people: `id`, and `givenName` and `familyName` where they are known.
    """
    if not {"givenName", "familyName"} <= set(people.columns):
        return pl.DataFrame(schema={ID: pl.String, "name": pl.String})
    named = people.filter(pl.col("givenName").is_not_null() & pl.col("familyName").is_not_null())
    orders = (("givenName", "familyName"), ("familyName", "givenName"))
    return pl.concat(
        [named.select(ID, folded_name(pl.concat_str(order, separator=" ")).alias("name")) for order in orders]
    ).unique()


def folded_name(cell: pl.Expr) -> pl.Expr:
    """A name without capitals, commas and double blanks."""
    return cell.str.normalize("NFC").str.to_lowercase().str.replace_all(r"[,\s]+", " ").str.strip_chars()


def _found(
    pointers: pl.DataFrame, field: str, within: Sequence[str], target: Target, *, teachers: bool
) -> pl.DataFrame:
    """The pointers with the one id `found` and how many records each `fits`."""
    known = full_names(target.frame) if field == "name" and "name" in PERSON_POINTERS else target.frame
    if target.kind == "person" and field == "name":
        known = known.join(target.frame.select(ID, "role"), on=ID, how="left")
    elif field not in known.columns:
        return pointers.with_columns(pl.lit(None, dtype=pl.String).alias("found"), pl.lit(0).alias("fits"))
    folds = field in _FOLDED
    known = known.with_columns((_folded(pl.col(field), field) if folds else pl.col(field)).alias("value"))
    known = known.filter(pl.col("value").is_not_null())
    if teachers and "role" in known.columns:
        # A pupil may have a teacher's name; where a teacher is asked for, staff come first.
        staff = ~pl.col("role").is_in(_STUDENTS).fill_null(value=False)
        known = known.filter(staff | ~staff.any().over("value", *within))
    cases = known.group_by("value", *within).agg(pl.col(ID).unique().alias("ids"))
    value = _folded(pl.col("value"), field) if folds else pl.col("value")
    joined = pointers.with_columns(value.alias("key")).join(
        cases,
        left_on=["key", *within],
        right_on=["value", *within],
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    fits = pl.col("ids").list.len().fill_null(0)
    return joined.with_columns(pl.when(fits == 1).then(pl.col("ids").list.first()).alias("found"), fits.alias("fits"))


def _folded(cell: pl.Expr, field: str) -> pl.Expr:
    return folded_name(cell) if field in ("name", "title") else cell.str.to_lowercase()


def _note(found: pl.DataFrame, file: str, prefix: str, field: str, target: Target, book: FindingBook) -> None:
    bad = found.filter(pl.col("value").is_not_null() & pl.col("found").is_null())
    if bad.is_empty():
        return
    values = bad.group_by("value", maintain_order=True).agg(
        pl.col(LINE).head(LINES_NAMED), pl.len().alias("count"), pl.col("fits").max()
    )
    for value, lines, count, fits in values.head(LISTED).iter_rows():
        several = f"{prefix} “{shortened(value)}” may be any of {fits}: they have the same {field}."
        none = f"{prefix} “{shortened(value)}” is nobody's {field}" if target.kind == "person" else ""
        nothing = none or f"{prefix} “{shortened(value)}” is the {field} of none"
        book.add(
            "pointer-ambiguous" if fits else "pointer-unknown",
            several if fits else f"{nothing} that was read.",
            file=file,
            line=lines[0],
            lines=lines,
            count=count,
            column=f"{prefix}.{field}",
            value=value,
        )
    rest = values.slice(LISTED)
    if not rest.is_empty():
        message = f"{rest.height} further values of {prefix}.{field} lead nowhere or could mean several."
        count = int(rest["count"].sum())
        book.add("pointer-unknown", message, file=file, column=f"{prefix}.{field}", count=count)
