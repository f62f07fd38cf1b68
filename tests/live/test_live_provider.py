"""A real Moodle's own OAuth 2 sign-in with Matricula, set up and used in a real Chromium as docs/provider.md tells.

    MATRICULA_LIVE_URL=http://127.0.0.1:8064 MATRICULA_LIVE_TOKEN=… MATRICULA_LIVE_ADMIN=admin:… \
    MATRICULA_LIVE_TLS=FOLDER ./dev live tests/live/test_live_provider.py

FOLDER holds `server.pem` and `server.key`, a certificate for 127.0.0.1 and its key, of an authority that the Moodle
believes: one in `moodleorgca.crt` of its data folder, or in `curl.cainfo` of its PHP.
"""

import socket
from pathlib import Path

import pytest
from moodle_at_a_screen import CHROMIUM, Administrator, window
from playwright.sync_api import expect, sync_playwright
from real_site import ADMIN, BY_AN_ADMINISTRATOR, ON_A_REAL_SITE, OVER_TLS, TLS, TOKEN, URL
from served_console import served

from matricula.hub import Home
from matricula.moodle import Moodle
from matricula.service import Service
from matricula.store.accounts import Granted
from matricula.web.app import create_app

PASSWORD = "a sentence to remember"
pytestmark = [
    *ON_A_REAL_SITE,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium: name one in MATRICULA_TEST_CHROMIUM"),
    BY_AN_ADMINISTRATOR,
    OVER_TLS,
    pytest.mark.timeout(900),
]
DOCUMENTS = """kind: service
name: service
address: {address}
---
kind: site
name: school
url: {url}
sign_on: {{by: openid, match: username}}
"""


@pytest.fixture
def matricula(tmp_path):
    """A service at an address over TLS, and the port."""
    with socket.socket() as listening, Home.make(tmp_path / "home") as home:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        home.load(DOCUMENTS.format(address=f"https://127.0.0.1:{port}", url=URL), "test", tmp_path)
        home.keep_token("school", TOKEN)
        service = Service(home)
        files = {"ssl_certfile": str(Path(TLS) / "server.pem"), "ssl_keyfile": str(Path(TLS) / "server.key")}
        with served(create_app(service), listening, **files):
            yield service, port
        service.stop()


@pytest.fixture
def people(mark, matricula):
    """Two accounts of the Moodle; the first is of somebody who may sign in to Matricula."""
    service, _ = matricula
    names = [f"{mark}lena", f"{mark}otto"]
    rows = [
        {"username": each, "firstname": each[-4:].title(), "lastname": mark, "email": f"{each}@school.example"}
        | {"auth": auth, "password": "Pass-word-123"}
        for each, auth in zip(names, ("manual", "oauth2"), strict=True)
    ]
    with Moodle(URL, TOKEN) as moodle:
        made = {each.username: each.id for each in moodle.users.create(rows)}
        for name in names:
            service.accounts.add(name, name, "", PASSWORD, [Granted("viewer", "*")])
        try:
            yield moodle, [made[name] for name in names], names
        finally:
            moodle.users.delete(list(made.values()))


@pytest.fixture
def screen():
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture
def button(screen, matricula, mark):
    """The Moodle, set up step by step; what its button says."""
    service, port = matricula
    entered = service.provider.make_client("school", renew=False)
    with window(screen) as page:
        admin = Administrator(page, *ADMIN.split(":", 1))
        lists, number = admin.let_reach(port), 0
        try:
            admin.enable_oauth2()
            number = admin.make_service(f"School {mark}", entered.client, entered.secret, entered.issuer)
            admin.map_subject(number)
            admin.prevent_accounts()
            yield f"School {mark}"
        finally:
            admin.put_back(number, lists)


def sign_on(page, button, name=""):
    """Press the button on Moodle's sign-in page, and sign in at Matricula where a name is given."""
    page.goto(f"{URL}/login/index.php")
    page.click(f'a:has-text("{button}")')
    if name:
        page.click('a:has-text("Sign in with an account of Matricula")')
        page.fill("#f-name", name)
        page.fill("#f-password", PASSWORD)
        page.click('main button:has-text("Sign in")')


def sign_out_of_moodle(page):
    page.goto(f"{URL}/login/logout.php")
    page.click('form[action*="logout.php"] button')
    page.wait_for_load_state()


def who(page):
    """The number of whoever is signed in at the Moodle."""
    page.goto(f"{URL}/user/profile.php")
    return int(page.locator("body").get_attribute("data-userid") or page.evaluate("M.cfg.userId"))


def audited(service, act):
    return [each.words for each in service.store.audit.find(act=act)]


def test_people_are_signed_on_to_the_account_that_is_theirs(matricula, people, button, screen):
    service, _ = matricula
    moodle, (lena, otto), names = people
    with window(screen) as page:
        sign_on(page, button, names[0])
        page.wait_for_url(f"{URL}/my/**")
        assert who(page) == lena
        # A second time nothing is asked.
        sign_out_of_moodle(page)
        sign_on(page, button)
        page.wait_for_url(f"{URL}/my/**")
        assert who(page) == lena
        assert audited(service, "provider.signed-on") == [f"account {lena}"] * 2
        # Names and addresses that go to somebody else do not take the account with them.
        sign_out_of_moodle(page)
        moodle.users.update([{"id": lena, "email": f"new-{names[0]}@school.example"}])
        moodle.users.update([{"id": otto, "email": f"{names[0]}@school.example"}])
        sign_on(page, button)
        page.wait_for_url(f"{URL}/my/**")
        assert who(page) == lena
    with window(screen) as page:
        sign_on(page, button, names[1])
        page.wait_for_url(f"{URL}/my/**")
        assert who(page) == otto
        # The account keeps by OAuth 2 what it was, too.
        found = moodle.users.find("id", [otto])[0]
        assert (found.username, found.firstname, found.email) == (names[1], "Otto", f"{names[0]}@school.example")


def test_who_may_not_is_told_so_and_the_moodle_is_not_reached(matricula, people, button, screen):
    service, port = matricula
    moodle, (lena, _), names = people
    moodle.users.update([{"id": lena, "suspended": True}])
    service.accounts.add("stranger", "Stranger", "", PASSWORD, [Granted("viewer", "*")])
    for name, told, code in (
        (names[0], "Your account is suspended.", "sign-on-suspended"),
        ("stranger", "No account has your user name.", "sign-on-no-account"),
    ):
        with window(screen) as page:
            sign_on(page, button, name)
            expect(page.locator("main")).to_contain_text(told)
            assert page.url.startswith(f"https://127.0.0.1:{port}/provider/authorize")
            assert audited(service, "provider.refused")[0] == code
            page.goto(f"{URL}/my/")
            assert "/login/" in page.url
