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
    }


@pytest.mark.parametrize(
    ("chosen", "name"),
    [("username", "user1"), ("email", "user1@school.example"), ("identifier", "4711"), ("sourcedId", "u1")],
)
def test_the_profile_chooses_the_user_name(chosen, name):
    assert account(username=chosen)["username"] == name


@pytest.mark.parametrize(("chosen", "number"), [("sourcedId", "u1"), ("identifier", "4711")])
def test_the_profile_chooses_the_id_number(chosen, number):
    assert account(idnumber=chosen)["fields"]["idnumber"] == number


def test_a_person_without_identifier_gets_no_id_number_from_it():
    assert account({"identifier": None}, idnumber="identifier")["fields"]["idnumber"] == ""


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
def test_or_no_account_where_the_profile_says_so(email):
    desired = wanted(roster(**people({"email": email})), users={"missing_email": "leave-out"})
    assert codes(desired) == ["user-without-email"]
    assert desired.unreadable["user"] == {"u1"}


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
def test_parents_get_no_account(role):
    assert rows_of(wanted(roster(**people({}, role=role))), "user") == {}


@pytest.mark.parametrize(
    "role", ["teacher", "aide", "counselor", "principal", "siteAdministrator", "districtAdministrator", "proctor"]
)
def test_staff_of_both_versions_get_accounts(role):
    assert account(role=role)["staff"] is True


def test_the_profile_chooses_who_is_student_and_staff():
    assert account(role="relative", student=["relative"])["staff"] is False
    assert account(role="relative", staff=["relative"])["staff"] is True
    assert rows_of(wanted(users={"student": ["relative"]}), "user") == {}


def test_a_teacher_who_is_a_parent_too_gets_one_account():
    made = roster(roles=[{"role": "parent"}, {"role": "teacher"}])
    assert only(wanted(made), "user")["staff"] is True


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
    assert "users.username" in finding.remedy
