"""When a plan waits for a person."""

from datetime import date

import polars as pl
import pytest
from desk import Desk
from rosters import EVERYTHING, people, roster, wanted

from matricula.planning import count_of, release_words
from matricula.planning.change import changes_frame
from matricula.planning.limits import holds
from matricula.profiles.documents import Limits
from matricula.profiles.documents.limits import REMOVALS

TODAY = date(2026, 9, 1)


def held(number, of, *, kind="user", action="", matched=0, **limits):
    """Reasons to hold a plan that removes `number` of `of` records, `matched` of which it meets for the first time."""
    action = action or REMOVALS[kind][0]
    rows = [{"kind": kind, "key": str(n), "action": action, "removes": True} for n in range(number)]
    rows += [{"kind": kind, "key": f"m{n}", "action": "match", "removes": False} for n in range(matched)]
    return holds(changes_frame(rows), wanted(), {kind: of - matched}, Limits(**limits), TODAY)


@pytest.mark.parametrize(
    ("number", "of", "stops"),
    [
        (10, 100, False),
        (11, 100, True),
        (1, 10, False),
        (2, 10, True),
        (3, 30, False),
        (9, 9, False),
        (0, 100, False),
    ],
)
def test_more_than_a_tenth_of_at_least_ten_waits(number, of, stops):
    assert bool(held(number, of)) is stops


@pytest.mark.parametrize("share", [n / 100 for n in range(1, 100)])
def test_a_share_is_met_exactly(share):
    number = round(share * 100)
    assert not held(number, 100, share=share)
    assert held(number + 1, 100, share=share)


def test_the_profile_sets_share_and_floor():
    assert not held(50, 100, share=0.5)
    assert held(1, 100, share=0)
    assert held(2, 9, floor=9)
    assert not held(20, 100, floor=101)


def test_accounts_met_for_the_first_time_count_too():
    assert held(20, 100, matched=100)
    assert not held(10, 100, matched=100)


@pytest.mark.parametrize(
    ("kind", "words"),
    [("user", "suspend 1200 users"), ("course", "hide 1200 courses"), ("enrolment", "suspend 1200 enrolments")],
)
def test_the_words_that_release_it_say_what_is_agreed_to(kind, words):
    (reason,) = held(1200, 2000, kind=kind)
    assert reason.words == words
    assert reason.code == "too-many-removals"
    assert "1,200 of 2,000" in reason.message
    assert "(60%); more than 10%" in reason.message


@pytest.mark.parametrize(("kind", "action"), [(kind, action) for kind, many in REMOVALS.items() for action in many])
def test_every_kind_and_action_has_its_limit(kind, action):
    (reason,) = held(11, 100, kind=kind, action=action)
    assert reason.words.startswith("take 11 roles" if action == "role" else f"{action} 11 ")
    assert not held(10, 100, kind=kind, action=action)


TEACHER, NOBODY = '{"role":"editingteacher","suspended":false}', '{"role":"","suspended":false}'


@pytest.mark.parametrize(
    ("action", "before", "after", "words"),
    [
        ("update", TEACHER, '{"role":"student"}', ["take 11 roles"]),
        ("revive", TEACHER, '{"role":"student","suspended":false}', ["take 11 roles"]),
        ("suspend", TEACHER, '{"suspended":true,"role":""}', ["suspend 11 enrolments", "take 11 roles"]),
        ("suspend", TEACHER, '{"suspended":true}', ["suspend 11 enrolments"]),
        ("update", NOBODY, '{"role":"student"}', []),
        ("update", '{"role":"student,teacher"}', '{"role":"student"}', []),
        ("update", TEACHER, '{"timeend":7}', []),
        ("create", "{}", '{"role":"student","suspended":false}', []),
    ],
)
def test_a_role_that_is_taken_away_or_gives_way_to_another_is_counted(action, before, after, words):
    same = {"kind": "enrolment", "action": action, "before": before, "after": after, "removes": action == "suspend"}
    rows = [same | {"key": f"u{number}\tc1"} for number in range(11)]
    found = holds(changes_frame(rows), wanted(), {"enrolment": 100}, Limits(), TODAY)
    assert [reason.words for reason in found] == words
    assert holds(changes_frame(rows[:10]), wanted(), {"enrolment": 100}, Limits(), TODAY) == []


