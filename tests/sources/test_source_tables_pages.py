"""The examples of the pages are documents that are taken."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
from ruamel.yaml import YAML

from matricula.sources import open_source
from matricula.sources.tables.fields import FIELDS

PAGES = Path(__file__).parents[2] / "docs" / "sources"
BLOCK = re.compile(r"^( *)```yaml\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
EXAMPLES = [
    (name, dedent(found[2]))
    for name in ("tables", "microsoft-sds")
    for found in BLOCK.finditer((PAGES / f"{name}.md").read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("page", "text"), EXAMPLES)
def test_examples_of_the_pages_are_taken(page, text):
    settings = YAML(typ="safe", pure=True).load(text)
    assert settings.pop("kind") == "source"
    assert settings.pop("name")
    assert open_source(settings)


def test_the_pages_have_their_examples():
    assert [page for page, _ in EXAMPLES] == ["tables"] * 3 + ["microsoft-sds"] * 2


def test_every_field_is_on_the_page():
    text = (PAGES / "tables.md").read_text(encoding="utf-8")
    assert [field for fields in FIELDS.values() for field in fields if f"`{field}`" not in text] == []
