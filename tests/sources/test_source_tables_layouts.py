"""Layouts known by name: Microsoft School Data Sync V1, V2 and V2.1."""

from importlib.resources import files
from pathlib import Path

import pytest
from deliveries import real_rosters
from own_tables import codes, found, lines, rows, write

from matricula.errors import SettingError, StopError
from matricula.roster import Roster
from matricula.sources import open_source
from matricula.sources.tables.layouts import layout
from matricula.sources.tables.settings import TablesSettings

NAMES = [path.name.removesuffix(".yaml") for path in files("matricula.sources").joinpath("layouts").iterdir()]
GUARDIANS = ["user.csv", "guardianrelationship.csv"]


def read(path: Path, name: str, **others: object) -> Roster:
    return open_source({"type": "tables", "path": str(path), "layout": name, **others}).deliver().roster()


def test_every_layout_is_a_choice_and_may_be_copied_into_a_schools_own_document():
    annotation = TablesSettings.model_fields["layout"].annotation
    assert {"none", *NAMES} == set(annotation.__args__)
    for name in NAMES:
        text = files("matricula.sources").joinpath("layouts", f"{name}.yaml").read_text(encoding="utf-8")
        assert "Source: " in text
        assert layout(name)


def v1(folder: Path, **changes: str) -> Path:
    texts = {
        "School": lines(("SIS ID", "Name"), ("10", "Oak School")),
        "Section": lines(
            ("SIS ID", "School SIS ID", "Section Name", "Term SIS ID", "Term Name", "Term StartDate", "Term EndDate",
             "Course SIS ID", "Course Name", "Course Number", "Course Subject"),
            ("s1", "10", "Physics 7A", "t1", "Autumn", "8/17/2026", "12/18/2026", "c1", "Physics", "PH", "Science"),
            ("s2", "10", "Physics 7B", "t1", "Autumn", "8/17/2026", "12/18/2026", "c1", "Physics", "PH", "Science"),
        ),
        "Student": lines(
            ("SIS ID", "School SIS ID", "First Name", "Last Name", "Username", "Password", "Secondary Email", "Grade"),
            ("1", "10", "Ann", "Lee", "alee", "secret", "al@oak.example", "7"),
            ("2", "10", "Ben", "Öst", "boest", "secret", "", "7"),
        ),
        "Teacher": lines(
            ("SIS ID", "School SIS ID", "Username", "First Name", "Last Name"), ("t9", "10", "thill", "Tom", "Hill")
        ),
        "StudentEnrollment": lines(("Section SIS ID", "SIS ID"), ("s1", "1"), ("s2", "2")),
        "TeacherRoster": lines(("Section SIS ID", "SIS ID"), ("s1", "t9"), ("s2", "t9")),
    }  # fmt: skip
    return write(folder, **{name: text for name, text in (texts | changes).items() if text})


def test_v1(tmp_path):
    roster = read(v1(tmp_path), "microsoft-sds-v1", absent=GUARDIANS)
    assert rows(roster, "users", "sourcedId", "username", "givenName", "role", "email") == {
        ("1", "alee", "Ann", "student", "al@oak.example"),
        ("2", "boest", "Ben", "student", None),
        ("t9", "thill", "Tom", "teacher", None),
    }
    assert rows(roster, "classes", "sourcedId", "title", "courseSourcedId", "schoolSourcedId") == {
        ("s1", "Physics 7A", "c1", "10"),
        ("s2", "Physics 7B", "c1", "10"),
    }
    assert rows(roster, "courses", "sourcedId", "title", "courseCode") == {("c1", "Physics", "PH")}
    assert [str(day) for day in roster.academicSessions.select("startDate", "endDate").row(0)] == [
        "2026-08-17",
        "2026-12-18",
    ]
    assert rows(roster, "enrollments", "userSourcedId", "classSourcedId", "role") == {
        ("1", "s1", "student"),
        ("2", "s2", "student"),
        ("t9", "s1", "teacher"),
        ("t9", "s2", "teacher"),
    }
    assert codes(roster) == set()
    assert {"users", "classes", "enrollments"} <= roster.scope.complete


def test_v1_with_the_least_columns(tmp_path):
    roster = read(
        v1(
            tmp_path,
            Section=lines(("SIS ID", "School SIS ID", "Section Name"), ("s1", "10", "7A"), ("s2", "10", "7B")),
            Student=lines(("SIS ID", "School SIS ID", "Username"), ("1", "10", "alee"), ("2", "10", "boest")),
        ),
        "microsoft-sds-v1",
        absent=GUARDIANS,
    )
    assert (roster.users.height, roster.classes.height, roster.courses.height, roster.enrollments.height) == (
        3,
        2,
        0,
        4,
    )
    assert codes(roster) == set()


