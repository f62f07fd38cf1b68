"""Numbers of a gradebook: rounded exactly, and read as a site shows them."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from matricula.profiles.documents.grades import Rounding

PLACES: Final = 5
"""Places after the point that Moodle keeps of a grade (`grade_grades.finalgrade` is a number(10,5))."""

#: Numbers are counted in parts as small as this, so that what a float cannot hold, as 2.675, is rounded by its digits.
_PLACES_EXACT = 8
_EXACT = 10**_PLACES_EXACT
#: Above this a float no longer holds as many places; no grade is as large.
_LARGEST = 10**7


def rounded(value: pl.Expr, rounding: Rounding, decimals: int) -> pl.Expr:
    """Numbers rounded as decimal numbers, never as what a float makes of them.

    Args:
        value: numbers; null, NaN and infinities stay as they are.
        rounding: `up` and `down` go to the next larger and smaller number, of negative ones, too; `half-up` lets a half
            go to the larger one, so that -2.5 becomes -2; `none` keeps the places that Moodle keeps.
        decimals: places after the point that stay; of no consequence for `none`.
    """
    places = PLACES if rounding == "none" else decimals
    unit = 10 ** (_PLACES_EXACT - places)
    parts = (value * _EXACT).round(mode="half_away_from_zero").cast(pl.Int64, strict=False)
    add = {"down": 0, "up": unit - 1, "half-up": unit // 2, "none": unit // 2}[rounding]
    # Floor division: -5 // 2 is -3, so that one rule does for numbers of both signs.
    whole = (parts + add) // unit
    # By a column, not by a number: by that Polars multiplies with its reciprocal, which is not exact.
    plain = whole / (whole * 0 + 10**places)
    return pl.when(value.is_finite() & (value.abs() < _LARGEST)).then(plain).otherwise(value)


def shown_number(text: pl.Expr) -> pl.Expr:
    """The number at the beginning of a text as a site shows it; null where there is none.

    `85.50`, `85,50`, `1,234.5`, `1.234,5`, `1 234,5`, `85,5 %` and `85.50 / 100` are known. Of two signs the last one
    is the decimal one; one that stands alone is, too, since no grade has thousands without decimals in Moodle's texts.
    """
    found = text.str.replace_all(r"[\s\u00a0\u202f']", "").str.replace_all("−", "-", literal=True)
    found = found.str.extract(r"^([-+]?\d[\d.,]*)", 1).str.strip_chars_end(".,")
    plain = found.str.replace_all(r"[.,](\d*[.,])", "$1").str.replace_all(r"[.,](\d*[.,])", "$1")
    return plain.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)


def share_of(value: pl.Expr, minimum: pl.Expr, maximum: pl.Expr) -> pl.Expr:
    """How far a number is on the way from a minimum to a maximum: 0 to 1, and beyond."""
    return (value - minimum) / (maximum - minimum)


def points_of(word: pl.Expr, table: Mapping[str, float]) -> pl.Expr:
    """The points for words of a Moodle scale: those of a table, else the number that a word is itself.

    Args:
        word: the words, as the site shows them.
        table: points by word; the case of letters does not count.
    """
    plain = word.str.strip_chars().str.to_lowercase()
    number = pl.when(plain.str.contains(r"^[-+−]?\d+([.,]\d+)?$")).then(shown_number(plain))
    points = {name.strip().lower(): value for name, value in table.items()}
    return pl.coalesce(plain.replace_strict(points, default=None, return_dtype=pl.Float64), number)
