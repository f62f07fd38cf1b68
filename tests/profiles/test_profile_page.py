"""The examples on the page about profiles are what they say."""

import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from matricula.profiles import Profile
from matricula.profiles.documents import CategoryRules, CourseRules, EnrolmentRules, Limits, UserRules
from matricula.profiles.reading import read_profile

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
EXAMPLES = [YAML(typ="safe").load(text) for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)]
SMALLEST = {"kind": "profile", "name": "default", "source": "school", "site": "moodle"}
ELSEWHERE = {"tables", "groups", "cohorts", "meta_links"}


def named(value: Any) -> set[str]:
    if not isinstance(value, dict):
        return set()
    return set(value).union(*(named(inner) for inner in value.values()))


def test_the_smallest_profile_is_one():
    assert EXAMPLES[0] == SMALLEST
    assert read_profile(EXAMPLES[0], "page") == Profile(name="default", source="school", site="moodle")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: ",".join(example))
def test_every_example_may_stand_in_a_profile(example):
    assert read_profile(SMALLEST | example, "page")


@pytest.mark.parametrize("part", [Profile, UserRules, CategoryRules, CourseRules, EnrolmentRules, Limits])
def test_the_page_shows_every_setting(part):
    shown = set().union(*(named(example) for example in EXAMPLES)) | ELSEWHERE
    assert set(part.model_fields) <= shown | set(re.findall(r"`limits\.(\w+)`", PAGE))


def test_what_the_page_gives_as_defaults_is_what_they_are():
    parts = {name: value for example in EXAMPLES for name, value in example.items() if name in ("users", "categories")}
    shown = read_profile(SMALLEST | {"users": parts["users"] | {"only": None, "match": "username"}}, "page").users
    assert shown == UserRules()
