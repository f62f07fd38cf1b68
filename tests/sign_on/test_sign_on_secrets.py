"""The secrets of tickets: made once, put in the place of another, told to nobody."""

from datetime import UTC, datetime, timedelta

import pytest

from matricula.errors import SettingError, UsageError
from matricula.hub import Home
from matricula.hub.documents import load
from matricula.hub.ticket_keys import OVERLAP, make_ticket_key, ticket_key, ticket_standing

NOW = datetime(2026, 9, 1, tzinfo=UTC)
SITE = "kind: site\nname: moodle\nurl: {url}\n"


@pytest.fixture
def home(tmp_path):
    with Home.make(tmp_path / "home") as home:
        home.load(SITE.format(url="https://moodle.school.example"), "test", tmp_path)
        yield home


def test_there_is_none_until_it_is_made(home):
    assert ticket_standing(home, "moodle") is None
    with pytest.raises(SettingError):
        ticket_key(home, "moodle", NOW)
    made = make_ticket_key(home, "moodle", now=NOW)
    assert ticket_key(home, "moodle", NOW) == made
    assert len(made.secret) >= 64
    assert made.secret.encode() not in home.store.secrets.all()["ticket:moodle"]


def test_a_site_must_be_there(home):
    with pytest.raises(UsageError):
        make_ticket_key(home, "other")


def test_nothing_is_replaced_by_accident(home):
    made = make_ticket_key(home, "moodle")
    with pytest.raises(UsageError, match="has a secret already"):
        make_ticket_key(home, "moodle")
    assert ticket_key(home, "moodle", NOW) == made


def test_nothing_is_rotated_that_is_not_there(home):
    with pytest.raises(UsageError, match="no secret yet"):
        make_ticket_key(home, "moodle", rotate=True)


def test_after_a_rotation_the_former_one_signs_for_a_day(home):
    first = make_ticket_key(home, "moodle", now=NOW)
    second = make_ticket_key(home, "moodle", rotate=True, now=NOW)
    assert first.secret != second.secret
    assert first.application == second.application
    assert ticket_key(home, "moodle", NOW + OVERLAP - timedelta(seconds=1)) == first
    assert ticket_key(home, "moodle", NOW + OVERLAP) == second


def test_a_secret_that_never_came_into_use_is_skipped(home):
    first = make_ticket_key(home, "moodle", now=NOW)
    make_ticket_key(home, "moodle", rotate=True, now=NOW)
    third = make_ticket_key(home, "moodle", rotate=True, now=NOW + timedelta(hours=1))
    assert ticket_key(home, "moodle", NOW + timedelta(hours=2)) == first
    assert ticket_key(home, "moodle", NOW + timedelta(hours=25)) == third


def test_a_secret_that_others_know_is_used_no_more(home):
    make_ticket_key(home, "moodle", now=NOW)
    second = make_ticket_key(home, "moodle", rotate=True, overlap=timedelta(), now=NOW)
    assert ticket_key(home, "moodle", NOW) == second


def test_what_is_told_of_it_holds_no_secret(home):
    made = make_ticket_key(home, "moodle", now=NOW)
    other = make_ticket_key(home, "moodle", rotate=True, now=NOW)
    told = repr(ticket_standing(home, "moodle"))
    assert made.secret not in told
    assert other.secret not in told
    assert "matricula-moodle" in told


def test_a_site_with_another_address_gets_another_secret(home):
    make_ticket_key(home, "moodle")
    load(home, SITE.format(url="https://other.example"), "test")
    assert ticket_standing(home, "moodle") is None
