"""Going on to courses that other Moodles publish as tools (LTI 1.3), with a Moodle that behaves, and others."""

import html
import re
from dataclasses import replace
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import ExpiredTokenError
from joserfc.jwk import KeySet
from relying_site import ADDRESS, LENA, OTTO, Window

from matricula.errors import MatriculaError
from matricula.hub.keys import rotate_key
from matricula.hub.pairwise import pairwise_key
from matricula.provider import launches
from matricula.sign_on import Person
from matricula.store.accounts import Granted
from matricula.web.hooks import Rate
from matricula.web.pages import launches as pages

PARTNER, FAR = "https://moodle.partner.example", "https://far.example/moodle"
COURSES = f"""kind: service
name: service
address: {ADDRESS}
portal:
  published:
    - name: astronomy
      title: Astronomy club
      moodle: {PARTNER}
      resource: 9f1d0c6e-4f5a-4b1e-9a51-0c1f4f1f9d10
      instructors: [otto]
    - {{name: choir, title: Choir, moodle: {PARTNER}/, resource: 0a, tells: []}}
    - {{name: chess, title: Chess, moodle: {FAR}, resource: 0b}}
"""
CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


@pytest.fixture(autouse=True)
def published(service, tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "_STRANGERS", Rate(60))
    service.home.load(COURSES, "test", tmp_path)


def begun(window, course="astronomy"):
    """What a Moodle is told when a launch begins."""
    answer = window.get(f"/lti/{course}")
    assert answer.status_code == 303, answer.text
    address = urlsplit(answer.headers["location"])
    return address, {name: value for name, (value,) in parse_qs(address.query).items()}


def asking(told, **more):
    """What a Moodle asks then, as Moodle's own library does; None leaves something out."""
    query = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": told["client_id"],
        "redirect_uri": told["target_link_uri"],
        "state": "state-1",
        "nonce": "nonce-1",
        "login_hint": told["login_hint"],
        "lti_message_hint": told["lti_message_hint"],
    } | more
    return {name: value for name, value in query.items() if value is not None}


def ask(window, query):
    return window.get(f"/provider/launch?{urlencode(query)}")


def posted(answer):
    """The form that is carried on: its address and its fields."""
    assert answer.status_code == 200, answer.text
    (to,) = re.findall(r'<form method="post" action="([^"]+)" id="launch"', answer.text)
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text)
    return html.unescape(to), {name: html.unescape(value) for name, value in fields}


def claims(window, answer):
    """What the ID token says, checked with the published keys."""
    keys = KeySet.import_key_set(window.get("/provider/keys").json())
    return jwt.decode(posted(answer)[1]["id_token"], keys, algorithms=["RS256"]).claims


def launched(window, course="astronomy", **more):
    _, told = begun(window, course)
    return claims(window, ask(window, asking(told, **more)))


def refused(answer, code):
    assert 400 <= answer.status_code < 500
    assert f">{code}<" in answer.text
    assert "id_token" not in answer.text


def noted(service):
    return [(each.act, each.subject, each.words) for each in service.store.audit.find() if each.act.startswith("lti.")]


def test_a_link_leads_to_where_the_moodle_begins(window):
    address, told = begun(window)
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{PARTNER}/enrol/lti/login.php"
    assert told == {
        "iss": ADDRESS,
        "client_id": told["client_id"],
        "lti_deployment_id": "1",
        "target_link_uri": f"{PARTNER}/enrol/lti/launch.php",
        "login_hint": told["login_hint"],
        "lti_message_hint": "astronomy",
    }
    assert not {"lena", "4711", "Lena"} & set(told.values())


def test_the_moodle_is_told_who_comes(window, service):
    _, told = begun(window)
    answer = ask(window, asking(told))
    to, fields = posted(answer)
    assert (to, fields["state"]) == (f"{PARTNER}/enrol/lti/launch.php", "state-1")
    said = claims(window, answer)
    assert said["exp"] - said["iat"] == 150
    assert {name: value for name, value in said.items() if name not in ("exp", "iat")} == {
        "iss": ADDRESS,
        "aud": told["client_id"],
        "azp": told["client_id"],
        "sub": told["login_hint"],
        "nonce": "nonce-1",
        f"{CLAIM}message_type": "LtiResourceLinkRequest",
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": "1",
        f"{CLAIM}target_link_uri": f"{PARTNER}/enrol/lti/launch.php",
        f"{CLAIM}resource_link": {"id": "astronomy", "title": "Astronomy club"},
        f"{CLAIM}roles": [f"{ROLE}Learner"],
        f"{CLAIM}custom": {"id": "9f1d0c6e-4f5a-4b1e-9a51-0c1f4f1f9d10"},
        f"{CLAIM}launch_presentation": {"document_target": "window"},
        "name": "Lena Lind",
        "given_name": "Lena",
        "family_name": "Lind",
        "email": "lena@home.example",
    }
    assert noted(service) == [("lti.launched", "person lena", "astronomy, moodle.partner.example")]


