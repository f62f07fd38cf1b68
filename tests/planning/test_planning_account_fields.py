"""Fields of accounts: what is written when, by kind of person and kind of field."""

import pytest
from desk import Desk, change, told
from rosters import people, roster

NOTHING = {"create": False, "update": False, "deactivate": False}


def ann(role="student", **change):
    return roster(users=[{"sourcedId": "u1"} | change], roles=[{"role": role}], enrollments=[])


def nobody():
    return roster(users=[], roles=[], enrollments=[])


def custom(desk: Desk, *names: str) -> None:
    for name in names:
        desk.sandbox.state.insert("user_field", shortname=name, name=name.title())


def preferences(desk: Desk) -> dict[str, str]:
    rows = desk.sandbox.state.all("SELECT name, value FROM user_preference")
    return {row["name"]: row["value"] for row in rows}


FURTHER = {
    "fields": {
        "department": "Year {person.grade}",
        "middlename": "{person.middleName}",
        "phone1": "{person.phone}",
        "description": "Born to read",
        "country": "DE",
        "mailformat": "plain",
        "lang": "en",
    },
    "profile_fields": {"house": "{person.sms}"},
    "preferences": {"htmleditor": "textarea"},
}
ROW = {"grades": ["09"], "middleName": "Mary", "phone": "+49 1", "sms": "North"}


def test_further_fields_come_with_the_account(desk: Desk):
    custom(desk, "house")
    desk.run(ann(**ROW), users=FURTHER)
    account = desk.account()
    assert (account.department, account.phone1, account.country) == ("Year 09", "+49 1", "DE")
    assert (account.description, account.mail_format, account.lang) == ("Born to read", 0, "en")
    assert dict(account.custom_fields) == {"house": "North"}
    assert preferences(desk) == {"htmleditor": "textarea"}
    assert desk.sandbox.state.value("SELECT middlename FROM user WHERE username = 'ann'") == "Mary"
    assert told(desk.plan(ann(**ROW))) == []


def test_in_step_they_follow_the_roster_seen_or_not(desk: Desk):
    custom(desk, "house")
    desk.run(ann(**ROW), users=FURTHER)
    changed = ann(grades=["10"], middleName="Eve", phone="+49 2", sms="South")
    found = change(desk.run(changed), "user")
    assert found["before"] == {"department": "Year 09", "phone1": "+49 1", "profile:house": "North"}
    assert set(found["after"]) == {"department", "middlename", "phone1", "profile:house"}
    account = desk.account()
    assert (account.department, account.phone1, dict(account.custom_fields)) == ("Year 10", "+49 2", {"house": "South"})
    assert desk.sandbox.state.value("SELECT middlename FROM user WHERE username = 'ann'") == "Eve"
    assert told(desk.plan(changed)) == []


def test_a_profile_field_is_emptied_with_the_roster(desk: Desk):
    custom(desk, "house")
    desk.run(ann(**ROW), users=FURTHER)
    desk.run(ann(**ROW | {"sms": None}))
    assert dict(desk.account().custom_fields) == {}


def test_what_is_set_once_stays_and_comes_with_no_match(desk: Desk):
    desk.user(city="Ulm")
    once = {"fields": {"city": {"value": "{person.sms}", "write": "create-only"}}, "preferences": {"a": "{person.sms}"}}
    assert "city" not in change(desk.run(ann(sms="Bonn"), users=once), "user")["after"]
    assert desk.account().city == "Ulm"
    assert preferences(desk) == {}
    two = roster(**people({"sms": "Bonn", "sourcedId": "u9"}), enrollments=[])
    desk.run(two)
    assert desk.account("user1").city == "Bonn"
    desk.run(roster(**people({"sms": "Kiel", "sourcedId": "u9"}), enrollments=[]))
    assert desk.account("user1").city == "Bonn"
    assert preferences(desk) == {"a": "Bonn"}


@pytest.mark.parametrize(("there", "then"), [("", "Bonn"), ("Ulm", "Ulm")])
def test_if_empty_fills_in_what_is_empty_and_leaves_the_rest(desk: Desk, there, then):
    desk.user(city=there)
    filled = {"fields": {"city": {"value": "{person.sms}", "write": "if-empty"}}}
    desk.run(ann(sms="Bonn"), users=filled)
    assert desk.account().city == then
    desk.run(ann(sms="Kiel"))
    assert desk.account().city == then
    assert told(desk.plan(ann(sms="Kiel"))) == []


def test_if_empty_leaves_alone_what_moodle_does_not_tell(desk: Desk):
    number = desk.user(middlename="Own")
    desk.run(
        ann(middleName="Eve"), users={"fields": {"middlename": {"value": "{person.middleName}", "write": "if-empty"}}}
    )
    desk.run(ann(middleName="Mary"))
    assert desk.sandbox.state.value("SELECT middlename FROM user WHERE id = ?", number) == "Own"