def test_teachers_who_become_students_hold_a_plan(desk: Desk):
    def some(teachers):
        roles = ["teacher"] * teachers + ["student"] * (20 - teachers)
        rows = [{"sourcedId": f"e{n}", "userSourcedId": f"u{n}", "role": role} for n, role in enumerate(roles, 1)]
        return roster(**people(*[{}] * 20, role="teacher"), enrollments=rows)

    desk.run(some(20))
    assert not desk.plan(some(18)).held
    assert release_words(hold.words for hold in desk.plan(some(10)).held) == "take 10 roles"


def test_a_number_may_be_limited_however_many_there_are():
    assert held(6, 1000, absolute=5)
    assert not held(5, 1000, absolute=5)
    assert held(1, 3, absolute=0)


def test_single_kinds_and_actions_have_limits_of_their_own():
    own = {"course": {"delete": {"absolute": 0}, "hide": {"share": 0.5}}}
    assert held(1, 1000, kind="course", action="delete", kinds=own)
    assert not held(500, 1000, kind="course", action="hide", kinds=own)
    assert held(101, 1000, kind="course", action="archive", kinds=own)
    assert held(101, 1000, kinds=own)


@pytest.mark.parametrize(
    ("start", "end", "held_then"), [("08-01", "09-01", False), ("09-01", "09-30", False), ("08-01", "08-31", True)]
)
def test_a_years_rollover_has_a_wider_allowance_in_its_weeks(start, end, held_then):
    rollover = {"start": f"2026-{start}", "end": f"2026-{end}", "share": 0.5}
    assert bool(held(50, 100, rollover=rollover)) is held_then
    assert held(51, 100, rollover=rollover)


def test_a_rollover_leaves_the_limits_of_single_actions_in_force_and_can_have_a_number():
    rollover = {"start": "2026-08-01", "end": "2026-10-01", "share": 1.0}
    own = {"user": {"suspend": {"share": 0.02}}}
    assert held(3, 100, rollover=rollover, kinds=own)
    assert not held(90, 100, kind="course", rollover=rollover, kinds=own)
    assert held(90, 100, kind="course", rollover=rollover | {"absolute": 80})


def test_several_reasons_have_all_their_words_each_once():
    reasons = [*held(2, 10), *held(2, 10), *held(3, 10, kind="course")]
    assert release_words(reason.words for reason in reasons) == "suspend 2 users, hide 3 courses"


@pytest.mark.parametrize(("number", "text"), [(1, "1 category"), (0, "0 categories"), (1200, "1,200 categories")])
def test_numbers_have_their_nouns(number, text):
    assert count_of("category", number) == text


NOTHING = {name: [] for name in EVERYTHING}


def empty(live, **tables):
    return [reason.words for reason in holds(changes_frame([]), wanted(roster(**tables)), live, Limits(), TODAY)]


def test_an_empty_delivery_waits_even_on_the_first_day():
    assert empty({}, **NOTHING) == ["empty delivery"]


@pytest.mark.parametrize(("table", "kind"), [("users", "user"), ("classes", "course"), ("enrollments", "enrolment")])
def test_a_table_that_is_empty_waits_where_it_had_rows_before(table, kind):
    assert empty({kind: 1}, **{table: []}) == [f"no {table}"]
    assert empty({kind: 0}, **{table: []}) == []


def test_a_plan_is_held_for_what_it_would_remove(desk: Desk):
    twenty = people(*[{}] * 20)
    desk.run(roster(**twenty, enrollments=[]))
    for left, words in ((18, ""), (17, "suspend 3 users")):
        some = {name: rows[:left] for name, rows in people(*[{}] * 20).items()}
        assert release_words(hold.words for hold in desk.plan(roster(**some, enrollments=[])).held) == words


def test_a_first_plan_that_would_suspend_everybody_is_held(desk: Desk):
    for number in range(1, 11):
        desk.user(username=f"user{number}", email=f"user{number}@school.example")
    disabled = roster(**people(*[{"enabledUser": False}] * 10), enrollments=[])
    draft = desk.plan(disabled)
    assert draft.changes.filter(pl.col("removes")).height == 10
    assert release_words(hold.words for hold in draft.held) == "suspend 10 users"


def test_records_that_left_before_are_not_counted_again(desk: Desk):
    def some(number):
        return roster(**people(*[{}] * number), enrollments=[])

    desk.run(some(20))
    desk.run(some(10))
    assert [reason.words for reason in desk.plan(some(8)).held] == ["suspend 2 users"]
