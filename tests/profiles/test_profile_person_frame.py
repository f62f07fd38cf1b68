"""People with the properties that mappings name."""

import polars as pl
import pytest
from rosters import people as some
from rosters import roster

from matricula.profiles.person_frame import people
from matricula.profiles.vocabulary import PEOPLE

EVERY = [*PEOPLE.properties, "person.metadata.house", "institute.metadata.region"]


def value(name, made):
    (row,) = people(made, [name]).iter_rows(named=True)
    return row[name]


def test_every_property_has_a_column_of_its_kind():
    frame = people(roster(), EVERY)
    assert set(EVERY) < set(frame.columns)
    for name in EVERY:
        assert frame.schema[name] == (pl.List(pl.String) if PEOPLE.kind_of(name) == "list" else pl.String), name


def test_there_is_one_row_a_person_whatever_their_roles_and_classes():
    made = roster(
        roles=[{"role": "student"}, {"role": "parent", "orgSourcedId": "o2"}],
        classes=[{"sourcedId": "c1", "classType": "homeroom"}, {"sourcedId": "c2", "classType": "homeroom"}],
        enrollments=[{"classSourcedId": "c1"}, {"classSourcedId": "c2"}],
    )
    frame = people(made, EVERY)
    assert frame["sourcedId"].to_list() == ["u1"]
    assert frame["roles"].to_list() == [["parent", "student"]]


def test_people_without_a_role_or_class_are_there():
    frame = people(roster(roles=[], enrollments=[]), EVERY)
    assert frame["roles"].to_list() == [[]]


@pytest.mark.parametrize(
    ("name", "row", "is_"),
    [
        ("person.id", {}, "u1"),
        ("person.givenName", {"givenName": " "}, None),
        ("person.masterIdentifier", {"userMasterIdentifier": "m7"}, "m7"),
        ("person.grade", {"grades": ["10", "09"]}, "10"),
        ("person.grade", {"grades": None}, None),
        ("person.grades", {"grades": ["10", "09"]}, ["10", "09"]),
        ("person.userIds", {"userIds": ["{sis:7}"]}, ["{sis:7}"]),
        ("person.kind", {}, None),
        ("person.metadata.house", {}, None),
    ],
)
def test_properties_of_a_person(name, row, is_):
    assert value(name, roster(users=[row])) == is_


def test_the_role_is_the_first_by_alphabet():
    assert value("person.role", roster(roles=[{"role": "student"}, {"role": "aide"}])) == "aide"


def test_the_form_is_the_homeroom_class():
    classes = [
        {"sourcedId": "c1", "title": "7b", "classType": "homeroom"},
        {"sourcedId": "c2", "title": "7a", "classType": "homeroom"},
        {"sourcedId": "c3", "title": "Art", "classType": "scheduled"},
    ]
    places = [{"classSourcedId": each} for each in ("c1", "c2", "c3")]
    assert value("person.form", roster(classes=classes, enrollments=places)) == "7a"
    assert value("person.form", roster(classes=classes, enrollments=places[2:])) is None


ORGS = [{"sourcedId": f"o{number}", "name": f"School {number}", "identifier": f"S{number}"} for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("user", "roles", "name"),
    [
        ({"primaryOrgSourcedId": "o3"}, [{}], "School 3"),
        ({}, [{"orgSourcedId": "o2", "roleType": "secondary"}, {"orgSourcedId": "o1"}], "School 1"),
        ({}, [{"orgSourcedId": "o2", "roleType": "secondary"}, {"orgSourcedId": None}], "School 2"),
        ({"orgSourcedIds": ["o3", "o1"]}, [{"orgSourcedId": None}], "School 3"),
        ({}, [{"orgSourcedId": "nowhere"}], None),
    ],
)
def test_the_institute_is_the_primary_school(user, roles, name):
    made = roster(users=[user], roles=roles, orgs=ORGS)
    assert value("institute.name", made) == name
    assert value("institute.code", made) == (name and f"S{name[-1]}")


def test_extensions_that_the_roster_has_are_there():
    made = roster(**some({}))
    users = made.users.with_columns(pl.lit("North").alias("metadata.house"))
    orgs = made.orgs.with_columns(pl.lit("Lakes").alias("metadata.region"))
    object.__setattr__(made, "users", users)
    object.__setattr__(made, "orgs", orgs)
    assert value("person.metadata.house", made) == "North"
    assert value("institute.metadata.region", made) == "Lakes"
