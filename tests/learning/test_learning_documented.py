from pathlib import Path

from matricula.grades.reading_rules import RULES
from matricula.planning.rules import RULES as OF_PLANNING
from matricula.profiles.rules import RULES as OF_PROFILES
from matricula.roster import CODES

PAGE = Path(__file__).parents[2] / "docs" / "learning-data.md"


def test_every_finding_is_documented_and_its_code_means_one_thing():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    told = [line for line in lines if line.startswith("| `") and line.split("|")[2].strip() in ("error", "warning")]
    assert told == [f"| `{rule.code}` | {rule.severity} | {rule.meaning} | {rule.remedy} |" for rule in RULES.values()]
    assert not set(RULES) & {*OF_PLANNING, *OF_PROFILES, *CODES}
