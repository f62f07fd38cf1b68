"""Signing on with an OpenID Connect provider: a real small one, also where it lies."""

import time

import httpx2
import pytest
from oidc_provider import CLIENT, SECRET, OidcProvider
from web_browser import ADDRESS, PASSWORD, Browser, words

from matricula.store.accounts import Granted

SETTINGS = """kind: service
name: service
address: http://console.example
sign_on:
  issuer: {issuer}
  client_id: matricula
  secret: school-login
"""


@pytest.fixture(scope="module")
def running():
    with OidcProvider.running() as provider:
        yield provider


@pytest.fixture
def provider(running):
    fresh = OidcProvider()
    for name in ("claims", "person", "lie", "discovery", "in_userinfo", "codes", "asked", "methods"):
        setattr(running, name, getattr(fresh, name))
    return running


@pytest.fixture
def settings(service, provider, tmp_path):
    def set_up(more=""):
        service.home.load(SETTINGS.format(issuer=provider.address) + more, "test", tmp_path)
        service.home.keep_secret("school-login", SECRET)

    set_up()
    return set_up


@pytest.fixture
def anna(service):
    return service.accounts.add("anna", "Anna", "Anna@School.example", PASSWORD, [Granted("viewer", "*")])


@pytest.fixture
def visitor(app, settings, anna):
    with Browser(app, base_url=ADDRESS) as browser:
        yield browser


def off(browser, after="/"):
    """The provider's address that the browser is sent to."""
    answer = browser.get("/sign-on", params={"after": after}, follow_redirects=False)
    assert answer.status_code == 303, words(answer)
    return answer.headers["location"]


def answer_of(address):
    """Where the provider sends the browser back to."""
    return httpx2.get(address, follow_redirects=False).headers["location"]


def sign_on(browser, after="/"):
    return browser.get(answer_of(off(browser, after)))


def refused(service):
    return [each.words for each in service.store.audit.find(act="sign-in.refused")]


def test_the_page_offers_it_and_it_leads_where_one_wanted_to_go(visitor, service):
    page = visitor.get("/sign-in?after=/me")
    assert 'href="/sign-on?after=/me"' in page.text
    assert "Sign in with your school account" in words(page)
    page = sign_on(visitor, "/me")
    assert page.url.path == "/me"
    assert "anna" in words(page)
    assert service.accounts.named("anna").subject.endswith(" s-1")
    assert [each.words for each in service.store.audit.find(act="signed-in")] == ["by sign-on"]
    assert "matricula-sign-on" not in visitor.cookies


def test_nothing_that_is_secret_stands_in_an_address(visitor):
    address = off(visitor)
    assert "code_challenge_method=S256" in address
    assert visitor.cookies["matricula-sign-on"] not in address


def test_from_then_on_the_subject_counts_whatever_the_address(visitor, provider, service):
    sign_on(visitor)
    visitor.cookies.clear()
    provider.person = {"sub": "s-1", "email": "new@school.example"}
    assert sign_on(visitor).url.path == "/"
    visitor.cookies.clear()
    provider.person = {"sub": "s-2", "email": "anna@school.example"}
    page = sign_on(visitor)
    assert page.status_code == 400
    assert "belongs to another person" in words(page)
    assert refused(service) == ["sign-on: sign-on-other"]


@pytest.mark.parametrize("lie", ["signature", "none", "symmetric", "unknown key", "garbage"])
def test_tokens_that_are_not_the_providers_are_not_believed(visitor, provider, service, lie):
    provider.lie = lie
    page = sign_on(visitor)
    assert page.status_code == 400
    assert "cannot be believed" in words(page)
    assert refused(service) == ["sign-on: sign-on-unbelieved"]
    assert visitor.get("/").url.path == "/sign-in"


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another"},
        {"aud": []},
        {"aud": ["matricula", "another"]},
        {"aud": ["matricula", "another"], "azp": "another"},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": 946684800},
        {"exp": None},
        {"exp": "soon"},
        {"iat": 32503680000},
        {"nbf": 32503680000},
        {"nonce": "another browser's"},
        {"nonce": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 300},
    ],
    ids=str,
)
def test_tokens_for_others_or_of_another_time_are_not_believed(visitor, provider, service, claims):
    provider.claims = claims
    page = sign_on(visitor)
    assert page.status_code == 400
    assert "cannot be believed" in words(page)
    assert service.accounts.named("anna").subject is None


