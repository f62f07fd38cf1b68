"""Who is who: people of the roster against accounts of the site."""

import pytest
from desk import Desk, change, codes, told
from rosters import people, roster


def ann(**change):
    return roster(users=[{"sourcedId": "u1"} | change])


def test_a_new_person_gets_an_account(desk: Desk):
    desk.run()
    account = desk.account()
    assert (account.firstname, account.lastname, account.email) == ("Ann", "Lee", "ann@school.example")
    assert (account.idnumber, account.suspended, account.auth) == ("u1", False, "manual")


def test_the_profile_chooses_how_people_sign_on(desk: Desk):
    desk.run(users={"auth": "ldap", "password": "none"})
    assert desk.account().auth == "ldap"


def test_moodle_mails_a_password_where_the_profile_says_so(desk: Desk):
    desk.run(users={"password": "mail"})
    assert desk.sandbox.state.value("SELECT COUNT(*) FROM user_preference WHERE name = 'auth_forcepasswordchange'") == 1


@pytest.mark.parametrize(("field", "value"), [("username", "ann"), ("email", "ANN@school.example"), ("idnumber", "u1")])
def test_an_account_is_recognised_by_the_field_of_the_profile_and_brought_in_step(desk: Desk, field, value):
    fields = {"username": "other", "email": "other@school.example", "idnumber": "", "firstname": "Anna"}
    number = desk.user(**fields | {field: value})
    draft = desk.run(users={"match": field})
    found = change(draft, "user")
    assert (found["action"], found["moodle_id"], found["origin"]) == ("match", number, "matched")
    assert found["before"]["firstname"] == "Anna"
    account = desk.account()
    assert (account.id, account.firstname, account.idnumber) == (number, "Ann", "u1")
    assert account.email == "ann@school.example"
    assert told(desk.plan()) == []


@pytest.mark.parametrize(
    ("account", "matched"),
    [
        ({"idnumber": "other-school-7", "email": "namesake@elsewhere.example"}, False),
        ({"idnumber": "other-school-7", "email": "Ann@school.example"}, True),
        ({"idnumber": "", "email": "namesake@elsewhere.example"}, True),
        ({"idnumber": "u1", "email": "namesake@elsewhere.example"}, True),
    ],
)
def test_a_namesakes_account_is_not_taken_for_ones_own(desk: Desk, account, matched):
    desk.user(**account)
    draft = desk.plan()
    assert told(draft, "user") == ([("match", "u1")] if matched else [])
    assert codes(draft) == ([] if matched else ["account-contradicts"])


def test_without_update_a_matched_account_keeps_its_fields(desk: Desk):
    desk.user(firstname="Anna")
    draft = desk.run(users={"student": {"update": False}})
    assert change(draft, "user")["after"] == {}
    assert desk.account().firstname == "Anna"
    assert told(desk.plan(ann(givenName="Annabel")), "user") == []


def test_without_update_another_account_with_the_address_does_not_matter_to_a_match(desk: Desk):
    desk.user(email="x@school.example")
    desk.user(username="other")
    assert told(desk.plan(users={"student": {"update": False}}), "user") == [("match", "u1")]
    assert codes(desk.plan(users={})) == ["email-taken"]


def test_a_placeholder_never_takes_the_place_of_an_address(desk: Desk):
    desk.user(email="own@home.example")
    desk.run(ann(email=None))
    assert desk.account().email == "own@home.example"
    assert told(desk.plan(ann(email=None))) == []


def test_an_address_that_the_roster_loses_stays(desk: Desk):
    desk.run()
    desk.run(ann(email=None, givenName="Anna"))
    assert (desk.account().email, desk.account().firstname) == ("ann@school.example", "Anna")
    assert told(desk.plan(ann(email=None, givenName="Anna"))) == []
    assert told(desk.plan(ann(givenName="Anna"))) == []


def test_a_placeholder_gives_way_to_an_address(desk: Desk):
    desk.run(ann(email=None))
    assert desk.account().email == "ann@noemail.invalid"
    desk.run()
    assert desk.account().email == "ann@school.example"


def test_without_create_nobody_gets_an_account_or_enrolment(desk: Desk):
    assert told(desk.plan(users={"student": {"create": False}}), "user") == []
    assert told(desk.plan(), "enrolment") == []


def test_several_accounts_with_one_id_number_are_nobodys(desk: Desk):
    desk.user(username="one", email="one@school.example", idnumber="u1")
    desk.user(username="two", email="two@school.example", idnumber="u1")
    draft = desk.plan(users={"match": "idnumber"})
    assert told(draft, "user") == []
    assert told(draft, "enrolment") == []
    assert codes(draft) == ["several-accounts"]


