"""Batches stay inside the site's limits, and lanes never share a user."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matricula.moodle import Refused, count_fields, fit, fitting, lanes, too_large

rows = st.lists(
    st.fixed_dictionaries(
        {"userid": st.integers(1, 12), "courseid": st.integers(1, 5)},
        optional={"timestart": st.just(0), "roles": st.lists(st.integers(), max_size=4)},
    ),
    max_size=60,
)


def user(row):
    return row["userid"]


@given(rows, st.integers(8, 40), st.none() | st.integers(1, 9))
def test_batches_hold_every_row_in_order_and_stay_inside_both_limits(rows, limit, most):
    batches = fit(rows, limit, most=most)
    assert [row for batch in batches for row in batch] == rows
    for batch in batches:
        assert count_fields(batch) <= limit
        assert 0 < len(batch) <= (most or len(rows))


@given(rows, st.integers(8, 40))
def test_batches_are_filled_before_a_new_one_begins(rows, limit):
    batches = fit(rows, limit)
    for batch, following in pairwise(batches):
        assert count_fields(batch) + count_fields(following[0]) > limit


def test_a_row_that_can_never_arrive_whole_is_refused_with_the_setting_that_mends_it():
    with pytest.raises(Refused, match="max_input_vars"):
        fit([{"userid": 1}, {"values": list(range(30))}], 20)


@pytest.mark.parametrize(("limit", "most"), [(0, None), (10, 0)])
def test_limits_below_one_are_a_mistake_of_the_caller(limit, most):
    with pytest.raises(ValueError, match="at least 1"):
        fit([1], limit, most=most)


@given(rows, st.integers(8, 40), st.none() | st.integers(1, 9), st.integers(0, 5))
def test_what_fits_is_the_first_batch_of_the_rows_left(rows, limit, most, start):
    number = fitting(rows, limit, start=start, most=most)
    assert rows[start : start + number] == next(iter(fit(rows[start:], limit, most=most)), [])


def test_nothing_fits_where_the_first_row_is_too_large():
    assert fitting([{"values": list(range(30))}, {"userid": 1}], 20) == 0
    assert "30 form fields" in str(too_large({"values": list(range(30))}, 20))


@given(rows, st.integers(1, 5))
def test_no_user_is_in_two_lanes_and_nothing_is_lost(rows, count):
    divided = lanes(rows, user=user, count=count)
    owners = [{user(row) for row in lane} for lane in divided]
    assert sum(map(len, owners)) == len({user(row) for row in rows})
    for someone in range(1, 13):
        own = [row for lane in divided for row in lane if user(row) == someone]
        assert own == [row for row in rows if user(row) == someone]
    assert len(divided) <= count


@given(st.integers(1, 6), st.integers(0, 200))
def test_lanes_are_balanced(count, users):
    divided = lanes([{"userid": one} for one in range(users)], user=user, count=count)
    sizes = [len(lane) for lane in divided]
    assert max(sizes, default=0) - min(sizes, default=0) <= 1
    assert len(divided) == min(count, users)


def test_the_heaviest_users_are_placed_first_so_that_lanes_end_together():
    rows = [{"userid": one} for one in (1, 2, 3, 3)]
    divided = lanes(rows, user=user, count=2)
    assert sorted(len(lane) for lane in divided) == [2, 2]
