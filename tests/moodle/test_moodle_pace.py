"""How fast a site is written to: never too much, never nothing, and back to full speed when it is well."""

import threading
from itertools import pairwise

import pytest
from hostile import refusal, value
from hypothesis import given
from hypothesis import strategies as st

from matricula.moodle import Refused
from matricula.moodle.pace import GOOD_IN_A_ROW, SLOW, Pace, Speed

WRITE = "enrol_manual_enrol_users"
seen = st.lists(
    st.tuples(st.sampled_from(["good", "strained", "silent"]), st.floats(0, 300), st.integers(1, 300), st.booleans()),
    max_size=120,
)


def play(speed: Speed, events: list[tuple[str, float, int, bool]]) -> None:
    for what, seconds, rows, stale in events:
        began = speed.setbacks - stale
        if what == "good":
            speed.answered(WRITE, rows, seconds, began)
        else:
            speed.strained(began, WRITE if what == "silent" else "")


def well(speed: Speed, times: int, seconds: float = 0.3) -> None:
    for _ in range(times):
        speed.answered(WRITE, speed.rows(WRITE, 300), seconds, speed.setbacks)


@given(st.integers(1, 16), st.integers(1, 300), seen)
def test_whatever_is_seen_something_may_be_sent_and_never_too_much(callers, most, events):
    speed = Speed(callers)
    for event in events:
        play(speed, [event])
        assert 1 <= speed.callers <= callers
        assert 1 <= speed.rows(WRITE, most) <= most


@given(st.integers(1, 16), seen)
def test_after_any_trouble_good_answers_bring_full_speed_back(callers, events):
    speed = Speed(callers)
    play(speed, events)
    well(speed, 40 + GOOD_IN_A_ROW * callers)
    assert (speed.callers, speed.rows(WRITE, 300)) == (callers, 300)


@given(st.integers(1, 16), st.floats(0, SLOW), st.lists(st.integers(1, 300), max_size=60))
def test_a_site_that_takes_equally_long_each_time_is_left_at_full_speed(callers, seconds, sizes):
    speed = Speed(callers)
    for rows in sizes:
        speed.answered(WRITE, rows, seconds, speed.setbacks)
    assert (speed.callers, speed.rows(WRITE, 300), speed.setbacks) == (callers, 300, 0)


def test_trouble_halves_and_good_answers_add():
    speed = Speed(8)
    speed.strained(0, WRITE)
    assert (speed.callers, speed.rows(WRITE, 200), speed.rows("another", 200)) == (4, 100, 200)
    grown = []
    for _ in range(4):
        well(speed, 1)
        grown.append(speed.rows(WRITE, 200))
    assert grown == [125, 150, 175, 200]
    assert speed.callers == 5


def test_calls_that_were_under_way_together_slow_it_once():
    speed = Speed(8)
    for _ in range(4):
        speed.strained(0)
    assert speed.callers == 4
    speed.answered(WRITE, 300, 0.1, 0)  # begun before: no sign that it is well again
    assert speed.callers == 4
    speed.strained(speed.setbacks)
    assert speed.callers == 2


def test_a_call_that_takes_too_long_is_made_smaller_until_it_does_not():
    speed = Speed(2)
    sizes = []
    for _ in range(12):
        rows = speed.rows(WRITE, 300)
        sizes.append(rows)
        speed.answered(WRITE, rows, rows * 0.1, speed.setbacks)
    assert sizes[0] == 300
    assert all(rows * 0.1 <= SLOW for rows in sizes[4:])
    assert all(after <= before for before, after in pairwise(sizes))
    assert speed.callers == 2


def test_where_small_calls_take_as_long_as_large_ones_they_stay_large():
    speed = Speed(2)
    sizes = []
    for _ in range(6):
        sizes.append(speed.rows(WRITE, 300))
        speed.answered(WRITE, sizes[-1], 12, speed.setbacks)
    assert sizes == [300, 150, 300, 300, 300, 300]


def test_a_site_that_labours_gets_fewer_calls_at_once():
    speed = Speed(8)
    well(speed, 5)
    speed.answered(WRITE, 200, 4.0, speed.setbacks)
    assert speed.callers == 4
    well(speed, 4)
    assert speed.callers == 5


def test_a_turn_waits_until_another_one_ends():
    pace, order = Pace(2), []
    pace.strained()
    inside, let_go = threading.Event(), threading.Event()

    def first():
        with pace.turn():
            order.append("first")
            inside.set()
            let_go.wait(10)
            order.append("out")

    def second():
        with pace.turn():
            order.append("second")

    threads = [threading.Thread(target=first), threading.Thread(target=second)]
    threads[0].start()
    assert inside.wait(10)
    threads[1].start()
    threads[1].join(0.1)
    let_go.set()
    for thread in threads:
        thread.join(10)
    assert order == ["first", "out", "second"]


def test_a_deadlock_that_the_client_repeated_slows_it_and_a_wrong_value_does_not(server, moodle):
    server.replies = [refusal("dmlwriteexception"), value(None)]
    moodle.write(WRITE, {})
    slowed = moodle.pace.callers
    server.replies = [refusal("dmlwriteexception")]
    with pytest.raises(Refused):
        moodle.write(WRITE, {})
    assert (slowed, moodle.pace.callers) == (moodle.callers // 2, slowed)
