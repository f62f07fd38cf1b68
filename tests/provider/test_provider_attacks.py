"""What somebody might try who wants to be signed on as somebody else, or to be sent elsewhere."""

import base64
import hashlib
import hmac
import json
import threading
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from relying_site import LENA, answered, place

from matricula.provider.clients import Client


def refused(service):
    return [each.words for each in service.store.audit.find(act="provider.refused")]


def grants(service):
    with service.store.begin() as connection:
        return [tuple(row) for row in connection.exec_driver_sql("select purpose, used_at from sign_on_grant")]


@pytest.mark.parametrize(
    "redirect",
    [
        "https://evil.example/",
        "https://moodle.example/admin/oauth2callback.php/",
        "https://moodle.example/admin/oauth2callback.php?x=1",
        "https://moodle.example/admin/oauth2callback.php#x",
        "https://moodle.example/admin/../evil.php",
        "https://moodle.example.evil.example/admin/oauth2callback.php",
        "https://moodle.example@evil.example/admin/oauth2callback.php",
        "https://MOODLE.example/admin/oauth2callback.php",
        "http://moodle.example/admin/oauth2callback.php",
        "https://moodle.example:444/admin/oauth2callback.php",
        "javascript:alert(1)",
        "//evil.example",
        "https://evil.exämple/",
        'https://evil.example/"><script>',
        "",
        None,
    ],
)
def test_an_answer_goes_to_the_address_that_is_kept_and_nowhere_else(site, service, redirect):
    answer = site.ask(redirect_uri=redirect)
    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "evil" not in answer.text
    assert grants(service) == []
    assert refused(service) == ["invalid_request"]


def test_the_address_of_another_site_is_no_better(site, other, service):
    answer = site.ask(redirect_uri=other.entered.redirect)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    answer = site.ask(client_id=other.entered.client)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert grants(service) == []


@pytest.mark.parametrize("client", [None, "", "matricula-0000", "matricula", "ä", "x" * 5000])
def test_an_unknown_site_learns_nothing(site, service, client):
    answer = site.ask(client_id=client)
    assert (answer.status_code, "location" in answer.headers) == (400, False)
    assert len(refused(service)) == 1


