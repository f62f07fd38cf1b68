"""The whole way on to a Moodle and out again: links, tickets, keys, the API, and what the audit log says."""

import httpx2
import pytest
from web_browser import Browser, words

from matricula.hub.ticket_keys import make_ticket_key
from matricula.sandbox import running
from matricula.sandbox.signing_on import APPLICATION, ISSUER, SECRET
from matricula.sign_on import Person
from matricula.store import LedgerRow
from matricula.store.accounts import Granted

HERE = "http://console.example"
DOCUMENTS = """kind: site
name: moodle
url: {url}
sign_on: {{by: {by}, match: {match}, landing: "{landing}"}}
---
kind: source
name: school
type: oneroster-csv
path: {folder}
---
kind: profile
name: school
source: school
site: moodle
---
kind: service
name: service
address: {here}
"""


@pytest.fixture
def site():
    with running(fixture="empty") as sandbox:
        yield sandbox


class Bench:
    def __init__(self, service, site, folder):
        self.service, self.site, self.folder = service, site, folder
        self.by("ticket")
        service.home.keep_token("moodle", site.tokens["admin"])
        key = make_ticket_key(service.home, "moodle")
        for name, value in {APPLICATION: key.application, SECRET: key.secret, ISSUER: HERE}.items():
            site.state.set_setting(name, value)
        self.lena = site.state.insert(
            "user", username="lena", firstname="Lena", lastname="Berg", email="lena@school.example", idnumber="M-7"
        )
        self.course = site.state.insert(
            "course", category=1, fullname="Maths", shortname="ma/7 a", idnumber="K-7", format="topics"
        )

    def by(self, way, match="username", landing="/my/"):
        values = {"url": self.site.url, "folder": self.folder, "here": HERE}
        self.service.home.load(DOCUMENTS.format(by=way, match=match, landing=landing, **values), "test", self.folder)

    def known(self, kind, key, number, written="{}"):
        row = LedgerRow(kind, key, number, "made", written)
        self.service.store.ledger.upsert(None, "school", [row])

    def audited(self):
        found = self.service.store.audit.find(act="sign-on.")
        return [(each.act, each.subject, each.site, each.words) for each in found]


@pytest.fixture
def bench(service, site, tmp_path):
    return Bench(service, site, tmp_path)


@pytest.fixture
def lena(service, bench, browser):
    """A browser in which Lena is signed in at the portal."""
    person = Person("test lena", username="lena", email="lena@school.example")
    browser.cookies.set(
        "matricula-portal", service.portal.begin(person, address="", agent=""), domain="console.example"
    )
    return browser


def follow(browser, path):
    """Where a link leads to, and what the Moodle says there."""
    answer = browser.get(path, follow_redirects=False)
    assert answer.status_code == 303, words(answer)
    return httpx2.get(answer.headers["location"], follow_redirects=False)


def test_a_link_signs_on_by_ticket(lena, bench):
    assert follow(lena, "/go/moodle").json() == {
        "id": bench.lena,
        "username": "lena",
        "landing": f"{bench.site.url}/my/",
    }
    assert bench.audited() == [("sign-on.given", "person lena", "moodle", f"ticket, user {bench.lena}")]


def test_a_link_signs_on_by_key(lena, bench):
    bench.by("userkey", landing="/course/index.php")
    assert follow(lena, "/go/moodle").json() == {
        "id": bench.lena, "username": "lena", "landing": f"{bench.site.url}/course/index.php"
    }  # fmt: skip


@pytest.mark.parametrize("way", ["ticket", "userkey"])
def test_a_link_is_good_once(lena, bench, way):
    bench.by(way)
    address = lena.get("/go/moodle", follow_redirects=False).headers["location"]
    assert httpx2.get(address).status_code == 200
    assert httpx2.get(address).status_code == 403


def test_where_the_moodle_asks_by_itself_it_is_just_gone_to(lena, bench):
    bench.by("openid")
    answer = lena.get("/go/moodle", follow_redirects=False)
    assert answer.headers["location"] == f"{bench.site.url}/my/"


@pytest.mark.parametrize("course", ["class-7", "K-7", "ma/7 a", "ma%2F7%20a"])
def test_a_link_leads_to_a_course(lena, bench, course):
    bench.known("course", "class-7", bench.course)
    landing = follow(lena, f"/go/moodle/{course}").json()["landing"]
    assert landing == f"{bench.site.url}/course/view.php?id={bench.course}"


@pytest.mark.parametrize("course", ["k-7", "nothing", "//evil.example", "..%2f..%2fx"])
def test_a_link_to_no_course_leads_nowhere(lena, bench, course):
    page = lena.get(f"/go/moodle/{course}", follow_redirects=False)
    assert page.status_code == 404
    assert [each[3] for each in bench.audited()] == ["course-unknown"]


