"""Groups and groupings in courses: which there are, and who is in them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rosters import Row, codes, people, roster, rosters, rows_of, shuffled, wanted


def school(*changes: Row, **tables):
    """People who are all enrolled in the class c1."""
    made = people(*changes)
    places = [
        {"sourcedId": f"e{number}", "userSourcedId": user["sourcedId"]} for number, user in enumerate(made["users"])
    ]
    return roster(**made, **{"enrollments": places} | tables)


def groups(made, *rules, **parts):
    desired = wanted(made, groups=rules, **parts)
    return {
        name: {key: row["fields"] for key, row in rows_of(desired, kind).items()}
        for name, kind in (("groups", "group"), ("groupings", "grouping"))
    } | {
        name: set(desired.parts[kind].frame["key"])
        for name, kind in (("members", "group-member"), ("placed", "grouping-member"))
    }


def test_without_rules_there_are_no_groups():
    assert groups(school({})) == {"groups": {}, "groupings": {}, "members": set(), "placed": set()}


def test_a_group_for_every_value_of_a_property_with_the_people_who_have_it():
    found = groups(school({"grades": ["7"]}, {"grades": ["8"]}, {"grades": ["7"]}), {"name": "Year {person.grade}"})
    assert found["groups"] == {
        "c1\tname:year 7": {"name": "Year 7", "idnumber": ""},
        "c1\tname:year 8": {"name": "Year 8", "idnumber": ""},
    }
    assert found["members"] == {"u1\tc1\tname:year 7", "u2\tc1\tname:year 8", "u3\tc1\tname:year 7"}


def test_who_has_no_value_is_in_no_group():
    for name in ("{person.grade}", "{person.grade|lower}"):
        found = groups(school({"grades": ["7"]}, {}), {"name": name})
        assert found["members"] == {"u1\tc1\tname:7"}
    assert groups(school({}), {"name": "Year {person.grade}"})["groups"] == {}


def test_what_is_in_brackets_or_has_a_default_may_be_empty():
    assert groups(school({}), {"name": "Year[ {person.grade}]"})["members"] == {"u1\tc1\tname:year"}
    assert groups(school({}), {"name": "Year {person.grade|default('?')}"})["members"] == {"u1\tc1\tname:year ?"}


def test_a_group_with_an_id_number_is_known_by_it():
    found = groups(school({}), {"name": "{group.title}", "idnumber": "{group.id}"})
    assert found["groups"] == {"c1\tid:c1": {"name": "Ludicrous Lemur", "idnumber": "c1"}}
    assert found["members"] == {"u1\tc1\tid:c1"}


def test_names_that_databases_take_for_one_make_one_group():
    found = groups(school({"grades": ["Käfer"]}, {"grades": ["KAFER"]}), {"name": "{person.grade}"})
    assert len(found["groups"]) == 1
    assert len(found["members"]) == 2


def test_two_rules_that_give_one_name_make_one_group():
    rules = ({"name": "Seven"}, {"name": "{person.grade}"}, {"name": "seven", "idnumber": "g7"})
    found = groups(school({"grades": ["Seven"]}), *rules)
    assert found["groups"] == {"c1\tid:g7": {"name": "seven", "idnumber": "g7"}}
    assert found["members"] == {"u1\tc1\tid:g7"}


def test_groups_of_one_name_and_several_id_numbers_are_told_apart_by_these():
    classes = [{}, {"sourcedId": "c2", "classCode": "B"}]
    places = [{"sourcedId": "e1"}, {"sourcedId": "e2", "classSourcedId": "c2"}]
    desired = wanted(roster(classes=classes, enrollments=places), basis="subject")
    names = {row["fields"]["name"] for row in rows_of(desired, "group").values()}
    assert names == {"Ludicrous Lemur (c1)", "Ludicrous Lemur (c2)"}
    assert "group-name-shared" in codes(desired)


def test_with_one_course_for_a_subject_its_classes_become_groups():
    classes = [{}, {"sourcedId": "c2", "title": "Other"}]
    places = [{"sourcedId": "e1"}, {"sourcedId": "e2", "classSourcedId": "c2"}]
    desired = wanted(roster(classes=classes, enrollments=places), basis="subject")
    assert set(rows_of(desired, "group")) == {"subject:co1\tid:c1", "subject:co1\tid:c2"}
    assert set(desired.parts["group-member"].frame["key"]) == {
        "u1\tsubject:co1\tid:c1",
        "u1\tsubject:co1\tid:c2",
    }
    assert set(rows_of(wanted(roster(classes=classes), basis="subject", groups=[]), "group")) == set()


def test_only_people_in_the_roles_named_become_members():
    made = school(
        {}, {}, enrollments=[{"sourcedId": "e1"}, {"sourcedId": "e2", "userSourcedId": "u2", "role": "teacher"}]
    )
    assert len(groups(made, {"name": "All"})["members"]) == 2
    assert groups(made, {"name": "All", "roles": ["student"]})["members"] == {"u1\tc1\tname:all"}
    assert groups(made, {"name": "All", "roles": ["teacher"]})["members"] == {"u2\tc1\tname:all"}


def test_groups_stand_in_the_grouping_that_their_rule_names():
    found = groups(school({"grades": ["7"]}, {"grades": ["8"]}), {"name": "{person.grade}", "grouping": "Years"})
    assert found["groupings"] == {"c1\tname:years": {"name": "Years"}}
    assert found["placed"] == {"name:7\tc1\tname:years", "name:8\tc1\tname:years"}


def test_names_are_cut_and_tidied_to_what_moodle_takes():
    rule = {"name": "{person.grade}", "idnumber": "{person.identifier}"}
    made = school({"grades": [f" <b>x</b>\t{'y' * 300}"], "identifier": "i" * 200})
    (fields,) = groups(made, rule)["groups"].values()
    assert fields["name"] == ("x " + "y" * 300)[:254]
    assert len(fields["idnumber"]) <= 100


def test_people_without_account_or_place_are_in_no_group():
    made = school({}, {"username": "", "email": "", "identifier": ""}, {}, enrollments=[{}, {"userSourcedId": "u2"}])
    assert groups(made, {"name": "All"})["members"] == {"u1\tc1\tname:all"}


RULES = st.lists(
    st.sampled_from(
        [
            {"name": "{person.givenName}"},
            {"name": "{group.title}", "idnumber": "{group.id}"},
            {"name": "{person.username}", "idnumber": "{person.identifier}", "grouping": "{person.familyName}"},
            {"name": "{enrolment.role}", "grouping": "roles"},
        ]
    ),
    max_size=3,
)


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(rosters(), RULES, st.sampled_from(["group", "subject", "group-subject"]))
def test_every_place_has_its_group_and_enrolment(made, rules, basis):
    desired = wanted(made, groups=rules, basis=basis)
    parts = {kind: desired.parts[kind].frame for kind in ("group", "group-member", "grouping", "grouping-member")}
    for frame in parts.values():
        assert frame["key"].is_unique().all()
    enrolled = set(desired.parts["enrolment"].frame["key"])
    keys, groupings = set(parts["group"]["key"]), set(parts["grouping"]["key"])
    for key in parts["group-member"]["key"]:
        user, course, tail = key.split("\t")
        assert f"{course}\t{tail}" in keys
        assert f"{user}\t{course}" in enrolled
    for key in parts["grouping-member"]["key"]:
        tail, course, grouping = key.split("\t")
        assert f"{course}\t{tail}" in keys
        assert f"{course}\t{grouping}" in groupings
    for row in rows_of(desired, "group").values():
        assert 0 < len(row["fields"]["name"]) <= 254
        assert len(row["fields"]["idnumber"]) <= 100


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(rosters(), RULES, st.integers(0, 9))
def test_the_order_of_rows_decides_nothing(made, rules, seed):
    first, second = (wanted(each, groups=rules) for each in (made, shuffled(made, seed)))
    for kind in ("group", "grouping", "grouping-member", "group-member"):
        columns = [name for name in first.parts[kind].frame.columns if name != "line"]
        frames = [desired.parts[kind].frame.select(columns).sort("key") for desired in (first, second)]
        assert frames[0].equals(frames[1])
