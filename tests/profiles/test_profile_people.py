"""People of a roster as accounts."""

import pytest
from rosters import codes, only, people, roster, rows_of, wanted

from matricula.profiles.moodle_limits import LENGTHS


def account(change=None, role="student", **users):
    return only(wanted(roster(**people(change or {}, role=role)), users=users), "user")


def test_a_person_becomes_an_account_with_all_its_fields():
    assert account()["fields"] == {
        "username": "user1",
        "firstname": "Ann",
        "lastname": "Lee",
        "email": "user1@school.example",
        "idnumber": "u1",
        "suspended": False,
        "kind": "student",
    }


@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ("{person.username}", "user1"),
        ("{person.email}", "user1@school.example"),
        ("{person.identifier}", "4711"),
        ("s-{person.id}", "s-u1"),
        ({"value": "{person.familyName}", "case": "upper"}, "lee"),
    ],
)
def test_the_profile_makes_the_user_name(chosen, name):
    assert account(fields={"username": chosen})["username"] == name


@pytest.mark.parametrize(("chosen", "number"), [("{person.id}", "u1"), ("{person.identifier}", "4711")])
def test_the_profile_makes_the_id_number(chosen, number):
    assert account(fields={"idnumber": chosen})["fields"]["idnumber"] == number


def test_a_person_without_identifier_gets_no_id_number_from_it():
    assert account({"identifier": None}, fields={"idnumber": "{person.identifier}"})["fields"]["idnumber"] == ""


def test_an_id_number_too_long_for_moodle_is_shortened_and_stays_one_of_a_kind():
    made = roster(**people({"sourcedId": "x" * 300}, {"sourcedId": "x" * 299 + "y"}))
    numbers = [row["idnumber"] for row in rows_of(wanted(made), "user").values()]
    assert len(set(numbers)) == 2
    assert max(map(len, numbers)) <= LENGTHS["idnumber"]


def test_upper_case_in_a_user_name_becomes_lower_case():
    assert account({"username": " Ann.Lee "})["username"] == "ann.lee"


@pytest.mark.parametrize("username", ["ann lee", "ann+lee", "änn", "a" * 101, "ann/lee"])
def test_a_user_name_that_moodle_refuses_makes_no_account_and_is_held(username):
    desired = wanted(roster(**people({"username": username})))
    assert codes(desired) == ["username-refused-by-moodle"]
    assert rows_of(desired, "user") == {}
    assert desired.unreadable["user"] == {"u1"}


def test_a_user_name_of_100_characters_is_taken():
    assert account({"username": "a" * 100})["username"] == "a" * 100


@pytest.mark.parametrize(
    ("change", "used"),
    [
        ({"username": None}, "user1@school.example"),
        ({"username": " ", "email": None}, "4711"),
        ({"username": None, "email": "", "identifier": "A7"}, "a7"),
    ],
)
def test_a_blank_user_name_is_replaced_and_reported(change, used):
    desired = wanted(roster(**people(change)))
    assert only(desired, "user")["username"] == used
    assert "username-taken-from-elsewhere" in codes(desired)


def test_a_person_with_nothing_to_name_an_account_by_gets_none():
    desired = wanted(roster(**people({"username": None, "email": None, "identifier": None})))
    assert codes(desired) == ["user-without-username"]
    assert desired.unreadable["user"] == {"u1"}


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("<b>Ann</b>", "Ann"),
        ("  Ann", "Ann"),
        ("Ann \n Mary", "Ann Mary"),
        ("n" * 300, "n" * 100),
        ("A < B", "A < B"),
        ("Ann <", "Ann"),
        ("Ann < <", "Ann"),
        ("Ann<>", "Ann"),
        ("Ann & Co", "Ann & Co"),
        ("Ann\x00", "Ann"),
        ("n" * 98 + " < x", "n" * 98),
    ],
)
def test_names_are_made_fit_for_moodle_and_what_changed_is_told(given, clean):
    desired = wanted(roster(**people({"givenName": given})))
    assert only(desired, "user")["fields"]["firstname"] == clean
    assert codes(desired) == ([] if given.strip() == clean else ["name-cleaned"])


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"givenName": None}, "- Lee"),
        ({"familyName": "<i></i>"}, "Ann -"),
        ({"preferredGivenName": "Annie"}, "Annie Lee"),
        ({"preferredFamilyName": "Li", "preferredGivenName": " "}, "Ann Li"),
    ],
)
def test_missing_and_preferred_names(change, name):
    assert account(change)["name"] == name


