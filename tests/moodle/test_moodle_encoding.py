"""The form that a call becomes, as PHP reads it."""

from decimal import Decimal
from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.moodle.encoding import count_fields, encode, flatten

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
scalars = texts | st.integers(-(2**40), 2**40) | st.booleans()
nested = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner), max_leaves=20
)


def test_rows_become_php_names():
    rows = [{"username": "kim", "customfields": [{"type": "house", "value": "North"}]}]
    assert list(flatten({"users": rows})) == [
        ("users[0][username]", "kim"),
        ("users[0][customfields][0][type]", "house"),
        ("users[0][customfields][0][value]", "North"),
    ]


@pytest.mark.parametrize(("given_value", "text"), [(True, "1"), (False, "0"), (0, "0"), (1.5, "1.5")])
def test_numbers_and_booleans(given_value, text):
    assert list(flatten({"a": given_value})) == [("a", text)]


def test_decimals_are_never_written_with_an_exponent():
    assert list(flatten({"grade": Decimal("1E-7")})) == [("grade", "0.0000001")]


def test_none_is_refused_because_a_key_left_out_means_something_else():
    with pytest.raises(TypeError, match=r"users\[0\]\[idnumber\] is NoneType"):
        encode({"users": [{"idnumber": None}]})


def test_bytes_are_refused_and_not_sent_number_by_number():
    with pytest.raises(TypeError, match="bytes"):
        encode({"name": b"abc"})


@given(st.dictionaries(st.sampled_from(["users", "field", "values"]), nested, max_size=3))
def test_what_is_encoded_is_what_a_server_reads(parameters):
    read = parse_qsl(encode(parameters), keep_blank_values=True, strict_parsing=False)
    assert read == list(flatten(parameters))


@given(nested)
def test_counting_tells_how_many_fields_are_sent(row):
    assert count_fields(row) == len(list(flatten({"rows": [row]})))


@given(texts)
def test_long_and_packed_texts_are_quoted_as_python_quotes_them(text):
    packed = '{"id":["' + text + '",1]}'
    assert encode({"a": packed}) == "a=" + quote_plus(packed)
