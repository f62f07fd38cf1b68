"""The documents shown in the documentation are documents that can be loaded."""

import re
from pathlib import Path

import pytest
from command_desk import Desk

PAGE = (Path(__file__).parents[2] / "docs" / "profiles.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("example", re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL))
def test_the_example_can_be_loaded(desk: Desk, tmp_path: Path, example: str) -> None:
    file = tmp_path / "example.yaml"
    file.write_text(example, encoding="utf-8")
    told = desk("load", file)
    assert told.status == 0, told.err
    for name in re.findall(r"^kind: (\w+)$", example, re.MULTILINE):
        assert f"kind: {name}" in desk("dump", name).out
