"""Signing on to a real Moodle, by ticket and by key, with a browser that keeps cookies.

The Moodle must have the plugins auth_matricula and auth_userkey, and its folder must be on this machine: plugins are
set up with its own `admin/cli/cfg.php`.
"""

import re
import secrets
import subprocess
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from real_site import FOLDER, IN_ITS_FOLDER, ON_A_REAL_SITE, TOKEN, URL

from matricula import logs
from matricula.hub import Home
from matricula.hub.ticket_keys import make_ticket_key, ticket_key
from matricula.moodle import Moodle
from matricula.service import Service
from matricula.service.visitors import Who
from matricula.sign_on import Person
from matricula.sign_on.account import Account, NotSignedOnError
from matricula.sign_on.ticket import Parties, ticket
from matricula.web.app import create_app

pytestmark = [
    *ON_A_REAL_SITE,
    IN_ITS_FOLDER,
    pytest.mark.skipif(
        bool(FOLDER) and not any(Path(FOLDER).glob("**/auth/matricula/login.php")),
        reason="the Moodle has no auth_matricula",
    ),
]
ISSUER = "http://matricula.example"
ANYBODY = Who("", "10.0.0.1")
SITE = """kind: site
name: moodle
url: {url}
sign_on: {{by: {by}, match: username, key_field: username, administrators: {admins}}}
---
kind: service
name: service
address: {issuer}
"""


def cfg(name, value=None, component=None):
    """Read or write a setting of the Moodle."""
    line = ["php", "-d", "max_input_vars=5000", f"{FOLDER}/admin/cli/cfg.php", f"--name={name}"]
    line += [f"--component={component}"] if component else []
    line += [] if value is None else [f"--set={value}"]
    return subprocess.run(line, check=value is not None, capture_output=True, text=True, timeout=120).stdout.strip()


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sign-on")
    with Home.make(folder / "home") as home:
        service = Service(home)
        bench = Bench(service, folder)
        bench.by("ticket")
        home.keep_token("moodle", TOKEN)
        before = cfg("auth")
        key = make_ticket_key(home, "moodle")
        bench.secret = key.secret
        for name, value in {"issuer": ISSUER, "application": key.application, "secret": key.secret}.items():
            cfg(name, value, "auth_matricula")
        cfg("auth", ",".join(dict.fromkeys([*before.split(","), "matricula", "userkey"])))
        cfg("mappingfield", "username", "auth_userkey")
        with Moodle(URL, TOKEN) as bench.moodle:
            bench.begin()
            yield bench
            bench.end()
        cfg("auth", before)
        service.stop()


class Bench:
    def __init__(self, service, folder):
        self.service, self.folder, self.mark = service, folder, f"s{secrets.token_hex(4)}"

    def by(self, way, *, admins="false"):
        text = SITE.format(url=URL, by=way, admins=admins, issuer=ISSUER)
        self.service.home.load(text, "test", self.folder)

    def begin(self):
        rows = [
            {"username": f"{self.mark}{name}", "firstname": name, "lastname": "Live", "password": "Live-12345",
             "email": f"{self.mark}{name}@school.example"}
            for name in ("lena", "otto")
        ]  # fmt: skip
        self.lena, self.otto = (Account(each.id, each.username) for each in self.moodle.users.create(rows))
        top = self.moodle.categories.all()[0].id
        (made,) = self.moodle.courses.create([{"fullname": self.mark, "shortname": self.mark, "categoryid": top}])
        self.course = made.id
        self.moodle.enrolments.enrol([{"roleid": 5, "userid": self.lena.id, "courseid": made.id}])

    def end(self):
        self.moodle.users.delete([self.lena.id, self.otto.id])
        self.moodle.courses.delete([self.course])

    def go(self, account, **more):
        person = Person("test", username=account.username)
        return self.service.going.go(person, "moodle", ANYBODY, **more).address

    def ticket(self, account, **more):
        """The address of a ticket that Matricula itself would not give."""
        service = self.service
        now = service.accounts.now()
        told = {"now": now, "life": 60} | more
        text = ticket(ticket_key(service.home, "moodle", now), Parties(ISSUER, "moodle", URL), account, **told)
        return f"{URL}/auth/matricula/login.php?ticket={text}"


