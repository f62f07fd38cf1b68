"""What is remembered: files, tokens, fixtures, the clock."""

import time

import pytest
from sandbox_callers import Caller, person

from matricula.sandbox import Sandbox, running
from matricula.sandbox.fixtures import CONTRACT_DAY
from matricula.sandbox.state import State


def test_a_file_is_opened_again_where_it_stood(tmp_path):
    file = str(tmp_path / "site.db")
    with running("school", "4.5", file) as site:
        ask, tokens = Caller(site), site.tokens
        made = ask("core_user_create_users", users=[person("ann")])[0]["id"]
        ask("core_user_create_users", users=[person("bob"), person("bob")])
    with running("empty", "5.1", file) as site:
        ask = Caller(site)
        assert site.tokens == tokens
        assert ask("core_user_get_users_by_field", field="id", values=[made])[0]["username"] == "ann"
        assert ask("core_webservice_get_site_info")["release"].startswith("4.5")
        assert ask("core_user_create_users", users=[person("cyd")])[0]["id"] > made


def test_a_transaction_undone_inside_another_leaves_the_outer_one(tmp_path):
    state = State()

    def fails():
        with state.transaction():
            state.set_setting("inner", "1")
            raise KeyError

    with state.transaction():
        state.set_setting("outer", "1")
        with pytest.raises(KeyError):
            fails()
    assert (state.setting("outer"), state.setting("inner")) == ("1", "")
    state.close()


def test_the_contract_site_lives_on_the_day_it_was_recorded():
    contract, empty = Sandbox("contract"), Sandbox("empty")
    assert contract.state.now() - CONTRACT_DAY < 60
    assert abs(empty.state.now() - time.time()) < 60
    contract.close()
    empty.close()


def test_the_school_fixture_is_the_same_every_time_and_lived_in():
    def look():
        sandbox = Sandbox("school")
        users = sandbox.state.all("SELECT username, idnumber, suspended FROM user ORDER BY id")
        rows = sandbox.state.all("SELECT enrolid, userid, status FROM user_enrolments ORDER BY id")
        sandbox.close()
        return users, rows

    users, rows = look()
    assert look() == (users, rows)
    assert len(users) == 43
    assert any(user["suspended"] for user in users)
    assert {bool(user["idnumber"]) for user in users[3:]} == {True, False}
    assert {row["status"] for row in rows} == {0, 1}


@pytest.mark.parametrize("wrong", [{"fixture": "castle"}, {"moodle": "3.9"}])
def test_a_fixture_or_release_that_is_none_is_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong.values()))):
        Sandbox(**wrong)
