"""Signing on to a site: the whole way, and what is told of the person."""

import base64
import hashlib
import html
import re
from urllib.parse import urlencode

import pytest
from relying_site import ADDRESS, LENA, OTTO, Window, answered, place

from matricula.errors import WaitError


def audited(service, act="provider."):
    return [(each.act, each.subject, each.site, each.words) for each in service.store.audit.find(act=act)]


@pytest.fixture
def stranger(app, service):
    with Window(app, service) as window:
        yield window


def test_somebody_is_signed_on_to_the_account_that_is_theirs(site, service):
    answer = site.ask(nonce=site.nonce, **site.proof())
    assert place(answer) == "https://moodle.example/admin/oauth2callback.php"
    assert answered(answer)["state"] == site.state
    assert answered(answer)["iss"] == ADDRESS
    tokens = site.exchange(answered(answer)["code"], code_verifier=site.verifier).json()
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 600)
    assert "refresh_token" not in tokens
    told = site.userinfo(tokens["access_token"]).json()
    assert told == {
        "sub": f"42.{site.entered.client}",
        "name": "Lena Lind",
        "given_name": "Lena",
        "family_name": "Lind",
        "preferred_username": "lena.l",
        "idnumber": "4711",
        "sourced_id": "u-1",
        "email": "lena@school.example",
        "email_verified": True,
    }
    assert audited(service, "provider.signed-on") == [("provider.signed-on", "person lena.l", "school", "account 42")]