@pytest.fixture
def browser():
    with httpx2.Client(follow_redirects=True, timeout=120) as browser:
        yield browser


def who(browser):
    """The id of whoever is signed on; 0 for nobody."""
    page = browser.get(f"{URL}/user/profile.php", follow_redirects=True).text
    # Moodle 4.2 tells its scripts of it in the menu alone.
    found = re.search(r'"userId":(\d+)', page) or re.search(r'data-userid="(\d+)"', page)
    return int(found[1]) if found else 0


def reason(page):
    return page.status_code, re.search(r"Reason: (\w+)", page.text)[1]


def test_a_ticket_signs_on_and_leads_to_the_course(bench, browser):
    page = browser.get(bench.go(bench.lena, course=bench.mark))
    assert str(page.url) == f"{URL}/course/view.php?id={bench.course}"
    assert page.status_code == 200
    assert who(browser) == bench.lena.id


def test_a_ticket_is_good_once(bench, browser):
    address = bench.go(bench.lena)
    assert browser.get(address).status_code == 200
    with httpx2.Client(follow_redirects=True, timeout=120) as other:
        assert reason(other.get(address)) == (403, "used")
        assert who(other) == 0


def test_a_suspended_account_is_refused_by_both_sides(bench, browser):
    bench.moodle.users.update([{"id": bench.otto.id, "suspended": True}])
    try:
        assert reason(browser.get(bench.ticket(bench.otto))) == (403, "suspended")
        assert who(browser) == 0
        with pytest.raises(NotSignedOnError) as refused:
            bench.go(bench.otto)
        assert refused.value.code == "sign-on-suspended"
    finally:
        bench.moodle.users.update([{"id": bench.otto.id, "suspended": False}])


def test_administrators_only_where_both_sides_allow_them(bench, browser):
    admin = Account(2, "admin")
    with pytest.raises(NotSignedOnError) as refused:
        bench.go(admin)
    assert refused.value.code == "sign-on-administrator"
    assert reason(browser.get(bench.ticket(admin))) == (403, "admin")
    assert reason(browser.get(bench.ticket(admin, admin=True))) == (403, "admin")
    bench.by("ticket", admins="true")
    cfg("allowadmins", "1", "auth_matricula")
    try:
        assert reason(browser.get(bench.ticket(admin))) == (403, "admin")
        assert browser.get(bench.go(admin)).status_code == 200
        assert who(browser) == 2
    finally:
        cfg("allowadmins", "0", "auth_matricula")
        bench.by("ticket")


@pytest.mark.parametrize("username", ["otto", "LENA", "lená", "léna", "lena ", "lena\u200b"])
def test_id_and_user_name_must_be_of_one_account(bench, browser, username):
    swapped = Account(bench.lena.id, f"{bench.mark}{username}")
    assert reason(browser.get(bench.ticket(swapped))) == (403, "otheruser")
    assert who(browser) == 0


def test_deleted_and_missing_accounts_and_the_guest_are_refused(bench, browser):
    assert reason(browser.get(bench.ticket(Account(1, "guest")))) == (403, "guest")
    assert reason(browser.get(bench.ticket(Account(10**9, "x")))) == (403, "nouser")
    row = {"username": f"{bench.mark}gone", "firstname": "G", "lastname": "L", "password": "Live-12345",
           "email": f"{bench.mark}gone@school.example"}  # fmt: skip
    (gone,) = bench.moodle.users.create([row])
    bench.moodle.users.delete([gone.id])
    assert reason(browser.get(bench.ticket(Account(gone.id, gone.username)))) == (403, "nouser")


@pytest.mark.parametrize(("alike", "code"), [("lená", "sign-on-account-other"), ("LENA\u212a", "sign-on-no-account")])
def test_whoever_is_like_somebody_is_nobody(bench, alike, code):
    """MariaDB takes `á` for `a`: the site answers with the account of another person."""
    person = Person("test", email=f"{bench.mark}{alike}@school.example")
    with pytest.raises(NotSignedOnError) as refused:
        bench.service.going.go(person, "moodle", ANYBODY, by="email")
    assert refused.value.code in (code, "sign-on-no-account")