def test_several_audiences_are_fine_where_we_are_the_party(visitor, provider):
    provider.claims = {"aud": ["another", CLIENT], "azp": CLIENT}
    assert sign_on(visitor).url.path == "/"


def test_an_answer_is_taken_once(visitor, service):
    back = answer_of(off(visitor))
    cookie = visitor.cookies["matricula-sign-on"]
    assert visitor.get(back).url.path == "/"
    visitor.cookies.set("matricula-sign-on", cookie, domain="console.example")
    page = visitor.get(back)
    assert page.status_code == 400
    assert "was ended already" in words(page)


def test_an_answer_is_for_the_browser_that_asked(visitor, app, service):
    back = answer_of(off(visitor))
    with Browser(app, base_url=ADDRESS) as other:
        assert other.get(back).status_code == 400
        off(other)
        assert other.get(back).status_code == 400
        assert other.get("/").url.path == "/sign-in"
    assert visitor.get(back).url.path == "/"


def test_two_browsers_may_be_under_way_at_once(visitor, app):
    first = answer_of(off(visitor))
    with Browser(app, base_url=ADDRESS) as other:
        assert sign_on(other).url.path == "/"
    assert visitor.get(first).url.path == "/"


def test_an_answer_that_took_too_long_is_refused(visitor, service):
    back = answer_of(off(visitor))
    now = service.accounts.now()
    service.accounts.now = lambda: now.replace(year=now.year + 1)
    assert visitor.get(back).status_code == 400


@pytest.mark.parametrize(
    ("query", "told"),
    [("error=access_denied", "said no"), ("error=server_error", "no answer"), ("", "no answer")],
)
def test_what_the_provider_refuses_is_told(visitor, query, told):
    state = dict(each.split("=") for each in off(visitor).partition("?")[2].split("&"))["state"]
    page = visitor.get(f"/sign-on/back?state={state}&{query}")
    assert page.status_code == 400
    assert told in words(page)


def test_an_answer_of_another_provider_is_refused(visitor):
    back = answer_of(off(visitor)).partition("&iss=")[0]
    assert visitor.get(f"{back}&iss=https://evil.example").status_code == 400


def test_a_code_that_is_not_the_providers_is_refused(visitor):
    state = dict(each.split("=") for each in off(visitor).partition("?")[2].split("&"))["state"]
    page = visitor.get(f"/sign-on/back?state={state}&code=guessed")
    assert page.status_code == 400
    assert "own code" in words(page)


def test_a_new_key_of_the_provider_is_fetched(visitor, provider):
    assert sign_on(visitor).url.path == "/"
    provider.rotate()
    visitor.cookies.clear()
    visitor.app.state.service.sign_on.trip._provider[1]._keys = (
        time.monotonic() - 60,
        visitor.app.state.service.sign_on.trip._provider[1]._keys[1],
    )
    assert sign_on(visitor).url.path == "/"


def test_unknown_keys_do_not_make_us_ask_again_and_again(visitor, provider):
    provider.lie = "unknown key"
    for _ in range(3):
        sign_on(visitor)
    assert provider.asked.count("/keys") == 1


@pytest.mark.parametrize("methods", [["client_secret_post"], ["client_secret_basic"], None])
def test_the_client_names_itself_as_the_provider_wants(visitor, provider, methods):
    provider.methods = methods
    assert sign_on(visitor).url.path == "/"


