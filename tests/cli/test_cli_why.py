"""`matricula why`: the answer in one sentence, and what it rests on."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from command_desk import Desk

from matricula.sandbox import Running
from matricula.sandbox.school import Person, School, SchoolClass


@pytest.fixture
def applied(ready: Desk) -> Desk:
    assert ready("run", "--yes").status == 0
    return ready


@pytest.fixture
def somebody(school: School) -> tuple[Person, SchoolClass]:
    """A student with an ordinary user name and one of the student's classes."""
    names = [person.name for person in school.students]
    person = next(each for each in school.students if each.email and names.count(each.name) == 1)
    return person, next(each for each in school.classes if person.sourced_id in each.students)


def about(answer: Any, topic: str) -> str:
    return " ".join(fact["says"] for fact in answer["facts"] if fact["about"] == topic)


def test_a_person_is_found_by_any_of_their_names(applied: Desk, somebody: tuple[Person, SchoolClass]) -> None:
    person, _ = somebody
    asked = (person.sourced_id, person.username, person.email.upper(), person.name, f"{person.family}, {person.given}")
    answers = [applied("why", each, "--json").json for each in asked]
    assert {answer["person_id"] for answer in answers} == {person.sourced_id}
    assert "active account" in answers[0]["verdict"]
    assert "users.csv line" in about(answers[0], "roster")
    assert "made by Matricula" in about(answers[0], "ledger")
    assert "run 1 (plan 1)" in about(answers[0], "ledger")
    assert person.username.lower() in about(answers[0], "moodle")


def test_an_enrolment_from_its_row_to_the_site(applied: Desk, somebody: tuple[Person, SchoolClass]) -> None:
    person, group = somebody
    answer = applied("why", person.name, group.sourced_id, "--json").json
    assert "is enrolled as student" in answer["verdict"]
    assert "enrollments.csv line" in about(answer, "roster")
    assert "the Moodle role student" in about(answer, "profile")
    by_title = applied("why", person.name, group.title)
    assert by_title.status == 0
    assert answer["verdict"] in by_title.words


def test_three_lines_name_row_rule_and_run(applied: Desk, somebody: tuple[Person, SchoolClass]) -> None:
    person, group = somebody
    told = applied("why", person.name, group.sourced_id)
    row, rule, run = (line["says"] for line in applied("why", person.name, group.sourced_id, "--json").json["lines"])
    assert "enrollments.csv line" in row
    assert "the Moodle role student" in rule
    assert "run 1 (plan 1)" in run
    paragraphs = [line for line in told.out.splitlines() if line and not line.startswith(" ")]
    assert [line.split()[0] for line in paragraphs[-4:]] == ["row", "rule", "run", "Everything"]
    assert all(" ".join(says.split()) in told.words for says in (row, rule, run))


def test_of_three_lines_one_tells_what_went_wrong(
    ready: Desk, site: Running, school: School, somebody: tuple[Person, SchoolClass]
) -> None:
    person, group = somebody
    site.faults.set(refuse_users=[person.username.lower()])
    ready("run", "--yes")
    lines = ready("why", person.sourced_id, group.sourced_id, "--json").json["lines"]
    assert "could not write it" in lines[2]["says"]
    parent = ready("why", school.parents[0].sourced_id, "--json").json["lines"]
    assert "users.parent.create" in parent[1]["says"]


def test_before_anything_was_applied(ready: Desk, somebody: tuple[Person, SchoolClass]) -> None:
    person, group = somebody
    answer = ready("why", person.sourced_id, group.sourced_id, "--json").json
    assert "is not enrolled" in answer["verdict"]
    assert "no plan has brought it yet" in answer["verdict"]
    ready("plan")
    answer = ready("why", person.sourced_id, "--json").json
    assert "not applied" in answer["verdict"]
    assert "Plan 1 (ready, not applied) would create it" in about(answer, "plan")


def test_not_in_the_course_because_the_roster_does_not_say_so(
    applied: Desk, school: School, somebody: tuple[Person, SchoolClass]
) -> None:
    person, _ = somebody
    other = next(each for each in school.classes if person.sourced_id not in each.students)
    answer = applied("why", person.sourced_id, other.sourced_id, "--json").json
    assert "is not enrolled" in answer["verdict"]
    assert "the roster does not say so" in answer["verdict"]
    assert "enrolments.gone" in answer["lines"][1]["says"]


def test_a_parent_gets_no_account_by_the_rules(applied: Desk, school: School) -> None:
    answer = applied("why", school.parents[0].sourced_id, "--json").json
    assert "has no account" in answer["verdict"]
    assert "users.parent.create" in about(answer, "profile")


