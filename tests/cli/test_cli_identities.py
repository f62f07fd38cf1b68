"""People who wait for a word, and the passwords that a run handed out."""

import csv
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_desk import Desk

from matricula.moodle import Moodle
from matricula.sandbox import Running
from matricula.sandbox.school import School


@pytest.fixture
def moodle(site: Running) -> Iterator[Moodle]:
    with Moodle(site.url, site.tokens["admin"]) as moodle:
        yield moodle


@pytest.fixture
def namesake(moodle: Moodle, school: School) -> int:
    """An account with a student's user name that is somebody else's by all other fields."""
    (made,) = moodle.users.create(
        [
            {
                "username": school.students[0].username.lower(),
                "firstname": "Other",
                "lastname": "Person",
                "email": "other@elsewhere.example",
                "idnumber": "not-ours",
                "password": "Secret-123",
            }
        ]
    )
    return made.id


def test_who_waits_is_listed_with_accounts_and_the_commands_that_settle_it(
    ready: Desk, namesake: int, school: School
) -> None:
    assert "Nobody waits" in ready("identities").out
    ready("plan")
    key = school.students[0].sourced_id
    told = ready("identities")
    assert f"account {namesake}:" in told.words
    assert "other@elsewhere.example" in told.words
    assert re.findall(r"matricula identities settle .*", told.out) == [
        f"matricula identities settle {key} --account {namesake}",
        f"matricula identities settle {key} --new",
        f"matricula identities settle {key} --leave",
    ]
    (found,) = ready("identities", "default", "--json").json["identities"]
    assert (found["key"], found["state"], found["decision"]) == (key, "open", None)
    assert found["candidates"][0]["id"] == namesake


def test_the_very_command_that_is_printed_settles_it(
    ready: Desk, namesake: int, school: School, moodle: Moodle
) -> None:
    ready("plan")
    (command,) = re.findall(r"matricula (identities settle .* --account .*)", ready("identities").out)
    assert ready(*command.split()).status == 0
    assert "Nobody waits" in ready("identities").out
    assert f"account {namesake}" in ready("identities", "--all").words
    assert ready("run", "--yes").status == 0
    (account,) = moodle.users.find("id", [namesake])
    assert account.idnumber == school.students[0].sourced_id


def test_left_out_and_open_again(ready: Desk, namesake: int, school: School) -> None:
    ready("plan")
    key = school.students[0].sourced_id
    assert ready("identities", "settle", key, "--leave").status == 0
    assert "account-contradicts" not in [each["code"] for each in ready("plan", "--json").json["findings"]]
    assert ready("identities", "reopen", key).status == 0
    assert "account-contradicts" in [each["code"] for each in ready("plan", "--json").json["findings"]]
    assert f"account {namesake}:" in ready("identities").words


def test_a_person_may_be_named_by_name(ready: Desk, namesake: int) -> None:
    ready("plan")
    (found,) = ready("identities", "--json").json["identities"]
    assert ready("identities", "settle", found["name"].upper(), "--new").status == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["nobody", "--new"], "identity-unknown"),
        (["nobody"], "identity-unsaid"),
        (["nobody", "--new", "--leave"], "identity-unsaid"),
    ],
)
def test_wrong_words_are_refused(ready: Desk, arguments: list[str], code: str) -> None:
    told = ready("identities", "settle", *arguments, "--json")
    assert (told.status, told.json["error"]["code"]) == (2, code)


def test_who_has_an_account_cannot_be_given_another(ready: Desk, moodle: Moodle, school: School) -> None:
    ready("run", "--yes")
    student = school.students[0]
    moodle.users.create(
        [
            {
                "username": "other",
                "firstname": "Other",
                "lastname": "Person",
                "email": "new@school.example",
                "password": "Secret-123",
            }
        ]
    )
    users = next(ready.home.parent.glob("roster/users.csv"))
    users.write_text(users.read_text().replace(student.email, "new@school.example"))
    assert ready("run", "--yes").status in (0, 4)
    settle = re.findall(r"matricula identities settle .*", ready("identities").out)
    assert settle == [f"matricula identities settle {student.sourced_id} --leave"]
    told = ready("identities", "settle", student.sourced_id, "--new", "--json")
    assert told.json["error"]["code"] == "identity-known"
    assert ready("identities", "settle", student.sourced_id, "--leave").status == 0
    assert "email-taken" not in [each["code"] for each in ready("plan", "--json").json["findings"]]


def passwords(file: Path) -> dict[str, dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return {row["username"]: row for row in csv.DictReader(opened)}


def test_a_run_hands_out_the_passwords_of_the_accounts_it_made(ready: Desk, school: School, tmp_path: Path) -> None:
    ready("run", "--yes")
    file = tmp_path / "first.csv"
    told = ready("passwords", 1, "--to", file)
    assert (told.status, str(file) in told.words.replace(" ", "")) == (0, True)
    found = passwords(file)
    assert len(found) == len(school.students) + len(school.staff)
    row = found[school.students[0].username.lower()]
    assert list(row) == ["name", "username", "email", "kind", "password"]
    assert row["kind"] == "student"
    assert len({each["password"] for each in found.values()}) == len(found)
    assert all(each["password"] not in heard for each in found.values() for heard in ready.heard)
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_file_is_never_replaced(ready: Desk, tmp_path: Path) -> None:
    ready("run", "--yes")
    file = tmp_path / "first.csv"
    file.write_text("mine")
    assert ready("passwords", 1, "--to", file, "--json").json["error"]["code"] == "file-exists"
    assert file.read_text() == "mine"
    nowhere = tmp_path / "nowhere" / "first.csv"
    assert ready("passwords", 1, "--to", nowhere, "--json").json["error"]["code"] == "file-not-writable"


def test_there_is_nothing_to_hand_out_where_no_password_was_set(ready: Desk, tmp_path: Path) -> None:
    document = tmp_path / "none.yaml"
    document.write_text(ready("dump", "profile", "default").out + "users: {auth: ldap, password: none}\n")
    assert ready("load", document).status == 0
    ready("run", "--yes")
    assert ready("passwords", 1, "--json").json == {"run": 1, "file": None, "accounts": 0}
    assert ready("passwords", 9).status == 2


def test_the_file_is_put_where_one_is(ready: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ready("run", "--yes")
    assert ready("passwords", 1, "--json").json == {"run": 1, "file": "passwords-1.csv", "accounts": 46}
    assert (tmp_path / "passwords-1.csv").exists()
