"""Documents that people save and remove: no work is written over, nothing in use is taken, no secret is misled."""

import pytest

from matricula.errors import SettingError, StopError, UsageError
from matricula.hub import Home, sinks
from matricula.hub.deliveries import keep_secret, lacking
from matricula.hub.documents import remove, save, sites_of_source, used_by
from matricula.hub.rules_told import what_happens
from matricula.hub.templates import templates
from matricula.hub.tools import has_tool_token, keep_tool_token
from matricula.profiles.altering import UNSET, altered, as_yaml, document
from matricula.profiles.reading import content_of, read_profile

SERVICE = """\
kind: source
name: sis
type: oneroster-rest
url: https://sis.school.example/ims/oneroster/v1p1
version: "1.1"
auth: {method: bearer}
limit: 500  # as the vendor asked
"""
OTHERS = """\
kind: site
name: moodle
url: https://moodle.example
---
kind: profile
name: default
source: both
site: moodle
---
kind: source
name: files
path: /nowhere
---
kind: source
name: both
type: combined
courses: files
people: sis
join: email
"""


@pytest.fixture
def home(tmp_path):
    with Home.make(tmp_path / "home") as home:
        home.load(SERVICE + "---\n" + OTHERS, "test", tmp_path)
        keep_secret(home, "sis", "token", "a-token-of-the-vendor")
        yield home


TOOL = "kind: tool\nname: kura\ntype: kuracloud\nsite: moodle\nurl: https://{}.example\n"


def test_a_tool_keeps_its_token_at_its_address_and_its_site_in_use(home):
    save(home, "tool", "kura", TOOL.format("a"))
    keep_tool_token(home, "kura", "a-token-of-the-tool")
    save(home, "tool", "kura", TOOL.format("a") + "suspended: send\n")
    assert has_tool_token(home, "kura")
    save(home, "tool", "kura", TOOL.format("b"))
    assert not has_tool_token(home, "kura")
    assert "tool kura" in used_by(home, "site", "moodle")


def test_a_tool_is_removed_only_when_no_course_is_mapped_or_somebody_says_so(home):
    save(home, "tool", "kura", TOOL.format("a"))
    keep_tool_token(home, "kura", "a-token-of-the-tool")
    home.store.tools.stand("kura", "ok")
    home.store.tools.map("kura", "101", "Biology", "moodle", 7, "Biology 7a", "me")
    with pytest.raises(UsageError) as met:
        remove(home, "tool", "kura")
    assert met.value.code == "tool-mapped-still"
    remove(home, "tool", "kura", mapped=True)
    assert (home.names("tool"), has_tool_token(home, "kura"), home.store.tools.standings()) == ([], False, {})
    assert home.store.tools.mappings() == []


def test_a_setting_is_altered_and_all_else_stays_as_it_was_written(home):
    body = altered(SERVICE, {"limit": 900, "auth.method": "oauth1", "auth.consumer_key": "k", "version": UNSET})
    assert "limit: 900  # as the vendor asked" in body
    assert content_of(body)["auth"] == {"method": "oauth1", "consumer_key": "k"}
    assert "version" not in content_of(body)
    assert altered(SERVICE, {}) == SERVICE
    assert "auth" not in content_of(altered(SERVICE, {"auth.method": UNSET}))


def test_a_new_document_says_just_what_it_is_given(home):
    assert content_of(document("site", "m", {"url": "u", "roles.x": 9, "timeout": UNSET})) == {
        "kind": "site",
        "name": "m",
        "url": "u",
        "roles": {"x": 9},
    }
    assert as_yaml(None) == as_yaml([]) == ""
    assert as_yaml({"a": [1]}) == "a:\n  - 1\n"


def test_secrets_are_not_sent_to_another_address(home):
    save(home, "source", "sis", altered(SERVICE, {"limit": 900}))
    assert lacking(home, "sis") == ()
    save(home, "source", "sis", altered(SERVICE, {"url": "https://evil.example/ims/oneroster/v1p1"}))
    assert lacking(home, "sis") == ("token",)


def test_two_who_edit_at_once_do_not_write_over_each_other(home):
    save(home, "source", "sis", altered(SERVICE, {"limit": 900}), revision=1)
    with pytest.raises(StopError) as told:
        save(home, "source", "sis", altered(SERVICE, {"limit": 100}), revision=1)
    assert told.value.code == "document-newer"
    assert home.source("sis").settings.limit == 900


