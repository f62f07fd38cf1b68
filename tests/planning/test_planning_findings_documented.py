from pathlib import Path

import pytest

from matricula.planning.rules import RULES as OF_PLANNING
from matricula.planning.undo_rules import RULES as OF_UNDOING
from matricula.profiles.rules import RULES as OF_PROFILES
from matricula.roster import CODES

PAGE = Path(__file__).parents[2] / "docs" / "findings-in-plans.md"
RULES = {**OF_PROFILES, **OF_PLANNING, **OF_UNDOING}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_finding_is_documented_with_its_meaning_and_remedy(rule):
    row = f"| `{rule.code}` | {rule.severity} | {rule.meaning} | {rule.remedy} |"
    assert row in PAGE.read_text(encoding="utf-8").splitlines()


def test_the_page_names_no_finding_that_does_not_exist():
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in rows] == list(RULES)


def test_a_code_means_one_thing_in_the_whole_of_matricula():
    assert len(RULES) == len(OF_PROFILES) + len(OF_PLANNING) + len(OF_UNDOING)
    assert not set(RULES) & set(CODES)
