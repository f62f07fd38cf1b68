"""Columns that a school's system adds: `metadata.house` and the like."""

import tempfile
from pathlib import Path

import polars as pl
import pytest
from deliveries import COURSES, ENROLLMENTS, ROSTER_11, USERS, csv_text, deliver, found, header_of, ids, read, roster_12
from hypothesis import given, settings
from hypothesis import strategies as st

from matricula.errors import StopError
from matricula.roster import TABLES

BOTH = pytest.mark.parametrize(("version", "tables"), [("1.1", ROSTER_11), ("1.2", roster_12())])
PLAIN = st.text("abcdefgXYZ019äß-", min_size=1, max_size=6)
NAME = st.lists(PLAIN, min_size=1, max_size=3).map(lambda parts: "metadata." + "._-"[len(parts) - 1].join(parts))
VALUE = st.one_of(st.just(""), st.builds("{}{}{}".format, PLAIN, st.sampled_from(["", " ", ", ", '"', "\n"]), PLAIN))


def extend(folder: Path, table: str, columns: dict[str, list[str]], version="1.1", tables=ROSTER_11) -> Path:
    """Write a table of a delivery anew, with further columns after the standard's."""
    added = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    rows = [row | more for row, more in zip(tables[table], added, strict=True)]
    text = csv_text([*header_of(table, version), *columns], rows)
    (folder / f"{table}.csv").write_bytes(text.encode())
    return folder


@BOTH
@pytest.mark.parametrize("table", ["orgs", "academicSessions", "courses", "classes", "users", "enrollments"])
def test_extension_columns_follow_the_standard_ones_as_text(tmp_path, table, version, tables):
    deliver(tmp_path, tables, version)
    plain = read(tmp_path)
    cells = [str(number) for number in range(len(tables[table]))]
    columns = {"metadata.tutor-group_2.b": cells, "metadata.House": [f" {cell}H " for cell in cells]}
    roster = read(extend(tmp_path, table, columns, version, tables), strict=True)
    assert roster.extensions(table) == ("metadata.tutor-group_2.b", "metadata.House")
    assert roster.table(table).columns == [*TABLES[table].schema, *columns]
    assert roster.table(table)["metadata.tutor-group_2.b"].to_list() == cells
    assert roster.table(table)["metadata.House"].to_list() == [f"{cell}H" for cell in cells]
    for name in TABLES:
        assert roster.table(name).select(plain.table(name).columns).equals(plain.table(name)), name
        assert name == table or roster.extensions(name) == ()


def test_blank_cells_of_extension_columns_are_null_and_say_nothing(tmp_path):
    deliver(tmp_path)
    roster = read(extend(tmp_path, "users", {"metadata.house": ["", "  ", "Red"], "metadata.form": [""] * 3}))
    assert roster.findings == ()
    assert roster.users["metadata.house"].to_list() == [None, None, "Red"]
    assert roster.users["metadata.form"].to_list() == [None] * 3
    assert roster.users["metadata.form"].dtype == pl.String


def test_values_that_look_like_numbers_dates_or_lists_stay_as_written(tmp_path):
    deliver(tmp_path)
    roster = read(extend(tmp_path, "users", {"metadata.x": ["007", "2026-8-1T00:00", "a, b"]}), strict=True)
    assert roster.users["metadata.x"].to_list() == ["007", "2026-8-1T00:00", "a, b"]


def test_extension_columns_may_stand_between_the_standard_ones(tmp_path):
    deliver(tmp_path)
    header = header_of("users", "1.1")
    header.insert(1, "metadata.house")
    rows = [row | {"metadata.house": f"H{number}"} for number, row in enumerate(USERS)]
    (tmp_path / "users.csv").write_bytes(csv_text(header, rows).encode())
    roster = read(tmp_path)
    assert roster.findings == ()
    assert roster.users["metadata.house"].to_list() == ["H0", "H1", "H2"]
    assert roster.users["username"].to_list() == ["user1", "user2", "user3"]


