"""The first account, signing in and out."""

import pytest
from web_browser import PASSWORD, form_token, words

FIRST = {"display": "Olga Owner", "name": "Olga", "email": "", "password": PASSWORD, "again": PASSWORD}


def test_whoever_comes_first_is_sent_to_make_the_owners_account(browser):
    assert browser.get("/").url.path == "/start"


def test_the_first_account_is_the_owners(browser, service):
    page = browser.fill_in("/start", "/start", code=service.accounts.start_code(), **FIRST)
    assert page.url.path == "/set-up"
    assert "Olga Owner" in words(page)
    account = service.store.accounts.by_name("olga")
    assert [(each.role, each.site) for each in account.roles] == [("owner", "*")]
    assert PASSWORD not in account.password


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"code": "guessed"}, "This is not the start code."),
        ({"again": "another sentence"}, "The two passwords differ."),
        ({"password": "short", "again": "short"}, "The password is too short"),
        ({"name": "o"}, "This user name cannot be."),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(browser, service, wrong, told):
    page = browser.fill_in("/start", "/start", **{"code": service.accounts.start_code(), **FIRST, **wrong})
    assert page.status_code == 400
    assert told in words(page)
    assert 'value="Olga Owner"' in page.text
    assert PASSWORD not in page.text
    assert service.accounts.none_yet


def test_there_is_no_second_first_account(owner, browser, service):
    assert browser.get("/start").url.path == "/sign-in"
    code = service.accounts.start_code()
    token = form_token(browser.get("/sign-in").text)
    page = browser.post("/start", data={"csrf": token, "code": code} | FIRST)
    assert page.status_code == 400
    assert service.store.accounts.by_name("olga") is None


def test_signing_in_goes_on_to_what_was_wanted(owner, browser, service):
    service.accounts.add("vera", "Vera", "", PASSWORD, service.store.accounts.all()[0].roles)
    page = browser.fill_in("/sign-in", "/sign-in", name=" Vera ", password=PASSWORD, after="/?from=there")
    assert (page.url.path, page.url.query) == ("/", b"from=there")


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x"])
def test_signing_in_never_leads_elsewhere(owner, browser, after):
    page = browser.fill_in("/sign-in", "/sign-in", name="owner-0", password=PASSWORD, after=after)
    assert (page.url.host, page.url.path) == ("console.example", "/")


@pytest.mark.parametrize(("name", "password"), [("owner-0", "a wrong sentence"), ("nobody", PASSWORD)])
def test_a_wrong_name_and_a_wrong_password_are_refused_alike(owner, browser, service, name, password):
    page = browser.fill_in("/sign-in", "/sign-in", name=name, password=password)
    assert page.status_code == 401
    assert "do not belong together" in words(page)
    assert [each.act for each in service.store.audit.find(act="sign-in.")] == ["sign-in.refused"]


def test_signing_out_ends_the_session_everywhere(owner, app):
    cookie = dict(owner.cookies)
    owner.fill_in("/", "/sign-out")
    assert owner.get("/").url.path == "/sign-in"
    owner.cookies.update(cookie)
    assert owner.get("/").url.path == "/sign-in"


def test_a_form_of_another_page_is_refused(owner, service):
    for told in ({}, {"csrf": "0" * 64}, {"csrf": "ü" * 64}):
        page = owner.post("/sign-out", data=told)
        assert page.status_code == 403
    page = owner.post("/sign-out", data={"csrf": form_token(owner.get("/").text)}, headers={"Origin": "http://evil"})
    assert page.status_code == 403
    assert owner.get("/").url.path == "/"
