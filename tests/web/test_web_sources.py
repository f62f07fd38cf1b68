"""Sites, sources and settings in the console: who may, what is kept, and what is never shown."""

import asyncio
import re
from html import unescape

import pytest
from set_up_person import all_done, school_files, send_files, zipped
from web_browser import form_token, words

from matricula.errors import UsageError
from matricula.hub.deliveries import lacking
from matricula.hub.uploads import MOST_SENT
from matricula.sandbox import running
from matricula.web.bodies import MOST, Bodies

SECRET = "sesame-of-the-caliph"
DOCUMENTS = """\
kind: site
name: moodle
url: {url}
---
kind: site
name: other
url: https://other.example
---
kind: source
name: school
type: oneroster-csv
path: {folder}
---
kind: source
name: sis
type: oneroster-rest
url: https://sis.school.example/ims/oneroster/v1p1
version: "1.1"
auth: {{method: bearer}}
---
kind: profile
name: default
source: school
site: moodle
---
kind: profile
name: second
source: sis
site: other
"""


@pytest.fixture
def moodle():
    with running("empty") as site:
        yield site


@pytest.fixture
def files(tmp_path):
    return school_files(tmp_path / "csv")


@pytest.fixture
def home(service, moodle, files, tmp_path):
    service.home.load(DOCUMENTS.format(url=moodle.url, folder=tmp_path / "csv"), "test", tmp_path)
    service.home.keep_token("moodle", moodle.tokens["admin"])
    return service.home


