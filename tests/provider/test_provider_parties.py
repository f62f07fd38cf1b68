"""Others' clients at the provider, over a network: ours, which signs people in to the console, and Authlib's."""

import secrets
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from authlib.oauth2.client import OAuth2Client
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

from relying_site import LENA
from web_server import served

from matricula.service.provider import Provider, SignOnError


@pytest.fixture
def reached(app, service, tmp_path):
    """The provider on a real server, and a browser in which Lena is signed in."""
    with served(app) as address:
        service.home.load(f"kind: service\nname: service\naddress: {address}\n", "test", tmp_path)
        cookie = service.portal.begin(LENA, address="127.0.0.1", agent="test")
        with httpx2.Client(trust_env=False, timeout=60, cookies={"matricula-portal": cookie}) as browser:
            yield address, browser, service.provider.make_client("school", renew=False)


def code_of(browser, address):
    query = urlsplit(browser.get(address).headers["location"]).query
    return {name: values[0] for name, values in parse_qs(query).items()}


def test_our_own_client_takes_what_it_gives(reached):
    address, browser, entered = reached
    ours = Provider(address, entered.client, lambda: entered.secret)
    told = ours.configuration()
    assert (told.issuer, told.basic) == (address, True)
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_hex(8)
    query = {
        "response_type": "code",
        "client_id": entered.client,
        "redirect_uri": entered.redirect,
        "scope": "openid profile email",
        "state": "s",
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
    }
    answer = code_of(browser, f"{told.authorization}?{httpx2.QueryParams(query)}")
    assert (answer["state"], answer["iss"]) == ("s", address)
    given = ours.exchange(answer["code"], verifier, entered.redirect)
    now = jwt.decode(given["id_token"], KeySet.import_key_set(browser.get(told.keys).json())).claims["iat"]
    claims = ours.claims(given["id_token"], nonce, now)
    assert claims["preferred_username"] == "lena.l"
    assert ours.userinfo(given["access_token"], claims["sub"])["email"] == "lena@school.example"
    assert ours.userinfo(given["access_token"], "another") == {}
    with pytest.raises(SignOnError):
        ours.exchange(answer["code"], verifier, entered.redirect)
    with pytest.raises(SignOnError):
        ours.claims(given["id_token"], "another", now)
    ours.close()


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_authlibs_client_takes_what_it_gives(reached, method):
    address, browser, entered = reached
    told = browser.get(f"{address}/.well-known/openid-configuration").json()
    client = OAuth2Client(
        browser,
        entered.client,
        entered.secret,
        token_endpoint_auth_method=method,
        scope="openid profile email",
        redirect_uri=entered.redirect,
        code_challenge_method="S256",
    )
    verifier, nonce = secrets.token_urlsafe(48), secrets.token_hex(8)
    url, state = client.create_authorization_url(told["authorization_endpoint"], code_verifier=verifier, nonce=nonce)
    place = browser.get(url).headers["location"]
    form = {"grant_type": "authorization_code", "code": code_of(browser, url)["code"], "redirect_uri": entered.redirect}
    assert state in place
    auth = (entered.client, entered.secret) if method == "client_secret_basic" else None
    extra = {} if auth else {"client_id": entered.client, "client_secret": entered.secret}
    tokens = browser.post(told["token_endpoint"], data=form | extra | {"code_verifier": verifier}, auth=auth).json()
    keys = KeySet.import_key_set(browser.get(told["jwks_uri"]).json())
    token = jwt.decode(tokens["id_token"], keys, algorithms=told["id_token_signing_alg_values_supported"])
    claims = CodeIDToken(
        token.claims,
        token.header,
        options={"iss": {"value": address}, "aud": {"value": entered.client}},
        params={"nonce": nonce, "access_token": tokens["access_token"], "client_id": entered.client},
    )
    claims.validate()


def test_what_it_says_of_itself_is_what_moodle_takes(reached):
    address, browser, _ = reached
    answer = browser.get(f"{address}/.well-known/openid-configuration")
    told = answer.json()
    assert told["issuer"] == address
    endpoints = {name: place for name, place in told.items() if name.endswith("_endpoint")}
    assert set(endpoints) == {f"{each}_endpoint" for each in ("authorization", "token", "userinfo", "end_session")}
    assert all(place.startswith(f"{address}/provider/") for place in endpoints.values())
    assert told["scopes_supported"] == ["openid", "profile", "email"]
    assert "none" not in str(told)
    assert answer.headers["cache-control"] == "public, max-age=300"