def test_the_form_may_leave_for_that_moodle_alone(window):
    _, told = begun(window, "chess")
    policy = ask(window, asking(told)).headers["content-security-policy"]
    assert "form-action 'self' https://far.example;" in policy
    assert "partner" not in policy


def test_nothing_is_told_that_the_course_is_not_to_know(window):
    said = launched(window, "choir")
    assert not {"name", "given_name", "family_name", "email"} & set(said)


def test_a_name_in_one_is_parted(service):
    course = service.launches.courses[0]
    anna = Person("account anna", username="anna", given="Anna Maria Berg")
    assert launches._names(anna) == {"name": "Anna Maria Berg", "given_name": "Anna Maria", "family_name": "Berg"}
    assert launches._names(replace(anna, given="Anna")) == {"name": "Anna", "given_name": "Anna", "family_name": "Anna"}
    assert "email" not in launches._claims(course, anna, ADDRESS)


@pytest.mark.parametrize(
    ("username", "role"),
    [("otto", "Instructor"), ("Otto", "Instructor"), ("ottó", "Learner"), ("ｏtto", "Learner"), ("", "Learner")],
)
def test_who_teaches_is_known_by_the_user_name(app, service, username, role):
    with Window(app, service) as window:
        window.is_signed_in(replace(OTTO, username=username))
        assert launched(window)[f"{CLAIM}roles"] == [ROLE + role]


def test_nobody_can_find_out_by_trying_names_who_is_meant(window, service):
    """The number is made with a key of this home, which stays the same when the home's own key is another one."""
    course, told = service.launches.courses[0], begun(window)[1]["login_hint"]
    key = pairwise_key(service.home)
    assert launches.subject_of(LENA, course, key) == told
    assert launches.subject_of(LENA, course, "another key") != told
    rotate_key(service.home)
    assert pairwise_key(service.home) == key
    assert begun(window)[1]["login_hint"] == told


def test_no_two_moodles_know_somebody_by_the_same_or_take_the_other_ones_token(window):
    here, there = launched(window), launched(window, "chess")
    assert here["sub"] != there["sub"]
    assert here["aud"] != there["aud"]
    assert launched(window, "choir")["sub"] == here["sub"]  # another course of the same Moodle


def test_a_moodle_cannot_ask_in_the_name_of_another(window):
    """Else one that somebody goes on to could sign itself on to the other as them."""
    _, told = begun(window)
    _, other = begun(window, "chess")
    refused(ask(window, asking(told, client_id=other["client_id"])), "lti-no-course")
    refused(ask(window, asking(told, redirect_uri=other["target_link_uri"])), "lti-redirect")
    refused(ask(window, asking(told, login_hint=other["login_hint"])), "lti-other-person")


def test_somebody_else_than_who_began_is_told_of_to_nobody(app, service, window):
    _, told = begun(window)
    with Window(app, service) as elsewhere:
        elsewhere.is_signed_in(OTTO)
        refused(ask(elsewhere, asking(told)), "lti-other-person")
    assert noted(service) == [("lti.refused", "person otto", "lti-other-person")]


def test_nobody_is_told_of_who_is_signed_out(app, service, window):
    _, told = begun(window)
    with Window(app, service) as elsewhere:
        refused(ask(elsewhere, asking(told)), "lti-signed-out")
        sent = elsewhere.get("/lti/astronomy")
        assert sent.headers["location"] == "/portal/sign-in?after=/lti/astronomy"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"client_id": "matricula-lti-000000000000"}, "lti-no-course"),
        ({"client_id": None}, "lti-no-course"),
        ({"lti_message_hint": "chess"}, "lti-no-course"),
        ({"lti_message_hint": "none"}, "lti-no-course"),
        ({"redirect_uri": f"{PARTNER}/enrol/lti/launch.php?x=1"}, "lti-redirect"),
        ({"redirect_uri": f"{PARTNER}.evil.example/enrol/lti/launch.php"}, "lti-redirect"),
        ({"redirect_uri": f"{PARTNER}/enrol/lti/Launch.php"}, "lti-redirect"),
        ({"redirect_uri": "javascript:alert(1)"}, "lti-redirect"),
        ({"redirect_uri": None}, "lti-redirect"),
        ({"scope": "openid email"}, "lti-request"),
        ({"response_type": "code"}, "lti-request"),
        ({"response_mode": "query"}, "lti-request"),
        ({"prompt": "login"}, "lti-request"),
        ({"nonce": None}, "lti-request"),
        ({"nonce": ""}, "lti-request"),
        ({"state": None}, "lti-request"),
        ({"state": "x" * 1001}, "lti-request"),
        ({"state": "x" * 5000}, "lti-request"),
        ({"lti_message_hint": "aströnomy"}, "lti-request"),
        ({"login_hint": None}, "lti-other-person"),
        ({"login_hint": "ä"}, "lti-other-person"),
    ],
)
def test_what_is_no_launch_is_refused_and_noted(window, service, more, code):
    _, told = begun(window)
    refused(ask(window, asking(told, **more)), code)
    assert noted(service) == [("lti.refused", "person lena", code)]