def test_the_tokens_own_account_is_protected_under_any_name(desk: Desk):
    desk.never_touch = ()
    draft = desk.plan(ann(username="admin"))
    assert told(draft, "user") == []
    assert codes(draft) == ["account-protected"]


@pytest.mark.parametrize("name", ["head", "HEAD"])
def test_accounts_that_the_site_document_names_are_protected(desk: Desk, name):
    desk.user(username="head", email="head@school.example")
    desk.never_touch = (name,)
    assert codes(desk.plan(ann(username="head"))) == ["account-protected"]


def test_an_account_named_later_is_left_alone_and_told(desk: Desk):
    desk.run()
    desk.never_touch = ("ann",)
    draft = desk.plan(ann(givenName="Anna"))
    assert told(draft, "user") == []
    assert codes(draft) == ["account-protected"]
    assert told(desk.plan(roster(users=[], roles=[], enrollments=[])), "user") == []


def test_an_address_of_another_account_is_taken(desk: Desk):
    desk.user(username="other", email="Ann@School.example")
    draft = desk.plan()
    assert told(draft, "user") == []
    assert codes(draft) == ["email-taken"]
    assert "“other”" in draft.findings[0].message


def test_a_user_name_of_another_account_is_taken(desk: Desk):
    desk.user(idnumber="somebody-else", email="other@school.example")
    draft = desk.plan(users={"match": "idnumber"})
    assert told(draft, "user") == []
    assert codes(draft) == ["username-taken"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (({"username": "same"}, {"username": "SAME"}), "username-shared"),
        (({"email": "same@school.example"}, {"email": "Same@school.example"}), "email-shared"),
    ],
)
def test_people_who_share_a_value_get_no_account_and_the_others_do(desk: Desk, changes, code):
    draft = desk.plan(roster(**people(*changes, {}), enrollments=[]))
    assert told(draft, "user") == [("create", "u3")]
    assert codes(draft) == [code] * 2


def test_a_newcomer_who_shares_a_value_does_not_touch_who_was_there(desk: Desk):
    desk.run(roster(**people({}), enrollments=[]))
    draft = desk.plan(roster(**people({}, {"email": "user1@school.example"}), enrollments=[]))
    assert told(draft, "user") == []
    assert codes(draft) == ["email-shared"]


def test_an_account_that_is_matched_is_not_matched_again(desk: Desk):
    number = desk.user(username="ann", idnumber="4711")
    desk.run(users={"match": "idnumber", "fields": {"idnumber": "{person.identifier}"}})
    two = people({"username": "ann", "email": "ann@school.example"}, {"identifier": "4711"})
    draft = desk.plan(roster(**two, enrollments=[]))
    assert told(draft, "user") == []
    assert codes(draft) == ["account-already-matched"]
    assert desk.store.ledger.by_moodle_id("default", "user", number).key == "u1"


def test_a_disabled_person_gets_no_account(desk: Desk):
    draft = desk.plan(ann(enabledUser=False))
    assert told(draft, "user") == []
    assert told(draft, "enrolment") == []


def test_a_disabled_persons_account_is_suspended_on_the_first_day_and_later(desk: Desk):
    desk.user()
    found = change(desk.run(ann(enabledUser=False)), "user")
    assert (found["action"], found["after"]["suspended"], found["removes"]) == ("match", True, True)
    desk.run()
    assert desk.account().suspended is False
    found = change(desk.run(ann(enabledUser=False)), "user")
    assert (found["action"], found["removes"]) == ("suspend", True)
    assert desk.account().suspended is True


def test_changes_of_people_name_the_person(desk: Desk):
    assert change(desk.run(), "user")["person"] == "Ann Lee"
    assert change(desk.run(ann(givenName="Anna")), "user")["person"] == "Anna Lee"
    assert change(desk.plan(roster(users=[], roles=[], enrollments=[])), "user")["person"] == "Anna Lee"


def test_a_finding_names_row_and_remedy(desk: Desk):
    desk.user(username="other")
    (finding,) = desk.plan().findings
    assert finding.place == "users.csv line 2, column email"
    assert (finding.value, finding.sourced_id) == ("ann@school.example", "u1")
    assert "matricula identities" in finding.remedy


def test_who_loses_the_address_keeps_the_account_and_it_stays_in_step(desk: Desk):
    rules = {"missing_email": "leave-out"}
    desk.run(roster(enrollments=[]), users=rules)
    gone = people({"email": None, "familyName": "Low", "enabledUser": False, "username": "ann"})
    draft = desk.run(roster(**gone, enrollments=[]), users=rules)
    assert codes(draft) == ["user-without-email"]
    account = desk.account()
    assert (account.lastname, account.email, account.suspended) == ("Low", "ann@school.example", True)
