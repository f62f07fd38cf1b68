from pathlib import Path

import pytest

from matricula.grades.rules import RULES
from matricula.planning.rules import RULES as OF_PLANNING
from matricula.planning.undo_rules import RULES as OF_UNDOING
from matricula.profiles.rules import RULES as OF_PROFILES
from matricula.roster import CODES

TESTS = Path(__file__).parent


def test_a_code_means_one_thing():
    for others in (OF_PLANNING, OF_UNDOING, OF_PROFILES, CODES):
        assert not set(RULES) & set(others)


@pytest.mark.parametrize("code", RULES)
def test_every_finding_is_met_in_a_test(code):
    assert any(f'"{code}"' in file.read_text(encoding="utf-8") for file in TESTS.glob("test_*.py"))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_message_can_be_filled_in(rule):
    found = rule.finding(sourced_id="", line=None, value="80", told={"label": "Essay", "place": "10A"})
    assert "{" not in found.message
