"""Every example of the pages on recipes is a source document that can be loaded."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from matricula.sources import open_source
from matricula.sources.rest.recipe import names

DOCS = Path(__file__).parents[2] / "docs" / "sources"
EXAMPLES = [
    pytest.param(text, id=f"{page}-{number}")
    for page in ("rest", "classter", "isams")
    for number, text in enumerate(
        re.findall(r"```yaml\n(.*?)```", (DOCS / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL)
    )
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_can_be_loaded(text):
    document = YAML(typ="safe").load(text)
    assert (document.pop("kind"), document.pop("name")) == ("source", "sis")
    assert open_source(document).settings.type == document["type"]


def test_every_recipe_has_a_page_that_names_it_and_says_what_is_fact():
    pages = {page: (DOCS / f"{page}.md").read_text(encoding="utf-8") for page in names()}
    for name, text in pages.items():
        assert f"recipe: {name}" in text
        assert all(word in text for word in ("public fact", "assumed", "to be filled in by the school", "not known"))


def test_there_are_examples_on_every_page():
    assert len(EXAMPLES) >= 5
