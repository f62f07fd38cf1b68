"""The three-way rule, field by field, on small gradebooks, and what holds of any."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transfer_book import CATEGORY, ITEM, School, acts, book, final, result

from matricula.roster.gradebook import KINDS
from matricula.sinks import Abilities

RESULT = "i1\tann"


@pytest.fixture
def school():
    """A school with a category, an item and a result that were sent and stand."""
    school = School(book([CATEGORY], [ITEM], [result("ann", 80.0)]))
    school.write(school.differ())
    return school


def stand(school, kind, **fields):
    """Somebody changes fields of all records of a kind in the school's system."""
    frame = school.standing.frames[kind]
    school.standing.frames[kind] = frame.with_columns(
        pl.lit(value, KINDS[kind][name]).alias(name) for name, value in fields.items()
    )


def test_a_second_transfer_has_nothing_to_do(school):
    assert acts(school.differ()) == []


@pytest.mark.parametrize(
    ("last", "wanted", "stands", "act", "conflict"),
    [
        (80.0, 80.0, 80.0, None, False),
        (80.0, 85.0, 80.0, "update", False),
        (80.0, 80.0, 85.0, None, True),
        (80.0, 85.0, 90.0, None, True),
        (80.0, 85.0, 85.0, "match", False),
        (0.0, None, 0.0, "update", False),
        (None, 0.0, None, "update", False),
        (80.0, 80.0, None, None, True),
    ],
)
def test_the_three_way_rule(last, wanted, stands, act, conflict):
    school = School(book([CATEGORY], [ITEM], [result("ann", last)]))
    school.write(school.differ())
    school.wanted = book([CATEGORY], [ITEM], [result("ann", wanted)])
    stand(school, "result", score=stands, status="not submitted" if stands is None else "fully graded")
    difference = school.differ()
    assert acts(difference) == ([("result", act, RESULT)] if act else [])
    assert difference.conflicts["key"].to_list() == ([RESULT] if conflict else [])


def test_zero_none_and_excused_are_three_things():
    every = {"zero": (0.0, "fully graded"), "none": (None, "not submitted"), "excused": (None, "exempt")}
    rows = [result(name, score, status=status) for name, (score, status) in every.items()]
    school = School(book([CATEGORY], [ITEM], rows))
    school.write(school.differ())
    stood = {row["student"]: (row["score"], row["status"]) for row in school.standing.frames["result"].to_dicts()}
    assert stood == every
    assert acts(school.differ()) == []


def test_what_nothing_is_said_of_is_nobodys_business(school):
    stand(school, "line-item", description="by the teacher")
    stand(school, "result", comment="well done")
    assert acts(school.differ()) == []
    assert school.differ().conflicts.is_empty()
    school.wanted = book([CATEGORY], [ITEM], [result("ann", 85.0)])
    school.write(school.differ())
    assert school.standing.frames["result"]["comment"].to_list() == ["well done"], "and it stays when others are sent"
    assert acts(school.differ()) == []


def test_when_something_was_graded_makes_no_difference_by_itself(school):
    rows = [result("ann", 80.0, scored=None)]
    school.wanted = book([CATEGORY], [ITEM], rows)
    stand(school, "result", scored=None)
    assert acts(school.differ()) == []


def test_an_item_in_conflict_keeps_nobody_from_its_results(school):
    stand(school, "line-item", title="Renamed by hand")
    school.wanted = book([CATEGORY], [ITEM], [result("ann", 85.0)])
    difference = school.differ()
    assert difference.conflicts["kind"].to_list() == ["line-item"]
    assert acts(difference) == [("result", "update", RESULT)]


def test_results_of_an_item_that_was_deleted_there_wait_with_it(school):
    school.standing.frames["line-item"] = school.standing.frames["line-item"].clear()
    school.standing.frames["result"] = school.standing.frames["result"].clear()
    difference = school.differ()
    assert acts(difference) == []
    assert difference.conflicts.select("kind", "theirs").rows() == [("line-item", '{"gone":true}')]
    school.decisions = difference.conflicts.select("kind", "key", pl.lit("send").alias("state"), "ours", "theirs")
    assert [act for _, act, _ in acts(school.differ())][:1] == ["create"]


def test_an_unknown_category_of_the_same_title_is_met_and_its_weight_is_in_dispute():
    school = School(book([CATEGORY], [ITEM], [result("ann", 80.0)]))
    school.standing = book([CATEGORY | {"key": "77", "id": "77", "weight": 30.0}], [], [])
    difference = school.differ()
    assert acts(difference)[0] == ("grade-category", "note", "c1"), "items go into it all the same"
    assert difference.conflicts.select("key", "ours", "theirs").rows() == [("c1", '{"weight":40.0}', '{"weight":30.0}')]
    school.write(difference)
    assert school.standing.frames["grade-category"]["weight"].to_list() == [30.0]
    again = school.differ()
    assert (acts(again), again.conflicts.height) == ([], 1)