def test_a_file_without_records_still_has_its_extension_columns(tmp_path):
    deliver(tmp_path, ROSTER_11 | {"enrollments": []})
    extend(tmp_path, "enrollments", {"metadata.seat": []}, tables={"enrollments": []})
    roster = read(tmp_path)
    assert roster.extensions("enrollments") == ("metadata.seat",)
    assert roster.enrollments.height == 0


@pytest.mark.parametrize("name", ["metadata.", "metadata.home room", "metadata.a/b", "metadata.(x)", "metadata.a,b"])
def test_other_names_are_listed_and_not_read(tmp_path, name):
    deliver(tmp_path)
    roster = read(extend(tmp_path, "users", {name: ["hidden"] * 3, "metadata.ok": ["seen"] * 3}))
    assert [(finding.file, finding.line, finding.value) for finding in roster.findings] == [("users.csv", 1, name)]
    assert "letters, digits, _, - and ." in found(roster, "column-unknown")[0].message
    assert roster.extensions("users") == ("metadata.ok",)
    assert "hidden" not in str(roster.users.rows())


@pytest.mark.parametrize("name", ["house", "Metadata.house", "metadatahouse"])
def test_what_does_not_start_with_metadata_is_unknown_as_ever(tmp_path, name):
    deliver(tmp_path)
    roster = read(extend(tmp_path, "users", {name: ["x"] * 3}))
    assert found(roster, "column-unknown")[0].message.startswith("OneRoster knows no such columns")
    assert roster.users.columns == list(TABLES["users"].schema)


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "userPassword",
        "PASS_WORD",
        "passwd",
        "pwd_old",
        "Pass-Phrase",
        "passcode",
        "passwort",
        "Kennwort",
        "secret",
        "clientSecret",
        "secret_area",
        "pin",
        "card_pin",
    ],
)
def test_columns_that_speak_of_a_secret_are_not_read(tmp_path, name):
    deliver(tmp_path)
    roster = read(extend(tmp_path, "users", {f"metadata.{name}": ["hunter2"] * 3}), strict=True)
    assert roster.extensions("users") == ()
    assert "hunter2" not in str(roster.users.rows())


@pytest.mark.parametrize("name", ["secretary", "Secretariat", "pinboard", "passport", "spin", "bypass"])
def test_columns_whose_names_only_sound_so_are_read(tmp_path, name):
    deliver(tmp_path)
    roster = read(extend(tmp_path, "users", {f"metadata.{name}": ["x"] * 3}), strict=True)
    assert roster.extensions("users") == (f"metadata.{name}",)


def test_extension_columns_of_roles_are_passed_over(tmp_path):
    deliver(tmp_path, roster_12(), "1.2")
    roster = read(extend(tmp_path, "roles", {"metadata.house": ["x"] * 3}, "1.2", roster_12()), strict=True)
    assert roster.roles.columns == list(TABLES["roles"].schema)


def test_of_two_columns_with_one_name_the_first_is_read(tmp_path):
    deliver(tmp_path)
    lines = csv_text(header_of("users", "1.1"), USERS).split("\r\n")[:-1]
    cells = ["metadata.house,metadata.house,metadata.House", "a,b,c", "a,b,c", "a,b,c"]
    text = "".join(f"{line},{more}\r\n" for line, more in zip(lines, cells, strict=True))
    (tmp_path / "users.csv").write_bytes(text.encode())
    roster = read(tmp_path)
    assert [(finding.code, finding.value) for finding in roster.findings] == [("column-twice", "metadata.house")]
    assert roster.users["metadata.house"].to_list() == ["a"] * 3
    assert roster.users["metadata.House"].to_list() == ["c"] * 3