def test_a_code_is_good_once_and_a_second_use_ends_the_tokens_made_of_it(site, service):
    code = site.code()
    tokens = site.exchange(code).json()
    assert site.userinfo(tokens["access_token"]).status_code == 200
    unconcerned = site.tokens()
    again = site.exchange(code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    answer = site.userinfo(tokens["access_token"])
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert site.userinfo(unconcerned["access_token"]).status_code == 200
    assert "code-used-before" in refused(service)


def test_of_many_who_use_a_code_at_once_none_or_one_has_tokens_that_are_good(site):
    code, answers = site.code(), []
    threads = [threading.Thread(target=lambda: answers.append(site.exchange(code))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    given_out = [each.json()["access_token"] for each in answers if each.status_code == 200]
    assert len(given_out) <= 1
    assert [each for each in given_out if site.userinfo(each).status_code == 200] == []


def test_a_code_of_one_site_is_good_for_no_other_and_is_then_good_for_none(site, other, service):
    code = site.code()
    stolen = other.exchange(code, redirect_uri=site.entered.redirect)
    assert (stolen.status_code, stolen.json()["error"]) == (400, "invalid_grant")
    assert site.exchange(code).status_code == 400
    assert refused(service) == ["code-unknown", "code-of-another-client"]


def test_a_code_is_exchanged_with_the_address_it_went_to(site):
    assert site.exchange(site.code(), redirect_uri="https://evil.example/").json()["error"] == "invalid_grant"
    assert site.exchange(site.code(), redirect_uri=None).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_a_minute(site, service, clock):
    early, late = site.code(), site.code()
    clock.turn(seconds=58)
    assert site.exchange(early).status_code == 200
    clock.turn(seconds=3)
    assert site.exchange(late).json()["error"] == "invalid_grant"
    assert refused(service) == ["code-too-old"]


def test_an_old_code_is_still_known_as_used_while_what_was_made_of_it_is_good(site, service, clock):
    code = site.code()
    token = site.exchange(code).json()["access_token"]
    clock.turn(minutes=9)
    site.window.is_signed_in(LENA)
    site.code()
    assert site.userinfo(token).status_code == 200
    site.exchange(code)
    assert site.userinfo(token).status_code == 401


def test_a_token_ends(site, clock):
    token = site.tokens()["access_token"]
    clock.turn(minutes=9, seconds=50)
    assert site.userinfo(token).status_code == 200
    clock.turn(seconds=15)
    assert site.userinfo(token).status_code == 401


@pytest.mark.parametrize("verifier", [None, "", "short", "x" * 60, "ä" * 60])
def test_a_proof_that_was_begun_must_be_brought(site, verifier):
    answer = site.exchange(site.code(**site.proof()), code_verifier=verifier)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_grant", "invalid_request")


def test_one_wrong_proof_is_all_that_can_be_tried(site, service):
    code = site.code(**site.proof())
    site.exchange(code, code_verifier="x" * 60)
    assert site.exchange(code, code_verifier=site.verifier).json()["error"] == "invalid_grant"


def test_a_proof_that_was_not_begun_is_refused(site):
    assert site.exchange(site.code(), code_verifier=site.verifier).json()["error"] == "invalid_request"


@pytest.mark.parametrize("method", ["plain", None, "s256"])
def test_a_proof_is_never_the_challenge_itself(site, method):
    told = answered(site.ask(code_challenge=site.verifier, code_challenge_method=method))
    assert (told["error"], "code" in told) == ("invalid_request", False)


@pytest.mark.parametrize(
    "state",
    ["a b&c=d#e?f/g+h%20", "ä€", '"><script>alert(1)</script>', "x" * 1500, "//evil.example", "a\r\nSet-Cookie: a=b"],
)
def test_the_state_comes_back_as_it_was(site, state):
    answer = site.ask(state=state)
    assert answered(answer)["state"] == state
    assert place(answer) == site.entered.redirect
    assert "set-cookie" not in {name.lower() for name in answer.headers} - {"set-cookie"}
    told = answered(site.ask(state=state, scope="profile"))
    assert (told["error"], told["state"]) == ("invalid_scope", state)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=st.text(min_size=1, max_size=60).filter(lambda text: text.isprintable()))
def test_whatever_the_state_is_it_comes_back_as_it_was(site, state):
    assert answered(site.ask(state=state))["state"] == state


def test_without_a_state_nobody_is_signed_on(site):
    for state in (None, ""):
        told = answered(site.ask(state=state))
        assert (told["error"], "code" in told) == ("invalid_request", False)


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/request"}, "request_uri_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
    ],
)
def test_what_is_not_offered_is_refused_and_the_site_told(site, more, error):
    told = answered(site.ask(**more))
    assert (told["error"], told["state"], "code" in told) == (error, site.state, False)


@pytest.mark.parametrize("name", ["redirect_uri", "state", "client_id", "nonce", "code_challenge", "prompt"])
def test_nothing_is_taken_that_is_there_twice(site, name):
    answer = site.window.get(f"/provider/authorize?{urlencode(site.query() | {name: 'a'})}&{name}=b")
    assert (answer.status_code, "location" in answer.headers) == (400, False)


@pytest.mark.parametrize("secret", [None, "", "wrong", "ä"])
def test_without_the_secret_a_code_is_worth_nothing(site, service, secret):
    code = site.code()
    answer = site.exchange(code, client_secret=secret)
    assert (answer.status_code, answer.json()["error"]) in [(401, "invalid_client"), (400, "invalid_request")]
    assert site.exchange(code).status_code == 200, "whoever has no secret cannot spoil a code either"


