"""The three schools of the guide: what it says is what comes."""

import re
from pathlib import Path

import pytest
import yaml
from grade_frames import learnt, rows, total, wanted

from matricula.profiles.documents.grades import GradeRules

PAGE = (Path(__file__).parents[2] / "docs" / "grades.md").read_text(encoding="utf-8")
COURSE = learnt(
    items=[
        {"category": 51, "maximum": 30.0, "weight": 100.0},
        {"item": 2, "name": "Test", "category": 52, "maximum": 50.0, "weight": 100.0},
        total(),
    ],
    categories=[
        {"category": 51, "parent": 50, "item": 510, "name": "Homework", "weight": 40.0},
        {"category": 52, "parent": 50, "item": 520, "name": "Exams", "weight": 60.0},
    ],
    grades=[{"raw": 24.0}, {"item": 2, "raw": 41.0}, {"item": 500, "raw": 81.2}],
)
SCHOOLS = PAGE.partition("## Three schools")[2].split("\n### ")[1:]


def told(found):
    categories = {row["key"]: row for row in rows(found, "grade-category")}
    results = {row["item"]: row for row in rows(found, "result")}
    for item in rows(found, "line-item"):
        category, result = categories[item["category"]], results[item["key"]]
        grade = " ".join(text for text in (f"{result['score']:g}", result["text"]) if text)
        weight = "none" if category["weight"] is None else f"{category['weight']:g}"
        yield [category["title"], weight, item["title"], f"{item['maximum']:g}", grade]
    for row in rows(found, "final-grade"):
        yield ["report card", "", "Final grade", "100", f"{row['percent']:g} {row['letter']}"]


@pytest.mark.parametrize("school", SCHOOLS, ids=lambda school: school.partition("\n")[0])
def test_what_the_guide_says_of_a_school_comes(school):
    rules = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", school, re.S)[0])["grades"]
    lines = [line for line in school.splitlines() if line.startswith("|")][2:]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert list(told(wanted(COURSE, **rules))) == table


@pytest.mark.parametrize("text", re.findall(r"```yaml\n(.*?)```", PAGE, re.S))
def test_every_example_is_a_part_of_a_profile(text):
    GradeRules.model_validate(yaml.safe_load(text)["grades"])


def test_there_are_three_schools():
    assert len(SCHOOLS) == 3
