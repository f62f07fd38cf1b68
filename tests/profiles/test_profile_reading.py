"""Documents as YAML."""

from pathlib import Path

import pytest

from matricula.errors import SettingError
from matricula.profiles import Profile, parse_documents
from matricula.profiles.reading import read_profile, read_site

SMALLEST = {"name": "default", "source": "school", "site": "moodle"}


def refusal(text: str) -> SettingError:
    with pytest.raises(SettingError) as raised:
        parse_documents(text, "school.yaml")
    return raised.value


def faults(**content) -> str:
    with pytest.raises(SettingError) as raised:
        read_profile(SMALLEST | content, "profile default")
    return str(raised.value)


def test_three_lines_are_a_profile():
    profile = read_profile(SMALLEST, "profile default")
    assert profile == Profile(name="default", source="school", site="moodle")
    assert profile.users.mapped()["username"].case == "lower"


def test_one_text_holds_several_documents():
    text = "kind: site\nname: moodle\nurl: https://moodle.example\n---\nkind: profile\nname: default\n"
    assert [(each.kind, each.name) for each in parse_documents(text, "f")] == [
        ("site", "moodle"),
        ("profile", "default"),
    ]


def test_empty_documents_are_passed_over():
    assert parse_documents("---\n---\nkind: site\nname: m\n---\n", "f")[0].name == "m"
    assert parse_documents("# nothing yet\n", "f") == []


def test_comments_and_order_are_kept():
    text = "# ours\nkind: profile\nname: default # for now\nsource: school\n\n# people\nusers:\n  create: false\n"
    (document,) = parse_documents(text, "f")
    assert document.body == text
    assert document.content["users"] == {"create": False}


def test_a_text_that_is_no_yaml_is_refused_with_its_place():
    error = refusal("kind: site\nname: [a\n")
    assert error.code == "not-yaml"
    assert "school.yaml, line" in error.where


def test_a_key_that_stands_there_twice_is_refused():
    error = refusal("kind: site\nname: a\nname: b\n")
    assert error.code == "not-yaml"
    assert "duplicate key" in error.what
    assert "line 3" in error.where


@pytest.mark.parametrize(
    "text", ["kind: school\nname: a\n", "name: a\n", "kind: site\n", "kind: site\nname: 5\n", "- a\n", "a\n"]
)
def test_a_document_without_a_kind_or_name_is_refused(text):
    assert refusal(text).code == "document-without-kind"


def test_the_same_document_twice_is_refused():
    assert refusal("kind: site\nname: a\n---\nkind: site\nname: a\n").code == "document-twice"
    assert len(parse_documents("kind: site\nname: a\n---\nkind: profile\nname: a\n", "f")) == 2


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"users": {"student": {"roles": ["pupil"]}}}, "users.student.roles"),
        ({"enrolments": {"roles": {"pupil": "student"}}}, "enrolments.roles"),
        ({"categories": {"levels": ["institute", "institute"]}}, "categories.levels"),
        ({"categories": {"unsorted": " "}}, "categories.unsorted"),
        ({"categories": {"unsorted": "<b>"}}, "categories.unsorted"),
        ({"name": "Default profile"}, "name"),
        ({"source": None}, "source"),
        ({"users": []}, "users"),
        ({"limits": {"share": 1.01}}, "limits.share"),
        ({"limits": {"floor": -1}}, "limits.floor"),
        ({"courses": {"update": "perhaps"}}, "courses.update"),
    ],
)
def test_values_that_cannot_be_meant_are_refused(content, path):
    assert f"  {path}: " in faults(**content)


def test_roles_of_a_schools_own_are_allowed():
    profile = read_profile(SMALLEST | {"users": {"employee": {"roles": ["ext:librarian"]}}}, "f")
    assert profile.users.employee.roles == ("ext:librarian",)


def test_numbers_in_tables_are_taken_as_text():
    profile = read_profile(SMALLEST | {"tables": {"years": {7: "Year 7", "8": 8}}}, "f")
    assert profile.tables == {"years": {"7": "Year 7", "8": "8"}}


@pytest.mark.parametrize(
    "content", [{"url": "moodle"}, {"callers": 0}, {"callers": 17}, {"timeout": 0}, {"patience": -1}]
)
def test_sites_are_read_as_strictly(content):
    with pytest.raises(SettingError, match=next(iter(content))):
        read_site({"name": "moodle", "url": "https://moodle.example"} | content, "site moodle")


def test_a_relative_path_is_meant_from_the_folder_of_the_document(tmp_path: Path):
    (document,) = parse_documents("# here\nkind: source\nname: school\npath: ../csv # the export\n", "f")
    body = document.with_path_from(tmp_path / "documents")
    assert f"path: {tmp_path / 'csv'}" in body
    assert "# here" in body
    assert "# the export" in body


def test_an_absolute_path_and_a_document_without_one_stay_as_they_are(tmp_path: Path):
    for text in ("kind: source\nname: school\npath: /csv\n", "kind: site\nname: moodle\n"):
        (document,) = parse_documents(text, "f")
        assert document.with_path_from(tmp_path) == text
