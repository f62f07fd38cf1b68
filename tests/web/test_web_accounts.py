"""Accounts: one's own, and those of others."""

import re

import pytest
from web_browser import ADDRESS, PASSWORD, Browser, form_token, words

from matricula.store.accounts import Granted

NEW = "another sentence to keep"


@pytest.fixture
def sites(service, tmp_path):
    text = "---\n".join(f"kind: site\nname: {name}\nurl: https://{name}.example\n" for name in ("north", "south"))
    service.home.load(text, "test", tmp_path)


@pytest.fixture
def stranger(app):
    with Browser(app, base_url=ADDRESS) as browser:
        yield browser


def acts(service, beginning=""):
    return [each.act for each in reversed(service.store.audit.find(act=beginning))]


def page_of(service, name):
    return f"/settings/accounts/{service.accounts.named(name).id}"


def link_in(page):
    return re.search(r"http://console\.example(/welcome\?code=[\w-]+)", page.text).group(1)


def add(owner, **fields):
    given = {"name": "vera", "display": "Vera", "email": "", "grant": ["viewer@north"]} | fields
    return owner.fill_in("/settings/accounts/new", "/settings/accounts", **given)


def test_an_account_begins_with_a_link_that_is_good_once(owner, stranger, service, sites):
    link = link_in(add(owner))
    assert service.accounts.named("vera").roles == (Granted("viewer", "north"),)
    page = stranger.get(link)
    assert "Hello Vera" in words(page)
    code = re.search(r'name="code" value="([\w-]+)"', page.text).group(1)
    page = stranger.fill_in(link, "/welcome", code=code, password=NEW, again=NEW)
    assert page.url.path == "/"
    assert "Vera" in words(page)
    again = stranger.get(link)
    assert again.status_code == 400
    assert "good no more" in words(again)
    token = form_token(again.text) if 'name="csrf"' in again.text else form_token(stranger.get("/me").text)
    refused = stranger.post("/welcome", data={"csrf": token, "code": code, "password": PASSWORD, "again": PASSWORD})
    assert refused.status_code == 400
    assert service.accounts.passwords.right(service.accounts.named("vera").password, NEW)
    assert code not in str(service.store.audit.find())


def test_a_new_link_ends_the_one_before_and_time_ends_both(owner, stranger, service, sites):
    first = link_in(add(owner))
    second = link_in(owner.fill_in(page_of(service, "vera"), f"{page_of(service, 'vera')}/link"))
    assert stranger.get(first).status_code == 400
    assert stranger.get(second).status_code == 200
    now = service.accounts.now()
    service.accounts.now = lambda: now.replace(year=now.year + 1)
    assert stranger.get(second).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"name": "v"}, "This user name cannot be."),
        ({"name": "owner-0"}, "is taken"),
        ({"email": "nowhere"}, "This is no e-mail address."),
        ({"grant": ["king@north"]}, "There is no role"),
        ({"grant": ["viewer@east"]}, "There is no site"),
    ],
)
def test_what_cannot_be_is_told_and_what_was_chosen_stays(owner, service, sites, wrong, told):
    page = add(owner, **wrong)
    assert page.status_code == 400
    assert told in words(page)
    assert 'value="Vera"' in page.text
    assert service.store.accounts.by_name("vera") is None


def test_roles_hold_from_the_next_request_on_and_the_cookie_changes(owner, sign_in_as, service, sites):
    vera = sign_in_as("viewer", "north")
    before = vera.cookies["matricula"]
    assert vera.get("/settings/accounts").status_code == 403
    address = page_of(service, "viewer-1")
    owner.fill_in(address, f"{address}/roles", grant=["owner@*"])
    assert vera.get("/settings/accounts").status_code == 200
    after = vera.cookies["matricula"]
    assert after != before
    assert vera.fill_in("/me", "/me", display="Vera V.").url.path == "/me"
    assert vera.cookies["matricula"] == after
    owner.fill_in(address, f"{address}/roles", grant=[])
    assert vera.get("/settings/accounts").status_code == 403
    assert acts(service, "account.roles") == ["account.roles"] * 2
    assert service.store.audit.find(act="account.roles")[0].words == "no role"


def test_the_old_cookie_is_good_for_a_minute_yet(owner, sign_in_as, service, app):
    sign_in_as("viewer")
    vera = sign_in_as("viewer")
    old = vera.cookies["matricula"]
    service.account_care.set_roles(service.accounts.named("viewer-2"), [Granted("operator", "*")], vera_who())
    vera.get("/")
    with Browser(app, base_url=ADDRESS) as tab:
        tab.cookies.set("matricula", old)
        assert tab.get("/").url.path == "/"
        now = service.accounts.now()
        service.accounts.now = lambda: now.replace(year=now.year + 1)
        assert tab.get("/").url.path == "/sign-in"