def test_whoever_is_not_signed_in_signs_in_first(browser, bench):
    answer = browser.get("/go/moodle/K-7", follow_redirects=False)
    assert answer.headers["location"] == "/portal/sign-in?after=/go/moodle/K-7"
    assert bench.audited() == []


def test_the_ledger_knows_whose_account_it_is(browser, service, bench):
    person = Person("test", username="another", idnumber="s-7")
    browser.cookies.set(
        "matricula-portal", service.portal.begin(person, address="", agent=""), domain="console.example"
    )
    assert browser.get("/go/moodle", follow_redirects=False).status_code == 400
    bench.known("user", "s-7", bench.lena, '{"username": "lena"}')
    assert follow(browser, "/go/moodle").json()["username"] == "lena"


def test_a_refusal_is_told_and_noted_and_says_who_it_is_about(lena, bench):
    bench.site.state.run("UPDATE user SET suspended = 1 WHERE id = ?", bench.lena)
    page = lena.get("/go/moodle", follow_redirects=False)
    assert page.status_code == 400
    assert "Your account is suspended." in words(page)
    assert bench.audited() == [("sign-on.refused", "person lena", "moodle", "sign-on-suspended")]


def test_a_link_to_no_site_is_noted_too(lena, bench):
    assert lena.get("/go/nowhere").status_code == 404
    ((act, subject, site, words),) = bench.audited()
    assert (act, subject, site, words) == ("sign-on.refused", "person lena", "", "site-unknown")


@pytest.mark.parametrize(("path", "status"), [("/go/nowhere", 404), ("/go/plain", 422)])
def test_sites_that_nobody_is_signed_on_to(lena, bench, path, status):
    bench.service.home.load(f"kind: site\nname: plain\nurl: {bench.site.url}\n", "test", bench.folder)
    assert lena.get(path, follow_redirects=False).status_code == status


def test_no_secret_is_noted(lena, bench):
    address = lena.get("/go/moodle", follow_redirects=False).headers["location"]
    ticket = address.partition("ticket=")[2]
    assert len(ticket) > 100
    assert ticket not in repr(bench.service.store.audit.find(limit=None))


def test_somebody_of_the_console_goes_on_as_themselves(sign_in_as, bench):
    browser = sign_in_as("viewer")
    bench.site.state.insert("user", username="viewer-0", firstname="V", lastname="X", email="v@school.example")
    assert follow(browser, "/go/moodle").json()["username"] == "viewer-0"
    (noted,) = bench.service.store.audit.find(act="sign-on.given")
    assert noted.by == "viewer-0"


def test_signing_out_ends_the_sessions_at_the_sites_too(lena, bench):
    follow(lena, "/go/moodle")
    page = lena.get("/portal")
    assert bench.site.url in page.headers["content-security-policy"]
    answer = lena.post("/portal/sign-out", data={"csrf": form_of(page)}, follow_redirects=False)
    assert answer.headers["location"].startswith(f"{bench.site.url}/auth/matricula/logout.php?ticket=")
    back = httpx2.get(answer.headers["location"], follow_redirects=False).headers["location"]
    assert back.startswith(f"{HERE}/portal/end?key=")
    assert lena.get("/portal", follow_redirects=False).headers["location"] == "/portal/sign-in"
    last = lena.get(back.removeprefix(HERE), follow_redirects=False)
    assert last.headers["location"] == "/portal/sign-in"
    assert bench.service.store.portal_sessions.purge(*[bench.service.accounts.now().replace(year=2100)] * 2) == 0


def form_of(page):
    from web_browser import form_token

    return form_token(page.text)


def test_coming_back_from_moodle_ends_the_session_only_with_the_key(lena, bench):
    for query in ("", "?key=", f"?key={'0' * 64}"):
        lena.get(f"/portal/end{query}", follow_redirects=False)
        assert lena.get("/portal").status_code == 200
        assert lena.get("/portal", follow_redirects=False).status_code == 200


def test_the_console_ends_with_the_portal(sign_in_as, bench):
    browser = sign_in_as("viewer")
    browser.post("/portal/sign-out", data={"csrf": form_of(browser.get("/portal"))}, follow_redirects=False)
    assert browser.get("/", follow_redirects=False).headers["location"] == "/sign-in"


def test_the_portal_ends_with_the_console(sign_in_as, bench, service):
    browser = sign_in_as("viewer")
    bench.site.state.insert("user", username="viewer-0", firstname="V", lastname="X", email="v@school.example")
    follow(browser, "/go/moodle")
    service.store.sessions.end_of(service.accounts.named("viewer-0").id)
    assert browser.get("/go/moodle", follow_redirects=False).headers["location"].startswith("/portal/sign-in")


