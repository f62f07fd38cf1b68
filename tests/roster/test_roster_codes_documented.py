from pathlib import Path

import pytest

from matricula.roster import CODES

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_every_code_is_documented_with_its_meaning_and_remedy(code):
    row = f"| `{code.code}` | {code.severity} | {code.meaning} | {code.remedy} |"
    assert row in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_page_names_no_code_that_does_not_exist():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    findings = [line.split("`")[1] for line in rows if "| error |" in line or "| warning |" in line]
    assert findings == list(CODES)