@pytest.mark.parametrize("header", ["Basic", "Basic !!", "Basic //79", "Basic YQ==", "Bearer x", "Basic YTpi", "x"])
def test_whatever_the_header_says_without_the_secret_nothing_is_given(site, header):
    form = {"grant_type": "authorization_code", "code": site.code(), "redirect_uri": site.entered.redirect}
    answer = site.window.post("/provider/token", data=form, headers={"authorization": header})
    assert answer.status_code in (400, 401)
    assert answer.json()["error"] in ("invalid_client", "invalid_request")


def test_a_secret_in_an_address_is_none(site):
    query = {"client_id": site.entered.client, "client_secret": site.entered.secret, "code": site.code()}
    form = {"grant_type": "authorization_code", "redirect_uri": site.entered.redirect}
    assert site.window.post(f"/provider/token?{urlencode(query)}", data=form).status_code == 401
    assert site.window.get(f"/provider/token?{urlencode(query | form)}").status_code == 405


@pytest.mark.parametrize("kind", ["client_credentials", "refresh_token", "password", "implicit", None, "ä"])
def test_no_other_way_leads_to_a_token(site, kind):
    answer = site.exchange(site.code(), grant_type=kind)
    assert answer.status_code == 400
    assert "access_token" not in answer.json()


def test_a_secret_is_compared_in_the_same_time_whatever_it_is(site, service, monkeypatch):
    compared = []
    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((len(a), len(b))) or real(a, b))
    client = Client(service.store.sign_on_clients.of_site("school"))
    assert client.check_client_secret(site.entered.secret)
    assert not client.check_client_secret(site.entered.secret[:-1])
    assert not client.check_client_secret("ä")
    assert compared == [(64, 64)] * 3


def test_a_renewed_secret_closes_what_the_old_one_opened(site, service):
    code, token = site.code(), site.tokens()["access_token"]
    renewed = service.provider.make_client("school", renew=True)
    assert renewed.client == site.entered.client
    assert renewed.secret != site.entered.secret
    assert site.userinfo(token).status_code == 401
    assert site.exchange(code).json()["error"] == "invalid_client"
    assert site.exchange(code, client_secret=renewed.secret).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic x", "Bearer ä".encode(), "bearer " + "x" * 3000])
def test_without_a_token_nothing_is_told(site, header):
    answer = site.window.get("/provider/userinfo", headers={"authorization": header} if header else {})
    assert answer.status_code == 401
    assert "sub" not in answer.json()


def test_a_token_counts_in_the_header_alone_and_opens_no_page(site):
    token = site.tokens()["access_token"]
    assert site.window.get(f"/provider/userinfo?access_token={token}").status_code == 401
    assert site.window.get("/api/v1/me", headers={"authorization": f"Bearer {token}"}).status_code == 401


def test_a_code_is_no_token_and_a_token_no_code(site):
    assert site.userinfo(site.code()).status_code == 401
    assert site.exchange(site.tokens()["access_token"]).json()["error"] == "invalid_grant"


def test_what_was_given_out_is_kept_as_digests(site, service):
    code = site.code()
    tokens = site.exchange(code).json()
    with service.store.begin() as connection:
        kept = str(connection.exec_driver_sql("select * from sign_on_grant").fetchall())
        kept += str(connection.exec_driver_sql("select * from sign_on_client").fetchall())
        kept += str(connection.exec_driver_sql("select * from signing_key").fetchall())
    for secret in (code, tokens["access_token"], site.entered.secret, '"d"', "kty"):
        assert secret not in kept


