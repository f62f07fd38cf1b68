"""What the preflight tells where the site has Matricula's plugins."""

import pytest

from matricula.moodle import AccessRefused, Moodle, preflight
from matricula.moodle.plugin_calls import CALLS, OLDEST_VERSION, PLUGIN_VERSION
from matricula.sandbox import running

NEEDED = {
    "core_user_get_users": "reading accounts",
    "enrol_manual_enrol_users": "enrolling",
    "enrol_meta_add_instances": "linking",
}


@pytest.fixture(scope="module")
def started():
    with running("contract", plugins=True) as served:
        yield served


@pytest.fixture
def site(started):
    started.sandbox.reset()
    yield started
    started.faults.clear()


def look(site, *, label="admin", roles=None, plugins=True, **options):
    with Moodle(site.url, site.tokens[label], plugins=plugins) as moodle:
        return preflight(moodle, functions=NEEDED, roles=roles or {"student": 5}, match_fields=["idnumber"], **options)


def told(checks, name):
    return [(check.state, check.message, check.remedy) for check in checks if check.name == name]


def one(checks, name):
    (found,) = told(checks, name)
    return found


def test_the_plugins_there_are_told_with_their_use(site):
    lines = [message for state, message, _ in told(look(site), "plugins") if state == "ok"]
    assert len(lines) == 4
    assert f"local_matricula 1.0.0 ({PLUGIN_VERSION}) is there: many records are read with one call" in lines[0]
    assert "enrol_matricula" in lines[1]
    assert "an enrolment method of Matricula's own" in lines[1]


def test_a_site_without_them_is_told_that_everything_works(site):
    site.faults.set(missing_functions=list(CALLS))
    state, message, remedy = one(look(site), "plugins")
    assert (state, remedy) == ("ok", "")
    assert "everything works without" in message


def test_plugins_that_the_document_says_not_to_use(site):
    state, message, _ = one(look(site, plugins=False), "plugins")
    assert state == "ok"
    assert "plugins: false" in message


def test_a_method_that_is_switched_off(site):
    site.state.set_setting("off_enrol_matricula", "1")
    assert ("warn", True) in [(state, "enrol_matricula" in words) for state, words, _ in told(look(site), "plugins")]


def test_an_older_plugin(site, monkeypatch):
    monkeypatch.setattr("matricula.moodle.plugin.OLDEST_VERSION", PLUGIN_VERSION - 1)
    site.state.set_setting("plugin_version", str(PLUGIN_VERSION - 1))
    state, message, remedy = told(look(site), "plugins")[0]
    assert (state, f"older than this Matricula knows ({PLUGIN_VERSION})" in message) == ("warn", True)
    assert "Install the plugins" in remedy


def test_a_plugin_that_is_too_old_is_left_aside(site):
    site.state.set_setting("plugin_version", str(OLDEST_VERSION - 1))
    state, message, remedy = one(look(site), "plugins")
    assert (state, "everything goes on without" in message) == ("warn", True)
    assert "Install the plugins" in remedy
    with Moodle(site.url, site.tokens["admin"]) as moodle:
        assert not moodle.plugin.there
        assert moodle.users.all()
        assert not site.faults.seen()["calls"].get("local_matricula_get_snapshot")


def test_a_service_that_lacks_some_of_its_functions(site):
    site.faults.set(missing_functions=["local_matricula_enrol"])
    state, message, _ = told(look(site), "plugins")[0]
    assert (state, "lacks 1 of its functions, such as local_matricula_enrol" in message) == ("warn", True)


def test_a_token_whose_user_may_not_use_it_works_without(site):
    site.state.run("DELETE FROM role_capability WHERE capability = 'local/matricula:synchronise'")
    site.state.run("INSERT INTO role_capability VALUES ('webservice/rest:use', 1)")
    site.state.run("INSERT INTO role_assignments (roleid, contextid, userid) VALUES (1, 1, 3)")
    state, message, remedy = one(look(site, label="plain"), "plugins")
    assert (state, "everything goes on without" in message) == ("warn", True)
    assert "local/matricula:synchronise" in remedy
    with Moodle(site.url, site.tokens["plain"]) as moodle:
        assert not moodle.plugin.there
        assert moodle.users.all()
        with pytest.raises(AccessRefused):
            moodle.plugin.snapshot("user")


def test_roles_are_compared_by_name(site):
    checks = look(site, roles={"student": 4, "teacher": 4, "5": 5, "head": 44, "user": 7})
    state, message, remedy = one(checks, "role student")
    assert (state, message) == ("fail", "On this site role 4 is teacher, and student was given as 4.")
    assert "roles: {student: 5}" in remedy
    assert one(checks, "role teacher")[0] == "ok"
    assert one(checks, "role 5")[0] == "ok"
    assert one(checks, "role head")[:2] == ("fail", "This site has no role head.")
    assert "may not give role 7" in one(checks, "role user")[1]


@pytest.mark.parametrize(("setting", "off", "state"), [("1", "1", "warn"), ("0", "1", "ok"), ("1", "0", "ok")])
def test_welcome_messages_are_told_as_they_are(site, setting, off, state):
    """Nobody who is enrolled by Matricula's own method is sent one."""
    site.state.set_setting("sendcoursewelcomemessage", setting)
    site.state.set_setting("off_enrol_matricula", off)
    assert one(look(site), "welcome mail")[0] == state


@pytest.mark.parametrize(("setting", "state"), [("1", "fail"), ("0", "ok")])
def test_meta_links_are_told_as_they_are(site, setting, state):
    site.state.set_setting("off_enrol_meta", setting)
    assert one(look(site), "meta-links")[0] == state


def test_functions_that_the_plugin_spares_are_not_asked_for(site):
    site.faults.set(missing_functions=["core_user_get_users"])
    assert told(look(site), "function core_user_get_users")
    spared = {name: what for name, what in NEEDED.items() if name != "core_user_get_users"}
    checks = look(site, with_plugin=spared)
    assert not [check for check in checks if check.state == "fail"]
    assert "accounts can be read" in one(checks, "accounts")[1]


def test_a_plugin_that_answers_nonsense_is_told_and_does_not_end_the_look(site):
    site.faults.set(half_answer={"times": 99, "function": "local_matricula_get_site"})
    checks = look(site)
    assert one(checks, "plugins")[0] == "fail"
    assert told(checks, "clock")
