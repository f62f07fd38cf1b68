"""The page about mappings tells all functions, and its examples give what it says."""

import re
from pathlib import Path

import pytest
from mapping_school import KINDS, TABLES, VOCABULARY, ZOE, for_zoe

from matricula.profiles.mapping import FUNCTIONS, MappingFault, check, parse

PAGE = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```\n(.*?)\n```", PAGE, re.DOTALL)
EXAMPLES = [re.split(r" +→ ", line) for block in BLOCKS if "→" in block for line in block.splitlines()]
FAULTS = [fault.split("\n") for block in BLOCKS if "→" not in block for fault in block.split("\n\n")]


def rows(heading: str) -> list[list[str]]:
    table = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0]
    return [row.strip("| ").split(" | ") for row in table.splitlines()[2:]]


def test_the_page_tells_every_function():
    assert rows("function") == [[f"`{function.signature}`", function.meaning] for function in FUNCTIONS.values()]
    shown = dict(EXAMPLES)
    assert {function.example: shown.get(function.example) for function in FUNCTIONS.values()} == {
        function.example: function.result for function in FUNCTIONS.values()
    }


@pytest.mark.parametrize(("template", "result"), EXAMPLES)
def test_examples_give_what_the_page_says(template, result):
    assert for_zoe(template) == result


@pytest.mark.parametrize(("template", "message"), FAULTS)
def test_faults_are_those_of_the_page(template, message):
    with pytest.raises(MappingFault) as caught:
        check(parse(template), VOCABULARY, TABLES)
    assert str(caught.value) == message


def test_the_page_tells_whom_its_examples_are_about():
    told = {name: value for names, value in rows("property") for name in names.split(", ")}
    assert told.keys() == KINDS.keys() | {"person.metadata.house"}
    texts = [name for name, value in ZOE.items() if isinstance(value, str) and value == value.strip()]
    assert {name: told[name] for name in texts} == {name: ZOE[name] for name in texts}
    assert {name for name, value in told.items() if value == "(empty)"} == told.keys() - ZOE.keys()
