"""Which item of Moodle is which that the school's system has already."""

import polars as pl
import pytest
from grade_frames import codes, learnt, standing, wanted
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.grades.matching import bind
from matricula.grades.wanted import GONE, NAMES, Wanted
from matricula.profiles.documents.grades import GradeRules
from matricula.roster.gradebook import LINE_ITEMS, Gradebook


def items(*given_rows):
    return wanted(learnt(items=[{"item": number} | row for number, row in enumerate(given_rows, 1)], grades=[]))


def quick_items(*given_rows):
    """The same without all the rest."""
    usual = {"class": "c1", "minimum": 0.0, "maximum": 100.0}
    rows = [
        usual | {"key": f"i{number}\tc1", "description": row.pop("name", "Essay")} | row
        for number, row in enumerate(map(dict, given_rows), 1)
    ]
    frame = pl.DataFrame(rows, schema=LINE_ITEMS, orient="row")
    names = pl.DataFrame(schema=NAMES)
    return Wanted(Gradebook({"line-item": frame}), names, pl.DataFrame(schema=GONE))


def bound(ours, theirs, *match, before=None):
    found = bind(ours, theirs, before or {}, GradeRules(match=match))
    return {key.partition("\t")[0]: value for key, value in found.ids.items()}, codes(found)


def test_by_default_items_are_new():
    assert bound(items({}), standing({"description": "Essay"})) == ({}, [])


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        ({"description": "Essay"}, True),
        ({"description": " Essay "}, True),
        ({"title": "Essay"}, True),
        ({"description": "essay"}, False),
        ({"description": "Essay 1"}, False),
        ({"title": "Essay", "description": "About Kafka"}, False),
        ({"description": "Essay", "class": "c2"}, False),
    ],
)
def test_by_exact_description(theirs, found):
    assert bound(items({}), standing(theirs), "description") == ({"i1": "s1"} if found else {}, [])


@pytest.mark.parametrize(
    ("theirs", "exact", "maximum", "first"),
    [
        ({}, True, True, True),
        ({"minimum": None}, True, True, True),
        ({"minimum": 10.0}, False, True, True),
        ({"maximum": 50.0}, False, False, True),
        ({"maximum": None}, False, False, True),
        ({"class": "c2"}, False, False, False),
    ],
)
def test_by_marking_range(theirs, exact, maximum, first):
    for way, found in (("range-exact", exact), ("range-maximum", maximum), ("range-first", first)):
        assert bound(items({}), standing(theirs), way) == ({"i1": "s1"} if found else {}, [])


def test_ways_are_tried_in_their_order():
    theirs = standing({"description": "Essay", "maximum": 5.0}, {})
    assert bound(items({}), theirs, "description", "range-exact")[0] == {"i1": "s1"}
    assert bound(items({}), theirs, "range-exact", "description")[0] == {"i1": "s2"}
    assert bound(items({}, {"name": "Test"}), theirs, "description", "range-first")[0] == {"i1": "s1", "i2": "s2"}


def test_what_was_bound_stays_and_is_nobody_elses():
    theirs = standing({"description": "Essay"})
    assert bound(items({"name": "Test"}, {}), theirs, "description", before={"i1\tc1": "s1"}) == ({"i1": "s1"}, [])
    assert bound(items({}), standing(), "description", before={"i1\tc1": "lost"}) == ({"i1": "lost"}, [])


def test_an_item_that_keeps_our_key_is_ours():
    assert bound(items({}, {"name": "Test"}), standing({"key": "i2\tc1"})) == ({"i2": "s1"}, [])


def test_two_of_moodle_never_share_one():
    ours = items({}, {"kind": "manual", "module": ""})
    assert bound(ours, standing({"description": "Essay"}), "description") == (
        {"i1": "s1"},
        ["grade-item-match-contested"],
    )


def test_of_several_in_the_school_the_first_is_taken():
    theirs = standing({"description": "Essay", "id": "s10"}, {"description": "Essay", "id": "s9"})
    assert bound(items({}), theirs, "description") == ({"i1": "s9"}, ["grade-item-match-several"])


def test_how_an_item_was_bound_is_told():
    found = bind(items({}), standing({}), {}, GradeRules(match=("description", "range-exact")))
    assert found.new.rows() == [("i1\tc1", "s1", "range-exact")]


SMALL = st.fixed_dictionaries({"maximum": st.sampled_from([10.0, 20.0]), "minimum": st.sampled_from([0.0, 1.0])})
WAYS = st.permutations(["description", "range-exact", "range-maximum", "range-first"])


@settings(max_examples=50, deadline=None)
@given(
    st.lists(SMALL | st.just({"name": "Test"}), max_size=5),
    st.lists(SMALL | st.just({"description": "Test"}), max_size=5),
    WAYS,
    st.integers(0, 4),
    st.randoms(),
)
def test_one_to_one_whatever_the_order(ours, theirs, ways, number, random):
    made, there = quick_items(*ours), standing(*theirs)
    rules = GradeRules(match=ways[:number])
    one = bind(made, there, {}, rules)
    assert len(set(one.ids.values())) == len(one.ids)
    frames = {
        name: frame.sample(fraction=1, shuffle=True, seed=random.randrange(99)) for name, frame in there.frames.items()
    }
    other = bind(made, Gradebook(frames), {}, rules)
    assert (other.ids, other.findings) == (one.ids, one.findings)
    again = bind(made, there, one.ids, rules)
    assert dict(again.ids) == dict(one.ids)
    if "range-first" in rules.match:
        assert len(one.ids) == min(len(ours), len(theirs))
