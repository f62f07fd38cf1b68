"""When a plan waits because it empties single courses or categories of a big school."""

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest
from desk import Desk
from hypothesis import given
from hypothesis import strategies as st
from rosters import people, roster

from matricula.planning.change import changes_frame
from matricula.planning.emptied import Stock, emptied, stock_of
from matricula.profiles.documents import Limits

TODAY = date(2026, 9, 1)
#: English and maths stand in the faculty, art and music in its house; sport stands beside them.
PLACES = {"english": "faculty", "maths": "faculty", "art": "house", "music": "house", "sport": "hall"}
PARENTS = {"faculty": "", "house": "faculty", "hall": ""}


def stock(size=20, **sizes):
    rows = [(course, course.title(), place) for course, place in PLACES.items()]
    return Stock(
        enrolments=pl.DataFrame(
            {"key": [f"u{n}\t{course}" for course in PLACES for n in range(sizes.get(course, size))]}
        ),
        courses=pl.DataFrame(rows, schema=["key", "name", "category"], orient="row"),
        categories=pl.DataFrame(
            [(key, key.title(), parent) for key, parent in PARENTS.items()],
            schema=["key", "name", "parent"],
            orient="row",
        ),
    )


def held(lost, leaving=(), was=None, action="suspend", **limits):
    """Reasons to hold a plan that takes so many enrolments of each course and hides some courses."""
    rows = [{"kind": "course", "action": "hide", "key": course, "removes": True} for course in leaving]
    rows += [
        {"kind": "enrolment", "action": action, "key": f"u{n}\t{course}", "removes": True}
        for course, number in lost.items()
        for n in range(number)
    ]
    staying = pl.Series([course for course in PLACES if course not in leaving])
    return emptied(changes_frame(rows), staying, was or stock(), Limits(**limits), TODAY)


def words(*arguments, **named):
    return [hold.words for hold in held(*arguments, **named)]


@pytest.mark.parametrize(
    ("lost", "of", "stops"),
    [(10, 20, False), (11, 20, True), (20, 20, True), (3, 6, False), (4, 6, True), (5, 5, False), (0, 20, False)],
)
def test_more_than_half_of_at_least_six_in_one_course_waits(lost, of, stops):
    assert (words({"sport": lost}, was=stock(100, sport=of)) == ["empty 1 course"]) is stops


@pytest.mark.parametrize("action", ["suspend", "unenrol", "remove"])
def test_every_way_of_removal_counts(action):
    assert words({"english": 20}, action=action) == ["empty 1 course"]


def test_a_role_taken_from_everybody_in_a_course_counts_and_with_the_suspension_only_once():
    rows = [
        {"kind": "enrolment", "action": "suspend", "key": f"u{n}\tenglish", "removes": True}
        | {"before": '{"role":"student","suspended":false}', "after": '{"suspended":true,"role":""}'}
        for n in range(10)
    ]
    staying = pl.Series(list(PLACES))
    assert emptied(changes_frame(rows), staying, stock(), Limits(), TODAY) == []
    other = [row | {"action": "update", "removes": False, "after": '{"role":"teacher"}'} for row in rows]
    more = [*other, other[0] | {"key": "u11\tenglish"}]
    assert emptied(changes_frame(other), staying, stock(), Limits(), TODAY) == []
    assert [hold.words for hold in emptied(changes_frame(more), staying, stock(), Limits(), TODAY)] == [
        "empty 1 course"
    ]


def test_the_message_names_courses_with_numbers():
    (reason, *_) = held({"english": 18, "maths": 20, "art": 20, "music": 11, "sport": 2})
    assert reason.code == "course-emptied"
    assert reason.words == "empty 4 courses"
    assert "Art (20 of 20), English (18 of 20), Maths (20 of 20), Music (11 of 20);" in reason.message
    many = {f"c{n}": 20 for n in range(8)}
    was = Stock(
        enrolments=pl.DataFrame({"key": [f"u{n}\t{course}" for course in many for n in range(20)]}),
        courses=pl.DataFrame({"key": list(many), "name": list(many), "category": ["k"] * 8}),
        categories=pl.DataFrame({"key": ["k"], "name": ["K"], "parent": [""]}),
    )
    rows = [{"kind": "enrolment", "action": "suspend", "key": key, "removes": True} for key in was.enrolments["key"]]
    (reason,) = emptied(changes_frame(rows), pl.Series(list(many)), was, Limits(), TODAY)
    assert "c4 (20 of 20) and 3 more;" in reason.message


def test_a_course_that_leaves_with_its_class_is_not_emptied():
    assert words({"sport": 20}, leaving=["sport"], in_category={"floor": 2}) == []
    assert words({"sport": 20}) == ["empty 1 course"]


