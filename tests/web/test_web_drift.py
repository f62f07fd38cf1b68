"""Fields edited in Moodle in the console: told, accepted, put back, one by one and all of a field."""

import re
from dataclasses import replace

import pytest
from records_desk import ODD_NAME
from web_browser import words

from matricula.hub.waiting import waiting_of

HERE = "/profiles/north-profile/drift"


@pytest.fixture
def edited(desk):
    """Two students whose names somebody edited."""
    desk.run(desk.north)
    students = desk.north.school.students[:2]
    for each in students:
        desk.edited(desk.north, each, firstname="Edited", lastname="By Hand")
    return students


def states(desk):
    return {(each.key, each.field): each.state for each in desk.service.store.drift.all("north-profile")}


def form_of(page, name, decision):
    """The hidden fields of the form that says something of one edit."""
    for form in re.findall(r"<form.*?</form>", page.text, re.S):
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        if fields.get("decision") == decision and name in form:
            return fields
    raise AssertionError(f"no form for {name}")


def test_nothing_was_edited(desk, owner):
    told = words(owner.get("/drift"))
    assert "Nothing that Matricula keeps in step was found edited in Moodle." in told


def test_edits_are_told_field_by_field(desk, edited, owner):
    page = owner.get("/drift?profile=north-profile")
    told = words(page)
    first = edited[0]
    assert f"First name {first.given} Edited" in told
    assert "Leave edits as they are." in told
    assert "It is left as it is." in told
    assert f"/profiles/north-profile/people/{first.sourced_id}" in page.text
    assert waiting_of(desk.service.store, "north-profile").drift == 4
    assert "Last name" not in words(owner.get("/drift?field=firstname")).split("One by one")[1]


def test_one_edit_is_accepted_and_noted(desk, edited, owner):
    first, second = edited
    fields = form_of(owner.get("/drift"), f"First name of {first.given}", "accepted")
    page = owner.post(f"{HERE}/one", data=fields)
    assert "1 field is listed no more" in words(page)
    assert states(desk) == {
        (first.sourced_id, "firstname"): "accepted",
        (first.sourced_id, "lastname"): "open",
        (second.sourced_id, "firstname"): "open",
        (second.sourced_id, "lastname"): "open",
    }
    (noted,) = desk.service.store.audit.find(act="drift.")
    assert (noted.act, noted.by, noted.subject, noted.words) == (
        "drift.accepted",
        "owner-0",
        f"person {first.sourced_id}",
        "user firstname",
    )
    assert "It is accepted." not in words(owner.get("/drift"))
    assert "It is accepted." in words(owner.get("/drift?show=all"))


def test_one_edit_is_put_back_by_the_next_plan(desk, edited, owner):
    first = edited[0]
    owner.post(f"{HERE}/one", data=form_of(owner.get("/drift"), f"Last name of {first.given}", "put-back"))
    assert "The next plan puts it back." in words(owner.get("/drift"))
    desk.run(desk.north)
    with desk.north.moodle() as moodle:
        (now,) = moodle.users.find("idnumber", [first.sourced_id])
    assert (now.firstname, now.lastname) == ("Edited", first.family)


def test_all_edits_of_a_field_are_decided_after_a_look(desk, edited, owner):
    asked = f"{HERE}/all?kind=user&field=firstname&decision=put-back"
    page = owner.get(asked)
    assert "Put back 2 edits of “First name of account”?" in words(page)
    assert set(states(desk).values()) == {"open"}
    page = owner.post(f"{HERE}/all", data=form_of(page, "firstname", "put-back"))
    assert "the next plan puts 2 fields back" in words(page)
    assert {field: state for (_, field), state in states(desk).items()} == {"firstname": "put-back", "lastname": "open"}
    (noted,) = desk.service.store.audit.find(act="drift.")
    assert noted.subject == "2 records"
    assert "Nothing is left to decide" in words(owner.get(asked))


def test_what_moved_meanwhile_is_not_decided_unseen(desk, edited, owner):
    one = form_of(owner.get("/drift"), f"First name of {edited[0].given}", "accepted")
    every = form_of(owner.get(f"{HERE}/all?kind=user&field=firstname&decision=accepted"), "firstname", "accepted")
    desk.edited(desk.north, edited[0], firstname="Again")
    page = owner.post(f"{HERE}/one", data=one)
    assert (page.status_code, "It has changed in Moodle" in words(page)) == (400, True)
    page = owner.post(f"{HERE}/all", data=every)
    assert (page.status_code, "It has changed in Moodle" in words(page), "Again" in words(page)) == (400, True, True)
    assert set(states(desk).values()) == {"open"}


def test_nonsense_is_refused(desk, edited, owner):
    fields = form_of(owner.get("/drift"), "First name", "accepted")
    assert owner.post(f"{HERE}/one", data=fields | {"decision": "burn"}).status_code == 400
    assert owner.post(f"{HERE}/one", data=fields | {"key": "nobody"}).status_code == 404
    assert set(states(desk).values()) == {"open"}


def test_other_sites_are_not_seen_and_viewers_press_nothing(desk, edited, sign_in_as, owner):
    viewer, other = sign_in_as("viewer", "north"), sign_in_as("operator", "south")
    fields = form_of(owner.get("/drift"), "First name", "accepted")
    assert "Edited" in words(viewer.get("/drift"))
    assert "<button>Accept" not in viewer.get("/drift").text
    del fields["csrf"]
    for browser, status in ((viewer, 403), (other, 404)):
        assert browser.fill_in("/", f"{HERE}/one", **fields).status_code == status
        assert browser.get(f"{HERE}/all?kind=user&field=firstname&decision=accepted").status_code == status
    assert "Nothing that Matricula keeps in step" in words(other.get("/drift"))
    assert set(states(desk).values()) == {"open"}


def test_names_and_values_are_shown_harmlessly(desk, edited, owner):
    store = desk.service.store
    odd = [replace(each, name=ODD_NAME, seen=ODD_NAME) for each in store.drift.all("north-profile")]
    store.drift.replace("north-profile", {}, odd)
    for page in (owner.get("/drift"), owner.get(f"{HERE}/all?kind=user&field=firstname&decision=accepted")):
        assert "<script>alert" not in page.text
        assert "<bdi>Zoë &lt;script&gt;" in page.text
