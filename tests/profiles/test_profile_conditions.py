"""Conditions: which records are meant."""

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.profiles.conditions import meets
from matricula.profiles.documents.mapped import Condition


def met(value, like=("*",), unlike=()):
    condition = Condition(like=tuple(like), unlike=tuple(unlike))
    return (
        pl.DataFrame({"value": [value]}, schema={"value": pl.String}).select(meets(pl.col("value"), condition)).item()
    )


@pytest.mark.parametrize(
    ("value", "pattern", "fits"),
    [
        ("7b/Sc", "7*/Sc", True),
        ("7B/SC", "7*/sc", True),
        ("17b/Sc", "7*/Sc", False),
        ("7b/Science", "7*/Sc", False),
        ("7b", "7?", True),
        ("7bc", "7?", False),
        ("a.b", "a.b", True),
        ("axb", "a.b", False),
        ("a\nb", "a*b", True),
        ("(x)[y]{z}|^$+\\", "(x)[y]{z}|^$+\\", True),
        ("", "", True),
        (None, "", True),
        (None, "?*", False),
    ],
)
def test_a_pattern_fits_the_whole_text_without_regard_to_case(value, pattern, fits):
    assert met(value, [pattern]) is fits


def test_one_of_several_patterns_is_enough_and_one_that_excludes_decides():
    assert met("b", ["a", "b"])
    assert not met("Clubs", ["*"], ["clubs"])
    assert not met("c", ["a", "b"])
    assert met("c", ["*"], ["a", "b"])


@given(st.text("ab.*?[]()", max_size=8), st.text("aAbB.*?[]()", max_size=5))
def test_it_agrees_with_a_plain_reading_of_patterns(value, pattern):
    plain = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    assert met(value, [pattern]) is bool(re.fullmatch(plain, value, re.IGNORECASE | re.DOTALL))