def test_if_empty_leaves_alone_what_always_holds_something(desk: Desk):
    desk.user(mailformat=0)
    filled = {"value": "html", "write": "if-empty"}
    assert "mailformat" not in change(desk.run(ann(), users={"fields": {"mailformat": filled}}), "user")["after"]
    assert desk.account().mail_format == 0


def test_a_preference_that_is_kept_in_step_comes_with_a_match_too(desk: Desk):
    desk.user()
    desk.run(ann(), users={"preferences": {"htmleditor": {"value": "textarea", "write": "in-step"}}})
    assert preferences(desk) == {"htmleditor": "textarea"}
    assert told(desk.plan(ann())) == []


def test_the_write_of_a_core_field_can_be_chosen(desk: Desk):
    desk.run(ann(), users={"fields": {"lastname": {"value": "{person.familyName}", "write": "create-only"}}})
    desk.run(ann(familyName="Low", givenName="Anna"))
    assert (desk.account().firstname, desk.account().lastname) == ("Anna", "Lee")


@pytest.mark.parametrize(("role", "kind"), [("student", "student"), ("teacher", "teacher"), ("aide", "employee")])
def test_each_kind_of_people_is_created_or_not(desk: Desk, role, kind):
    assert told(desk.plan(ann(role)), "user") == [("create", "u1")]
    assert told(desk.plan(ann(role), users={kind: {"create": False}}), "user") == []
    assert told(desk.plan(ann("parent")), "user") == []
    assert told(desk.plan(ann("parent"), users={"parent": {"create": True}}), "user") == [("create", "u1")]


def test_each_kind_of_people_is_updated_or_not(desk: Desk):
    made = {"users": [{}, {"sourcedId": "u2", "username": "bo", "email": "bo@school.example"}], "enrollments": []}
    roles = [{"role": "student"}, {"userSourcedId": "u2", "role": "teacher"}]
    desk.run(roster(**made, roles=roles))
    both = [user | {"givenName": "New"} for user in made["users"]]
    draft = desk.plan(roster(users=both, roles=roles, enrollments=[]), users={"teacher": {"update": False}})
    assert told(draft, "user") == [("update", "u1")]


@pytest.mark.parametrize("kind", ["student", "teacher"])
def test_each_kind_of_people_is_deactivated_or_not_by_what_they_were(desk: Desk, kind):
    desk.run(ann(kind))
    assert told(desk.plan(nobody(), users={kind: {"deactivate": False}}), "user") == []
    assert told(desk.plan(nobody(), users={"employee": {"deactivate": False}}), "user") == [("suspend", "u1")]


def test_who_becomes_a_teacher_leaves_as_one(desk: Desk):
    desk.run(ann("student"), users={"teacher": {"deactivate": False}})
    assert told(desk.run(ann("teacher")), "user") == [("note", "u1")]
    assert told(desk.plan(nobody()), "user") == []


def test_who_returns_is_revived_and_brought_in_step(desk: Desk):
    desk.run(ann())
    desk.run(nobody())
    assert desk.account().suspended
    found = change(desk.run(ann(givenName="Anna")), "user")
    assert (found["action"], found["after"]) == ("revive", {"suspended": False, "firstname": "Anna"})
    assert not desk.account().suspended
    assert told(desk.plan(ann(givenName="Anna"))) == []


def test_disabled_people_are_not_suspended_where_their_kind_is_not_deactivated(desk: Desk):
    desk.run(ann())
    assert told(desk.plan(ann(enabledUser=False), users={"student": {"deactivate": False}}), "user") == []


def test_people_without_enrolments_get_no_account_where_the_profile_says_so(desk: Desk):
    both = roster(**people({}, {}), enrollments=[{"userSourcedId": "u2"}])
    draft = desk.plan(both, users={"without_enrolments": False})
    assert told(draft, "user") == [("create", "u2")]
    desk.user(username="user1", email="user1@school.example")
    assert told(desk.run(both), "user") == [("create", "u2"), ("match", "u1")]
    left = roster(**people({"givenName": "New"}, {"givenName": "New"}), enrollments=[])
    assert told(desk.plan(left), "user") == [("update", "u1"), ("update", "u2")]


def test_people_must_choose_a_password_of_their_own_where_the_profile_says_so(desk: Desk):
    desk.run(ann())
    assert preferences(desk) == {}
    desk.run(roster(**people({"sourcedId": "u9"}), enrollments=[]), users={"force_change": True})
    assert preferences(desk) == {"auth_forcepasswordchange": "1"}


def test_a_default_plan_asks_no_more_than_it_must(desk: Desk):
    desk.moodle.users.find("username", ["nobody"])  # with the first call the client looks how much one may hold
    before = dict(desk.sandbox.faults.seen()["calls"])
    desk.run(ann())
    desk.run(ann(givenName="Anna"))
    after = desk.sandbox.faults.seen()["calls"]
    made = {name: after[name] - before.get(name, 0) for name in after if name.startswith("core_user")}
    assert made == {
        "core_user_get_users_by_field": 2 + 3,  # the second plan sees whether the site is as it was left
        "core_user_create_users": 1,
        "core_user_update_users": 1,
    }
