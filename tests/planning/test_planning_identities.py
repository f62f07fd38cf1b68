"""The queue of identities: who waits for a person's word, and what a plan makes of it."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from desk import Desk, change, codes, told
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rosters import people, roster

from matricula.sandbox import Running

PAIRS = {"match": ["idnumber", "email", "username"]}


def some(*changes):
    return roster(**people(*changes), classes=[], enrollments=[])


def candidates(desk: Desk) -> dict[str, list[int]]:
    return {each.key: [found["id"] for found in each.candidates] for each in desk.unclear}


def test_pairs_are_tried_in_turn(desk: Desk):
    number = desk.user(username="old", email="User1@school.example")
    found = change(desk.plan(some({}), users=PAIRS), "user")
    assert (found["action"], found["moodle_id"]) == ("match", number)
    assert "e-mail address" in found["reason"]


def test_pairs_that_agree_are_no_riddle(desk: Desk):
    desk.user(username="user1", email="user1@school.example", idnumber="u1")
    assert told(desk.plan(some({}), users=PAIRS), "user") == [("match", "u1")]


def test_pairs_that_find_different_accounts_are(desk: Desk):
    one = desk.user(username="other", email="user1@school.example")
    two = desk.user(username="user1", email="other@school.example")
    draft = desk.plan(some({}), users={"match": ["email", "username"]})
    assert (told(draft, "user"), codes(draft)) == ([], ["several-accounts"])
    assert candidates(desk) == {"u1": [one, two]}


def test_one_of_several_is_never_taken_even_where_a_later_pair_would_tell(desk: Desk):
    one = desk.user(username="user1", email="user1@school.example", idnumber="u1")
    two = desk.user(username="two", email="two@school.example", idnumber="u1")
    draft = desk.plan(some({}), users=PAIRS)
    assert (told(draft, "user"), codes(draft)) == ([], ["several-accounts"])
    assert candidates(desk) == {"u1": [one, two]}


def test_a_pair_may_compare_with_a_value_of_its_own(desk: Desk):
    number = desk.user(idnumber="a7", username="other", email="other@school.example")
    pair = {"field": "idnumber", "value": "{person.identifier}"}
    found = change(desk.plan(some({"identifier": "A7"}), users={"match": pair}), "user")
    assert found["moodle_id"] == number


def test_an_account_is_recognised_by_a_profile_field(desk: Desk):
    desk.sandbox.state.insert("user_field", shortname="nr", name="Number")
    number = desk.user(username="other", email="other@school.example", customfields=[{"type": "nr", "value": "A7"}])
    pair = {"field": "profile:nr", "value": "{person.identifier}"}
    found = change(desk.plan(some({"identifier": "a7"}), users={"match": pair}), "user")
    assert (found["action"], found["moodle_id"]) == ("match", number)
    assert "profile field nr" in found["reason"]
    assert told(desk.plan(some({"identifier": "b8"})), "user") == [("create", "u1")]


def test_two_new_people_for_one_account_both_wait(desk: Desk):
    number = desk.user(username="other", idnumber="4711", email="other@school.example")
    pair = {"field": "idnumber", "value": "{person.identifier}"}
    draft = desk.plan(some({}, {}), users={"match": pair})
    assert (told(draft, "user"), codes(draft)) == ([], ["account-wanted-twice"] * 2)
    assert candidates(desk) == {"u1": [number], "u2": [number]}


def test_a_person_is_told_with_all_that_tells_the_accounts_apart(desk: Desk):
    desk.user(username="user1", firstname="Anna", email="x@school.example", idnumber="77")
    desk.plan(some({}))
    (unclear,) = desk.unclear
    assert (unclear.name, unclear.code) == ("Ann Lee", "account-contradicts")
    assert unclear.message in desk.plan(some({})).findings[0].message
    (found,) = unclear.candidates
    assert {name: found[name] for name in ("username", "name", "email", "idnumber")} == {
        "username": "user1",
        "name": "Anna Lee",
        "email": "x@school.example",
        "idnumber": "77",
    }


def test_an_account_that_a_person_chose_is_taken(desk: Desk):
    desk.user(username="user1", email="x@school.example", idnumber="77")
    chosen = desk.user(username="two", email="two@school.example", idnumber="78")
    desk.decisions = {"u1": f"account:{chosen}"}
    found = change(desk.run(some({"givenName": "Bea"})), "user")
    assert (found["action"], found["moodle_id"]) == ("match", chosen)
    assert "person's decision" in found["reason"]
    account = desk.account("two")  # “user1” is another's still
    assert (account.id, account.firstname, account.idnumber) == (chosen, "Bea", "u1")
    assert desk.unclear == []
    assert told(desk.plan(some({"givenName": "Bea"}))) == []


def test_an_account_that_was_chosen_is_nobody_elses(desk: Desk):
    number = desk.user(username="user2", email="user2@school.example")
    desk.decisions = {"u1": f"account:{number}"}
    draft = desk.plan(some({}, {}))
    assert told(draft, "user") == [("match", "u1")]
    assert codes(draft) == ["account-already-matched"]
    assert candidates(desk) == {"u2": [number]}


@pytest.mark.parametrize(
    ("number", "code"), [(4711, "decided-account-missing"), (2, "account-protected"), (None, "account-already-matched")]
)
def test_not_every_account_can_be_chosen(desk: Desk, number, code):
    desk.run(some({}))
    number = number or desk.account("user1").id
    desk.decisions = {"u2": f"account:{number}"}
    draft = desk.plan(some({}, {}))
    assert (told(draft, "user"), codes(draft)) == ([], [code])
    assert [each.key for each in desk.unclear] == ["u2"]


def test_two_people_cannot_be_given_one_account(desk: Desk):
    number = desk.user(username="other", email="other@school.example")
    desk.decisions = {"u1": f"account:{number}", "u2": f"account:{number}"}
    draft = desk.plan(some({}, {}))
    assert told(draft, "user") == [("match", "u1")]
    assert codes(draft) == ["account-already-matched"]


def test_who_is_said_to_be_new_is_made(desk: Desk):
    desk.user(username="other", idnumber="u1", email="other@school.example")
    desk.plan(some({}), users={"match": "idnumber"})
    assert desk.unclear == []
    desk.decisions = {"u1": "new"}
    assert told(desk.run(some({})), "user") == [("create", "u1")]
    assert told(desk.plan(some({}))) == []


def test_unless_moodle_would_not_take_them(desk: Desk):
    desk.user(username="user1", idnumber="77", email="other@school.example")
    desk.decisions = {"u1": "new"}
    draft = desk.plan(some({}))
    assert (told(draft, "user"), codes(draft)) == ([], ["username-taken"])


def test_who_is_left_out_is_no_finding(desk: Desk):
    desk.user(username="user1", idnumber="77", email="other@school.example")
    desk.decisions = {"u1": "leave"}
    draft = desk.plan(some({}))
    assert (told(draft), codes(draft), desk.unclear) == ([], [], [])


def test_who_is_left_out_shares_nothing_with_the_others(desk: Desk):
    desk.decisions = {"u1": "leave"}
    draft = desk.plan(some({"email": "same@school.example"}, {"email": "same@school.example"}))
    assert (told(draft, "user"), codes(draft)) == ([("create", "u2")], [])


TAKEN = [({"username": "other"}, "username-taken"), ({"email": "Other@school.example"}, "email-taken")]


@pytest.mark.parametrize(("row", "code"), TAKEN)
def test_a_new_value_of_a_known_person_that_is_anothers_waits_and_the_rest_goes_on(desk: Desk, row, code):
    desk.run(some({}))
    desk.user(username="other", email="other@school.example")
    again = some(row | {"givenName": "Anna"})
    found = change(draft := desk.run(again), "user")
    assert (found["action"], found["after"], codes(draft)) == ("update", {"firstname": "Anna"}, [code])
    assert [each.code for each in desk.unclear] == [code]
    assert desk.account("user1").firstname == "Anna"
    draft = desk.plan(again)
    assert (told(draft), codes(draft)) == ([], [code])
    desk.decisions = {"u1": "leave"}
    draft = desk.plan(again)
    assert (told(draft), codes(draft)) == ([], [])


@pytest.mark.parametrize(("row", "code"), TAKEN)
def test_it_is_set_when_the_other_account_gives_it_up(desk: Desk, row, code):
    desk.run(some({}))
    other = desk.user(username="other", email="other@school.example")
    assert codes(desk.plan(some(row))) == [code]
    desk.moodle.users.update([{"id": other, "username": "third", "email": "third@school.example"}])
    draft = desk.run(some(row))
    assert (told(draft, "user"), codes(draft)) == ([("update", "u1")], [])


def test_known_people_who_would_come_to_share_a_value_wait(desk: Desk):
    desk.run(some({}, {}))
    draft = desk.plan(some({"username": "same"}, {"username": "same"}))
    assert (told(draft, "user"), codes(draft)) == ([], ["username-shared"] * 2)


def test_the_school_may_change_the_case_of_an_address(desk: Desk):
    desk.run(some({}))
    assert told(desk.run(some({"email": "User1@School.example"})), "user") == [("update", "u1")]


NAMES = st.sampled_from(["ann", "bob", "cleo"])
ROWS = st.lists(st.fixed_dictionaries({"username": NAMES, "email": NAMES, "idnumber": NAMES}), max_size=4)


@pytest.mark.long
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(accounts=ROWS, persons=ROWS, pairs=st.permutations(["username", "email", "idnumber"]), most=st.integers(1, 3))
def test_nobody_is_guessed(site: Running, accounts, persons, pairs, most):
    """Whoever is matched is the only one with the only account that any pair finds; everybody else waits or is new."""
    site.sandbox.reset()
    with TemporaryDirectory() as place, Desk.open(Path(place), site) as desk:
        check_that_nobody_is_guessed(desk, accounts, persons, pairs[:most])


def check_that_nobody_is_guessed(desk, accounts, persons, pairs):
    seen: list[tuple[int, dict[str, str]]] = []
    for row in accounts:
        if all(row[name] not in {known[name] for _, known in seen} for name in ("username", "email")):
            email = f"{row['email']}@school.example"
            seen.append((desk.user(**row | {"email": email}), row))
    made = some(
        *(
            {"username": row["username"], "email": f"{row['email']}@school.example", "identifier": row["idnumber"]}
            for row in persons
        )
    )
    rules = {"match": list(pairs), "fields": {"idnumber": "{person.identifier}"}}
    draft = desk.plan(made, users=rules)
    found = {
        f"u{number}": {account for account, known in seen for name in pairs if known[name] == row[name]}
        for number, row in enumerate(persons, 1)
    }
    matched = {row["key"]: row["moodle_id"] for row in draft.changes.iter_rows(named=True) if row["action"] == "match"}
    for key, number in matched.items():
        assert found[key] == {number}
        assert [other for other, theirs in found.items() if number in theirs] == [key]
    created = {row["key"] for row in draft.changes.iter_rows(named=True) if row["action"] == "create"}
    assert not any(found[key] for key in created)
    assert {each.key for each in desk.unclear} == set(found) - set(matched) - created
    assert desk.apply(draft).left == 0