def test_the_schools_own_item_is_filled_in_and_never_altered():
    school = School(book([CATEGORY], [ITEM], [result("ann", 80.0)]), adopted=[("i1", "9")])
    own = ITEM | {"key": "9", "id": "9", "title": "Their essay", "maximum": 50.0, "category": None}
    school.standing = book([], [own], [])
    school.write(school.differ())
    assert school.standing.frames["line-item"]["title"].to_list() == ["Their essay"]
    school.adopted = []
    assert acts(school.differ()) == []
    assert school.differ().conflicts.is_empty()


@pytest.mark.parametrize("stands", [80.0, 90.0])
def test_what_is_gone_is_taken_away_unless_somebody_changed_it(school, stands):
    school.wanted, school.gone = book([CATEGORY], [ITEM], []), [("result", RESULT)]
    assert acts(school.differ()) == [], "left by default"
    stand(school, "result", score=stands)
    difference = school.differ(removes=True)
    if stands == 80.0:
        assert acts(difference) == [("result", "remove", RESULT)]
        assert difference.changes["removes"].to_list() == [True]
    else:
        assert acts(difference) == []
        assert difference.conflicts.select("ours", "theirs").rows() == [
            ('{"gone":true}', '{"status":"fully graded","score":90.0}')
        ]


def test_an_item_is_not_taken_away_with_somebody_elses_results_in_it(school):
    theirs = result("eve", 5.0) | {"id": "theirs", "key": "theirs"}
    school.standing.frames["result"] = pl.concat(
        [school.standing.frames["result"], book([], [], [theirs]).frames["result"]]
    )
    school.wanted, school.gone = book([CATEGORY], [], []), [("line-item", "i1"), ("result", RESULT)]
    assert acts(school.differ(removes=True)) == [("result", "remove", RESULT)]


def test_what_is_neither_wanted_nor_gone_is_left_alone(school):
    school.wanted = book([], [], [])
    assert acts(school.differ(removes=True)) == []
    assert school.differ().sent == 1


def test_a_sink_that_cannot_tell_is_taken_to_hold_what_was_sent(school):
    school.standing = book([], [], [])
    assert acts(school.differ(readable=False)) == []
    school.wanted = book([CATEGORY], [ITEM], [result("ann", 85.0)])
    assert acts(school.differ(readable=False)) == [("result", "update", RESULT)]


def test_what_a_sink_has_no_place_for_is_not_sent_again_and_again():
    able = Abilities(frozenset({"line-item", "result"}), weights=False, comments=False, decimals=1)
    school = School(book([CATEGORY], [ITEM], [result("ann", 80.06, comment="no")], [final("ann", 80.0)]))
    difference = school.differ(able=able)
    assert [kind for kind, _, _ in acts(difference)] == ["line-item", "result"]
    school.write(difference)
    assert acts(school.differ(able=able)) == []


def test_another_sinks_records_are_not_this_ones(school):
    school.standing = book([], [], [])
    for kind, ledger in school.ledger.items():
        school.ledger[kind] = ledger.with_columns(pl.col("written").str.replace('"sink":"sis"', '"sink":"old"'))
    assert [act for _, act, _ in acts(school.differ())] == ["create"] * 3


_SCORES = st.sampled_from([None, 0.0, 50.0, 100.0])


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(_SCORES, _SCORES, _SCORES), min_size=1, max_size=6), st.sampled_from(["send", "keep", None]))
def test_nothing_of_theirs_is_written_over_unless_somebody_said_so(rows, decision):
    """Whatever was sent, should stand and stands: a score that a person set stays, and all else is as it should be."""
    names = [f"s{number}" for number in range(len(rows))]
    school = School(book([CATEGORY], [ITEM], [result(n, last) for n, (last, _, _) in zip(names, rows, strict=True)]))
    school.write(school.differ())
    school.wanted = book([CATEGORY], [ITEM], [result(n, ours) for n, (_, ours, _) in zip(names, rows, strict=True)])
    theirs = dict(zip(names, (now for _, _, now in rows), strict=True))
    frame = school.standing.frames["result"].with_columns(
        score=pl.col("student").replace_strict(theirs, return_dtype=pl.Float64)
    )
    school.standing.frames["result"] = frame.with_columns(
        status=pl.when(pl.col("score").is_null()).then(pl.lit("not submitted")).otherwise(pl.lit("fully graded"))
    )
    if decision:
        found = school.differ().conflicts
        school.decisions = found.select("kind", "key", pl.lit(decision).alias("state"), "ours", "theirs")
    school.write(school.differ())
    stood = {row["student"]: row["score"] for row in school.standing.frames["result"].to_dicts()}
    for name, (last, ours, now) in zip(names, rows, strict=True):
        kept = now != last and ours != now and decision != "send"
        assert stood[name] == (now if kept else ours)
    assert acts(school.differ()) == []
