"""A manual run: only the people, classes and courses that are named."""

import csv
from pathlib import Path

import pytest
from command_desk import Desk

from matricula.hub import Home
from matricula.sandbox.school import School


@pytest.fixture
def student(school: School) -> str:
    return school.students[1].username.lower()


def test_a_run_for_one_person_writes_what_concerns_them_and_nothing_else(ready: Desk, student: str) -> None:
    told = ready("run", "--only", student, "--yes", "--json")
    assert told.status == 0, told.all
    assert told.json["counts"]["user"] == {"create": 1}
    assert told.json["applied"]["outcomes"] == {"done": told.json["changes"]}
    assert len(told.json["only"]) == 1
    again = ready("run", "--only", student, "--yes")
    assert "Nothing to do" in again.out


def test_several_may_be_named_and_the_plan_says_whom_it_is_for(ready: Desk, school: School) -> None:
    first, second = school.students[1], school.students[2]
    told = ready("plan", "--only", first.sourced_id, "--only", f"{second.given} {second.family}")
    assert told.status == 0, told.all
    assert f"Only: {first.given} {first.family}, {second.given} {second.family}" in told.words
    assert "create 2 users" in told.words


def test_a_class_is_named_by_its_code_and_comes_with_its_people(ready: Desk, school: School) -> None:
    told = ready("plan", "--only", school.classes[0].sourced_id, "--json").json
    assert told["counts"]["course"] == {"create": 1}
    assert told["counts"]["user"]["create"] == sum(told["counts"]["enrolment"].values())
    assert ready("plan", "--only", school.classes[0].code, "--json").json["counts"] == told["counts"]


@pytest.mark.parametrize("name", ["nobody", "e"])
def test_a_name_that_means_nobody_is_refused_and_parts_of_names_do_not_do(ready: Desk, name: str) -> None:
    told = ready("run", "--only", name, "--yes")
    assert told.status == 2
    assert f"a person, class or course “{name}”" in told.words
    assert ready("history", "--json").json["plans"] == []


def test_a_name_of_several_people_is_refused_with_their_ids(ready: Desk, tmp_path: Path) -> None:
    named = rename(tmp_path / "roster" / "users.csv", "Ann", "Lee")
    told = ready("plan", "--only", "Ann Lee")
    assert told.status == 2
    assert all(each in told.out + told.err for each in named)


def rename(file: Path, given: str, family: str) -> list[str]:
    """Give the first two people one name; their sourcedIds."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows[:2]:
        row |= {"givenName": given, "familyName": family, "preferredFirstName": ""}
        row |= {name: "" for name in row if name.startswith("preferred")}
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return [row["sourcedId"] for row in rows[:2]]


def states(desk: Desk) -> dict[int, str]:
    return {plan["plan"]: plan["state"] for plan in desk("history", "--json").json["plans"]}


def test_a_partial_plan_puts_no_waiting_plan_of_all_away(ready: Desk, student: str) -> None:
    ready("plan")
    ready("plan", "--only", student)
    ready("run", "--only", student, "--yes")
    assert states(ready) == {1: "ready", 2: "superseded", 3: "applied"}
    ready("run", "--yes")
    assert states(ready) == {1: "superseded", 2: "superseded", 3: "applied", 4: "applied"}


def test_only_a_plan_of_all_counts_as_the_profiles_delivery(ready: Desk, student: str) -> None:
    def last() -> object:
        with Home(ready.home) as home:
            return home.store.deliveries.last("default")

    ready("plan", "--only", student)
    assert last() is None
    ready("plan")
    assert last() is not None
