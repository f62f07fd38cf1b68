"""Plugins in the console: told, handed out, and shown as the last check of each site found them."""

import json

import pytest
from web_browser import words

from jobs_seen import ended
from matricula.hub.moodle_plugins import moodle_plugin, moodle_plugins
from matricula.sandbox import running

SITE = "kind: site\nname: {name}\nurl: {url}\n"


@pytest.fixture
def site(service, tmp_path):
    """A sandbox as the site `moodle`; call it to have it checked."""
    with running("empty") as sandbox:
        service.home.load(SITE.format(name="moodle", url=sandbox.url), "test", tmp_path)
        service.home.keep_token("moodle", sandbox.tokens["admin"])

        def check():
            service.start()
            job = service.jobs.ask("check", site="moodle", by="test")
            return ended(service, job.id)

        yield check


def seen(service, monkeypatch, told):
    """Have the next check find these plugins."""
    monkeypatch.setattr("matricula.service.kinds.plugins_seen", lambda *_: told)


def test_the_page_tells_what_each_plugin_adds_and_how_they_are_installed(owner):
    page = owner.get("/plugins")
    told = words(page)
    for plugin in moodle_plugins():
        assert plugin.name in told
        assert plugin.what_for in told
        assert f'href="/plugins/{plugin.name}.zip"' in page.text
    assert "Site administration › Plugins › Install plugins" in told


def test_the_zip_is_the_one_that_the_command_writes(owner):
    answer = owner.get("/plugins/local_matricula.zip")
    assert answer.content == moodle_plugin("local_matricula").packed()
    assert moodle_plugin("local_matricula").file_name in answer.headers["content-disposition"]


def test_whoever_only_sees_is_given_no_zip(sign_in_as):
    viewer = sign_in_as("viewer")
    assert ".zip" not in viewer.get("/plugins").text
    assert viewer.get("/plugins/local_matricula.zip").status_code == 403


def test_a_plugin_that_is_not_there_is_not_found(owner):
    assert owner.get("/plugins/local_nothing.zip").status_code == 404


def test_an_older_plugin_and_one_that_is_off_are_told_of_each_site(owner, service, site, monkeypatch):
    assert "Nobody has looked yet" in words(owner.get("/plugins"))
    found = {"local_matricula": {"version": 2022010100, "enabled": True}}
    found |= {"enrol_matricula": {"version": moodle_plugin("enrol_matricula").version, "enabled": False}}
    seen(service, monkeypatch, found)
    site()
    for address in ("/plugins", "/sites/moodle"):
        told = words(owner.get(address))
        assert f"A newer one is here: {moodle_plugin('local_matricula').version}" in told
        assert "It is there and switched off." in told


def test_a_check_keeps_what_a_site_tells_of_its_plugins(service, site):
    assert "plugins" in site().result


def test_the_api_tells_the_same_and_hands_the_zip_out(owner, service, site, monkeypatch):
    seen(service, monkeypatch, {"local_matricula": {"version": 2022010100, "enabled": True}})
    site()
    told = {each["name"]: each for each in json.loads(owner.get("/api/v1/plugins").text)}
    (local,) = told["local_matricula"]["sites"]
    assert (local["site"], local["version"], local["newer"]) == ("moodle", 2022010100, True)
    assert told["enrol_matricula"]["sites"][0]["version"] is None
    zipped = owner.get("/api/v1/plugins/enrol_matricula")
    assert zipped.headers["content-type"] == "application/zip"
    assert zipped.content == moodle_plugin("enrol_matricula").packed()


def test_the_plugins_of_a_site_that_somebody_may_not_see_are_not_told(sign_in_as, site):
    site()
    other = sign_in_as("viewer", "elsewhere")
    assert "moodle" not in [each["site"] for found in other.get("/api/v1/plugins").json() for each in found["sites"]]
    assert "/sites/moodle" not in other.get("/plugins").text
