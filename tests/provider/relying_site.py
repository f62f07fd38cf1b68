"""A site that signs people on with the provider, and the browser that it sends there."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.testclient import TestClient

from matricula.sign_on import Person

ADDRESS = "https://matricula.example"
LENA = Person("test lena", username="lena", email="lena@home.example", idnumber="4711", given="Lena", family="Lind")
OTTO = Person("test otto", username="otto")


class Window(TestClient):
    """A browser that follows nothing by itself."""

    def __init__(self, app, service):
        super().__init__(app, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=True)
        self.service = service

    def is_signed_in(self, person):
        cookie = self.service.portal.begin(person, address="10.0.0.1", agent="test")
        self.cookies.set("__Host-matricula-portal", cookie, domain=urlsplit(ADDRESS).hostname, path="/")


class RelyingSite:
    """A site's own sign-in.

    Args:
        entered: what its administrator entered.
        window: the browser.
    """

    def __init__(self, entered, window):
        self.entered = entered
        self.window = window
        self.state, self.nonce = "/auth/oauth2/login.php?wantsurl=%2Fmy&sesskey=Ab1&id=1", secrets.token_hex(8)
        self.verifier = secrets.token_urlsafe(48)

    def query(self, **more):
        """What it asks for; None leaves something out."""
        told = {
            "client_id": self.entered.client,
            "response_type": "code",
            "redirect_uri": self.entered.redirect,
            "state": self.state,
            "scope": "openid profile email",
        } | more
        return {name: value for name, value in told.items() if value is not None}

    def proof(self):
        digest = hashlib.sha256(self.verifier.encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return {"code_challenge": challenge, "code_challenge_method": "S256"}

    def ask(self, **more):
        """Send the browser to the provider; its answer."""
        return self.window.get(f"/provider/authorize?{urlencode(self.query(**more))}")

    def code(self, **more):
        """A code."""
        answer = self.ask(**more)
        assert answer.status_code == 303, answer.text
        return answered(answer)["code"]

    def exchange(self, code, *, basic=False, **more):
        """Exchange a code; the answer."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.entered.redirect}
        headers = {}
        if basic:
            told = base64.b64encode(f"{self.entered.client}:{self.entered.secret}".encode()).decode()
            headers["authorization"] = f"Basic {told}"
        else:
            form |= {"client_id": self.entered.client, "client_secret": self.entered.secret}
        form = {name: value for name, value in (form | more).items() if value is not None}
        return self.window.post("/provider/token", data=form, headers=headers)

    def tokens(self, **more):
        """Tokens for whoever is signed in."""
        answer = self.exchange(self.code(**more))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def userinfo(self, token):
        return self.window.get("/provider/userinfo", headers={"authorization": f"Bearer {token}"})

    def keys(self):
        return KeySet.import_key_set(self.window.get("/provider/keys").json())

    def verified(self, id_token):
        """An ID token, once its signature was checked with what the provider publishes."""
        return jwt.decode(id_token, self.keys(), algorithms=["RS256"])


def answered(answer):
    """What an answer that leads to a site says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def place(answer):
    """Where an answer leads, without what it says."""
    return answer.headers["location"].partition("?")[0]


def raw(answer):
    """What an answer that leads to a site says, in order."""
    return parse_qsl(urlsplit(answer.headers["location"]).query)
