"""What holds for every roster, and what is complete and unreadable."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rosters import EVERYTHING, Roster, profile, roster, rosters, shuffled, wanted

from matricula.profiles import Desired, desire
from matricula.profiles.moodle_limits import LENGTHS, USERNAME
from matricula.sandbox.cleaning import strip_tags
from matricula.sandbox.functions.users import _ADDRESS
from matricula.sandbox.texts import fold

PROFILE = profile(
    timezone="Africa/Cairo",
    enrolments={"start": "{enrolment.beginDate}", "end": "{enrolment.endDate}"},
    users={"fields": {"username": {"value": "{person.email, person.username|first}", "case": "lower"}}},
)
BASES = st.sampled_from(["group", "subject", "group-subject"])
TIDY = re.compile(r"\S(?:.*\S)?", re.DOTALL)


def frames(desired: Desired) -> dict[str, pl.DataFrame]:
    return {kind: part.frame.sort("key").drop("line") for kind, part in desired.parts.items()}


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(rosters())
def test_every_value_is_one_that_moodle_takes(made: Roster):
    desired = desire(made, PROFILE)
    for user in desired.parts["user"].frame.iter_rows(named=True):
        assert re.fullmatch(USERNAME[1:-1], user["username"])
        assert _ADDRESS.fullmatch(user["email"])
        assert len(user["email"]) <= LENGTHS["email"]
        assert len(user["idnumber"]) <= LENGTHS["idnumber"]
        assert TIDY.fullmatch(user["name"])
        assert strip_tags(user["name"]) == user["name"]
    for course in desired.parts["course"].frame.iter_rows(named=True):
        for value, field in ((course["name"], "fullname"), (course["shortname"], "shortname")):
            assert strip_tags(value) == value
            assert TIDY.fullmatch(value)
            assert len(value) <= LENGTHS[field]
        assert len(course["idnumber"]) <= LENGTHS["course.idnumber"]
    for category in desired.parts["category"].frame.iter_rows(named=True):
        assert 0 < len(category["name"]) <= LENGTHS["category.name"]
        assert strip_tags(category["name"]) == category["name"]
        assert len(category["idnumber"]) <= LENGTHS["category.idnumber"]


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(rosters(), BASES)
def test_keys_are_unique_and_everything_referred_to_is_there(made: Roster, basis: str):
    parts = desire(made, PROFILE.model_copy(update={"basis": basis})).parts
    keys = {kind: part.frame["key"].to_list() for kind, part in parts.items()}
    for kind, found in keys.items():
        assert len(set(found)) == len(found), kind
    assert set(parts["enrolment"].frame["user"]) <= set(keys["user"])
    assert set(parts["enrolment"].frame["course"]) <= set(keys["course"])
    assert set(parts["course"].frame["category"]) <= set(keys["category"])
    assert set(parts["category"].frame["parent"]) <= {*keys["category"], ""}
    for kind, field in (("course", "shortname"), ("course", "idnumber"), ("category", "idnumber")):
        texts = [fold(text) for text in parts[kind].frame[field]]
        assert len(set(texts)) == len(texts), field


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(rosters(), BASES)
def test_the_order_of_rows_never_matters(made: Roster, basis: str):
    based = PROFILE.model_copy(update={"basis": basis})
    one, other = desire(made, based), desire(shuffled(made, 7), based)
    for kind, frame in frames(one).items():
        assert frame.equals(frames(other)[kind]), kind
    assert one.unreadable == other.unreadable


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(rosters())
def test_every_person_class_is_desired_held_or_of_no_role(made: Roster):
    desired = desire(made, PROFILE)
    classes = set(desired.parts["course"].frame["key"]) | desired.unreadable["course"]
    assert classes == set(made.classes["sourcedId"])
    parents = set(made.roles.filter(pl.col("role") == "parent")["userSourcedId"])
    users = set(desired.parts["user"].frame["key"]) | desired.unreadable["user"]
    assert users == set(made.users["sourcedId"]) - parents


def test_an_empty_roster_wants_nothing():
    nothing = wanted(roster(**{name: [] for name in EVERYTHING}))
    assert all(part.frame.is_empty() for part in nothing.parts.values())
    assert nothing.counts["users"] == 0


OF_CLASSES = {"category", "course", "meta-link"}
OF_PEOPLE = {"user", "cohort", "cohort-member"}
OF_BOTH = {"enrolment", "grouping", "group", "grouping-member", "group-member"}


@pytest.mark.parametrize(
    ("missing", "kinds"),
    [
        ("users", OF_CLASSES),
        ("roles", OF_CLASSES),
        ("classes", OF_PEOPLE),
        ("enrollments", OF_CLASSES | OF_PEOPLE),
        ("orgs", OF_CLASSES | OF_PEOPLE | OF_BOTH),
    ],
)
def test_a_kind_is_complete_where_all_tables_that_it_is_made_of_are(missing, kinds):
    assert wanted(roster(complete=EVERYTHING - {missing})).complete == kinds


def test_rows_that_the_roster_could_not_read_are_unreadable():
    made = roster(unreadable={"users": frozenset({"u8"}), "classes": frozenset({"c8"})})
    assert wanted(made).unreadable["user"] == {"u8"}
    assert wanted(made).unreadable["course"] == {"c8"}
