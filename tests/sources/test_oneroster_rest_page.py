"""The page about OneRoster REST: its examples are settings that can be used."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from matricula.sources import open_source
from matricula.sources.oneroster_rest import OneRosterRestSettings

PAGE = Path(__file__).parents[2] / "docs" / "sources" / "oneroster-rest.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_can_be_used(text):
    document = YAML(typ="safe").load(text)
    assert (document.pop("kind"), document.pop("name")) == ("source", "sis")
    settings = open_source(document).settings
    secret = f"matricula source secret sis {settings.secrets()[0]}"
    assert secret in PAGE.read_text(encoding="utf-8")


def test_the_example_of_every_setting_shows_the_defaults():
    assert len(EXAMPLES) == 3
    shown = YAML(typ="safe").load(EXAMPLES[-1].replace("# ca_file", "ca_file"))
    fields = OneRosterRestSettings.model_fields
    assert set(shown) - {"kind", "name"} == set(fields)
    for name in ("schools", "limit", "full_every", "timeout"):
        assert shown[name] == (list(fields[name].default) if name == "schools" else fields[name].default)


def test_every_way_of_signing_in_is_shown():
    methods = {YAML(typ="safe").load(text)["auth"]["method"] for text in EXAMPLES}
    assert methods == {"oauth1", "bearer", "client-credentials"}
