"""What strangers try: forms of other pages, stolen and fixed cookies, names found out, pages left in caches."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from web_browser import ADDRESS, PASSWORD, Browser, form_token, words

from matricula.store.accounts import Granted
from matricula.web.routes import routes_of

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}


@pytest.fixture
def anna(sign_in_as):
    return sign_in_as("owner")


def test_no_get_changes_anything(anna, app, service):
    before = {table: _count(service, table) for table in ("account", "session", "audited", "job", "document")}
    for each in routes_of(app):
        # That somebody took a file out is noted, and is all that a GET may leave behind.
        if each.method == "GET" and each.needs != "everybody" and "/file." not in each.path:
            anna.get(re.sub(r"\{\w+\}", "1", each.path))
    assert {table: _count(service, table) for table in before} == before


def _count(service, table):
    with service.store.begin() as connection:
        return connection.exec_driver_sql(f"select count(*) from {table}").scalar_one()


@pytest.mark.parametrize(
    ("origin", "host", "taken"),
    [
        ("http://console.example", "console.example", True),
        ("http://console.example:80", "console.example", True),
        ("http://console.example", "console.example:80", True),
        ("http://console.example:8080", "console.example:8080", True),
        ("https://console.example", "console.example:443", True),
        ("https://Console.Example", "console.example", True),
        ("http://console.example:8080", "console.example", False),
        ("http://console.example", "console.example:8080", False),
        ("http://console.example.evil.example", "console.example", False),
        ("http://evil.example/console.example", "console.example", False),
        ("http://console.example@evil.example", "console.example", False),
        ("http://[::1", "console.example", False),
        ("http://console.example:x", "console.example", False),
        ("https://school.example", "127.0.0.1:8080", False),
    ],
)
def test_the_origin_is_compared_with_the_host_and_its_port(anna, origin, host, taken):
    token = form_token(anna.get("/").text)
    cookie = {"Cookie": f"matricula={anna.cookies['matricula']}"}
    headers = {"Origin": origin, "Host": host, "X-CSRF-Token": token} | cookie
    answer = anna.post("/me", data={"display": "A"}, headers=headers, follow_redirects=False)
    assert answer.status_code == (303 if taken else 403)


def test_behind_a_proxy_that_sets_its_own_host_the_address_of_the_service_counts(anna, service, tmp_path):
    text = "kind: service\nname: service\naddress: https://school.example/\n"
    service.home.load(text, "test", tmp_path)
    token = form_token(anna.get("/").text)
    for origin, status in (
        ("https://school.example", 303),
        ("https://evil.example", 403),
        ("http://school.example", 403),
    ):
        headers = {"Origin": origin, "X-CSRF-Token": token}
        answer = anna.post("/me", data={"display": "A"}, headers=headers, follow_redirects=False)
        assert answer.status_code == status, origin


def test_every_answer_has_the_headers(app, service, anna):
    @app.get("/broken")
    def broken():
        raise RuntimeError("on purpose")

    answers = []
    with Browser(app, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=False) as nobody:
        paths = ("/", "/sign-in", "/nowhere", "/static/console.css", "/static/nowhere", "/api/v1/me", "/broken")
        answers += [nobody.get(path) for path in paths]
        answers.append(nobody.post("/sign-in"))
        answers.append(nobody.put("/sign-in"))
        answers.append(nobody.head("/sign-in"))
    answers += [anna.get("/"), anna.get("/me"), anna.get("/api/v1/me")]
    assert {each.status_code for each in answers} >= {200, 303, 401, 403, 404, 405, 500}
    for answer in answers:
        headers = answer.headers
        told = dict(each.strip().split(" ", 1) for each in headers["content-security-policy"].split(";"))
        assert told.items() >= POLICY.items(), answer.url
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert "strict-transport-security" not in headers
        kept = "public" if "/static/console.css" in str(answer.url) else "no-store"
        assert kept in headers["cache-control"], answer.url
        assert "server" not in headers


def test_a_fault_tells_nothing_of_its_inside(app):
    @app.get("/broken")
    def broken():
        raise RuntimeError("Ann Oddity")

    with Browser(app, base_url=ADDRESS, raise_server_exceptions=False) as nobody:
        answer = nobody.get("/broken")
    assert answer.status_code == 500
    assert "Oddity" not in answer.text


@pytest.mark.parametrize(
    ("scheme", "secure", "name"), [("http", False, "matricula"), ("https", True, "__Host-matricula")]
)
def test_cookies_can_be_read_by_no_script_and_no_other_host(service, app, scheme, secure, name):
    service.accounts.add("anna", "Anna", "", PASSWORD, [Granted("viewer", "*")])
    with Browser(app, base_url=f"{scheme}://console.example", follow_redirects=False) as browser:
        first = browser.get("/sign-in")
        token = form_token(first.text)
        second = browser.post("/sign-in", data={"csrf": token, "name": "anna", "password": PASSWORD})
        token = form_token(browser.get("/").text)
        third = browser.post("/sign-out", data={"csrf": token})
        assert first.headers.get("strict-transport-security") == ("max-age=63072000" if secure else None)
    cookies = [each for answer in (first, second, third) for each in answer.headers.get_list("set-cookie")]
    assert {each.split("=")[0] for each in cookies} == {name, f"{name}-form", "matricula-said"}
    for cookie in cookies:
        parts = {each.strip().casefold() for each in cookie.split(";")}
        assert {"httponly", "samesite=lax", "path=/"} <= parts, cookie
        assert ("secure" in parts) == secure, cookie
        assert not any(each.startswith("domain") for each in parts)


def test_a_cookie_that_was_put_there_before_signing_in_opens_nothing(service, app):
    service.accounts.add("anna", "Anna", "", PASSWORD, [Granted("viewer", "*")])
    with Browser(app, base_url=ADDRESS) as browser:
        browser.get("/sign-in")
        browser.cookies.set("matricula", "chosen-by-a-stranger", domain="console.example")
        assert browser.sign_in("anna").url.path == "/"
        assert browser.cookies["matricula"] != "chosen-by-a-stranger"
    with Browser(app, base_url=ADDRESS) as stranger:
        stranger.cookies.set("matricula", "chosen-by-a-stranger")
        assert stranger.get("/").url.path == "/sign-in"


def test_signing_in_again_ends_the_session_before(service, app, anna):
    before = anna.cookies["matricula"]
    anna.sign_in("owner-0")
    with Browser(app, base_url=ADDRESS) as stranger:
        stranger.cookies.set("matricula", before)
        assert stranger.get("/").url.path == "/sign-in"


def test_a_cookie_is_kept_as_its_digest_alone(anna, service):
    cookie = anna.cookies["matricula"]
    with service.store.begin() as connection:
        kept = str(connection.exec_driver_sql("select * from session").all())
    assert cookie not in kept


@pytest.mark.parametrize(
    ("settings", "clicks", "still"),
    [
        ("{idle: 30, longest: 600}", [29, 29, 29], True),
        ("{idle: 30, longest: 600}", [31], False),
        ("{idle: 60, longest: 120}", [50, 50, 21], False),
        ("{idle: 60, longest: 120}", [50, 50, 19], True),
    ],
)
def test_a_session_ends_unused_and_in_any_case(anna, service, tmp_path, settings, clicks, still):
    service.home.load(f"kind: service\nname: service\nsessions: {settings}\n", "test", tmp_path)
    now = service.accounts.now()
    anna.sign_in("owner-0")
    for minutes in clicks:
        now += timedelta(minutes=minutes)
        service.accounts.now = lambda now=now: now
        page = anna.get("/")
    assert (page.url.path == "/") is still


def test_shorter_rules_hold_for_sessions_that_are_under_way(anna, service, tmp_path):
    now = service.accounts.now() + timedelta(minutes=30)
    service.accounts.now = lambda: now
    assert anna.get("/").url.path == "/"
    service.home.load("kind: service\nname: service\nsessions: {longest: 20}\n", "test", tmp_path)
    assert anna.get("/").url.path == "/sign-in"


@pytest.fixture
def still(service):
    """The clock stands still, however slow the machine is."""
    now = service.accounts.now()
    service.accounts.now = lambda: now


def test_names_cannot_be_found_out(anna, browser, service):
    service.accounts.add("shut", "Shut", "", PASSWORD, [])
    service.store.accounts.change(service.accounts.named("shut").id, state="closed")
    service.accounts.add("invited", "Invited", "", None, [])
    answers = [browser.sign_in(name, "a wrong sentence") for name in ("owner-0", "nobody", "shut", "invited")]
    answers.append(browser.sign_in("shut"))
    assert {each.status_code for each in answers} == {401}
    texts = {re.sub(r'value="[^"]*"', "", each.text) for each in answers}
    assert len(texts) == 1


def test_unknown_names_are_worked_on_as_long_as_known_ones(anna, browser, service, monkeypatch):
    verified = []
    real = service.accounts.passwords._hasher.verify
    hasher = type(service.accounts.passwords._hasher)
    monkeypatch.setattr(hasher, "verify", lambda self, kept, word: verified.append(kept) or real(kept, word))
    for name in ("owner-0", "nobody"):
        browser.sign_in(name, "a wrong sentence")
    assert [each.split("$")[3] for each in verified] == ["m=19456,t=2,p=1"] * 2


def test_pauses_are_the_same_for_names_there_are_and_names_there_are_not(anna, browser, still):
    told = {}
    for name in ("owner-0", "nobody"):
        answers = [browser.sign_in(name, "a wrong sentence") for _ in range(6)]
        told[name] = [each.status_code for each in answers], words(answers[-1])
    assert told["owner-0"][0] == [401] * 5 + [429]
    assert "possible in 15 seconds" in told["owner-0"][1]
    assert told["owner-0"] == told["nobody"]


def test_during_a_pause_the_right_password_opens_nothing(anna, browser, service, still):
    for _ in range(5):
        browser.sign_in("owner-0", "a wrong sentence")
    assert browser.sign_in("owner-0").status_code == 429
    now = service.accounts.now() + timedelta(seconds=16)
    service.accounts.now = lambda: now
    assert browser.sign_in("owner-0").url.path == "/"


def test_what_was_typed_as_a_name_by_mistake_is_not_noted(anna, browser, service):
    browser.sign_in("my secret sentence of words", "x")
    assert [each.by for each in service.store.audit.find(act="sign-in.refused")] == [""]


def test_no_answer_repeats_the_host_it_was_asked_for(anna, app):
    with Browser(app, base_url=ADDRESS, follow_redirects=False) as nobody:
        for path in ("/", "/sign-in", "/nowhere", "/start"):
            answer = nobody.get(path, headers={"Host": "evil.example"})
            assert "evil.example" not in answer.text + str(answer.headers)


def test_a_token_opens_pages_of_the_api_alone(service, app):
    account = service.accounts.add("bot", "Bot", "", None, [Granted("owner", "*")])
    token = service.accounts.tokens.make(account, "t", account.roles, None)
    headers = {"Authorization": f"Bearer {token}"}
    with Browser(app, base_url=ADDRESS) as program:
        assert program.get("/api/v1/me", headers=headers).status_code == 200
        assert program.get("/", headers=headers).url.path == "/sign-in"
        assert program.get("/settings/accounts", headers=headers).url.path == "/sign-in"
        program.cookies.set("matricula", token)
        assert program.get("/").url.path == "/sign-in"
        assert program.get(f"/api/v1/me?token={token}").status_code == 401


@pytest.mark.parametrize("told", ["Bearer", "Bearer mat_x", "Basic bWF0", "mat_", "Bearer " + "mat_" + "A" * 43])
def test_a_token_that_is_none_is_refused_even_beside_a_session(anna, told):
    answer = anna.get("/api/v1/me", headers={"Authorization": told})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_ends_with_its_day(service, app):
    account = service.accounts.add("bot", "Bot", "", None, [Granted("viewer", "*")])
    token = service.accounts.tokens.make(account, "t", account.roles, 1)
    now = service.accounts.now()
    with Browser(app, base_url=ADDRESS, headers={"Authorization": f"Bearer {token}"}) as program:
        service.accounts.now = lambda: now + timedelta(hours=23)
        assert program.get("/api/v1/me").status_code == 200
        service.accounts.now = lambda: now + timedelta(hours=25)
        assert program.get("/api/v1/me").status_code == 401


def test_what_is_of_another_site_is_as_if_it_were_not_there(sign_in_as, service, tmp_path):
    text = "---\n".join(f"kind: site\nname: {name}\nurl: https://{name}.example\n" for name in ("north", "south"))
    service.home.load(text, "test", tmp_path)
    job = service.jobs.ask("check", site="south", by="tester")
    anna = sign_in_as("operator", "north")
    foreign, missing = anna.get(f"/api/v1/jobs/{job.id}"), anna.get("/api/v1/jobs/999")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.json()["title"] == f"There is no job {job.id}."
    assert "south" not in foreign.text
    assert foreign.json()["detail"] == missing.json()["detail"]


def test_templates_hold_no_inline_script_or_style():
    import matricula.web

    folder = Path(matricula.web.__file__).parent / "templates"
    for path in folder.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", text), path
        assert "autoescape false" not in text, path
