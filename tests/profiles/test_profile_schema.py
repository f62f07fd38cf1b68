"""The JSON Schema of profiles takes what the model takes, short forms too, and refuses what it refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from matricula.profiles import parse_documents
from matricula.profiles.structure import profile_schema

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
SMALLEST = {"kind": "profile", "name": "a", "source": "s", "site": "m"}
SCHEMA = Draft202012Validator(profile_schema())


def refused(content: dict[str, Any]) -> list[str]:
    plain = json.loads(json.dumps(content, default=str))
    return [".".join(map(str, error.absolute_path)) for error in SCHEMA.iter_errors(plain)]


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(profile_schema())


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_are_by_it(file: Path) -> None:
    profiles = [each for each in parse_documents(file.read_text("utf-8"), file.name) if each.kind == "profile"]
    assert profiles
    assert [refused(each.content) for each in profiles] == [[]] * len(profiles)


@pytest.mark.parametrize(
    "content",
    [
        {"users": {"match": "email"}},
        {"users": {"match": {"field": "email", "value": "{person.email}"}}},
        {"users": {"match": ["email", {"field": "idnumber"}]}},
        {"users": {"fields": {"city": "Lindenhof", "mailformat": 1, "country": None}}},
        {"courses": {"fields": {"visible": False, "numsections": {"value": 10}, "startdate": None}}},
        {"courses": {"only": {"value": "{group.code}", "like": "7*"}}},
        {"categories": {"levels": ["institute", {"level": "period"}]}},
        {"enrolments": {"roles": {"student": 5}, "start": "{enrolment.beginDate}"}},
        {"tables": {"years": {"7": 8}}},
    ],
)
def test_short_forms_are_taken(content: dict[str, Any]) -> None:
    assert refused(SMALLEST | content) == []


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ({"perid": "x"}, ""),
        ({"basis": "klass"}, "basis"),
        ({"users": {"creat": True}}, "users"),
        ({"users": {"fields": {"emial": "x"}}}, "users.fields"),
        ({"users": {"match": []}}, "users.match"),
        ({"users": {"fields": {"email": ["x"]}}}, "users.fields.email"),
        ({"categories": {"levels": ["org"]}}, "categories.levels.0"),
        ({"limits": {"share": 2}}, "limits.share"),
        ({"name": "A b"}, "name"),
    ],
)
def test_what_cannot_be_meant_is_refused(content: dict[str, Any], path: str) -> None:
    assert path in refused(SMALLEST | content)


@pytest.mark.parametrize("name", SMALLEST)
def test_what_a_profile_needs_is_needed(name: str) -> None:
    assert refused({key: value for key, value in SMALLEST.items() if key != name}) == [""]
