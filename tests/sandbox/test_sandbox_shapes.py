"""Parameter descriptions: what is accepted, what refuses the call."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.sandbox.cleaning import clean_text, strip_tags
from matricula.sandbox.refusals import Refusal
from matricula.sandbox.shapes import compile_shape

SHAPE = compile_shape("rows: [{id: int, name: text?, role: int=5, tags: [alpha]=[], deep: {on: bool}?}]")


def row(**fields):
    return {"rows": {"0": fields}}


def test_defaults_are_filled_and_optional_keys_stay_away():
    assert SHAPE(row(id="7")) == {"rows": [{"id": 7, "role": 5, "tags": []}]}


def test_values_become_typed():
    given_row = row(id="-3", name="x", tags={"0": "a", "1": "b"}, deep={"on": "1"})
    assert SHAPE(given_row)["rows"][0] == {
        "id": -3, "name": "x", "role": 5, "tags": ["a", "b"], "deep": {"on": True},
    }  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"rows": "text"},
        row(),
        row(id=""),
        row(id="1.0"),
        row(id="01"),
        row(id=" 1"),
        row(id={"0": "1"}),
        row(id="1", extra="x"),
        row(id="1", name="<b>x</b>"),
        row(id="1", name="a\0b"),
        row(id="1", name="caf\udce9"),
        row(id="1", tags="x"),
        row(id="1", tags={"0": "a1"}),
        row(id="1", deep={"on": "yes"}),
        row(id="1") | {"more": "x"},
    ],
)
def test_anything_else_refuses_the_call(wrong):
    with pytest.raises(Refusal) as refusal:
        SHAPE(wrong)
    assert refusal.value.code == "invalidparameter"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("username", ["a.b_c-d@e1"], ["A", "a b", "é", " a"]),
        ("notags", ["a & b", "a < b"], ["a <b", "<"]),
        ("text", ['<span lang="en" class="multilang">x</span>'], ["<span>x</span>", "<i>x</i>"]),
        ("float", ["1", "-1.5", ".5", "1e3"], ["", "x", "1,5", "."]),
        ("alphanumext", ["a-B_1", ""], ["a b", "é"]),
        ("plugin", ["topics", "single2"], ["Topics", "ab__c", "a_"]),
        ("lang", ["en", ""], ["de", "EN"]),
        ("auth", ["manual", "oauth2"], ["telepathy"]),
        ("timezone", ["99", "Pacific/Auckland"], ["Mars!"]),
        ("raw_trimmed", ["a b"], [" a", "a\n"]),
    ],
)
def test_each_type_takes_what_moodle_takes(kind, good, bad):
    shape = compile_shape(f"v: {kind}")
    for text in good:
        shape({"v": text})
    for text in bad:
        with pytest.raises(Refusal):
            shape({"v": text})


@given(st.text(alphabet="ab <>\"'/", max_size=30))
def test_stripping_tags_twice_changes_nothing_more(text):
    once = strip_tags(text)
    assert strip_tags(once) == once or "<" in once
    assert clean_text(text) == text or len(clean_text(text)) < len(text)
