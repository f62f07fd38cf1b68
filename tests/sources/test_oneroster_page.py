"""The page on OneRoster CSV keeps what it promises."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from matricula.roster import CODES
from matricula.sources import open_source
from matricula.sources.oneroster_csv import OneRosterCsv

PAGE = (Path(__file__).parents[2] / "docs" / "sources" / "oneroster-csv.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SOURCES = Path(__file__).parents[2] / "src" / "matricula"


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_a_source(text):
    document = YAML(typ="safe").load(text)
    assert (document.pop("kind"), document.pop("name")) == ("source", "sis")
    assert isinstance(open_source(document), OneRosterCsv)


def test_every_setting_is_told():
    assert len(EXAMPLES) == 2
    assert all(f"{name}:" in "".join(EXAMPLES) for name in OneRosterCsv.Settings.model_fields)


def test_every_code_of_a_finding_exists():
    told = PAGE[PAGE.index("## Strict mode") : PAGE.index("## Refusals")]
    codes = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", told)
    assert len(codes) > 10
    assert [code for code in codes if code not in CODES] == []


def test_every_code_of_a_refusal_is_raised_somewhere():
    told = PAGE[PAGE.index("## Refusals") :]
    codes = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", told)
    code = "".join(
        file.read_text(encoding="utf-8") for room in ("sources", "roster") for file in (SOURCES / room).rglob("*.py")
    )
    assert [each for each in codes if f'code="{each}"' not in code] == []