def test_somebody_forgotten_is_signed_in_no_more(lena, service, bench):
    from matricula.store import Person as Forgotten

    person = Forgotten("school", frozenset({"s-7"}), frozenset(), frozenset({"Lena"}), site="moodle")
    assert service.store.forgetting.counts([person])["portal_session"] == 1
    service.store.forgetting.forget([person], "forgotten-1", "tester")
    assert lena.get("/portal", follow_redirects=False).status_code == 303


class Sis:
    """The school's system, which has a token."""

    def __init__(self, app, service, scope, of="owner"):
        account = service.accounts.add(f"sis-{scope}".replace("@", "-"), "SIS", "", None, [Granted(of, "*")])
        role, _, site = scope.partition("@")
        self.token = service.accounts.tokens.make(account, "sis", [Granted(role, site or "*")], None)
        self.browser = Browser(app, base_url=HERE)

    def __call__(self, path="/api/v1/sites/moodle/sign-on", **body):
        return self.browser.post(path, json=body, headers={"Authorization": f"Bearer {self.token}"})


@pytest.mark.parametrize(
    "named",
    [{"sourcedId": "s-7"}, {"username": "lena"}, {"email": "lena@school.example"}, {"idnumber": "M-7"}],
    ids=str,
)
def test_the_schools_system_gets_an_address(app, service, bench, named):
    bench.known("user", "s-7", bench.lena, '{"username": "lena"}')
    answer = Sis(app, service, "sign-on")(course="K-7", **named)
    assert answer.status_code == 200, answer.text
    assert answer.json()["account"] == bench.lena
    assert httpx2.get(answer.json()["address"]).json()["landing"].endswith(f"id={bench.course}")
    (noted,) = service.store.audit.find(act="sign-on.given")
    assert (noted.by, noted.site) == ("sis-sign-on (token sis)", "moodle")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"username": "lena", "email": "lena@school.example"}, 422),
        ({"username": ""}, 422),
        ({"username": "lena", "to": "/x"}, 422),
        ({"username": "nobody"}, 400),
        ({"username": "admin"}, 400),
        ({"sourcedId": "s-8"}, 400),
        ({"idnumber": "s-7"}, 400),
        ({"username": "lena", "course": "nothing"}, 404),
    ],
    ids=str,
)
def test_the_schools_system_is_refused(app, service, bench, body, status):
    bench.known("user", "s-7", bench.lena, '{"username": "lena"}')
    assert Sis(app, service, "sign-on")(**body).status_code == status


@pytest.mark.parametrize("scope", ["owner", "operator", "viewer", "sign-on@other"])
def test_only_a_token_of_that_very_scope_signs_people_on(app, service, bench, scope):
    answer = Sis(app, service, scope)(username="lena")
    assert answer.status_code in (403, 404)
    assert bench.audited() == []


def test_nobody_signs_on_as_another_in_the_console(owner, bench):
    token = form_of(owner.get("/me"))
    answer = owner.post("/api/v1/sites/moodle/sign-on", json={"username": "lena"}, headers={"x-csrf-token": token})
    assert answer.status_code == 403


def test_the_scope_can_do_nothing_else(app, service, bench):
    sis = Sis(app, service, "sign-on")
    for path in ("/api/v1/me", "/api/v1/jobs", "/api/v1/documents", "/api/v1/accounts"):
        answer = sis.browser.get(path, headers={"Authorization": f"Bearer {sis.token}"})
        assert answer.status_code == 403, path


def test_a_scope_is_no_role_of_an_account(service, bench):
    from matricula.errors import UsageError
    from matricula.service.permissions import granted_of

    assert granted_of(["sign-on@moodle"], ["moodle"], token=True) == [Granted("sign-on", "moodle")]
    with pytest.raises(UsageError):
        granted_of(["sign-on"], ["moodle"])
    viewer = service.accounts.add("vera", "Vera", "", None, [Granted("viewer", "*")])
    with pytest.raises(UsageError):
        service.accounts.tokens.make(viewer, "x", [Granted("sign-on", "*")], None)


def test_the_sites_page_tells_what_to_enter_and_shows_the_secret_once(owner, bench, service):
    page = owner.get("/sites/moodle")
    for told in (f"{HERE}/go/moodle", "matricula-moodle", "five steps", HERE):
        assert told in words(page)
    made = owner.fill_in("/sites/moodle", "/sites/moodle/sign-on/secret", rotate="true")
    from matricula.hub.ticket_keys import OVERLAP, ticket_key

    secret = ticket_key(service.home, "moodle", service.accounts.now() + OVERLAP).secret
    assert secret in made.text
    assert secret not in owner.get("/sites/moodle").text
    assert [each.words for each in service.store.audit.find(act="sign-on.secret")] == ["another one"]


def test_the_site_form_has_the_settings(owner, bench):
    page = owner.get("/sites/moodle/settings")
    for name in ("by", "match", "landing", "administrators", "key_field", "key_life"):
        assert f"sign_on.{name}" in page.text, name