def settings_of(browser, page):
    """The fields of a page's first form, as they stand there."""
    text = browser.get(page).text
    text = text[text.index('name="revision"') - 200 : text.index("Save</button>")]
    found = dict(re.findall(r'<input [^>]*name="([\w.]+)"[^>]*value="([^"]*)"', text))
    found |= dict(re.findall(r'<textarea [^>]*name="([\w.]+)"[^>]*>(.*?)</textarea>', text, re.S))
    for name, options in re.findall(r'<select [^>]*name="([\w.]+)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen.group(1) if chosen else ""
    return {name: unescape(value) for name, value in found.items() if name != "csrf"}


def test_a_token_is_renewed_and_the_site_is_looked_at(owner, home, service, moodle):
    page = owner.fill_in("/sites/moodle", "/sites/moodle/token", token=SECRET)
    all_done(service)
    page = owner.get("/sites/moodle")
    assert "Moodle does not know this token" in words(page)
    assert SECRET not in page.text
    owner.fill_in("/sites/moodle", "/sites/moodle/token", token=moodle.tokens["admin"])
    all_done(service)
    assert "functions needed are in the token's service" in words(owner.get("/sites/moodle"))
    assert "Ready" in words(owner.get("/sites"))


def test_a_form_that_is_sent_as_it_stands_changes_nothing(owner, home):
    for kind, name in (("site", "moodle"), ("source", "school"), ("source", "sis")):
        page = f"/{kind}s/{name}/settings"
        before = home.written(kind, name).body
        assert owner.fill_in(page, page, **settings_of(owner, page)).url.path == f"/{kind}s/{name}"
        assert home.written(kind, name).body == before
        assert home.store.documents.get(kind, name).revision == 1


def test_a_setting_is_changed_by_the_form_and_by_the_text(owner, home):
    page = "/sites/moodle/settings"
    owner.fill_in(page, page, **settings_of(owner, page) | {"callers": "4", "never_touch": "admin\nboss"})
    assert (home.site("moodle").callers, home.site("moodle").never_touch) == (4, ("admin", "boss"))
    body = "# ours\n" + home.written("site", "moodle").body.replace("callers: 4", "callers: 6")
    owner.fill_in(page, page, body=body, revision="2")
    assert home.site("moodle").callers == 6
    assert home.store.documents.get("site", "moodle").body.startswith("# ours")


def test_a_wrong_value_is_told_beside_its_field_and_what_was_typed_stays(owner, home):
    page = "/sites/moodle/settings"
    told = owner.fill_in(page, page, **settings_of(owner, page) | {"callers": "99", "roles": "student: [x"})
    assert told.status_code == 422
    assert "this is not YAML" in words(told)
    assert "student: [x" in told.text
    told = owner.fill_in(page, page, **settings_of(owner, page) | {"callers": "99"})
    assert 'id="e-callers"' in told.text
    assert "at most 16" in words(told)
    assert 'value="99"' in told.text
    assert home.site("moodle").callers == 2
    told = owner.fill_in(page, page, body="kind: site\nname: moodle\nurl: [", revision="1")
    assert (told.status_code, "This is not YAML" in words(told)) == (422, True)


def test_whoever_was_overtaken_is_told(owner, home):
    page = "/sites/moodle/settings"
    old = settings_of(owner, page)
    owner.fill_in(page, page, **old | {"callers": "4"})
    told = owner.fill_in(page, page, **old | {"callers": "8"})
    assert "Somebody else has saved the site moodle in the meantime." in words(told)
    assert home.site("moodle").callers == 4


def test_another_address_of_a_site_asks_for_its_token(owner, home):
    page = "/sites/moodle/settings"
    told = owner.fill_in(page, page, **settings_of(owner, page) | {"url": "https://new.example"})
    assert "enter the token of that Moodle" in words(told)
    assert not home.has_token(home.site("moodle"))


def test_a_secret_is_kept_and_never_shown(owner, home, service):
    assert "Incomplete" in words(owner.get("/sources"))
    page = owner.fill_in("/sources/sis", "/sources/sis/secrets", **{"secret.token": SECRET})
    assert lacking(home, "sis") == ()
    for path in ("/sources/sis", "/sources", "/sources/sis/settings", "/history", "/settings"):
        assert SECRET not in owner.get(path).text
    assert SECRET not in page.text
    settings = "/sources/sis/settings"
    elsewhere = {"url": "https://evil.example/ims/oneroster/v1p1"}
    page = owner.fill_in(settings, settings, **settings_of(owner, settings) | elsewhere)
    assert "enter its token" in words(page)
    assert lacking(home, "sis") == ("token",)


def test_files_are_handed_over_and_planned_at_once(owner, home, service, files):
    page = send_files(owner, "/sources/school", "/sources/school/upload", {"new.zip": zipped(files)}, plan="1")
    assert page.url.path.startswith("/jobs/")
    assert all_done(service).result["counts"]["user"]["create"] > 20
    assert str(home.source("school").settings.path) == str(home.folder / "uploads" / "school" / "delivery")
    page = words(owner.get("/sources/school"))
    assert "users.csv" in page
    fewer = dict(files) | {"users.csv": b"\n".join(files["users.csv"].splitlines()[:-2]) + b"\n"}
    send_files(owner, "/sources/school", "/sources/school/upload", fewer)
    page = words(owner.fill_in("/sources/school", "/sources/school/difference"))
    assert page.count(" gone ") >= 2


def test_wrong_files_are_refused_with_a_reason(owner, home):
    page = send_files(owner, "/sources/school", "/sources/school/upload", {"virus.exe": b"MZ"})
    assert (page.status_code, "“virus.exe” is no file of a roster." in words(page)) == (400, True)
    page = send_files(owner, "/sources/school", "/sources/school/upload", {})
    assert "No file was chosen." in words(page)
    page = send_files(owner, "/sources/sis", "/sources/sis/upload", {"users.csv": b"x"})
    assert "This source reads no files." in words(page)


def test_what_is_too_large_is_refused_by_what_it_says_of_itself(owner, home):
    token = form_token(owner.get("/sources/school").text)
    page = owner.post("/sites/moodle/token", data={"csrf": token, "token": "x" * (MOST + 1)})
    assert page.status_code in (400, 413)
    headers = {"x-csrf-token": token, "content-type": "multipart/form-data; boundary=x"}
    told = headers | {"content-length": str(MOST_SENT + 1)}
    assert owner.post("/sources/school/upload", content=b"", headers=told).status_code == 413


@pytest.mark.parametrize(("path", "most"), [("/sources/school/settings", MOST), ("/sources/school/upload", MOST_SENT)])
def test_what_never_ends_is_not_read_on(path, most):
    piece, came = b"x" * 1024**2, []

    async def receive():
        came.append(1)
        return {"type": "http.request", "body": piece, "more_body": True}

    async def reads_all(_scope, receive, _send):
        while True:
            await receive()

    async def ask():
        await Bodies(reads_all)({"type": "http", "path": path, "headers": []}, receive, None)

    with pytest.raises(UsageError) as told:
        asyncio.run(ask())
    assert told.value.code == "body-large"
    assert len(came) == most // len(piece) + 1


def test_nobody_unknown_has_files_read(browser, home, owner):
    page = browser.post("/sources/school/upload", files={"files": ("users.csv", b"x")})
    assert page.url.path == "/sign-in"
    assert not (home.folder / "uploads").exists()


def test_what_a_source_delivers_is_looked_at_without_names(owner, home, service):
    owner.fill_in("/sources/school", "/sources/school/look")
    job = all_done(service)
    assert job.state == "done"
    page = words(owner.get("/sources/school"))
    assert "People" in page
    assert "… (" in page
    assert home.store.kept.last("school") is None


def test_a_source_in_use_stays_and_another_goes_with_its_files(owner, home, files):
    assert "It is in use: profile default." in words(owner.get("/sources/school/remove"))
    page = owner.fill_in("/sources", "/sources/school/remove", typed="school")
    assert page.status_code == 400
    home.load("kind: source\nname: spare\ntype: oneroster-csv\npath: /nowhere\n", "test", home.folder)
    send_files(owner, "/sources/spare", "/sources/spare/upload", {"a.zip": zipped(files)})
    page = owner.fill_in("/sources/spare/remove", "/sources/spare/remove", typed="spar")
    assert "Nothing was removed" in words(page)
    owner.fill_in("/sources/spare/remove", "/sources/spare/remove", typed="spare")
    assert "spare" not in home.names("source")
    assert not (home.folder / "uploads" / "spare").exists()


@pytest.mark.parametrize(
    ("role", "site", "expected"),
    [
        ("viewer", "*", (200, 403)),
        ("operator", "moodle", (200, 200)),
        ("operator", "other", (404, 404)),
        ("owner", "*", (200, 200)),
    ],
)
def test_a_source_belongs_to_the_sites_that_it_reaches(sign_in_as, home, role, site, expected):
    browser = sign_in_as(role, site)
    found = tuple(browser.get(path).status_code for path in ("/sources/school", "/sources/school/settings"))
    assert found == expected
    assert ("school" in words(browser.get("/sources"))) == (expected[0] == 200)


def test_a_source_of_two_sites_takes_a_role_for_both(sign_in_as, home):
    home.load("kind: profile\nname: third\nsource: school\nsite: other\n", "test", home.folder)
    browser = sign_in_as("operator", "moodle")
    assert browser.get("/sources/school").status_code == 200
    assert browser.get("/sources/school/settings").status_code == 403
    assert "Change settings" not in words(browser.get("/sources/school"))


@pytest.mark.parametrize(
    "path", ["/settings/service", "/sites/moodle/settings", "/sites/moodle/remove", "/set-up/moodle"]
)
def test_secrets_and_settings_are_the_owners(sign_in_as, home, path):
    assert sign_in_as("operator").get(path).status_code == 403
    assert sign_in_as("owner").get(path).status_code == 200


def test_the_service_is_set_by_its_form_with_people_and_secrets(owner, home):
    page = "/settings/service"
    sent = settings_of(owner, page) | {
        "timezone": "Europe/Berlin",
        "mail.host": "mail.school.example",
        "mail.sender": "matricula@school.example",
        "mail.user": "matricula",
        "mail.secret": "mail-password",
        "told.0.to": "office@school.example\nhead@school.example",
        "told.0.about": "held-plan",
    }
    told = owner.fill_in(page, page, **sent)
    assert "Next: enter mail-password below." in words(told)
    service = home.service()
    assert (service.timezone, service.mail.host, service.told[0].to[1]) == (
        "Europe/Berlin",
        "mail.school.example",
        "head@school.example",
    )
    told = owner.fill_in(page, "/settings/secrets", name="mail-password", secret=SECRET)
    assert SECRET not in told.text
    assert home.secret("mail-password") == SECRET
    assert owner.fill_in(page, "/settings/secrets", name="other", secret=SECRET).status_code == 400
    before = home.written("service", "service").body
    owner.fill_in(page, page, **settings_of(owner, page))
    assert home.written("service", "service").body == before
    owner.fill_in(page, page, **settings_of(owner, page) | {"told.0.to": "", "told.0.about": ""})
    assert home.service().told == ()


def test_a_fault_in_a_list_stands_beside_its_field(owner, home):
    page = "/settings/service"
    told = owner.fill_in(page, page, **settings_of(owner, page) | {"told.0.to": "a@b.example", "told.0.digest": "noon"})
    assert told.status_code == 422
    assert 'id="e-told.0.digest"' in told.text


def test_who_works_on_jobs_and_where_the_state_is_stands_there_for_the_owner(owner, sign_in_as, home, service):
    assert "Nobody works on jobs" in words(owner.get("/settings"))
    service.start()
    page = words(owner.get("/settings"))
    assert "Nobody works on jobs" not in page
    assert str(home.folder) in page
    assert str(home.folder) not in words(sign_in_as("operator", "moodle").get("/settings"))
