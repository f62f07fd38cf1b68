"""Cohorts and meta-links: which there are, and who and what is in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rosters import people, roster, rosters, rows_of, shuffled, wanted

from matricula.roster import TABLES

YEARS = {"name": "Year {person.grade}", "idnumber": "year-{person.grade}"}


def cohorts(made, *rules, **parts):
    desired = wanted(made, cohorts=rules, **parts)
    members = set(desired.parts["cohort-member"].frame["key"])
    return {key: row["fields"] for key, row in rows_of(desired, "cohort").items()}, members


def test_a_cohort_for_every_value_of_a_property_with_the_people_who_have_it():
    found = cohorts(roster(**people({"grades": ["7"]}, {"grades": ["8"]}, {"grades": ["7"]})), YEARS)
    assert found == (
        {
            "year-7": {"name": "Year 7", "idnumber": "year-7", "category": ""},
            "year-8": {"name": "Year 8", "idnumber": "year-8", "category": ""},
        },
        {"u1\tyear-7", "u2\tyear-8", "u3\tyear-7"},
    )


def test_people_need_no_enrolment_to_be_in_a_cohort():
    assert cohorts(roster(**people({"grades": ["7"]}), enrollments=[]), YEARS)[1] == {"u1\tyear-7"}


def test_suspended_people_and_those_without_account_are_in_none():
    made = roster(**people({"grades": ["7"], "enabledUser": False}, {"grades": ["7"], "username": "a b"}))
    assert cohorts(made, YEARS) == ({}, set())


def test_a_name_with_an_empty_part_names_no_cohort():
    found = cohorts(roster(**people({"grades": ["7"]}, {"grades": None})), YEARS)
    assert found[1] == {"u1\tyear-7"}
    assert list(found[0]) == ["year-7"]
    everybody = {"name": "Everybody", "idnumber": "all"}
    assert cohorts(roster(**people({"grades": None})), everybody)[1] == {"u1\tall"}


def test_a_cohort_needs_both_name_and_id_number():
    rules = ({"name": "{person.grade}", "idnumber": "x"}, {"name": "x", "idnumber": "{person.grade}"})
    assert cohorts(roster(**people({})), *rules, YEARS) == ({}, set())


def test_a_cohort_stands_in_the_category_that_its_rule_names():
    found, _ = cohorts(roster(**people({"grades": ["7"]})), YEARS | {"category": "pupils"})
    assert found["year-7"]["category"] == "pupils"


def test_of_several_rules_for_one_id_number_the_first_names_it():
    found, members = cohorts(roster(**people({})), {"name": "One", "idnumber": "x"}, {"name": "Two", "idnumber": "X"})
    assert [fields["name"] for fields in found.values()] == ["One"]
    assert members == {"u1\tx"}


def test_a_cohort_of_the_kind_of_people():
    made = roster(**people({}, {"role": "teacher"}))
    assert cohorts(made, {"name": "{person.kind}", "idnumber": "{person.kind}"})[1] == {"u1\tstudent", "u2\tteacher"}


@pytest.mark.parametrize(
    ("rule", "table"), [("{person.form}", "enrollments"), ("{person.form}", "classes"), ("{institute.name}", "orgs")]
)
def test_cohorts_are_not_gone_where_what_they_are_made_of_did_not_come(rule, table):
    rules = [{"name": "x{person.grade}", "idnumber": rule}]
    assert "cohort-member" in wanted(roster(), cohorts=rules).complete
    assert "cohort-member" not in wanted(roster(complete=frozenset(TABLES) - {table}), cohorts=rules).complete
    assert "cohort-member" in wanted(roster(complete=frozenset(TABLES) - {table}), cohorts=[YEARS]).complete


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(rosters(), st.integers(0, 9))
def test_every_place_has_its_cohort_and_account_whatever_the_order(made, seed):
    rules = [
        {"name": "{person.givenName}", "idnumber": "{person.familyName}"},
        {"name": "All", "idnumber": "{person.role}"},
    ]
    desired, other = (wanted(each, cohorts=rules) for each in (made, shuffled(made, seed)))
    keys = set(rows_of(desired, "cohort"))
    users = set(desired.parts["user"].frame["key"])
    for key in desired.parts["cohort-member"].frame["key"]:
        user, cohort = key.split("\t", 1)
        assert user in users
        assert cohort in keys
    assert desired.parts["cohort-member"].frame["key"].is_unique().all()
    for kind in ("cohort", "cohort-member"):
        columns = [name for name in desired.parts[kind].frame.columns if name != "line"]
        frames = [each.parts[kind].frame.select(columns).sort("key") for each in (desired, other)]
        assert frames[0].equals(frames[1])


SCIENCE = {"shortname": "SCI", "classes": {"value": "{group.code}", "like": "7*/sc", "unlike": "7x*"}}
CLASSES = [
    {"sourcedId": f"c{number}", "classCode": code, "title": code}
    for number, code in enumerate(["7a/Sc", "7x/Sc", "8a/Sc"])
]


def test_a_long_lived_course_takes_the_enrolments_of_classes_that_meet_its_condition():
    desired = wanted(roster(classes=CLASSES, enrollments=[]), meta_links=[SCIENCE])
    assert set(desired.parts["meta-link"].frame["key"]) == {"meta:SCI\tc0"}


def test_a_course_of_several_classes_is_linked_once():
    link = {"shortname": "SCI", "classes": {"value": "{group.code}", "like": "*"}}
    desired = wanted(roster(classes=CLASSES, enrollments=[]), meta_links=[link], basis="subject")
    assert set(desired.parts["meta-link"].frame["key"]) == {"meta:SCI\tsubject:co1"}


def test_links_by_list():
    link = {"shortname": "SCI", "classes": {"value": "{group.id}", "like": ["c1", "c2"]}}
    desired = wanted(roster(classes=CLASSES, enrollments=[]), meta_links=[link])
    assert set(desired.parts["meta-link"].frame["key"]) == {"meta:SCI\tc1", "meta:SCI\tc2"}
