import csv
import os
from pathlib import Path

import pytest

from matricula.sandbox.school import School

SHARED = Path(os.environ.get("MATRICULA_SHARED", Path(__file__).parents[3] / "shared"))
EXAMPLES = {"1.1": "highschool-1.1", "1.2": "catalyst-delta-1.2"}


def _rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module", params=["1.1", "1.2"])
def package(request, tmp_path_factory):
    school = School.generate()
    folder = tmp_path_factory.mktemp("package") / "new"
    school.write(folder, request.param)
    return request.param, folder, school


def test_manifest_names_every_file_of_the_version(package):
    version, folder, _school = package
    manifest = {row["propertyName"]: row["value"] for row in _rows(folder / "manifest.csv")}
    assert manifest["manifest.version"] == "1.0"
    assert manifest["oneroster.version"] == version
    files = {name.removeprefix("file."): said for name, said in manifest.items() if name.startswith("file.")}
    assert len(files) == {"1.1": 13, "1.2": 21}[version]
    assert {name for name, said in files.items() if said == "bulk"} == {
        path.stem for path in folder.iterdir() if path.stem != "manifest"
    }
    assert set(files.values()) == {"bulk", "absent"}


def test_columns_are_those_of_real_exports(package):
    version, folder, _school = package
    example = SHARED / "sis" / "oneroster" / EXAMPLES[version]
    if not example.is_dir():
        pytest.skip(f"no real export of OneRoster {version} in {SHARED / 'sis'}")
    for path in folder.iterdir():
        assert path.open().readline().strip() == (example / path.name).open().readline().strip()


def test_bulk_rows_leave_status_and_date_blank(package):
    _version, folder, _school = package
    for path in folder.glob("*.csv"):
        if path.stem != "manifest":
            assert {(row["status"], row["dateLastModified"]) for row in _rows(path)} == {("", "")}
            assert not [row for row in _rows(path) if None in row or None in row.values()]


def test_every_reference_is_kept(package):
    _version, folder, _school = package
    ids = {path.stem: {row.get("sourcedId") for row in _rows(path)} for path in folder.glob("*.csv")}
    targets = {
        "parentSourcedId": ids["orgs"] | ids["academicSessions"],
        "schoolYearSourcedId": ids["academicSessions"],
        "termSourcedIds": ids["academicSessions"],
        "orgSourcedId": ids["orgs"],
        "orgSourcedIds": ids["orgs"],
        "schoolSourcedId": ids["orgs"],
        "primaryOrgSourcedId": ids["orgs"],
        "courseSourcedId": ids["courses"],
        "classSourcedId": ids["classes"],
        "userSourcedId": ids["users"],
        "agentSourcedIds": ids["users"],
    }
    for path in folder.glob("*.csv"):
        for row in _rows(path):
            for column in row.keys() & targets.keys():
                assert set(filter(None, row[column].split(","))) <= targets[column]


def test_everybody_is_written_with_the_role(package):
    version, folder, school = package
    users = {row["sourcedId"]: row for row in _rows(folder / "users.csv")}
    roles = (
        {who: row["role"] for who, row in users.items()}
        if version == "1.1"
        else {row["userSourcedId"]: row["role"] for row in _rows(folder / "roles.csv")}
    )
    assert len(users) == 600 + 60 + len(school.parents)
    for person in school.people():
        row = users[person.sourced_id]
        assert (row["givenName"], row["familyName"], row["email"]) == (person.given, person.family, person.email)
        assert roles[person.sourced_id] == (
            "siteAdministrator" if (version, person.role) == ("1.2", "administrator") else person.role
        )


def test_enrolments_are_written_with_one_responsible_teacher(package):
    _version, folder, school = package
    rows = _rows(folder / "enrollments.csv")
    assert len(rows) == school.enrolment_count
    assert len({row["sourcedId"] for row in rows}) == len(rows)
    responsible = [row["classSourcedId"] for row in rows if row["primary"] == "true"]
    assert sorted(responsible) == sorted(each.sourced_id for each in school.classes)


def test_the_school_year_is_named_by_its_end(package):
    _version, folder, _school = package
    sessions = _rows(folder / "academicSessions.csv")
    assert [row["type"] for row in sessions] == ["schoolYear", "term", "term", "term"]
    assert {row["schoolYear"] for row in sessions} == {"2027"}


def test_an_older_package_leaves_nothing_behind(tmp_path):
    school = School.generate(students=20, staff=5, classes=4)
    school.write(tmp_path, "1.2")
    school.write(tmp_path, "1.1")
    assert not (tmp_path / "roles.csv").exists()


def test_other_versions_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"version 1\.1 or 1\.2"):
        School.generate(students=20, staff=5, classes=4).write(tmp_path, "1.0")
    assert not list(tmp_path.iterdir())
