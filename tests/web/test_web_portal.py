"""The portal: who may sign in to go on to a Moodle, how, and for how long."""

import sys
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
from fastapi import Request
from oidc_provider import SECRET, OidcProvider
from web_browser import PASSWORD, words

from matricula.sign_on import Person
from matricula.store.accounts import Granted
from matricula.web.portal import portal_person

sys.path.insert(0, str(Path(__file__).parents[1] / "sources"))


from slapd_server import ROOT_PASSWORD, Slapd

BASE = "dc=school,dc=example"

PROVIDER = """kind: service
name: service
address: http://console.example
portal:
  provider:
    issuer: {issuer}
    client_id: matricula
    secret: portal-login
    idnumber: employee
"""
DIRECTORY = """kind: source
name: people
type: ldap
directory: openldap
url: {url}
tls: none
bind_dn: cn=root,{base}
school: {{name: School}}
attributes: {{sourcedId: employeeNumber}}
users:
  - {{base: "ou=people,{base}", role: student, disabled_filter: "(title=left)"}}
---
kind: service
name: service
portal: {{directory: {{source: people}}}}
"""


@pytest.fixture
def seen(app):
    """Who the portal takes this browser for."""

    @app.get("/test/who")
    def tell(request: Request):
        person = portal_person(request)
        return None if person is None else {"subject": person.subject, "username": person.username}

    return "/test/who"


@pytest.fixture
def session(service):
    """A session of somebody, by its cookie."""
    person = Person("test lena", username="lena", email="lena@school.example", idnumber="s-7")
    return person, service.portal.begin(person, address="10.0.0.1", agent="test")


def test_a_session_knows_its_person_and_keeps_no_cookie(service, session):
    _, cookie = session
    found = service.portal.session(cookie)
    assert (found.subject, found.person["username"], found.person["idnumber"]) == ("test lena", "lena", "s-7")
    assert cookie not in repr(found)
    assert service.portal.session(cookie[:-1]) is None


@pytest.mark.parametrize(("idle", "gone"), [(59, False), (61, True)])
def test_a_session_ends_when_it_is_not_used(service, session, idle, gone):
    now = service.accounts.now()
    service.accounts.now = lambda: now + timedelta(minutes=idle)
    assert (service.portal.session(session[1]) is None) is gone


def test_a_session_ends_at_last_however_much_it_is_used(service, session):
    now = service.accounts.now()
    for minutes in range(0, 12 * 60, 50):
        service.accounts.now = lambda minutes=minutes: now + timedelta(minutes=minutes)
        assert service.portal.session(session[1]) is not None
    service.accounts.now = lambda: now + timedelta(minutes=12 * 60)
    assert service.portal.session(session[1]) is None


def test_sessions_that_ended_are_purged(service, session):
    store = service.store.portal_sessions
    later = service.accounts.now() + timedelta(days=1)
    assert store.purge(later, later, dry_run=True) == 1
    assert store.purge(later, later) == 1
    assert store.find("x") is None
    assert service.portal.session(session[1]) is None


def test_nobody_is_known_who_has_not_signed_in(browser, seen):
    assert browser.get(seen).json() is None
    browser.cookies.set("matricula-portal", "guessed", domain="console.example")
    assert browser.get(seen).json() is None


def test_whoever_is_signed_in_to_the_console_is_known(sign_in_as, seen, service):
    browser = sign_in_as("viewer")
    assert browser.get(seen).json()["subject"] == "account viewer-0"
    service.store.sessions.end_of(service.accounts.named("viewer-0").id)
    assert browser.get(seen).json() is None


def test_an_address_that_people_set_themselves_proves_nothing(service):
    from matricula.service.portal import person_of_account

    account = service.accounts.add("anna", "Anna", "head@school.example", PASSWORD, [Granted("viewer", "*")])
    assert person_of_account(account).email == ""


def test_a_second_factor_that_is_lacking_lets_nobody_on(sign_in_as, seen, service):
    browser = sign_in_as("viewer")
    account = service.accounts.named("viewer-0")
    cookie = service.accounts.begin_session(account, address="", agent="", complete=False)
    browser.cookies.clear()
    browser.cookies.set("matricula", cookie, domain="console.example")
    assert browser.get(seen).json() is None


def test_without_settings_only_the_console_signs_in(browser):
    page = browser.get("/portal/sign-in?after=/portal")
    assert page.status_code == 200
    assert 'href="/sign-in?after=/portal"' in page.text
    assert 'name="password"' not in page.text
    assert browser.get("/portal/sign-on").status_code == 422


@pytest.fixture(scope="module")
def running():
    with OidcProvider.running() as provider:
        yield provider


@pytest.fixture
def provider(running, service, tmp_path):
    running.person = {"sub": "s-1", "preferred_username": "lena", "email": "lena@school.example", "employee": "s-7"}
    running.claims, running.lie = {}, ""
    service.home.load(PROVIDER.format(issuer=running.address), "test", tmp_path)
    service.home.keep_secret("portal-login", SECRET)
    return running


def through_provider(browser, after="/test/who"):
    away = browser.get("/portal/sign-on", params={"after": after}, follow_redirects=False)
    assert away.status_code == 303, words(away)
    return httpx2.get(away.headers["location"], follow_redirects=False).headers["location"]


