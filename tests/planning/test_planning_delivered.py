"""When a delivery waits because it is less complete than the last one that went through."""

from datetime import date

import polars as pl
import pytest
from rosters import people, roster

from matricula.planning.delivered import incomplete
from matricula.profiles.documents import Limits
from matricula.roster.shape import TableShape, as_known, as_told, shape_of

TODAY = date(2026, 9, 1)
UUID = "0a1b2c3d-0000-4000-8000-{:012d}"


def table(rows=100, keys="number", length=5, **filled):
    return TableShape(rows, filled, keys, length)


def held(old, new, name="users", **limits):
    return [(hold.code, hold.words) for hold in incomplete({name: old}, {name: new}, Limits(**limits), TODAY)]


@pytest.mark.parametrize(
    ("before", "now", "stops"),
    [(100, 67, False), (100, 66, True), (30, 20, True), (9, 1, False), (10, 6, True), (10, 7, False), (50, 90, False)],
)
def test_a_table_down_by_a_third_waits(before, now, stops):
    assert held(table(before), table(now)) == ([("rows-down", f"{before - now} fewer users")] if stops else [])


@pytest.mark.parametrize("rows", [1, 9, 1000])
def test_a_table_that_is_empty_waits_however_small_it_was(rows):
    assert held(table(rows), table(0), "academicSessions") == [("empty-delivery", "no academicSessions")]
    assert held(table(0), table(0)) == []


@pytest.mark.parametrize(
    ("before", "now", "stops"),
    [(1, 0, True), (0.5, 0, True), (0.49, 0, False), (1, 0.019, True), (1, 0.02, False), (0.6, 0.3, False)],
)
def test_a_column_that_was_filled_and_is_blank_waits(before, now, stops):
    found = held(table(email=before), table(email=now))
    assert found == ([("column-blank", "blank 1 column of users")] if stops else [])


def test_columns_are_named_and_small_tables_left_alone():
    old = table(email=0.98, grades=0.7, username=1, phone=0.1)
    (reason,) = incomplete({"users": old}, {"users": table(username=1)}, Limits(), TODAY)
    assert reason.words == "blank 2 columns of users"
    assert "email (98% were filled), grades (70% were filled)" in reason.message
    assert held(table(9, email=1), table(9)) == []


@pytest.mark.parametrize(
    ("old", "new", "stops"),
    [
        (("number", 5), ("uuid", 36), True),
        (("A-9", 7), ("number", 7), True),
        (("number", 4), ("number", 11), True),
        (("number", 4), ("number", 5), False),
        (("", 5), ("uuid", 36), False),
        (("uuid", 36), ("", 5), False),
        (("uuid", 36), ("uuid", 36), False),
    ],
)
def test_keys_of_another_kind_wait(old, new, stops):
    found = held(table(100, *old), table(100, *new), "classes")
    assert found == ([("key-type-changed", "other keys of classes")] if stops else [])


def test_a_years_rollover_lets_as_many_rows_go_as_it_lets_records():
    rollover = {"start": "2026-08-15", "end": "2026-09-15", "share": 0.6}
    assert held(table(100), table(40), rollover=rollover) == []
    assert held(table(100), table(39), rollover=rollover) == [("rows-down", "61 fewer users")]
    assert held(table(100), table(40), rollover=rollover | {"start": "2026-09-02"}) == [("rows-down", "60 fewer users")]
    assert held(table(100, email=1), table(100), rollover=rollover) != [], "a blank column is none of a new year's"


def shape(*keys, **changes):
    made = people(*({"sourcedId": key, **changes} for key in keys))
    return shape_of(roster(**made))["users"]


@pytest.mark.parametrize(
    ("keys", "kind"),
    [
        ([str(n) for n in range(1000, 1020)], "number"),
        ([UUID.format(n) for n in range(20)], "uuid"),
        ([UUID.format(n).replace("-", "").upper() for n in range(20)], "uuid"),
        ([f"stu-{n:05d}" for n in range(20)], "A-9"),
        ([f"stu-{n}" if n % 2 else f"t{n}" for n in range(20)], ""),
        ([f"stu-{n}" if n > 1 else f"{n}" for n in range(20)], "A-9"),
        ([f"lehrer.müller{n}" for n in range(20)], "A.A9"),
        ([], ""),
    ],
)
def test_the_kind_of_keys_is_that_of_nearly_all(keys, kind):
    assert shape(*keys).keys == kind


def test_a_shape_tells_the_share_of_filled_cells_and_nothing_of_a_person():
    made = people(*({"sourcedId": f"s{n}", "email": f"p{n}@x.example" if n < 3 else None} for n in range(4)))
    told = as_told(shape_of(roster(**made)))
    assert told["users"]["filled"]["email"] == 0.75
    assert "phone" not in told["users"]["filled"]
    assert "p1@x.example" not in str(told)
    assert as_known(told) == shape_of(roster(**made))
    assert told["orgs"]["rows"] == 1


def test_extension_columns_are_looked_at_too():
    whole = roster(**people(*[{}] * 12))
    house = whole.users.with_columns(pl.lit("Oak").alias("metadata.house"))
    before = shape_of(type(whole)(**{**whole.__dict__, "users": house}))
    (reason,) = incomplete(before, shape_of(whole), Limits(), TODAY)
    assert "metadata.house" in reason.message
