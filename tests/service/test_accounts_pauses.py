"""Pauses between failed attempts: they grow, hold for all processes, and strangers can lock nobody out."""

from datetime import UTC, datetime, timedelta

import pytest

from matricula.hub import Home
from matricula.hub.home import DATABASE_VARIABLE
from matricula.service.pauses import PausedError, Pauses, network_of

START = datetime(2026, 9, 1, 7, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = START

    def __call__(self):
        return self.now

    def forward(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture(params=["sqlite", "postgresql"])
def home(request, tmp_path, monkeypatch):
    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_VARIABLE, request.getfixturevalue("postgres_address"))
    with Home.make(tmp_path / "home") as home:
        yield home


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pauses(home, clock):
    return Pauses(home.store, clock)


def fail(pauses, clock, times, name="anna", address="10.0.0.1"):
    for _ in range(times):
        pauses.enter("sign-in", name, address)
        clock.forward(0.001)


def wait_of(pauses, name="anna", address="10.0.0.1"):
    try:
        pauses.enter("sign-in", name, address)
    except PausedError as error:
        return error.seconds
    return 0


def test_five_failures_are_free_and_then_each_doubles_the_pause(pauses, clock):
    fail(pauses, clock, 5)
    waits = []
    for _ in range(8):
        waits.append(wait_of(pauses))
        clock.forward(waits[-1] + 0.01)
        fail(pauses, clock, 1)
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900]


def test_an_attempt_during_a_pause_does_not_make_it_longer(pauses, clock):
    fail(pauses, clock, 5)
    for _ in range(20):
        assert wait_of(pauses) == 15


def test_success_takes_the_failures_back(pauses, clock):
    fail(pauses, clock, 4)
    pauses.passed(pauses.enter("sign-in", "anna", "10.0.0.1"))
    clock.forward(1)
    fail(pauses, clock, 5)
    assert wait_of(pauses) == 15


def test_other_processes_count_along(home, pauses, clock):
    fail(pauses, clock, 5)
    assert wait_of(Pauses(home.store, clock)) == 15


def test_one_address_does_not_hold_up_another(pauses, clock):
    fail(pauses, clock, 5)
    assert wait_of(pauses, address="10.0.0.2") == 0
    assert wait_of(pauses, name="berta") == 0


def test_many_addresses_hold_up_a_name_for_two_minutes_at_most(pauses, clock):
    for number in range(60):
        if wait := wait_of(pauses, address=f"10.1.0.{number}"):
            assert wait <= 120
            clock.forward(wait + 0.01)
    assert wait_of(pauses, address="10.2.0.1") > 0


def test_whoever_signed_in_from_there_before_is_not_held_up_by_strangers(pauses, clock):
    pauses.passed(pauses.enter("sign-in", "anna", "10.0.0.1"))
    for number in range(40):
        wait_of(pauses, address=f"10.1.0.{number}")
    for number in range(70):
        wait_of(pauses, name=f"somebody-{number}")
    assert wait_of(pauses, address="10.3.0.1") > 0
    assert wait_of(pauses, name="berta") > 0
    assert wait_of(pauses) == 0


def test_many_names_from_one_address_are_held_up(pauses, clock):
    for number in range(60):
        assert wait_of(pauses, name=f"somebody-{number}") == 0
    assert wait_of(pauses, name="one-more") > 0


def test_failures_are_forgotten_after_a_day(pauses, clock):
    fail(pauses, clock, 5)
    clock.forward(24 * 3600 + 1)
    fail(pauses, clock, 5)
    assert wait_of(pauses) == 15


def test_no_name_is_kept(home, pauses, clock):
    fail(pauses, clock, 3, name="typed my passphrase here")
    with home.store.begin() as connection:
        kept = str(connection.exec_driver_sql("select counted from attempt").all())
    assert "typed" not in kept


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.7", "10.0.0.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_addresses_of_one_household_count_as_one(address, network):
    assert network_of(address) == network
