"""What grades are written as: points, percent, letters; and grades that are odd."""

import pytest
from grade_frames import BEN, CLEO, codes, learnt, only, rows, total, wanted

LETTERS = [{"letter": "A", "from_percent": 90}, {"letter": "B", "from_percent": 80}, {"letter": "F", "from_percent": 0}]
SCALED = {"scale": 7, "minimum": 1.0, "maximum": 3.0}


def written(item=None, grade=None, **rules):
    """Score and text of the one result, and the range of its item."""
    found = wanted(learnt(items=[item or {}], grades=[grade or {}]), **rules)
    result, line = only(found, "result"), only(found, "line-item")
    return result["score"], result["text"], line["minimum"], line["maximum"]


@pytest.mark.parametrize(
    ("scale", "came"),
    [("points", (40.0, None, 0.0, 50.0)), ("percent", (80.0, None, 0.0, 100.0)), ("letters", (40.0, "B-", 0.0, 50.0))],
)
def test_a_grade_is_written_in_points_percent_or_letters(scale, came):
    assert written({"maximum": 50.0}, {"raw": 40.0}, scale=scale) == came


def test_percent_count_from_the_minimum():
    assert written({"minimum": 20.0, "maximum": 60.0}, {"raw": 30.0}, scale="percent")[0] == 25.0


@pytest.mark.parametrize(("raw", "letter"), [(95, "A"), (90, "A"), (89.9, "B"), (80, "B"), (0, "F"), (120, "A")])
def test_letters_by_a_table(raw, letter):
    assert written(grade={"raw": float(raw)}, scale="letters", letters=LETTERS)[1] == letter


def test_letters_go_by_the_rounded_percentage():
    rules = {"scale": "letters", "letters": LETTERS, "decimals": 0}
    assert written(grade={"raw": 89.5}, rounding="half-up", **rules)[:2] == (90.0, "A")
    assert written(grade={"raw": 89.5}, rounding="down", **rules)[:2] == (89.0, "B")


@pytest.mark.parametrize(("grade", "letters"), [({"letter": "-"}, []), ({"letter": ""}, []), ({"raw": -5.0}, LETTERS)])
def test_a_grade_for_which_no_letter_stands_is_sent_and_told(grade, letters):
    found = wanted(learnt(grades=[grade]), scale="letters", letters=letters)
    assert (only(found, "result")["text"], codes(found)) == (None, ["grade-without-letter"])


@pytest.mark.parametrize(
    ("rounding", "score"), [("none", 66.66667), ("up", 66.67), ("down", 66.66), ("half-up", 66.67)]
)
def test_scores_are_rounded(rounding, score):
    assert written({"maximum": 3.0}, {"raw": 2.0}, scale="percent", rounding=rounding)[0] == score


def test_words_of_a_scale_have_points_by_the_table():
    scales = {"Poor": 1, "Good": 8, "Great": 10}
    grade = {"raw": 2.0, "shown": "Good"}
    assert written(SCALED, grade, scales=scales) == (8.0, None, 0.0, 10.0)
    assert written(SCALED, grade, scales=scales, scale="percent") == (80.0, None, 0.0, 100.0)
    assert written(SCALED, grade, scales=scales, scale="letters", letters=LETTERS)[:2] == (8.0, "B")


def test_words_of_a_scale_that_are_numbers_need_no_table():
    assert written(SCALED, {"raw": 2.0, "shown": "2,5"}) == (2.5, None, 1.0, 3.0)
    assert written(SCALED, {"raw": 2.0, "shown": "2,5"}, scales={"Good": 8}) == (2.5, None, 1.0, 3.0)


def test_a_scale_without_numbers_and_table_is_told_and_left():
    grades = [{"raw": 2.0, "shown": "Good"}, {"user": BEN, "raw": 1.0, "shown": "Poor"}]
    for rules in ({}, {"scale": "percent"}, {"scales": {"Great": 3}}, {"scale": "letters", "letters": LETTERS}):
        found = wanted(learnt(items=[SCALED], grades=[*grades, {"user": CLEO, "state": "none", "raw": None}]), **rules)
        assert [row["status"] for row in rows(found, "result")] == ["not submitted"]
        assert [(each.code, each.count) for each in found.findings] == [("grade-scale-without-points", 2)]
        assert "Essay" in found.findings[0].message