def vera_who():
    from matricula.service.visitors import Who

    return Who("test")


def test_closing_ends_everything_and_opening_brings_it_back(owner, sign_in_as, stranger, service):
    vera = sign_in_as("viewer")
    account = service.accounts.named("viewer-1")
    token = service.accounts.tokens.make(account, "robot", account.roles, None)
    bearer = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/api/v1/me", headers=bearer).status_code == 200
    address = page_of(service, "viewer-1")
    owner.fill_in(address, f"{address}/close")
    assert vera.get("/").url.path == "/sign-in"
    assert stranger.get("/api/v1/me", headers=bearer).status_code == 401
    assert stranger.sign_in("viewer-1").status_code == 401
    assert owner.fill_in(address, f"{address}/link").status_code == 400
    owner.fill_in(address, f"{address}/open")
    assert stranger.sign_in("viewer-1").url.path == "/"


@pytest.mark.parametrize(("act", "fields"), [("close", {}), ("roles", {"grant": ["owner@north", "viewer@*"]})])
def test_the_last_owner_stays(owner, service, sites, act, fields):
    add(owner, grant=["owner@*"])  # invited only: nobody could sign in as that
    address = page_of(service, "owner-0")
    page = owner.fill_in(address, f"{address}/{act}", **fields)
    assert page.status_code == 400
    assert "Nobody would be owner" in words(page)
    account = service.accounts.named("owner-0")
    assert (account.state, account.roles) == ("active", (Granted("owner", "*"),))
    assert acts(service, "account.closed") + acts(service, "account.roles") == []


def test_with_another_owner_one_may_go(owner, sign_in_as, service):
    sign_in_as("owner")
    address = page_of(service, "owner-0")
    owner.fill_in(address, f"{address}/close")
    assert service.accounts.named("owner-0").state == "closed"


def test_of_two_owners_who_close_each_other_at_once_one_stays(service, engine_of_two):
    assert engine_of_two() == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_of_two(request, tmp_path, monkeypatch):
    import threading

    from matricula.errors import UsageError
    from matricula.hub import Home
    from matricula.hub.home import DATABASE_VARIABLE
    from matricula.service import Service

    if request.param == "postgresql":
        monkeypatch.setenv(DATABASE_VARIABLE, request.getfixturevalue("postgres_address"))
    with Home.make(tmp_path / "two") as home:
        service = Service(home)
        owners = [service.accounts.add(name, name, "", PASSWORD, [Granted("owner", "*")]) for name in ("aa", "bb")]

        def both():
            barrier = threading.Barrier(2)

            def close(account):
                barrier.wait()
                try:
                    service.account_care.close(account, vera_who())
                except UsageError:
                    return

            threads = [threading.Thread(target=close, args=(each,)) for each in owners]
            for each in threads:
                each.start()
            for each in threads:
                each.join()
            return sum(each.state == "active" for each in service.store.accounts.all())

        yield both
        service.stop()


def test_an_owner_of_one_site_does_not_look_after_accounts(sign_in_as, sites):
    browser = sign_in_as("owner", "north")
    assert browser.get("/settings/accounts").status_code == 403


def test_a_new_password_wants_the_old_one_and_ends_other_sessions(sign_in_as, app, service):
    anna = sign_in_as("viewer")
    with Browser(app, base_url=ADDRESS) as other:
        other.sign_in("viewer-0")
        wrong = anna.fill_in("/me", "/me/password", old="not it at all", password=NEW, again=NEW)
        assert wrong.status_code == 400
        assert "not your present password" in words(wrong)
        before = anna.cookies["matricula"]
        anna.fill_in("/me", "/me/password", old=PASSWORD, password=NEW, again=NEW)
        assert anna.cookies["matricula"] != before
        assert anna.get("/").url.path == "/"
        assert other.get("/").url.path == "/sign-in"
        assert other.sign_in("viewer-0").status_code == 401
        assert other.sign_in("viewer-0", NEW).url.path == "/"
    assert acts(service, "password.") == ["password.refused", "password.set"]


def test_guessing_the_old_password_is_slowed_down(sign_in_as, service):
    anna = sign_in_as("viewer")
    now = service.accounts.now()
    service.accounts.now = lambda: now
    answers = [anna.fill_in("/me", "/me/password", old="x", password=NEW, again=NEW).status_code for _ in range(6)]
    assert answers == [400] * 5 + [429]