def test_the_provider_signs_in_and_leads_on(browser, provider, seen, service):
    assert browser.get(through_provider(browser)).json() == {"subject": f"{provider.address} s-1", "username": "lena"}
    assert [each.subject for each in service.store.audit.find(act="portal.signed-in")] == ["person lena"]
    assert service.store.accounts.all() == []


def test_a_refused_answer_signs_nobody_in(browser, provider, seen, service):
    provider.lie = "signature"
    assert browser.get(through_provider(browser)).status_code == 400
    assert browser.get(seen).json() is None
    assert [each.words for each in service.store.audit.find(act="portal.refused")] == ["sign-on-unbelieved"]


def test_an_answer_for_the_portal_opens_no_console(browser, provider):
    back = through_provider(browser).replace("/portal/back", "/sign-on/back")
    cookie = browser.cookies["matricula-portal-trip"]
    browser.cookies.set("matricula-sign-on", cookie, domain="console.example")
    assert browser.get(back).status_code in (400, 422)
    assert browser.get("/").url.path in ("/sign-in", "/start")


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_it_leads_nowhere_else(browser, provider, after):
    assert browser.get(through_provider(browser, after)).url.host == "console.example"


def test_an_address_that_is_not_verified_is_not_taken(browser, provider, service, seen):
    provider.claims = {"email_verified": False}
    browser.get(through_provider(browser))
    assert service.portal.session(browser.cookies["matricula-portal"]).person["email"] == ""


def test_signing_out_ends_the_session_for_good(browser, provider, seen):
    browser.get(through_provider(browser))
    cookie = browser.cookies["matricula-portal"]
    browser.fill_in("/portal", "/portal/sign-out")
    assert "matricula-portal" not in browser.cookies
    browser.cookies.set("matricula-portal", cookie, domain="console.example")
    assert browser.get(seen).json() is None


@pytest.mark.parametrize("path", ["/portal/sign-in", "/portal/sign-out"])
def test_forms_of_other_pages_are_refused(browser, path):
    assert browser.post(path, data={"name": "x", "password": "y"}).status_code == 403


@pytest.fixture(scope="module")
def slapd(tmp_path_factory):
    def person(uid, **more):
        return (
            f"uid={uid},ou=people,{BASE}",
            {"objectClass": ["inetOrgPerson"], "cn": uid, "sn": "Berg", "givenName": uid.title(), "uid": uid,
             "mail": f"{uid}@school.example", "userPassword": f"{uid} knows"} | more,
        )  # fmt: skip

    entries = [
        (BASE, {"objectClass": ["dcObject", "organization"], "dc": BASE.partition(",")[0][3:], "o": "School"}),
        (f"ou=people,{BASE}", {"objectClass": "organizationalUnit", "ou": "people"}),
        person("lena", employeeNumber="s-7"),
        person("otto", employeeNumber="s-8", title="left"),
        person("twin1", employeeNumber="s-9"),
    ]
    entries[-1][1]["uid"] = ["twin1", "shared"]
    entries.append(person("twin2", employeeNumber="s-10"))
    entries[-1][1]["uid"] = ["twin2", "shared"]
    with Slapd(tmp_path_factory.mktemp("slapd"), {BASE: entries}) as server:
        yield server


@pytest.fixture
def directory(slapd, service, tmp_path):
    service.home.load(DIRECTORY.format(url=slapd.url, base=BASE), "test", tmp_path)
    service.home.store.secrets.put("source:people:password", service.home.vault.encrypt(ROOT_PASSWORD))


def typed(browser, name, password):
    return browser.fill_in("/portal/sign-in?after=/test/who", "/portal/sign-in", after="/test/who", name=name,
                           password=password)  # fmt: skip


def test_the_directory_signs_in_with_its_password(browser, directory, seen, service):
    assert typed(browser, "Lena", "lena knows").json() == {"subject": "directory people s-7", "username": "lena"}
    told = service.portal.session(browser.cookies["matricula-portal"]).person
    assert {name: told[name] for name in ("email", "idnumber", "given", "family")} == {
        "email": "lena@school.example", "idnumber": "s-7", "given": "Lena", "family": "Berg"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("lena", "otto knows"),
        ("lena", ""),
        ("lena", " "),
        ("otto", "otto knows"),
        ("nobody", "nobody knows"),
        ("*", "lena knows"),
        ("lena)(uid=*", "lena knows"),
        ("shared", "twin1 knows"),
        ("lena\0", "lena knows"),
        ("", "lena knows"),
    ],
)
def test_whoever_is_not_who_they_say_is_refused(browser, directory, seen, service, name, password):
    page = typed(browser, name, password)
    assert page.status_code == 401
    assert "do not belong together" in words(page)
    assert browser.get(seen).json() is None
    assert [(each.by, each.subject) for each in service.store.audit.find(act="portal.refused")] == [("", "")]


def test_many_wrong_passwords_make_one_wait(browser, directory, seen):
    for _ in range(5):
        assert typed(browser, "lena", "wrong").status_code == 401
    assert typed(browser, "lena", "lena knows").status_code in (429, 503)
