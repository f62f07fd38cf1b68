"""Which items are sent, into which categories and with which weights, under which titles, and in which session."""

import datetime as dt

import pytest
from grade_frames import (
    TODAY,
    codes,
    known,
    learnt,
    moment,
    only,
    rows,
    school,
    school_class,
    total,
    wanted,
)

from matricula.errors import SettingError
from matricula.profiles.documents.grades import GradeRules

EVERY = [
    {},
    {"item": 2, "name": "Test 1", "module": "quiz", "idnumber": "T1"},
    {"item": 3, "name": "Reading", "module": "lesson"},
    {"item": 4, "name": "Oral", "kind": "manual", "module": "", "instance": None},
    {"item": 5, "name": "Forum", "module": "forum"},
]


def titles(data=None, **rules):
    return [row["title"] for row in rows(wanted(data or learnt(items=EVERY), **rules), "line-item")]


@pytest.mark.parametrize(
    ("rules", "taken"),
    [
        ({}, ["Essay", "Test 1", "Reading", "Oral", "Forum"]),
        ({"kinds": ["assign", "quiz"]}, ["Essay", "Test 1"]),
        ({"kinds": ["lesson"]}, ["Reading"]),
        ({"kinds": ["manual"]}, ["Oral"]),
        ({"kinds": ["other"]}, ["Forum"]),
        ({"names": ["test *", "Oral"]}, ["Test 1", "Oral"]),
        ({"without": ["*a*"]}, ["Test 1", "Forum"]),
        ({"names": ["T*"], "without": ["*1"]}, []),
        ({"numbered": True}, ["Test 1"]),
    ],
)
def test_the_profile_says_which_items(rules, taken):
    assert titles(items=rules) == taken


def test_totals_are_no_items():
    data = learnt(items=[{}, total(), {"item": 51, "kind": "category", "module": "", "name": "Homework total"}])
    assert titles(data) == ["Essay"]


CATEGORIES = [
    {"category": 51, "parent": 50, "item": 510, "name": "Homework", "weight": 40.0},
    {"category": 52, "parent": 50, "item": 520, "name": "Exams", "weight": 50.0},
    {"category": 53, "parent": 52, "item": 530, "name": "Oral exams", "weight": 20.0},
]
SORTED = learnt(
    items=[
        {"category": 51, "weight": 50.0},
        {"item": 2, "name": "Test", "module": "quiz", "category": 52, "weight": 80.0},
        {"item": 3, "name": "Talk", "kind": "manual", "module": "", "category": 53, "weight": 100.0},
        {"item": 4, "name": "Bonus", "kind": "manual", "module": "", "weight": 10.0},
    ],
    categories=CATEGORIES,
    grades=[{}, {"item": 2, "raw": 50.0}],
)


def sorted_into(data=SORTED, **rules):
    return {row["title"]: row["weight"] for row in rows(wanted(data, **rules), "grade-category")}


def test_categories_of_moodle_stand_side_by_side_with_what_their_own_items_count():
    assert sorted_into() == {"Homework": 40.0, "Exams": 40.0, "Oral exams": 10.0, "Moodle": 10.0}
    assert sum(sorted_into().values()) == 100.0


@pytest.mark.parametrize(
    ("rules", "came"),
    [
        ({"categories": "kind"}, {"Assignments": 20.0, "Quizzes": 40.0, "Columns made by hand": 20.0}),
        ({"categories": "one"}, {"Moodle": 100.0}),
        ({"categories": "one", "category": "Online"}, {"Online": 100.0}),
        ({"categories": "one", "weights": False}, {"Moodle": None}),
        ({"categories": "one", "weighting": "moodle"}, {"Moodle": None}),
    ],
)
def test_other_categories(rules, came):
    assert sorted_into(**rules) == came


def test_categories_have_other_titles_in_the_school():
    came = sorted_into(category_titles={"Homework": "HW", "Moodle": "Others"})
    assert list(came) == ["Others", "HW", "Exams", "Oral exams"]


def test_a_category_without_grades_has_no_weight_and_takes_nothing():
    data = learnt(
        items=[{"category": 51}, {"item": 2, "name": "Test", "category": 52}],
        categories=[CATEGORIES[0] | {"weight": None, "parent": 52}, CATEGORIES[1]],
    )
    assert sorted_into(data) == {"Homework": None, "Exams": 50.0}
    assert sorted_into(learnt(items=[{}, {"item": 2, "name": "T", "weight": 5.0}]), categories="kind") == {
        "Assignments": 5.0
    }
    assert sorted_into(learnt(), categories="kind") == {"Assignments": None}


