"""From the files to the plan: a row that cannot be used today removes nobody."""

import csv
from pathlib import Path

import polars as pl
import pytest
from desk import Desk, told
from rosters import people, roster

from matricula.planning import Draft
from matricula.roster import Roster
from matricula.sandbox.school import School
from matricula.sources.oneroster_csv.source import OneRosterCsv, OneRosterCsvSettings


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    School.generate(seed=3, students=24, staff=4, classes=6).write(tmp_path / "csv")
    return tmp_path / "csv"


def read(folder: Path) -> Roster:
    return OneRosterCsv(OneRosterCsvSettings(path=folder)).deliver().roster()


def change_line(file: Path, column: str, value: str, role: str = "student") -> dict[str, str]:
    """Change a cell of the first student's line; the line as it was."""
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    chosen = next(row for row in rows if row["role"] == role)
    before = dict(chosen)
    chosen[column] = value
    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return before


def removals(draft: Draft) -> list[tuple[str, str]]:
    return draft.changes.filter(pl.col("removes")).select("kind", "key").rows()


def test_a_student_whose_role_in_a_class_is_unknown_today_is_not_suspended(desk: Desk, folder: Path):
    desk.run(read(folder))
    row = change_line(folder / "enrollments.csv", "role", "pupil")
    draft = desk.plan(read(folder))
    assert [finding.code for finding in read(folder).findings] == ["role-unknown"]
    assert removals(draft) == []
    assert f"{row['userSourcedId']}\t{row['classSourcedId']}" not in draft.changes["key"]


@pytest.mark.parametrize("column", ["userSourcedId", "classSourcedId"])
def test_nor_one_whose_row_has_lost_its_person_or_class(desk: Desk, folder: Path, column: str):
    desk.run(read(folder))
    change_line(folder / "enrollments.csv", column, "")
    assert removals(desk.plan(read(folder))) == []


def test_a_row_that_is_taken_out_suspends_just_that_enrolment(desk: Desk, folder: Path):
    desk.run(read(folder))
    row = change_line(folder / "enrollments.csv", "status", "")
    lines = (folder / "enrollments.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(row["sourcedId"] + ",")]
    (folder / "enrollments.csv").write_text("".join(kept), encoding="utf-8")
    pair = f"{row['userSourcedId']}\t{row['classSourcedId']}"
    assert removals(desk.plan(read(folder))) == [("enrolment", pair)]


def test_nobody_leaves_a_course_of_several_classes_while_one_of_these_cannot_be_read(desk: Desk):
    classes = [{}, {"sourcedId": "c2", "classCode": "B", "title": "Modest Mole"}]
    places = [{"sourcedId": f"e{n}", "userSourcedId": f"u{n}", "classSourcedId": f"c{n}"} for n in (1, 2)]
    desk.run(roster(classes=classes, enrollments=places, **people({}, {})), basis="subject", groups=[])
    lost = {"classes": frozenset({"c2"})}
    half = roster(classes=classes[:1], enrollments=places, unreadable=lost, **people({}, {}))
    assert removals(desk.plan(half)) == []
    nobody = {"classes": classes[:1], "enrollments": places[:1], "unreadable": lost, **people({}, {})}
    assert removals(desk.plan(roster(**nobody, pairs=[("u2", "c2")]))) == []
    assert removals(desk.plan(roster(**nobody, pairs=[("", "c2")]))) == []
    assert removals(desk.plan(roster(**nobody))) == [("enrolment", "u2\tsubject:co1")]


@pytest.mark.parametrize(("column", "value"), [("role", "pupil"), ("username", "not allowed")])
def test_a_person_whose_row_cannot_be_used_keeps_account_and_places(desk: Desk, folder: Path, column: str, value: str):
    desk.run(read(folder))
    change_line(folder / "users.csv", column, value)
    assert told(desk.plan(read(folder))) == []
