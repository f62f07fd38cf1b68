"""The first import in the console: looked at by name, written just so, taken along, and led back."""

import io
import re
import zipfile
from html import unescape

import pytest
from web_browser import Caller, words

from jobs_seen import ended
from matricula.hub import Hub
from matricula.hub.forgetting import forget, remembered
from matricula.hub.import_seen import import_seen
from matricula.hub.importing import import_password, import_settings
from matricula.moodle import Moodle
from matricula.sandbox import running

SITES = "kind: site\nname: moodle\nurl: {url}\n---\nkind: site\nname: other\nurl: {url}\n"
HERE = "/import/moodle"


@pytest.fixture
def moodle(service, tmp_path):
    with running("school") as site:
        service.home.load(SITES.format(url=site.url), "test", tmp_path)
        service.home.keep_token("moodle", site.tokens["admin"])
        yield site


@pytest.fixture
def done(service):
    """Has the newest job done, and gives it."""

    def work():
        service.start()
        job = ended(service, service.jobs.all(limit=1)[0].id)
        service.stop()
        return job

    return work


def value_of(page, name):
    return unescape(re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.text)[1])


def test_from_settings_to_a_profile_with_an_empty_plan(service, moodle, owner, done):
    assert "Bring its people there first" in words(owner.get("/import"))
    refused = owner.fill_in(f"{HERE}/settings", f"{HERE}/settings", revision="0", timezone="Nowhere/None", school="Oak")
    assert (refused.status_code, value_of(refused, "school")) == (422, "Oak")
    sent = {"school": "Oak School", "fields.0.moodle": "housename", "fields.0.to": "metadata.house"}
    kept = owner.fill_in(f"{HERE}/settings", f"{HERE}/settings", revision="0", **sent)
    assert "School Oak School" in words(kept)
    assert "housename → metadata.house" in words(kept)
    assert "At work" in owner.fill_in(HERE, f"{HERE}/look").text
    assert done().state == "done"
    seen = owner.get(HERE)
    assert "people 39 ·" in words(seen)
    assert "like this: The enrolment of" in words(seen)
    people = owner.get(f"{HERE}/names", params={"kind": "person"})
    assert people.text.count("<strong>") == 39
    assert "Kiri Chen" in words(people)
    assert service.store.imported.rows("moodle") == []

    assert owner.fill_in(HERE, f"{HERE}/write", shown="of something else").status_code == 200
    assert done().error["code"] == "import-changed"
    owner.fill_in(HERE, f"{HERE}/write", shown=value_of(owner.get(HERE), "shown"))
    job = done()
    assert job.state == "done", job.error
    assert "Download the package" in words(owner.get(HERE))
    assert import_seen(service.home, "moodle", "moodle") is None
    with zipfile.ZipFile(io.BytesIO(owner.get(f"{HERE}/package.zip").content)) as package:
        assert "Oak School" in package.read("orgs.csv").decode()
        assert b"Kiri" in package.read("users.csv")

    assert owner.fill_in(HERE, f"{HERE}/profile", profile="back").status_code == 200
    assert done().state == "done"
    assert "Its first plan is empty" in words(owner.get(HERE))
    assert Hub(service.home).plan("back").changes.height == 0
    with Moodle(moodle.url, moodle.tokens["admin"]) as client:
        assert client.users.update([{"id": 5, "lastname": "Married"}]) == []
    owner.fill_in(HERE, f"{HERE}/look")
    done()
    again = words(owner.get(HERE))
    assert "People: 1" in again
    assert "→ Married" in again
    told = Caller(owner)("GET", "/sites/moodle/import?kind=person").json()
    assert told["counts"]["person"] == {"update": 1}
    (change,) = told["changes"]
    assert (change["action"], change["after"]["familyName"]) == ("update", "Married")
    forget(service.home, remembered(service.home, change["key"]))
    assert import_seen(service.home, "moodle", "moodle") is None


def test_nobody_takes_or_sets_what_is_another_sites(service, moodle, owner, sign_in_as, done, tmp_path):
    owner.fill_in(HERE, f"{HERE}/look")
    done()
    owner.fill_in(HERE, f"{HERE}/write", shown=value_of(owner.get(HERE), "shown"))
    done()
    theirs = service.home.folder / "imports" / "moodle"
    assert theirs.is_dir()
    own = sign_in_as("owner", "other")
    for role, site in (("operator", "*"), ("owner", "other")):
        assert sign_in_as(role, site).get(f"{HERE}/package.zip").status_code in (403, 404), role
    settings = "/import/other/settings"
    refused = own.fill_in(settings, settings, revision="0", to=str(theirs))
    assert refused.status_code == 403
    body = "kind: import\nname: other\nsite: {}\n"
    assert own.fill_in(settings, settings, revision="0", body=body.format("moodle")).status_code == 422
    assert own.fill_in(settings, settings, revision="0", school="Elm").status_code == 200
    # An owner of everything who points it there does not hand out another site's people either.
    service.home.load(f"{body.format('other')}to: {theirs}\n", "test", tmp_path)
    assert own.get("/import/other/package.zip").status_code == 409
    service.home.load("kind: profile\nname: theirs\nsource: x\nsite: moodle\n---\nkind: source\nname: x\n"
                      "type: oneroster-csv\npath: .\n", "test", tmp_path)  # fmt: skip
    assert own.fill_in("/import/other", "/import/other/profile", profile="theirs").status_code == 422


def test_a_databases_password_is_kept_and_sent_nowhere_else(service, moodle, owner, sign_in_as):
    to = "mariadb://writer@127.0.0.1:1/opensis"
    owner.fill_in(f"{HERE}/settings", f"{HERE}/settings", revision="0", to=to)
    assert "Still missing" in words(owner.get(HERE))
    assert "The password is kept" in words(owner.fill_in(HERE, f"{HERE}/password", password="sesame-of-sinbad"))
    page = owner.get(HERE)
    assert "It is known" in words(page)
    assert "sesame-of-sinbad" not in page.text
    settings = import_settings(service.home, "moodle")
    assert import_password(service.home, settings) == "sesame-of-sinbad"
    elsewhere = import_settings(service.home, "moodle", to="mariadb://writer@127.0.0.1:2/opensis")
    assert import_password(service.home, elsewhere) == ""
    local = sign_in_as("owner", "moodle")
    assert "Password of the database" not in words(local.get(HERE))
    assert local.fill_in(HERE, f"{HERE}/password", password="another").status_code == 403
    owner.fill_in(f"{HERE}/settings", f"{HERE}/settings", revision="1", to=to.replace(":1/", ":2/"))
    assert import_password(service.home, import_settings(service.home, "moodle")) == ""