def test_sessions_are_listed_and_ended(sign_in_as, app):
    anna = sign_in_as("viewer")
    agent = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
    with Browser(app, base_url=ADDRESS, headers={"User-Agent": agent}) as other:
        other.sign_in("viewer-0")
        page = anna.get("/me")
        assert "Firefox on Windows" in words(page)
        assert "This is here" in words(page)
        end = re.search(r"/me/sessions/\w{16}/end", page.text).group(0)
        anna.fill_in("/me", end)
        assert other.get("/").url.path == "/sign-in"
        other.sign_in("viewer-0")
        anna.fill_in("/me", "/me/sessions/end")
        assert other.get("/").url.path == "/sign-in"
    assert anna.get("/").url.path == "/"


def test_nobody_ends_anothers_session(sign_in_as, service):
    anna, berta = sign_in_as("viewer"), sign_in_as("viewer")
    (session,) = service.store.sessions.of(service.accounts.named("viewer-1").id)
    anna.fill_in("/me", f"/me/sessions/{session.digest[:16]}/end")
    assert berta.get("/").url.path == "/"


def test_tokens_are_made_shown_once_used_and_revoked(sign_in_as, stranger, service, sites):
    anna = sign_in_as("operator")
    page = anna.fill_in("/me", "/me/tokens", name="nightly", grant=["viewer@north"], days="30")
    token = re.search(r">(mat_[\w-]{43})<", page.text).group(1)
    assert token not in anna.get("/me").text
    told = stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert (told["name"], told["token"], told["roles"]) == (
        "operator-0",
        "nightly",
        [{"role": "viewer", "site": "north"}],
    )
    (kept,) = service.accounts.tokens.of(service.accounts.named("operator-0"))
    assert kept.used_at is not None
    assert (kept.ends_at - kept.created_at).days == 30
    anna.fill_in("/me", f"/me/tokens/{kept.id}/revoke")
    assert stranger.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert acts(service, "token.") == ["token.made", "token.revoked"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"grant": ["owner@*"]}, "no more than its account"),
        ({"grant": ["operator@*"]}, "no more than its account"),
        ({"grant": []}, "could do nothing"),
        ({"name": "  "}, "has no name"),
        ({"days": "soon"}, "no number of days"),
        ({"days": "99999"}, "lasts between"),
    ],
)
def test_a_token_that_cannot_be_is_refused(sign_in_as, service, sites, fields, told):
    anna = sign_in_as("operator", "north")
    given = {"name": "nightly", "grant": ["viewer@north"], "days": ""} | fields
    page = anna.fill_in("/me", "/me/tokens", **given)
    assert page.status_code == 400
    assert told in words(page)
    assert service.accounts.tokens.of(service.accounts.named("operator-0")) == []


def test_an_owner_makes_and_revokes_tokens_of_others(owner, stranger, service, sites):
    add(owner)
    address = page_of(service, "vera")
    page = owner.fill_in(address, f"{address}/tokens", name="bot", grant=["viewer@north"], days="")
    token = re.search(r">(mat_[\w-]{43})<", page.text).group(1)
    bearer = {"Authorization": f"Bearer {token}"}
    assert stranger.get("/api/v1/me", headers=bearer).status_code == 200
    refused = owner.fill_in(address, f"{address}/tokens", name="bot", grant=["owner@*"])
    assert refused.status_code == 400
    (kept,) = service.accounts.tokens.of(service.accounts.named("vera"))
    owner.fill_in(address, f"{address}/tokens/{kept.id}/revoke")
    assert stranger.get("/api/v1/me", headers=bearer).status_code == 401


def test_nobody_revokes_anothers_token(sign_in_as, service):
    anna = sign_in_as("viewer")
    other = service.accounts.add("other", "Other", "", None, [Granted("viewer", "*")])
    service.accounts.tokens.make(other, "bot", other.roles, None)
    (kept,) = service.accounts.tokens.of(other)
    assert anna.fill_in("/me", f"/me/tokens/{kept.id}/revoke").status_code == 404
    assert service.accounts.tokens.of(other)[0].revoked_at is None


def test_a_token_may_what_both_it_and_its_account_may_at_this_moment(service, stranger, sites):
    account = service.accounts.add("bot", "Bot", "", None, [Granted("owner", "*")])
    token = service.accounts.tokens.make(account, "t", [Granted("operator", "north")], None)
    headers = {"Authorization": f"Bearer {token}"}

    def check(site):
        body = {"kind": "check", "site": site}
        return stranger.post("/api/v1/jobs", json=body, headers=headers).status_code

    assert (check("north"), check("south")) == (202, 403)
    service.store.accounts.set_roles(account.id, [Granted("viewer", "*")])
    assert check("north") == 403
    assert stranger.get("/api/v1/documents", headers=headers).status_code == 200
    service.store.accounts.set_roles(account.id, [Granted("viewer", "south")])
    assert stranger.get("/api/v1/documents", headers=headers).status_code == 403
    service.store.accounts.set_roles(account.id, [])
    assert stranger.get("/api/v1/me", headers=headers).status_code == 403
