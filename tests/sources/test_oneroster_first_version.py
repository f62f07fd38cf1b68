"""OneRoster CSV 1.0: no manifest, fewer columns, some under other names. Its rows are read as rows of 1.1."""

from pathlib import Path

import pytest
from deliveries import csv_text, deliver, deliver_now, found, read

from matricula.roster import DeliveryRefusedError

COLUMNS = {
    "orgs": "sourcedId status dateLastModified name type identifier metadata.classification metadata.gender "
    "metadata.boarding parentSourcedId",
    "academicSessions": "sourcedId status dateLastModified title type startDate endDate parentSourcedId",
    "courses": "sourcedId status dateLastModified schoolYearId metadata.duration title courseCode grade orgSourcedId "
    "subjects",
    "classes": "sourcedId status dateLastModified title grade courseSourcedId classCode classType location "
    "schoolSourcedId termSourcedId subjects",
    "users": "sourcedId status dateLastModified orgSourcedIds role username userId givenName familyName identifier "
    "email sms phone agents",
    "enrollments": "sourcedId classSourcedId schoolSourcedId userSourcedId role status dateLastModified primary",
}
PERSON = {"orgSourcedIds": "o1", "givenName": "Ann", "familyName": "Lee"}
SCHOOL = {
    "orgs": [{"sourcedId": "o1", "name": "Oak School", "type": "school", "metadata.boarding": "day"}],
    "academicSessions": [
        {
            "sourcedId": "y",
            "title": "2026/27",
            "type": "schoolYear",
            "startDate": "2026-08-01",
            "endDate": "2027-07-31",
        },
        {"sourcedId": "t1", "title": "Autumn", "type": "term", "startDate": "2026-08-01", "endDate": "2026-12-20"}
        | {"parentSourcedId": "y"},
    ],
    "courses": [{"sourcedId": "co1", "schoolYearId": "y", "title": "Physics", "grade": "09", "orgSourcedId": "o1"}],
    "classes": [
        {"sourcedId": "c1", "title": "Physics 1", "grade": "09", "courseSourcedId": "co1", "classType": "scheduled"}
        | {"schoolSourcedId": "o1", "termSourcedId": "t1"}
    ],
    "users": [
        PERSON | {"sourcedId": "u1", "role": "teacher", "username": "ann"},
        PERSON | {"sourcedId": "u2", "role": "student", "username": "bea", "userId": "bea7", "agents": "u3"},
        PERSON | {"sourcedId": "u3", "role": "parent", "username": "cay"},
    ],
    "enrollments": [
        {"sourcedId": "e1", "classSourcedId": "c1", "schoolSourcedId": "o1", "userSourcedId": "u1", "role": "teacher"},
        {"sourcedId": "e2", "classSourcedId": "c1", "schoolSourcedId": "o1", "userSourcedId": "u2", "role": "student"},
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, rows in SCHOOL.items():
        (tmp_path / f"{name}.csv").write_bytes(csv_text(COLUMNS[name].split(), rows).encode())
    return tmp_path


def test_it_is_read_without_a_finding_and_is_complete(folder):
    delivery = deliver_now(folder)
    roster = delivery.roster()
    assert (delivery.version, roster.findings) == ("1.1", ())
    assert delivery.notes == ("The files are of OneRoster 1.0; they were read as complete.",)
    assert all(roster.scope.covers(name) for name in (*SCHOOL, "roles"))
    assert read(folder, strict=True).counts() == roster.counts()


def test_columns_of_other_names_come_under_those_of_1_1(folder):
    roster = read(folder)
    assert roster.courses.select("schoolYearSourcedId", "grades").row(0) == ("y", ["09"])
    assert roster.classes.select("termSourcedIds", "grades").row(0) == (["t1"], ["09"])
    assert roster.users.select("userIds", "agentSourcedIds").row(1) == (["bea7"], ["u3"])
    assert roster.roles["role"].to_list() == ["teacher", "student", "parent"]
    assert roster.orgs["metadata.boarding"].to_list() == ["day"]
    assert roster.users["enabledUser"].to_list() == [None, None, None]


def test_columns_of_another_order_are_told(folder):
    header = COLUMNS["enrollments"].split()
    header.sort()
    (folder / "enrollments.csv").write_bytes(csv_text(header, SCHOOL["enrollments"]).encode())
    assert [finding.code for finding in read(folder).findings] == ["header-order"]


@pytest.mark.parametrize("version", ["1.0", ""])
def test_a_manifest_that_says_so_is_followed(folder, version):
    lines = ["propertyName,value", f"oneroster.version,{version}", *(f"file.{name},bulk" for name in SCHOOL)]
    (folder / "manifest.csv").write_text("\n".join(lines))
    roster = read(folder)
    assert roster.findings == ()
    assert roster.classes["termSourcedIds"].to_list() == [["t1"]]


def test_a_manifest_that_gives_its_own_version_for_that_of_the_files_does_not_mislead(tmp_path):
    deliver(tmp_path)
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("oneroster.version,1.1", "oneroster.version,1.0"))
    roster = read(tmp_path)
    assert roster.findings == ()
    assert roster.users["enabledUser"].to_list() == [True, True, True]


def test_files_of_1_1_without_a_manifest_are_no_files_of_1_0(tmp_path):
    delivery = deliver_now(deliver(tmp_path, manifest=False))
    assert [finding.code for finding in delivery.book] == ["manifest-missing"]
    assert delivery.notes == ()


def test_records_marked_as_gone_make_a_table_incomplete(folder):
    rows = [SCHOOL["users"][0], SCHOOL["users"][1] | {"status": "tobedeleted"}, SCHOOL["users"][2]]
    (folder / "users.csv").write_bytes(csv_text(COLUMNS["users"].split(), rows).encode())
    roster = read(folder)
    assert roster.users.height == 3
    assert not roster.scope.covers("users")
    assert found(roster, "changes-suspected")


def test_strict_mode_looks_at_its_cells_too(folder):
    rows = [SCHOOL["classes"][0] | {"sourcedId": "c 1"}]
    (folder / "classes.csv").write_bytes(csv_text(COLUMNS["classes"].split(), rows).encode())
    with pytest.raises(DeliveryRefusedError, match="A sourcedId holds"):
        read(folder, strict=True)


def test_it_is_known_by_any_of_its_files_in_any_encoding(folder):
    (folder / "users.csv").write_bytes((folder / "users.csv").read_bytes().decode().encode("utf-16"))
    roster = read(folder)
    assert roster.classes["termSourcedIds"].to_list() == [["t1"]]
    assert [finding.code for finding in roster.findings] == ["encoding-other"]