def test_a_person_without_any_name_gets_no_account():
    desired = wanted(roster(**people({"givenName": None, "familyName": " "})))
    assert codes(desired) == ["user-without-name"]
    assert desired.unreadable["user"] == {"u1"}


BAD_ADDRESSES = [
    None,
    "ann",
    "ann@school",
    "a..b@school.example",
    ".a@school.example",
    "ann lee@school.example",
    "ann@school.1",
    f"{'a' * 65}@school.example",
    f"a@{'b' * 64}.example",
    f"{'a' * 60}@{'b' * 40}.example",
    "änn@school.example",
]


@pytest.mark.parametrize("email", BAD_ADDRESSES)
def test_without_a_usable_address_a_new_account_gets_a_placeholder(email):
    desired = wanted(roster(**people({"email": email})))
    row = only(desired, "user")
    assert row["email"] == "user1@noemail.invalid"
    assert row["fields"]["email"] is None
    assert codes(desired) == ["email-placeholder"]


@pytest.mark.parametrize("email", BAD_ADDRESSES)
def test_or_no_account_is_made_where_the_profile_says_so(email):
    desired = wanted(roster(**people({"email": email})), users={"missing_email": "leave-out"})
    assert codes(desired) == ["user-without-email"]
    assert only(desired, "user")["placeholder"]
    assert only(desired, "user")["fields"]["email"] is None


def test_fields_made_of_a_column_that_did_not_come_are_not_known():
    fields = {"idnumber": "{person.metadata.number}", "city": "{person.metadata.town}", "department": "{person.grade}"}
    row = only(wanted(roster(**people({})), users={"fields": fields}), "user")
    assert {name: row["fields"][name] for name in fields} == {"idnumber": None, "city": None, "department": ""}


@pytest.mark.parametrize("username", ["ann@school", ".ann", "a..b", "a" * 80])
def test_a_placeholder_is_an_address_whatever_the_user_name(username):
    from matricula.sandbox.functions.users import _ADDRESS

    row = account({"email": None, "username": username})
    assert _ADDRESS.fullmatch(row["email"])
    assert len(row["email"]) <= LENGTHS["email"]


@pytest.mark.parametrize("email", ["O'Brien@School.Example", "a_b+c@x-y.example"])
def test_unusual_addresses_are_kept_as_they_are(email):
    assert account({"email": f" {email}"})["fields"]["email"] == email


@pytest.mark.parametrize("role", ["parent", "guardian", "relative"])
def test_parents_get_no_account_unless_the_profile_says_so(role):
    assert rows_of(wanted(roster(**people({}, role=role))), "user") == {}
    assert account(role=role, parent={"create": True})["kind"] == "parent"


@pytest.mark.parametrize(
    "role", ["aide", "counselor", "principal", "siteAdministrator", "districtAdministrator", "proctor"]
)
def test_employees_of_both_versions_get_accounts(role):
    assert account(role=role)["kind"] == "employee"


def test_the_profile_chooses_which_roles_make_a_kind():
    assert account(role="relative", student={"roles": ["relative"]})["kind"] == "student"
    assert account(role="aide", teacher={"roles": ["aide"]})["kind"] == "teacher"
    assert rows_of(wanted(users={"student": {"roles": ["relative"]}}), "user") == {}


@pytest.mark.parametrize(
    ("roles", "kind"),
    [
        (["parent", "teacher"], "teacher"),
        (["student", "aide"], "employee"),
        (["aide", "teacher"], "teacher"),
        (["parent", "student"], "student"),
    ],
)
def test_of_several_kinds_the_first_counts_and_there_is_one_account(roles, kind):
    assert only(wanted(roster(roles=[{"role": role} for role in roles])), "user")["kind"] == kind