def test_the_id_token_says_by_whom_for_whom_and_of_which_access_token(site):
    tokens = site.tokens(nonce=site.nonce)
    token = site.verified(tokens["id_token"])
    claims = token.claims
    assert token.header["alg"] == "RS256"
    assert token.header["kid"] == site.window.get("/provider/keys").json()["keys"][0]["kid"]
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (ADDRESS, site.entered.client, site.nonce)
    assert claims["exp"] - claims["iat"] == 600
    assert claims["auth_time"] <= claims["iat"]
    assert claims["sub"] == site.userinfo(tokens["access_token"]).json()["sub"]
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("scope", "told"),
    [
        ("openid", {"sub"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid email nonsense", {"sub", "email", "email_verified"}),
    ],
)
def test_a_scope_opens_what_it_names(site, scope, told):
    tokens = site.tokens(scope=scope)
    assert set(site.userinfo(tokens["access_token"]).json()) == told
    assert {"sub"} | told == told | (set(site.verified(tokens["id_token"]).claims) & {"sub", "email", "name"})


def test_the_same_person_is_another_subject_at_another_site_and_always_the_same_at_one(site, other):
    first, second = (site.userinfo(site.tokens()["access_token"]).json()["sub"] for _ in range(2))
    assert first == second
    assert other.userinfo(other.tokens()["access_token"]).json()["sub"] not in (first, "")


def test_a_secret_may_come_in_the_header_as_well(site):
    assert site.exchange(site.code(), basic=True).status_code == 200


def test_a_request_may_come_as_a_form(site):
    answer = site.window.post("/provider/authorize", data=site.query())
    assert answered(answer)["code"]
    tokens = site.exchange(answered(answer)["code"]).json()
    told = site.window.post("/provider/userinfo", headers={"authorization": f"Bearer {tokens['access_token']}"})
    assert told.json()["preferred_username"] == "lena.l"


def test_who_is_not_signed_in_signs_in_first_and_goes_on_by_a_page(site, stranger, service):
    site.window = stranger
    answer = site.ask(prompt="login")
    assert answer.headers["location"].startswith("/portal/sign-in?after=%2Fprovider%2Fcontinue%3Fwanted%3D")
    wanted = answer.headers["location"].rpartition("%3D")[2]
    stranger.is_signed_in(LENA)
    page = stranger.get(f"/provider/continue?wanted={wanted}")
    # A form's answer may not lead to another site by the policy of the page it was on; a page that goes on may.
    assert page.status_code == 200
    onward = html.unescape(re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', page.text)[1])
    answer = stranger.get(onward)
    assert place(answer) == site.entered.redirect
    assert answered(answer)["state"] == site.state
    assert site.exchange(answered(answer)["code"]).status_code == 200
    assert "refresh" not in stranger.get(f"/provider/continue?wanted={wanted}").text


def test_what_was_wanted_is_known_to_the_browser_that_wanted_it_alone(site, stranger):
    mine, site.window = site.window, stranger
    wanted = site.ask().headers["location"].rpartition("%3D")[2]
    assert "not known any more" in mine.get(f"/provider/continue?wanted={wanted}").text
    for odd in ("", "../x", "x" * 4000, wanted + "%0d%0aX:1"):
        assert "refresh" not in stranger.get("/provider/continue", params={"wanted": odd}).text


def test_a_cookie_that_somebody_made_up_leads_nowhere_but_to_the_provider(site, stranger):
    evil = base64.urlsafe_b64encode(b'redirect_uri=https://evil.example&"><script>=1').decode()
    stranger.cookies.set("__Host-matricula-wanted-ab", evil, domain="matricula.example", path="/")
    page = stranger.get("/provider/continue?wanted=ab").text
    assert 'content="0;url=/provider/authorize?' in page
    assert "<script>=" not in page
    stranger.cookies.set("__Host-matricula-wanted-ac", "!!!", domain="matricula.example", path="/")
    assert "refresh" not in stranger.get("/provider/continue?wanted=ac").text


def test_nothing_is_asked_where_nothing_may_be(site, stranger):
    assert answered(site.ask(prompt="none"))["code"]
    site.window = stranger
    told = answered(site.ask(prompt="none"))
    assert (told["error"], told["state"], "code" in told) == ("login_required", site.state, False)


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_who_is_to_sign_in_anew_is_signed_out_before(site, prompt):
    answer = site.ask(prompt=prompt)
    assert answer.headers["location"].startswith("/portal/sign-in?")
    assert site.ask().headers["location"].startswith("/portal/sign-in?")


def test_a_sign_in_may_be_too_long_ago(site, clock):
    clock.turn(minutes=10)
    assert answered(site.ask(max_age="900"))["code"]
    assert answered(site.ask(max_age="300", prompt="none"))["error"] == "login_required"
    assert site.ask(max_age="300").headers["location"].startswith("/portal/sign-in?")


def test_who_has_no_account_there_is_told_so_here_and_nothing_goes_to_the_site(site, service):
    site.window.is_signed_in(OTTO)
    answer = site.ask()
    assert answer.status_code == 400
    assert "You have no account at this Moodle." in answer.text
    assert 'href="https://moodle.example/"' in answer.text
    assert "location" not in answer.headers
    assert audited(service) == [
        ("provider.refused", "person otto", "school", "sign-on-nobody"),
        ("provider.client", "site school", "school", ""),
    ]


def test_where_nothing_may_be_shown_the_site_is_told(site, service):
    site.window.is_signed_in(OTTO)
    told = answered(site.ask(prompt="none"))
    assert (told["error"], told["error_description"]) == ("access_denied", "Refused: sign-on-nobody.")
    assert audited(service)[0][3] == "sign-on-nobody"


def test_a_moodle_that_cannot_be_asked_signs_nobody_on(site, service):
    def unreachable(*_):
        raise WaitError("Moodle does not answer.", remedy="Try again later.", code="site-unreached")

    service.providing.holder_of = unreachable
    answer = site.ask()
    assert (answer.status_code, "Moodle does not answer." in answer.text) == (503, True)
    assert audited(service)[0][3] == "site-unreached"


def test_a_site_that_moved_is_refused_until_its_client_is_renewed(site, service, tmp_path):
    service.home.load("kind: site\nname: school\nurl: https://new.example\n", "test", tmp_path)
    answer = site.ask()
    assert answer.status_code == 400
    assert "location" not in answer.headers
    entered = service.provider.make_client("school", renew=True)
    assert entered.redirect == "https://new.example/admin/oauth2callback.php"


def test_signing_out_is_asked_of_the_person_and_leads_back(site, service):
    tokens = site.tokens()
    query = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "https://moodle.example/", "state": "s 1"}
    page = site.window.get(f"/provider/end-session?{urlencode(query)}")
    assert "You are signed in as Lena Lind." in page.text
    assert answered(site.ask())["code"], "nothing happens before the button"
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    left = site.window.post("/provider/leave", data={name: html.unescape(value) for name, value in form.items()})
    assert 'content="0;url=https://moodle.example/?state=s+1"' in left.text
    assert site.ask().headers["location"].startswith("/portal/sign-in?")
    assert audited(service, "provider.signed-out") == [("provider.signed-out", "person lena", "", "")]


def test_a_form_of_another_site_signs_nobody_out(site):
    answer = site.window.post("/provider/leave", data={"query": ""}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert site.window.post("/provider/leave", data={"query": ""}).status_code == 403
    assert answered(site.ask())["code"]
