"""User names that are taken: numbers for new accounts."""

import pytest
from desk import Desk, change, codes, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rosters import people, roster, shuffled

from matricula.planning.usernames import with_number

NUMBERED = {"taken_username": "number", "match": "idnumber"}


def namesakes(*names, **more):
    rows = ({"username": name, "email": f"{number}@school.example"} | more for number, name in enumerate(names))
    return roster(**people(*rows), classes=[], enrollments=[])


def names(draft):
    rows = draft.changes.filter(draft.changes["action"] == "create")
    return dict(zip(rows["key"], rows["after"].str.json_path_match("$.username"), strict=True))


def test_people_of_one_name_get_numbers_by_sourced_id(desk: Desk):
    made = namesakes("lee", "lee", "low", "lee")
    expected = {"u1": "lee", "u2": "lee2", "u3": "low", "u4": "lee3"}
    assert names(desk.plan(made, users=NUMBERED)) == expected
    assert names(desk.plan(shuffled(made, 7))) == expected
    draft = desk.run(made)
    assert codes(draft) == []
    assert desk.account("lee3").idnumber == "u4"
    assert told(desk.plan(made)) == []


def test_without_numbers_they_wait(desk: Desk):
    draft = desk.plan(namesakes("lee", "lee"), users={"match": "idnumber"})
    assert (names(draft), codes(draft)) == ({}, ["username-shared"] * 2)


def test_the_reason_says_which_name_was_taken(desk: Desk):
    draft = desk.plan(namesakes("lee", "lee"), users=NUMBERED)
    assert change(draft, "user", "u1")["reason"] == "new in the roster"
    assert "“lee” is taken" in change(draft, "user", "u2")["reason"]


def test_names_of_accounts_on_the_site_are_taken(desk: Desk):
    desk.user(username="lee")
    desk.user(username="lee2", email="two@school.example")
    desk.user(username="lee4", email="four@school.example")
    assert names(desk.plan(namesakes("lee", "lee"), users=NUMBERED)) == {"u1": "lee3", "u2": "lee5"}


def test_names_that_the_ledger_remembers_are_taken(desk: Desk):
    desk.run(namesakes("lee", "low"), users=NUMBERED)
    desk.moodle.users.update([{"id": desk.account("lee").id, "username": "renamed"}])
    assert names(desk.plan(namesakes("lee", "low", "lee"))) == {"u3": "lee2"}


def test_a_numbered_name_does_not_take_the_bare_name_of_another_newcomer(desk: Desk):
    assert names(desk.plan(namesakes("lee", "lee", "lee2"), users=NUMBERED)) == {
        "u1": "lee",
        "u2": "lee3",
        "u3": "lee2",
    }


def test_the_name_of_somebody_who_waits_is_kept_for_them(desk: Desk):
    one = {"idnumber": "u1", "email": "one@x.example"}
    desk.user(username="first", **one)
    desk.user(username="second", **one | {"email": "two@x.example"})
    draft = desk.plan(namesakes("lee", "lee"), users=NUMBERED)
    assert (names(draft), codes(draft)) == ({"u2": "lee2"}, ["several-accounts"])


def test_a_name_stays_for_good(desk: Desk):
    desk.run(namesakes("lee", "lee"), users=NUMBERED)
    draft = desk.run(namesakes("other", "lee", givenName="Anna"))
    assert {row["key"]: row["action"] for row in draft.changes.iter_rows(named=True)} == {
        "u1": "update",
        "u2": "update",
    }
    assert (desk.account("lee").idnumber, desk.account("lee2").idnumber) == ("u1", "u2")
    assert desk.account("lee2").firstname == "Anna"


def test_a_match_keeps_the_name_of_the_account(desk: Desk):
    desk.user(username="old", idnumber="u1")
    desk.run(namesakes("lee"), users=NUMBERED)
    assert desk.account("old").idnumber == "u1"


def test_matching_by_name_does_not_take_the_account_of_somebody_known(desk: Desk):
    desk.run(namesakes("lee"), users={"taken_username": "number", "match": "username"})
    assert names(desk.plan(namesakes("lee", "lee"))) == {"u2": "lee2"}


def test_a_placeholder_follows_the_numbered_name(desk: Desk):
    draft = desk.run(namesakes("lee", "lee", email=None), users=NUMBERED)
    assert codes(draft) == ["email-placeholder"] * 2
    assert desk.account("lee2").email == "lee2@noemail.invalid"
    assert change(draft, "user", "u2")["written"]["email"] is None


def test_shared_addresses_still_wait(desk: Desk):
    draft = desk.plan(namesakes("lee", "lee", email="same@school.example"), users=NUMBERED)
    assert (names(draft), codes(draft)) == ({}, ["email-shared"] * 2)


def test_who_was_deleted_in_moodle_gets_the_name_back(desk: Desk):
    made = namesakes("lee", "lee")
    desk.run(made, users=NUMBERED)
    desk.moodle.users.delete([desk.account("lee").id])
    assert names(desk.plan(made, full=True)) == {"u1": "lee"}


@pytest.mark.parametrize(("name", "number", "is_"), [("lee", 2, "lee2"), ("n" * 100, 12, "n" * 98 + "12")])
def test_a_name_with_its_number_is_no_longer_than_moodle_takes(name, number, is_):
    assert with_number(name, number) == is_


@pytest.mark.long
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.lists(st.sampled_from(["lee", "lee2", "lee3", "low"]), max_size=6),
    there=st.sets(st.sampled_from(["lee", "lee2", "lee4", "low2"])),
    seed=st.integers(0, 9),
)
def test_names_are_free_of_one_kind_and_the_same_whatever_the_order(desk: Desk, wanted, there, seed):
    desk.sandbox.sandbox.reset()
    for name in sorted(there):
        desk.user(username=name, email=f"{name}@home.example")
    made = namesakes(*wanted)
    given_names = names(desk.plan(made, users=NUMBERED))
    assert names(desk.plan(shuffled(made, seed))) == given_names
    assert len(set(given_names.values())) == len(wanted)
    assert not there.intersection(given_names.values())
    assert all(given_names[f"u{number}"].startswith(name) for number, name in enumerate(wanted, 1))