def test_a_key_that_was_replaced_is_believed_for_a_week(site, service, clock):
    before = site.tokens()["id_token"]
    old = site.verified(before).header["kid"]
    service.provider.rotate()
    after = site.verified(site.tokens()["id_token"]).header["kid"]
    assert old != after
    assert [each["kid"] for each in site.window.get("/provider/keys").json()["keys"]] == [after, old]
    assert site.verified(before).claims["sub"]
    clock.turn(days=6, hours=23)
    assert len(site.window.get("/provider/keys").json()["keys"]) == 2
    clock.turn(hours=2)
    assert [each["kid"] for each in site.window.get("/provider/keys").json()["keys"]] == [after]
    with pytest.raises((JoseError, ValueError)):
        site.verified(before)


def test_no_private_part_of_a_key_is_published(site, service):
    service.provider.rotate()
    for key in site.window.get("/provider/keys").json()["keys"]:
        assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}


def parts(*told):
    """Header and claims of a token, not signed."""
    return ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in told)


def forged(site, kind):
    """ID tokens that the provider did not make."""
    claims = site.verified(site.tokens()["id_token"]).claims
    public = site.window.get("/provider/keys").json()["keys"][0]
    if kind == "none":
        return f"{parts({'alg': 'none', 'kid': public['kid']}, claims)}."
    if kind == "symmetric":
        signed = parts({"alg": "HS256", "kid": public["kid"]}, claims)
        pem = RSAKey.import_key(public).as_pem(private=False)
        mac = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
        return f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    key = RSAKey.generate_key(2048, parameters={"kid": public["kid"]})
    return jwt.encode({"alg": "RS256", "kid": public["kid"]}, claims, key)


@pytest.mark.parametrize("kind", ["none", "symmetric", "another key"])
def test_an_id_token_that_the_provider_did_not_make_sends_nobody_anywhere(site, kind):
    query = {"id_token_hint": forged(site, kind), "post_logout_redirect_uri": "https://moodle.example/"}
    answer = site.window.get(f"/provider/end-session?{urlencode(query)}")
    assert answer.status_code == 400
    assert 'href="https://moodle.example/"' not in answer.text


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "https://moodle.example.evil.example/",
        "https://moodle.example//evil.example",
        "https://moodle.example/?next=//evil.example",
        "https://other.example/moodle/",
        "javascript:alert(1)",
        "//evil.example",
    ],
)
@pytest.mark.parametrize("by", ["hint", "client", "nothing"])
def test_signing_out_leads_to_the_site_or_nowhere(site, other, address, by):
    told = {"hint": {"id_token_hint": site.tokens()["id_token"]}, "client": {"client_id": site.entered.client}}
    query = urlencode({"post_logout_redirect_uri": address} | told.get(by, {}))
    page = site.window.get(f"/provider/end-session?{query}")
    assert page.status_code == 200
    assert address not in page.text.replace(query.replace("&", "&amp;"), "")
    assert "Back" not in page.text
    assert "go back" not in page.text


def test_a_hint_for_one_site_does_not_lead_to_another(site, other):
    query = {"id_token_hint": site.tokens()["id_token"], "client_id": other.entered.client}
    query["post_logout_redirect_uri"] = "https://other.example/moodle/"
    assert site.window.get(f"/provider/end-session?{urlencode(query)}").status_code == 400


def test_the_pages_cannot_be_put_into_those_of_others(site):
    for path in ("/provider/authorize?x=1", "/provider/continue", "/provider/end-session"):
        headers = site.window.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["cache-control"] == "no-store"


def test_strangers_fill_no_log(site, service):
    for _ in range(80):
        answer = site.window.post("/provider/token", data={"grant_type": "authorization_code"})
    assert answer.status_code == 429
    assert len(refused(service)) <= 60


def test_without_a_good_address_nothing_is_answered(site, service, tmp_path):
    service.home.load("kind: service\nname: service\naddress: http://matricula.example\n", "test", tmp_path)
    for path in ("/.well-known/openid-configuration", "/provider/keys"):
        answer = site.window.get(path)
        assert (answer.status_code, answer.json()["code"]) == (422, "provider-insecure")
    assert site.exchange("x").status_code == 422
    assert "location" not in site.ask().headers
