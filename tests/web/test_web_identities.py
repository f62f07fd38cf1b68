"""The queue of identities in the console."""

from dataclasses import replace
from urllib.parse import quote

import pytest
from records_desk import ODD_NAME
from web_browser import words

from matricula.hub.identities import settle, to_be_brought
from matricula.hub.waiting import Waiting, all_waiting, waiting_of


@pytest.fixture
def two(desk):
    """Two students whose user names are namesakes'; their accounts."""
    numbers = [desk.namesake(desk.north, each) for each in desk.north.school.students[:2]]
    desk.plan(desk.north)
    return numbers


def key_of(desk, number=0):
    """Whoever is first, or second, in the queue."""
    return [each.key for each in desk.service.store.identities.all("north-profile")][number]


def address(key):
    return f"/profiles/north-profile/identities/{quote(key, safe='')}"


def said(desk, key):
    return next(each for each in desk.service.store.identities.all("north-profile") if each.key == key)


def test_who_waits_is_listed_and_counted(desk, two, owner):
    page = owner.get("/identities")
    assert "2 people wait." in words(page)
    assert "The account may be a namesake's" in words(page)
    assert address(key_of(desk)) in page.text
    assert waiting_of(desk.service.store, "north-profile") == Waiting(identities=2)
    assert all_waiting(desk.service.store) == {"north-profile": Waiting(identities=2)}


def test_nobody_waits(desk, owner):
    assert "Nobody waits" in words(owner.get("/identities"))
    assert "Nobody waits for this reason" in words(owner.get("/identities?kind=username-shared"))
    assert "Nobody was settled yet" in words(owner.get("/identities?show=settled"))


def test_candidates_stand_beside_the_person_with_what_agrees(desk, two, owner):
    key = key_of(desk)
    student = next(each for each in desk.north.school.students if each.sourced_id == key)
    told = words(owner.get(address(key)))
    assert f"User name {student.username.lower()} agrees" in told
    assert "Name Other Person differs" in told
    assert f"E-mail address other-{key}@elsewhere.example differs" in told
    number = said(desk, key).candidates[0]["id"]
    assert f"{desk.north.site.url}/user/profile.php?id={number}" in owner.get(address(key)).text


def test_what_is_said_is_noted_and_leads_to_the_next(desk, two, owner):
    first, second = key_of(desk), key_of(desk, 1)
    number = said(desk, first).candidates[0]["id"]
    page = owner.fill_in(address(first), address(first), decision=f"account:{number}")
    assert page.url.path == f"/profiles/north-profile/identities/{second}"
    assert "The next plan goes by it. 1 person waits yet." in words(page)
    assert (said(desk, first).decision, said(desk, first).by) == (f"account:{number}", "owner-0")
    (noted,) = desk.service.store.audit.find(act="identity.")
    assert (noted.act, noted.by, noted.subject, noted.site) == (
        "identity.settled",
        "owner-0",
        f"person {first}",
        "north",
    )
    page = owner.fill_in(address(second), address(second), decision="leave")
    assert page.url.path == "/identities"
    assert "Nobody else waits." in words(page)
    assert [each.key for each in to_be_brought(desk.service.store, "north-profile")] == [first]
    page = owner.fill_in("/identities", "/profiles/north-profile/settled/plan")
    (job,) = desk.service.jobs.all()
    assert (page.url.path, job.kind, job.arguments) == (f"/jobs/{job.id}", "plan", {"only": [f"person:{first}"]})
    desk.run(desk.north, only=job.arguments["only"])
    assert desk.service.store.ledger.get("north-profile", "user", first).moodle_id == number
    assert to_be_brought(desk.service.store, "north-profile") == []
    assert "settled. The next plan" not in words(owner.get("/identities"))