@pytest.mark.parametrize("body", ["kind: site\nname: x\nurl: https://x.example\n", SERVICE + "---\n" + OTHERS])
def test_a_text_is_the_document_that_it_is_saved_as_and_no_other(home, body):
    with pytest.raises(SettingError) as told:
        save(home, "source", "sis", body)
    assert told.value.code == "document-other"


def test_a_new_name_is_one_that_can_stand_in_an_address(home):
    with pytest.raises(UsageError):
        save(home, "source", "a/b", "kind: source\nname: a/b\npath: /x\n", revision=0)


def test_what_is_in_use_is_not_removed(home):
    assert used_by(home, "site", "moodle") == ["profile default"]
    assert used_by(home, "source", "sis") == ["source both"]
    for kind, name in (("site", "moodle"), ("source", "sis"), ("source", "both")):
        with pytest.raises(UsageError) as told:
            remove(home, kind, name)
        assert told.value.code == "document-in-use"


def test_removing_takes_secrets_along(home):
    for kind, name in (("profile", "default"), ("source", "both"), ("source", "sis"), ("site", "moodle")):
        remove(home, kind, name)
    assert home.names("source") == ["files"]
    assert not [name for name in home.store.secrets.all() if name.startswith(("source:", "token:"))]


def test_a_source_reaches_the_sites_of_all_that_is_made_of_it(home):
    assert sites_of_source(home, "sis") == {"moodle"}
    save(home, "source", "alone", "kind: source\nname: alone\npath: /x\n", revision=0)
    assert sites_of_source(home, "alone") == frozenset()
    with pytest.raises(UsageError):
        sites_of_source(home, "nothing")


@pytest.mark.parametrize("template", templates(), ids=lambda each: each.name)
def test_what_a_template_does_is_told_in_sentences(template):
    profile = read_profile(content_of(template.text("s", "m", "p", "UTC")), "template")
    told = what_happens(profile)
    assert all(each[0].isupper() and each.endswith(".") for each in told)
    assert any("suspended" in each for each in told)
    assert ("Courses are left alone." in told) == (template.name == "people")


SINK = """\
kind: sink
name: grades
type: sql
url: postgresql://writer@{host}/grades
timeout: {timeout}
"""


def test_a_sink_keeps_its_secrets_while_it_is_where_it_was(home):
    save(home, "sink", "grades", SINK.format(host="one", timeout=30), revision=0)
    sinks.keep_secret(home, "grades", "password", "planted-for-a-sink")
    save(home, "sink", "grades", SINK.format(host="one", timeout=60))
    assert sinks.lacking(home, "grades") == ()
    save(home, "sink", "grades", SINK.format(host="elsewhere", timeout=60))
    assert sinks.lacking(home, "grades") == ("password",)


def test_a_sink_in_use_stays_and_its_secrets_go_with_it(home, tmp_path):
    home.load(SINK.format(host="one", timeout=30), "test", tmp_path)
    sinks.keep_secret(home, "grades", "password", "planted-for-a-sink")
    profile = home.store.documents.get("profile", "default").body
    home.load(profile + "grades: {sink: grades}\n", "test", tmp_path)
    assert used_by(home, "sink", "grades") == ["profile default"]
    with pytest.raises(UsageError, match="in use: profile default"):
        remove(home, "sink", "grades")
    home.load(profile, "test", tmp_path)
    remove(home, "sink", "grades")
    assert not [each for each in home.store.secrets.all() if each.startswith("sink:")]


def test_a_profile_tells_of_a_sink_that_is_not_there(home, tmp_path):
    home.load(home.store.documents.get("profile", "default").body + "grades: {sink: grades}\n", "test", tmp_path)
    assert "sink grades" in home.unmet("default")


@pytest.mark.parametrize(
    "text",
    [
        "kind: tool\nname: t\ntype: kuracloud\nsite: moodle\nurl: https://t.example",
        "kind: import\nname: t\nsite: moodle",
    ],
)
def test_a_site_is_in_use_by_tools_and_imports(home, tmp_path, text):
    home.load(text, "test", tmp_path)
    kind = text.split()[1]
    assert f"{kind} t" in used_by(home, "site", "moodle")
    assert used_by(home, kind, "t") == []
    remove(home, kind, "t")
