"""Plans that wait for a person: what holds them, what their deliveries leave behind, and how they are released."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from matricula.errors import HeldError, StopError
from matricula.hub import Home, Hub, Target
from matricula.planning import Draft, checksum
from matricula.planning.change import changes_frame
from matricula.sandbox import Running, running

Row = dict[str, str]
DOCUMENTS = """
kind: site
name: moodle
url: {url}
---
kind: source
name: school
type: oneroster-csv
path: {folder}
---
kind: profile
name: default
source: school
site: moodle
"""
MANIFEST = [
    {"propertyName": "manifest.version", "value": "1.0"},
    {"propertyName": "oneroster.version", "value": "1.1"},
    *(
        {"propertyName": f"file.{name}", "value": "bulk"}
        for name in ("orgs", "academicSessions", "courses", "classes", "users", "enrollments")
    ),
]
PLACES = {f"c{number}": [f"{number}{seat}" for seat in range(6)] for number in range(1, 12)}


class School:
    """A school of eleven classes of six, and the hub that it is brought to a Moodle by."""

    def __init__(self, hub: Hub, folder: Path, site: Running) -> None:
        self.hub = hub
        self.folder = folder
        self.site = site
        folder.mkdir()
        self.write("manifest", MANIFEST)
        self.write("orgs", [{"sourcedId": "o1", "name": "Oak", "type": "school"}])
        self.write("academicSessions", [_session()])
        self.write("courses", [{"sourcedId": "co1", "title": "English", "orgSourcedId": "o1"}])
        self.write("classes", [_class(key) for key in PLACES])
        self.write("users", [_user(key) for keys in PLACES.values() for key in keys])
        self.write("enrollments", [_place(key, user) for key, users in PLACES.items() for user in users])

    def write(self, name: str, rows: list[Row]) -> None:
        with (self.folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    def rows(self, name: str) -> list[Row]:
        with (self.folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def change(self, name: str, to: Callable[[Row], Row | None]) -> None:
        """Alter every row of a file; those of which nothing is left are cut off."""
        self.write(name, [row for old in self.rows(name) if (row := to(old))])

    def plan(self, *only: str) -> Any:
        return self.hub.plan("default", only=only)

    def held(self) -> list[str]:
        """The codes of what holds a new plan."""
        return [str(hold["code"]) for hold in self.plan().record.held]

    def state(self, number: int) -> str:
        return self.hub.store.plans.get(number).state


def _session() -> Row:
    return {"sourcedId": "y", "title": "2026/27", "type": "schoolYear", "schoolYear": "2027"} | {
        "startDate": "2026-08-01",
        "endDate": "2027-07-31",
    }


def _class(key: str) -> Row:
    same = {"classType": "scheduled", "courseSourcedId": "co1", "schoolSourcedId": "o1", "termSourcedIds": "y"}
    return {"sourcedId": key, "title": f"Class {key}", "classCode": key.upper()} | same


def _user(key: str) -> Row:
    same = {"enabledUser": "true", "orgSourcedIds": "o1", "role": "student", "identifier": f"i{key}"}
    name = {"givenName": f"Given{key}", "familyName": f"Family{key}"}
    return {"sourcedId": key, "username": f"user{key}", "email": f"user{key}@oak.example"} | name | same


def _place(key: str, user: str) -> Row:
    same = {"schoolSourcedId": "o1", "role": "student"}
    return {"sourcedId": f"{key}-{user}", "classSourcedId": key, "userSourcedId": user} | same


@contextmanager
def begun(place: Path) -> Iterator[School]:
    """A school of which everything is on the site."""
    with running("empty") as site, Home.make(place / "home") as home:
        home.load(DOCUMENTS.format(url=site.url, folder=place / "csv"), "test", place)
        home.keep_token("moodle", site.tokens["admin"])
        made = School(Hub(home), place / "csv", site)
        assert made.hub.apply(made.plan().number).left == 0
        yield made


@pytest.fixture
def school(tmp_path: Path) -> Iterator[School]:
    with begun(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def planned_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """One of which plans are only made, and whose files each test puts back."""
    with begun(tmp_path_factory.mktemp("school")) as made:
        yield made


def empty_a_course(school: School) -> None:
    school.change("enrollments", lambda row: None if row["classSourcedId"] == "c4" else row)


def blank_emails(school: School) -> None:
    school.change("users", lambda row: row | {"email": ""})


def give_other_keys(school: School) -> None:
    def other(key: str) -> str:
        return f"00000000-0000-4000-8000-{key:0>12}"

    school.change("users", lambda row: row | {"sourcedId": other(row["sourcedId"])})
    school.change("enrollments", lambda row: row | {"userSourcedId": other(row["userSourcedId"])})


def cut_users(school: School) -> None:
    school.write("users", school.rows("users")[:30])


def forget_years(school: School) -> None:
    school.change("classes", lambda row: row | {"termSourcedIds": ""})


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        (empty_a_course, "course-emptied"),
        (blank_emails, "column-blank"),
        (give_other_keys, "key-type-changed"),
        (cut_users, "rows-down"),
        (forget_years, "column-blank"),
    ],
)
def test_a_bad_delivery_is_held_each_time_that_it_comes(
    planned_only: School, harm: Callable[[School], None], code: str
) -> None:
    school = planned_only
    whole = {name: school.rows(name) for name in ("classes", "users", "enrollments")}
    harm(school)
    first, second = school.plan(), school.plan()
    assert code in [hold["code"] for hold in first.record.held]
    assert second.record.held == first.record.held, "a held delivery is no yardstick"
    school.hub.reject(second.number, "a bad export")
    assert school.plan().record.held == first.record.held, "nor is a rejected one"
    for name, rows in whole.items():
        school.write(name, rows)
    assert school.plan().record.state == "ready"


def test_a_delivery_that_a_person_says_is_right_is_the_next_yardstick(school: School) -> None:
    empty_a_course(school)
    blank_emails(school)
    school.write("users", school.rows("users")[:40])
    held = school.plan()
    told = ["26 fewer users", "blank 1 column of users", "26 fewer roles", "32 fewer enrollments"]
    assert held.words == ", ".join(["suspend 26 users", "empty 1 course", *told])
    with pytest.raises(HeldError) as error:
        school.hub.apply(held.number, "yes")
    assert f'matricula apply {held.number} --release "{held.words}"' in error.value.remedy
    assert f"matricula reject {held.number}" in error.value.remedy
    assert school.hub.apply(held.number, held.words).left == 0
    again = school.plan()
    assert (again.record.state, again.changes.height) == ("ready", 0)


def test_a_delivery_that_is_released_is_the_next_yardstick_though_its_run_fails(school: School) -> None:
    blank_emails(school)
    held = school.plan()
    school.site.faults.set(maintenance=True)
    with pytest.raises(Exception, match="maintenance"):
        school.hub.apply(held.number, held.words)
    school.site.faults.set(maintenance=False)
    assert school.state(held.number) == "released"
    assert school.held() == []


def test_a_delivery_that_comes_back_whole_needs_nobody_and_outdates_what_waited(school: School) -> None:
    whole = school.rows("users")
    cut_users(school)
    waiting, for_one = school.plan(), school.plan("user10")
    assert (waiting.record.state, for_one.record.state) == ("held", "held")
    school.write("users", whole)
    mended = school.plan()
    assert mended.record.state == "ready"
    assert (school.state(waiting.number), school.state(for_one.number)) == ("superseded", "held")
    with pytest.raises(StopError, match="superseded"):
        school.hub.apply(waiting.number, waiting.words)


def test_a_manual_run_is_held_by_its_delivery_and_leaves_the_yardstick(school: School) -> None:
    blank_emails(school)
    for_one = school.plan("user10")
    assert [hold["code"] for hold in for_one.record.held] == ["column-blank"]
    school.hub.apply(for_one.number, for_one.words)
    assert school.held() == ["column-blank"]


def test_a_later_yardstick_stays_when_an_older_plan_is_released(school: School) -> None:
    empty_a_course(school)
    older = school.plan()
    assert older.record.state == "held"
    later = {"users": {"rows": 1, "filled": {}, "keys": "", "length": 0}}
    school.hub.store.deliveries.note("default", {}, datetime.now(UTC), later)
    school.hub.apply(older.number, older.words)
    last = school.hub.store.deliveries.last("default")
    assert last is not None
    assert last.shape == later


def test_a_released_plan_leaves_alone_what_a_person_edited_while_it_waited(school: School) -> None:
    empty_a_course(school)
    school.change("users", lambda row: row | {"givenName": f"New{row['sourcedId']}"} if row["username"] in FEW else row)
    held = school.plan()
    assert (held.record.state, held.changes.height) == ("held", 9)
    edited = school.hub.store.ledger.get("default", "user", "21")
    assert edited is not None
    with school.hub.ground(school.hub.home.profile("default")) as ground:
        ground.moodle.users.update([{"id": edited.moodle_id or 0, "firstname": "By hand"}])
    applied = school.hub.apply(held.number, held.words)
    assert applied.states == {"done": 8, "stale": 1}
    (left,) = school.hub.store.journal.outcomes(applied.run).filter(state="stale").iter_rows(named=True)
    assert held.changes.row(left["change"] - 1, named=True)["key"] == "21"
    assert "By hand" in left["reason"]
    with school.hub.ground(school.hub.home.profile("default")) as ground:
        names = {user.username: user.firstname for user in ground.moodle.users.find("username", sorted(FEW))}
    assert names == {"user20": "New20", "user21": "By hand", "user22": "New22"}


FEW = {"user20", "user21", "user22"}


def test_a_publication_is_measured_by_the_profiles_yardstick(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "matricula.hub.hub.drafted", lambda *_: Draft(changes_frame([]), (), (), checksum(changes_frame([])))
    )
    blank_emails(school)
    planned = school.hub.plan_publication("default", Target("postgresql://nobody@localhost/none"))
    assert [hold["code"] for hold in planned.record.held] == ["column-blank"]