def test_a_wrong_secret_is_told_as_a_setting(visitor, service):
    service.home.keep_secret("school-login", "not-that-one-4711")
    page = sign_on(visitor)
    assert page.status_code == 422
    assert "secret is wrong" in words(page)
    assert "not-that-one-4711" not in page.text


@pytest.mark.parametrize(
    ("person", "told"),
    [
        ({"sub": "s-9", "email": "berta@school.example"}, "You have no account here yet."),
        ({"sub": "s-9", "email": "anna@school.example", "email_verified": False}, "has not verified"),
        ({"sub": "s-9"}, "does not say your “email”"),
        ({"sub": "s-9", "email": 7}, "does not say your “email”"),
    ],
)
def test_whoever_has_no_account_is_told_so(visitor, provider, service, person, told):
    provider.person = person
    page = sign_on(visitor)
    assert page.status_code == 400
    assert told in words(page)
    assert len(service.store.accounts.all()) == 1


def test_an_address_that_two_accounts_have_opens_neither(visitor, service):
    service.accounts.add("anna2", "Anna", "anna@school.example", None, [])
    assert "Several accounts" in words(sign_on(visitor))


def test_a_closed_account_stays_closed(visitor, service, anna):
    service.store.accounts.change(anna.id, state="closed")
    page = sign_on(visitor)
    assert page.status_code == 400
    assert "closed" in words(page)
    assert service.accounts.get(anna.id).subject is None


def test_new_people_get_the_role_that_the_settings_say(visitor, provider, service, settings):
    settings("  new_accounts: viewer\n")
    provider.person = {"sub": "s-9", "email": "Berta@school.example", "name": "Berta B."}
    assert sign_on(visitor).url.path == "/"
    made = service.accounts.named("berta@school.example")
    assert (made.display, made.roles, made.password) == ("Berta B.", (Granted("viewer", "*"),), None)
    assert [each.words for each in service.store.audit.find(act="account.made")] == ["viewer for all sites"]


def test_another_claim_may_name_the_account_and_userinfo_may_say_it(visitor, provider, settings):
    settings("  claim: preferred_username\n")
    provider.in_userinfo = {"preferred_username": "Anna"}
    assert sign_on(visitor).url.path == "/"


def test_userinfo_of_another_person_is_not_believed(visitor, provider, settings):
    settings("  claim: preferred_username\n")
    provider.in_userinfo = {"sub": "s-2", "preferred_username": "anna"}
    assert sign_on(visitor).status_code == 400


def test_the_second_factor_of_the_account_is_asked_for(visitor, service, anna):
    service.accounts.factors.begin(anna)
    service.store.factors.confirm(anna.id, 1)
    assert sign_on(visitor).url.path == "/sign-in/second"
    assert service.store.audit.find(act="signed-in") == []


@pytest.mark.parametrize(
    ("discovery", "told"),
    [
        ({"issuer": "https://evil.example"}, "calls itself otherwise"),
        ({"token_endpoint": "http://login.example/token"}, "not reached over https"),
        ({"jwks_uri": None}, "not what an OpenID Connect provider answers"),
    ],
)
def test_a_provider_that_cannot_be_is_told_of(visitor, provider, discovery, told):
    provider.discovery = discovery
    page = visitor.get("/sign-on")
    assert page.status_code == 422
    assert told in words(page)


def test_a_provider_out_of_reach_leaves_the_password(visitor, provider, service, settings, tmp_path):
    provider.lie = "down"
    page = sign_on(visitor)
    assert page.status_code == 503
    assert visitor.sign_in("anna").url.path == "/"


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_it_never_leads_elsewhere(visitor, after):
    assert sign_on(visitor, after).url.host == "console.example"


def test_without_settings_there_is_none(browser, service, anna):
    assert "sign-on" not in browser.get("/sign-in").text
    assert browser.get("/sign-on").status_code == 422
