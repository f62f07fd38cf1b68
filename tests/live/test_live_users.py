"""Accounts on a real Moodle: fields, preferences, passwords, and who waits for a word.

    MATRICULA_LIVE_URL=https://moodle.example MATRICULA_LIVE_TOKEN=… ./dev live

Custom profile fields are tried where the site has a text field with the short name `house`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from corridor import Corridor
from real_site import ON_A_REAL_SITE, TOKEN, URL, clean_up
from small_school import SmallSchool

from matricula.hub.identities import settle
from matricula.hub.passwords import passwords_of_run
from matricula.moodle import User

pytestmark = ON_A_REAL_SITE

FIELDS = """users:
  fields:
    department: "Dept {person.familyName}"
    middlename: "{person.familyName}"
    phone1: "{person.familyName|first(15)}"
    city: {value: "{person.familyName}", write: create-only}
    institution: {value: "{person.familyName}", write: if-empty}
    country: DE
    mailformat: plain
    description: "<p>{person.familyName}</p>"
  profile_fields:
    house: "{person.familyName}"
    section: B
    boarder: "1"
  preferences: {htmleditor: textarea}
"""


@pytest.fixture
def open_corridor(tmp_path: Path) -> Iterator[Callable[[str], Corridor]]:
    opened = []

    def corridor(extra: str) -> Corridor:
        manager = Corridor.open(tmp_path / str(len(opened)), URL, TOKEN, extra=extra)
        opened.append((manager, manager.__enter__()))
        return opened[-1][1]

    yield corridor
    for manager, each in reversed(opened):
        try:
            clean_up(each)
        finally:
            manager.__exit__(None, None, None)


def run(corridor: Corridor) -> int:
    applied = corridor.hub.apply(corridor.plan().number)
    assert applied.left == 0, applied.states
    return applied.run


def account(corridor: Corridor, username: str) -> User:
    with corridor.moodle() as moodle:
        (found,) = moodle.users.find("username", [username])
    return found


def users_changed(corridor: Corridor) -> list[tuple[str, str]]:
    changes = corridor.plan().changes
    return changes.filter(changes["kind"] == "user").select("action", "key").rows()


def test_further_fields_come_and_follow(open_corridor: Callable[[str], Corridor], mark: str) -> None:
    corridor, school = open_corridor(FIELDS), SmallSchool(mark)
    school.write(corridor.folder)
    run(corridor)
    made, name = account(corridor, school.username(5)), "O’Néill & Søn 5"
    assert (made.department, made.city, made.institution) == (f"Dept {name}", name, name)
    assert (made.country, made.mail_format, made.description) == ("DE", 0, f"<p>{name}</p>")
    if made.custom_fields:
        assert made.custom_fields["house"] == name
    assert corridor.plan().changes.height == 0

    school.renamed(5, "Müller").write(corridor.folder)
    run(corridor)
    then = account(corridor, school.username(5))
    assert (then.department, then.city, then.institution) == ("Dept Müller", name, name)
    if then.custom_fields:
        assert then.custom_fields["house"] == "Müller"
    assert corridor.plan().changes.height == 0

    school.without(5).write(corridor.folder)
    run(corridor)
    assert account(corridor, school.username(5)).suspended
    school.renamed(5, "Möller").write(corridor.folder)
    run(corridor)
    then = account(corridor, school.username(5))
    assert (then.suspended, then.lastname, then.city) == (False, "Möller", name)
    assert corridor.plan().changes.height == 0


def test_the_passwords_handed_out_are_those_that_moodle_took(
    open_corridor: Callable[[str], Corridor], mark: str
) -> None:
    corridor, school = open_corridor("users: {force_change: true}\n"), SmallSchool(mark)
    school.write(corridor.folder)
    found = {row["username"]: row for row in passwords_of_run(corridor.home, run(corridor)).iter_rows(named=True)}
    assert len(found) == 15
    name = school.username(3)
    assert _signed_on(name, found[name]["password"] + "x") == "invalidlogin"
    assert _signed_on(name, found[name]["password"]) != "invalidlogin"


def _signed_on(username: str, password: str) -> str:
    asked = {"username": username, "password": password, "service": "moodle_mobile_app"}
    return str(httpx2.post(f"{URL}/login/token.php", data=asked, timeout=60).json().get("errorcode", ""))


def test_namesakes_wait_and_are_settled_and_others_get_numbers(
    open_corridor: Callable[[str], Corridor], mark: str
) -> None:
    rules = 'users: {taken_username: number, match: email, fields: {username: "%s.{person.givenName|lower}"}}\n'
    corridor, school = open_corridor(rules % mark), SmallSchool(mark)
    students = {number: ("Pupil", f"Low {number}") for number in range(3)}
    school = SmallSchool(mark, students)
    school.write(corridor.folder)
    with corridor.moodle() as moodle:
        row = {"firstname": "Other", "lastname": "Pupil", "password": "Pass.12345-x"}
        (other,) = moodle.users.create([row | {"username": f"{mark}.pupil2", "email": f"{mark}.other@school.example"}])
    try:
        run(corridor)
        names = [account(corridor, f"{mark}.pupil{number}").idnumber for number in ("", 3, 4)]
        assert names == [f"{mark}-s{number}" for number in range(3)]
        assert corridor.plan().changes.height == 0

        rows = corridor.folder / "users.csv"
        rows.write_text(rows.read_text().replace(school.email(1), f"{mark}.other@school.example"))
        assert users_changed(corridor) == []
        (waiting,) = corridor.hub.store.identities.all("default")
        assert (waiting.key, waiting.code, waiting.candidates[0]["id"]) == (f"{mark}-s1", "email-taken", other.id)
        settle(corridor.hub.home, "default", waiting.key, "leave")
        assert "email-taken" not in {finding.code for finding in corridor.plan().findings}
    finally:
        with corridor.moodle() as moodle:
            moodle.users.delete([other.id])
