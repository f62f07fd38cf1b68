"""`matricula block`: the secret of the block inside a Moodle."""

from datetime import UTC, datetime

import pytest
from command_desk import Desk

from matricula.hub import Home
from matricula.hub.blocks import block_keys

SITES = "kind: site\nname: moodle\nurl: http://127.0.0.1:9\n"


@pytest.fixture
def desk(tmp_path):
    with Home.make(tmp_path / "home") as home:
        home.load(SITES, "test", tmp_path)
    return Desk(tmp_path / "home")


def keys(desk):
    with Home(desk.home) as home:
        return [each.decode() for each in block_keys(home, "moodle", datetime.now(UTC))]


def noted(desk):
    with Home(desk.home) as home:
        return [(each.act, each.site) for each in home.store.audit.find(act="block.")]


def test_a_secret_is_printed_alone_once_and_replaced(desk):
    first = desk("block", "secret")
    assert first.status == 0
    (secret,) = first.out.split()
    assert len(secret) >= 40
    assert keys(desk) == [secret]
    second = desk("block", "secret", "moodle")
    assert "The one before it is good until" in second.err
    assert keys(desk) == [second.out.strip(), secret]
    third = desk("block", "secret", "--at-once")
    assert keys(desk) == [third.out.strip()]
    assert noted(desk) == [("block.secret", "moodle")] * 3


def test_a_secret_is_taken_away(desk):
    desk("block", "secret")
    assert desk("block", "remove").status == 0
    assert keys(desk) == []
    assert noted(desk)[0] == ("block.removed", "moodle")
    none = desk("block", "remove")
    assert (none.status, "has no secret" in none.words) == (2, True)


def test_a_site_that_is_not_there_gets_none(desk):
    told = desk("block", "secret", "elsewhere")
    assert (told.status, "no site named “elsewhere”" in told.words) == (2, True)
    assert noted(desk) == []