def test_v1_with_the_columns_of_the_uk(tmp_path):
    folder = v1(tmp_path)
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8").replace("School SIS ID", "School DfE Number")
        text = text.replace("Section SIS ID", "Section ID")
        own = "DfE Number" if path.name == "School.csv" else "ID"
        head, _, body = text.partition("\n")
        names = [own if name == "SIS ID" else name for name in head.split(",")]
        path.write_text(",".join(names) + "\n" + body, encoding="utf-8")
    roster = read(folder, "microsoft-sds-v1", absent=GUARDIANS)
    assert (roster.users.height, roster.enrollments.height) == (3, 4)
    assert codes(roster) == set()


def test_v1_guardians(tmp_path):
    folder = v1(
        tmp_path,
        User=lines(("Email", "First Name", "Last Name", "Phone", "SIS ID"), ("pa@x.example", "Pat", "Lee", "+491", "")),
        GuardianRelationship=lines(("SIS ID", "Email", "Role"), ("1", "pa@x.example", "Parent")),
    )
    roster = read(folder, "microsoft-sds-v1")
    assert ("pa@x.example", "guardian") in rows(roster, "users", "sourcedId", "role")
    assert roster.users.filter(roster.users["sourcedId"] == "1")["agentSourcedIds"].to_list() == [["pa@x.example"]]
    assert roster.scope.covers("users")


def test_v1_without_guardians_frees_nobody_until_it_is_said(tmp_path):
    roster = read(v1(tmp_path), "microsoft-sds-v1")
    assert [finding.file for finding in found(roster, "part-absent")] == ["user.csv"]
    assert not roster.scope.covers("users")
    assert roster.scope.covers("enrollments")


def test_v1_without_the_places_of_students_keeps_the_places_of_all(tmp_path):
    roster = read(v1(tmp_path, StudentEnrollment=""), "microsoft-sds-v1", absent=GUARDIANS)
    assert roster.enrollments.height == 2
    assert not roster.scope.covers("enrollments")


def test_v1_without_a_file_that_it_needs(tmp_path):
    with pytest.raises(StopError, match=r"student\.csv"):
        read(v1(tmp_path, Student=""), "microsoft-sds-v1")


def test_a_part_of_ones_own_takes_the_place_of_the_layouts(tmp_path):
    own = {
        "file": "Student.csv",
        "holds": "people",
        "role": "student",
        "columns": {"sourcedId": "SIS ID", "username": "Username", "metadata.house": {"value": "Red"}},
    }
    roster = read(v1(tmp_path), "microsoft-sds-v1", absent=GUARDIANS, files=[own])
    assert rows(roster, "users", "sourcedId", "metadata.house") == {("1", "Red"), ("2", "Red"), ("t9", None)}


def test_an_unknown_layout_is_refused_with_those_there_are(tmp_path):
    with pytest.raises(SettingError, match=r"microsoft-sds-v2\.1"):
        read(tmp_path, "microsoft-sds-v3")


def test_a_real_v2_sample():
    roster = read(real_rosters() / "ms-sds-2", "microsoft-sds-v2")
    assert (roster.orgs.height, roster.users.height, roster.classes.height, roster.enrollments.height) == (5, 29, 4, 29)
    assert rows(roster, "orgs", "type") == {("national",), ("school",)}
    assert {"student", "teacher"} <= {role for (role,) in rows(roster, "users", "role")}
    assert codes(roster) == set()


def test_a_real_v2_1_sample():
    roster = read(real_rosters() / "ms-sds-2.1", "microsoft-sds-v2.1")
    assert roster.counts() == {
        "orgs": 4,
        "academicSessions": 2,
        "courses": 3,
        "classes": 2,
        "users": 8,
        "roles": 10,
        "enrollments": 6,
    }
    assert rows(roster, "enrollments", "userSourcedId", "role") >= {("114006", "teacher"), ("114007", "teacher")}
    two = roster.users.filter(roster.users["sourcedId"] == "114007")
    assert two["orgSourcedIds"].to_list() == [["110004", "110003"]]
    assert ("114002", "guardian") in rows(roster, "users", "sourcedId", "role")
    assert "password" not in roster.users.columns
    assert codes(roster) == set()
    assert roster.scope.covers("users")
