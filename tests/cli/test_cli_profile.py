"""`matricula profile`: how profiles stand, what is in force, what mappings give, and the next year's copy."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_desk import Desk

from matricula.hub import Home
from matricula.sandbox import Running
from matricula.sandbox.school import School
from matricula.store.identities import Identity

Load = Callable[[str], None]


@pytest.fixture
def load(ready: Desk, tmp_path: Path) -> Load:
    """Loads a profile document from its settings in YAML."""

    def loaded(settings: str) -> None:
        file = tmp_path / "more.yaml"
        file.write_text(f"kind: profile\nsource: school\nsite: moodle\n{settings}\n", encoding="utf-8")
        told = ready("load", file)
        assert told.status == 0, told.all

    return loaded


def status(desk: Desk, name: str) -> str:
    told = desk("profile", "list", "--json").json["profiles"]
    return next(each["status"] for each in told if each["profile"] == name)


def test_a_profile_from_pending_to_done(ready: Desk) -> None:
    assert status(ready, "default") == "Pending"
    assert ready("run", "--yes").status == 0
    assert status(ready, "default") == "Done"
    told = ready("profile", "list").out
    assert "Done" in told
    assert "Run 1 applied plan 1." in told
    assert "always" in told


def test_a_disabled_profile_is_planned_and_not_applied(ready: Desk, site: Running) -> None:
    assert ready("profile", "disable", "default").status == 0
    assert status(ready, "default") == "Disabled"
    assert "It cannot be applied now" in ready("plan").out
    assert ready("plan", "--json").json["obstacle"] == "profile-disabled"
    for command in (("apply", 1), ("run", "--yes")):
        told = ready(*command, "--json")
        assert told.status == 1
        assert told.json["error"]["code"] == "profile-disabled"
        assert "matricula profile enable default" in told.json["error"]["remedy"]
    assert site.faults.calls["core_user_create_users"] == 0
    assert ready("profile", "enable", "default").status == 0
    assert ready("plan", "--json").json["obstacle"] is None
    assert ready("apply", 3).status == 0


def test_enabling_keeps_comments(ready: Desk) -> None:
    before = ready("dump", "profile").out
    assert "# What the school wants" in before
    ready("profile", "disable", "default")
    ready("profile", "enable", "default")
    assert ready("dump", "profile").out == before.replace("site: moodle\n", "site: moodle\nenabled: true\n")


def test_of_two_profiles_only_the_first_is_applied_and_the_other_names_it(ready: Desk, load: Load) -> None:
    load("name: another")
    assert status(ready, "another") == "Pending"
    assert status(ready, "default") == "Queued"
    told = ready("profile", "list").words
    assert "The profile another of the same site stands before it" in told
    refused = ready("run", "default", "--yes", "--json").json["error"]
    assert refused["code"] == "profile-queued"
    assert "another" in refused["what"]
    assert ready("run", "another", "--yes").status == 0
    load("name: another\nbeside: [default]")
    assert status(ready, "default") != "Queued"


def test_outside_the_window_nothing_is_applied(ready: Desk, load: Load, site: Running) -> None:
    load("name: default\nwindow: {end: 2020-07-31}")
    refused = ready("run", "--yes", "--json").json["error"]
    assert refused["code"] == "profile-outside-window"
    assert "closed on 2020-07-31" in refused["what"]
    load("name: default\nwindow: {start: 2999-08-01}")
    assert "opens on 2999-08-01" in ready("profile", "list").words
    assert site.faults.calls["core_user_create_users"] == 0


def test_explain_tells_each_value_with_its_origin(ready: Desk, load: Load) -> None:
    load("name: default\nbasis: subject\n# people\nusers:\n  fields: {city: Lindenhof}")
    settings = {each["path"]: each for each in ready("profile", "explain", "--json").json["settings"]}
    assert settings["users.fields.city.value"] == {
        "path": "users.fields.city.value", "value": "Lindenhof", "origin": "written", "line": 8,
    }  # fmt: skip
    assert settings["users.fields.city.write"]["value"] == "in-step"
    assert settings["users.fields.email.value"]["origin"] == "default"
    assert settings["courses.fields.fullname.value"]["origin"] == "basis"
    assert settings["groups[1].name"]["origin"] == "basis"
    assert settings["limits.share"]["value"] == 0.1
    assert ready("dump", "profile").out.splitlines()[8 - 1] == "  fields: {city: Lindenhof}"
    told = ready("profile", "explain").out
    assert "city:" in told
    assert "# line 8" in told


def test_explain_is_yaml_that_can_be_loaded(ready: Desk, tmp_path: Path) -> None:
    text = ready("profile", "explain").out
    levels = "(the path of what the category is made for)"
    file = tmp_path / "whole.yaml"
    file.write_text(text.replace(levels, "null"), encoding="utf-8")
    before = ready("profile", "explain", "--json").json["settings"]
    assert ready("load", file).status == 0
    after = ready("profile", "explain", "--json").json["settings"]
    assert [(each["path"], each["value"]) for each in after] == [(each["path"], each["value"]) for each in before]
    assert sum(each["origin"] == "written" for each in after) > 50


def test_preview_shows_input_and_result_side_by_side(ready: Desk, school: School) -> None:
    person = next(each for each in school.students if each.email and each.username != each.username.lower())
    (shown,) = ready("profile", "preview", "--only", person.sourced_id, "--json").json["records"]
    assert shown["input"]["person.username"] == person.username
    assert shown["result"]["username"] == person.username.lower()
    assert shown["input"]["person.kind"] == "student"
    told = ready("profile", "preview", "--only", person.sourced_id).out
    line = next(line for line in told.splitlines() if "person.username" in line)
    assert f"person.username: {person.username}" in told
    assert ": " in line.partition(person.username)[2], "the result stands beside it"


@pytest.mark.parametrize(
    ("entity", "named", "field"),
    [
        ("users", "person.username", "username"),
        ("courses", "group.name", "fullname"),
        ("enrolments", "enrolment.role", "role"),
        ("categories", "institute.name", "name"),
        ("groups", "group.title", "name"),
        ("cohorts", "person.grade", "idnumber"),
    ],
)
def test_preview_of_every_kind(ready: Desk, load: Load, entity: str, named: str, field: str) -> None:
    load('name: default\ngroups: [{name: "{group.title}"}]\ncohorts: [{name: Y, idnumber: "[year-{person.grade}]"}]')
    told = ready("profile", "preview", "--entity", entity, "--limit", 2, "--json").json
    assert 0 < len(told["records"]) <= 2 <= told["of"]
    first = told["records"][0]
    assert first["input"][named]
    assert first["result"][field]


def test_preview_of_categories_without_levels(ready: Desk, load: Load) -> None:
    load("name: default\ncategories: {levels: []}")
    (shown,) = ready("profile", "preview", "--entity", "categories", "--json").json["records"]
    assert (shown["input"], shown["result"]["name"]) == ({}, "Unsorted courses")


def test_preview_refuses_what_it_does_not_know_and_tells_what_is_left_out(
    ready: Desk, school: School, tmp_path: Path
) -> None:
    refused = ready("profile", "preview", "--entity", "grades")
    assert refused.status == 2
    assert "users, courses" in refused.err
    file = tmp_path / "roster" / "users.csv"
    person = next(each for each in school.students if each.email)
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f",{person.username},", ",not allowed!,", 1), encoding="utf-8")
    told = ready("profile", "preview", "--limit", 1, "--json").json
    assert len(told["records"]) == 1
    assert "not allowed!" in told["left_out"][0]
    assert "Left out until it is mended" in ready("profile", "preview").out


def test_copy_carries_the_ledger_and_the_settings_over(ready: Desk, load: Load, site: Running) -> None:
    load("name: default\n# our people\nusers: {student: {deactivate: false}}\nwindow: {start: 2020-01-01}")
    assert ready("run", "--yes").status == 0
    made = site.faults.calls["core_user_create_users"]
    with Home(ready.home) as home:
        for name, decision in (("Ann", "account:7"), ("Bob", None)):
            people = [Identity("default", "user", name, name, "user-taken", "taken")]
            home.store.identities.keep("default", "user", people)
            home.store.identities.say("default", "user", name, decision, "me")
    told = ready("profile", "copy", "default", "next", "--window", "2021-08-01..", "--disable-old", "--json").json
    assert (told["old"], told["new"], told["disabled"], told["overlaps"]) == ("default", "next", True, False)
    assert told["records"] > 100
    assert told["decisions"] == 1
    with Home(ready.home) as home:
        assert home.store.identities.decisions("next", "user") == {"Ann": "account:7"}
    dumped = ready("dump", "profile", "next").out
    assert "# our people" in dumped
    assert "start: 2021-08-01" in dumped
    assert status(ready, "default") == "Disabled"
    assert "Nothing to do" in ready("run", "next", "--yes").out
    assert site.faults.calls["core_user_create_users"] == made


def test_copy_says_that_the_old_one_stands_before_the_new_one(ready: Desk) -> None:
    told = ready("profile", "copy", "default", "next")
    assert "overlap" in told.words
    assert "matricula profile disable default" in told.words
    assert status(ready, "next") == "Queued"


def test_copy_sets_what_is_named(ready: Desk, load: Load) -> None:
    ready("profile", "copy", "default", "next", "--period", "2028", "--source", "other", "--window", "..2028-07-31")
    settings = {each["path"]: each["value"] for each in ready("profile", "explain", "next", "--json").json["settings"]}
    assert settings["period"] == "2028"
    assert settings["source"] == "other"
    assert settings["window.end"] == "2028-07-31"


def test_copy_refuses_a_name_that_is_taken_and_a_window_that_is_none(ready: Desk) -> None:
    assert ready("profile", "copy", "default", "default").status == 2
    for window in ("2027", "2027-08-01", "2028-01-01..2027-01-01", "soon..late"):
        refused = ready("profile", "copy", "default", "next", "--window", window)
        assert refused.status == 2
        assert "two dots" in refused.words
    refused = ready("profile", "copy", "default", "Next Year")
    assert refused.status == 1
    assert "a name is needed" in refused.words
    assert [each["profile"] for each in ready("profile", "list", "--json").json["profiles"]] == ["default"]


def test_schema_is_printed(desk: Desk) -> None:
    assert json.loads(desk("profile", "schema").out)["required"] == ["kind", "name", "source", "site"]


def test_profile_alone_says_what_there_is(desk: Desk) -> None:
    told = desk("profile")
    assert told.status == 0
    assert "explain" in told.out


def test_load_tells_what_is_missing_still(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "profile.yaml"
    file.write_text("kind: profile\nname: a\nsource: sis\nsite: m\nbeside: [b]\n", encoding="utf-8")
    told = desk("load", file)
    assert told.status == 0
    assert "source sis, site m, profile b" in told.err


def test_check_asks_for_what_the_profiles_of_the_site_need(ready: Desk, desk: Desk, load: Load, tmp_path: Path) -> None:
    plain = set(Desk(tmp_path / "none")("check", "--functions").out.split())
    assert set(ready("check", "--functions").out.split()) == plain
    load("name: other\nbeside: [default]\nenrolments: {gone: unenrol, roles: {student: student, proctor: 77}}")
    assert set(ready("check", "moodle", "--functions").out.split()) == plain | {
        "enrol_manual_unenrol_users",
        "gradereport_user_get_grade_items",
    }
    checks = {each["name"]: each["state"] for each in ready("check", "--json").json["checks"]}
    assert checks["role 77"] == "fail"