def test_a_category_counts_all_below_it_and_the_topmost_is_named():
    (reason,) = held({}, leaving=["english", "maths", "art"], in_category={"floor": 4})
    assert (reason.code, reason.words) == ("category-emptied", "empty 1 category")
    assert "Faculty (3 of 4 courses)" in reason.message
    (reason,) = held({}, leaving=["art", "music"], in_category={"floor": 2})
    assert "House (2 of 2 courses)" in reason.message
    (reason,) = held({}, leaving=["art", "music", "maths"], in_category={"floor": 2})
    assert "Faculty (3 of 4 courses);" in reason.message


def test_many_small_courses_that_are_emptied_are_noticed_in_their_category():
    (reason,) = held({"english": 4, "maths": 4, "art": 3, "music": 3}, was=stock(4))
    assert reason.words == "empty 1 category"
    assert "Faculty (14 of 16 enrolments)" in reason.message
    both = held({"english": 4, "maths": 4, "art": 3, "sport": 18}, was=stock(4, sport=20))
    assert [hold.words for hold in both] == ["empty 1 course", "empty 1 category"]
    assert "Hall" not in both[1].message
    assert words({"english": 4, "maths": 4}, was=stock(4)) == []


def test_what_is_all_there_is_belongs_to_the_limits_of_the_kind():
    assert words({}, leaving=[*PLACES], in_category={"floor": 1}) == ["empty 2 categories"]
    one = Stock(stock().enrolments, stock().courses.with_columns(category=pl.lit("hall")), stock().categories)
    assert words({}, leaving=[*PLACES], was=one, in_category={"floor": 2}) == []


def test_a_years_rollover_widens_both():
    rollover = {"start": "2026-08-15", "end": "2026-09-15", "share": 0.9}
    lost = {"english": 18, "sport": 18}
    assert words(lost, rollover=rollover) == []
    assert words({"english": 19}, rollover=rollover) == ["empty 1 course"]
    assert words(lost, rollover=rollover | {"end": "2026-08-31"}) == ["empty 2 courses"]
    assert words(lost, rollover=rollover, in_course={"absolute": 3}) == []
    assert words({"english": 10}, rollover=rollover | {"share": 0.1}) == [], "it never narrows"


def test_the_stock_holds_what_is_in_use_and_may_be_taken_away():
    schema = {"key": pl.String, "origin": pl.String, "written": pl.String, "removed": pl.Boolean}
    rows = {
        "enrolment": [
            ("u1\tc1", "made", "{}", False),
            ("u2\tc1", "made", "{}", True),
            ("u3\tc1", "matched", "{}", False),
        ],
        "course": [
            ("c1", "matched", '{"fullname":"Art","category":"house"}', False),
            ("c2", "made", '{"fullname":"Old","category":"archive"}', True),
        ],
        "category": [("house", "made", '{"name":"House","parent":"top"}', False)],
    }
    ledgers = {kind: pl.DataFrame(some, schema=schema, orient="row") for kind, some in rows.items()}
    found = stock_of(SimpleNamespace(ledger=ledgers.__getitem__))
    assert found.enrolments.rows() == [("u1\tc1",)]
    assert found.courses.rows() == [("c1", "Art", "house")]
    assert found.categories.rows() == [("house", "House", "top")]


@given(st.dictionaries(st.sampled_from(list(PLACES)), st.integers(0, 20)), st.floats(0, 1), st.integers(0, 25))
def test_a_course_is_named_where_it_loses_more_than_its_share(lost, share, floor):
    named = [hold.message for hold in held(lost, in_course={"share": share, "floor": floor}) if "course" in hold.words]
    over = [course.title() for course, number in lost.items() if number > round(share * 20, 6) and floor <= 20]
    assert all(course in named[0] for course in over) if over else named == []


def test_one_emptied_course_of_a_big_school_is_noticed(desk: Desk):
    classes = [{"sourcedId": f"c{n}", "title": f"Class {n}", "classCode": f"C{n}"} for n in range(1, 16)]
    places = [
        {"sourcedId": f"e{c}-{u}", "classSourcedId": f"c{c}", "userSourcedId": f"u{u}"}
        for c in range(1, 16)
        for u in range(1, 9)
    ]

    def some(keep, classes=classes):
        kept = {row["sourcedId"] for row in classes}
        rows = [row for row in places if keep(row) and row["classSourcedId"] in kept]
        return roster(**people(*[{}] * 8), classes=classes, enrollments=rows)

    desk.run(some(lambda _: True))
    (reason,) = desk.plan(some(lambda row: row["classSourcedId"] != "c3")).held
    assert reason.code == "course-emptied"
    assert "Class 3 (8 of 8)" in reason.message
    assert not desk.plan(some(lambda row: row["classSourcedId"] != "c3" or row["userSourcedId"] > "u4")).held
    assert not desk.plan(some(lambda _: True, [row for row in classes if row["sourcedId"] != "c3"])).held
