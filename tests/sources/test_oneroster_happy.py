import datetime as dt
import zipfile

import polars as pl
import pytest
from deliveries import ROSTER_11, USERS, csv_text, deliver, header_of, ids, read, roster_12, user

from matricula.roster import TABLES

COUNTS = {
    "orgs": 1,
    "academicSessions": 1,
    "courses": 1,
    "classes": 2,
    "users": 3,
    "roles": 3,
    "enrollments": 4,
}


@pytest.mark.parametrize(("version", "tables"), [("1.1", ROSTER_11), ("1.2", roster_12())])
def test_reads_every_table_of_a_clean_delivery_without_a_finding(tmp_path, version, tables):
    roster = read(deliver(tmp_path, tables, version), strict=True)
    assert roster.counts() == COUNTS
    assert roster.findings == ()
    assert all(roster.scope.covers(name) for name in TABLES)
    assert roster.unreadable == {}


@pytest.mark.parametrize(("version", "tables"), [("1.1", ROSTER_11), ("1.2", roster_12())])
def test_frames_have_the_declared_schema_even_with_no_rows(tmp_path, version, tables):
    roster = read(deliver(tmp_path, tables, version))
    alone = read(deliver(tmp_path / "alone", {"users": tables["users"]}, version))
    for name, table in TABLES.items():
        assert dict(roster.table(name).schema) == table.schema
        assert dict(alone.table(name).schema) == table.schema


def test_both_versions_give_the_same_roster_but_for_the_sourced_ids_of_roles(tmp_path):
    old = read(deliver(tmp_path / "old"))
    new = read(deliver(tmp_path / "new", roster_12(), "1.2"))
    for name in TABLES:
        without = ["sourcedId", "line"] if name == "roles" else ["line"]
        assert old.table(name).drop(without).equals(new.table(name).drop(without)), name


def test_cells_are_typed(tmp_path):
    roster = read(deliver(tmp_path))
    assert roster.users["enabledUser"].to_list() == [True, True, True]
    assert roster.users["orgSourcedIds"].to_list() == [["o1"]] * 3
    assert roster.users["middleName"].to_list() == [None] * 3
    assert roster.classes["grades"].to_list() == [["09", "10"]] * 2
    assert roster.enrollments["beginDate"].to_list() == [dt.date(2026, 8, 1)] * 4
    assert roster.academicSessions["schoolYear"].to_list() == ["2027"]


def test_user_of_1_1_in_two_schools_has_a_role_in_each(tmp_path):
    tables = ROSTER_11 | {
        "orgs": [*ROSTER_11["orgs"], {"sourcedId": "o2", "name": "Elm School", "type": "school"}],
        "users": [user(1, "teacher", orgSourcedIds="o2, o1")],
        "enrollments": [],
    }
    roster = read(deliver(tmp_path, tables))
    assert roster.users["orgSourcedIds"].to_list() == [["o2", "o1"]]
    assert roster.roles.select("userSourcedId", "role", "roleType", "orgSourcedId", "line").rows() == [
        ("u1", "teacher", "primary", "o2", 2),
        ("u1", "teacher", "primary", "o1", 2),
    ]


def test_user_of_1_2_shows_the_primary_role_and_its_school_first(tmp_path):
    tables = roster_12()
    tables["orgs"] = [*tables["orgs"], {"sourcedId": "o2", "name": "Elm School", "type": "school"}]
    common = {"userSourcedId": "u1", "beginDate": "2026-08-01"}
    tables["roles"] = [
        common | {"sourcedId": "r1", "roleType": "secondary", "role": "parent", "orgSourcedId": "o1"},
        common | {"sourcedId": "r2", "roleType": "primary", "role": "principal", "orgSourcedId": "o2"},
        *tables["roles"][1:],
    ]
    roster = read(deliver(tmp_path, tables, "1.2"))
    first = roster.users.filter(pl.col("sourcedId") == "u1")
    assert first["role"].to_list() == ["principal"]
    assert first["orgSourcedIds"].to_list() == [["o2", "o1"]]


def test_passwords_reach_no_frame(tmp_path):
    deliver(tmp_path)
    rows = [row | {"password": "hunter2"} for row in USERS]
    (tmp_path / "users.csv").write_text(csv_text(header_of("users", "1.1"), rows), newline="")
    roster = read(tmp_path, strict=True)
    assert ids(roster, "users") == ["u1", "u2", "u3"]
    assert "password" not in roster.users.columns
    assert "hunter2" not in str(roster.users.rows())


def test_zip_reads_like_the_folder(tmp_path):
    folder = deliver(tmp_path / "folder")
    path = tmp_path / "roster.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    zipped, plain = read(path, strict=True), read(folder)
    assert all(zipped.table(name).equals(plain.table(name)) for name in TABLES)


def test_line_breaks_and_quotes_in_values_keep_line_numbers_right(tmp_path):
    users = [
        user(1, "teacher", givenName='Ann "Annie"', familyName="Two\nlines, and\n\na blank one"),
        user(2, username="before,after"),
        user(3),
    ]
    roster = read(deliver(tmp_path, ROSTER_11 | {"users": users}))
    assert roster.findings == ()
    assert roster.users["line"].to_list() == [2, 6, 7]
    assert roster.users["givenName"][0] == 'Ann "Annie"'
    assert roster.users["familyName"][0] == "Two\nlines, and\n\na blank one"
    assert roster.users["username"][1] == "before,after"
    assert roster.place_of("users", "u3") == "users.csv line 7"


def test_place_of_a_record_that_is_not_there_is_the_file(tmp_path):
    roster = read(deliver(tmp_path))
    assert roster.place_of("users", "nobody") == "users.csv"
    assert roster.place_of("roles", "nobody") == "users.csv"


def test_names_of_300_characters_html_and_capitals_are_kept(tmp_path):
    odd = user(2, givenName="<b>Bo</b>", familyName="x" * 300, username="UPPER.Case")
    roster = read(deliver(tmp_path, ROSTER_11 | {"users": [USERS[0], odd, USERS[2]]}), strict=True)
    assert roster.users.row(1, named=True)["givenName"] == "<b>Bo</b>"
    assert roster.users.row(1, named=True)["familyName"] == "x" * 300
    assert roster.users.row(1, named=True)["username"] == "UPPER.Case"


def test_blanks_around_values_go(tmp_path):
    roster = read(deliver(tmp_path, ROSTER_11 | {"users": [user(1, "teacher ", givenName=" Ann Lee "), *USERS[1:]]}))
    assert roster.findings == ()
    assert roster.users["givenName"][0] == "Ann Lee"