def test_later_leads_on_and_changes_nothing(desk, two, owner):
    first, second = key_of(desk), key_of(desk, 1)
    page = owner.get(address(first))
    assert f'href="{address(second)}">Later' in page.text
    assert f'href="{address(first)}">Later' in owner.get(address(second)).text
    assert said(desk, first).decision is None


def test_another_account_can_be_named_and_must_be_a_number(desk, two, owner):
    key, other = key_of(desk), key_of(desk, 1)
    number = said(desk, other).candidates[0]["id"]
    for wrong in ("", "x", "-1", "1e3", "0"):
        page = owner.fill_in(address(key), address(key), decision="another", number=wrong)
        assert page.status_code == 400
        assert "This cannot be said of a person." in words(page)
    owner.fill_in(address(key), address(key), decision="another", number=f" {number} ")
    assert said(desk, key).decision == f"account:{number}"


def test_what_was_said_can_be_taken_back(desk, two, owner):
    key = key_of(desk)
    owner.fill_in(address(key), address(key), decision="new")
    assert key in owner.get("/identities?show=settled").text
    page = owner.fill_in(address(key), address(key), decision="reopen")
    assert page.url.path == address(key)
    assert (said(desk, key).state, said(desk, key).decision) == ("open", None)
    assert [each.act for each in desk.service.store.audit.find(act="identity.")] == [
        "identity.reopened",
        "identity.settled",
    ]


def test_of_somebody_with_an_account_only_what_can_be_said_is_offered(desk, owner):
    desk.run(desk.north)
    student = desk.north.school.students[0]
    desk.namesake(desk.north, student, username="other", email="new@school.example")

    def moved(row):
        return row | {"email": "new@school.example"} if row["sourcedId"] == student.sourced_id else row

    desk.north.edit("users", moved)
    desk.plan(desk.north)
    page = owner.get(address(student.sourced_id))
    assert "make a new account" not in words(page)
    assert "It cannot be said to be theirs." in words(page)
    page = owner.fill_in(address(student.sourced_id), address(student.sourced_id), decision="new")
    assert page.status_code == 400
    assert "has an account already" in words(page)
    owner.fill_in(address(student.sourced_id), address(student.sourced_id), decision="leave")
    assert said(desk, student.sourced_id).decision == "leave"


def test_viewers_see_and_cannot_say(desk, two, sign_in_as):
    viewer, other = sign_in_as("viewer", "north"), sign_in_as("operator", "south")
    key = key_of(desk)
    assert "What is to be done?" not in words(viewer.get(address(key)))
    assert viewer.fill_in("/identities", address(key), decision="new").status_code == 403
    assert viewer.fill_in("/identities", "/profiles/north-profile/settled/plan").status_code == 403
    assert "Nobody waits" in words(other.get("/identities"))
    assert other.get(address(key)).status_code == 404
    assert said(desk, key).decision is None


def test_who_is_not_in_the_queue_has_no_page(desk, owner):
    assert owner.get(address("nobody")).status_code == 404
    assert owner.get("/identities?profile=nothing").status_code == 404


def test_names_are_shown_harmlessly(desk, two, owner):
    store = desk.service.store
    odd = replace(
        said(desk, key_of(desk)),
        name=ODD_NAME,
        message=f"{ODD_NAME} has the user name of",
        candidates=({"id": 7, "username": "<b>u", "name": ODD_NAME, "email": '"><img src=x>', "idnumber": ""},),
    )
    store.identities.keep("north-profile", "user", [odd])
    for page in (owner.get("/identities"), owner.get(address(odd.key))):
        assert "<script>alert" not in page.text
        assert "<img src=x>" not in page.text
        assert "<bdi>Zoë &lt;script&gt;" in page.text


def test_the_command_line_is_noted_too(desk, two):
    key = key_of(desk)
    settle(desk.service.home, "north-profile", key, "new")
    (noted,) = desk.service.store.audit.find(act="identity.settled")
    assert (noted.subject, noted.words, noted.address) == (f"person {key}", "a new account", "")