def test_somebody_who_left_is_found_in_the_ledger(
    applied: Desk, school: School, deliver: Callable[[School], None]
) -> None:
    tomorrow, _ = school.next_day()
    there = {person.sourced_id for person in tomorrow.students}
    leaver = next(person for person in school.students if person.sourced_id not in there)
    group = next(each for each in school.classes if leaver.sourced_id in each.students)
    deliver(tomorrow)
    applied("run", "--yes")
    answer = applied("why", leaver.username, group.sourced_id, "--json").json
    assert "is suspended" in answer["verdict"]
    assert "left the roster" in answer["verdict"]
    assert "no longer in the roster" in about(answer, "roster")


def test_an_edit_made_in_moodle_is_told(applied: Desk, site: Running, somebody: tuple[Person, SchoolClass]) -> None:
    person, group = somebody
    with site.state.lock, site.state.transaction():
        site.state.run("UPDATE user SET lastname = 'Edited' WHERE idnumber = ?", person.sourced_id)
        site.state.run(
            "DELETE FROM user_enrolments WHERE userid = (SELECT id FROM user WHERE idnumber = ?)", person.sourced_id
        )
    answer = applied("why", person.sourced_id, group.sourced_id, "--json").json
    assert "“Edited”" in about(answer, "moodle")
    assert "somebody took the person out in Moodle" in answer["verdict"]


def test_a_row_that_was_left_out_is_told_with_its_finding(ready: Desk, school: School, tmp_path: Path) -> None:
    person = next(each for each in school.students if each.email)
    file = tmp_path / "roster" / "users.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f",{person.username},", ",not allowed!,", 1), encoding="utf-8")
    ready("run", "--yes")
    answer = ready("why", person.sourced_id, "--json").json
    assert "the row was left out" in answer["verdict"]
    assert "not allowed!" in about(answer, "finding")


def test_a_refusal_is_told_with_its_reason(ready: Desk, site: Running, somebody: tuple[Person, SchoolClass]) -> None:
    person, group = somebody
    site.faults.set(refuse_users=[person.username.lower()])
    ready("run", "--yes")
    answer = ready("why", person.sourced_id, group.sourced_id, "--json").json
    assert "Moodle refused it" in answer["verdict"]
    assert "Run 1 could not write it" in about(answer, "problem")


def test_namesakes_are_listed_and_asked_back(applied: Desk, school: School) -> None:
    names = [person.name for person in school.students]
    twice = next(name for name in names if names.count(name) > 1)
    told = applied("why", twice)
    assert told.status == 2
    for person in school.students:
        if person.name == twice:
            assert person.sourced_id in told.err


def test_nobody_and_nothing(applied: Desk, somebody: tuple[Person, SchoolClass]) -> None:
    assert applied("why", "Nobody At All").status == 2
    assert applied("why", somebody[0].sourced_id, "Alchemy").status == 2


def test_a_site_out_of_reach_still_leaves_an_answer(
    applied: Desk, tmp_path: Path, somebody: tuple[Person, SchoolClass]
) -> None:
    file = tmp_path / "site.yaml"
    file.write_text("kind: site\nname: moodle\nurl: http://127.0.0.1:1\n", encoding="utf-8")
    applied("load", file)
    told = applied("why", somebody[0].sourced_id, "--json")
    assert told.status == 0
    assert "Moodle could not be asked" in told.json["verdict"]


@pytest.mark.parametrize(
    ("settings", "verdict"),
    [
        ("users: {student: {create: false}}", "rules make none"),
        ('users: {only: {value: "{person.id}", like: nobody}}', "rules make none"),
        ("enrolments: {roles: {teacher: editingteacher}}\nusers: {without_enrolments: false}", "without_enrolments"),
    ],
)
def test_the_setting_that_keeps_somebody_from_an_account_is_told(
    ready: Desk, tmp_path: Path, somebody: tuple[Person, SchoolClass], settings: str, verdict: str
) -> None:
    file = tmp_path / "profile.yaml"
    file.write_text(f"kind: profile\nname: default\nsource: school\nsite: moodle\n{settings}\n", encoding="utf-8")
    assert ready("load", file).status == 0
    assert verdict in ready("why", somebody[0].sourced_id, "--json").json["verdict"]


def test_an_enrolment_before_the_sync_start_date_is_told(
    ready: Desk, tmp_path: Path, somebody: tuple[Person, SchoolClass]
) -> None:
    file = tmp_path / "profile.yaml"
    settings = "basis: subject\nenrolments: {since: 2999-01-01}"
    table = tmp_path / "roster" / "enrollments.csv"
    pl.read_csv(table, infer_schema=False).with_columns(beginDate=pl.lit("2026-09-01")).write_csv(table)
    file.write_text(f"kind: profile\nname: default\nsource: school\nsite: moodle\n{settings}\n", encoding="utf-8")
    assert ready("load", file).status == 0
    assert ready("run", "--yes").status == 0
    person, group = somebody
    answer = ready("why", person.sourced_id, group.sourced_id, "--json").json
    assert "begins before enrolments.since" in answer["verdict"]
    assert answer["course_id"].startswith("subject:")