def test_moodles_own_letter_of_a_scale_needs_no_points():
    assert written(SCALED, {"raw": 2.0, "shown": "Good", "letter": "B"}, scale="letters") == (None, "B", 1.0, 3.0)


def test_extra_credit_survives_and_is_told():
    found = wanted(learnt(grades=[{"raw": 120.0}]))
    assert (only(found, "result")["score"], codes(found)) == (120.0, ["grade-above-maximum"])
    assert "120.0 of 100.0" in found.findings[0].message
    assert only(wanted(learnt(grades=[{"raw": 120.0}]), scale="percent"), "result")["score"] == 120.0


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), float("-inf")])
def test_a_grade_that_is_not_finite_is_told_and_left(raw):
    found = wanted(learnt(grades=[{"raw": raw}, {"user": BEN, "raw": -2.0}]))
    assert [(row["student"], row["score"]) for row in rows(found, "result")] == [("ben", -2.0)]
    assert codes(found) == ["grade-not-finite"]


@pytest.mark.parametrize(
    ("grade", "scale", "score"),
    [
        ({"raw": None, "shown": "85,50"}, "points", 85.5),
        ({"raw": None, "shown": "1.234,5"}, "points", 1234.5),
        ({"raw": None, "shown": "-", "percentage": "85,5 %"}, "percent", 85.5),
    ],
)
def test_a_grade_without_a_raw_number_is_read_off_what_is_shown(grade, scale, score):
    assert written({"maximum": 2000.0}, grade, scale=scale)[0] == score


def test_a_grade_without_any_number_is_told_and_left():
    found = wanted(learnt(grades=[{"raw": None, "shown": "Error", "percentage": ""}]))
    assert (rows(found, "result"), codes(found)) == ([], ["grade-without-number"])


@pytest.mark.parametrize("maximum", [0.0, None, -1.0, float("nan"), float("inf")])
def test_an_item_without_a_usable_maximum_is_told_and_left(maximum):
    found = wanted(learnt(items=[{"maximum": maximum}, {"item": 2, "name": "Quiz"}], grades=[{}, {"item": 2}]))
    assert [row["title"] for row in rows(found, "line-item")] == ["Quiz"]
    assert [row["item"] for row in rows(found, "result")] == ["i2\tc1"]
    assert codes(found) == ["grade-item-without-maximum"]


def test_many_findings_of_a_kind_are_told_as_one():
    items = [{"item": number, "name": f"Quiz {number}", "maximum": 0.0} for number in range(1, 30)]
    (finding,) = wanted(learnt(items=items, grades=[])).findings
    assert finding.count == 29


def test_totals_become_final_grades():
    data = learnt(items=[{}, total(maximum=200.0)], grades=[{"item": 500, "raw": 150.0, "letter": "C"}])
    assert rows(wanted(data), "final-grade") == []
    assert only(wanted(data, final={}), "final-grade") == {
        "key": "f5\tc1\tt1\tann",
        "id": None,
        "class": "c1",
        "student": "ann",
        "session": "t1",
        "percent": 75.0,
        "letter": None,
        "comment": None,
    }
    lettered = only(wanted(data, final={"scale": "letters"}), "final-grade")
    assert (lettered["percent"], lettered["letter"]) == (75.0, "C")
    tabled = only(wanted(data, final={"scale": "letters"}, letters=LETTERS), "final-grade")
    assert tabled["letter"] == "F"


@pytest.mark.parametrize(
    "grade", [{"state": "none", "raw": None}, {"state": "excused", "raw": None}, {"hidden": 1}, {"raw": float("nan")}]
)
def test_no_final_grade_without_a_total_that_can_be_seen(grade):
    found = wanted(learnt(items=[total()], grades=[{"item": 500} | grade]), final={})
    assert rows(found, "final-grade") == []


def test_a_total_without_a_maximum_goes_by_the_percentage_that_is_shown():
    data = learnt(items=[total(maximum=None)], grades=[{"item": 500, "percentage": "81,25 %"}])
    assert only(wanted(data, final={}), "final-grade")["percent"] == 81.25