@pytest.mark.parametrize(("houses", "code"), [(["Red", "Red"], "duplicate-same"), (["Red", ""], "duplicate-different")])
def test_rows_that_differ_in_an_extension_alone_differ(tmp_path, houses, code):
    tables = ROSTER_11 | {"users": [USERS[0], USERS[1], USERS[1]], "enrollments": ENROLLMENTS[:1]}
    deliver(tmp_path, tables)
    roster = read(extend(tmp_path, "users", {"metadata.house": ["Blue", *houses]}, tables=tables))
    assert [finding.code for finding in roster.findings] == [code]
    assert ids(roster, "users") == (["u1", "u2"] if code == "duplicate-same" else ["u1"])


def test_a_row_with_nothing_but_an_extension_is_no_blank_line(tmp_path):
    tables = ROSTER_11 | {"users": [*USERS, {}]}
    deliver(tmp_path, tables)
    roster = read(extend(tmp_path, "users", {"metadata.house": ["", "", "", "Red"]}, tables=tables))
    assert [finding.line for finding in found(roster, "record-unusable")] == [5]
    assert not roster.scope.covers("users")


def test_double_encoded_values_of_extension_columns_are_reported(tmp_path):
    deliver(tmp_path)
    roster = read(extend(tmp_path, "users", {"metadata.house": ["Grün", "GrÃ¼n", ""]}))
    assert [(f.code, f.column, f.line) for f in roster.findings] == [("encoding-double", "metadata.house", 3)]


def test_damaged_lines_cost_themselves_and_no_extension_of_others(tmp_path):
    folder = extend(deliver(tmp_path), "users", {"metadata.house": ["Red", "Green", "Blue"]})
    text = (folder / "users.csv").read_bytes()
    (folder / "users.csv").write_bytes(text.replace(b",Green", b",Gr,een"))
    roster = read(folder)
    assert roster.users.select("sourcedId", "metadata.house").rows() == [("u1", "Red"), ("u3", "Blue")]
    assert roster.unreadable["users"] == {"u2"}


def test_a_table_whose_key_is_missing_is_refused_with_extensions_too(tmp_path):
    deliver(tmp_path)
    (tmp_path / "users.csv").write_text("metadata.sourcedId,role,username\nu1,student,a\n")
    with pytest.raises(StopError, match="sourcedId"):
        read(tmp_path)


def test_asking_for_the_extensions_of_no_table_is_an_error(tmp_path):
    with pytest.raises(KeyError):
        read(deliver(tmp_path)).extensions("houses")


@settings(max_examples=40, deadline=None)
@given(st.lists(NAME, min_size=1, max_size=4, unique=True), st.data())
def test_whatever_is_written_in_extension_columns_is_read(names, data):
    columns = {name: data.draw(st.lists(VALUE, min_size=3, max_size=3)) for name in names}
    with tempfile.TemporaryDirectory() as folder:
        roster = read(extend(deliver(Path(folder)), "users", columns))
    assert roster.extensions("users") == tuple(names)
    for name, cells in columns.items():
        assert roster.users[name].to_list() == [cell or None for cell in cells]


# What else mappings and enrolment rules need of a roster


@BOTH
def test_roles_of_the_vendors_own_in_enrolments_come_through_as_they_are(tmp_path, version, tables):
    roles = ["ext:supervisor", "ext:Second Supervisor", "ext:assistant", "ext:mentor"]
    rows = [row | {"role": role} for row, role in zip(ENROLLMENTS, roles, strict=True)]
    roster = read(deliver(tmp_path, tables | {"enrollments": rows}, version))
    assert roster.findings == ()
    assert roster.enrollments["role"].to_list() == roles


def test_grades_of_courses_are_lists(tmp_path):
    courses = [COURSES[0] | {"grades": "07, 08,,09"}, COURSES[0] | {"sourcedId": "co2", "grades": ""}]
    roster = read(deliver(tmp_path, ROSTER_11 | {"courses": courses}))
    assert roster.findings == ()
    assert roster.courses["grades"].to_list() == [["07", "08", "09"], None]
