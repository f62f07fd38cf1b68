"""`matricula verify`, and the way from what it says to a site that agrees again."""

import re
from pathlib import Path

import pytest
from command_desk import Desk

from matricula.planning import ENTITIES
from matricula.sandbox import Running, running
from matricula.sandbox.functions.course_state import delete_course
from matricula.sandbox.recycling import Backup, recycle, restore_course
from matricula.sandbox.school import School
from matricula.store import Store


def codes(desk: Desk) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = desk("verify", "--json").json["counts"]
    return counts


def plans(desk: Desk) -> int:
    with Store.open(desk.home / "matricula.db") as store:
        return len(store.plans.all("default"))


def test_what_differs_is_named_with_what_mends_it_and_then_all_agrees(
    ready: Desk, site: Running, school: School
) -> None:
    assert codes(ready)["not-made-yet"]["user"] == 46
    assert ready("run", "--yes").status == 0
    assert ready("verify").status == 0
    assert "agree" in ready("verify").out
    state, first, second = site.state, school.students[0].username.lower(), school.students[1].username.lower()
    courses = [row["id"] for row in state.all("SELECT id FROM course WHERE id > 1 ORDER BY id")]
    with state.lock, state.transaction():
        state.run(
            "UPDATE user SET username = 'bob', email = 'bob@else.example', idnumber = '' WHERE username = ?", first
        )
        state.run("UPDATE user SET firstname = 'Otherwise' WHERE username = ?", second)
        recycled = recycle(state, courses[0])
        delete_course(state, courses[0])
        restore_course(state, recycled)
        copy = restore_course(state, recycled, beside=True)
    before = state.value("SELECT COUNT(*) FROM user")
    told = ready("verify")
    assert told.status == 4
    assert "is “bob” now" in told.words
    assert "seems to be a restored copy" in told.words
    found = codes(ready)
    assert found["somebody-else"]["user"] == 1
    assert found["other-id"]["course"] == 1
    assert found["edited"] == {"user": 1}
    assert found["double"] == {"course": 1}
    assert plans(ready) == 1
    assert ready("plan", "--full").status == 0
    (command,) = re.findall(r"matricula (identities settle .* --new)", ready("identities").out)
    assert ready(*command.split()).status == 0
    assert ready("plan").status == 0
    assert ready("apply", 3).status == 0
    state.run("UPDATE course SET shortname = 'kept' WHERE id = ?", copy)
    assert set(codes(ready)) == {"edited"}
    assert state.value("SELECT COUNT(*) FROM user") == before + 1


def test_a_site_restored_from_a_backup_is_mended_after_a_word(ready: Desk, site: Running, school: School) -> None:
    backup = Backup(site.state)
    assert ready("run", "--yes").status == 0
    backup.restore()
    assert "site-went-back" in codes(ready)
    told = ready("plan")
    assert told.status == 3
    assert 'matricula apply 2 --release "restored site"' in told.words
    assert ready("apply", 2, "--release", "restored site").status == 0
    assert ready("verify").status == 0
    assert ready("plan").status == 0


def test_a_lost_ledger_is_adopted(ready: Desk, site: Running) -> None:
    assert ready("run", "--yes").status == 0
    with Store.open(ready.home / "matricula.db") as store:
        for kind in ENTITIES:
            store.ledger.forget("default", kind, store.ledger.frame("default", kind)["key"])
    assert "matricula plan --adopt" in ready("plan").words
    assert ready("plan", "--adopt").status == 0
    assert ready("apply", 3).status == 0
    assert ready("verify").status == 0
    assert site.state.value("SELECT COUNT(*) FROM user_enrolments WHERE status = 1") == 0


def test_a_merged_account_is_settled_by_the_command_that_is_printed(ready: Desk, site: Running, school: School) -> None:
    assert ready("run", "--yes").status == 0
    state, first = site.state, school.students[0].username.lower()
    with state.lock, state.transaction():
        old = state.one("SELECT * FROM user WHERE username = ?", first)
        assert old
        state.update("user", old["id"], username="merged-away", email="old@school.example", suspended=1)
        new = state.insert("user", username=first, firstname="A", lastname="B", email="survivor@school.example")
        for table in ("user_enrolments", "role_assignments"):
            state.run(f"UPDATE {table} SET userid = ? WHERE userid = ?", new, old["id"])
    assert ready("plan", "--full").status == 0
    told = ready("identities")
    assert "--new" not in told.out
    (command,) = re.findall(r"matricula (identities settle .* --account .*)", told.out)
    assert ready("identities", "settle", school.students[0].sourced_id, "--new").status == 2
    assert ready(*command.split()).status == 0
    planned = ready("plan", "--json").json
    assert planned["counts"] == {"user": {"match": 1}}
    assert ready("apply", planned["plan"]).status == 0
    assert ready("plan", "--json").json["counts"] == {}
    assert ready("verify").status == 0


@pytest.mark.parametrize("plugins", [False, True], ids=["plain", "by the plugin"])
def test_doubles_are_found_among_accounts_and_courses_of_nobody(
    desk: Desk, school: School, tmp_path: Path, plugins: bool
) -> None:
    with running("empty", plugins=plugins) as site:
        school.write(tmp_path / "roster")
        (tmp_path / "token").write_text(site.tokens["admin"])
        told = ("--moodle", site.url, "--roster", tmp_path / "roster", "--token-file", tmp_path / "token")
        assert desk("init", *told).status == 0
        assert desk("run", "--yes").status == 0
        state, person = site.state, school.students[0]
        names = {"firstname": "A", "lastname": "B"}
        state.insert("user", username="again", email="again@school.example", idnumber=person.sourced_id, **names)
        state.insert("user", username="asleep", email="a@b.example", idnumber=person.sourced_id, suspended=1, **names)
        state.insert("user", username="other", email="other@school.example", idnumber="", **names)
        found = desk("verify", "--json").json["differences"]
    (double,) = [each for each in found if each["code"] == "double"]
    assert double["kind"] == "user"
    assert "also that of again (id" in double["told"]
