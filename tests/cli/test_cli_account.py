"""`matricula account`: accounts without the console."""

import pytest
from command_desk import Desk

from matricula.cli.account import PASSWORD_VARIABLE
from matricula.hub import Home
from matricula.service import Service
from matricula.store.accounts import Granted

PASSWORD = "a sentence to remember"


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.delenv(PASSWORD_VARIABLE, raising=False)
    Home.make(tmp_path / "home").store.close()
    return Desk(tmp_path / "home")


@pytest.fixture
def olga(desk, tmp_path):
    (tmp_path / "word").write_text(PASSWORD + "\n")
    told = desk("account", "add", "olga", "--role", "owner", "--password-file", tmp_path / "word")
    assert told.status == 0, told.all
    assert PASSWORD not in told.all


@pytest.fixture
def service(desk):
    with Home(desk.home) as home:
        service = Service(home)
        yield service
        service.stop()


def test_an_account_is_made_and_signs_in(desk, olga, service):
    account, _ = service.accounts.sign_in("olga", PASSWORD, address="", agent="")
    assert account.roles == (Granted("owner", "*"),)
    told = desk("account", "list", "--json").json
    assert [(each["name"], each["roles"], each["state"]) for each in told] == [("olga", ["owner@*"], "active")]
    assert "owner for all sites" in desk("account").words


def test_the_password_may_come_from_the_environment(desk, service, monkeypatch):
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    assert desk("account", "add", "olga", "--role", "owner").status == 0
    assert service.accounts.sign_in("olga", PASSWORD, address="", agent="")


def test_without_a_password_nothing_is_made(desk, service):
    told = desk("account", "add", "olga")
    assert told.status == 2
    assert "No password was given" in told.words
    assert service.accounts.none_yet


def test_a_link_sets_a_password(desk, olga, service):
    told = desk("account", "add", "vera", "--role", "viewer", "--link")
    code = told.out.strip().partition("code=")[2]
    service.account_care.set_password_by(code, PASSWORD, "")
    assert service.accounts.sign_in("vera", PASSWORD, address="", agent="")


def test_a_forgotten_password_is_set_anew(desk, olga, service, tmp_path):
    cookie = service.accounts.sign_in("olga", PASSWORD, address="", agent="")[1]
    (tmp_path / "word").write_text("another sentence to keep")
    assert desk("account", "password", "olga", "--password-file", tmp_path / "word").status == 0
    assert service.accounts.visitor(cookie) is None
    assert service.accounts.sign_in("olga", "another sentence to keep", address="", agent="")


def test_a_lost_second_factor_is_taken_away(desk, olga, service):
    account = service.accounts.named("olga")
    service.accounts.factors.begin(account)
    service.store.factors.confirm(account.id, 1)
    assert service.accounts.named("olga").second_factor
    assert desk("account", "lost-factor", "olga").status == 0
    assert not service.accounts.named("olga").second_factor


def test_roles_and_closing_keep_the_last_owner(desk, olga, service):
    for arguments in (("close", "olga"), ("roles", "olga", "--role", "viewer")):
        told = desk("account", *arguments)
        assert told.status == 2
        assert "Nobody would be owner" in told.words
    desk("account", "add", "vera", "--role", "viewer", "--link")
    assert desk("account", "roles", "vera", "--role", "operator").status == 0
    assert service.accounts.named("vera").roles == (Granted("operator", "*"),)
    assert desk("account", "close", "vera").status == 0
    assert service.accounts.named("vera").state == "closed"
    assert desk("account", "open", "vera").status == 0
    assert service.accounts.named("vera").state == "active"
    acts = [each.act for each in reversed(service.store.audit.find(act="account."))]
    assert acts == ["account.made", "account.made", "account.roles", "account.closed", "account.opened"]


def test_a_token_alone_is_printed(desk, olga, service):
    told = desk("account", "token", "olga", "nightly", "--role", "viewer", "--days", "3")
    visitor = service.accounts.tokens.visitor(told.out.strip())
    assert visitor.name == "olga (token nightly)"
    assert visitor.within == (Granted("viewer", "*"),)


def test_who_is_not_there_is_told(desk, olga):
    told = desk("account", "close", "nobody")
    assert told.status == 2
    assert "There is no account named nobody" in told.words
