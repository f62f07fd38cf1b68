"""Edits made in Moodle, and when shares were looked at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from matricula.store import Drifted, Store

MONDAY = datetime(2026, 9, 7, 3, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
ANN = Drifted("p", "user", "u1", "firstname", "Ann Lee", "Ann", "Anna", "open", MONDAY, MONDAY)
COURSE = Drifted("p", "course", "c1", "startdate", "English", 1786000000, 0, "open", MONDAY, MONDAY)


def test_what_was_found_takes_the_place_of_what_was_known_of_the_records_looked_at(store: Store) -> None:
    store.drift.replace("p", {"user": {"u1"}, "course": {"c1"}}, [ANN, COURSE])
    assert store.drift.all("p") == [COURSE, ANN]
    store.drift.replace("p", {"user": {"u1"}, "course": {"c2"}}, [])
    assert store.drift.all("p") == [COURSE]


def test_what_is_seen_again_keeps_its_first_moment_and_what_changed_again_does_not(store: Store) -> None:
    store.drift.replace("p", {"user": {"u1"}}, [ANN])
    store.drift.replace("p", {"user": {"u1"}}, [replace(ANN, since=TUESDAY, at=TUESDAY)])
    assert [(each.since, each.at) for each in store.drift.all("p")] == [(MONDAY, TUESDAY)]
    store.drift.replace("p", {"user": {"u1"}}, [replace(ANN, seen="Annie", since=TUESDAY, at=TUESDAY)])
    assert [(each.seen, each.since) for each in store.drift.all("p")] == [("Annie", TUESDAY)]


def test_what_was_said_is_kept_and_no_longer_waits(store: Store) -> None:
    store.drift.replace("p", {}, [ANN, COURSE])
    assert store.drift.waiting("p") == 2
    store.drift.say([ANN], "accepted")
    assert [(each.field, each.state) for each in store.drift.all("p")] == [
        ("startdate", "open"),
        ("firstname", "accepted"),
    ]
    assert store.drift.waiting("p") == 1
    store.drift.strike([COURSE])
    assert [each.field for each in store.drift.all("p")] == ["firstname"]


def test_profiles_do_not_mix(store: Store) -> None:
    store.drift.replace("p", {}, [ANN])
    store.drift.replace("q", {"user": {"u1"}}, [])
    store.drift.note_shares("p", {0: MONDAY, 27: TUESDAY})
    store.drift.note_shares("p", {0: TUESDAY})
    store.drift.note_shares("q", {})
    assert len(store.drift.all("p")) == 1
    assert store.drift.looked_at("p") == {0: TUESDAY, 27: TUESDAY}
    assert store.drift.looked_at("q") == {}


def test_a_copied_profile_knows_what_was_accepted(store: Store) -> None:
    store.drift.replace("p", {}, [ANN, replace(COURSE, state="accepted")])
    store.drift.copy("p", "q")
    assert store.drift.all("q") == [replace(COURSE, profile="q", state="accepted")]
