"""Rounding by decimal digits, and numbers as sites show them."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.grades.numbers import points_of, rounded, shown_number
from matricula.profiles.documents.grades import Rounding

#: Grades as Moodle keeps them: five places after the point.
GRADES = st.decimals(-10_000, 10_000, places=5, allow_nan=False, allow_infinity=False)
DECIMALS = st.integers(0, 4)


def one(value: float | None, rounding: Rounding, decimals: int = 0) -> float | None:
    # Of several rows: one alone is divided in another way by Polars.
    frame = pl.DataFrame({"value": [value, 1.0, value]}, schema={"value": pl.Float64})
    first, _, last = frame.select(rounded(pl.col("value"), rounding, decimals)).to_series()
    assert first == last
    return last


def by_digits(value: Decimal, rounding: Rounding, decimals: int) -> float:
    """The same with decimal numbers, after the words of the standard library."""
    unit = Decimal(1).scaleb(-decimals)
    if rounding == "half-up":
        return float((value + unit / 2).quantize(unit, ROUND_FLOOR))
    return float(value.quantize(unit, ROUND_CEILING if rounding == "up" else ROUND_FLOOR))


@settings(deadline=None)
@given(GRADES, st.sampled_from(["up", "down", "half-up"]), DECIMALS)
def test_rounding_is_that_of_decimal_numbers(value, rounding, decimals):
    assert one(float(value), rounding, decimals) == by_digits(value, rounding, decimals)


@settings(deadline=None)
@given(GRADES, st.sampled_from(get_args(Rounding)), DECIMALS)
def test_rounding_never_moves_by_a_unit_and_never_twice(value, rounding, decimals):
    came = one(float(value), rounding, decimals)
    assert abs(Decimal(repr(came)) - value) < Decimal(1).scaleb(-decimals)
    assert one(came, rounding, decimals) == came


@settings(deadline=None)
@given(GRADES, DECIMALS)
def test_up_is_above_and_down_is_below(value, decimals):
    assert one(float(value), "down", decimals) <= float(value) <= one(float(value), "up", decimals)


@pytest.mark.parametrize(
    ("value", "up", "down", "half_up"),
    [
        (2.5, 3.0, 2.0, 3.0),
        (0.5, 1.0, 0.0, 1.0),
        (1.5, 2.0, 1.0, 2.0),
        (2.49999, 3.0, 2.0, 2.0),
        (-2.5, -2.0, -3.0, -2.0),
        (-2.50001, -2.0, -3.0, -3.0),
        (-0.4, 0.0, -1.0, 0.0),
        (7.0, 7.0, 7.0, 7.0),
        (-7.0, -7.0, -7.0, -7.0),
    ],
)
def test_halves_and_negative_numbers(value, up, down, half_up):
    assert [one(value, each) for each in ("up", "down", "half-up")] == [up, down, half_up]


@pytest.mark.parametrize(
    ("value", "half_up"), [(2.675, 2.68), (1.005, 1.01), (0.125, 0.13), (0.135, 0.14), (8.345, 8.35)]
)
def test_a_half_is_a_half_though_no_float_holds_it(value, half_up):
    assert one(value, "half-up", 2) == half_up
    assert round(2.5) == 2  # what is not meant: a banker's half goes to the even one
    assert one(2.5, "half-up") == 3


def test_without_rounding_the_places_of_moodle_stay():
    assert one(200 / 3, "none", 0) == 66.66667
    assert one(80.12345, "none", 0) == 80.12345
    assert one(100.0, "none", 0) == 100.0


@pytest.mark.parametrize("value", [None, float("inf"), float("-inf")])
def test_what_is_no_number_stays_what_it_is(value):
    assert one(value, "half-up") == value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("85.50", 85.5),
        ("85,50", 85.5),
        ("1,234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1\u202f234,5", 1234.5),
        ("1.234.567,8", 1234567.8),
        ("85,5 %", 85.5),
        ("85.50 / 100", 85.5),
        ("-3,5", -3.5),
        ("0,00", 0.0),
        ("7.", 7.0),
        ("-", None),
        ("", None),
        ("Good", None),
        (None, None),
    ],
)
def test_numbers_are_read_as_sites_show_them(text, number):
    frame = pl.DataFrame({"text": [text]}, schema={"text": pl.String})
    assert frame.select(shown_number(pl.col("text"))).item() == number


@pytest.mark.parametrize(
    ("word", "points"),
    [("Good", 8.0), (" good ", 8.0), ("2,5", 2.5), ("3", 3.0), ("3 stars", None), ("Poor", None), ("", None)],
)
def test_words_of_scales_have_points_by_the_table_or_are_numbers(word, points):
    frame = pl.DataFrame({"word": [word]})
    assert frame.select(points_of(pl.col("word"), {"GOOD": 8.0})).item() == points
