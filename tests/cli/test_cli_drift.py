"""What was edited in Moodle, as a person at the command line sees it and decides about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from command_desk import Desk

from matricula.moodle import Moodle, User
from matricula.sandbox import Running
from matricula.sandbox.school import School


@pytest.fixture
def moodle(site: Running) -> Iterator[Moodle]:
    with Moodle(site.url, site.tokens["admin"]) as moodle:
        yield moodle


@pytest.fixture
def ann(ready: Desk, moodle: Moodle, school: School) -> User:
    """A student whose first and last name somebody edited."""
    assert ready("run", "--yes").status == 0
    (ann,) = moodle.users.find("username", [school.students[0].username.lower()])
    moodle.users.update([{"id": ann.id, "firstname": "Edited", "lastname": "By Hand"}])
    return ann


def test_edits_are_told_by_plan_listed_by_field_and_gone_when_accepted(ready: Desk, ann: User) -> None:
    assert "edited in Moodle" not in ready("plan").out
    assert "Nothing that Matricula keeps in step was found edited" in ready("drift").out
    assert "2 fields were edited in Moodle: matricula drift" in ready("plan", "--full").out
    told = ready("drift")
    assert f"firstname: {ann.firstname} → Edited" in told.words
    assert f"lastname: {ann.lastname} → By Hand" in told.words
    assert told.words.count("it is left as it is") == 2
    assert "Everything was looked at since" in told.words
    assert ready("drift", "accept", ann.idnumber, "--field", "firstname").status == 0
    assert "Edited" not in ready("drift").out
    assert "1 field accepted as edited" in ready("drift").words
    assert "Edited" in ready("drift", "--all").out
    assert ready("plan", "--json").json["edited"] == 1
    assert ready("drift", "accept", "--kind", "user").status == 0
    assert ready("plan", "--full", "--json").json["edited"] == 0


def test_one_edit_is_put_back_by_the_plan_that_shows_it(ready: Desk, ann: User, moodle: Moodle) -> None:
    ready("plan", "--full")
    name = f"{ann.firstname} {ann.lastname}"
    told = ready("drift", "put-back", name.upper(), "--field", "lastname", "--kind", "user")
    assert (told.status, "matricula plan" in told.out) == (0, True)
    assert "the next plan puts it back" in told.words
    assert moodle.users.find("id", [ann.id])[0].lastname == "By Hand"
    assert ready("run", "--yes").status == 0
    now = moodle.users.find("id", [ann.id])[0]
    assert (now.firstname, now.lastname) == ("Edited", ann.lastname)
    assert [each["field"] for each in ready("drift", "--json").json["drift"]] == ["firstname"]


def test_the_list_can_be_narrowed(ready: Desk, ann: User) -> None:
    ready("plan", "--full")
    assert len(ready("drift", "--kind", "user", "--json").json["drift"]) == 2
    assert ready("drift", "--kind", "course", "--json").json["drift"] == []
    assert ready("drift", "--name", "nobody at all", "--json").json["drift"] == []
    assert len(ready("drift", "--name", ann.lastname.upper(), "--json").json["drift"]) == 2
    (first, _) = ready("drift", "default", "--json").json["drift"]
    assert (first["key"], first["written"], first["seen"]) == (ann.idnumber, ann.firstname, "Edited")
    assert (first["state"], first["policy"]) == ("open", "leave")


@pytest.mark.parametrize(
    ("arguments", "code"), [((), "drift-unsaid"), (("nobody",), "drift-unknown"), (("--kind", "x"), "drift-unknown")]
)
def test_what_is_meant_must_be_clear(ready: Desk, arguments: tuple[str, ...], code: str) -> None:
    told = ready("drift", "accept", *arguments, "--json")
    assert (told.status, told.json["error"]["code"]) == (2, code)


def test_why_says_what_becomes_of_an_edit(ready: Desk, ann: User, tmp_path) -> None:
    assert "Edits made in Moodle stand until" in ready("why", ann.idnumber, "--all").words
    file = tmp_path / "again.yaml"
    document = ready("dump", "profile", "default").out
    file.write_text(document + "\ndrift: {user: {lastname: put-back}}\n", encoding="utf-8")
    assert ready("load", file).status == 0
    assert "The next plan that looks at it puts it back" in ready("why", ann.idnumber, "--all").words