def test_a_tampered_ticket_is_refused(bench, browser):
    address = bench.ticket(bench.lena)
    assert reason(browser.get(address[:-2] + ("AA" if not address.endswith("AA") else "BB"))) == (403, "signature")
    late = bench.service.accounts.now() - timedelta(seconds=120)
    assert reason(browser.get(bench.ticket(bench.lena, now=late))) == (403, "expired")
    assert who(browser) == 0


def test_another_secret_and_the_former_one_for_a_while(bench, browser):
    """As the settings page keeps them: the new one, and the former until a moment."""
    fresh, former = logs.hide(secrets.token_urlsafe(48)), bench.secret
    cfg("secret", fresh, "auth_matricula")
    cfg("previoussecret", former, "auth_matricula")
    try:
        cfg("previousuntil", "4102444800", "auth_matricula")
        assert browser.get(bench.go(bench.lena)).status_code == 200
        cfg("previousuntil", "1", "auth_matricula")
        assert reason(browser.get(bench.go(bench.lena))) == (403, "signature")
    finally:
        cfg("secret", former, "auth_matricula")


def test_the_next_ticket_takes_the_place_of_the_session(bench, browser):
    browser.get(bench.go(bench.lena))
    browser.get(bench.go(bench.otto))
    assert who(browser) == bench.otto.id


def test_signing_out_of_moodle_leads_back_to_matricula(bench, browser):
    browser.get(bench.go(bench.lena, back=f"{ISSUER}/portal/end?key=1"))
    key = re.search(r'"sesskey":"(\w+)"', browser.get(f"{URL}/my/").text)[1]
    away = browser.get(f"{URL}/login/logout.php", params={"sesskey": key}, follow_redirects=False)
    assert away.headers["location"] == f"{ISSUER}/portal/end?key=1"
    assert who(browser) == 0


def test_signing_out_of_matricula_ends_the_session_in_moodle(bench, browser):
    browser.get(bench.go(bench.lena))
    other = bench.service.going.out("moodle", bench.otto, f"{ISSUER}/portal/end?key=1")
    browser.get(other, follow_redirects=False)
    assert who(browser) == bench.lena.id
    address = bench.service.going.out("moodle", bench.lena, f"{ISSUER}/portal/end?key=1")
    away = browser.get(address, follow_redirects=False)
    assert away.headers["location"] == f"{ISSUER}/portal/end?key=1"
    assert who(browser) == 0


def test_the_whole_way_from_a_link_and_back(bench, browser):
    """Portal, Moodle, out of Moodle, and the portal's session is over, too."""
    from starlette.testclient import TestClient

    person = Person("test lena", username=bench.lena.username)
    cookie = bench.service.portal.begin(person, address="10.0.0.1", agent="")
    with TestClient(create_app(bench.service), base_url=ISSUER, follow_redirects=False) as portal:
        portal.cookies.set("matricula-portal", cookie, domain="matricula.example")
        browser.get(portal.get(f"/go/moodle/{bench.mark}").headers["location"])
        assert who(browser) == bench.lena.id
        key = re.search(r'"sesskey":"(\w+)"', browser.get(f"{URL}/my/").text)[1]
        back = browser.get(f"{URL}/login/logout.php", params={"sesskey": key}, follow_redirects=False)
        place = urlsplit(back.headers["location"])
        assert parse_qs(place.query)["key"]
        hop = portal.get(f"{place.path}?{place.query}")
        while hop.headers["location"].startswith(URL):
            back = browser.get(hop.headers["location"], follow_redirects=False)
            hop = portal.get(back.headers["location"].removeprefix(ISSUER))
        assert hop.headers["location"] == "/portal/sign-in"
        assert portal.get("/go/moodle").headers["location"].startswith("/portal/sign-in")


def test_a_key_signs_on_too(bench, browser):
    bench.by("userkey")
    try:
        page = browser.get(bench.go(bench.lena, course=bench.mark))
        assert str(page.url) == f"{URL}/course/view.php?id={bench.course}"
        assert who(browser) == bench.lena.id
    finally:
        bench.by("ticket")