def test_people_for_whom_nothing_is_done_stay_for_their_enrolments():
    nothing = {"create": False, "update": False, "deactivate": False}
    assert account(student=nothing)["kind"] == "student"


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        ({"value": "{person.grades}", "like": "09*"}, {"u1"}),
        ({"value": "{person.grades}", "like": ["09", "10"]}, {"u1", "u2"}),
        ({"value": "{person.email}", "like": "*@SCHOOL.example", "unlike": "user2@*"}, {"u1"}),
    ],
)
def test_the_profile_says_who_gets_an_account_at_all(condition, keys):
    made = roster(**people({"grades": ["09"]}, {"grades": ["10"]}, {"email": "guest@elsewhere.example"}))
    assert set(rows_of(wanted(made, users={"only": condition}), "user")) == keys


def test_further_fields_profile_fields_and_preferences_are_worked_out():
    row = account(
        {"grades": ["09", "10"], "phone": "+49 1"},
        fields={"department": "Year {person.grade}", "phone1": "{person.phone}", "city": "{institute.name}"},
        profile_fields={"house": "{person.middleName|default('none')}"},
        preferences={"htmleditor": "textarea"},
    )
    told = {
        "department": "Year 09",
        "phone1": "+49 1",
        "city": "Oak School",
        "profile:house": "none",
        "preference:htmleditor": "textarea",
    }
    assert told.items() <= row["fields"].items()
    assert told.items() <= row.items()


def test_a_field_can_be_taken_out_of_the_profile_but_not_a_locked_one():
    assert "middlename" in account(fields={"middlename": "{person.middleName}"})["fields"]
    with pytest.raises(ValueError, match="locked"):
        account(fields={"lastname": None})


def test_values_that_moodle_does_not_take_are_told_by_name():
    made = roster(**people({"phone": "1" * 21, "sms": "often"}))
    desired = wanted(made, users={"fields": {"phone1": "{person.phone}", "mailformat": "{person.sms}"}})
    assert codes(desired) == ["user-value-cut", "user-value-unusable"]
    fields = only(desired, "user")["fields"]
    assert (fields["phone1"], fields["mailformat"]) == ("1" * 20, None)


def test_values_to_match_by_are_the_fields_or_the_profiles_own():
    row = account(
        {"identifier": " A7 ", "email": None},
        match=["email", {"field": "idnumber", "value": "{person.identifier}"}, "profile:nr"],
        profile_fields={"nr": "{person.id}"},
    )
    assert [row[f"match:{position}"] for position in range(3)] == ["user1@noemail.invalid", "A7", "u1"]


def test_matching_by_a_profile_field_needs_a_value():
    with pytest.raises(ValueError, match="nothing is mapped to profile:nr"):
        account(match="profile:nr")


def test_disabled_people_of_a_kind_that_is_not_deactivated_are_left_as_they_are():
    row = account({"enabledUser": False}, student={"deactivate": False})
    assert (row["suspended"], row["fields"]["suspended"]) == (True, None)


def test_people_in_courses_are_told_from_others():
    made = roster(**people({}, {}), enrollments=[{"userSourcedId": "u2"}])
    assert {key: row["enrolled"] for key, row in rows_of(wanted(made), "user").items()} == {"u1": False, "u2": True}


@pytest.mark.parametrize(("enabled", "suspended"), [(False, True), (True, False), (None, False)])
def test_disabled_people_are_suspended(enabled, suspended):
    assert account({"enabledUser": enabled})["fields"]["suspended"] is suspended


def test_a_few_warnings_are_told_one_by_one_and_many_as_one_with_a_count():
    few = wanted(roster(**people(*[{"email": None}] * 20)))
    assert [finding.count for finding in few.findings] == [1] * 20
    many = wanted(roster(**people(*[{"email": None}] * 21)))
    assert [finding.count for finding in many.findings] == [21]


def test_errors_are_always_told_one_by_one():
    many = wanted(roster(**people(*[{"givenName": None, "familyName": None}] * 25)))
    assert len(many.findings) == 25


def test_a_finding_says_where_what_and_what_to_do():
    (finding,) = wanted(roster(**people({"username": "ann lee"}))).findings
    assert finding.place == "users.csv line 2, column username"
    assert finding.value == "ann lee"
    assert finding.sourced_id == "u1"
    assert "Ann Lee" in finding.message
    assert "users.fields.username" in finding.remedy