def test_something_said_twice_is_refused(window):
    _, told = begun(window)
    twice = urlencode(asking(told)) + "&redirect_uri=https%3A%2F%2Fevil.example"
    refused(window.get(f"/provider/launch?{twice}"), "lti-request")


def test_nothing_of_a_strange_request_is_shown(window):
    _, told = begun(window)
    answer = ask(window, asking(told, redirect_uri="https://evil.example/<b>", state="<script>1</script>"))
    assert "evil" not in answer.text
    assert "<script>1" not in answer.text


def test_what_a_moodle_says_gets_into_the_form_as_text(window):
    _, told = begun(window)
    _, fields = posted(ask(window, asking(told, state='"><script>1</script>')))
    assert fields["state"] == '"><script>1</script>'


def test_a_request_by_form_comes_back_without_one(window):
    """A form of another site brings no session along; being sent on does."""
    _, told = begun(window)
    answer = window.post("/provider/launch", data=asking(told))
    assert answer.status_code == 303
    assert claims(window, window.get(answer.headers["location"]))["sub"] == told["login_hint"]


def test_a_token_is_good_for_two_minutes(window, clock):
    clock.turn(minutes=-3)
    with pytest.raises(ExpiredTokenError):
        jwt.JWTClaimsRegistry().validate(launched(window))
    clock.turn(minutes=2)
    jwt.JWTClaimsRegistry().validate(launched(window))


def test_another_key_signs_once_it_is_in_force_and_the_old_one_stays_published(window, service):
    _, told = begun(window)
    before = ask(window, asking(told))
    service.provider.rotate()
    assert claims(window, before)["sub"] == claims(window, ask(window, asking(told)))["sub"]


def test_a_link_to_no_course_says_so(window, service):
    answer = window.get("/lti/nothing")
    assert answer.status_code == 404
    assert "lti-unknown" in answer.text
    assert noted(service) == [("lti.refused", "person lena", "lti-unknown")]


def test_strangers_are_not_listened_to_for_long(window, service, monkeypatch):
    monkeypatch.setattr(pages, "_STRANGERS", Rate(3))
    for _ in range(3):
        ask(window, {"client_id": "guess"})
    assert "lti-too-many" in ask(window, {"client_id": "guess"}).text
    assert len(noted(service)) == 3


def test_nobody_is_told_of_over_an_open_connection(window, service, tmp_path):
    service.home.load(COURSES.replace(ADDRESS, "http://matricula.example"), "test", tmp_path)
    answer = window.get("/lti/astronomy")
    assert answer.status_code == 422
    assert "provider-insecure" in answer.text
    assert noted(service) == [("lti.refused", "person lena", "provider-insecure")]
    with pytest.raises(MatriculaError, match="begins with https"):
        service.home.load(COURSES.replace(FAR, "http://far.example"), "test", tmp_path)


def test_two_courses_of_one_name_are_refused(service, tmp_path):
    with pytest.raises(MatriculaError, match="same name"):
        service.home.load(COURSES.replace("name: chess", "name: choir"), "test", tmp_path)


def test_what_is_entered_over_there_is_told_for_each_moodle(service, window):
    partner, far = service.launches.registrations()
    assert (partner.moodle, far.moodle) == (PARTNER, FAR)
    assert partner.client == begun(window)[1]["client_id"]
    assert far.client == begun(window, "chess")[1]["client_id"]
    assert (partner.asks, partner.keys) == (f"{ADDRESS}/provider/launch", f"{ADDRESS}/provider/keys")
    assert list(partner.courses) == [f"{ADDRESS}/lti/astronomy", f"{ADDRESS}/lti/choir"]


def test_the_portal_lists_the_courses(window):
    page = window.get("/portal").text
    assert '<a href="/lti/astronomy">Astronomy club</a>' in page
    assert '<a href="/lti/chess">Chess</a>' in page
    assert LENA.name in page


@pytest.mark.parametrize("page", ["/portal/sign-in?after=/lti/chess", "/sign-in?after=/lti/chess"])
def test_who_signs_in_to_go_there_is_let_go_on_by_the_browser(app, service, page):
    service.accounts.add("anna", "Anna", "", "a sentence to remember", [Granted("viewer", "*")])
    with Window(app, service) as window:
        policy = window.get(page).headers["content-security-policy"]
    (allowed,) = re.findall("form-action ([^;]+);", policy)
    assert {"'self'", "https://far.example", PARTNER} <= set(allowed.split())


def test_an_owner_reads_what_to_enter_where_the_courses_are_named(app, service):
    owner = service.accounts.add("anna", "Anna", "", "a sentence to remember", [Granted("owner", "*")])
    _, cookie = service.accounts.sign_in("anna", "a sentence to remember", address="", agent="", before="")
    with Window(app, service) as window:
        window.cookies.set("__Host-matricula", cookie, domain=urlsplit(ADDRESS).hostname, path="/")
        page = window.get("/settings/service").text
    partner, _ = service.launches.registrations()
    assert owner is not None
    for each in (partner.client, partner.asks, partner.keys, f"{ADDRESS}/lti/astronomy"):
        assert each in page
