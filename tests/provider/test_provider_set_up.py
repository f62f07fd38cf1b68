"""Setting it up: in the console, and at the command line."""

import json
import re
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

from web_browser import Browser, words

from matricula.cli import main
from matricula.store.accounts import Granted

ADDRESS = "https://matricula.example"


@pytest.fixture
def owner(service, app):
    account = service.accounts.add("olga", "Olga", "", None, [Granted("owner", "*")])
    with Browser(app, base_url=ADDRESS) as browser:
        cookie = service.accounts.begin_session(account, address="testclient", agent="")
        browser.cookies.set("__Host-matricula", cookie, domain="matricula.example", path="/")
        yield browser


def secret_in(text):
    found = re.search(r"Client secret</dt><dd><code[^>]*>([^<]+)<", text)
    return found and found[1]


def test_the_secret_is_shown_once_with_the_five_steps(owner, service):
    assert 'href="/sites/school/client"' in owner.get("/sites/school").text
    page = owner.fill_in("/sites/school/client", "/sites/school/client")
    entered = service.provider.entered("school")
    assert secret_in(page.text)
    assert page.text.partition('<ol class="steps">')[2].partition("</ol>")[0].count("<li>") == 5
    for told in (entered.client, ADDRESS, entered.redirect, "openid profile email", "sub", "username"):
        assert told in words(page)
    again = owner.get("/sites/school/client")
    assert secret_in(again.text) is None
    assert entered.client in again.text
    renewed = owner.fill_in("/sites/school/client", "/sites/school/client", renew="1")
    assert secret_in(renewed.text) not in (None, secret_in(page.text))
    noted = [(each.act, each.by, each.subject, each.words) for each in service.store.audit.find(act="provider.")]
    assert noted == [
        ("provider.client", "olga", "site school", "another secret"),
        ("provider.client", "olga", "site school", ""),
    ]
    assert "Signing on to Moodle" in owner.get("/history").text


def test_without_an_address_the_page_says_what_to_do(owner, service, tmp_path):
    service.home.load("kind: service\nname: service\n", "test", tmp_path)
    page = owner.get("/sites/school/client")
    assert page.status_code == 200
    assert "Set address in the service document" in words(page)


def run(capsys, service, *told):
    status = main.run([*told, "--home", str(service.home.folder)])
    return status, capsys.readouterr()


def test_the_command_prints_the_secret_once(service, capsys):
    status, said = run(capsys, service, "provider", "client", "school")
    assert status == 0
    assert ADDRESS in said.out
    assert "https://moodle.example/admin/oauth2callback.php" in said.out
    first = json.loads(run(capsys, service, "provider", "client", "school", "--json")[1].out)
    assert first["client_secret"] is None
    assert first["client_id"] in said.out
    second = json.loads(run(capsys, service, "provider", "client", "school", "--renew", "--json")[1].out)
    assert second["client_id"] == first["client_id"]
    assert len(second["client_secret"]) >= 40
    assert second["client_secret"] not in said.out


def test_keys_are_listed_and_replaced(service, capsys):
    assert "no key yet" in run(capsys, service, "provider", "keys")[1].out
    assert json.loads(run(capsys, service, "provider", "keys", "--rotate", "--json")[1].out)[0]["ended_at"] is None
    listed = json.loads(run(capsys, service, "provider", "keys", "--rotate", "--json")[1].out)
    assert [each["ended_at"] is None for each in listed] == [True, False]
    out = run(capsys, service, "provider", "keys")[1].out
    assert "in force" in out
    assert "ended" in out


def test_a_site_that_is_not_there_is_said(service, capsys):
    status, said = run(capsys, service, "provider", "client", "nowhere")
    assert (status, "nowhere" in said.err) == (2, True)
