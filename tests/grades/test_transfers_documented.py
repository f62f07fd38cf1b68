"""The page on transfers names every finding, and every finding means one thing."""

from pathlib import Path

import pytest

from matricula.grades.rules import RULES as OF_RULES
from matricula.grades.transfer_rules import RULES
from matricula.planning.rules import RULES as OF_PLANNING
from matricula.planning.undo_rules import RULES as OF_UNDOING
from matricula.profiles.rules import RULES as OF_PROFILES
from matricula.roster import CODES

PAGE = Path(__file__).parents[2] / "docs" / "grades-transfers.md"


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_finding_of_transfers_is_documented(rule):
    row = f"| `{rule.code}` | {rule.severity} | {rule.meaning} | {rule.remedy} |"
    assert row in PAGE.read_text(encoding="utf-8").splitlines()


def test_a_code_means_one_thing():
    others = (OF_RULES, OF_PLANNING, OF_UNDOING, OF_PROFILES, CODES)
    assert not [code for code in RULES if any(code in each for each in others)]
