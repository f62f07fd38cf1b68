"""Every example on the pages of directories and combined sources can be loaded."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from matricula.sources import open_source

DOCS = Path(__file__).parents[2] / "docs" / "sources"
EXAMPLES = [
    (page, number, block)
    for page in ("ldap.md", "combined.md")
    for number, block in enumerate(
        re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    )
]


@pytest.mark.parametrize(
    ("page", "number", "block"), EXAMPLES, ids=[f"{page}-{number}" for page, number, _ in EXAMPLES]
)
def test_the_example_can_be_loaded(page: str, number: int, block: str) -> None:
    for document in YAML(typ="safe").load_all(block):
        assert document.pop("kind") == "source"
        assert document.pop("name")
        assert open_source(document).settings.type == document["type"]


def test_there_are_examples_of_both() -> None:
    assert {page for page, _, _ in EXAMPLES} == {"ldap.md", "combined.md"}