def test_a_renamed_category_keeps_its_key():
    data = learnt(items=[{"category": 51}], categories=[CATEGORIES[0]])
    renamed = learnt(items=[{"category": 51}], categories=[CATEGORIES[0] | {"name": "Home"}])
    (one,), (other,) = (rows(wanted(each), "grade-category") for each in (data, renamed))
    assert (one["key"], one["title"], other["title"]) == (other["key"], "Homework", "Home")


def test_categories_of_one_name_are_told_apart():
    data = learnt(
        items=[{"category": 51}, {"item": 2, "name": "Test", "category": 53}],
        categories=[CATEGORIES[0], CATEGORIES[1], CATEGORIES[2] | {"name": "homework"}],
    )
    found = wanted(data)
    assert [row["title"] for row in rows(found, "grade-category")] == ["Homework", "homework (2)"]
    assert codes(found) == ["grade-item-name-shared"]


def test_items_of_a_category_that_is_gone_stand_in_none():
    data = learnt(
        items=[{"category": 51}], categories=[CATEGORIES[0] | {"gone_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}]
    )
    assert only(wanted(data), "line-item")["category"] == "c5:\tc1"


@pytest.mark.parametrize(
    ("rules", "maximum", "score"),
    [({}, 20.0, 16.0), ({"scale": "percent"}, 20.0, 16.0), ({"scale": "letters"}, 100.0, 80.0)],
)
def test_weighted_in_moodle_a_grade_is_what_it_contributes(rules, maximum, score):
    found = wanted(SORTED, weighting="moodle", **rules)
    line = rows(found, "line-item")[0]
    assert (line["title"], line["minimum"], line["maximum"]) == ("Essay", 0.0, maximum)
    assert rows(found, "result")[0]["score"] == score


def test_weighted_points_are_those_of_the_course():
    data = learnt(items=[{"weight": 25.0}, total(maximum=200.0)])
    assert only(wanted(data, weighting="moodle"), "line-item")["maximum"] == 50.0
    assert only(wanted(data, weighting="moodle"), "result")["score"] == 40.0
    assert only(wanted(data, weighting="moodle", scale="percent"), "result")["score"] == 20.0


def test_contributions_add_up_to_the_total():
    found = wanted(SORTED, weighting="moodle")
    assert sum(row["score"] for row in rows(found, "result")) == 0.8 * 20 + 0.5 * 40
    assert sum(row["maximum"] for row in rows(found, "line-item")) == 80.0  # half of the homework is not there yet


def test_an_item_whose_weight_is_not_known_is_told_where_it_has_grades_and_left():
    data = learnt(items=[{}, {"item": 2, "name": "Test"}, {"item": 3, "name": "Talk", "weight": 50.0}])
    found = wanted(data, weighting="moodle")
    assert [row["title"] for row in rows(found, "line-item")] == ["Talk"]
    assert [(each.code, each.count) for each in found.findings] == [("grade-item-without-weight", 1)]
    assert "Essay" in found.findings[0].message


def test_what_counts_nothing_in_moodle_contributes_nothing():
    assert titles(learnt(items=[{"weight": 0.0}]), weighting="moodle") == []


SAME = [{"item": 7}, {"item": 8}, {"item": 9, "idnumber": "E9"}, {"item": 10, "name": "essay "}]


def test_items_of_one_name_are_told_apart_by_id_number_or_number():
    found = wanted(learnt(items=SAME))
    assert [row["title"] for row in rows(found, "line-item")] == ["essay (4)", "Essay", "Essay (2)", "Essay (E9)"]
    assert codes(found) == ["grade-item-name-shared"] * 2
    assert [row["description"] for row in rows(found, "line-item")] == ["essay", "Essay", "Essay", "Essay"]


def test_titles_stay_when_another_item_comes_or_goes():
    gone = {"gone_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}
    assert titles(learnt(items=SAME[:1])) == ["Essay"]
    assert titles(learnt(items=[SAME[0] | gone, *SAME[1:2]])) == ["Essay (2)"]
    assert titles(learnt(items=SAME[:2]), items={"hidden": True}) == ["Essay", "Essay (2)"]


def test_a_title_that_another_item_has_is_not_made():
    data = learnt(items=[{"item": 1}, {"item": 2}, {"item": 3, "name": "Essay (2)"}])
    assert titles(data) == ["Essay", "Essay (#2)", "Essay (2)"]


def test_an_item_without_a_name_gets_one():
    assert titles(learnt(items=[{"name": "  "}])) == ["Item 1"]


def due(*day):
    return learnt(activities=[{"due": moment(*day)}])


def session(data=None, **given):
    rules = {name: given.pop(name) for name in list(given) if name in GradeRules.model_fields}
    found = wanted(data, **given, **rules)
    return [row["session"] for row in rows(found, "line-item")], codes(found)


@pytest.mark.parametrize(
    ("data", "period", "came"),
    [
        (None, "by-date", "t1"),
        (due(2027, 3, 1), "by-date", "t2"),
        (learnt(activities=[{"opens": moment(2027, 2, 1)}]), "by-date", "t2"),
        (due(2027, 3, 1), "current", "t1"),
        (due(2027, 3, 1), "Autumn", "t1"),
        (due(2026, 10, 1), "t2", "t2"),
        (None, "2026/27", "y27"),
    ],
)
def test_the_marking_period_goes_by_the_day_or_is_named(data, period, came):
    assert session(data, marking_period=period) == ([came], [])


def test_days_are_those_of_the_time_zone():
    data = due(2026, 12, 31, 23)
    assert session(data)[0] == ["t1"]
    assert session(data, who=known(zone="Europe/Berlin"))[0] == ["t2"]


def term(key, start, end, **changes):
    own = {"sourcedId": key, "title": key, "type": "gradingPeriod", "parentSourcedId": "t1", "schoolYear": "2027"}
    return own | {"startDate": start, "endDate": end} | changes


OWN = school().academicSessions.drop("line").to_dicts()
NOVEMBER = (dt.date(2026, 11, 1), dt.date(2026, 11, 30))


def test_the_shortest_session_is_meant():
    within = school(academicSessions=[*OWN, term("g1", *NOVEMBER)])
    assert session(roster=within) == (["g1"], [])


def test_a_session_that_the_class_names_goes_before_others():
    other = term("other", *NOVEMBER, parentSourcedId="y27")
    roster = school(academicSessions=[*OWN, other], classes=[school_class("c1", "10A", "t1")])
    assert session(roster=roster) == (["t1"], [])


def test_of_several_sessions_one_is_taken_and_told():
    twice = school(academicSessions=[*OWN, term("g2", *NOVEMBER), term("g1", *NOVEMBER)])
    assert session(roster=twice) == (["g1"], ["grade-period-several"])


def test_the_school_year_is_taken_where_nothing_shorter_is():
    assert session(roster=school(academicSessions=OWN[:1])) == (["y27"], [])


@pytest.mark.parametrize("roster", [school(academicSessions=[]), None])
def test_without_a_session_an_item_is_told_and_left(roster):
    assert session(due(2029, 1, 1), roster=roster) == ([], ["grade-period-none"])


def test_a_session_of_another_year_is_not_the_one_of_the_class():
    old = {"sourcedId": "y26", "title": "2025/26", "type": "schoolYear", "schoolYear": "2026"}
    old |= {"startDate": dt.date(2025, 8, 1), "endDate": dt.date(2026, 7, 31)}
    autumn = term("o1", dt.date(2025, 8, 1), dt.date(2025, 12, 31), title="Autumn", parentSourcedId="y26")
    roster = school(academicSessions=[*OWN, old, autumn])
    assert session(roster=roster, marking_period="Autumn") == (["t1"], [])


def test_a_name_that_no_session_has_is_a_fault_of_the_setting():
    with pytest.raises(SettingError, match="no academic session “Winter”") as caught:
        session(marking_period="Winter")
    assert "Autumn, Spring" in str(caught.value.remedy)
    with pytest.raises(SettingError, match="Winter"):
        wanted(final={"marking_period": "Winter"})


def test_final_grades_have_a_session_of_their_own():
    data = learnt(items=[total()], grades=[{"item": 500}])
    assert TODAY.month == 11
    assert [
        only(wanted(data, final={"marking_period": each}), "final-grade")["session"] for each in ("current", "Spring")
    ] == [
        "t1",
        "t2",
    ]
