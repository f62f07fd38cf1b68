"""The examples on the page about profiles are what they say."""

import re
from pathlib import Path

from matricula.profiles import Profile, parse_documents
from matricula.profiles.reading import read_profile

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")
SMALLEST, FULL = (
    parse_documents(text, "docs/profiles.md")[0] for text in re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
)


def test_the_smallest_profile_is_one():
    assert read_profile(SMALLEST.content, "page") == Profile(name="default", source="school", site="moodle")


def test_the_full_example_shows_the_defaults():
    assert read_profile(FULL.content | {"timezone": "UTC"}, "page") == read_profile(SMALLEST.content, "page")


def test_the_full_example_names_every_setting():
    def names(value: object, before: str = "") -> set[str]:
        if not isinstance(value, dict) or before == "enrolments.roles.":
            return {before}
        return set().union(*(names(inner, f"{before}{name}.") for name, inner in value.items()))

    assert names(FULL.content) == names(Profile(name="default", source="school", site="moodle").model_dump())
